/**
 * For each row, a line of JSON on standard input. With `read` and `write`: reads an item plainly and converts it, puts both back, and says what it saw.
 * With a value: puts it, and says so if it cannot.
 */
import { createInterface } from "node:readline";
import { inspect } from "node:util";
import { connect, items } from "../../src/node/dist/esm/index.js";

const client = await connect();
const shown = (value) => inspect(value, { breakLength: Infinity, depth: 5 });
for await (const line of createInterface({ input: process.stdin })) {
  const row = JSON.parse(line);
  const evaluate = (text) => new Function("items", "value", `return ${text};`);
  const queue = await client.queue(row.queue);
  if (row.value !== undefined) {
    const said = await queue.put(evaluate(row.value)(items)).then(() => "put", (error) => (error.code === "ITEM_SERIALIZATION" ? "refused" : String(error)));
    process.stdout.write(`${JSON.stringify([said])}\n`);
    continue;
  }
  const value = await queue.get();
  const converted = evaluate(row.read)(items, value);
  await (await client.queue(`${row.queue}-plain`)).put(value);
  await (await client.queue(`${row.queue}-typed`)).put(evaluate(row.write)(items, converted));
  process.stdout.write(`${JSON.stringify([shown(value), shown(converted)])}\n`);
}
await client.close();
