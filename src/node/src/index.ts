/** A queue that several processes share, in Node, .NET and Python. */
export { Client, connect, fromEnvironment } from "./client.js";
export type { ItemOptions } from "./codec.js";
export { FineDate } from "./decode.js";
export * from "./errors.js";
export type { DeadItem, QueueInfo } from "./info.js";
export * as items from "./items.js";
export { Lease } from "./lease.js";
export { Queue, type QueueSettings, type WaitOptions } from "./queue.js";
