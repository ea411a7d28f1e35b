"""The queue, by the names that `queue.Queue` and `multiprocessing.Queue` have given its methods."""

from __future__ import annotations

import time
from typing import Any, Callable, Generic, Iterable, Iterator, Optional, TypeVar

from . import _wire as wire
from ._asyncio import AsyncForms, wait_us
from ._attachment import Attachment, Use
from ._client import Client, shared_client
from ._codec import add_form, codec_for
from ._connection import Call, Connection
from ._errors import BrokerUnavailable, ConnectionLost, Empty, Full, ItemTooLarge, ItemUnreadable, RequestRefused, ShutDown
from ._info import DeadItem, QueueInfo, infos
from ._lease import Lease
from ._outbox import Put
from ._puts import Puts
from ._shapes import Mismatch
from ._stream import Stream

T = TypeVar("T")
_GET_WAITS_FOR_EVER = wire.get(-1, 1)


class Queue(AsyncForms[T], Generic[T]):
    """A queue that several processes share. Without a name it is a new one, on the broker of QUEUEIPC_ENDPOINT or 'default', that lives as long as this process's connection.

    `type` says what an item becomes when it is read: nothing in particular (plain values), a dataclass, `list[int]`, … `bytes` is special: the
    bytes themselves travel, as in .NET's `IpcQueue<byte[]>`. Settings (`maxsize`, `max_bytes`, `lease_time` in seconds, 0 for ever, `max_failures`)
    are those of a new queue; one that exists with others raises `ValueError`. A `transient` one lives in the broker's memory, even if the broker keeps others on disk. None of them given: an existing queue is taken as it is.
    Thread-safe, safe after `fork`, and picklable.
    """

    def __init__(
        self,
        maxsize: Optional[int] = None,
        *,
        name: str = "",
        type: Any = Any,
        client: Optional[Client] = None,
        max_bytes: Optional[int] = None,
        lease_time: Optional[float] = None,
        max_failures: Optional[int] = None,
        transient: bool = False,
    ) -> None:
        self._client = client or shared_client()
        self._type = type
        self._codec = codec_for(type)
        self._closed = False
        self._at: Optional[Attachment] = None
        self._transient = transient
        given = (maxsize, max_bytes, lease_time, max_failures, transient or None)
        self._settings: Optional[tuple[int, int, int, int]] = None
        if any(value is not None for value in given):
            lease_us = 30_000_000 if lease_time is None else int(lease_time * 1_000_000)
            self._settings = (max(maxsize or 0, 0), max_bytes or 0, lease_us, 5 if max_failures is None else max_failures)
        self.name, self.maxsize, self.max_bytes, self.lease_time, self.max_failures = name, 0, 0, 0.0, 0
        while self._at is None:
            connection = self._client.connection()
            try:
                self._at = self._open(connection)
            except ConnectionLost:
                pass  # the next round waits for the broker, or says that it does not come back

    # Putting

    def put(self, item: T, block: bool = True, timeout: Optional[float] = None) -> None:
        """Puts an item; when this returns, the broker owns it. Waits for room, at most `timeout` seconds; then raises `Full`.

        Raises `ShutDown` if the queue takes no more, `ItemUnwritable` and `ItemTooLarge` if nothing was put because of the item.
        """
        wait = wait_us(block, timeout)
        items, deadline = wire.item(self._codec.pack(item)), None if wait < 0 else time.monotonic() + wait / 1e6
        with self._use(wait, self._not_put) as at:
            call = self._finish_put(at, self._begin_put(at, items, 1, deadline))
        if call.op != wire.DONE:
            self._check_put(call)

    def put_nowait(self, item: T) -> None:
        """`put(item, block=False)`."""
        self.put(item, False)

    def put_many(self, items: Iterable[T], timeout: Optional[float] = None) -> int:
        """The fast way to put many, in order. Returns how many there were, when the broker owns them all. An error has `accepted`: how many went in before it."""
        deadline = None if timeout is None else time.monotonic() + timeout
        batch: list[bytes] = []
        size, pack, pack_item = 0, self._codec.pack, wire.item
        with self._use(wait_us(True, timeout), self._not_put) as at, Puts(self, at, self._check_put, deadline) as puts:
            for item in items:
                data = pack_item(pack(item))
                batch.append(data)
                size += len(data)
                if size >= wire.BATCH_BYTES:
                    puts.send(batch)
                    batch, size = [], 0
            if batch:
                puts.send(batch)
        return puts.accepted

    def _begin_put(self, at: Use, items: bytes, count: int, deadline: Optional[float], notify: Optional[Callable[[], None]] = None) -> Put:
        outbox, put = self._client._outbox, Put(self, items, count, deadline, notify)
        while True:
            with outbox.order:
                if at.connection is self._client._connection:
                    outbox.send(put, at.at, self._client.comes_again(self.name, at.connection))
                    return put
            at.come_back()  # the broker was away meanwhile, and is back

    def _finish_put(self, at: Use, put: Put) -> Call:
        """The answer to a put, whichever broker gave it."""
        try:
            while True:
                connection, call = put.sent
                try:
                    return connection.finish(call, put.wait_us)
                except ConnectionLost:
                    if not put.number:
                        raise
                    at.come_back(is_under_way=True)
                    if put.sent[0] is connection:
                        raise
        except BrokerUnavailable as error:
            raise self._put_unknown(put, error) from None
        except RequestRefused as refusal:
            raise self._refused(refusal) from None
        finally:
            self._client._outbox.forget(put)

    def _put_unknown(self, put: Put, error: BrokerUnavailable) -> BrokerUnavailable:
        known = "was not put" if put.first_sent is None else "may have been accepted, or not"
        return BrokerUnavailable(f"{error} What was to be put to queue '{self.name}' {known}.")

    def _not_put(self) -> Exception:
        return BrokerUnavailable(f"The broker at {self._client.endpoint} is away, and has not come back in the time of this call. Nothing was put to queue '{self.name}'.")

    def _check_put(self, call: Call) -> int:
        accepted = wire.read_number(call.body)
        if call.op == wire.DONE:
            return accepted
        error: Exception
        if call.op == wire.FULL:
            error = Full(f"Queue '{self.name}' is full.")
        elif call.op == wire.NEVER_FITS:
            error = ItemTooLarge(f"The item is larger than all that queue '{self.name}' may hold ({self.max_bytes} bytes).")
        else:
            error = self._ended(call)
        error.accepted = accepted  # type: ignore[attr-defined]
        raise error

    # Getting

    def get(self, block: bool = True, timeout: Optional[float] = None) -> T:
        """The next item. Waits for one, at most `timeout` seconds; then raises `Empty`. Raises `ShutDown` when the queue was shut down and is drained.

        An item that cannot be read raises `ItemUnreadable` with its bytes, and is put with the dead items; the next call gets the next one.
        """
        wait = wait_us(block, timeout)
        with self._use(wait, self._nothing_there) as at:
            call = self._get(at, 0, _GET_WAITS_FOR_EVER if wait < 0 else wire.get(wait, 1), wait)
            return self._receive(at, next(at.connection.read_items(call.flags, call.body)))

    def get_nowait(self) -> T:
        """`get(block=False)`."""
        return self.get(False)

    def get_many(self, max: int, timeout: Optional[float] = None) -> list[T]:
        """From one to `max` items, as soon as there is one; an empty list after `timeout` seconds."""
        wait = wait_us(True, timeout)
        try:
            with self._use(wait, self._nothing_there) as at:
                call = self._get(at, 0, wire.get(wait, max), wait)
                return self._receive_many(at, list(at.connection.read_items(call.flags, call.body)))
        except Empty:
            return []

    def __iter__(self) -> Iterator[T]:
        """The fast way to get many: reads ahead, and ends when the queue is shut down and drained. What was not handed over goes back when the loop ends."""
        with self._use() as at:
            while True:
                try:
                    stream = Stream(self, at.at)
                    try:
                        yield from stream
                        return
                    finally:
                        stream.stop()
                except ConnectionLost:
                    at.come_back()

    def lease(self, block: bool = True, timeout: Optional[float] = None) -> Lease[T]:
        """Like `get`, but the item comes back if this process, or the `with` block, fails: `with q.lease() as job: … job.item`."""
        wait = wait_us(block, timeout)
        with self._use(wait, self._nothing_there) as at:
            return self._leased(at, self._get(at, wire.LEASE, wire.get(wait, 1), wait))

    def leases(self) -> Iterator[Lease[T]]:
        """One lease after the other, until the queue is shut down and drained."""
        while True:
            try:
                lease = self.lease()
            except ShutDown:
                return
            yield lease

    def peek(self) -> T:
        """The first item, which stays where it is. Raises `Empty`."""
        with self._use() as at:
            call = at.ask(wire.PEEK, 0, wire.at_most(1))
        if call.op == wire.EMPTY:
            raise self._nothing_there()
        return self._codec.unpack(next(at.connection.read_items(call.flags, call.body)).data)

    def _nothing_there(self) -> Exception:
        return Empty(f"Queue '{self.name}' is empty.")

    def _get(self, at: Use, flags: int, body: bytes, wait: int) -> Call:
        try:
            return self._check_get(at.ask(wire.GET, flags, body, wait))
        except RequestRefused as refusal:
            raise self._refused(refusal) from None

    def _check_get(self, call: Call) -> Call:
        if call.op == wire.ITEMS:
            return call
        if call.op == wire.EMPTY:
            raise self._nothing_there()
        raise self._ended(call)

    def _receive(self, at: Use, delivered: wire.Delivered) -> T:
        """Reads a taken item, and confirms that it has arrived."""
        try:
            item = self._codec.unpack(delivered.data)
        except ItemUnreadable as error:
            raise self._unreadable(at, delivered, error) from error.__cause__
        at.connection.send(wire.ACK, 0, at.number, 0, wire.token(delivered.token))
        return item

    def _receive_many(self, at: Use, delivered: list[wire.Delivered]) -> list[T]:
        items: list[T] = []
        for each in delivered:
            try:
                items.append(self._codec.unpack(each.data))
            except ItemUnreadable as error:
                # Behind others it goes back, and comes again as the first one.
                self._tell(at, wire.RELEASE, delivered[max(len(items), 1) :])
                if not items:
                    raise self._unreadable(at, each, error) from error.__cause__
                break
        self._tell(at, wire.ACK, delivered[: len(items)])
        return items

    def _tell(self, at: Use, op: int, delivered: list[wire.Delivered]) -> None:
        at.connection.send(op, 0, at.number, 0, wire.tokens(each.token for each in delivered))

    def _leased(self, at: Use, call: Call) -> Lease[T]:
        delivered = next(at.connection.read_items(call.flags, call.body))
        try:
            return Lease(self, at.at, delivered, self._codec.unpack(delivered.data))
        except ItemUnreadable as error:
            raise self._unreadable(at, delivered, error) from error.__cause__

    def _unreadable(self, at: Use, delivered: wire.Delivered, error: ItemUnreadable) -> ItemUnreadable:
        at.connection.call(wire.DEAD_LETTER, 0, at.number, wire.reason(str(error)) + wire.tokens((delivered.token,)))
        return self._cannot_read(delivered, error)

    def _cannot_read(self, delivered: wire.Delivered, error: ItemUnreadable) -> ItemUnreadable:
        return ItemUnreadable(f"An item of queue '{self.name}' cannot be read, and is with its dead items now: {error}", delivered.data or b"")

    # Asking

    def qsize(self) -> int:
        """How many items are ready: true at the broker at that moment."""
        return self.info().ready

    def empty(self) -> bool:
        return self.qsize() == 0

    def full(self) -> bool:
        info = self.info()
        return 0 < info.capacity <= info.ready + info.delayed

    @property
    def is_shutdown(self) -> bool:
        """Whether the queue takes no more."""
        info = self.info()
        return info.is_completed or info.is_draining

    def info(self) -> QueueInfo:
        """All numbers of the queue at one moment."""
        with self._use() as at:
            return infos(at.ask(wire.INFO).body, at.connection.version)[0]

    def dead_items(self, max: int = 100) -> list[DeadItem]:
        """The oldest dead items."""
        with self._use() as at:
            body = at.ask(wire.GET_DEAD, 0, wire.at_most(max)).body
            return [DeadItem._of(row, self._codec) for row in wire.read_dead(body, at.connection.version)]

    def redrive(self, sequences: Optional[Iterable[int]] = None) -> int:
        """Makes all dead items ready again, with no failures, or those with these sequence numbers; how many there were."""
        return self._of_the_dead(wire.REDRIVE, sequences)

    def delete_dead(self, sequences: Optional[Iterable[int]] = None) -> int:
        """Removes all dead items, or those with these sequence numbers; how many there were."""
        return self._of_the_dead(wire.DELETE_DEAD, sequences)

    def _of_the_dead(self, op: int, sequences: Optional[Iterable[int]]) -> int:
        with self._use() as at:
            if sequences is not None and at.connection.version == 1:
                raise NotImplementedError("This broker speaks version 1 of the protocol, which knows all dead items together only.")
            return wire.read_number(at.ask(op, 0, wire.these(sequences, at.connection.version)).body)

    def clear(self) -> int:
        """Removes what is ready; how many items there were."""
        return wire.read_number(self._call(wire.CLEAR).body)

    # Ending

    def shutdown(self, immediate: bool = False) -> None:
        """No more puts, for ever and for everyone: they raise `ShutDown`. Gets drain what is left, or nothing if `immediate`."""
        self._call(wire.COMPLETE, b"\1" if immediate else b"\0")

    def join(self, timeout: Optional[float] = None) -> None:
        """Waits until nothing is ready, delayed or held: everything was got, or acked. Raises `TimeoutError` after `timeout` seconds."""
        wait = wait_us(True, timeout)

        def unfinished() -> Exception:
            return TimeoutError(f"Queue '{self.name}' is not finished after {timeout} s.")

        with self._use(wait, unfinished) as at:
            call = at.ask(wire.JOIN, 0, wire.number(wait), wait)
        if call.op == wire.TIMED_OUT:
            raise unfinished()
        if call.op != wire.DONE:
            raise self._ended(call)

    def close(self) -> None:
        """Closes this handle: calls that wait on it, and later ones, raise `ValueError`. Other handles go on, and so do leases until their verdict."""
        self._closed = True
        if self._at is not None:
            self._at.close()

    def __del__(self) -> None:
        if getattr(self, "_at", None) is not None:
            self._at.forget()

    def join_thread(self) -> None:
        """Nothing: there is no feeder thread. What `put` returned for is with the broker."""

    def cancel_join_thread(self) -> None:
        """Nothing: see `join_thread`."""

    def __enter__(self) -> "Queue[T]":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    # Its place at the broker

    def _open(self, connection: Connection) -> Attachment:
        try:
            call = connection.call(wire.OPEN, 0, 0, wire.open_queue(self.name, self._settings, connection.version, self._transient))
        except RequestRefused as refusal:
            raise self._refused(refusal) from None
        self.name, self.maxsize, self.max_bytes, lease_us, self.max_failures = wire.read_opened(call.body)
        self.lease_time = lease_us / 1e6
        return Attachment(connection, call.queue, self.name)

    def _attachment(self, deadline: Optional[float] = None) -> Attachment:
        """The queue's place on the connection. In a forked child both are new, and also when the broker was away."""
        while True:
            at = self._at
            if self._closed:
                raise ValueError(f"Queue '{self.name}' is closed")
            connection = self._client.connection(deadline)
            if at is not None and at.connection is connection:
                return at
            try:
                return self._attached_to(connection)
            except ConnectionLost:
                pass  # the next round waits for the broker, or says that it does not come back

    def _attached_to(self, connection: Connection) -> Attachment:
        with self._client._opening:
            if self._closed:
                raise ValueError(f"Queue '{self.name}' is closed")
            if self._at is None or self._at.connection is not connection:
                self._at = self._open(connection)
            return self._at

    def _use(self, wait_us: Optional[int] = None, late: Optional[Callable[[], Exception]] = None) -> Use:
        return Use(self, wait_us, late)

    def _call(self, op: int, body: bytes = b"") -> Call:
        with self._use() as at:
            return at.ask(op, 0, body)

    def _ended(self, call: Call) -> Exception:
        if call.op == wire.DELETED:
            return ShutDown(f"Queue '{self.name}' was deleted.")
        if call.op == wire.COMPLETED:
            return ShutDown(f"Queue '{self.name}' was shut down.")
        if call.op == wire.CANCELLED:
            return ValueError(f"Queue '{self.name}' is closed")
        return RuntimeError(f"The broker answered {call.op}, which is no answer to this.")

    def _refused(self, refusal: RequestRefused) -> Exception:
        if refusal.code == wire.ITEM_TOO_LARGE:
            return ItemTooLarge(str(refusal))
        if refusal.code in (wire.BAD_NAME, wire.OPTIONS_CONFLICT, 5):
            return ValueError(str(refusal))
        if refusal.code == wire.TOO_LATE:
            return BrokerUnavailable(f"{refusal} (queue '{self.name}')")
        if refusal.code == wire.NO_SUCH_QUEUE:
            return ShutDown(f"Queue '{self.name}' is gone: it had no name, and its creator's connection has ended.")
        return refusal

    def __reduce__(self) -> tuple:
        return _reopen, (type(self), self._client.endpoint, self.name, self._type)

    def __repr__(self) -> str:
        return f"<queueipc.{type(self).__name__} '{self.name}' at {self._client.endpoint}>"


    @classmethod
    def _address_reader(cls, type: Any) -> Callable[[Any], "Queue[Any]"]:
        """A queue inside an item is [endpoint, name], and arrives connected."""

        def read(value: Any) -> "Queue[Any]":
            if not (isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value)):
                raise Mismatch("a queue ([endpoint, name]) was expected, and it is something else")
            return cls(name=value[1], type=type, client=shared_client(value[0]))

        return read


add_form(Queue, lambda queue: [queue._client.endpoint, queue.name])


def _reopen(kind: type, endpoint: str, name: str, type: Any) -> Any:
    return kind(name=name, type=type, client=shared_client(endpoint))
