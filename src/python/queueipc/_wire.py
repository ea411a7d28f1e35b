"""The frames of the protocol: numbers, headers, and the bodies that a client writes and reads. No I/O."""

from __future__ import annotations

import struct
from typing import Iterable, Iterator, NamedTuple, Optional, Sequence

MAGIC = 0x43504951
VERSION = 1

HELLO, BYE, OPEN, CLOSE, DELETE, LIST = 1, 2, 3, 4, 5, 6
PUT, GET, JOIN, SUBSCRIBE, CANCEL = 16, 17, 18, 19, 20
ADVANCE, REJECT_NEXT, ACK, NACK, RELEASE, EXTEND, DEAD_LETTER = 24, 25, 26, 27, 28, 29, 30
INFO, PEEK, CLEAR, COMPLETE, GET_DEAD, REDRIVE, DELETE_DEAD = 40, 41, 42, 43, 44, 45, 46
WELCOME, OPENED, DONE, ITEMS, FULL, NEVER_FITS, EMPTY, COMPLETED = 128, 129, 130, 131, 132, 133, 134, 135
DELETED, CANCELLED, TIMED_OUT, LEASE_LOST, QUEUE_INFOS, DEAD_ITEMS, REFUSED = 136, 137, 138, 139, 140, 141, 142
ERROR = 255

LEASE = 1  # the only flag
NOTE = 1 << 30  # in an item's length: the bytes end with a note
BATCH_BYTES = 61440
ANSWER_BYTES_MAX = 64 << 20
REASON_CHARS_MAX = 1024
ITEM_TOO_LARGE, BAD_NAME, OPTIONS_CONFLICT, NO_SUCH_QUEUE, BAD_VERSION = 4, 1, 2, 3, 101

HEADER = struct.Struct("<IBBHIQ")
_GET = struct.Struct("<qi")
_I64 = struct.Struct("<q")
_I32 = struct.Struct("<i")
_WAIT_COUNT = struct.Struct("<qI")
_TOKEN = struct.Struct("<Qi")
_INFO = struct.Struct("<iiiiiqiiqqqB")
_DEAD = struct.Struct("<qiq")
_SETTINGS = struct.Struct("<iqqi")


class ProtocolError(Exception):
    """The other side speaks something else."""


class Delivered(NamedTuple):
    """One item as it came: its token (0 where there is none), its failures, and its bytes; None is the null item."""

    token: int
    failures: int
    data: Optional[bytes]


def frame(op: int, flags: int, queue: int, request: int, body: bytes = b"") -> bytes:
    return HEADER.pack(len(body), op, flags, 0, queue, request) + body


def text(value: str) -> bytes:
    data = value.encode("utf-8")
    return struct.pack("<H", len(data)) + data


def reason(value: str) -> bytes:
    """A reason is cut off at the protocol's limit, which counts UTF-16 code units."""
    units = value.encode("utf-16-le", "replace")[: 2 * REASON_CHARS_MAX]
    return text(units.decode("utf-16-le", "ignore"))


def item(data: Optional[bytes]) -> bytes:
    return b"\xff\xff\xff\xff" if data is None else _I32.pack(len(data)) + data


def hello(pid: int, version: int = VERSION) -> bytes:
    return struct.pack("<IHi", MAGIC, version, pid)


def open_queue(name: str, settings: Optional[tuple[int, int, int, int]]) -> bytes:
    return text(name) + (b"\0" if settings is None else b"\1" + _SETTINGS.pack(*settings))


def put(wait_us: int, items: Sequence[bytes]) -> bytes:
    """`items` are ready for the wire: see `item`."""
    return _WAIT_COUNT.pack(wait_us, len(items)) + b"".join(items)


def get(wait_us: int, count: int) -> bytes:
    return _GET.pack(wait_us, count)


def subscribe(window: int, window_bytes: int) -> bytes:
    return struct.pack("<iq", window, window_bytes)


def advance(confirmed: int, window: int) -> bytes:
    return struct.pack("<Qi", confirmed, window)


def number(value: int) -> bytes:
    return _I64.pack(value)


def at_most(count: int) -> bytes:
    return _I32.pack(count)


def tokens(values: Iterable[int]) -> bytes:
    values = tuple(values)
    return struct.pack(f"<I{len(values)}Q", len(values), *values)


def read_number(body: bytes) -> int:
    return _I64.unpack(body)[0]


def read_text(body: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<H", body, at)
    end = at + 2 + length
    if end > len(body):
        raise ProtocolError("a text is cut off")
    return body[at + 2 : end].decode("utf-8"), end


def read_items(flags: int, body: bytes) -> Iterator[Delivered]:
    (count,) = struct.unpack_from("<I", body)
    at, token, failures = 4, 0, 0
    leased, length_at, token_at = flags & LEASE, _I32.unpack_from, _TOKEN.unpack_from
    for _ in range(count):
        if leased:
            token, failures = token_at(body, at)
            at += 12
        (length,) = length_at(body, at)
        at += 4
        if length == -1:
            yield Delivered(token, failures, None)
            continue
        if length < NOTE:
            end = next_at = at + length
        else:
            next_at = at + length - NOTE
            end = _without_note(body, at, next_at)
        if length < -1 or next_at > len(body):
            raise ProtocolError("an item is cut off")
        yield Delivered(token, failures, body[at:end])
        at = next_at


def _without_note(body: bytes, at: int, end: int) -> int:
    if end > len(body) or end - at < 2:
        return end
    (note,) = struct.unpack_from("<H", body, end - 2)
    return end - note - 2 if note + 2 <= end - at else end


def read_opened(body: bytes) -> tuple[str, int, int, int, int]:
    """Name, capacity, bytes, lease time in microseconds, failures."""
    name, at = read_text(body, 0)
    return (name, *_SETTINGS.unpack_from(body, at))


def read_infos(body: bytes) -> Iterator[tuple]:
    """For each queue: its name, then the twelve numbers of the protocol."""
    (count,) = struct.unpack_from("<I", body)
    at = 4
    for _ in range(count):
        name, at = read_text(body, at)
        yield (name, *_INFO.unpack_from(body, at))
        at += _INFO.size


def read_dead(body: bytes) -> Iterator[tuple[int, int, int, str, Optional[bytes]]]:
    """Sequence number, failures, microseconds since its death, reason, bytes."""
    (count,) = struct.unpack_from("<I", body)
    at = 4
    for _ in range(count):
        sequence, failures, age = _DEAD.unpack_from(body, at)
        why, at = read_text(body, at + _DEAD.size)
        (length,) = _I32.unpack_from(body, at)
        at += 4
        if length == -1:
            yield sequence, failures, age, why, None
            continue
        next_at = at + (length & ~NOTE)
        end = _without_note(body, at, next_at) if length & NOTE else next_at
        yield sequence, failures, age, why, body[at:end]
        at = next_at


def read_refusal(body: bytes) -> tuple[int, str]:
    (code,) = struct.unpack_from("<H", body)
    return code, read_text(body, 2)[0]
