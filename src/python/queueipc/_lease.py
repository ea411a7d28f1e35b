"""An item in work: it comes back if whoever leased it fails."""

from __future__ import annotations

import threading
import weakref
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Generic, Optional, TypeVar

from . import _clock, _wire as wire
from ._attachment import Attachment, Use
from ._errors import ConnectionLost, LeaseLost

if TYPE_CHECKING:
    from ._queue import Queue

T = TypeVar("T")


class Lease(Generic[T]):
    """`item`, how often it has failed before, and its place in the queue (`sequence`; 0 if the broker does not tell). It is extended by itself until a verdict: `ack`, `nack`, `release` or `dead_letter`.

    As a context manager it is acked at the end of the block, and nacked if the block raises. A verdict that comes too late raises `LeaseLost`.
    """

    def __init__(self, queue: "Queue[T]", at: Attachment, delivered: wire.Delivered, item: T) -> None:
        self.item: T = item
        self.failures = delivered.failures
        self.sequence = delivered.sequence
        self._queue, self._at, self._token = queue, at, delivered.token
        self._lock = threading.Lock()
        self._settled = False
        at.enter(self._token)
        _keep(weakref.ref(self), queue.lease_time)

    @property
    def settled(self) -> bool:
        """Whether there has been a verdict."""
        return self._settled

    def ack(self) -> None:
        """The work is done, and the item gone."""
        self._settle(wire.ACK)

    def nack(self, delay: float = 0, reason: str = "") -> None:
        """The work has failed: the item comes back, after `delay` seconds, with one more failure. After the last one it is dead, with this reason."""
        self._settle(wire.NACK, lambda tokens: wire.nack(int(delay * 1_000_000), reason, tokens, self._at.connection.version))

    def release(self) -> None:
        """Gives the item back; nobody has failed."""
        self._settle(wire.RELEASE)

    def dead_letter(self, reason: str) -> None:
        """Puts the item with the dead ones at once. The reason may have 1,024 characters; more are cut off."""
        self._settle(wire.DEAD_LETTER, lambda tokens: wire.reason(reason) + wire.tokens(tokens))

    def extend(self, seconds: float) -> None:
        """The lease lasts at least so long from now on. Needed only where this process may be stopped for longer than the lease time."""
        self._send(wire.EXTEND, lambda tokens: wire.number(int(seconds * 1_000_000)) + wire.tokens(tokens))

    def _settle(self, op: int, body: Callable[[list[int]], bytes] = wire.tokens) -> None:
        with self._lock:
            if self._settled:
                raise LeaseLost(f"There has been a verdict on this item of queue '{self._queue.name}' already.")
            self._settled = True
        try:
            self._send(op, body)
        finally:
            self._at.leave(self._token)

    def _send(self, op: int, body: Callable[[list[int]], bytes]) -> None:
        connection, client = self._at.connection, self._queue._client
        was_there = connection.failure is None
        try:
            answer = connection.call(op, 0, self._at.number, body([self._token]))
        except ConnectionLost:
            if not client.rides(connection):
                raise
            if op == wire.ACK and was_there and self.sequence and self._is_gone():
                return
            raise LeaseLost(f"The broker was away, and with it the lease of this item of queue '{self._queue.name}' has ended: the item is ready again, or somebody else has it.") from None
        if answer.op == wire.LEASE_LOST:
            raise LeaseLost(f"The lease of this item of queue '{self._queue.name}' has ended: somebody else may have it.")

    def _is_gone(self) -> bool:
        """Whether the broker had heard that the item is done with, before it went away."""
        with Use(self._queue) as at:
            return at.ask(wire.IS_GONE, 0, wire.number(self.sequence)).op == wire.DONE

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


def _keep(lease: "weakref.ref[Lease[Any]]", seconds: float) -> None:
    """Extends a lease for as long as somebody has it. One that is garbage without a verdict ends with its time, and its item comes back."""

    def extend() -> None:
        held = lease()
        if held is not None and not held._settled and held._at.connection.failure is None:
            body = wire.number(int(seconds * 1_000_000)) + wire.tokens([held._token])
            held._at.connection.send(wire.EXTEND, 0, held._at.number, 0, body)
            _keep(lease, seconds)

    if seconds > 0:
        # Two of three may be late.
        _clock.schedule(seconds / 3, extend)
