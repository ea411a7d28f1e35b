import { randomUUID } from "node:crypto";
import { after, before, beforeEach, afterEach } from "node:test";
import { connect } from "../dist/esm/index.js";

/** A guard against hanging, not a measure. */
export const Long = 30_000;

if (!process.env.QUEUEIPC_ENDPOINT) throw new Error("Start a broker (queueipc serve), and set QUEUEIPC_ENDPOINT to its endpoint or name.");

/** A client for a file of tests, and a queue of its own for each test. */
export function fixture() {
  const f = { client: undefined, queue: undefined, name: "" };
  before(async () => {
    f.client = await connect();
  });
  after(() => f.client.close());
  beforeEach(async () => {
    f.name = `test-${randomUUID()}`;
    f.queue = await f.client.queue(f.name);
  });
  afterEach(async () => {
    await f.client.deleteQueue(f.name);
  });
  return f;
}

/** Asks until it is so: for what only the broker sees, and tells nobody of. */
export async function eventually(condition) {
  const deadline = performance.now() + Long;
  while (!(await condition())) if (performance.now() > deadline) throw new Error("it did not become so");
}

export function range(count) {
  return Array.from({ length: count }, (_, i) => i);
}
