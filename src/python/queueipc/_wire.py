"""The frames of the protocol: numbers, headers, and the bodies that a client writes and reads. No I/O."""

from __future__ import annotations

import struct
from typing import Iterable, Iterator, NamedTuple, Optional

MAGIC = 0x43504951
VERSIONS = (2, 1)  # the newest first; what a broker does not know is tried in this order

HELLO, BYE, OPEN, CLOSE, DELETE, LIST = 1, 2, 3, 4, 5, 6
PUT, GET, JOIN, SUBSCRIBE, CANCEL = 16, 17, 18, 19, 20
ADVANCE, REJECT_NEXT, ACK, NACK, RELEASE, EXTEND, DEAD_LETTER = 24, 25, 26, 27, 28, 29, 30
INFO, PEEK, CLEAR, COMPLETE, GET_DEAD, REDRIVE, DELETE_DEAD = 40, 41, 42, 43, 44, 45, 46
IS_GONE = 48
WELCOME, OPENED, DONE, ITEMS, FULL, NEVER_FITS, EMPTY, COMPLETED = 128, 129, 130, 131, 132, 133, 134, 135
DELETED, CANCELLED, TIMED_OUT, LEASE_LOST, QUEUE_INFOS, DEAD_ITEMS, REFUSED = 136, 137, 138, 139, 140, 141, 142
ERROR = 255

LEASE, NUMBERED = 1, 2  # flags
NOTE = 1 << 30  # in an item's length: the bytes end with a note
BATCH_BYTES = 61440
ANSWER_BYTES_MAX = 64 << 20
REASON_CHARS_MAX = 1024
ITEM_TOO_LARGE, BAD_NAME, OPTIONS_CONFLICT, NO_SUCH_QUEUE, TOO_LATE, BAD_VERSION, STOPPING = 4, 1, 2, 3, 10, 101, 112

HEADER = struct.Struct("<IBBHIQ")
_GET = struct.Struct("<qi")
_I64 = struct.Struct("<q")
_I32 = struct.Struct("<i")
_WAIT_COUNT = struct.Struct("<qI")
_NUMBERED = struct.Struct("<qqqqI")
_TOKEN = {1: struct.Struct("<Qi"), 2: struct.Struct("<Qiq")}
_INFO = struct.Struct("<iiiiiqiiqqqB")
_DEAD = {1: struct.Struct("<qiq"), 2: struct.Struct("<qiqq")}
_ONE_TOKEN = struct.Struct("<IQ")
_SETTINGS = struct.Struct("<iqqi")


class ProtocolError(Exception):
    """The other side speaks something else."""


class Delivered(NamedTuple):
    """One item as it came: its token (0 where there is none), its failures, its bytes (None is the null item), and its place in the queue (0 if it is not told)."""

    token: int
    failures: int
    data: Optional[bytes]
    sequence: int = 0


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


def hello(pid: int, version: int, producer: bytes = b"") -> bytes:
    """A client that may come back says who it is; it has no lease records, and no name but its program's."""
    more = producer + struct.pack("<QH", 0, 0) if producer and version > 1 else b""
    return struct.pack("<IHi", MAGIC, version, pid) + more


def open_queue(name: str, settings: Optional[tuple[int, int, int, int]], version: int, transient: bool = False, label: str = "") -> bytes:
    if settings is None:
        return text(name) + b"\0"
    more = struct.pack("<?", transient) + text(label) if version > 1 else b""
    return text(name) + b"\1" + _SETTINGS.pack(*settings) + more


def put(wait_us: int, count: int, items: bytes) -> bytes:
    """`items` are ready for the wire, one behind the other: see `item`."""
    return _WAIT_COUNT.pack(wait_us, count) + items


def numbered_put(wait_us: int, number: int, oldest: int, age_us: int, count: int, items: bytes) -> bytes:
    """A put that may come again; its flag is NUMBERED."""
    return _NUMBERED.pack(wait_us, number, oldest, age_us, count) + items


def waits(body: bytes, wait_us: int) -> bytes:
    """The same request with another wait, which all that wait begin with."""
    return number(wait_us) + body[_I64.size :]


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


def token(value: int) -> bytes:
    return _ONE_TOKEN.pack(1, value)


def tokens(values: Iterable[int]) -> bytes:
    values = tuple(values)
    return struct.pack(f"<I{len(values)}Q", len(values), *values)


def nack(delay_us: int, why: str, values: Iterable[int], version: int) -> bytes:
    """Version 1 has no reason."""
    return number(delay_us) + (reason(why) if version > 1 else b"") + tokens(values)


def these(sequences: Optional[Iterable[int]], version: int) -> bytes:
    """Which dead items: those with these numbers, or all."""
    if version == 1:
        return b""
    if sequences is None:
        return b"\0"
    values = tuple(sequences)
    return b"\1" + struct.pack(f"<I{len(values)}q", len(values), *values)


def read_number(body: bytes) -> int:
    return _I64.unpack(body)[0]


def read_text(body: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<H", body, at)
    end = at + 2 + length
    if end > len(body):
        raise ProtocolError("a text is cut off")
    return body[at + 2 : end].decode("utf-8"), end


def read_items(flags: int, body: bytes, version: int) -> Iterator[Delivered]:
    (count,) = struct.unpack_from("<I", body)
    at, token, failures, sequence = 4, 0, 0, 0
    leased, length_at, head = flags & LEASE, _I32.unpack_from, _TOKEN[version]
    for _ in range(count):
        if leased:
            if version > 1:
                token, failures, sequence = head.unpack_from(body, at)
            else:
                token, failures = head.unpack_from(body, at)
            at += head.size
        (length,) = length_at(body, at)
        at += 4
        if length == -1:
            yield Delivered(token, failures, None, sequence)
            continue
        if length < NOTE:
            end = next_at = at + length
        else:
            next_at = at + length - NOTE
            end = _without_note(body, at, next_at)
        if length < -1 or next_at > len(body):
            raise ProtocolError("an item is cut off")
        yield Delivered(token, failures, body[at:end], sequence)
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


def read_infos(body: bytes, version: int) -> Iterator[tuple]:
    """For each queue: its name, the twelve numbers of the protocol, its label, and whether it is durable."""
    (count,) = struct.unpack_from("<I", body)
    at = 4
    for _ in range(count):
        name, at = read_text(body, at)
        numbers = _INFO.unpack_from(body, at)
        at += _INFO.size
        label, durable = "", False
        if version > 1:
            label, at = read_text(body, at)
            durable, at = body[at] == 1, at + 1
        yield (name, *numbers, label, durable)


def read_dead(body: bytes, version: int) -> Iterator[tuple]:
    """Sequence number, failures, microseconds since its death, in version 2 those since 1970 at its death, reason, bytes."""
    (count,) = struct.unpack_from("<I", body)
    at, head = 4, _DEAD[version]
    for _ in range(count):
        numbers = head.unpack_from(body, at)
        why, at = read_text(body, at + head.size)
        (length,) = _I32.unpack_from(body, at)
        at += 4
        if length == -1:
            yield (*numbers, why, None)
            continue
        next_at = at + (length & ~NOTE)
        end = _without_note(body, at, next_at) if length & NOTE else next_at
        yield (*numbers, why, body[at:end])
        at = next_at


def read_refusal(body: bytes) -> tuple[int, str]:
    (code,) = struct.unpack_from("<H", body)
    return code, read_text(body, 2)[0]
