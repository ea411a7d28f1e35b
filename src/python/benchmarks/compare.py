"""Items a second: this client against Python's own queues, in one run and in turns.

    python3 compare.py [rounds [driver.dll]]

A broker has to run. With the .NET program of tests/QueueIpc.ConformanceDriver, that one produces in one more row.
"""

import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))

import queueipc  # noqa: E402

ONE_BY_ONE, MANY = 20_000, 500_000


def put_each(queue, count):
    for i in range(count):
        queue.put(i)


def get_each(queue, count):
    for _ in range(count):
        queue.get()


def put_many(queue, count):
    queue.put_many(range(count))
    queue.shutdown()


def read_all(queue, count):
    for i, item in enumerate(queue):
        assert item == i
    assert i == count - 1


def measure(make, produce, consume, count):
    queue = make()
    begun = time.perf_counter()
    children = [multiprocessing.Process(target=target, args=(queue, count)) for target in (produce, consume)]
    for child in children:
        child.start()
    for child in children:
        child.join()
        assert child.exitcode == 0
    return count / (time.perf_counter() - begun)


def measure_dotnet(driver, count):
    queue = queueipc.Queue()
    producer = subprocess.Popen(["dotnet", driver], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ, QUEUEIPC_ENDPOINT=queue._client.endpoint))

    def tell(**command):
        producer.stdin.write(json.dumps({"id": 1, "queue": queue.name, **command}) + "\n")
        producer.stdin.flush()

    tell(do="putMany", **{"from": 0}, count=1000)
    producer.stdout.readline()
    queue.clear()  # it is warm now
    begun = time.perf_counter()
    tell(do="putMany", **{"from": 0}, count=count)
    consumer = multiprocessing.Process(target=read_all, args=(queue, count))
    consumer.start()
    producer.stdout.readline()
    queue.shutdown()
    consumer.join()
    rate = count / (time.perf_counter() - begun)
    producer.kill()
    producer.communicate()
    return rate


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    manager = multiprocessing.Manager()
    rows = {
        "put, get: queueipc": lambda: measure(queueipc.Queue, put_each, get_each, ONE_BY_ONE),
        "put, get: Manager().Queue()": lambda: measure(manager.Queue, put_each, get_each, ONE_BY_ONE),
        "put_many, for: queueipc": lambda: measure(queueipc.Queue, put_many, read_all, MANY),
        "put, get: multiprocessing.Queue": lambda: measure(multiprocessing.Queue, put_each, get_each, MANY // 5),
    }
    if len(sys.argv) > 2:
        rows["PutMany in .NET, for: queueipc"] = lambda: measure_dotnet(sys.argv[2], MANY)
    rates = {name: [] for name in rows}
    for _ in range(rounds):
        for name, row in rows.items():
            rates[name].append(row())
    for name, found in rates.items():
        print(f"{name:34} {statistics.median(found):12,.0f}  ({min(found):,.0f} to {max(found):,.0f})")


if __name__ == "__main__":
    main()
