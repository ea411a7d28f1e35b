"""One thread of a process that does what is due, and sleeps until then."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from typing import Callable, Optional

_lock = threading.Condition()
_due: list[tuple[float, int, Callable[[], None]]] = []
_order = itertools.count()
_thread: Optional[threading.Thread] = None


def schedule(seconds: float, act: Callable[[], None]) -> None:
    """Calls `act` on the clock's thread after so many seconds. It must not block."""
    global _thread
    with _lock:
        heapq.heappush(_due, (time.monotonic() + seconds, next(_order), act))
        if _thread is None:
            _thread = threading.Thread(target=_run, name="queueipc clock", daemon=True)
            _thread.start()
        _lock.notify()


def forget_in_child() -> None:
    """After a fork: what was due is the parent's business, and its thread is not here."""
    global _lock, _thread
    _lock, _thread = threading.Condition(), None
    _due.clear()


def _run() -> None:
    while True:
        with _lock:
            while not _due or _due[0][0] > time.monotonic():
                _lock.wait(_due[0][0] - time.monotonic() if _due else None)
            act = heapq.heappop(_due)[2]
        act()
