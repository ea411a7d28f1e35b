/** What a broker tells about a queue. */
import { BodyReader } from "./wire.js";

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
}

/** An item that failed too often, or was declared dead. `item` is undefined where it cannot be read. */
export interface DeadItem<T> {
  sequence: number;
  failures: number;
  age: number;
  reason: string;
  data: Buffer | null;
  item: T | undefined;
}

export function readInfos(body: Buffer): QueueInfo[] {
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
    return { ...info, isCompleted: state === 2, isDraining: state === 1 };
  });
}

export function readDead<T>(body: Buffer, read: (data: Buffer | null) => T): DeadItem<T>[] {
  const reader = new BodyReader(body);
  return Array.from({ length: reader.u32() }, () => {
    const dead = { sequence: reader.i64(), failures: reader.i32(), age: reader.i64() / 1000, reason: reader.text(), data: reader.item() };
    let item: T | undefined;
    try {
      item = read(dead.data);
    } catch {
      // It may be dead because it cannot be read.
    }
    return { ...dead, item };
  });
}
