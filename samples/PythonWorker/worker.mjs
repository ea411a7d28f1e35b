/** Counts the words of the files that it is told, until there are no more. */
import { readFile } from "node:fs/promises";
import { fromEnvironment } from "queueipc";

const { client, queues: [jobs, progress] } = await fromEnvironment();
for await (const job of jobs.leases()) {
  const told = { Worker: `Node ${process.pid}`, File: job.item };
  await progress.put(told);
  const text = await readFile(job.item, "utf8");
  await progress.put({ ...told, Words: text.split(/\s+/).filter(Boolean).length });
  await job.ack(); // until here the file goes to another worker if this process dies
}
await client.close();
