"""A queue whose items are finished by `task_done`."""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import Any, Optional, TypeVar

from ._lease import Lease
from ._queue import Queue

T = TypeVar("T")


class JoinableQueue(Queue[T]):
    """What `get` gave is unfinished until `task_done`, and `join` waits for it. If this process ends before that, the item comes back for another worker."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        self._unfinished: deque[tuple[int, int, Lease[T]]] = deque()
        super().__init__(*args, **settings)

    def get(self, block: bool = True, timeout: Optional[float] = None) -> T:
        """See `Queue.get`; then call `task_done`."""
        lease = self.lease(block, timeout)
        self._unfinished.append((threading.get_ident(), os.getpid(), lease))
        return lease.item

    @property
    def unfinished_tasks(self) -> int:
        """How many items are not finished, whoever has them: true at the broker at that moment."""
        info = self.info()
        return info.ready + info.delayed + info.leased

    def task_done(self) -> None:
        """Finishes the oldest unfinished item of this thread, or else of this process. Raises `ValueError` if there is none, `LeaseLost` if it came back meanwhile."""
        me, mine = threading.get_ident(), os.getpid()
        # What a parent got before it forked is the parent's.
        ours = [entry for entry in list(self._unfinished) if entry[1] == mine]
        entry = next((entry for entry in ours if entry[0] == me), ours[0] if ours else None)
        try:
            if entry is None:
                raise ValueError
            self._unfinished.remove(entry)
        except ValueError:
            raise ValueError("task_done() called too many times") from None
        entry[2].ack()
