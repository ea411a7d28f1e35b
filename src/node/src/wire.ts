/** The frames of the protocol: numbers, headers, and the bodies that a client writes and reads. No I/O. */

export const Magic = 0x43504951;
/** The newest first; what a broker does not know is tried in this order. */
export const Versions = [2, 1] as const;
export type Version = (typeof Versions)[number];

export enum Op {
  Hello = 1, Bye, Open, Close, Delete, List,
  Put = 16, Get, Join, Subscribe, Cancel,
  Advance = 24, RejectNext, Ack, Nack, Release, Extend, DeadLetter, Return,
  Info = 40, Peek, Clear, Complete, GetDead, Redrive, DeleteDead,
  IsGone = 48,
  Welcome = 128, Opened, Done, Items, Full, NeverFits, Empty, Completed,
  Deleted, Cancelled, TimedOut, LeaseLost, QueueInfos, DeadItems, Refused, ConnectionInfos,
  Recall = 145,
  Error = 255,
}

export enum Code { BadName = 1, OptionsConflict, NoSuchQueue, ItemTooLarge, BadValue, TooLate = 10, BadVersion = 101, Stopping = 112 }

export const HeaderBytes = 20;
export const BatchBytes = 61440;
export const AnswerBytesMax = 64 << 20;
const LeaseFlag = 1;
const NoteBit = 1 << 30;
const ReasonCharsMax = 1024;

export interface Frame {
  op: Op;
  flags: number;
  queue: number;
  request: number;
  body: Buffer;
}

/** One item as it came. `data` null is the null item; `token` is 0n where there is none. */
export interface Delivered {
  token: bigint;
  failures: number;
  /** The item's place in the queue; 0 if it is not told. */
  sequence: number;
  data: Buffer | null;
}

/** A body, and its header in front. */
export function frame(op: Op, flags: number, queue: number, request: number, ...parts: Buffer[]): Buffer {
  const header = Buffer.allocUnsafe(HeaderBytes);
  writeHeader(header, parts.reduce((sum, part) => sum + part.length, 0), op, flags, queue, request);
  return parts.length === 0 ? header : Buffer.concat([header, ...parts]);
}

export function writeHeader(header: Buffer, length: number, op: Op, flags: number, queue: number, request: number): void {
  header.writeUInt32LE(length, 0);
  header[4] = op;
  header[5] = flags;
  header.writeUInt16LE(0, 6);
  header.writeUInt32LE(queue, 8);
  header.writeUInt32LE(request % 0x100000000, 12);
  header.writeUInt32LE(Math.floor(request / 0x100000000), 16);
}

export function i32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32LE(value);
  return bytes;
}

export function i64(value: number | bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}

export function bool(value: boolean): Buffer {
  return Buffer.from([value ? 1 : 0]);
}

export function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  const length = Buffer.allocUnsafe(2);
  length.writeUInt16LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A longer one is cut off at the protocol's limit. */
export function reason(value: string): Buffer {
  return text(value.slice(0, ReasonCharsMax));
}

/** A client that may come back says who it is; it has no lease records, and no name but its program's. */
export function hello(version: number, id?: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(10);
  bytes.writeUInt32LE(Magic, 0);
  bytes.writeUInt16LE(version, 4);
  bytes.writeInt32LE(process.pid, 6);
  return id && version > 1 ? Buffer.concat([bytes, id, i64(0), text("")]) : bytes;
}

export function tokens(values: bigint[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 + 8 * values.length);
  bytes.writeUInt32LE(values.length);
  values.forEach((token, index) => bytes.writeBigUInt64LE(token, 4 + 8 * index));
  return bytes;
}

/** Version 1 has no reason. */
export function nack(delayMicros: number, why: string, values: bigint[], version: Version): Buffer {
  return Buffer.concat([i64(delayMicros), ...(version > 1 ? [reason(why)] : []), tokens(values)]);
}

/** The settings of a new queue. */
export function settings(capacity: number, maxBytes: number, leaseMicros: number, maxFailures: number, version: Version, transient = false, label = ""): Buffer {
  const more = version > 1 ? [bool(transient), text(label)] : [];
  return Buffer.concat([bool(true), i32(capacity), i64(maxBytes), i64(leaseMicros), i32(maxFailures), ...more]);
}

/** Which dead items: those with these numbers, or all. */
export function these(sequences: number[] | undefined, version: Version): Buffer {
  if (version === 1) return Buffer.alloc(0);
  return sequences === undefined ? bool(false) : Buffer.concat([bool(true), i32(sequences.length), ...sequences.map(i64)]);
}

/** Reads a body from its beginning to its end. */
export class BodyReader {
  at = 0;
  constructor(private readonly body: Buffer) {}

  u8(): number {
    return this.body.readUInt8(this.step(1));
  }

  u16(): number {
    return this.body.readUInt16LE(this.step(2));
  }

  u32(): number {
    return this.body.readUInt32LE(this.step(4));
  }

  i32(): number {
    return this.body.readInt32LE(this.step(4));
  }

  i64(): number {
    return Number(this.body.readBigInt64LE(this.step(8)));
  }

  token(): bigint {
    return this.body.readBigUInt64LE(this.step(8));
  }

  bytes(count: number): Buffer {
    const at = this.step(count);
    return this.body.subarray(at, at + count);
  }

  text(): string {
    return this.bytes(this.u16()).toString("utf8");
  }

  /** An item's bytes, without its note; null for the null item. */
  item(): Buffer | null {
    const length = this.i32();
    if (length === -1) return null;
    if (length < NoteBit) return this.bytes(length);
    const bytes = this.bytes(length - NoteBit);
    const note = bytes.length < 2 ? 0 : bytes.readUInt16LE(bytes.length - 2) + 2;
    return note > bytes.length || note === 0 ? bytes : bytes.subarray(0, bytes.length - note);
  }

  private step(count: number): number {
    const at = this.at;
    if (count < 0 || at + count > this.body.length) throw new Error("a frame contradicts itself");
    this.at = at + count;
    return at;
  }
}

export function hasTokens(flags: number): boolean {
  return (flags & LeaseFlag) !== 0;
}

export function* readItems(flags: number, body: Buffer, version: Version): Generator<Delivered> {
  const reader = new BodyReader(body);
  const leased = hasTokens(flags);
  for (let count = reader.u32(); count > 0; count--) {
    const token = leased ? reader.token() : 0n;
    const failures = leased ? reader.i32() : 0;
    const sequence = leased && version > 1 ? reader.i64() : 0;
    yield { token, failures, sequence, data: reader.item() };
  }
}

export function readNumber(body: Buffer): number {
  return new BodyReader(body).i64();
}

export function readRefusal(body: Buffer): { code: number; message: string } {
  const reader = new BodyReader(body);
  return { code: reader.u16(), message: reader.text() };
}
