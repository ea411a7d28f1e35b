import asyncio
import itertools
import threading

import pytest
import queueipc
from conftest import LONG


def test_loop_gets_all_in_order_and_ends(queue):
    queue.put_many(range(50_000))
    queue.shutdown()
    assert list(queue) == list(range(50_000))
    queue.join(LONG)


def test_loop_that_is_left_gives_back_what_it_was_not_handed(queue):
    queue.put_many(range(1_000))
    assert list(itertools.islice(queue, 10)) == list(range(10))
    assert queue.get_many(2_000) == list(range(10, 1_000))


def test_item_in_a_slow_consumers_hand_is_confirmed_meanwhile(queue):
    queue.put_many(range(3))
    for item in queue:
        if item == 2:
            queue.join(LONG)  # ends when the clock has confirmed what is in hand
            queue.shutdown()


def test_loop_waits_for_what_comes(queue):
    got = []
    thread = threading.Thread(target=lambda: got.extend(queue))
    thread.start()
    for i in range(100):
        queue.put(i)
    queue.shutdown()
    thread.join(LONG)
    assert got == list(range(100))


def test_item_that_cannot_be_read_ends_the_loop_and_the_next_one_goes_on(client, queue):
    numbers = client.queue(queue.name, int)
    queue.put_many([1, "two", 3])
    queue.shutdown()
    got = []
    with pytest.raises(queueipc.ItemUnreadable) as error:
        got.extend(numbers)  # extend keeps what came before
    assert error.value.data == b"\xa3two"
    got = list(numbers)
    assert got == [3]
    assert [dead.data for dead in queue.dead_items()] == [b"\xa3two"]


def test_two_loops_share(queue):
    queue.put_many(range(20_000))
    queue.shutdown()
    got = [[], []]
    threads = [threading.Thread(target=each.extend, args=(queue,)) for each in got]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert sorted(got[0] + got[1]) == list(range(20_000))


def test_asyncio_put_get_and_lease(queue):
    async def main():
        got = [asyncio.ensure_future(queue.aget(LONG)) for _ in range(100)]
        await asyncio.sleep(0)
        for i in range(100):
            await queue.aput(i)
        assert sorted(await asyncio.gather(*got)) == list(range(100))
        await queue.aput("work")
        with await queue.alease() as job:
            assert job.item == "work"
        with pytest.raises(queueipc.Empty):
            await queue.aget(timeout=0.05)

    asyncio.run(main())


def test_asyncio_loop(queue):
    async def main():
        queue.put_many(range(10_000))
        queue.shutdown()
        assert [item async for item in queue] == list(range(10_000))

    asyncio.run(main())


def test_asyncio_get_that_is_cancelled_has_taken_nothing(queue):
    async def main():
        getting = asyncio.ensure_future(queue.aget())
        await asyncio.sleep(0)
        getting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await getting
        queue.put("kept")
        assert await queue.aget(LONG) == "kept"

    asyncio.run(main())


def test_plain_calls_beside_asyncio(queue):
    async def main():
        await queue.aput(1)
        assert queue.get(timeout=LONG) == 1

    asyncio.run(main())
