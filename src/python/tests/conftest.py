"""Every test has a queue of its own on a broker that runs: the one of QUEUEIPC_ENDPOINT."""

import os
import sys
import time
import uuid

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))

import queueipc  # noqa: E402

LONG = 30  # seconds: a guard against hanging, not a measure
SHORT = 0.2


def eventually(condition):
    """Asks until it is so: for what only the broker sees, and tells nobody of."""
    deadline = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < deadline, "it did not become so"


@pytest.fixture(scope="session", autouse=True)
def broker():
    if "QUEUEIPC_ENDPOINT" not in os.environ:
        pytest.exit("Start a broker (queueipc serve), and set QUEUEIPC_ENDPOINT to its endpoint or name.", 2)
    return os.environ["QUEUEIPC_ENDPOINT"]


@pytest.fixture
def client(broker):
    with queueipc.connect(broker) as client:
        yield client


@pytest.fixture
def name():
    return f"test-{uuid.uuid4().hex}"


@pytest.fixture
def queue(client, name):
    yield client.queue(name)
    client.delete_queue(name)
