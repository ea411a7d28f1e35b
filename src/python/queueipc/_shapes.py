"""Reading by type: what a plain MessagePack value becomes where the user names a type, and how marked fields are written."""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import types
import typing
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Callable, Optional, Union, get_args, get_origin
from uuid import UUID

from . import items

Convert = Callable[[Any], Any]
_INT64_TICKS = "an integer of 100 ns"


class Mismatch(Exception):
    """A value is not of its type. `path` grows on the way out, from the member to the item."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.path = ""

    def __str__(self) -> str:
        return f"item{self.path}: {self.args[0]}"


def _expected(what: str, value: Any) -> Mismatch:
    text = repr(value)
    return Mismatch(f"{what} was expected, and it is {text if len(text) <= 80 else text[:77] + '…'}")


def _exactly(kind: Any, what: str) -> Convert:
    def read(value: Any) -> Any:
        # bool is an int to Python, and nothing of the kind on the wire.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise _expected(what, value)
        return value

    return read


def _converted(kind: Any, what: str, convert: Convert) -> Convert:
    check = _exactly(kind, what)

    def read(value: Any) -> Any:
        try:
            return convert(check(value))
        except (ValueError, OverflowError, InvalidOperation, TypeError):
            raise _expected(what, value) from None

    return read


_PLAIN: dict[Any, Convert] = {
    Any: lambda value: value,
    object: lambda value: value,
    bool: _exactly(bool, "a bool"),
    int: _exactly(int, "an int"),
    float: _converted((int, float), "a number", float),
    str: _exactly(str, "a text"),
    bytes: _exactly(bytes, "bytes"),
    datetime: _exactly(datetime, "a time (MessagePack timestamp)"),
    date: _converted(int, "a day's number since 0001-01-01", items.from_day_number),
    time: _converted(int, f"a time of day, {_INT64_TICKS}", items.from_time_ticks),
    timedelta: _converted(int, f"a duration, {_INT64_TICKS}", items.from_ticks),
    Decimal: _converted(str, "a decimal number as text", Decimal),
    UUID: _converted(str, "a UUID as text", UUID),
    complex: _converted(list, "[real, imaginary]", lambda pair: complex(*pair)),
    list: _exactly(list, "an array"),
    dict: _exactly(dict, "a map"),
    tuple: _converted(list, "an array", tuple),
    set: _converted(list, "an array", set),
    type(None): lambda value: value if value is None else _raise(_expected("nothing", value)),
}


def _raise(error: Exception) -> Any:
    raise error


@lru_cache(maxsize=None)
def reader_of(hint: Any) -> Convert:
    """What makes a value of this type of a plain one. Raises `TypeError` for a type that it cannot read."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, args = get_origin(hint), get_args(hint)
    if origin is typing.Annotated:
        marked = _marked(hint)
        return marked[0] if marked else reader_of(args[0])
    if origin in (Union, types.UnionType):
        return _union(args)
    if origin in (list, set, frozenset, collections.abc.Sequence, collections.abc.Iterable):
        return _array(origin if isinstance(origin, type) and origin in (set, frozenset) else list, reader_of(args[0]))
    if origin is tuple:
        return _array(tuple, reader_of(args[0])) if args[1:] == (...,) else _tuple([reader_of(arg) for arg in args])
    if origin in (dict, collections.abc.Mapping):
        return _map(reader_of(args[0]), reader_of(args[1]))
    if origin is typing.Literal:
        return lambda value: value if value in args else _raise(_expected(f"one of {args}", value))
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _converted((int, str), f"a {hint.__name__}", hint)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _dataclass(hint)
    kind = origin or hint
    if isinstance(kind, type) and hasattr(kind, "_address_reader"):
        return kind._address_reader(args[0] if args else Any)
    if isinstance(hint, typing.TypeVar):
        return _PLAIN[Any]
    raise TypeError(f"{hint!r} is no type that an item can be read as. Use plain values, collections of them, or a dataclass.")


@lru_cache(maxsize=None)
def writer_of(hint: Any) -> Optional[Convert]:
    """What a value of this type has to go through before it is packed; None where its own type says all."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is typing.Annotated:
        marked = _marked(hint)
        return _unless_none(marked[1]) if marked else writer_of(args[0])
    if origin in (Union, types.UnionType):
        writers = [write for write in map(writer_of, args) if write]
        return _unless_none(writers[0]) if len(writers) == 1 and len(args) == 2 and type(None) in args else None
    if origin in (list, set, frozenset, collections.abc.Sequence) and (write := writer_of(args[0])):
        return lambda value: [write(each) for each in value]  # type: ignore[misc]
    if origin in (dict, collections.abc.Mapping) and (write := writer_of(args[1])):
        return lambda value: {key: write(each) for key, each in value.items()}  # type: ignore[misc]
    return None


@lru_cache(maxsize=None)
def members_of(kind: type) -> "tuple[tuple[str, str, Optional[Convert]], ...]":
    """A dataclass's fields: the field's name, its name on the wire, and how it is written."""
    hints = typing.get_type_hints(kind, include_extras=True)
    return tuple((field.name, _wire_name(field.name, hints[field.name]), writer_of(hints[field.name])) for field in dataclasses.fields(kind))


def _marked(hint: Any) -> "Optional[tuple[Convert, Convert]]":
    for mark in get_args(hint)[1:]:
        if mark is items.DateTimeOffset:
            return _converted(list, "[time, minutes]", items.from_date_time_offset), items.to_date_time_offset
        if mark is items.BigInteger:
            return _converted(bytes, "the bytes of a BigInteger", items.from_big_integer), items.to_big_integer
    return None


def _wire_name(name: str, hint: Any) -> str:
    marks = get_args(hint)[1:] if get_origin(hint) is typing.Annotated else ()
    return next((mark.text for mark in marks if isinstance(mark, items.Name)), name)


def _unless_none(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _inside(key: str, read: Convert, value: Any) -> Any:
    try:
        return read(value)
    except Mismatch as error:
        error.path = key + error.path
        raise


def _array(make: Callable[[Any], Any], read: Convert) -> Convert:
    check = _exactly(list, "an array")
    return lambda value: make([_inside(f"[{index}]", read, each) for index, each in enumerate(check(value))])


def _tuple(reads: "list[Convert]") -> Convert:
    check = _exactly(list, f"an array of {len(reads)}")

    def read(value: Any) -> Any:
        if len(check(value)) != len(reads):
            raise _expected(f"an array of {len(reads)}", value)
        return tuple(_inside(f"[{index}]", each, part) for index, (each, part) in enumerate(zip(reads, value)))

    return read


def _map(read_key: Convert, read: Convert) -> Convert:
    check = _exactly(dict, "a map")
    return lambda value: {_inside(f"[{key!r}]", read_key, key): _inside(f"[{key!r}]", read, each) for key, each in check(value).items()}


def _union(args: "tuple[Any, ...]") -> Convert:
    reads = [reader_of(arg) for arg in args if arg is not type(None)]
    optional = type(None) in args

    def read(value: Any) -> Any:
        if value is None and optional:
            return None
        first: Optional[Mismatch] = None
        for each in reads:
            try:
                return each(value)
            except Mismatch as error:
                first = first or error
        raise first or _expected("nothing", value)

    return read


def _dataclass(kind: type) -> Convert:
    check = _exactly(dict, f"a {kind.__name__} (a map)")
    fields: "Optional[list[tuple[str, str, Convert]]]" = None

    def read(value: Any) -> Any:
        nonlocal fields
        if fields is None:  # not before the first item: a class may mention itself
            hints = typing.get_type_hints(kind, include_extras=True)
            fields = [(name, wire_name, reader_of(hints[name])) for name, wire_name, _ in members_of(kind)]
        check(value)
        given = {name: _inside(f".{wire_name}", each, value[wire_name]) for name, wire_name, each in fields if wire_name in value}
        try:
            return kind(**given)
        except TypeError:
            missing = [wire_name for name, wire_name, _ in fields if name not in given]
            raise Mismatch(f"a {kind.__name__} has {', '.join(missing)} as well, and this map has {', '.join(map(str, value)) or 'nothing'}") from None

    return read
