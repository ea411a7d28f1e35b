/** An item in work: it comes back if whoever leased it fails. */
import type { At } from "./outbox.js";
import { LeaseLostError } from "./errors.js";
import { Op, i64, nack, reason, tokens } from "./wire.js";

// Where the runtime has no such symbol yet, there is no syntax that looks for it either.
(Symbol as { asyncDispose?: symbol }).asyncDispose ??= Symbol.for("nodejs.asyncDispose");

/**
 * `item`, and how often it has failed before. It is extended by itself until a verdict: `ack`, `nack`, `release` or `deadLetter`.
 * With `await using` it is nacked at the end of the block if there was none. A verdict that comes too late rejects with `LeaseLostError`.
 */
export class Lease<T> {
  private settled = false;
  private readonly timer: NodeJS.Timeout | undefined;

  constructor(
    readonly item: T,
    readonly failures: number,
    /** The item's place in the queue; 0 if the broker does not tell. */
    readonly sequence: number,
    private readonly queue: { readonly name: string; readonly leaseTime: number },
    private readonly at: At,
    private readonly token: bigint,
    private readonly onSettled: () => void,
    /** After the broker was away: undefined if it does not come back, else whether it had heard that the item is done with. */
    private readonly isGone: (error: unknown, asks: boolean) => Promise<boolean | undefined>,
  ) {
    if (queue.leaseTime > 0) this.timer = keep(new WeakRef(this), queue.leaseTime);
  }

  /** Whether there has been a verdict. */
  get isSettled(): boolean {
    return this.settled;
  }

  /** The work is done, and the item gone. */
  ack(): Promise<void> {
    return this.settle(Op.Ack);
  }

  /** The work has failed: the item comes back, after `delay` milliseconds, with one more failure; after the last one it is dead, with this reason. */
  nack(options: { delay?: number; reason?: string } = {}): Promise<void> {
    return this.settle(Op.Nack, nack(Math.round((options.delay ?? 0) * 1000), options.reason ?? "", [this.token], this.at.connection.version));
  }

  /** Gives the item back; nobody has failed. */
  release(): Promise<void> {
    return this.settle(Op.Release);
  }

  /** Puts the item with the dead ones at once. A reason of more than 1,024 characters is cut off. */
  deadLetter(why: string): Promise<void> {
    return this.settle(Op.DeadLetter, Buffer.concat([reason(why), tokens([this.token])]));
  }

  /** The lease lasts at least so many milliseconds from now. Needed only where this process may be held up for longer than the lease time. */
  extend(millis: number): Promise<void> {
    return this.ask(Op.Extend, Buffer.concat([i64(Math.round(millis * 1000)), tokens([this.token])]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.settled) await this.nack();
  }

  private async settle(op: Op, body: Buffer = tokens([this.token])): Promise<void> {
    if (this.settled) throw new LeaseLostError(`There has been a verdict on this item of queue '${this.queue.name}' already.`);
    this.settled = true;
    clearInterval(this.timer);
    try {
      await this.ask(op, body);
    } finally {
      this.onSettled();
    }
  }

  private async ask(op: Op, body: Buffer): Promise<void> {
    const { connection, number } = this.at;
    const wasThere = !connection.failure;
    let answer;
    try {
      answer = await connection.call(op, 0, number, body);
    } catch (error) {
      const gone = await this.isGone(error, op === Op.Ack && wasThere && this.sequence > 0);
      if (gone === undefined) throw error;
      if (gone) return;
      throw new LeaseLostError(
        `The broker was away, and with it the lease of this item of queue '${this.queue.name}' has ended: the item is ready again, or somebody else has it.`,
      );
    }
    if (answer.op === Op.LeaseLost) throw new LeaseLostError(`The lease of this item of queue '${this.queue.name}' has ended: somebody else may have it.`);
  }

  /** @internal False when there is nothing left to extend. */
  keep(): boolean {
    if (this.settled || this.at.connection.failure) return false;
    this.at.connection.send(Op.Extend, 0, this.at.number, 0, Buffer.concat([i64(Math.round(this.queue.leaseTime * 1000)), tokens([this.token])]));
    return true;
  }
}

/** Extends a lease for as long as somebody has it. One that is garbage without a verdict ends with its time, and its item comes back. */
function keep(lease: WeakRef<Lease<unknown>>, leaseTime: number): NodeJS.Timeout {
  // Two of three may be late.
  const timer = setInterval(() => {
    if (!lease.deref()?.keep()) clearInterval(timer);
  }, leaseTime / 3).unref();
  return timer;
}
