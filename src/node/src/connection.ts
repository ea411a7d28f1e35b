/** One socket to the broker for all queues of a client: requests go out together, and every answer comes to who asked. */
import type { Socket } from "node:net";
import { openSocket } from "./endpoint.js";
import { BrokerUnavailableError, ConnectionLostError, RequestRefusedError } from "./errors.js";
import { AnswerBytesMax, BodyReader, Code, HeaderBytes, Op, Versions, frame, hasTokens, hello, readItems, readRefusal, tokens, type Frame, type Version } from "./wire.js";

/** How long a broker may take for a request that does not wait, and for one that does beyond its end. Milliseconds. */
const AnswerMs = 10_000;
const GraceMs = 1_000;
/** setTimeout takes no longer ones. */
const TimerMsMax = 0x7fffffff;

/** Who takes the answers of a request. `answer` says whether it was the last one. */
export interface Target {
  readonly queue: number;
  answer(frame: Frame): boolean;
  fail(error: Error): void;
}

export interface Wait {
  /** Microseconds that the broker waits; negative for ever. Absent: the request does not wait. */
  micros?: number;
  signal?: AbortSignal;
}

export class Connection {
  failure: BrokerUnavailableError | undefined;
  itemBytesMax = 0;
  brokerPid = 0;
  instance = Buffer.alloc(0);
  /** Unless the two sides do not understand each other, or it was closed. */
  mayReturn = true;
  /** Anything but the greeting. */
  hasAnswered = false;
  /** Until when it was looked for, if it is one that came back. */
  returnBy: number | undefined;
  private readonly targets = new Map<number, Target>();
  private next = 1;
  private out: Buffer[] = [];
  private rest: Buffer[] = [];
  private restLength = 0;
  private needed = HeaderBytes;

  private code = 0;

  private constructor(
    readonly endpoint: string,
    readonly version: Version,
    private readonly socket: Socket,
  ) {
    socket.on("data", (chunk) => this.receive(chunk));
    socket.on("error", (error) => this.fail(`The connection to the broker at ${endpoint} broke: ${error.message}`));
    socket.on("close", () => this.fail(`The broker at ${endpoint} went away.`));
  }

  /** A connection in the newest version of the protocol that both sides speak. */
  static async open(endpoint: string, timeout: number, id?: Buffer, isOver?: () => boolean): Promise<Connection> {
    for (const version of Versions.slice(0, -1)) {
      const connection = new Connection(endpoint, version, await openSocket(endpoint, timeout, isOver));
      try {
        return await Connection.greeted(connection, id);
      } catch (error) {
        if (connection.code !== Code.BadVersion) throw error;
      }
    }
    return Connection.greeted(new Connection(endpoint, Versions[Versions.length - 1], await openSocket(endpoint, timeout)));
  }

  private static async greeted(connection: Connection, id?: Buffer): Promise<Connection> {
    const welcome = await connection.call(Op.Hello, 0, 0, hello(connection.version, id));
    if (welcome.op !== Op.Welcome || welcome.body.length < 30) throw connection.speaksAnother("its greeting is another");
    const body = new BodyReader(welcome.body);
    body.u16();
    connection.itemBytesMax = body.i32();
    body.i32();
    connection.brokerPid = body.i32();
    connection.instance = Buffer.from(body.bytes(16));
    return connection;
  }

  newRequest(): number {
    return this.next++;
  }

  /** Sends a request; resolves with its one answer. An abort is the broker's to decide: the answer that came first counts. */
  call(op: Op, flags: number, queue: number, body: Buffer, wait: Wait = {}): Promise<Frame> {
    const { micros, signal } = wait;
    signal?.throwIfAborted();
    const request = this.newRequest();
    return new Promise<Frame>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const guard = (ms: number): void => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          this.targets.delete(request);
          if (op === Op.Get || op === Op.Put) this.send(Op.Cancel, 0, queue, request);
          end();
          reject(signal?.aborted ? signal.reason : new BrokerUnavailableError(`The broker at ${this.endpoint} does not answer. It may be stopped, or too busy.`));
        }, Math.min(ms, TimerMsMax)).unref();
      };
      const abort = (): void => {
        this.send(Op.Cancel, 0, queue, request);
        guard(GraceMs);
      };
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      };
      if (micros === undefined) guard(AnswerMs);
      else if (micros >= 0) guard(micros / 1000 + GraceMs);
      signal?.addEventListener("abort", abort);
      this.sendFor(
        request,
        {
          queue,
          answer: (answer) => {
            end();
            if (answer.op === Op.Refused) {
              const { code, message } = readRefusal(answer.body);
              reject(new RequestRefusedError(code, message));
            } else if (answer.op === Op.Cancelled && signal?.aborted && readCount(answer) === 0) reject(signal.reason);
            else resolve(answer);
            return true;
          },
          fail: (error) => {
            end();
            reject(error);
          },
        },
        op,
        flags,
        queue,
        body,
      );
    });
  }

  /** Sends a request whose answers `target` takes. */
  sendFor(request: number, target: Target, op: Op, flags: number, queue: number, body: Buffer): void {
    if (this.failure) return target.fail(this.failed());
    if (this.targets.size === 0) this.socket.ref();
    this.targets.set(request, target);
    this.send(op, flags, queue, request, body);
  }

  /** Cancels all that waits on a queue: its handle is closed. */
  cancelAll(queue: number): void {
    for (const [request, target] of this.targets) if (target.queue === queue) this.send(Op.Cancel, 0, queue, request);
  }

  /** Sends a frame; all of one turn of the event loop leave together. */
  send(op: Op, flags: number, queue: number, request: number, body?: Buffer): void {
    if (this.failure) return;
    if (this.out.length === 0) queueMicrotask(() => this.flush());
    this.out.push(body ? frame(op, flags, queue, request, body) : frame(op, flags, queue, request));
  }

  private flush(): void {
    const out = this.out;
    this.out = [];
    if (!this.failure && out.length > 0) this.socket.write(out.length === 1 ? out[0] : Buffer.concat(out));
  }

  private receive(chunk: Buffer): void {
    this.rest.push(chunk);
    this.restLength += chunk.length;
    if (this.restLength < this.needed) return;
    const data = this.rest.length === 1 ? chunk : Buffer.concat(this.rest, this.restLength);
    let at = 0;
    this.needed = HeaderBytes;
    try {
      while (data.length - at >= HeaderBytes) {
        const length = data.readUInt32LE(at);
        if (data.readUInt16LE(at + 6) !== 0 || length > Math.max(AnswerBytesMax, this.itemBytesMax + 65536)) throw new Error("a frame that cannot be");
        const end = at + HeaderBytes + length;
        if (end > data.length) {
          this.needed = HeaderBytes + length;
          break;
        }
        this.take({
          op: data[at + 4],
          flags: data[at + 5],
          queue: data.readUInt32LE(at + 8),
          request: data.readUInt32LE(at + 12) + data.readUInt32LE(at + 16) * 0x100000000,
          body: data.subarray(at + HeaderBytes, end),
        });
        at = end;
      }
    } catch (error) {
      this.mayReturn = false;
      this.end(this.speaksAnother((error as Error).message));
    }
    this.rest = at < data.length ? [data.subarray(at)] : [];
    this.restLength = data.length - at;
  }

  private take(answer: Frame): void {
    if (answer.op === Op.Error) {
      const { code, message } = readRefusal(answer.body);
      this.code = code;
      this.mayReturn = code === Code.Stopping;
      return this.fail(`The broker at ${this.endpoint} ended the connection: ${message} (${Code[code] ?? code})`);
    }
    if (answer.op !== Op.Recall && (answer.op < Op.Welcome || answer.op > Op.ConnectionInfos)) throw new Error(`an answer with the number ${answer.op}`);
    this.hasAnswered ||= answer.op !== Op.Welcome;
    const target = this.targets.get(answer.request);
    if (target === undefined) {
      // Whoever asked has given up meanwhile.
      if (answer.op === Op.Items && hasTokens(answer.flags)) {
        this.send(Op.Release, 0, answer.queue, 0, tokens([...readItems(answer.flags, answer.body, this.version)].map((item) => item.token)));
      }
    } else if (target.answer(answer)) this.forget(answer.request);
  }

  /** A process may end while nothing is under way: an idle connection does not keep it. */
  private forget(request: number): void {
    this.targets.delete(request);
    if (this.targets.size === 0) this.socket.unref();
  }

  /** This connection does not keep the process from ending, whatever waits on it. */
  keepsNobody(): void {
    this.socket.unref();
  }

  /** Ends in good order: what is held goes back, and is nobody's failure. */
  async close(): Promise<void> {
    if (this.failure) return;
    this.send(Op.Bye, 0, 0, 0);
    this.flush();
    this.mayReturn = false;
    this.fail("This client is closed.", false);
    await new Promise<void>((resolve) => {
      this.socket.once("close", () => resolve());
      this.socket.ref();
      this.socket.end();
      this.socket.resume();
    });
  }

  failed(): ConnectionLostError {
    return new ConnectionLostError(this.failure?.message ?? "The connection has ended.", this.mayReturn);
  }

  private speaksAnother(what: string): BrokerUnavailableError {
    return new BrokerUnavailableError(`Whoever listens at ${this.endpoint} speaks another protocol: ${what}.`);
  }

  private fail(why: string, destroy = true): void {
    this.end(new BrokerUnavailableError(why), destroy);
  }

  private end(failure: BrokerUnavailableError, destroy = true): void {
    if (this.failure) return;
    this.failure = failure;
    if (destroy) this.socket.destroy();
    const targets = [...this.targets.values()];
    this.targets.clear();
    for (const target of targets) target.fail(this.failed());
  }
}

/** A put may have been accepted in part before it was cancelled. */
function readCount(answer: Frame): number {
  return answer.body.length === 8 ? new BodyReader(answer.body).i64() : 0;
}
