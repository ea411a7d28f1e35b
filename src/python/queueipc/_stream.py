"""Reading ahead: the broker sends items before they are asked for, and is told how many were handed over."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Callable, Iterator, Optional

from . import _clock, _wire as wire
from ._attachment import Attachment
from ._connection import Call, Waiter
from ._errors import ConnectionLost, ItemUnreadable, RequestRefused

if TYPE_CHECKING:
    from ._queue import Queue

_AHEAD_SECONDS = 0.005  # how much work is read ahead, and the longest that a confirmation waits
_WINDOW_FIRST, _WINDOW_MAX, _WINDOW_BYTES = 32, 16384, 4 << 20
_STOP_SECONDS = 2.0


class Stream(Waiter):
    """A subscription. Iterating it hands items over; `stop` gives back what was not handed over."""

    def __init__(self, queue: "Queue[Any]", at: Attachment, notify: Optional[Callable[[], None]] = None) -> None:
        super().__init__(notify)
        self._queue = queue
        self._connection, self.queue = at.connection, at.number
        self._lock = threading.Lock()  # what is confirmed, and what is due
        self._frames: deque[tuple[int, bytes]] = deque()
        self._last: Optional[Call] = None  # the answer that ends it
        self._count = self._confirmed = 0
        self._window, self._since = _WINDOW_FIRST, time.monotonic()
        self._measured_from = 0
        self._advance_at = _WINDOW_FIRST // 2
        self._scheduled = self._stopped = False
        self._is_lost = False  # then what was not handed over comes again
        self.request = next(self._connection._numbers)
        self._connection.send_for(self, wire.SUBSCRIBE, 0, self.queue, wire.subscribe(_WINDOW_FIRST, _WINDOW_BYTES))

    def answer(self, op: int, flags: int, queue: int, body: bytes) -> bool:
        if op == wire.ITEMS:
            if not self._stopped:
                self._frames.append((flags, body))
            return False
        self._is_lost = op == 0
        last = Call(self.request, queue)
        last.answer(op, flags, queue, body)
        self._last = last
        return True

    def __iter__(self) -> Iterator[Any]:
        while self.wait():
            yield from self.arrived()

    def wait(self) -> bool:
        """Waits for more; False at the end of the queue."""
        while self._is_lost or not self._frames:
            if self._last is not None:
                self.check_end()
                return False
            self.ready = False
            if not self._frames and self._last is None:
                self._connection.wait(self)
        return True

    @property
    def has_news(self) -> bool:
        """Whether `wait` would return at once."""
        return bool(self._frames) or self._last is not None

    def arrived(self) -> Iterator[Any]:
        """Hands over what has arrived, and confirms it in time."""
        unpack = self._queue._codec.unpack
        while self._frames and not self._is_lost:
            flags, body = self._frames.popleft()
            in_frame = int.from_bytes(body[:4], "little")
            for delivered in self._connection.read_items(flags, body):
                try:
                    item = unpack(delivered.data)
                except ItemUnreadable as error:
                    raise self._reject(delivered, error) from error.__cause__
                self._count += 1
                in_frame -= 1
                if self._count >= self._advance_at or (in_frame == 0 and not self._frames):
                    self._advance_in_time()
                elif not self._scheduled:
                    self._schedule()
                yield item
                if self._stopped or self._is_lost:
                    return

    def _advance_in_time(self) -> None:
        """As many items are read ahead as the consumer deals with in a few milliseconds, judged by the last ones."""
        with self._lock:
            now = time.monotonic()
            handled, busy = self._count - self._measured_from, max(now - self._since, 1e-6)
            self._since, self._measured_from = now, self._count
            if handled:
                self._window = max(1, min(int(handled * _AHEAD_SECONDS / busy), 2 * self._window, _WINDOW_MAX))
            self._advance(self._window)

    def _advance(self, window: int) -> None:
        self._confirmed = self._count
        self._advance_at = self._count + max(window // 2, 1)
        self._connection.send(wire.ADVANCE, 0, self.queue, self.request, wire.advance(self._count, window))

    def _schedule(self) -> None:
        self._scheduled = True
        _clock.schedule(_AHEAD_SECONDS, self._confirm_late)

    def _confirm_late(self) -> None:
        """On the clock's thread: the consumer is busy with one item for long. What it has in hand is confirmed, and nothing more is read ahead."""
        with self._lock:
            self._scheduled = False
            if not self._stopped and self._last is None and self._count > self._confirmed:
                self._advance(0)
                self._advance_at = self._count + 1

    def _reject(self, delivered: wire.Delivered, error: ItemUnreadable) -> ItemUnreadable:
        with self._lock:
            self._advance(0)
            self._connection.send(wire.REJECT_NEXT, 0, self.queue, self.request, wire.reason(str(error)))
            self._count += 1
        self.stop()
        return self._queue._cannot_read(delivered, error)

    def stop(self) -> None:
        """Ends it. What was not handed over is back in its place when this returns."""
        self.ask_to_end()
        deadline = time.monotonic() + _STOP_SECONDS
        while self._last is None and time.monotonic() < deadline:
            self.ready = False
            if self._last is None:
                self._connection.wait(self, deadline - time.monotonic())

    def ask_to_end(self) -> None:
        with self._lock:
            if self._stopped or self._last is not None:
                self._stopped = True
                return
            self._stopped = True
            self._frames.clear()
            self._advance(0)
            self._connection.send(wire.CANCEL, 0, self.queue, self.request)

    def check_end(self) -> None:
        """Raises unless the queue came to its end."""
        last = self._last
        assert last is not None
        if last.op == 0:
            raise ConnectionLost(f"{self._connection._failed()} (reading queue '{self._queue.name}')")
        if last.op == wire.REFUSED:
            raise self._queue._refused(RequestRefused(*wire.read_refusal(last.body)))
        if last.op != wire.COMPLETED:
            raise self._queue._ended(last)
