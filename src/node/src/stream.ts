/** Reading ahead: the broker sends items before they are asked for, and is told how many were handed over. */
import type { Codec } from "./codec.js";
import type { Connection, Target } from "./connection.js";
import { ItemSerializationError } from "./errors.js";
import { BodyReader, Op, reason, type Frame } from "./wire.js";

/** How much work is read ahead, and the longest that a confirmation waits. Milliseconds. */
const AheadMs = 5;
const ReturnFlag = 2;
const WindowFirst = 32;
const WindowMax = 16384;
const WindowBytes = 4 << 20;

export class Stream<T> implements Target {
  private readonly frames: Buffer[] = [];
  private last: Frame | undefined;
  private error: Error | undefined;
  private wake: (() => void) | undefined;
  private count = 0;
  private received = 0;
  private confirmed = 0;
  private window = WindowFirst;
  private advanceAt = WindowFirst / 2;
  private measuredFrom = 0;
  private since = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private isOpen = true;
  private returns = 0;
  private readonly request: number;

  constructor(
    private readonly connection: Connection,
    readonly queue: number,
    private readonly codec: Codec<T>,
  ) {
    this.request = connection.newRequest();
    const windows = Buffer.allocUnsafe(12);
    windows.writeInt32LE(WindowFirst);
    windows.writeBigInt64LE(BigInt(WindowBytes), 4);
    connection.sendFor(this.request, this, Op.Subscribe, connection.version > 1 ? ReturnFlag : 0, queue, windows);
  }

  answer(frame: Frame): boolean {
    if (frame.op === Op.Recall) {
      this.giveBack();
      return false;
    }
    if (frame.op === Op.Items) {
      if (!this.stopped) this.frames.push(frame.body);
      this.received += frame.body.readUInt32LE(0);
    } else this.last = frame;
    this.wake?.();
    return this.last !== undefined;
  }

  /** Somebody else waits for what was not handed over. Unless it was asked for more since, it goes back. */
  private giveBack(): void {
    if (this.isOpen || this.stopped || this.last !== undefined || this.count === this.received) return;
    const body = Buffer.allocUnsafe(16);
    body.writeBigUInt64LE(BigInt(this.count));
    body.writeBigUInt64LE(BigInt(this.received), 8);
    this.connection.send(Op.Return, 0, this.queue, this.request, body);
    this.measuredFrom += this.received - this.count;
    this.count = this.confirmed = this.received;
    this.advanceAt = this.count + 1;
    this.frames.length = 0;
    this.returns++;
  }

  /** The connection is lost: what was not handed over comes again. */
  fail(error: Error): void {
    this.error = error;
    this.frames.length = 0;
    this.returns++;
    this.wake?.();
  }

  /** Hands over all items, to the end of the queue. Returns the answer that ended it. */
  async *items(): AsyncGenerator<T, Frame, undefined> {
    for (;;) {
      const body = this.frames.shift();
      if (body !== undefined) {
        const reader = new BodyReader(body);
        const returns = this.returns;
        for (let left = reader.u32(); left > 0 && returns === this.returns; left--) {
          yield this.handOver(reader.item(), left === 1 && this.frames.length === 0);
        }
      } else if (this.last !== undefined) return this.last;
      else if (this.error) throw this.error;
      else {
        if (!this.isOpen) this.adapt();
        await this.news();
      }
    }
  }

  private handOver(data: Buffer | null, isLast: boolean): T {
    let item: T;
    try {
      item = this.codec.read(data);
    } catch (error) {
      this.reject(error as ItemSerializationError);
      throw error;
    }
    this.count++;
    if (this.count >= this.advanceAt || isLast) this.adapt();
    this.timer ??= setTimeout(() => this.confirmLate(), AheadMs).unref();
    return item;
  }

  /** As many items are read ahead as the consumer deals with in a few milliseconds, judged by the last ones. */
  private adapt(): void {
    const now = performance.now();
    const handled = this.count - this.measuredFrom;
    const busy = Math.max(now - this.since, 0.001);
    this.since = now;
    this.measuredFrom = this.count;
    if (handled > 0) this.window = Math.max(1, Math.min(Math.floor((handled * AheadMs) / busy), 2 * this.window, WindowMax));
    this.advance(this.window);
  }

  private advance(window: number): void {
    this.isOpen = window > 0;
    this.confirmed = this.count;
    this.advanceAt = this.count + Math.max(window >> 1, 1);
    const body = Buffer.allocUnsafe(12);
    body.writeBigUInt64LE(BigInt(this.count));
    body.writeInt32LE(window, 8);
    this.connection.send(Op.Advance, 0, this.queue, this.request, body);
  }

  /** The consumer is busy with one item for long: what it has in hand is confirmed, and nothing more is read ahead. */
  private confirmLate(): void {
    this.timer = undefined;
    if (!this.stopped && this.last === undefined && this.wake === undefined && (this.isOpen || this.count > this.confirmed)) {
      this.advance(0);
      this.advanceAt = this.count + 1;
    }
  }

  private reject(error: ItemSerializationError): void {
    this.advance(0);
    this.connection.send(Op.RejectNext, 0, this.queue, this.request, reason(error.message));
    this.count++;
  }

  /** Ends it. What was not handed over is back in its place when this resolves. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    if (!this.stopped && this.last === undefined && this.error === undefined) {
      this.stopped = true;
      this.frames.length = 0;
      this.advance(0);
      this.connection.send(Op.Cancel, 0, this.queue, this.request);
    }
    while (this.last === undefined && this.error === undefined) await this.news();
  }

  private news(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = () => {
        this.wake = undefined;
        resolve();
      };
    });
  }
}

