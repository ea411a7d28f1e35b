/** A worker ends no later than the parent that started it. */
import { Link } from "./link.js";
import { Queue } from "./queue.js";

export const ParentVariable = "QUEUEIPC_PARENT";
const ParentGoneExitCode = 129;
const ConnectMs = 10_000;
const LastWordsMs = 2_000;
let following = false;

/** From now on this process ends when its parent does, or says so. Further calls do nothing. It does not keep the process from ending by itself. */
export function followParent(): void {
  const parent = process.env[ParentVariable];
  if (!parent || following) return;
  following = true;
  const [endpoint, name] = parent.split("\n");
  void word(endpoint, name).then(() => {
    setTimeout(() => process.exit(ParentGoneExitCode), LastWordsMs).unref();
    process.kill(process.pid, "SIGTERM");
  });
}

/** Resolves when the parent has said something, or is not to be heard of any more. */
async function word(endpoint: string, name: string): Promise<void> {
  try {
    const link = await Link.open(endpoint, ConnectMs, 0);
    const queue = await Queue.open(link, name, { raw: true });
    const waiting = queue.get();
    link.connection.keepsNobody();
    await waiting;
  } catch {
    // Whatever ended this, it is the parent's end.
  }
}
