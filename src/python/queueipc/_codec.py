"""Items to bytes and back: MessagePack as the .NET library writes and reads it."""

from __future__ import annotations

import dataclasses
import enum
from collections import deque
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import Any, Callable, Iterator, Optional, Protocol
from uuid import UUID

import msgpack

from . import items
from ._errors import ItemUnreadable, ItemUnwritable
from ._shapes import Mismatch, members_of, reader_of, writer_of

_NIL = b"\xc0"


class Codec(Protocol):
    def pack(self, item: Any) -> Optional[bytes]: ...

    def unpack(self, data: Optional[bytes]) -> Any: ...


def codec_for(type: Any) -> Codec:
    return RawBytes() if type is bytes else MessagePack(type)


class RawBytes:
    """The bytes themselves, as .NET's `IpcQueue<byte[]>`."""

    def pack(self, item: Any) -> Optional[bytes]:
        if item is None or isinstance(item, (bytes, bytearray, memoryview)):
            return None if item is None else bytes(item)
        raise ItemUnwritable(f"This queue is of bytes, and {_short(item)} is not.")

    def unpack(self, data: Optional[bytes]) -> Optional[bytes]:
        return data


class MessagePack:
    """What .NET's other queues have. `None` is the null item."""

    def __init__(self, type: Any) -> None:
        self._type = type
        self._read: Optional[Callable[[Any], Any]] = None if type is Any else reader_of(type)
        self._write: Optional[Callable[[Any], Any]] = None if type is Any else writer_of(type)

    def pack(self, item: Any) -> Optional[bytes]:
        if item is None:
            return None
        try:
            return msgpack.packb(item if self._write is None else self._write(item), default=_plain)
        except (TypeError, ValueError, OverflowError, RecursionError) as why:
            raise ItemUnwritable(_where(item, why)) from why

    def unpack(self, data: Optional[bytes]) -> Any:
        try:
            value = None if data is None or data == _NIL else msgpack.unpackb(data, timestamp=3, strict_map_key=False)
        except Exception as why:
            raise ItemUnreadable(f"it is not MessagePack that Python can hold ({why or type(why).__name__}).") from why
        if self._read is None:
            return value
        try:
            return self._read(value)
        except Mismatch as why:
            raise ItemUnreadable(f"{why}.") from why


def _plain(value: Any) -> Any:
    """What msgpack does not know, in the form in which .NET reads it."""
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: write(getattr(value, field)) if write else getattr(value, field) for field, name, write in members_of(type(value))}
    for kind, form in _FORMS:
        if isinstance(value, kind):
            return form(value)
    if isinstance(value, int):
        raise OverflowError("it has more than 64 bits")
    raise TypeError(f"a {type(value).__name__} has no form in MessagePack")


def _forms() -> Iterator[tuple[Any, Callable[[Any], Any]]]:
    yield datetime, items.to_timestamp
    yield date, items.to_day_number
    yield time, items.to_time_ticks
    yield timedelta, items.to_ticks
    yield Decimal, items.to_decimal_text
    yield UUID, str
    yield (set, frozenset, deque), list
    yield complex, lambda value: [value.real, value.imag]
    yield PurePath, str


_FORMS = tuple(_forms())


def add_form(kind: Any, form: Callable[[Any], Any]) -> None:
    global _FORMS
    _FORMS += ((kind, form),)


def _where(item: Any, why: Exception) -> str:
    """Names the first member that cannot be packed."""
    for path, value in _members("item", item, 0):
        try:
            msgpack.packb(value, default=_plain)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            return f"Nothing was put: {path} cannot be packed: {error}. It is {_short(value)}."
    return f"Nothing was put: {why}."


def _members(path: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """The leaves first: what is wrong inside a member is that member's fault."""
    if depth < 64:
        if isinstance(value, dict):
            for key, member in value.items():
                yield from _members(f"{path}[{key!r}]", member, depth + 1)
        elif isinstance(value, (list, tuple, set, frozenset, deque)):
            for index, member in enumerate(value):
                yield from _members(f"{path}[{index}]", member, depth + 1)
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            for field, _, write in members_of(type(value)):
                if write is None:
                    yield from _members(f"{path}.{field}", getattr(value, field), depth + 1)
    yield path, value


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
