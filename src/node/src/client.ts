/** A process's way to a broker: one connection for any number of queues. */
import type { ItemOptions } from "./codec.js";
import { Connection } from "./connection.js";
import { EndpointVariable, endpointOf } from "./endpoint.js";
import { RequestRefusedError } from "./errors.js";
import { readInfos, type QueueInfo } from "./info.js";
import { followParent } from "./parent.js";
import { Queue, type QueueSettings } from "./queue.js";
import { Code, Op, text } from "./wire.js";

export const QueuesVariable = "QUEUEIPC_QUEUES";
const ConnectMs = 10_000;

/** A connection that was lost stays lost: connect anew. An idle one does not keep the process from ending. */
export class Client {
  readonly #connection: Connection;

  /** @internal Use `connect`. */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get endpoint(): string {
    return this.#connection.endpoint;
  }

  get brokerPid(): number {
    return this.#connection.brokerPid;
  }

  /** Opens a queue, and creates it if there is none. Without a name it is a new one, which lives as long as this client. */
  queue<T = unknown>(name = "", options: QueueSettings & ItemOptions<T> = {}): Promise<Queue<T>> {
    return Queue.open(this.#connection, name, options);
  }

  /** The queue that arrived inside an item. One of another broker has a connection of its own, which stays open. */
  async queueAt<T = unknown>(address: unknown, options: ItemOptions<T> = {}): Promise<Queue<T>> {
    if (!Array.isArray(address) || address.length !== 2 || address.some((part) => typeof part !== "string")) {
      throw new TypeError("A queue inside an item is [endpoint, name], and this is something else.");
    }
    const [endpoint, name] = address as [string, string];
    return (endpoint === this.endpoint ? this : await connect(endpoint)).queue(name, options);
  }

  /** All queues of the broker, in no particular order. */
  async queues(): Promise<QueueInfo[]> {
    return readInfos((await this.#connection.call(Op.List, 0, 0, Buffer.alloc(0))).body, this.#connection.version);
  }

  /** Its items are gone, and whoever waits on it is told. False if there was none. */
  async deleteQueue(name: string): Promise<boolean> {
    try {
      await this.#connection.call(Op.Delete, 0, 0, text(name));
      return true;
    } catch (error) {
      if (error instanceof RequestRefusedError && error.reason === Code.NoSuchQueue) return false;
      throw error;
    }
  }

  /** Ends the connection in good order: what is held goes back, and is nobody's failure. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Connects to a broker, by its endpoint or name; without one to that of QUEUEIPC_ENDPOINT, or else to 'default'. Tries for `timeout` milliseconds. */
export async function connect(broker?: string, options: { timeout?: number } = {}): Promise<Client> {
  return new Client(await Connection.open(endpointOf(broker), options.timeout ?? ConnectMs));
}

/** The queues that a parent gave to this process with `WorkerProcess.Start`, in its order, and the client that has them. From then on this process ends when its parent does. */
export async function fromEnvironment<T extends unknown[] = unknown[]>(
  ...options: { [K in keyof T]?: ItemOptions<T[K]> }
): Promise<{ client: Client; queues: { [K in keyof T]: Queue<T[K]> } }> {
  const names = process.env[QueuesVariable];
  if (!process.env[EndpointVariable] || names === undefined) {
    throw new Error(
      `${EndpointVariable} and ${QueuesVariable} are not both set: this program was not started by WorkerProcess.Start. ` +
        `Use (await connect(...)).queue(name) to open a queue by its name.`,
    );
  }
  followParent();
  const client = await connect();
  const queues = await Promise.all((JSON.parse(names) as string[]).map((name, index) => client.queue(name, (options[index] ?? {}) as ItemOptions<unknown>)));
  return { client, queues: queues as { [K in keyof T]: Queue<T[K]> } };
}
