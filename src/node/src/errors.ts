/** What can go wrong. Each class has a `code` of its own, which stays the same when the text changes. */
export class QueueIpcError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Nothing was there for all the time of the timeout. */
export class QueueEmptyError extends QueueIpcError {
  constructor(queue: string) {
    super("QUEUE_EMPTY", `Queue '${queue}' is empty.`);
  }
}

/** There was no room for all the time of the timeout. `accepted` items of a `putMany` went in before. */
export class QueueFullError extends QueueIpcError {
  accepted = 0;
  constructor(queue: string) {
    super("QUEUE_FULL", `Queue '${queue}' is full.`);
  }
}

/** The queue takes no more (put), or has nothing left (get): it was completed, or deleted. */
export class QueueCompletedError extends QueueIpcError {
  accepted = 0;
  constructor(message: string) {
    super("QUEUE_COMPLETED", message);
  }
}

/** The broker could not be reached, or went away. A put says whether its item may have been accepted. */
export class BrokerUnavailableError extends QueueIpcError {
  constructor(message: string, options?: ErrorOptions) {
    super("BROKER_UNAVAILABLE", message, options);
  }
}

/** @internal The connection has ended. Where the broker may come back, nobody outside sees this. */
export class ConnectionLostError extends BrokerUnavailableError {
  constructor(
    message: string,
    readonly mayReturn: boolean,
  ) {
    super(message);
    this.name = "BrokerUnavailableError";
  }
}

/** The broker refused one request; the connection goes on. `reason` is the protocol's number. */
export class RequestRefusedError extends QueueIpcError {
  constructor(
    readonly reason: number,
    message: string,
  ) {
    super("REQUEST_REFUSED", message);
  }
}

/** The item can never fit: waiting cannot help. */
export class ItemTooLargeError extends QueueIpcError {
  constructor(message: string) {
    super("ITEM_TOO_LARGE", message);
  }
}

/**
 * At a put: the item cannot be written; the text names the member, and nothing was put.
 * At a get: it is not what this reader expects. It is with the queue's dead items, and `data` are its bytes.
 */
export class ItemSerializationError extends QueueIpcError {
  constructor(
    message: string,
    readonly data?: Buffer,
    options?: ErrorOptions,
  ) {
    super("ITEM_SERIALIZATION", message, options);
  }
}

/** The verdict came too late and changed nothing: somebody else may have the item. */
export class LeaseLostError extends QueueIpcError {
  constructor(message: string) {
    super("LEASE_LOST", message);
  }
}
