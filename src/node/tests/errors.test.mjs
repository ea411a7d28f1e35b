import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { BrokerUnavailableError, connect, fromEnvironment } from "../dist/esm/index.js";
import { endpointOf } from "../dist/esm/endpoint.js";
import { Long } from "./support.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "queueipc-"));
after(() => rmSync(folder, { recursive: true }));

/** Something that answers the first bytes with these, and closes when more come. */
async function serve(name, answer) {
  const endpoint = path.join(folder, name);
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write(answer);
      socket.once("data", () => socket.destroy());
    });
  }).unref();
  await new Promise((resolve) => server.listen(endpoint, resolve));
  return endpoint;
}

function frame(op, request, body) {
  const header = Buffer.alloc(20);
  header.writeUInt32LE(body.length);
  header[4] = op;
  header.writeUInt32LE(request, 12);
  return Buffer.concat([header, body]);
}

test("a broker that is not there", async () => {
  await assert.rejects(connect(path.join(folder, "nobody"), { timeout: 50 }), /No broker listens at .*queueipc serve/);
});

test("a broker of another version", async () => {
  const text = Buffer.from("This broker speaks version 9.");
  const endpoint = await serve("version", frame(255, 0, Buffer.concat([Buffer.from([101, 0, text.length, 0]), text])));
  await assert.rejects(connect(endpoint), /version 9\. \(BadVersion\)/);
});

for (const [name, answer] of [["http", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")], ["zeros", Buffer.alloc(40)], ["huge", (() => { const b = frame(128, 1, Buffer.alloc(0)); b.writeUInt32LE(2 ** 31); return b; })()]]) {
  test(`something else listens (${name})`, async () => {
    await assert.rejects(connect(await serve(name, answer)), /speaks another protocol/);
  });
}

for (const reconnectTimeout of [0, 300]) {
  test(`a broker that goes away, and each that comes, ends every call (${reconnectTimeout} ms)`, async () => {
    const welcome = Buffer.alloc(30);
    welcome.writeUInt16LE(1);
    const client = await connect(await serve(`going-${reconnectTimeout}`, frame(128, 1, welcome)), { reconnectTimeout });
    await assert.rejects(client.queue("any"), BrokerUnavailableError);
    await assert.rejects(client.queue("any"), { code: "BROKER_UNAVAILABLE", name: "BrokerUnavailableError" });
  });
}

test("a broker of another user", { skip: process.getuid?.() !== 0 && "only the superuser can be two users" }, async () => {
  process.setegid(65534);
  process.seteuid(65534);
  try {
    await assert.rejects(connect(endpointOf()), { code: "BROKER_UNAVAILABLE", message: /belongs to another user: it serves its own user only/ });
  } finally {
    process.seteuid(0);
    process.setegid(0);
  }
});

test("a name that is none", async () => {
  await assert.rejects(connect("a/b"), TypeError);
});

test("an environment without a parent, and one with", async () => {
  delete process.env.QUEUEIPC_QUEUES;
  await assert.rejects(fromEnvironment(), /not started by WorkerProcess.Start/);
  process.env.QUEUEIPC_QUEUES = JSON.stringify(["from-environment"]);
  const { client, queues } = await fromEnvironment();
  await queues[0].put(5);
  assert.equal(await queues[0].get({ timeout: Long }), 5);
  await client.deleteQueue("from-environment");
  await client.close();
});
