/** The queue: put, get, lease, read, ask, end. */
import { Codec, type ItemOptions } from "./codec.js";
import type { Connection, Wait } from "./connection.js";
import { Writer, toItem } from "./encode.js";
import { BrokerUnavailableError, ItemSerializationError, ItemTooLargeError, QueueCompletedError, QueueEmptyError, QueueFullError, QueueIpcError, RequestRefusedError } from "./errors.js";
import { readDead, readInfos, type DeadItem, type QueueInfo } from "./info.js";
import { Lease } from "./lease.js";
import { LateError, type Link } from "./link.js";
import type { At, Put } from "./outbox.js";
import { Stream } from "./stream.js";
import { BatchBytes, BodyReader, Code, Op, bool, i32, i64, readItems, readNumber, reason, settings, text, these, tokens, type Delivered, type Frame } from "./wire.js";

const LeaseFlag = 1;
const PutsUnderWay = 8;
const Nothing: Buffer = Buffer.alloc(0);
/** In front of a put's items: the wait, what numbers it, and the count. */
const NumberBytes = 24;
const HeadBytes = 8 + NumberBytes + 4;

/** Milliseconds until a call that waits gives up: 0 does not wait, none waits for ever. An abort rejects with the signal's reason, and the call has had no effect. */
export interface WaitOptions {
  timeout?: number;
  signal?: AbortSignal;
}

/** Settings of a new queue. One that exists with others is an error; none of them given: an existing queue is taken as it is. */
export interface QueueSettings {
  /** 0 is no limit. */
  capacity?: number;
  maxBytes?: number;
  /** Milliseconds; 0 is for ever. */
  leaseTime?: number;
  maxFailures?: number;
  /** It lives in the broker's memory, even if the broker keeps others on disk. */
  transient?: boolean;
}

export class Queue<T = unknown> implements AsyncIterable<T> {
  readonly #link: Link;
  /** What it is opened with, also when the broker was away. */
  readonly #told: QueueSettings;
  readonly #codec: Codec<T>;
  #at: At;
  #opening: Promise<At> | undefined;
  #closed = false;
  /** Calls, leases and readers that may still send something about this queue's number: it is given back after the last of them. */
  #users = 0;

  private constructor(
    link: Link,
    at: At,
    told: QueueSettings,
    codec: Codec<T>,
    readonly name: string,
    readonly capacity: number,
    readonly maxBytes: number,
    /** Milliseconds. */
    readonly leaseTime: number,
    readonly maxFailures: number,
  ) {
    this.#link = link;
    this.#at = at;
    this.#told = told;
    this.#codec = codec;
  }

  /** @internal Use `client.queue(name)`. */
  static async open<T>(link: Link, name: string, options: QueueSettings & ItemOptions<T>): Promise<Queue<T>> {
    for (;;) {
      await link.isThere();
      const { connection } = link;
      try {
        const opened = await Queue.#openOn(connection, name, options);
        const body = new BodyReader(opened.body);
        return new Queue(link, { connection, number: opened.queue }, options, new Codec(options), body.text(), body.i32(), body.i64(), body.i64() / 1000, body.i32());
      } catch (error) {
        if (!link.rides(error)) throw error;
      }
    }
  }

  static async #openOn(connection: Connection, name: string, options: QueueSettings): Promise<Frame> {
    const { capacity, maxBytes, leaseTime, maxFailures, transient } = options;
    const given = [capacity, maxBytes, leaseTime, maxFailures, transient].some((value) => value !== undefined);
    const told = given ? settings(capacity ?? 0, maxBytes ?? 0, Math.round((leaseTime ?? 30_000) * 1000), maxFailures ?? 5, connection.version, transient) : bool(false);
    try {
      return await connection.call(Op.Open, 0, 0, Buffer.concat([text(name), told]));
    } catch (error) {
      if (error instanceof RequestRefusedError && error.reason === Code.NoSuchQueue) {
        throw new QueueCompletedError(`Queue '${name}' is gone: it had no name, and its creator's connection has ended.`);
      }
      throw error;
    }
  }

  /** Its place on the connection that there is; undefined where it has to be opened there, or looked for. */
  #now(): At | undefined {
    this.#check();
    return this.#at.connection === this.#link.connection && !this.#at.connection.failure ? this.#at : undefined;
  }

  /** The same, after a restart of the broker. */
  async #here(leftMs?: number, signal?: AbortSignal): Promise<At> {
    for (;;) {
      const at = this.#now();
      if (at) return at;
      await this.#link.isThere(leftMs, signal);
      try {
        await this.#on(this.#link.connection);
      } catch (error) {
        if (!this.#link.rides(error)) throw error;
      }
    }
  }

  #on(connection: Connection): Promise<At> {
    this.#check();
    if (this.#at.connection === connection) return Promise.resolve(this.#at);
    const opening = async (): Promise<At> => {
      const { queue } = await Queue.#openOn(connection, this.name, this.#told);
      return (this.#at = { connection, number: queue });
    };
    return (this.#opening ??= opening().finally(() => (this.#opening = undefined)));
  }

  /** The answer of this broker, or of the one that came after it. The body of what waits begins with the wait. */
  async #ride(op: Op, flags: number, body: Buffer, wait: Wait = {}): Promise<{ answer: Frame; at: At }> {
    const deadline = deadlineOf(wait);
    for (;;) {
      const at = this.#now() ?? (await this.#here(leftOf(deadline), wait.signal));
      if (deadline !== undefined) {
        wait.micros = Math.ceil(leftOf(deadline)! * 1000);
        body.writeBigInt64LE(BigInt(wait.micros));
      }
      try {
        return { answer: await at.connection.call(op, flags, at.number, body, wait), at };
      } catch (error) {
        if (!this.#link.rides(error)) throw error;
      }
    }
  }

  /** Resolves when the broker owns the item. Rejects with `QueueFullError` after the timeout, `QueueCompletedError` if the queue takes no more. */
  async put(item: T, options: WaitOptions = {}): Promise<void> {
    const batch = new Batch(this.#codec);
    batch.add(item);
    await this.#use(() => this.#put(batch, waitOf(options)));
  }

  /** The fast way to put many, in order. Resolves with how many there were, when the broker owns them all. An error has `accepted`: how many went in before it. */
  putMany(items: Iterable<T> | AsyncIterable<T>, options: WaitOptions = {}): Promise<number> {
    return this.#use(() => this.#putMany(items, options));
  }

  async #putMany(items: Iterable<T> | AsyncIterable<T>, options: WaitOptions): Promise<number> {
    // With a timeout one after the other: a put that runs out of time must not be overtaken by the next.
    const underWayMax = options.timeout === undefined ? PutsUnderWay : 1;
    const deadline = options.timeout === undefined ? undefined : performance.now() + options.timeout;
    const left = (): Wait => waitOf({ signal: options.signal, timeout: deadline === undefined ? undefined : Math.max(deadline - performance.now(), 0) });
    const underWay: Promise<number>[] = [];
    let accepted = 0;
    let batch = new Batch(this.#codec);
    const send = (): void => {
      const sent = this.#put(batch, left());
      sent.catch(() => {}); // it is awaited below; until then it is nobody's unhandled rejection
      underWay.push(sent);
      batch = new Batch(this.#codec);
    };
    /** Whether so many are under way now that one has to be awaited. */
    const add = (item: T): boolean => {
      batch.add(item);
      if (batch.length < BatchBytes) return false;
      send();
      return underWay.length >= underWayMax;
    };
    try {
      if (Symbol.iterator in items) {
        for (const item of items) if (add(item)) accepted += await underWay.shift()!;
      } else {
        for await (const item of items) if (add(item)) accepted += await underWay.shift()!;
      }
      if (batch.count > 0) send();
      while (underWay.length > 0) accepted += await underWay.shift()!;
      return accepted;
    } catch (error) {
      for (const each of [Promise.reject(error), ...underWay]) {
        accepted += await each.catch((later: { accepted?: number }) => later?.accepted ?? 0);
      }
      if (error instanceof Error) Object.assign(error, { accepted });
      throw error;
    }
  }

  /** The next item. Rejects with `QueueEmptyError` after the timeout, `QueueCompletedError` at the end of the queue, `ItemSerializationError` if it cannot be read. */
  async get(options: WaitOptions = {}): Promise<T> {
    return this.#use(async () => {
      const { delivered, at } = await this.#get(0, 1, options);
      return this.#received(delivered[0], at);
    });
  }

  /** From one to `max` items, as soon as there is one; none after the timeout. */
  getMany(max: number, options: WaitOptions = {}): Promise<T[]> {
    return this.#use(() => this.#getMany(max, options));
  }

  async #getMany(max: number, options: WaitOptions): Promise<T[]> {
    let delivered: Delivered[];
    let at: At;
    try {
      ({ delivered, at } = await this.#get(0, max, options));
    } catch (error) {
      if (error instanceof QueueEmptyError) return [];
      throw error;
    }
    const items: T[] = [];
    for (const each of delivered) {
      try {
        items.push(this.#codec.read(each.data));
      } catch (error) {
        const rest = delivered.slice(Math.max(items.length, 1)).map((one) => one.token);
        if (rest.length > 0) tell(at, Op.Release, tokens(rest));
        if (items.length > 0) break; // it comes again, as the first one then
        throw await this.#unreadable(each, at, error);
      }
    }
    tell(at, Op.Ack, tokens(delivered.slice(0, items.length).map((each) => each.token)));
    return items;
  }

  /** Like `get`, but the item comes back if this process ends, or the lease is nacked. */
  lease(options: WaitOptions = {}): Promise<Lease<T>> {
    return this.#use(async () => {
      const { delivered: [delivered], at } = await this.#get(LeaseFlag, 1, options);
      try {
        const item = this.#codec.read(delivered.data);
        this.#users++;
        const isGone = (error: unknown, asks: boolean): Promise<boolean | undefined> => this.#isGone(error, asks ? delivered.sequence : 0);
        return new Lease(item, delivered.failures, delivered.sequence, this, at, delivered.token, () => this.#leave(), isGone);
      } catch (error) {
        throw await this.#unreadable(delivered, at, error);
      }
    });
  }

  /** One lease after the other, to the end of the queue. Each needs a verdict. */
  async *leases(options: { signal?: AbortSignal } = {}): AsyncGenerator<Lease<T>, void, undefined> {
    for (;;) {
      let lease: Lease<T>;
      try {
        lease = await this.lease(options);
      } catch (error) {
        if (error instanceof QueueCompletedError) return;
        throw error;
      }
      yield lease;
    }
  }

  /** The fast way to get many: reads ahead, and ends with the queue. What was not handed over goes back when the loop ends. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    this.#check();
    this.#users++;
    try {
      let end: Frame | undefined;
      while (end === undefined) end = yield* this.#read(await this.#here());
      if (end.op === Op.Refused) throw new RequestRefusedError(new BodyReader(end.body).u16(), `The broker refused another reader of queue '${this.name}'.`);
      if (end.op !== Op.Completed) throw this.#ended(end);
    } finally {
      this.#leave();
    }
  }

  /** Reads until the queue ends, or its broker does: then there is no answer. */
  async *#read(at: At): AsyncGenerator<T, Frame | undefined, undefined> {
    const stream = new Stream(at.connection, at.number, this.#codec);
    try {
      return yield* stream.items();
    } catch (error) {
      if (!this.#link.rides(error)) throw error;
      return undefined;
    } finally {
      await stream.stop();
    }
  }

  /** The first item, which stays where it is; undefined if there is none. */
  async peek(): Promise<T | undefined> {
    const answer = await this.#ask(Op.Peek, i32(1));
    for (const { data } of answer.op === Op.Items ? readItems(answer.flags, answer.body, this.#link.connection.version) : []) return this.#codec.read(data);
    return undefined;
  }

  /** How many items are ready: true at the broker at that moment. */
  async count(): Promise<number> {
    return (await this.info()).ready;
  }

  async info(): Promise<QueueInfo> {
    return readInfos((await this.#ask(Op.Info)).body, this.#link.connection.version)[0];
  }

  /** The oldest dead items. */
  async deadItems(max = 100): Promise<DeadItem<T>[]> {
    return readDead((await this.#ask(Op.GetDead, i32(max))).body, this.#link.connection.version, (data) => this.#codec.read(data));
  }

  /** Makes all dead items ready again, with no failures, or those with these sequence numbers; how many there were. */
  redrive(sequences?: number[]): Promise<number> {
    return this.#ofTheDead(Op.Redrive, sequences);
  }

  /** Removes all dead items, or those with these sequence numbers; how many there were. */
  deleteDead(sequences?: number[]): Promise<number> {
    return this.#ofTheDead(Op.DeleteDead, sequences);
  }

  async #ofTheDead(op: Op, sequences?: number[]): Promise<number> {
    const { version } = this.#link.connection;
    if (sequences !== undefined && version === 1) {
      throw new QueueIpcError("NOT_SUPPORTED", "This broker speaks version 1 of the protocol, which knows all dead items together only.");
    }
    return readNumber((await this.#ask(op, these(sequences, version))).body);
  }

  /** Removes what is ready; how many items there were. */
  async clear(): Promise<number> {
    return readNumber((await this.#ask(Op.Clear)).body);
  }

  /** No more puts, for ever and for everyone. Gets drain what is left, or nothing with `discard`. */
  async complete(options: { discard?: boolean } = {}): Promise<void> {
    await this.#ask(Op.Complete, bool(options.discard ?? false));
  }

  /** Resolves when nothing is ready, delayed or held; false after the timeout. */
  async join(options: WaitOptions = {}): Promise<boolean> {
    const wait = waitOf(options);
    let answer: Frame;
    try {
      ({ answer } = await this.#use(() => this.#ride(Op.Join, 0, i64(wait.micros!), wait)));
    } catch (error) {
      if (error instanceof LateError) return false;
      throw error;
    }
    if (answer.op === Op.Done || answer.op === Op.TimedOut) return answer.op === Op.Done;
    throw this.#ended(answer);
  }

  /** Closes this handle: calls that wait on it, and later ones, reject. Other handles go on, and so do leases until their verdict. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#users === 0) tell(this.#at, Op.Close, Nothing);
    else this.#at.connection.cancelAll(this.#at.number);
  }

  /** A queue inside an item arrives as [endpoint, name]: see `Client.queueAt`. */
  [toItem](): [string, string] {
    return [this.#link.endpoint, this.name];
  }

  async #put(batch: Batch<T>, wait: Wait): Promise<number> {
    const answer = await this.#sent(batch, wait);
    const accepted = readNumber(answer.body);
    if (answer.op === Op.Done) return accepted;
    if (answer.op === Op.NeverFits) throw new ItemTooLargeError(`The item is larger than all that queue '${this.name}' may hold (${this.maxBytes} bytes).`);
    throw Object.assign(answer.op === Op.Full ? new QueueFullError(this.name) : this.#ended(answer), { accepted });
  }

  /** The answer to a put, whichever broker gave it. */
  async #sent(batch: Batch<T>, wait: Wait): Promise<Frame> {
    const deadline = deadlineOf(wait);
    let put: Put | undefined;
    try {
      for (;;) {
        const at = this.#now() ?? (await this.#here(leftOf(deadline), wait.signal));
        if (at !== this.#now()) continue;
        put ??= this.#link.outbox.send(
          {
            queue: this.name,
            count: batch.count,
            wait: () => ({ ...wait, micros: deadline === undefined ? -1 : Math.ceil(leftOf(deadline)! * 1000) }),
            body: (micros, numbered) => batch.body(micros, numbered),
            on: (connection) => this.#on(connection),
          },
          at,
          this.#link.comesAgain(this.name),
        );
        const { sent } = put;
        try {
          return await sent.answer;
        } catch (error) {
          if (put.number === 0 || !this.#link.rides(error)) throw error;
          await this.#here(leftOf(deadline), wait.signal);
          if (put.sent === sent) throw error;
        }
      }
    } catch (error) {
      if (error instanceof BrokerUnavailableError) {
        const known = put?.firstSent === undefined ? "was not put" : "may have been accepted, or not";
        throw new BrokerUnavailableError(`${error.message} What was to be put to queue '${this.name}' ${known}.`, { cause: error });
      }
      if (error instanceof RequestRefusedError && error.reason === Code.ItemTooLarge) throw new ItemTooLargeError(error.message);
      if (error instanceof RequestRefusedError && error.reason === Code.TooLate) throw new BrokerUnavailableError(error.message);
      throw error;
    } finally {
      if (put) this.#link.outbox.forget(put);
    }
  }

  async #get(flags: number, max: number, options: WaitOptions): Promise<{ delivered: Delivered[]; at: At }> {
    const wait = waitOf(options);
    try {
      const { answer, at } = await this.#ride(Op.Get, flags, Buffer.concat([i64(wait.micros!), i32(max)]), wait);
      if (answer.op === Op.Items) return { delivered: [...readItems(answer.flags, answer.body, at.connection.version)], at };
      if (answer.op !== Op.Empty) throw this.#ended(answer);
    } catch (error) {
      if (!(error instanceof LateError)) throw error;
    }
    throw new QueueEmptyError(this.name);
  }

  /** What became of an acked item while the broker was away; undefined if it does not come back. */
  async #isGone(error: unknown, sequence: number): Promise<boolean | undefined> {
    if (!this.#link.rides(error)) return undefined;
    return sequence > 0 && (await this.#ride(Op.IsGone, 0, i64(sequence))).answer.op === Op.Done;
  }

  /** Reads a taken item, and confirms that it has arrived. */
  async #received(delivered: Delivered, at: At): Promise<T> {
    let item: T;
    try {
      item = this.#codec.read(delivered.data);
    } catch (error) {
      throw await this.#unreadable(delivered, at, error);
    }
    tell(at, Op.Ack, tokens([delivered.token]));
    return item;
  }

  async #unreadable(delivered: Delivered, at: At, error: unknown): Promise<unknown> {
    if (error instanceof ItemSerializationError) await at.connection.call(Op.DeadLetter, 0, at.number, Buffer.concat([reason(error.message), tokens([delivered.token])]));
    return error;
  }

  #ask(op: Op, body: Buffer = Nothing): Promise<Frame> {
    return this.#use(async () => (await this.#ride(op, 0, body)).answer);
  }

  /** For the time of a call the number stays open: a frame about one that is not would end the connection. */
  async #use<R>(call: () => Promise<R>): Promise<R> {
    this.#check();
    this.#users++;
    try {
      return await call();
    } finally {
      this.#leave();
    }
  }

  #leave(): void {
    this.#users--;
    if (this.#closed && this.#users === 0) tell(this.#at, Op.Close, Nothing);
  }

  #check(): void {
    if (this.#closed) throw this.#isClosed();
  }

  #isClosed(): Error {
    return new QueueIpcError("QUEUE_CLOSED", `Queue '${this.name}' is closed.`);
  }

  #ended(answer: Frame): Error {
    if (answer.op === Op.Deleted) return new QueueCompletedError(`Queue '${this.name}' was deleted.`);
    if (answer.op === Op.Completed) return new QueueCompletedError(`Queue '${this.name}' was completed.`);
    if (answer.op === Op.Cancelled) return this.#isClosed();
    return new Error(`The broker answered ${Op[answer.op]}, which is no answer to this.`);
  }
}

/** The items of one put, each with its length in front. */
class Batch<T> {
  count = 0;
  readonly #writer = new Writer();
  constructor(private readonly codec: Codec<T>) {
    this.#writer.length = HeadBytes;
  }

  get length(): number {
    return this.#writer.length;
  }

  add(item: T): void {
    this.codec.write(this.#writer, item);
    this.count++;
  }

  body(waitMicros: number, numbered?: { number: number; oldest: number; age: number }): Buffer {
    const all = this.#writer.bytes.subarray(0, this.#writer.length);
    const body = numbered ? all : all.subarray(NumberBytes);
    body.writeBigInt64LE(BigInt(waitMicros));
    if (numbered) {
      all.writeBigInt64LE(BigInt(numbered.number), 8);
      all.writeBigInt64LE(BigInt(numbered.oldest), 16);
      all.writeBigInt64LE(BigInt(numbered.age), 24);
    }
    all.writeUInt32LE(this.count, HeadBytes - 4);
    return body;
  }
}

function waitOf({ timeout, signal }: WaitOptions): Wait {
  if (timeout !== undefined && !(timeout >= 0)) throw new RangeError(`A timeout is a number of milliseconds that is not negative, and not ${timeout}.`);
  return { micros: timeout === undefined || timeout === Infinity ? -1 : Math.ceil(timeout * 1000), signal };
}

function tell(at: At, op: Op, body: Buffer): void {
  at.connection.send(op, 0, at.number, 0, body);
}

function deadlineOf({ micros }: Wait): number | undefined {
  return micros === undefined || micros < 0 ? undefined : performance.now() + micros / 1000;
}

function leftOf(deadline: number | undefined): number | undefined {
  return deadline === undefined ? undefined : Math.max(deadline - performance.now(), 0);
}
