"""What .NET types are on the wire, and the conversions whose naive form is wrong.

Functions to convert by hand, and marks for the fields of dataclasses: `when: Annotated[datetime, DateTimeOffset]`, `id: Annotated[int, Name("OrderId")]`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from msgpack import Timestamp

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_TICK_OF_MICROSECOND = 10
_SIGNIFICANT_DIGITS, _SCALE_MAX = 29, 28


@dataclass(frozen=True)
class Name:
    """The name of a member on the wire, where it differs from the field's: .NET's members usually begin with a capital."""

    text: str


class DateTimeOffset:
    """Marks a `datetime` that is a `DateTimeOffset` in .NET: it keeps its offset. Without the mark it is a `DateTime`, an instant."""


class BigInteger:
    """Marks an `int` that is a `BigInteger` in .NET, of any size. Without the mark it has 64 bits."""


def to_ticks(value: timedelta) -> int:
    """`TimeSpan`: an integer of 100 ns."""
    return (value.days * 86_400 + value.seconds) * 10_000_000 + value.microseconds * _TICK_OF_MICROSECOND


def from_ticks(ticks: int) -> timedelta:
    """Ticks finer than a microsecond are cut off, towards zero."""
    micros = abs(ticks) // _TICK_OF_MICROSECOND
    return timedelta(microseconds=micros if ticks >= 0 else -micros)


def to_day_number(value: date) -> int:
    """`DateOnly`: days since 0001-01-01, which is 0. Python's ordinal of that day is 1."""
    return value.toordinal() - 1


def from_day_number(days: int) -> date:
    return date.fromordinal(days + 1)


def to_time_ticks(value: time) -> int:
    """`TimeOnly`: ticks since midnight."""
    if value.tzinfo is not None:
        raise ValueError("a time of day with a time zone has no form in .NET")
    return to_ticks(timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond))


def from_time_ticks(ticks: int) -> time:
    if not 0 <= ticks < 864_000_000_000:
        raise ValueError(f"{ticks} ticks are no time of day")
    return (datetime.min + from_ticks(ticks)).time()


def to_timestamp(value: datetime) -> Timestamp:
    """`DateTime`: an instant. A naive datetime is refused, since nobody could tell which instant it means."""
    if value.tzinfo is None:
        raise ValueError("a datetime without a time zone is no instant: give it one, as in datetime.now(timezone.utc)")
    return _timestamp(value - _EPOCH)


def from_timestamp(value: "Timestamp | datetime") -> datetime:
    """In UTC. What is finer than a microsecond is cut off."""
    if isinstance(value, datetime):
        return value
    return _EPOCH + timedelta(seconds=value.seconds, microseconds=value.nanoseconds // 1000)


def to_date_time_offset(value: datetime) -> list[Any]:
    """`DateTimeOffset`: [the digits of the clock on the wall as if they were UTC, minutes]. The first element is not the instant."""
    offset = value.utcoffset()
    if offset is None:
        raise ValueError("a datetime without a time zone has no offset: give it one, as in datetime.now().astimezone()")
    if offset % timedelta(minutes=1):
        raise ValueError(f"an offset of {offset} is not of whole minutes")
    digits = value.replace(tzinfo=timezone.utc)
    return [_timestamp(digits - _EPOCH), offset // timedelta(minutes=1)]


def from_date_time_offset(value: "list[Any]") -> datetime:
    digits, minutes = value
    return from_timestamp(digits).replace(tzinfo=timezone(timedelta(minutes=minutes)))


def to_decimal_text(value: Decimal) -> str:
    """`decimal`: text, with its scale. .NET has 96 bits and at most 28 places; what does not fit is refused instead of rounded."""
    if not value.is_finite():
        raise ValueError(f"{value} has no form in .NET's decimal")
    text = format(value, "f")
    digits, _, places = text.lstrip("-").partition(".")
    if len(places) > _SCALE_MAX or int(digits + places) >= 1 << 96:
        raise ValueError(f"{value} does not fit into .NET's decimal (96 bits, at most {_SCALE_MAX} places)")
    return text


def to_big_integer(value: int) -> bytes:
    """`BigInteger`: two's complement, little endian."""
    return value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)


def from_big_integer(value: bytes) -> int:
    return int.from_bytes(value, "little", signed=True)


def _timestamp(since: timedelta) -> Timestamp:
    # With integers alone: a float has no room for the microseconds of our days.
    return Timestamp(since.days * 86_400 + since.seconds, since.microseconds * 1000)
