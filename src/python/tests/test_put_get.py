import threading
import time

import pytest
import queueipc
from conftest import LONG, SHORT


def test_put_and_get_keep_order_and_say_the_size(queue):
    assert queue.qsize() == 0 and queue.empty()
    queue.put("a")
    queue.put(["b", 2])
    assert queue.qsize() == 2 and not queue.empty()
    assert [queue.get(), queue.get()] == ["a", ["b", 2]]
    assert queue.empty()


def test_none_and_nothing_are_two_items(queue):
    queue.put(None)
    queue.put(b"")
    assert queue.get() is None
    assert queue.get() == b""


@pytest.mark.parametrize("call", [lambda q: q.get(False), lambda q: q.get_nowait(), lambda q: q.get(timeout=0), lambda q: q.lease(False)])
def test_get_of_an_empty_queue_raises_empty_at_once(queue, call):
    begun = time.monotonic()
    with pytest.raises(queueipc.Empty):
        call(queue)
    assert time.monotonic() - begun < LONG / 10


def test_get_with_timeout_is_never_early(queue):
    begun = time.monotonic()
    with pytest.raises(queueipc.Empty):
        queue.get(timeout=SHORT)
    assert time.monotonic() - begun >= SHORT


def test_full_queue_raises_full_and_a_get_makes_room(client, name):
    queue = client.queue(name, maxsize=2)
    queue.put(1)
    queue.put(2, True, SHORT)
    assert queue.full() and queue.maxsize == 2
    for call in (lambda: queue.put(3, False), lambda: queue.put_nowait(3), lambda: queue.put(3, timeout=SHORT)):
        with pytest.raises(queueipc.Full):
            call()
    waiting = threading.Thread(target=queue.put, args=(3,))
    waiting.start()
    assert [queue.get(), queue.get(timeout=LONG), queue.get(timeout=LONG)] == [1, 2, 3]
    waiting.join(LONG)
    client.delete_queue(name)


def test_negative_timeout_is_refused(queue):
    for call in (lambda: queue.put(1, timeout=-1), lambda: queue.get(timeout=-1)):
        with pytest.raises(ValueError):
            call()


def test_threads_that_wait_are_served_through_one_connection(queue):
    got = []
    threads = [threading.Thread(target=lambda: got.append(queue.get(timeout=LONG))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for i in range(16):
        queue.put(i)
    for thread in threads:
        thread.join(LONG)
    assert sorted(got) == list(range(16))


def test_put_many_and_get_many(queue):
    assert queue.put_many(range(10_000)) == 10_000
    got = []
    while len(got) < 10_000:
        got += queue.get_many(1_000)
    assert got == list(range(10_000))
    assert queue.get_many(10, timeout=0) == []
    queue.join(LONG)


def test_put_many_beyond_the_capacity_says_how_many_went_in(client, name):
    queue = client.queue(name, maxsize=5)
    with pytest.raises(queueipc.Full) as error:
        queue.put_many(range(10), timeout=SHORT)
    assert error.value.accepted == 5 == queue.qsize()
    client.delete_queue(name)


def test_put_many_of_something_that_cannot_be_packed_ends_there(queue):
    with pytest.raises(queueipc.ItemUnwritable):
        queue.put_many([1, object()])
    queue.put(2)
    assert queue.get() == 2


def test_large_item(queue):
    item = bytes(16 * 1024 * 1024 - 16)
    queue.put(item)
    assert queue.get() == item
    with pytest.raises(queueipc.ItemTooLarge):
        queue.put(item + bytes(64))
    queue.put("goes on")
    assert queue.get() == "goes on"


def test_item_that_can_never_fit(client, name):
    queue = client.queue(name, max_bytes=1000)
    with pytest.raises(queueipc.ItemTooLarge):
        queue.put("x" * 2000)
    assert queue.empty()
    client.delete_queue(name)


def test_peek_and_clear(queue):
    with pytest.raises(queueipc.Empty):
        queue.peek()
    queue.put_many([1, 2, 3])
    assert queue.peek() == 1 and queue.qsize() == 3
    assert queue.clear() == 3 and queue.empty()


def test_shutdown_drains_and_then_says_so(queue):
    queue.put(1)
    queue.shutdown()
    with pytest.raises(queueipc.ShutDown):
        queue.put(2)
    assert queue.get() == 1
    with pytest.raises(queueipc.ShutDown):
        queue.get()
    assert queue.info().is_completed


def test_shutdown_at_once_wakes_who_waits(queue):
    raised = []

    def wait():
        try:
            queue.get(timeout=LONG)
        except queueipc.ShutDown as error:
            raised.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    queue.shutdown(immediate=True)
    thread.join(LONG)
    assert len(raised) == 1


def test_deleted_queue_says_so(client, name):
    queue = client.queue(name)
    client.delete_queue(name)
    with pytest.raises(queueipc.ShutDown, match="deleted"):
        queue.put(1)
    with pytest.raises(KeyError):
        client.delete_queue(name)


def test_closed_handle_is_closed_and_others_go_on(client, queue):
    other = client.queue(queue.name)
    queue.close()
    for call in (lambda: queue.put(1), lambda: queue.get()):
        with pytest.raises(ValueError, match="is closed"):
            call()
    other.put(1)
    assert other.get() == 1


def test_unnamed_queues_are_two(client):
    first, second = queueipc.Queue(client=client), queueipc.Queue(3, client=client)
    first.put(1)
    assert second.empty() and second.maxsize == 3 and first.name != second.name


def test_queues_and_settings_are_told(client, name):
    queue = client.queue(name, maxsize=7, lease_time=5, max_failures=2)
    assert (queue.maxsize, queue.lease_time, queue.max_failures) == (7, 5, 2)
    assert name in [info.name for info in client.queues()]
    with pytest.raises(ValueError, match="7"):
        client.queue(name, maxsize=8)
    client.delete_queue(name)


@pytest.mark.parametrize("bad", ["a\nb", "x" * 129])
def test_name_that_is_none_is_refused(client, bad):
    with pytest.raises(ValueError):
        client.queue(bad)
