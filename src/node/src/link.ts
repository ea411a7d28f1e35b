/** A client's way to its broker: the connection that there is, and after a restart of the broker the one that comes. */
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { Connection } from "./connection.js";
import { isUnnamed } from "./endpoint.js";
import { BrokerUnavailableError, ConnectionLostError } from "./errors.js";
import { Outbox } from "./outbox.js";
import { Op, type Frame } from "./wire.js";

export const ReconnectMs = 30_000;
/** Between tries at a broker that listens and takes nobody in. */
const PauseMs = 20;

/** The broker may still come back, and the call's own time is over. */
export class LateError extends BrokerUnavailableError {}

export class Link {
  readonly outbox = new Outbox();
  private coming: Promise<void> | undefined;
  private isClosed = false;

  private constructor(
    public connection: Connection,
    private readonly id: Buffer,
    private readonly reconnectMs: number,
  ) {}

  static async open(endpoint: string, timeout: number, reconnectMs: number): Promise<Link> {
    const id = randomBytes(16);
    return new Link(await Connection.open(endpoint, timeout, id), id, isUnnamed(endpoint) ? 0 : reconnectMs);
  }

  get endpoint(): string {
    return this.connection.endpoint;
  }

  /** Whether what failed so can go on at a broker that comes back. */
  rides(error: unknown): boolean {
    return error instanceof ConnectionLostError && error.mayReturn && this.reconnectMs > 0 && !this.isClosed;
  }

  /** Whether a put to this queue is accepted once even if it is sent twice. */
  comesAgain(queue: string): boolean {
    return this.reconnectMs > 0 && this.connection.version > 1 && !queue.startsWith("~");
  }

  /** Resolves when there is a connection, as far as is known. Rejects with `LateError` after so many milliseconds, and with the signal's reason. */
  async isThere(leftMs?: number, signal?: AbortSignal): Promise<void> {
    while (this.connection.failure) {
      if (!this.rides(this.connection.failed())) throw this.connection.failed();
      this.coming ??= this.reconnect(this.connection).finally(() => (this.coming = undefined));
      this.coming.catch(() => {}); // whoever waits for it is told, if anybody does
      await within(this.coming, leftMs, signal, () => new LateError(`${this.connection.failed().message} It has not come back in the time of this call.`));
    }
  }

  /** Asks something about the connection. */
  async ask(op: Op, body: Buffer): Promise<Frame> {
    for (;;) {
      await this.isThere();
      try {
        return await this.connection.call(op, 0, 0, body);
      } catch (error) {
        if (!this.rides(error)) throw error;
      }
    }
  }

  close(): Promise<void> {
    this.isClosed = true;
    return this.connection.close();
  }

  private async reconnect(lost: Connection): Promise<void> {
    let deadline = performance.now() + this.reconnectMs;
    if (lost.returnBy !== undefined && !lost.hasAnswered) {
      deadline = lost.returnBy; // it was none that is of use
      await pause(PauseMs);
    }
    for (;;) {
      try {
        if (performance.now() >= deadline) throw new BrokerUnavailableError("The time is over.");
        const next = await Connection.open(this.endpoint, deadline - performance.now(), this.id, () => this.isClosed);
        next.returnBy = deadline;
        if (!this.isClosed && (await this.outbox.sendAgain(next)) && !this.isClosed) {
          this.connection = next;
          return;
        }
        await next.close();
      } catch (error) {
        if (!(error instanceof BrokerUnavailableError)) throw error;
      }
      if (this.isClosed) throw new BrokerUnavailableError("This client is closed.");
      if (performance.now() >= deadline) {
        throw new BrokerUnavailableError(`${lost.failed().message.replace(/\.$/, "")}, and no broker came back within ${this.reconnectMs / 1000} s.`);
      }
      await pause(PauseMs); // it is just ending: perhaps the next one is there soon
    }
  }
}

function within(promise: Promise<void>, ms: number | undefined, signal: AbortSignal | undefined, late: () => Error): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const timer = ms === undefined ? undefined : setTimeout(() => end(() => reject(late())), Math.min(ms, 0x7fffffff));
    const abort = (): void => end(() => reject(signal!.reason));
    const end = (act: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      act();
    };
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) return abort();
    promise.then(
      () => end(resolve),
      (error) => end(() => reject(error)),
    );
  });
}
