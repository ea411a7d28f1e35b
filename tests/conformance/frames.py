"""Makes frames.json of the frames in docs/protocol.md: python3 tests/conformance/frames.py. A test says when that has to be done."""

import json
import re
from pathlib import Path

HERE = Path(__file__).parent
BLOCK = re.compile(r"^```frame\n(.*?)^```", re.MULTILINE | re.DOTALL)
NUMBERS = {"u8", "u16", "u32", "u64", "i32", "i64"}


def read_block(block):
    frame, values, hexadecimal = {}, [], ""
    for line in block.splitlines():
        key, rest = line[:9].strip(), line[9:]
        if key == "hex":
            hexadecimal += rest.replace(" ", "").lower()
        elif key in ("from", "op"):
            frame[key] = rest
        elif key in ("flags", "queue", "request"):
            frame[key] = int(rest)
        else:
            kind = key.rstrip("~")
            if kind == "text":
                value = json.loads(re.match(r'"(?:[^"\\]|\\.)*"', rest).group())
            else:
                value = rest.split("  ")[0]
                value = int(value) if kind in NUMBERS else value.replace(" ", "").lower()
            values.append({"kind": kind, "value": value})
    return {**frame, "values": values, "bytes": hexadecimal}


def frames():
    document = (HERE / "../../docs/protocol.md").read_text(encoding="utf-8")
    version, found = 1, []
    for frame in (read_block(match.group(1)) for match in BLOCK.finditer(document)):
        if frame["op"] == "Hello":
            version = min(frame["values"][1]["value"], 2)
        found.append({"version": version, **frame})
    return found


def as_json():
    return "[\n" + ",\n".join("  " + json.dumps(frame, ensure_ascii=False) for frame in frames()) + "\n]\n"


if __name__ == "__main__":
    (HERE / "frames.json").write_text(as_json(), encoding="utf-8")
