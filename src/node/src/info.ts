/** What a broker tells about a queue. */
import { BodyReader, type Version } from "./wire.js";

/** A queue at one moment. Times are milliseconds; a capacity of 0 is none. */
export interface QueueInfo {
  name: string;
  capacity: number;
  ready: number;
  leased: number;
  delayed: number;
  dead: number;
  bytes: number;
  waitingGets: number;
  waitingPuts: number;
  oldestAge: number;
  totalPut: number;
  totalTaken: number;
  isCompleted: boolean;
  isDraining: boolean;
  label: string;
  /** Whether the broker keeps its items on disk. */
  isDurable: boolean;
}

/** An item that failed too often, or was declared dead. `item` is undefined where it cannot be read. */
export interface DeadItem<T> {
  sequence: number;
  failures: number;
  age: number;
  /** Undefined if the broker does not tell. */
  diedAt: Date | undefined;
  reason: string;
  data: Buffer | null;
  item: T | undefined;
}

export function readInfos(body: Buffer, version: Version): QueueInfo[] {
  const reader = new BodyReader(body);
  return Array.from({ length: reader.u32() }, () => {
    const info = {
      name: reader.text(),
      capacity: reader.i32(),
      ready: reader.i32(),
      leased: reader.i32(),
      delayed: reader.i32(),
      dead: reader.i32(),
      bytes: reader.i64(),
      waitingGets: reader.i32(),
      waitingPuts: reader.i32(),
      oldestAge: reader.i64() / 1000,
      totalPut: reader.i64(),
      totalTaken: reader.i64(),
    };
    const state = reader.u8();
    const [label, isDurable] = version > 1 ? [reader.text(), reader.u8() === 1] : ["", false];
    return { ...info, isCompleted: state === 2, isDraining: state === 1, label, isDurable };
  });
}

export function readDead<T>(body: Buffer, version: Version, read: (data: Buffer | null) => T): DeadItem<T>[] {
  const reader = new BodyReader(body);
  return Array.from({ length: reader.u32() }, () => {
    const [sequence, failures, age] = [reader.i64(), reader.i32(), reader.i64() / 1000];
    const diedAt = version > 1 ? new Date(Math.floor(reader.i64() / 1000)) : undefined;
    const dead = { sequence, failures, age, diedAt, reason: reader.text(), data: reader.item() };
    let item: T | undefined;
    try {
      item = read(dead.data);
    } catch {
      // It may be dead because it cannot be read.
    }
    return { ...dead, item };
  });
}
