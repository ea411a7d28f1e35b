"""What a client has put and does not know the end of: it is numbered, so that it can come again and is accepted once."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Callable, Optional

from . import _wire as wire
from ._connection import Call, Connection
from ._errors import BrokerUnavailable, ConnectionLost

if TYPE_CHECKING:
    from ._attachment import Attachment
    from ._queue import Queue


class Put:
    """Items on their way into a queue. `sent` is the last try: on which connection, and the call that is answered there."""

    __slots__ = ("queue", "items", "count", "deadline", "notify", "number", "first_sent", "sent")

    def __init__(self, queue: "Queue[Any]", items: bytes, count: int, deadline: Optional[float], notify: Optional[Callable[[], None]]) -> None:
        self.queue, self.items, self.count, self.deadline, self.notify = queue, items, count, deadline, notify
        self.number = 0  # 0: it does not come again
        self.first_sent: Optional[float] = None
        self.sent: tuple[Connection, Call]

    @property
    def wait_us(self) -> int:
        return -1 if self.deadline is None else max(int((self.deadline - time.monotonic()) * 1_000_000), 0)


class Outbox:
    """The puts of one client, in the order in which they are sent, also for the second time."""

    def __init__(self) -> None:
        self.order = threading.Lock()  # who has it decides what is sent next, and on which connection
        self._last: defaultdict[str, int] = defaultdict(int)
        self._open: defaultdict[str, dict[int, Put]] = defaultdict(dict)

    def send(self, put: Put, at: "Attachment", comes_again: bool) -> None:
        """For the first time. Under `order`; a connection that is lost is no error yet."""
        name = put.queue.name
        if comes_again:
            put.number = self._last[name] + 1
            self._last[name] += put.count
            self._open[name][put.number] = put
        put.sent = (at.connection, self._try(put, at))

    def send_again(self, connection: Connection) -> None:
        """All that was not answered, before anything new. Under `order`."""
        tries = []
        for put in [put for puts in self._open.values() for put in puts.values()]:
            try:
                tries.append((put, self._try(put, put.queue._attached_to(connection))))
            except BrokerUnavailable:
                raise
            except Exception:
                pass  # the queue cannot be opened there, or is closed: whoever waits is told when it tries
        if connection.failure is not None:
            raise connection._failed()
        for put, call in tries:
            put.sent = (connection, call)

    def forget(self, put: Put) -> None:
        """Its end is known, or nobody waits for it: it does not come again."""
        if put.number:
            with self.order:
                self._open[put.queue.name].pop(put.number, None)

    def _try(self, put: Put, at: "Attachment") -> Call:
        connection = at.connection
        call = Call(next(connection._numbers), at.number, put.notify)
        if not put.number:
            flags, body = 0, wire.put(put.wait_us, put.count, put.items)
        else:
            oldest = next(iter(self._open[put.queue.name]))
            age = 0 if put.first_sent is None else max(int((time.monotonic() - put.first_sent) * 1_000_000), 1)
            flags, body = wire.NUMBERED, wire.numbered_put(put.wait_us, put.number, oldest, age, put.count, put.items)
        if put.first_sent is None and connection.failure is None:
            put.first_sent = time.monotonic()
        try:
            connection.send_for(call, wire.PUT, flags, at.number, body)
        except ConnectionLost:
            call.ready = True  # unanswered: it waits for the next connection
        return call
