"""The frames of the protocol's document, through this client's own functions: see tests/conformance."""

import importlib.util
import json
from pathlib import Path

import pytest
from queueipc import _wire as wire

CONFORMANCE = Path(__file__).parents[3] / "tests" / "conformance"
FRAMES = json.loads((CONFORMANCE / "frames.json").read_text(encoding="utf-8"))
OP = {name.replace("_", "").lower(): value for name, value in vars(wire).items() if name.isupper() and isinstance(value, int)}


def items(values):
    """Ready for the wire, from lengths and bytes."""
    left, found = list(values), []
    while left:
        length = left.pop(0)
        found.append(wire.item(None if length == -1 else bytes.fromhex(left.pop(0)) if length else b""))
    return found


def opened(version, name, given, *settings):
    return wire.open_queue(name, tuple(settings[:4]) if given else None, version, *(settings[4:] and (bool(settings[4]), settings[5])))


def nacked(version, delay, *rest):
    return wire.nack(delay, rest[0] if version > 1 else "", rest[version:], version)


BUILD = {
    "Hello": lambda magic, version, pid: wire.hello(pid, version),
    "Delete": lambda name: wire.text(name),
    "IsGone": wire.number,
    "Get": wire.get,
    "Join": wire.number,
    "Subscribe": wire.subscribe,
    "Advance": wire.advance,
    "RejectNext": wire.reason,
    "Ack": lambda count, *tokens: wire.tokens(tokens),
    "Release": lambda count, *tokens: wire.tokens(tokens),
    "Redrive": lambda *these: wire.these(these[2:], 2) if these else b"",
    "Extend": lambda time, count, *tokens: wire.number(time) + wire.tokens(tokens),
    "DeadLetter": lambda reason, count, *tokens: wire.reason(reason) + wire.tokens(tokens),
    "Peek": wire.at_most,
    "GetDead": wire.at_most,
    "Complete": lambda discard: bytes([discard]),
}


def flat_items(flags, body, version):
    found = list(wire.read_items(flags, body, version))
    values = [len(found)]
    for token, failures, data, sequence in found:
        values += [token, failures, sequence][: version + 1] if flags else []
        values += [-1] if data is None else [len(data), data.hex()] if data else [0]
    return values


def flat_dead(body, version):
    found = list(wire.read_dead(body, version))
    in_all = [int.from_bytes(body[-4:], "little")] if version > 1 else []  # the client leaves it where it is
    return [len(found)] + [value for *head, data in found for value in (*head, len(data), data.hex())] + in_all


def flat_infos(body, version):
    found = list(wire.read_infos(body, version))
    return [len(found)] + [value for row in found for value in (row if version > 1 else row[:-2])]


READ = {
    "Opened": lambda flags, body, version: list(wire.read_opened(body)),
    "Items": flat_items,
    "DeadItems": lambda flags, body, version: flat_dead(body, version),
    "QueueInfos": lambda flags, body, version: flat_infos(body, version),
    "Refused": lambda flags, body, version: list(wire.read_refusal(body)),
    "Error": lambda flags, body, version: list(wire.read_refusal(body)),
}


def put(flags, wait, *rest):
    if not flags & wire.NUMBERED:
        return wire.put(wait, rest[0], b"".join(items(rest[1:])))
    number, oldest, age, count, *values = rest
    return wire.numbered_put(wait, number, oldest, age, count, b"".join(items(values)))


BUILD_BY_VERSION = {"Open": opened, "Nack": nacked}
NOT_OURS = {"Connections", "ConnectionInfos", "Update", "GetHeld", "HeldItems", "Recall", "Return"}  # for those who watch and administer, or give back


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: f"{frame['op']} {frame['request']}")
def test_frame_is_written_and_read_as_in_the_document(frame):
    op, version, values = frame["op"], frame["version"], [value["value"] for value in frame["values"]]
    if op in NOT_OURS:
        return
    data = bytes.fromhex(frame["bytes"])
    length, number, flags, reserved, queue, request = wire.HEADER.unpack_from(data)
    assert (length, flags, reserved, queue, request) == (len(data) - 20, frame["flags"], 0, frame["queue"], frame["request"])
    if frame["from"].startswith("client"):
        body = put(flags, *values) if op == "Put" else BUILD_BY_VERSION[op](version, *values) if op in BUILD_BY_VERSION else BUILD[op](*values) if op in BUILD else b""
        assert wire.frame(OP[op.lower()], flags, queue, request, body) == data
    elif op in READ:
        assert READ[op](flags, data[20:], version) == values and number == OP[op.lower()]
    elif [value["kind"] for value in frame["values"]] == ["i64"]:
        assert [wire.read_number(data[20:])] == values and number == OP[op.lower()]
    else:
        assert op == "Welcome"  # which is read with the greeting


def test_frames_are_those_of_the_document():
    spec = importlib.util.spec_from_file_location("frames", CONFORMANCE / "frames.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (CONFORMANCE / "frames.json").read_text(encoding="utf-8") == module.as_json(), "run python3 tests/conformance/frames.py"


def test_item_with_a_note_is_read_without_it():
    note = "0119000AF7651916CD43DD8448EB211C80319CB7AD6B716920333101"
    noted = bytes.fromhex("21000040010203" + note + "1C00")
    (delivered,) = wire.read_items(0, b"\1\0\0\0" + noted, 1)
    assert delivered.data == b"\1\2\3"
    longer = bytes.fromhex("03000040" + "010203")  # the note would be longer than the item: there is none
    assert [each.data for each in wire.read_items(0, b"\1\0\0\0" + longer, 1)] == [b"\1\2\3"]


def test_every_frame_survives_every_split():
    """One frame, however it arrives in pieces; and one that is cut off is none."""
    from queueipc._connection import Connection

    stream = b"".join(bytes.fromhex(frame["bytes"]) for frame in FRAMES if frame["from"] == "broker" and frame["op"] not in ("Error", *NOT_OURS))
    whole = taken(Connection, [stream])
    for cut in range(1, len(stream)):
        assert taken(Connection, [stream[:cut], stream[cut:]]) == whole
    assert taken(Connection, [bytes([byte]) for byte in stream]) == whole


def taken(kind, pieces):
    connection = kind.__new__(kind)
    connection.item_bytes_max = 1 << 20
    found, buffer = [], bytearray()
    connection._dispatch = lambda *frame: found.append(frame)
    for piece in pieces:
        buffer += piece
        del buffer[: connection._take_frames(buffer)]
    assert not buffer
    return found
