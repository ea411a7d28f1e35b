/** How the items of one queue become bytes, and what they become again. */
import { decode } from "./decode.js";
import { Writer } from "./encode.js";
import { ItemSerializationError } from "./errors.js";

export interface ItemOptions<T> {
  /** The bytes themselves travel, as in .NET's `IpcQueue<byte[]>`. */
  raw?: boolean;
  /** Checks a plain value and makes a T of it; throws where it is none. A schema's `parse` will do. */
  read?: (value: unknown) => T;
}

export class Codec<T> {
  constructor(private readonly options: ItemOptions<T>) {}

  /** Writes an item with its length in front. */
  write(to: Writer, item: T): void {
    to.room(4);
    const at = to.length;
    to.length += 4;
    try {
      if (item === null || item === undefined) {
        to.bytes.writeInt32LE(-1, at);
        return;
      }
      if (!this.options.raw) to.item(item);
      else if (item instanceof Uint8Array) to.raw(item);
      else throw new ItemSerializationError("Nothing was put: this queue is of raw bytes (a Buffer or Uint8Array), and the item is something else.");
    } catch (error) {
      to.length = at;
      throw error;
    }
    to.bytes.writeInt32LE(to.length - at - 4, at);
  }

  read(data: Buffer | null): T {
    if (this.options.raw) return (data === null ? null : Buffer.from(data)) as T;
    let value: unknown = null;
    try {
      value = data === null ? null : decode(data);
      return this.options.read ? this.options.read(value) : (value as T);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ItemSerializationError(`An item cannot be read: ${why}`, data === null ? undefined : Buffer.from(data), { cause: error });
    }
  }
}
