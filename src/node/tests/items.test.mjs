import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { decode as oracle, encode as oracleEncode } from "@msgpack/msgpack";
import { decode } from "../dist/esm/decode.js";
import { Writer } from "../dist/esm/encode.js";
import { FineDate, ItemSerializationError, items } from "../dist/esm/index.js";

function encode(value) {
  const writer = new Writer();
  writer.item(value);
  return Buffer.from(writer.bytes.subarray(0, writer.length));
}

const alike = [
  null, true, false, 0, 1, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296, Number.MAX_SAFE_INTEGER,
  -1, -32, -33, -128, -129, -32768, -32769, -2147483648, -2147483649, Number.MIN_SAFE_INTEGER,
  1.5, -0, NaN, Infinity, 2 ** 53, 1e300, "", "a", "x".repeat(31), "x".repeat(32), "ü".repeat(200), "数".repeat(30_000), "x".repeat(70_000),
  [], [1, [2]], Array(16).fill(1), Array(70_000).fill(null), {}, { a: 1, b: { c: [] } }, Object.fromEntries(Array(20).fill(0).map((_, i) => [`k${i}`, i])),
  Buffer.from([1, 2]), Buffer.alloc(300), Buffer.alloc(70_000), new Date(0), new Date(1e12 + 1), new Date(-1), new Date(8.64e15), new Map([[1, "a"], ["b", 2]]), new Map([[2n ** 60n, 1]]),
  2n ** 63n, 2n ** 64n - 1n, -(2n ** 63n),
];
for (const [index, value] of alike.entries()) {
  test(`value ${index} (${String(value).slice(0, 30)}) comes back equal`, () => assert.deepEqual(decode(encode(value)), value));
}

test("another implementation reads what we write, and we what it writes", () => {
  for (const value of [null, true, 5, -5, 300, 70_000, 5_000_000_000, -5_000_000_000, 1.5, "text", "x".repeat(300), [1, "a", null], { a: { b: [1] } }, new Date(1e12 + 1)]) {
    assert.deepEqual(oracle(encode(value)), value);
    assert.deepEqual(decode(Buffer.from(oracleEncode(value))), value);
  }
});

test("what is not plain is written as .NET reads it", () => {
  const read = (value) => decode(encode(value));
  assert.deepEqual(read(new Set([1, 2])), [1, 2]);
  assert.deepEqual(read(Float32Array.of(1.5, 2)), [1.5, 2]);
  assert.deepEqual(read(Int32Array.of(-1, 2)), [-1, 2]);
  assert.deepEqual(read(BigInt64Array.of(2n ** 60n)), [2n ** 60n]);
  assert.deepEqual(read(new Uint8Array([1, 2]).buffer), Buffer.from([1, 2]));
  assert.deepEqual(read(new DataView(new Uint8Array([1, 2]).buffer)), Buffer.from([1, 2]));
  assert.deepEqual(read({ a: undefined, b: 1 }), { b: 1 });
  assert.deepEqual(read([1, undefined]), [1, null]);
  assert.equal(read(new URL("http://a/")), "http://a/");
  assert.equal(read(new Number(5)), 5);
  assert.equal(read(5n), 5);
  assert.equal(read("\ud800"), "\ufffd");
  assert.deepEqual(read({ toJSON: () => ({ x: 1 }) }), { x: 1 });
  assert.ok(Object.is(read(-0), -0));
});

for (const [what, value, path] of [
  ["function", { a: [() => 1] }, "item.a[0]"], ["symbol", [Symbol()], "item[0]"], ["bigint beyond 64 bits", { n: 2n ** 64n }, "item.n"], ["invalid date", new Date(NaN), "item"],
  ["error", { e: new Error() }, "item.e"], ["pattern", /a/, "item"], ["promise", Promise.resolve(), "item"], ["map's member", new Map([["k", () => 1]]), "item[k]"],
]) {
  test(`a ${what} cannot be written, and the error names the member`, () => {
    assert.throws(() => encode(value), (error) => error instanceof ItemSerializationError && error.message.includes(`${path} cannot`));
  });
}

test("an item that contains itself cannot be written", () => {
  const item = {};
  item.self = item;
  assert.throws(() => encode(item), /500 levels/);
});

test("after an item that cannot be written nothing of it is left", () => {
  const writer = new Writer();
  writer.item(1);
  assert.throws(() => writer.item([1, () => 1]));
  assert.equal(writer.length, 1);
});

for (const hex of ["", "c1", "a2", "dd7fffffff", "df7fffffff", "0101", "c70501" + "00".repeat(5), "d6ff00", "c70cff" + "00".repeat(4) + "7fffffffffffffff", "91".repeat(600) + "c0"]) {
  test(`bytes ${hex.slice(0, 20)} are an error in words`, () => assert.throws(() => decode(Buffer.from(hex, "hex")), /^Error: .+/));
}

test("a member named __proto__ is a member", () => {
  const value = decode(Buffer.concat([Buffer.from([0x81, 0xa9]), Buffer.from("__proto__"), Buffer.from([0x81, 0xa1, 0x78, 1])]));
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.deepEqual(Object.keys(value), ["__proto__"]);
});

test("a time finer than a millisecond is cut off, and goes back as it was", () => {
  const lastTick = Buffer.from("c70cff3b9ac99c0000003afff4417f", "hex"); // 9999-12-31T23:59:59.9999999
  const date = decode(lastTick);
  assert.ok(date instanceof FineDate && date.toISOString() === "9999-12-31T23:59:59.999Z");
  assert.deepEqual(encode(date), lastTick);
});

test("conversions at their ends", () => {
  assert.equal(items.toTicks(1500), 15_000_000);
  assert.equal(items.fromTicks(15_000_000), 1500);
  assert.equal(items.toTicks(-0.0001), -1);
  assert.equal(items.toTicks(922_337_203_685_477), 9_223_372_036_854_770_000n);
  assert.equal(items.fromTicks(9223372036854775807n), 922337203685477.6);
  assert.equal(items.toDayNumber("0001-01-01"), 0);
  assert.equal(items.toDayNumber("9999-12-31"), 3_652_058);
  assert.equal(items.fromDayNumber(739_947), "2026-11-28");
  for (const bad of ["2026-02-30", "26-1-1", "x"]) assert.throws(() => items.toDayNumber(bad), RangeError);
  assert.equal(items.toTimeTicks("23:59:59.9999999"), 863_999_999_999);
  assert.equal(items.fromTimeTicks(863_999_999_999), "23:59:59.9999999");
  assert.equal(items.fromTimeTicks(items.toTimeTicks("07:05")), "07:05:00");
  assert.throws(() => items.toTimeTicks("24:00:00"), RangeError);
  const instant = new Date("2026-01-01T00:00:00Z");
  assert.deepEqual(items.toDateTimeOffset(instant, 330), [new Date("2026-01-01T05:30:00Z"), 330]);
  assert.deepEqual(items.fromDateTimeOffset(items.toDateTimeOffset(instant, -60)), { instant, offsetMinutes: -60 });
  assert.equal(items.toDecimal("1.50"), "1.50");
  for (const bad of ["1e3", "NaN", "0." + "1".repeat(29), String(2n ** 96n)]) assert.throws(() => items.toDecimal(bad), RangeError);
  for (const n of [0n, 1n, -1n, 127n, 128n, -128n, -129n, 255n, 256n, 2n ** 200n, -(2n ** 200n)]) assert.equal(items.fromBigInteger(items.toBigInteger(n)), n);
  assert.deepEqual(items.toBigInteger(128n), Uint8Array.of(128, 0));
});

test("CommonJS has the same", () => {
  const required = createRequire(import.meta.url)("../dist/cjs/index.js");
  assert.deepEqual(Object.keys(required).sort(), Object.keys({ ...required }).sort());
  assert.equal(typeof required.connect, "function");
});
