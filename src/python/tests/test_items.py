import enum
from collections import OrderedDict, deque, namedtuple
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Literal, Optional, Union
from uuid import UUID

import pytest
import queueipc
from queueipc import items
from queueipc.items import BigInteger, DateTimeOffset, Name

INDIA = timezone(timedelta(hours=5, minutes=30))


class Colour(enum.IntEnum):
    RED = 1


@dataclass
class Line:
    sku: str
    count: int = 1


@dataclass
class Order:
    id: Annotated[UUID, Name("Id")]
    when: Annotated[datetime, DateTimeOffset, Name("When")]
    lines: Annotated[list[Line], Name("Lines")] = field(default_factory=list)
    total: Optional[Decimal] = None
    colour: Colour = Colour.RED
    big: Annotated[int, BigInteger] = 0


@pytest.mark.parametrize(
    "sent, read",
    [
        (5, 5),
        (2**64 - 1, 2**64 - 1),
        (-(2**63), -(2**63)),
        (1.5, 1.5),
        ("Grüße 你好 🙂", "Grüße 你好 🙂"),
        (b"\0\1", b"\0\1"),
        ((1, "a"), [1, "a"]),
        ({1: "a", "b": 2.5}, {1: "a", "b": 2.5}),
        (OrderedDict(a=1), {"a": 1}),
        (namedtuple("P", "x y")(1, 2), [1, 2]),
        (deque([1, 2]), [1, 2]),
        ({7}, [7]),
        (1 + 2j, [1.0, 2.0]),
        (Colour.RED, 1),
        (timedelta(seconds=1, microseconds=1), 10_000_010),
        (timedelta(days=-1), -864_000_000_000),
        (date(1, 1, 1), 0),
        (date(2026, 11, 28), 739_947),
        (time(23, 59, 59, 999_999), 863_999_999_990),
        (Decimal("1E+3"), "1000"),
        (Decimal("1.50"), "1.50"),
        (UUID("12345678-1234-5678-1234-567812345678"), "12345678-1234-5678-1234-567812345678"),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999, timezone.utc), datetime(9999, 12, 31, 23, 59, 59, 999_999, timezone.utc)),
        (datetime(1, 1, 1, tzinfo=timezone.utc), datetime(1, 1, 1, tzinfo=timezone.utc)),
        (datetime(1969, 12, 31, 23, 59, 59, 1, timezone.utc), datetime(1969, 12, 31, 23, 59, 59, 1, timezone.utc)),
        (datetime(2026, 1, 1, 5, 30, tzinfo=INDIA), datetime(2026, 1, 1, tzinfo=timezone.utc)),
    ],
)
def test_plain_value(queue, sent, read):
    queue.put(sent)
    assert queue.get() == read


@pytest.mark.parametrize(
    "type, value",
    [
        (timedelta, timedelta(days=400, microseconds=3)),
        (date, date(2026, 11, 28)),
        (time, time(23, 59, 59, 999_999)),
        (UUID, UUID(int=7)),
        (Decimal, Decimal("0.0000000000000000000000000001")),
        (datetime, datetime(2026, 1, 1, 1, 1, 1, 1, timezone.utc)),
        (Annotated[datetime, DateTimeOffset], datetime(2026, 1, 1, 5, 30, tzinfo=INDIA)),
        (Annotated[int, BigInteger], -(2**200)),
        (Colour, Colour.RED),
        (set[int], {1, 2}),
        (frozenset[str], frozenset("ab")),
        (dict[int, list[timedelta]], {1: [timedelta(1)]}),
        (tuple[int, str], (1, "a")),
        (tuple[int, ...], (1, 2, 3)),
        (Union[int, str], "a"),
        (Optional[float], None),
        (Literal["a", "b"], "b"),
        (complex, 1 + 2j),
        (bool, True),
        (float, 5.0),
        (Order, Order(UUID(int=1), datetime(2026, 1, 1, 5, 30, tzinfo=INDIA), [Line("a", 2)], Decimal("1.10"), Colour.RED, 2**70)),
    ],
)
def test_typed_value_arrives_equal(client, name, type, value):
    queue = client.queue(name, type)
    queue.put(value)
    got = queue.get()
    assert got == value and (value is None or got.__class__ is value.__class__)
    if isinstance(value, datetime):
        assert got.utcoffset() == value.utcoffset()
    client.delete_queue(name)


def test_members_travel_by_their_names_on_the_wire(client, name):
    client.queue(name, Order).put(Order(UUID(int=1), datetime(2026, 1, 1, tzinfo=timezone.utc)))
    assert {"Id", "When", "Lines", "total", "colour", "big"} == set(client.queue(name).get())
    client.delete_queue(name)


@pytest.mark.parametrize(
    "item, said",
    [
        ({"a": [1, object()]}, "item['a'][1]"),
        ([2**64], "64 bits"),
        (datetime(2026, 1, 1), "time zone"),
        (Line("a", range(3)), "item.count"),
        (Decimal("NaN"), "NaN"),
        (Decimal(1) / 3 * Decimal("1e-10"), "28 places"),
        ("\ud800", "surrogates"),
        (Order(UUID(int=1), datetime(2026, 1, 1)), "time zone"),
    ],
)
def test_item_that_cannot_be_packed_names_the_member_and_nothing_was_put(queue, item, said):
    with pytest.raises(queueipc.ItemUnwritable) as error:
        queue.put(item)
    assert said in str(error.value) and "Nothing was put" in str(error.value)
    assert queue.empty()


@pytest.mark.parametrize(
    "type, sent, said",
    [
        (int, "five", "item: an int was expected"),
        (int, True, "an int was expected"),
        (int, 5.0, "an int was expected"),
        (UUID, "no uuid", "a UUID"),
        (Order, {"Id": 5}, "item.Id"),
        (Line, {"count": 1}, "sku"),
        (list[Line], [{"sku": "a"}, {"sku": 1}], "item[1].sku"),
        (tuple[int, int], [1], "an array of 2"),
        (date, 10**9, "a day's number"),
    ],
)
def test_item_of_another_shape_names_the_member_and_is_dead_with_its_bytes(client, queue, type, sent, said):
    queue.put(sent)
    with pytest.raises(queueipc.ItemUnreadable) as error:
        client.queue(queue.name, type).get()
    assert said in str(error.value) and error.value.data
    (dead,) = queue.dead_items()
    assert dead.item == sent and said in dead.reason


def test_item_that_is_no_messagepack(client, queue):
    client.queue(queue.name, bytes).put(b"\xc1")
    with pytest.raises(queueipc.ItemUnreadable) as error:
        queue.get()
    assert error.value.data == b"\xc1"


def test_raw_bytes_are_the_bytes_themselves(client, queue):
    raw = client.queue(queue.name, bytes)
    raw.put(b"\x93\x01\x02\x03")
    assert queue.get() == [1, 2, 3]
    with pytest.raises(queueipc.ItemUnwritable):
        raw.put("text")


def test_unknown_type_is_refused_when_the_queue_is_opened(client, name):
    with pytest.raises(TypeError, match="no type that an item can be read as"):
        client.queue(name, type(lambda: None))


def test_conversions_at_their_ends():
    assert items.from_ticks(-15) == timedelta(microseconds=-1)
    assert items.from_day_number(3_652_058) == date.max
    assert items.to_time_ticks(time.max) == 863_999_999_990
    assert [items.from_big_integer(items.to_big_integer(n)) for n in (-129, -128, 0, 127, 128)] == [-129, -128, 0, 127, 128]
    assert items.from_date_time_offset(items.to_date_time_offset(datetime.max.replace(tzinfo=INDIA))).utcoffset() == INDIA.utcoffset(None)
    with pytest.raises(ValueError):
        items.from_time_ticks(864_000_000_000)
