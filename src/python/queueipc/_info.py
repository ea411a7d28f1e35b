"""What a broker tells about a queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Optional

from . import _wire as wire
from ._errors import ItemUnreadable


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
    label: str
    is_durable: bool

    @staticmethod
    def _of(row: tuple) -> "QueueInfo":
        *numbers, age, put, taken, state, label, durable = row
        return QueueInfo(*numbers, age / 1e6, put, taken, state == 2, state == 1, label, durable)


@dataclass(frozen=True)
class DeadItem:
    """An item that failed too often, or was declared dead. `item` is None where it cannot be read; `data` are its bytes.

    `died_at` is None if the broker does not tell.
    """

    sequence: int
    failures: int
    age: float
    reason: str
    data: Optional[bytes]
    item: Any
    died_at: Optional[datetime]

    @staticmethod
    def _of(row: tuple, codec: Any) -> "DeadItem":
        sequence, failures, age, *died, reason, data = row
        try:
            item = codec.unpack(data)
        except ItemUnreadable:
            item = None  # it may be dead because it cannot be read
        when = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=died[0]) if died else None
        return DeadItem(sequence, failures, age / 1e6, reason, data, item, when)


def infos(body: bytes, version: int) -> list[QueueInfo]:
    return [QueueInfo._of(row) for row in wire.read_infos(body, version)]
