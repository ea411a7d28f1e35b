"""Real processes: forked, spawned, and killed."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading

import pytest
import queueipc
from conftest import LONG, eventually


def produce(queue, first, count):
    for i in range(first, first + count):
        queue.put(i)


def wait_for_an_item(queue, begun):
    begun.put(os.getpid())
    queue.get()


def lease_and_hang(queue, begun):
    job = queue.lease()
    begun.put(os.getpid())
    job._queue.lease()  # waits for ever


def square(numbers, replies):
    for number in numbers:
        replies.put(number * number)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_share_a_queue(queue, method):
    context = multiprocessing.get_context(method)
    children = [context.Process(target=produce, args=(queue, 1000 * n, 100)) for n in range(3)]
    for child in children:
        child.start()
    got = [queue.get(timeout=LONG) for _ in range(300)]
    for child in children:
        child.join(LONG)
        assert child.exitcode == 0
    for n in range(3):
        assert [item for item in got if item // 1000 == n] == [1000 * n + i for i in range(100)]


def test_forked_child_has_a_connection_of_its_own_and_lets_go_of_ours(client, queue):
    """The child keeps running while the parent's connection ends: the broker notices at once, since the child holds no copy."""
    begun = client.queue(queue.name + "-begun")
    child = multiprocessing.get_context("fork").Process(target=wait_for_an_item, args=(queue, begun))
    other = queueipc.connect(client.endpoint)
    leased = other.queue(queue.name)
    queue.put("mine")
    lease = leased.lease()
    child.start()
    begun.get(timeout=LONG)
    other.connection()._socket.close()  # as if this process had died: no farewell, and no shutdown that would reach all copies
    child.join(LONG)  # it got what came back
    assert child.exitcode == 0 and not lease.settled
    client.delete_queue(begun.name)


def test_fork_while_other_threads_wait(queue):
    waiting = threading.Thread(target=queue.get, daemon=True)
    waiting.start()
    child = multiprocessing.get_context("fork").Process(target=produce, args=(queue, 0, 2))
    child.start()
    child.join(LONG)
    assert child.exitcode == 0
    waiting.join(LONG)
    assert queue.get(timeout=LONG) == 1


def test_pickled_queue_is_the_same_queue(queue):
    copy = pickle.loads(pickle.dumps(queue))
    copy.put("hello")
    assert queue.get(timeout=LONG) == "hello"


def test_consumer_killed_while_it_waits_costs_nothing(client, queue):
    begun = client.queue(queue.name + "-begun")
    children = [multiprocessing.Process(target=wait_for_an_item, args=(queue, begun)) for _ in range(3)]
    for child in children:
        child.start()
    for _ in children:
        begun.get(timeout=LONG)
    eventually(lambda: queue.info().waiting_gets == 3)
    for child in children:
        child.kill()
        child.join(LONG)
    eventually(lambda: queue.info().waiting_gets == 0)
    queue.put_many(range(10))
    assert queue.get_many(20, timeout=LONG) == list(range(10))
    client.delete_queue(begun.name)


def test_worker_killed_with_a_lease_the_item_comes_back(client, queue):
    begun = client.queue(queue.name + "-begun")
    queue.put("work")
    child = multiprocessing.Process(target=lease_and_hang, args=(queue, begun))
    child.start()
    os.kill(begun.get(timeout=LONG), signal.SIGKILL)
    with queue.lease(timeout=LONG) as job:
        assert (job.item, job.failures) == ("work", 1)
    child.join(LONG)
    client.delete_queue(begun.name)


def test_queue_for_the_reply_inside_an_item(client, queue):
    replies = queueipc.Queue(client=client)
    typed = client.queue(queue.name, tuple[int, queueipc.Queue[int]])
    queue.put((7, replies))
    number, answer_to = typed.get()
    answer_to.put(number * number)
    assert replies.get(timeout=LONG) == 49


@pytest.mark.parametrize("where", ["wait", "finish"])
def test_get_interrupted_as_soon_as_it_is_sent_has_taken_nothing(queue, monkeypatch, where):
    def interrupted(*_):
        eventually(lambda: queue.info().waiting_gets == 1)
        raise KeyboardInterrupt

    with queueipc.connect() as other:
        mine = other.queue(queue.name)
        mine.info()
        with monkeypatch.context() as patch:
            patch.setattr(other._connection, where, interrupted)
            with pytest.raises(KeyboardInterrupt):
                mine.get()
        eventually(lambda: queue.info().waiting_gets == 0)
        queue.put("still here")
        assert mine.get(timeout=LONG) == "still here"


def test_interrupted_get_has_taken_nothing(queue):
    script = (
        "import queueipc, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's job in the background ignores it
        "q = queueipc.connect().queue(sys.argv[1])\n"
        "print('waiting', flush=True)\n"
        "try:\n    q.get()\nexcept KeyboardInterrupt:\n    q.put('still here')\n"
    )
    environment = dict(os.environ, PYTHONPATH=os.path.join(os.path.dirname(__file__), ".."))
    child = subprocess.Popen([sys.executable, "-c", script, queue.name], stdout=subprocess.PIPE, env=environment)
    child.stdout.readline()
    eventually(lambda: queue.info().waiting_gets == 1)
    child.send_signal(signal.SIGINT)
    assert queue.get(timeout=LONG) == "still here"
    assert child.wait(LONG) == 0
    child.stdout.close()
