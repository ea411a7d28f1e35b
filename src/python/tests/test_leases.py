import threading
from datetime import datetime, timezone

import pytest
import queueipc
from conftest import LONG


def test_lease_is_acked_at_the_end_of_its_block(queue):
    queue.put("work")
    with queue.lease() as job:
        assert (job.item, job.failures) == ("work", 0)
        assert queue.info().leased == 1
    assert job.settled
    queue.join(LONG)


def test_block_that_raises_gives_the_item_back_with_a_failure(queue):
    queue.put("work")
    with pytest.raises(ZeroDivisionError):
        with queue.lease():
            1 / 0
    with queue.lease(timeout=LONG) as job:
        assert job.failures == 1 and job.sequence == 1


def test_item_dies_of_the_exception_of_its_last_block(client, name):
    queue = client.queue(name, max_failures=1)
    queue.put("work")
    with pytest.raises(OSError):
        with queue.lease():
            raise OSError("disk full")
    (dead,) = queue.dead_items()
    assert dead.reason == "OSError: disk full"
    assert abs((datetime.now(timezone.utc) - dead.died_at).total_seconds()) < 60
    client.delete_queue(name)


def test_single_dead_items_are_redriven_and_deleted(client, name):
    queue = client.queue(name, max_failures=1)
    queue.put_many("abc")
    for _ in range(3):
        queue.lease().nack(reason="no")
    first, second, third = [dead.sequence for dead in queue.dead_items()]
    assert queue.redrive([second, 12345]) == 1 and queue.get() == "b"
    assert queue.delete_dead([first]) == 1
    assert [dead.item for dead in queue.dead_items()] == ["c"]
    client.delete_queue(name)


def test_nack_release_and_delay(queue):
    queue.put("work")
    queue.lease().release()
    job = queue.lease(timeout=LONG)
    assert job.failures == 0
    job.nack(delay=0.05)
    assert queue.info().delayed == 1
    assert queue.lease(timeout=LONG).failures == 1


def test_item_that_fails_too_often_is_dead_and_can_be_redriven(client, name):
    queue = client.queue(name, max_failures=2)
    queue.put({"n": 1})
    queue.lease().nack()
    queue.lease().nack()
    assert [(dead.item, dead.failures) for dead in queue.dead_items()] == [({"n": 1}, 2)]
    assert queue.redrive() == 1
    queue.lease().dead_letter("on purpose")
    assert [dead.reason for dead in queue.dead_items()] == ["on purpose"]
    assert queue.delete_dead() == 1 and queue.dead_items() == []
    client.delete_queue(name)


def test_second_verdict_is_refused(queue):
    queue.put(1)
    job = queue.lease()
    job.ack()
    with pytest.raises(queueipc.LeaseLost):
        job.ack()


def test_lease_extends_itself_and_is_lost_when_its_connection_is(broker, client, name):
    queue = client.queue(name, lease_time=0.2)
    queue.put(1)
    job = queue.lease()
    with pytest.raises(queueipc.Empty):
        queue.get(timeout=0.7)  # three lease times, and it is not back
    job.ack()
    other = queueipc.connect(broker)
    queue.put(2)
    job = other.queue(name).lease()
    other.close()
    assert queue.get(timeout=LONG) == 2
    with pytest.raises(queueipc.BrokerUnavailable):
        job.ack()
    client.delete_queue(name)


def test_leases_end_with_the_queue(queue):
    queue.put_many(range(5))
    queue.shutdown()
    done = []
    for job in queue.leases():
        with job:
            done.append(job.item)
    assert done == list(range(5))


def test_joinable_queue_waits_for_task_done(client, name):
    queue = client.joinable_queue(name)
    queue.put_many(range(20))
    done = []

    def work():
        while (item := queue.get(timeout=LONG)) is not None:
            done.append(item)
            queue.task_done()
        queue.task_done()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    queue.join(LONG)
    assert sorted(done) == list(range(20))
    queue.put_many([None] * 3)
    for thread in threads:
        thread.join(LONG)
    queue.join(LONG)
    with pytest.raises(ValueError):
        queue.task_done()
    client.delete_queue(name)


def test_join_says_when_it_takes_too_long(queue):
    queue.put(1)
    with pytest.raises(TimeoutError):
        queue.join(0.05)
