/** The frames of the protocol's document, through this client's own functions: see tests/conformance. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readDead, readInfos } from "../dist/esm/info.js";
import { BodyReader, Op, bool, frame, i32, i64, nack, readItems, readNumber, readRefusal, reason, settings, text, these, tokens } from "../dist/esm/wire.js";

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
  Open: (name, given, ...s) => [text(name), given ? settings(...s.slice(0, 4), s.length > 4 ? 2 : 1, s[4] === 1, s[5]) : bool(false)],
  Redrive: (some, count, ...sequences) => (some === undefined ? [] : [these(some ? sequences : undefined, 2)]),
  Delete: (name) => [text(name)],
  Put: (wait, count, ...rest) => [i64(wait), i32(count), ...items(rest)],
  NumberedPut: (wait, number, oldest, age, count, ...rest) => [i64(wait), i64(number), i64(oldest), i64(age), i32(count), ...items(rest)],
  IsGone: (sequence) => [i64(sequence)],
  Get: (wait, count) => [i64(wait), i32(count)],
  Join: (wait) => [i64(wait)],
  Subscribe: (window, bytes) => [i32(window), i64(bytes)],
  Advance: (confirmed, window) => [u64(confirmed), i32(window)],
  Return: (confirmed, last) => [u64(confirmed), u64(last)],
  RejectNext: (why) => [reason(why)],
  Ack: (count, ...values) => [tokens(values.map(BigInt))],
  Release: (count, ...values) => [tokens(values.map(BigInt))],
  Nack: (delay, ...rest) => (typeof rest[0] === "string" ? [nack(delay, rest[0], rest.slice(2).map(BigInt), 2)] : [nack(delay, "", rest.slice(1).map(BigInt), 1)]),
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
  Items(body, flags, version) {
    const found = [...readItems(flags, body, version)];
    const head = (each) => [Number(each.token), each.failures, each.sequence].slice(0, version + 1);
    return [found.length, ...found.flatMap((each) => [...(flags ? head(each) : []), ...told(each.data)])];
  },
  DeadItems(body, flags, version) {
    const found = readDead(body, version, (data) => data);
    const died = (dead) => (dead.diedAt ? [dead.diedAt.getTime() * 1000] : []);
    const inAll = version > 1 ? [body.readInt32LE(body.length - 4)] : []; // the client leaves it where it is
    return [found.length, ...found.flatMap((dead) => [dead.sequence, dead.failures, Math.round(dead.age * 1000), ...died(dead), dead.reason, ...told(dead.data)]), ...inAll];
  },
  QueueInfos(body, flags, version) {
    const found = readInfos(body, version);
    return [found.length, ...found.flatMap((info) => [
      info.name, info.capacity, info.ready, info.leased, info.delayed, info.dead, info.bytes, info.waitingGets, info.waitingPuts,
      Math.round(info.oldestAge * 1000), info.totalPut, info.totalTaken, info.isCompleted ? 2 : info.isDraining ? 1 : 0, ...(version > 1 ? [info.label, info.isDurable ? 1 : 0] : []),
    ])];
  },
  Refused: (body) => Object.values(readRefusal(body)),
  Error: (body) => Object.values(readRefusal(body)),
};

const NotOurs = ["Connections", "ConnectionInfos", "Update", "GetHeld", "HeldItems"]; // for those who watch and administer

for (const { version, from, op, flags, queue, request, values, bytes } of frames) {
  if (NotOurs.includes(op)) continue;
  test(`${op} ${request} is written and read as in the document`, () => {
    const data = Buffer.from(bytes, "hex");
    const plain = values.map((value) => value.value);
    if (from.startsWith("client")) {
      assert.equal(frame(Op[op], flags, queue, request, ...(Build[op === "Put" && flags !== 0 ? "NumberedPut" : op]?.(...plain) ?? [])).toString("hex"), bytes);
      return;
    }
    assert.equal(data[4], Op[op]);
    const body = data.subarray(20);
    if (Read[op]) assert.deepEqual(Read[op](body, flags, version), plain);
    else if (values.length === 1) assert.deepEqual([readNumber(body)], plain);
    else assert.equal(op, "Welcome"); // which is read with the greeting
  });
}

test("an item with a note is read without it", () => {
  const noted = Buffer.from("210000400102030119000AF7651916CD43DD8448EB211C80319CB7AD6B7169203331011C00", "hex");
  const [item] = readItems(0, Buffer.concat([i32(1), noted]), 1);
  assert.deepEqual(item.data, Buffer.from([1, 2, 3]));
});
