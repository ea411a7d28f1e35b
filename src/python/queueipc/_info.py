"""What a broker tells about a queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from . import _wire as wire


@dataclass(frozen=True)
class QueueInfo:
    """A queue at one moment. Times are seconds; 0 is "no limit" in `capacity`."""

    name: str
    capacity: int
    ready: int
    leased: int
    delayed: int
    dead: int
    bytes: int
    waiting_gets: int
    waiting_puts: int
    oldest_age: float
    total_put: int
    total_taken: int
    is_completed: bool
    is_draining: bool

    @staticmethod
    def _of(row: tuple) -> "QueueInfo":
        *numbers, age, put, taken, state = row
        return QueueInfo(*numbers, age / 1e6, put, taken, state == 2, state == 1)


@dataclass(frozen=True)
class DeadItem:
    """An item that failed too often, or was declared dead. `item` is None where it cannot be read; `data` are its bytes."""

    sequence: int
    failures: int
    age: float
    reason: str
    data: Optional[bytes]
    item: Any


def infos(body: bytes) -> list[QueueInfo]:
    return [QueueInfo._of(row) for row in wire.read_infos(body)]
