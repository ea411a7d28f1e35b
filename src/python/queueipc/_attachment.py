"""A queue's number on a connection. It is given back when its handle is closed and nobody uses it any more.

A frame about a number that is not open ends the connection. So whoever may still send one is a user: a call, a lease, a reader.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Callable, Optional

from . import _wire as wire
from ._connection import Call, Connection
from ._errors import ConnectionLost, LateForBroker

if TYPE_CHECKING:
    from ._queue import Queue


class Use:
    """One user, for the length of a `with` block. When the broker was away meanwhile, it is at the queue's new place."""

    __slots__ = ("_queue", "_deadline", "_late", "at")

    def __init__(self, queue: "Queue[Any]", wait_us: Optional[int] = None, late: Optional[Callable[[], Exception]] = None) -> None:
        """A call that waits so long ends in that time even while there is no broker: with the error that `late` makes."""
        self._queue, self._late = queue, late
        self._deadline = None if wait_us is None or wait_us < 0 else time.monotonic() + wait_us / 1e6
        self.at: Attachment = self._here()

    def __enter__(self) -> "Use":
        self.at.enter(self)
        return self

    def __exit__(self, *_: Any) -> None:
        self.at.leave(self)

    @property
    def connection(self) -> Connection:
        return self.at.connection

    @property
    def number(self) -> int:
        return self.at.number

    def ask(self, op: int, flags: int = 0, body: bytes = b"", wait_us: Optional[int] = None) -> Call:
        """The answer of this broker, or of the one that came after it."""
        while True:
            try:
                return self.at.connection.call(op, flags, self.at.number, body, wait_us)
            except ConnectionLost:
                self.come_back()
            if wait_us is not None and self._deadline is not None:
                wait_us = max(int((self._deadline - time.monotonic()) * 1_000_000), 0)
                body = wire.waits(body, wait_us)

    def come_back(self, is_under_way: bool = False) -> None:
        """Waits until the broker is back, and goes on there. Raises `BrokerUnavailable` where it does not come."""
        if is_under_way:
            self._late = None  # whoever is late now has more to say than that nothing has happened
        self.at.leave(self)
        self.at = self._here()
        self.at.enter(self)

    def _here(self) -> "Attachment":
        try:
            return self._queue._attachment(self._deadline)
        except LateForBroker:
            if self._late is None:
                raise
            raise self._late() from None


class Attachment:
    def __init__(self, connection: Connection, number: int, name: str) -> None:
        self.connection, self.number, self._name = connection, number, name
        # Adding to a set, and taking from it, are single steps of the interpreter: no lock is needed. Users add themselves first and then
        # look whether it is closed; `close` says so first and then looks whether there are users.
        self._users: "set[Any]" = set()
        self._closed = self._given_back = False

    def enter(self, user: Any) -> None:
        self._users.add(user)
        if self._closed:
            self.leave(user)
            raise self.closed_error()

    def leave(self, user: Any) -> None:
        self._users.discard(user)
        if self._closed and not self._users:
            self._give_back()

    def close(self) -> None:
        """Calls that wait are cancelled; leases stay good until their verdict."""
        self._closed = True
        if self._users:
            self.connection.cancel_all(self.number)
        else:
            self._give_back()

    def forget(self) -> None:
        """The handle is garbage. That may be found at any moment, also while this thread sends: so nothing is sent now."""
        if not self._closed:
            self._closed = True
            self.connection.forgotten.append(self.number)

    def closed_error(self) -> ValueError:
        return ValueError(f"Queue '{self._name}' is closed")

    def _give_back(self) -> None:
        if not self._given_back and self.connection.failure is None:
            self._given_back = True
            self.connection.send(wire.CLOSE, 0, self.number, 0)
