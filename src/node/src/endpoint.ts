/** Where a broker is, and the socket to it. */
import { createHash } from "node:crypto";
import { connect as connectSocket, type Socket } from "node:net";
import { userInfo } from "node:os";
import * as path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { BrokerUnavailableError } from "./errors.js";

export const EndpointVariable = "QUEUEIPC_ENDPOINT";
export const DefaultName = "default";
const PathBytesMax = process.platform === "linux" ? 103 : 99;
const PauseFirst = 1;
const PauseMax = 50;

/** The endpoint of a broker that is named by its endpoint, its name, or not at all (then by the environment). */
export function endpointOf(broker?: string): string {
  const given = broker ?? (process.env[EndpointVariable] || DefaultName);
  if (given.startsWith("\\\\.\\pipe\\") || path.isAbsolute(given)) return given;
  if (given === "" || given.includes("/") || given.includes("\0")) {
    throw new TypeError(`'${given}' is neither a broker's name nor an endpoint.`);
  }
  if (process.platform === "win32") return `\\\\.\\pipe\\queueipc-${userInfo().username}-${given}`;
  const endpoint = path.join(directory(), `${given}.sock`);
  if (Buffer.byteLength(endpoint) <= PathBytesMax) return endpoint;
  return path.join(directory(), `${createHash("sha256").update(given).digest("hex").slice(0, 16)}.sock`);
}

/** Whether it is that of a broker without a name, whose place nobody takes when it has gone. */
export function isUnnamed(endpoint: string): boolean {
  return /b-[0-9a-f]{32}(\.sock)?$/.test(endpoint);
}

function directory(): string {
  const runtime = process.env.XDG_RUNTIME_DIR ?? "";
  return path.isAbsolute(runtime) ? path.join(runtime, "queueipc") : path.join(process.env.TMPDIR || "/tmp", `queueipc-${process.getuid?.()}`);
}

/** Connects, trying again for so many milliseconds while nobody is there. */
export async function openSocket(endpoint: string, timeout: number, isOver = (): boolean => false): Promise<Socket> {
  const deadline = performance.now() + timeout;
  for (let wait = PauseFirst; ; wait = Math.min(wait * 2, PauseMax)) {
    try {
      return await tryOnce(endpoint);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EACCES" || code === "EPERM") {
        throw new BrokerUnavailableError(`The broker at ${endpoint} belongs to another user: it serves its own user only.`, { cause: error });
      }
      if (!["ENOENT", "ECONNREFUSED", "EAGAIN", "EBUSY"].includes(code ?? "") || performance.now() + wait >= deadline || isOver()) {
        throw new BrokerUnavailableError(
          `No broker listens at ${endpoint} (${code}). Start one there ('queueipc serve'), or say where it is: its name or endpoint, ` +
            `or ${EndpointVariable} in the environment.`,
          { cause: error },
        );
      }
      // There is nothing to wait on: the system does not tell when somebody begins to listen.
      await pause(wait);
    }
  }
}

function tryOnce(endpoint: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(endpoint);
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

