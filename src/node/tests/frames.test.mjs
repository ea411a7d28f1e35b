/** The frames of the protocol's document, through this client's own functions: see tests/conformance. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readDead, readInfos } from "../dist/esm/info.js";
import { BodyReader, Op, bool, frame, i32, i64, readItems, readNumber, readRefusal, reason, text, tokens } from "../dist/esm/wire.js";

const frames = JSON.parse(readFileSync(new URL("../../../tests/conformance/frames.json", import.meta.url), "utf8"));

function u16(value) {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u64(value) {
  return i64(BigInt.asIntN(64, BigInt(value)));
}

function items(values) {
  const parts = [];
  for (let at = 0; at < values.length; ) {
    const length = values[at++];
    parts.push(i32(length));
    if (length > 0) parts.push(Buffer.from(values[at++], "hex"));
  }
  return parts;
}

const Build = {
  Hello: (magic, version, pid) => [Buffer.from(magic, "hex"), u16(version), i32(pid)],
  Open: (name, given, ...s) => [text(name), bool(given === 1), ...(given ? [i32(s[0]), i64(s[1]), i64(s[2]), i32(s[3])] : [])],
  Delete: (name) => [text(name)],
  Put: (wait, count, ...rest) => [i64(wait), i32(count), ...items(rest)],
  Get: (wait, count) => [i64(wait), i32(count)],
  Join: (wait) => [i64(wait)],
  Subscribe: (window, bytes) => [i32(window), i64(bytes)],
  Advance: (confirmed, window) => [u64(confirmed), i32(window)],
  RejectNext: (why) => [reason(why)],
  Ack: (count, ...values) => [tokens(values.map(BigInt))],
  Release: (count, ...values) => [tokens(values.map(BigInt))],
  Nack: (delay, count, ...values) => [i64(delay), tokens(values.map(BigInt))],
  Extend: (time, count, ...values) => [i64(time), tokens(values.map(BigInt))],
  DeadLetter: (why, count, ...values) => [reason(why), tokens(values.map(BigInt))],
  Peek: (count) => [i32(count)],
  GetDead: (count) => [i32(count)],
  Complete: (discard) => [bool(discard === 1)],
};

const told = (data) => (data === null ? [-1] : data.length === 0 ? [0] : [data.length, data.toString("hex")]);

const Read = {
  Opened(body) {
    const reader = new BodyReader(body);
    return [reader.text(), reader.i32(), reader.i64(), reader.i64(), reader.i32()];
  },
  Items(body, flags) {
    const found = [...readItems(flags, body)];
    return [found.length, ...found.flatMap((each) => [...(flags ? [Number(each.token), each.failures] : []), ...told(each.data)])];
  },
  DeadItems(body) {
    const found = readDead(body, (data) => data);
    return [found.length, ...found.flatMap((dead) => [dead.sequence, dead.failures, Math.round(dead.age * 1000), dead.reason, ...told(dead.data)])];
  },
  QueueInfos(body) {
    const found = readInfos(body);
    return [found.length, ...found.flatMap((info) => [
      info.name, info.capacity, info.ready, info.leased, info.delayed, info.dead, info.bytes, info.waitingGets, info.waitingPuts,
      Math.round(info.oldestAge * 1000), info.totalPut, info.totalTaken, info.isCompleted ? 2 : info.isDraining ? 1 : 0,
    ])];
  },
  Refused: (body) => Object.values(readRefusal(body)),
  Error: (body) => Object.values(readRefusal(body)),
};

for (const { from, op, flags, queue, request, values, bytes } of frames) {
  test(`${op} ${request} is written and read as in the document`, () => {
    const data = Buffer.from(bytes, "hex");
    const plain = values.map((value) => value.value);
    if (from.startsWith("client")) {
      const number = op === "Connections" ? 7 : Op[op];
      assert.equal(frame(number, flags, queue, request, ...(Build[op]?.(...plain) ?? [])).toString("hex"), bytes);
      return;
    }
    assert.equal(data[4], Op[op]);
    const body = data.subarray(20);
    if (Read[op]) assert.deepEqual(Read[op](body, flags), plain);
    else if (values.length === 1) assert.deepEqual([readNumber(body)], plain);
    else assert.ok(["Welcome", "ConnectionInfos"].includes(op)); // the first is read with the greeting, the second by no client of this kind
  });
}

test("an item with a note is read without it", () => {
  const noted = Buffer.from("210000400102030119000AF7651916CD43DD8448EB211C80319CB7AD6B7169203331011C00", "hex");
  const [item] = readItems(0, Buffer.concat([i32(1), noted]));
  assert.deepEqual(item.data, Buffer.from([1, 2, 3]));
});
