/** What a client has put and does not know the end of: it is numbered, so that it can come again and is accepted once. */
import type { Connection, Wait } from "./connection.js";
import { Op, type Frame } from "./wire.js";

const NumberedFlag = 2;

/** A queue's number on a connection. */
export interface At {
  connection: Connection;
  number: number;
}

/** Items on their way into a queue. `sent` is the last try: on which connection, and its answer. */
export interface Put {
  queue: string;
  count: number;
  number: number;
  firstSent?: number;
  sent: { connection: Connection; answer: Promise<Frame> };
  wait(): Wait;
  body(micros: number, numbered?: { number: number; oldest: number; age: number }): Buffer;
  /** Where the queue is on another connection. */
  on(connection: Connection): Promise<At>;
}

export class Outbox {
  private readonly last = new Map<string, number>();
  private readonly open = new Map<string, Map<number, Put>>();

  /** For the first time. A connection that is lost is no error yet: the answer is. */
  send(put: Omit<Put, "sent" | "number">, at: At, comesAgain: boolean): Put {
    const whole = Object.assign(put, { number: 0 }) as Put;
    if (comesAgain) {
      whole.number = (this.last.get(put.queue) ?? 0) + 1;
      this.last.set(put.queue, whole.number + put.count - 1);
      if (!this.open.has(put.queue)) this.open.set(put.queue, new Map());
      this.open.get(put.queue)!.set(whole.number, whole);
    }
    this.try(whole, at);
    return whole;
  }

  /** All that was not answered, before anything new. False when that connection is lost as well. */
  async sendAgain(connection: Connection): Promise<boolean> {
    const puts = [...this.open.values()].flatMap((each) => [...each.values()]);
    // One whose queue cannot be opened there is told when it tries.
    const places = await Promise.all(puts.map((put) => put.on(connection).catch(() => undefined)));
    if (connection.failure) return false;
    puts.forEach((put, index) => {
      const at = places[index];
      if (at && this.open.get(put.queue)!.has(put.number)) this.try(put, at);
    });
    return true;
  }

  /** Its end is known, or nobody waits for it: it does not come again. */
  forget(put: Put): void {
    if (put.number > 0) this.open.get(put.queue)!.delete(put.number);
  }

  private try(put: Put, { connection, number }: At): void {
    const wait = put.wait();
    const isFirst = put.firstSent === undefined;
    const age = isFirst ? 0 : Math.max(Math.round((performance.now() - put.firstSent!) * 1000), 1);
    const [oldest] = put.number > 0 ? this.open.get(put.queue)!.keys() : [0];
    if (isFirst && !connection.failure) put.firstSent = performance.now();
    const body = put.body(wait.micros!, put.number > 0 ? { number: put.number, oldest, age } : undefined);
    const answer = connection.call(Op.Put, put.number > 0 ? NumberedFlag : 0, number, body, wait);
    answer.catch(() => {}); // whoever put it awaits it; until then it is nobody's unhandled rejection
    put.sent = { connection, answer };
  }
}
