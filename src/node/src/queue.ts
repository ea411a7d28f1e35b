/** The queue: put, get, lease, read, ask, end. */
import { Codec, type ItemOptions } from "./codec.js";
import type { Connection, Wait } from "./connection.js";
import { Writer, toItem } from "./encode.js";
import { BrokerUnavailableError, ItemSerializationError, ItemTooLargeError, QueueCompletedError, QueueEmptyError, QueueFullError, QueueIpcError, RequestRefusedError } from "./errors.js";
import { readDead, readInfos, type DeadItem, type QueueInfo } from "./info.js";
import { Lease } from "./lease.js";
import { Stream } from "./stream.js";
import { BatchBytes, BodyReader, Code, Op, bool, i32, i64, readItems, readNumber, reason, settings, text, these, tokens, type Delivered, type Frame } from "./wire.js";

const LeaseFlag = 1;
const PutsUnderWay = 8;
const Nothing: Buffer = Buffer.alloc(0);

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
  readonly #connection: Connection;
  readonly #number: number;
  readonly #codec: Codec<T>;
  #closed = false;
  /** Calls, leases and readers that may still send something about this queue's number: it is given back after the last of them. */
  #users = 0;

  private constructor(
    connection: Connection,
    number: number,
    codec: Codec<T>,
    readonly name: string,
    readonly capacity: number,
    readonly maxBytes: number,
    /** Milliseconds. */
    readonly leaseTime: number,
    readonly maxFailures: number,
  ) {
    this.#connection = connection;
    this.#number = number;
    this.#codec = codec;
  }

  /** @internal Use `client.queue(name)`. */
  static async open<T>(connection: Connection, name: string, options: QueueSettings & ItemOptions<T>): Promise<Queue<T>> {
    const { capacity, maxBytes, leaseTime, maxFailures, transient } = options;
    const given = [capacity, maxBytes, leaseTime, maxFailures, transient].some((value) => value !== undefined);
    const told = given ? settings(capacity ?? 0, maxBytes ?? 0, Math.round((leaseTime ?? 30_000) * 1000), maxFailures ?? 5, connection.version, transient) : bool(false);
    let opened: Frame;
    try {
      opened = await connection.call(Op.Open, 0, 0, Buffer.concat([text(name), told]));
    } catch (error) {
      if (error instanceof RequestRefusedError && error.reason === Code.NoSuchQueue) {
        throw new QueueCompletedError(`Queue '${name}' is gone: it had no name, and its creator's connection has ended.`);
      }
      throw error;
    }
    const body = new BodyReader(opened.body);
    return new Queue(connection, opened.queue, new Codec(options), body.text(), body.i32(), body.i64(), body.i64() / 1000, body.i32());
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
    return this.#use(async () => this.#received((await this.#get(0, 1, options))[0]));
  }

  /** From one to `max` items, as soon as there is one; none after the timeout. */
  getMany(max: number, options: WaitOptions = {}): Promise<T[]> {
    return this.#use(() => this.#getMany(max, options));
  }

  async #getMany(max: number, options: WaitOptions): Promise<T[]> {
    let delivered: Delivered[];
    try {
      delivered = await this.#get(0, max, options);
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
        if (rest.length > 0) this.#tell(Op.Release, tokens(rest));
        if (items.length > 0) break; // it comes again, as the first one then
        throw await this.#unreadable(each, error);
      }
    }
    this.#tell(Op.Ack, tokens(delivered.slice(0, items.length).map((each) => each.token)));
    return items;
  }

  /** Like `get`, but the item comes back if this process ends, or the lease is nacked. */
  lease(options: WaitOptions = {}): Promise<Lease<T>> {
    return this.#use(async () => {
      const [delivered] = await this.#get(LeaseFlag, 1, options);
      try {
        const item = this.#codec.read(delivered.data);
        this.#users++;
        return new Lease(item, delivered.failures, delivered.sequence, this, this.#connection, this.#number, delivered.token, () => this.#leave());
      } catch (error) {
        throw await this.#unreadable(delivered, error);
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
    const stream = new Stream(this.#connection, this.#number, this.#codec);
    try {
      const end = yield* stream.items();
      if (end.op === Op.Refused) throw new RequestRefusedError(new BodyReader(end.body).u16(), `The broker refused another reader of queue '${this.name}'.`);
      if (end.op !== Op.Completed) throw this.#ended(end);
    } finally {
      await stream.stop();
      this.#leave();
    }
  }

  /** The first item, which stays where it is; undefined if there is none. */
  async peek(): Promise<T | undefined> {
    const answer = await this.#ask(Op.Peek, i32(1));
    for (const { data } of answer.op === Op.Items ? readItems(answer.flags, answer.body, this.#connection.version) : []) return this.#codec.read(data);
    return undefined;
  }

  /** How many items are ready: true at the broker at that moment. */
  async count(): Promise<number> {
    return (await this.info()).ready;
  }

  async info(): Promise<QueueInfo> {
    return readInfos((await this.#ask(Op.Info)).body, this.#connection.version)[0];
  }

  /** The oldest dead items. */
  async deadItems(max = 100): Promise<DeadItem<T>[]> {
    return readDead((await this.#ask(Op.GetDead, i32(max))).body, this.#connection.version, (data) => this.#codec.read(data));
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
    const { version } = this.#connection;
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
    const answer = await this.#use(() => this.#connection.call(Op.Join, 0, this.#number, i64(wait.micros!), wait));
    if (answer.op === Op.Done || answer.op === Op.TimedOut) return answer.op === Op.Done;
    throw this.#ended(answer);
  }

  /** Closes this handle: calls that wait on it, and later ones, reject. Other handles go on, and so do leases until their verdict. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#users === 0) this.#tell(Op.Close, Nothing);
    else this.#connection.cancelAll(this.#number);
  }

  /** A queue inside an item arrives as [endpoint, name]: see `Client.queueAt`. */
  [toItem](): [string, string] {
    return [this.#connection.endpoint, this.name];
  }

  async #put(batch: Batch<T>, wait: Wait): Promise<number> {
    let answer: Frame;
    try {
      answer = await this.#connection.call(Op.Put, 0, this.#number, batch.body(wait.micros!), wait);
    } catch (error) {
      if (error instanceof BrokerUnavailableError) {
        throw new BrokerUnavailableError(`${error.message} What was put to queue '${this.name}' may have been accepted, or not.`, { cause: error });
      }
      if (error instanceof RequestRefusedError && error.reason === Code.ItemTooLarge) throw new ItemTooLargeError(error.message);
      throw error;
    }
    const accepted = readNumber(answer.body);
    if (answer.op === Op.Done) return accepted;
    if (answer.op === Op.NeverFits) throw new ItemTooLargeError(`The item is larger than all that queue '${this.name}' may hold (${this.maxBytes} bytes).`);
    throw Object.assign(answer.op === Op.Full ? new QueueFullError(this.name) : this.#ended(answer), { accepted });
  }

  async #get(flags: number, max: number, options: WaitOptions): Promise<Delivered[]> {
    const wait = waitOf(options);
    const answer = await this.#connection.call(Op.Get, flags, this.#number, Buffer.concat([i64(wait.micros!), i32(max)]), wait);
    if (answer.op === Op.Items) return [...readItems(answer.flags, answer.body, this.#connection.version)];
    if (answer.op === Op.Empty) throw new QueueEmptyError(this.name);
    throw this.#ended(answer);
  }

  /** Reads a taken item, and confirms that it has arrived. */
  async #received(delivered: Delivered): Promise<T> {
    let item: T;
    try {
      item = this.#codec.read(delivered.data);
    } catch (error) {
      throw await this.#unreadable(delivered, error);
    }
    this.#tell(Op.Ack, tokens([delivered.token]));
    return item;
  }

  async #unreadable(delivered: Delivered, error: unknown): Promise<unknown> {
    if (error instanceof ItemSerializationError) await this.#connection.call(Op.DeadLetter, 0, this.#number, Buffer.concat([reason(error.message), tokens([delivered.token])]));
    return error;
  }

  #ask(op: Op, body: Buffer = Nothing): Promise<Frame> {
    return this.#use(() => this.#connection.call(op, 0, this.#number, body));
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
    if (this.#closed && this.#users === 0) this.#tell(Op.Close, Nothing);
  }

  #tell(op: Op, body: Buffer): void {
    this.#connection.send(op, 0, this.#number, 0, body);
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
    this.#writer.length = 12; // the wait and the count
  }

  get length(): number {
    return this.#writer.length;
  }

  add(item: T): void {
    this.codec.write(this.#writer, item);
    this.count++;
  }

  body(waitMicros: number): Buffer {
    const body = this.#writer.bytes.subarray(0, this.#writer.length);
    body.writeBigInt64LE(BigInt(waitMicros));
    body.writeUInt32LE(this.count, 8);
    return body;
  }
}

function waitOf({ timeout, signal }: WaitOptions): Wait {
  if (timeout !== undefined && !(timeout >= 0)) throw new RangeError(`A timeout is a number of milliseconds that is not negative, and not ${timeout}.`);
  return { micros: timeout === undefined || timeout === Infinity ? -1 : Math.ceil(timeout * 1000), signal };
}
