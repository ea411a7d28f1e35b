/** Does what it is told on its standard input, with the Node client: see README.md. */
import { createInterface } from "node:readline";
import { connect } from "../../src/node/dist/esm/index.js";

const Outcomes = {
  QUEUE_EMPTY: "empty", QUEUE_FULL: "full", QUEUE_COMPLETED: "completed", BROKER_UNAVAILABLE: "unavailable", ITEM_TOO_LARGE: "too large",
  LEASE_LOST: "lease lost", REQUEST_REFUSED: "refused", ABORT_ERR: "cancelled",
};

let client;
let queues;
const leases = new Map();
const aborts = new Map();

function outcome(error) {
  if (error?.code === "ITEM_SERIALIZATION") return /^Nothing was put/.test(error.message) ? "unwritable" : "unreadable";
  if (error?.name === "AbortError") return "cancelled";
  if (/is closed/.test(error?.message)) return "closed";
  return Outcomes[error?.code] ?? (error instanceof RangeError ? "bad value" : "another error");
}

async function item(value) {
  if (Array.isArray(value)) return Promise.all(value.map(item));
  if (value?.$bytes !== undefined) return Buffer.alloc(value.$bytes, "a");
  if (value?.$text !== undefined) return "a".repeat(value.$text);
  if (value?.$unwritable) return { member: () => {} };
  if (value?.$queue) return client.queue(value.$queue);
  return value;
}

function told(value) {
  if (value instanceof Uint8Array) return { $bytes: value.length };
  return Array.isArray(value) ? value.map(told) : value;
}

async function queue(command) {
  const name = command.queue;
  if (!queues.has(name)) queues.set(name, client.queue(name));
  return queues.get(name);
}

function* range(first, count) {
  for (let i = first; i < first + count; i++) yield i;
}

function wait(command) {
  const options = {};
  if (command.timeout !== undefined) options.timeout = command.timeout;
  if (command.as !== undefined) {
    const controller = new AbortController();
    aborts.set(command.as, controller);
    options.signal = controller.signal;
  }
  return options;
}

const Doing = {
  async connect(command) {
    queues = new Map();
    client = await connect(undefined, { reconnectTimeout: command.reconnect ?? 0 });
  },
  async open(command) {
    const read = (value) => {
      if (!Number.isInteger(value)) throw new TypeError(`${value} is no integer`);
      return value;
    };
    const opened = await client.queue(await item(command.queue), { ...command.settings, ...(command.type === "int" ? { read } : {}) });
    queues.set(opened.name, opened);
    return opened.name;
  },
  put: async (command) => (await queue(command)).put(await item(command.item), wait(command)),
  putMany: async (command) => (await queue(command)).putMany(command.items ? await item(command.items) : range(command.from, command.count), wait(command)),
  get: async (command) => (await queue(command)).get(wait(command)),
  getMany: async (command) => (await queue(command)).getMany(command.max, wait(command)),
  async peek(command) {
    const first = await (await queue(command)).peek();
    if (first === undefined) throw Object.assign(new Error("empty"), { code: "QUEUE_EMPTY" });
    return first;
  },
  async read(command) {
    const items = [];
    for await (const each of await queue(command)) {
      items.push(each);
      if (items.length === command.hold) await new Promise(() => {});
      if (items.length === command.count) break;
    }
    return items;
  },
  async lease(command) {
    const lease = await (await queue(command)).lease(wait(command));
    leases.set(command.lease, lease);
    return [lease.item, lease.failures];
  },
  ack: (command) => leases.get(command.lease).ack(),
  nack: (command) => leases.get(command.lease).nack({ delay: command.delay, reason: command.reason }),
  release: (command) => leases.get(command.lease).release(),
  deadLetter: async (command) => leases.get(command.lease).deadLetter(await item(command.reason)),
  complete: async (command) => (await queue(command)).complete({ discard: command.discard }),
  async join(command) {
    if (!(await (await queue(command)).join(wait(command)))) throw Object.assign(new Error("timed out"), { timedOut: true });
  },
  clear: async (command) => (await queue(command)).clear(),
  redrive: async (command) => (await queue(command)).redrive(),
  deleteDead: async (command) => (await queue(command)).deleteDead(),
  dead: async (command) => (await (await queue(command)).deadItems()).map((dead) => [dead.item, dead.failures, dead.reason]),
  close: async (command) => (await queue(command)).close(),
  delete: (command) => client.deleteQueue(command.queue),
  list: async () => (await client.queues()).map((info) => info.name),
  info: async (command) => (await queue(command)).info(),
  async reply(command) {
    const [number, replies] = await (await queue(command)).get();
    await (await client.queueAt(replies)).put(number + 1);
  },
  cancel: async (command) => aborts.get(command.of).abort(),
};

await Doing.connect({});
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const say = (answer) => process.stdout.write(`${JSON.stringify({ id: command.id, ...answer })}\n`);
  Promise.resolve()
    .then(() => Doing[command.do](command))
    .then((value) => say({ is: "ok", value: told(value) ?? null }))
    .catch((error) => say({ is: error.timedOut ? "timed out" : outcome(error), text: String(error?.stack ?? error) }));
}
