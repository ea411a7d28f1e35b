/** Items a second, from one process to another: `putMany` and `for await`. `node compare.mjs [rounds]`; a broker has to run. */
import { fork } from "node:child_process";
import { connect } from "../dist/esm/index.js";

const Count = 500_000;

function* numbers() {
  for (let i = 0; i < Count; i++) yield i;
}

if (process.argv[2] === "produce") {
  const client = await connect();
  const queue = await client.queue(process.argv[3]);
  process.send("ready");
  await new Promise((resolve) => process.once("message", resolve));
  await queue.putMany(numbers());
  await queue.complete();
  await client.close();
  process.disconnect();
} else {
  const client = await connect();
  const rates = [];
  for (let round = 0; round < Number(process.argv[2] ?? 3); round++) {
    const queue = await client.queue();
    const producer = fork(new URL(import.meta.url).pathname, ["produce", queue.name]);
    await new Promise((resolve) => producer.once("message", resolve));
    const begun = performance.now();
    producer.send("go");
    let next = 0;
    for await (const item of queue) if (item !== next++) throw new Error(`${item} came instead of ${next - 1}`);
    rates.push((Count / (performance.now() - begun)) * 1000);
  }
  rates.sort((a, b) => a - b);
  const shown = (rate) => Math.round(rate).toLocaleString("en");
  console.log(`putMany, for await: ${shown(rates[rates.length >> 1])} (${shown(rates[0])} to ${shown(rates[rates.length - 1])})`);
  await client.close();
}
