/** MessagePack to values: numbers where they are exact, bigint beyond; objects where all keys are text, Map otherwise. */

const DepthMax = 500;

/** A point in time that is finer than a millisecond. It is a Date like any other, and written back it is what it was. */
export class FineDate extends Date {
  constructor(
    millis: number,
    /** What JavaScript's own dates have no room for: 0 to 999,999. Cut off, not rounded, in the date itself. */
    readonly finerNanoseconds: number,
  ) {
    super(millis);
  }
}

/** Reads one value, which all the bytes are. Throws an Error in words. */
export function decode(bytes: Buffer): unknown {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.at !== bytes.length) throw new Error(`${bytes.length - reader.at} bytes are left over behind it`);
  return value;
}

class Reader {
  at = 0;
  constructor(private readonly bytes: Buffer) {}

  value(depth: number): unknown {
    const kind = this.u8();
    if (kind < 0x80) return kind;
    if (kind >= 0xe0) return kind - 0x100;
    if (kind >= 0xa0 && kind < 0xc0) return this.text(kind & 31);
    if (kind < 0x90) return this.map(kind & 15, depth);
    if (kind < 0xa0) return this.array(kind & 15, depth);
    switch (kind) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: return this.binary(this.u8());
      case 0xc5: return this.binary(this.u16());
      case 0xc6: return this.binary(this.u32());
      case 0xc7: return this.extension(this.u8());
      case 0xc8: return this.extension(this.u16());
      case 0xc9: return this.extension(this.u32());
      case 0xca: return this.bytes.readFloatBE(this.step(4));
      case 0xcb: return this.bytes.readDoubleBE(this.step(8));
      case 0xcc: return this.u8();
      case 0xcd: return this.u16();
      case 0xce: return this.u32();
      case 0xcf: return exact(this.bytes.readBigUInt64BE(this.step(8)));
      case 0xd0: return this.bytes.readInt8(this.step(1));
      case 0xd1: return this.bytes.readInt16BE(this.step(2));
      case 0xd2: return this.bytes.readInt32BE(this.step(4));
      case 0xd3: return exact(this.bytes.readBigInt64BE(this.step(8)));
      case 0xd4: return this.extension(1);
      case 0xd5: return this.extension(2);
      case 0xd6: return this.extension(4);
      case 0xd7: return this.extension(8);
      case 0xd8: return this.extension(16);
      case 0xd9: return this.text(this.u8());
      case 0xda: return this.text(this.u16());
      case 0xdb: return this.text(this.u32());
      case 0xdc: return this.array(this.u16(), depth);
      case 0xdd: return this.array(this.u32(), depth);
      case 0xde: return this.map(this.u16(), depth);
      case 0xdf: return this.map(this.u32(), depth);
      default: throw new Error(`0x${kind.toString(16)} at ${this.at - 1} is not MessagePack`);
    }
  }

  private array(count: number, depth: number): unknown[] {
    this.check(count, depth);
    const values: unknown[] = [];
    for (let i = 0; i < count; i++) values.push(this.value(depth + 1));
    return values;
  }

  private map(count: number, depth: number): object {
    this.check(2 * count, depth);
    const begin = this.at;
    const members: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) {
      const key = this.value(depth + 1);
      if (typeof key !== "string") return this.anyMap(count, depth, begin);
      const value = this.value(depth + 1);
      // An assignment to this name would set the prototype instead.
      if (key === "__proto__") Object.defineProperty(members, key, { value, enumerable: true, configurable: true, writable: true });
      else members[key] = value;
    }
    return members;
  }

  /** JavaScript's objects have text for keys, and nothing else. */
  private anyMap(count: number, depth: number, begin: number): Map<unknown, unknown> {
    this.at = begin;
    const map = new Map<unknown, unknown>();
    for (let i = 0; i < count; i++) {
      const key = this.value(depth + 1);
      map.set(key, this.value(depth + 1));
    }
    return map;
  }

  private check(count: number, depth: number): void {
    if (count > this.bytes.length - this.at) throw new Error(`${count} values are announced at ${this.at}, and there is no room for them`);
    if (depth >= DepthMax) throw new Error(`it is nested more than ${DepthMax} levels deep`);
  }

  private text(length: number): string {
    const at = this.step(length);
    return this.bytes.toString("utf8", at, at + length);
  }

  /** A copy: what came with it may be large, and would be kept by a view. */
  private binary(length: number): Buffer {
    const at = this.step(length);
    return Buffer.from(this.bytes.subarray(at, at + length));
  }

  private extension(length: number): Date {
    const kind = this.bytes.readInt8(this.step(1));
    const at = this.step(length);
    if (kind !== -1) throw new Error(`an extension of type ${kind} is not known`);
    let seconds: number;
    let nanoseconds = 0;
    if (length === 4) seconds = this.bytes.readUInt32BE(at);
    else if (length === 8) {
      const both = this.bytes.readBigUInt64BE(at);
      nanoseconds = Number(both >> 34n);
      seconds = Number(both & 0x3ffffffffn);
    } else if (length === 12) {
      nanoseconds = this.bytes.readUInt32BE(at);
      seconds = Number(this.bytes.readBigInt64BE(at + 4));
    } else throw new Error(`a timestamp of ${length} bytes is none`);
    const millis = seconds * 1000 + Math.floor(nanoseconds / 1_000_000);
    const finer = nanoseconds % 1_000_000;
    const date = finer === 0 ? new Date(millis) : new FineDate(millis, finer);
    if (Number.isNaN(date.getTime())) throw new Error(`a time ${seconds} s from 1970 is beyond what a Date can hold`);
    return date;
  }

  private u8(): number {
    return this.bytes[this.step(1)];
  }

  private u16(): number {
    return this.bytes.readUInt16BE(this.step(2));
  }

  private u32(): number {
    return this.bytes.readUInt32BE(this.step(4));
  }

  private step(count: number): number {
    const at = this.at;
    if (at + count > this.bytes.length) throw new Error("it is cut off");
    this.at = at + count;
    return at;
  }
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
