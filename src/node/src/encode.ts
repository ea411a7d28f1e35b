/** Values to MessagePack, as the .NET library reads it. */
import { ItemSerializationError } from "./errors.js";

/** A member of this name says how its object travels: a queue is [endpoint, name]. */
export const toItem = Symbol.for("queueipc.toItem");

const Int64Min = -(1n << 63n);
const UInt64Max = (1n << 64n) - 1n;
const DepthMax = 500;

/** Bytes that grow. Items are written one behind the other, into one piece of memory. */
export class Writer {
  bytes = Buffer.allocUnsafe(4096);
  length = 0;
  /** The way to the member that is being written; kept only when it is asked for, since it takes time. */
  private path: string[] | undefined;
  private depth = 0;

  room(count: number): void {
    if (this.length + count > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + count));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
  }

  /** Writes an item. One that cannot be written leaves nothing behind, and the error names the member. */
  item(value: unknown): void {
    const begin = this.length;
    try {
      this.depth = 0;
      this.value(value);
    } catch (error) {
      this.length = begin;
      throw this.explained(value, error);
    }
  }

  private explained(value: unknown, error: unknown): unknown {
    const begin = this.length;
    this.path = ["item"];
    this.depth = 0;
    try {
      this.value(value);
      return error;
    } catch (again) {
      const what = again instanceof Error ? again.message : String(again);
      return new ItemSerializationError(`Nothing was put: ${this.path.join("")} cannot be written: ${what}`, undefined, { cause: again });
    } finally {
      this.path = undefined;
      this.length = begin;
    }
  }

  private value(value: unknown): void {
    switch (typeof value) {
      case "string":
        return this.text(value);
      case "number":
        return this.number(value);
      case "boolean":
        return this.byte(value ? 0xc3 : 0xc2);
      case "undefined":
        return this.byte(0xc0);
      case "bigint":
        return this.bigint(value);
      case "object":
        return value === null ? this.byte(0xc0) : this.object(value);
      default:
        throw new TypeError(`a ${typeof value} has no form in MessagePack.`);
    }
  }

  private object(value: object): void {
    if (++this.depth > DepthMax) {
      throw new TypeError(`it is nested more than ${DepthMax} levels deep, or contains itself.`);
    }
    if (Array.isArray(value)) this.array(value, value.length);
    else if (value instanceof Date) this.date(value);
    else if (value instanceof Map) this.map(value);
    else if (value instanceof Set) this.array(value, value.size);
    else if (ArrayBuffer.isView(value)) this.view(value);
    else if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) this.binary(new Uint8Array(value));
    else if (toItem in value) this.value((value as { [toItem](): unknown })[toItem]());
    else if (value instanceof Number || value instanceof Boolean || value instanceof String) this.value(value.valueOf());
    else if (value instanceof URL) this.text(value.href);
    else if (value instanceof Error) throw new TypeError("an Error has no members that travel: send its message.");
    else if (value instanceof RegExp || value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) {
      throw new TypeError(`a ${value.constructor.name} has no form in MessagePack.`);
    } else if (typeof (value as { toJSON?: unknown }).toJSON === "function") this.value((value as { toJSON(): unknown }).toJSON());
    else this.members(value as Record<string, unknown>);
    this.depth--;
  }

  private members(value: Record<string, unknown>): void {
    const keys = Object.keys(value);
    let count = 0;
    for (const key of keys) if (value[key] !== undefined) count++;
    this.head(count, 0x80, 15, 0xde);
    for (const key of keys) {
      const member = value[key];
      if (member === undefined) continue; // as in JSON: the reader's own initial value stays
      this.text(key);
      this.path?.push(`.${key}`);
      this.value(member);
      this.path?.pop();
    }
  }

  private map(value: Map<unknown, unknown>): void {
    this.head(value.size, 0x80, 15, 0xde);
    for (const [key, member] of value) {
      this.path?.push(`[${String(key)}]`);
      this.value(key);
      this.value(member);
      this.path?.pop();
    }
  }

  private array(values: Iterable<unknown>, count: number): void {
    this.head(count, 0x90, 15, 0xdc);
    let index = 0;
    for (const value of values) {
      this.path?.push(`[${index++}]`);
      this.value(value);
      this.path?.pop();
    }
  }

  private view(value: ArrayBufferView): void {
    if (value instanceof Uint8Array || value instanceof Uint8ClampedArray || value instanceof DataView) {
      this.binary(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else if (value instanceof Float32Array) {
      this.head(value.length, 0x90, 15, 0xdc);
      for (const element of value) {
        this.room(5);
        this.bytes[this.length] = 0xca;
        this.bytes.writeFloatBE(element, this.length + 1);
        this.length += 5;
      }
    } else {
      const numbers = value as unknown as ArrayLike<unknown> & Iterable<unknown>;
      this.array(numbers, numbers.length);
    }
  }

  private head(count: number, fix: number, fixMax: number, wide: number): void {
    if (count <= fixMax) this.byte(fix | count);
    else if (count <= 0xffff) this.with16(wide, count);
    else this.with32(wide + 1, count);
  }

  private text(value: string): void {
    // Short texts are the usual ones: their bytes are counted after they have been written behind the shortest head.
    if (value.length <= 10) {
      this.room(1 + value.length * 3);
      const bytes = this.bytes.write(value, this.length + 1, "utf8");
      this.bytes[this.length] = 0xa0 | bytes;
      this.length += 1 + bytes;
      return;
    }
    const bytes = Buffer.byteLength(value);
    if (bytes <= 31) this.byte(0xa0 | bytes);
    else if (bytes <= 0xff) this.with8(0xd9, bytes);
    else if (bytes <= 0xffff) this.with16(0xda, bytes);
    else this.with32(0xdb, bytes);
    this.room(bytes);
    this.length += this.bytes.write(value, this.length, "utf8");
  }

  private binary(value: Uint8Array): void {
    if (value.length <= 0xff) this.with8(0xc4, value.length);
    else if (value.length <= 0xffff) this.with16(0xc5, value.length);
    else this.with32(0xc6, value.length);
    this.raw(value);
  }

  raw(value: Uint8Array): void {
    this.room(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  /** Whole numbers that are exact in JavaScript are integers; all others, and -0, have 64 bits of a float. */
  private number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.room(9);
      this.bytes[this.length] = 0xcb;
      this.bytes.writeDoubleBE(value, this.length + 1);
      this.length += 9;
    } else if (value >= 0) {
      if (value < 0x80) this.byte(value);
      else if (value <= 0xff) this.with8(0xcc, value);
      else if (value <= 0xffff) this.with16(0xcd, value);
      else if (value <= 0xffffffff) this.with32(0xce, value);
      else this.wide(0xcf, BigInt(value));
    } else if (value >= -32) this.byte(value & 0xff);
    else if (value >= -0x80) this.with8(0xd0, value & 0xff);
    else if (value >= -0x8000) this.with16(0xd1, value & 0xffff);
    else if (value >= -0x80000000) this.with32(0xd2, value >>> 0);
    else this.wide(0xd3, BigInt(value));
  }

  private bigint(value: bigint): void {
    if (value < Int64Min || value > UInt64Max) {
      throw new RangeError(`${value} has more than 64 bits. If it is a BigInteger, send items.toBigInteger(value).`);
    }
    if (value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)) this.number(Number(value));
    else this.wide(value < 0n ? 0xd3 : 0xcf, value);
  }

  private date(value: Date): void {
    const millis = value.getTime();
    if (Number.isNaN(millis)) throw new RangeError("it is an invalid Date.");
    const seconds = Math.floor(millis / 1000);
    const finer = (value as Date & { finerNanoseconds?: number }).finerNanoseconds ?? 0;
    this.timestamp(seconds, (millis - seconds * 1000) * 1_000_000 + finer);
  }

  private timestamp(seconds: number, nanoseconds: number): void {
    this.room(15);
    if (seconds >= 0 && seconds <= 0xffffffff && nanoseconds === 0) {
      this.byte(0xd6);
      this.byte(0xff);
      this.length = this.bytes.writeUInt32BE(seconds, this.length);
    } else if (seconds >= 0 && seconds < 0x400000000) {
      this.byte(0xd7);
      this.byte(0xff);
      this.length = this.bytes.writeBigUInt64BE((BigInt(nanoseconds) << 34n) | BigInt(seconds), this.length);
    } else {
      this.with8(0xc7, 12);
      this.byte(0xff);
      this.length = this.bytes.writeUInt32BE(nanoseconds, this.length);
      this.length = this.bytes.writeBigInt64BE(BigInt(seconds), this.length);
    }
  }

  private byte(value: number): void {
    this.room(1);
    this.bytes[this.length++] = value;
  }

  private with8(kind: number, value: number): void {
    this.room(2);
    this.bytes[this.length++] = kind;
    this.bytes[this.length++] = value;
  }

  private with16(kind: number, value: number): void {
    this.room(3);
    this.bytes[this.length] = kind;
    this.length = this.bytes.writeUInt16BE(value, this.length + 1);
  }

  private with32(kind: number, value: number): void {
    this.room(5);
    this.bytes[this.length] = kind;
    this.length = this.bytes.writeUInt32BE(value, this.length + 1);
  }

  private wide(kind: number, value: bigint): void {
    this.room(9);
    this.bytes[this.length] = kind;
    this.length = kind === 0xd3 ? this.bytes.writeBigInt64BE(value, this.length + 1) : this.bytes.writeBigUInt64BE(value, this.length + 1);
  }
}
