/** A process's way to a broker: one connection for any number of queues. */
import type { ItemOptions } from "./codec.js";
import { EndpointVariable, endpointOf } from "./endpoint.js";
import { RequestRefusedError } from "./errors.js";
import { Link, ReconnectMs } from "./link.js";
import { readInfos, type QueueInfo } from "./info.js";
import { followParent } from "./parent.js";
import { Queue, type QueueSettings } from "./queue.js";
import { Code, Op, text } from "./wire.js";

export const QueuesVariable = "QUEUEIPC_QUEUES";
const ConnectMs = 10_000;

/**
 * It rides out a restart of its broker: calls wait for `reconnectTimeout`, and go on with the broker that comes; a put is accepted once. After that they
 * reject with `BrokerUnavailableError`, and the next call looks again. An idle one does not keep the process from ending.
 */
export class Client {
  readonly #link: Link;

  /** @internal Use `connect`. */
  constructor(link: Link) {
    this.#link = link;
  }

  get endpoint(): string {
    return this.#link.endpoint;
  }

  get brokerPid(): number {
    return this.#link.connection.brokerPid;
  }

  /** Opens a queue, and creates it if there is none. Without a name it is a new one, which lives as long as this client. */
  queue<T = unknown>(name = "", options: QueueSettings & ItemOptions<T> = {}): Promise<Queue<T>> {
    return Queue.open(this.#link, name, options);
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
    const { body } = await this.#link.ask(Op.List, Buffer.alloc(0));
    return readInfos(body, this.#link.connection.version);
  }

  /** Its items are gone, and whoever waits on it is told. False if there was none. */
  async deleteQueue(name: string): Promise<boolean> {
    try {
      await this.#link.ask(Op.Delete, text(name));
      return true;
    } catch (error) {
      if (error instanceof RequestRefusedError && error.reason === Code.NoSuchQueue) return false;
      throw error;
    }
  }

  /** Ends the connection in good order: what is held goes back, and is nobody's failure. */
  close(): Promise<void> {
    return this.#link.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

export interface ConnectOptions {
  /** Milliseconds that it tries; 10,000 if nothing is said. */
  timeout?: number;
  /** Milliseconds that calls wait for a broker that went away; 30,000 if nothing is said. With 0 a connection that was lost stays lost, and so does one to a broker without a name. */
  reconnectTimeout?: number;
}

/** Connects to a broker, by its endpoint or name; without one to that of QUEUEIPC_ENDPOINT, or else to 'default'. */
export async function connect(broker?: string, options: ConnectOptions = {}): Promise<Client> {
  return new Client(await Link.open(endpointOf(broker), options.timeout ?? ConnectMs, options.reconnectTimeout ?? ReconnectMs));
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
