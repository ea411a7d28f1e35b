"""An item in work: it comes back if whoever leased it fails."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Optional, TypeVar

from . import _clock, _wire as wire
from ._errors import LeaseLost

if TYPE_CHECKING:
    from ._queue import Queue

T = TypeVar("T")


class Lease(Generic[T]):
    """`item`, and how often it has failed before. It is extended by itself until a verdict: `ack`, `nack`, `release` or `dead_letter`.

    As a context manager it is acked at the end of the block, and nacked if the block raises. A verdict that comes too late raises `LeaseLost`.
    """

    def __init__(self, queue: "Queue[T]", token: int, failures: int, item: T) -> None:
        self.item: T = item
        self.failures = failures
        self._queue, self._token = queue, token
        self._connection, self._number = queue._attachment()
        self._lock = threading.Lock()
        self._settled = False
        self._keep()

    @property
    def settled(self) -> bool:
        """Whether there has been a verdict."""
        return self._settled

    def ack(self) -> None:
        """The work is done, and the item gone."""
        self._settle(wire.ACK)

    def nack(self, delay: float = 0, reason: str = "") -> None:
        """The work has failed: the item comes back, after `delay` seconds, with one more failure. After the last one it is dead, with this reason."""
        self._settle(wire.NACK, wire.number(int(delay * 1_000_000)), reason)

    def release(self) -> None:
        """Gives the item back; nobody has failed."""
        self._settle(wire.RELEASE)

    def dead_letter(self, reason: str) -> None:
        """Puts the item with the dead ones at once. The reason may have 1,024 characters; more are cut off."""
        self._settle(wire.DEAD_LETTER, wire.reason(reason))

    def extend(self, seconds: float) -> None:
        """The lease lasts at least so long from now on. Needed only where this process may be stopped for longer than the lease time."""
        self._send(wire.EXTEND, wire.number(int(seconds * 1_000_000)))

    def _settle(self, op: int, prefix: bytes = b"", reason: str = "") -> None:
        with self._lock:
            if self._settled:
                raise LeaseLost(f"There has been a verdict on this item of queue '{self._queue.name}' already.")
            self._settled = True
        self._send(op, prefix)

    def _send(self, op: int, prefix: bytes) -> None:
        answer = self._connection.call(op, 0, self._number, prefix + wire.tokens([self._token]))
        if answer.op == wire.LEASE_LOST:
            raise LeaseLost(f"The lease of this item of queue '{self._queue.name}' has ended: somebody else may have it.")

    def _keep(self) -> None:
        seconds = self._queue.lease_time
        if seconds > 0:
            _clock.schedule(seconds / 3, self._extend)

    def _extend(self) -> None:
        """On the clock's thread: two of three may be late."""
        if self._settled or self._connection.failure is not None:
            return
        micros = int(self._queue.lease_time * 1_000_000)
        self._connection.send(wire.EXTEND, 0, self._number, 0, wire.number(micros) + wire.tokens([self._token]))
        self._keep()

    def __enter__(self) -> "Lease[T]":
        return self

    def __exit__(self, kind: Optional[type], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        if self._settled:
            return
        if error is None:
            self.ack()
            return
        try:
            self.nack(reason=f"{type(error).__name__}: {error}")
        except (LeaseLost, ConnectionError):
            pass  # what went wrong first is what the caller should hear of

    def __repr__(self) -> str:
        return f"<Lease of {self.item!r}, {self.failures} failures{', settled' if self._settled else ''}>"
