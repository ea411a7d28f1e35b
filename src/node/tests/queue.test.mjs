import assert from "node:assert/strict";
import { test } from "node:test";
import { BrokerUnavailableError, ItemSerializationError, ItemTooLargeError, LeaseLostError, QueueCompletedError, QueueEmptyError, QueueFullError, connect } from "../dist/esm/index.js";
import { Long, eventually, fixture, range } from "./support.mjs";

const f = fixture();

test("put and get keep their order", async () => {
  await Promise.all(range(100).map((i) => f.queue.put(i)));
  assert.equal(await f.queue.count(), 100);
  for (const i of range(100)) assert.equal(await f.queue.get(), i);
});

test("a get waits for a put, and a timeout is never early", async () => {
  const waiting = f.queue.get({ timeout: Long });
  await f.queue.put("late");
  assert.equal(await waiting, "late");
  const begun = performance.now();
  await assert.rejects(f.queue.get({ timeout: 200 }), QueueEmptyError);
  assert.ok(performance.now() - begun >= 200);
  await assert.rejects(f.queue.get({ timeout: 0 }), { code: "QUEUE_EMPTY" });
});

test("a timeout that is none is refused", async () => {
  for (const timeout of [-1, NaN]) await assert.rejects(f.queue.get({ timeout }), RangeError);
});

test("a full queue says so, and a get makes room", async () => {
  const queue = await f.client.queue(`${f.name}-2`, { capacity: 1 });
  await queue.put(1);
  await assert.rejects(queue.put(2, { timeout: 0 }), QueueFullError);
  const waiting = queue.put(2);
  assert.equal(await queue.get(), 1);
  await waiting;
  await assert.rejects(queue.putMany([3, 4], { timeout: 0 }), { code: "QUEUE_FULL", accepted: 0 });
  await f.client.deleteQueue(queue.name);
});

test("an abort takes nothing, and rejects with its reason", async () => {
  const controller = new AbortController();
  const waiting = f.queue.get({ signal: controller.signal });
  await eventually(async () => (await f.queue.info()).waitingGets === 1);
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, { message: "enough" });
  await assert.rejects(f.queue.get({ signal: controller.signal }), { message: "enough" });
  await f.queue.put(1);
  assert.equal(await f.queue.get({ timeout: Long }), 1);
});

test("putMany and for await, in order, to the end", async () => {
  const sent = f.queue.putMany(range(50_000)).then(() => f.queue.complete());
  const got = [];
  for await (const item of f.queue) got.push(item);
  await sent;
  assert.deepEqual(got, range(50_000));
});

test("putMany takes an asynchronous iterable", async () => {
  async function* items() {
    yield* range(1000);
  }
  assert.equal(await f.queue.putMany(items()), 1000);
  assert.equal((await f.queue.getMany(2000)).length, 1000);
});

test("a loop that is left gives back what it was not handed", async () => {
  await f.queue.putMany(range(1000));
  for await (const item of f.queue) if (item === 9) break;
  assert.deepEqual(await f.queue.getMany(2000), range(1000).slice(10));
});

test("an item in a slow consumer's hand is confirmed meanwhile", async () => {
  await f.queue.putMany([1, 2, 3]);
  for await (const item of f.queue) {
    if (item === 3) {
      assert.ok(await f.queue.join({ timeout: Long }));
      break;
    }
  }
});

test("two loops share", async () => {
  await f.queue.putMany(range(20_000));
  await f.queue.complete();
  const read = async (got = []) => {
    for await (const item of f.queue) got.push(item);
    return got;
  };
  const [first, second] = await Promise.all([read(), read()]);
  assert.deepEqual([...first, ...second].sort((a, b) => a - b), range(20_000));
});

test("leases: ack, nack, release, dead letter", async () => {
  await f.queue.put("work");
  await (await f.queue.lease()).release();
  const second = await f.queue.lease({ timeout: Long });
  assert.equal(second.failures, 0);
  await second.nack({ delay: 10 });
  const third = await f.queue.lease({ timeout: Long });
  assert.equal(third.failures, 1);
  await third.ack();
  await assert.rejects(third.ack(), LeaseLostError);
  assert.ok(await f.queue.join({ timeout: Long }));
  await f.queue.put({ n: 1 });
  await (await f.queue.lease()).deadLetter("on purpose");
  assert.deepEqual((await f.queue.deadItems()).map(({ item, reason }) => [item, reason]), [[{ n: 1 }, "on purpose"]]);
  assert.equal(await f.queue.redrive(), 1);
});

test("an item dies of its last reason, and single ones are redriven and deleted", async () => {
  const queue = await f.client.queue(`${f.name}-dead`, { maxFailures: 1 });
  await queue.putMany(["a", "b", "c"]);
  for (let i = 0; i < 3; i++) await (await queue.lease()).nack({ reason: "disk full" });
  const dead = await queue.deadItems();
  assert.deepEqual(dead.map(({ item, reason }) => [item, reason]), [["a", "disk full"], ["b", "disk full"], ["c", "disk full"]]);
  assert.ok(Math.abs(dead[0].diedAt - Date.now()) < 60_000);
  assert.equal(await queue.redrive([dead[1].sequence, 12345]), 1);
  assert.equal(await queue.get(), "b");
  assert.equal(await queue.deleteDead([dead[0].sequence]), 1);
  assert.deepEqual((await queue.deadItems()).map(({ item }) => item), ["c"]);
  await f.client.deleteQueue(queue.name);
});

test("a lease extends itself, and comes back when its connection ends", async () => {
  const name = `${f.name}-short`;
  const queue = await f.client.queue(name, { leaseTime: 200 });
  await queue.put(1);
  const lease = await queue.lease();
  await assert.rejects(queue.get({ timeout: 700 }), QueueEmptyError);
  await lease.ack();
  const other = await connect();
  await queue.put(2);
  await (await other.queue(name)).lease();
  await other.close();
  assert.equal(await queue.get({ timeout: Long }), 2);
  await f.client.deleteQueue(name);
});

test("leases end with the queue", async () => {
  await f.queue.putMany(range(3));
  await f.queue.complete();
  const done = [];
  for await (const lease of f.queue.leases()) {
    done.push(lease.item);
    await lease.ack();
  }
  assert.deepEqual(done, range(3));
});

test("complete drains, and then says so; a deleted queue says that", async () => {
  await f.queue.put(1);
  await f.queue.complete();
  await assert.rejects(f.queue.put(2), QueueCompletedError);
  assert.equal(await f.queue.get(), 1);
  await assert.rejects(f.queue.get(), /was completed/);
  await f.client.deleteQueue(f.name);
  await assert.rejects(f.queue.get(), /was deleted/);
  assert.equal(await f.client.deleteQueue(f.name), false);
});

test("items that cannot be read are dead with their bytes", async () => {
  await f.queue.putMany([1, "two", 3]);
  const numbers = await f.client.queue(f.name, {
    read: (value) => {
      if (typeof value !== "number") throw new TypeError(`${value} is no number`);
      return value;
    },
  });
  assert.deepEqual(await numbers.getMany(10), [1]);
  await assert.rejects(numbers.get(), (error) => error instanceof ItemSerializationError && error.data.equals(Buffer.from("\xa3two", "latin1")));
  assert.equal(await numbers.get(), 3);
  assert.deepEqual((await f.queue.deadItems()).map((dead) => dead.item), ["two"]);
  await f.queue.redrive();
  await f.queue.put(4);
  await assert.rejects(async () => { for await (const _ of numbers); }, /two is no number/);
  assert.equal(await numbers.get(), 4);
});

test("large items, and ones that are too large", async () => {
  const item = Buffer.alloc(16 * 1024 * 1024 - 16, 1);
  await f.queue.put(item);
  assert.ok(item.equals(await f.queue.get()));
  await assert.rejects(f.queue.put(Buffer.alloc(item.length + 64)), ItemTooLargeError);
  await f.queue.put("goes on");
  assert.equal(await f.queue.peek(), "goes on");
});

test("a queue inside an item can be answered to", async () => {
  const replies = await f.client.queue();
  await f.queue.put({ number: 7, replies });
  const request = await f.queue.get();
  await (await f.client.queueAt(request.replies)).put(request.number ** 2);
  assert.equal(await replies.get({ timeout: Long }), 49);
});

test("a closed client and a closed queue say so", async () => {
  const other = await connect();
  const queue = await other.queue(f.name);
  queue.close();
  await assert.rejects(queue.get(), /is closed/);
  await other.close();
  await assert.rejects(other.queues(), BrokerUnavailableError);
});

test("a loop that is busy with one item gives back what it has read ahead", async () => {
  const other = await connect();
  const queue = await other.queue(f.name);
  const got = [];
  let busy, goOn;
  const isBusy = new Promise((resolve) => (busy = resolve));
  const free = new Promise((resolve) => (goOn = resolve));
  for (const i of range(300)) await f.queue.put(i);
  const reading = (async () => {
    for await (const item of f.queue) {
      got.push(item);
      if (item === 150) {
        busy();
        await free;
      }
    }
  })();
  await isBusy;
  const rest = [];
  for (let left = 149; left > 0; left--) rest.push(await queue.get({ timeout: Long }));
  await queue.complete();
  goOn();
  await reading;
  assert.deepEqual([...got, ...rest].sort((a, b) => a - b), range(300));
  await other.close();
});
