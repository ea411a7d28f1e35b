"""Several puts under way at a time, which keep their order."""

from __future__ import annotations

import time
from collections import deque
from types import TracebackType
from typing import Callable, Optional, Sequence

from . import _wire as wire
from ._attachment import Attachment
from ._connection import Call

_UNDER_WAY = 8


class Puts:
    """As a context manager it waits for all answers at its end. `accepted` is how many items went in; an error has that number as well."""

    def __init__(self, at: Attachment, check: Callable[[Call], int], deadline: Optional[float]) -> None:
        self.accepted = 0
        self._at, self._check, self._deadline = at, check, deadline
        self._calls: deque[tuple[Call, int]] = deque()

    def send(self, items: Sequence[bytes]) -> None:
        # With a deadline one after the other: one that runs out of time must not be overtaken by the next.
        if len(self._calls) >= (_UNDER_WAY if self._deadline is None else 1):
            self._settle()
        wait = -1 if self._deadline is None else max(int((self._deadline - time.monotonic()) * 1_000_000), 0)
        self._calls.append((self._at.connection.submit(wire.PUT, 0, self._at.number, wire.put(wait, items)), wait))

    def _settle(self) -> None:
        call, wait = self._calls.popleft()
        self.accepted += self._check(self._at.connection.finish(call, wait))

    def __enter__(self) -> "Puts":
        return self

    def __exit__(self, kind: Optional[type], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.accepted += getattr(error, "accepted", 0)
        while self._calls:
            try:
                self._settle()
            except Exception as failed:
                self.accepted += getattr(failed, "accepted", 0)
                error = error or failed
        if error is not None:
            error.accepted = self.accepted  # type: ignore[attr-defined]
            raise error
