"""For each row, a line of JSON on standard input.

With a type: reads an item plainly and by type, puts both back, and says what it saw. With a value: puts it, and says why not if it cannot.
"""

import json
import sys
from collections import OrderedDict, deque, namedtuple  # noqa: F401
from datetime import date, datetime, time, timedelta, timezone  # noqa: F401
from decimal import Decimal  # noqa: F401
from typing import Annotated, Any, Optional  # noqa: F401
from dataclasses import dataclass
from enum import Enum, IntEnum
from uuid import UUID  # noqa: F401

import queueipc
from queueipc import items  # noqa: F401
from queueipc.items import BigInteger, DateTimeOffset  # noqa: F401


@dataclass
class Point:
    X: int
    Y: int


class Day(IntEnum):
    TUESDAY = 2


class Colour(Enum):
    RED = "red"


def shown(value):
    return repr(value).replace("datetime.timezone.utc", "utc").replace("datetime.datetime(", "datetime(").replace("datetime.", "").replace("tzinfo=", "")


with queueipc.connect() as client:
    for line in sys.stdin:
        row = json.loads(line)
        if "value" in row:
            try:
                client.queue(row["queue"]).put(eval(row["value"]))
                print(json.dumps(["put"]), flush=True)
            except queueipc.ItemUnwritable:
                print(json.dumps(["refused"]), flush=True)
            continue
        plain, typed = client.queue(row["queue"]), client.queue(row["queue"], eval(row["type"]))
        value = plain.get()
        plain.put(value)
        converted = typed.get()
        client.queue(row["queue"] + "-plain").put(value)
        client.queue(row["queue"] + "-typed", eval(row["type"])).put(converted)
        print(json.dumps([shown(value), shown(converted)]), flush=True)
