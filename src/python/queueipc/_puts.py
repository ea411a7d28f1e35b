"""Several puts under way at a time, which keep their order."""

from __future__ import annotations

from collections import deque
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Optional, Sequence

from ._attachment import Use
from ._connection import Call
from ._outbox import Put

if TYPE_CHECKING:
    from ._queue import Queue

_UNDER_WAY = 8


class Puts:
    """As a context manager it waits for all answers at its end. `accepted` is how many items went in; an error has that number as well."""

    def __init__(self, queue: "Queue[Any]", at: Use, check: Callable[[Call], int], deadline: Optional[float]) -> None:
        self.accepted = 0
        self._queue, self._at, self._check, self._deadline = queue, at, check, deadline
        self._puts: deque[Put] = deque()

    def send(self, items: Sequence[bytes]) -> None:
        # With a deadline one after the other: one that runs out of time must not be overtaken by the next.
        if len(self._puts) >= (_UNDER_WAY if self._deadline is None else 1):
            self._settle()
        self._puts.append(self._queue._begin_put(self._at, b"".join(items), len(items), self._deadline))

    def _settle(self) -> None:
        self.accepted += self._check(self._queue._finish_put(self._at, self._puts.popleft()))

    def __enter__(self) -> "Puts":
        return self

    def __exit__(self, kind: Optional[type], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.accepted += getattr(error, "accepted", 0)
        while self._puts:
            try:
                self._settle()
            except Exception as failed:
                self.accepted += getattr(failed, "accepted", 0)
                error = error or failed
        if error is not None:
            error.accepted = self.accepted  # type: ignore[attr-defined]
            raise error
