"""A broker that is not there, goes away, or is something else: errors in words."""

import os
import socket
import struct
import threading

import pytest
import queueipc
from conftest import LONG


def serve(path, answer, times=1):
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen()

    def run():
        for _ in range(times):
            other, _ = listening.accept()
            other.recv(1000)
            other.sendall(answer)
            other.recv(1000)
            other.close()
        listening.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_broker_that_is_not_there(tmp_path):
    with pytest.raises(queueipc.BrokerUnavailable, match="No broker listens at .*queueipc serve"):
        queueipc.connect(str(tmp_path / "nobody.sock"), timeout=0.05)


def test_broker_that_a_dead_one_left(tmp_path):
    path = str(tmp_path / "dead.sock")
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(path)
    dead.close()
    with pytest.raises(queueipc.BrokerUnavailable, match="refused"):
        queueipc.connect(path, timeout=0.05)


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only the superuser can be two users")
def test_broker_of_another_user(broker):
    os.seteuid(65534)
    try:
        with pytest.raises(PermissionError, match="belongs to another user: it serves its own user only"):
            queueipc.connect(broker)
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only the superuser can be two users")
def test_somebody_else_in_a_brokers_place(tmp_path):
    """The peer's user counts, and not what is written on the socket's file."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "taken.sock"))
    os.seteuid(65534)
    try:
        listening.listen()
    finally:
        os.seteuid(0)
    with pytest.raises(PermissionError, match="another user .uid 65534"):
        queueipc.connect(str(tmp_path / "taken.sock"))
    listening.close()


def test_broker_that_goes_away_and_each_that_comes(tmp_path):
    path = str(tmp_path / "going.sock")
    serve(path, struct.pack("<IBBHIQ", 30, 128, 0, 0, 0, 1) + struct.pack("<Hiii", 1, 1 << 20, 1 << 20, 1) + bytes(16), times=1000)
    with queueipc.connect(path, reconnect_timeout=0.3) as client:
        with pytest.raises(queueipc.BrokerUnavailable, match="no broker came back within 0.3 s"):
            client.queue("any")


def test_broker_of_another_version(tmp_path):
    path = str(tmp_path / "other.sock")
    text = b"This broker speaks version 9."
    serve(path, struct.pack("<IBBHIQHH", 4 + len(text), 255, 0, 0, 0, 0, 101, len(text)) + text, times=2)
    with pytest.raises(queueipc.BrokerUnavailable, match="version 9"):
        queueipc.connect(path, timeout=LONG)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", bytes(40), struct.pack("<IBBHIQ", 1 << 31, 128, 0, 0, 0, 1)])
def test_something_else_listens(tmp_path, answer):
    path = str(tmp_path / "else.sock")
    serve(path, answer)
    with pytest.raises(queueipc.BrokerUnavailable, match="another protocol"):
        queueipc.connect(path, timeout=LONG)


def test_broker_that_goes_away_ends_every_call(tmp_path):
    path = str(tmp_path / "going.sock")
    welcome = struct.pack("<IBBHIQHiii16s", 30, 128, 0, 0, 0, 1, 1, 100, 100, 1, bytes(16))
    serve(path, welcome)
    client = queueipc.connect(path, timeout=LONG, reconnect_timeout=0)
    with pytest.raises(queueipc.BrokerUnavailable, match="went away|broke"):
        client.queue("any")
    with pytest.raises(queueipc.BrokerUnavailable):
        client.queue("any")


def test_name_that_is_no_name():
    with pytest.raises(ValueError):
        queueipc.connect("a/b")


def test_closed_client_says_so(client, queue):
    other = queueipc.connect(client.endpoint)
    mine = other.queue(queue.name)
    other.close()
    with pytest.raises(queueipc.BrokerUnavailable, match="closed"):
        mine.put(1)


def test_environment_without_a_parent(monkeypatch):
    monkeypatch.delenv("QUEUEIPC_QUEUES", raising=False)
    with pytest.raises(RuntimeError, match="not started by WorkerProcess.Start"):
        queueipc.from_environment()


def test_environment_with_a_parent(monkeypatch, queue):
    monkeypatch.setenv("QUEUEIPC_QUEUES", f'["{queue.name}"]')
    (mine,) = queueipc.from_environment(int)
    mine.put(5)
    assert queue.get(timeout=LONG) == 5
    with pytest.raises(RuntimeError, match="2 types for 1 queues"):
        queueipc.from_environment(int, str)


def test_long_names_become_short_paths(monkeypatch):
    from queueipc._endpoint import endpoint_of

    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    assert endpoint_of("jobs") == "/run/user/1/queueipc/jobs.sock"
    assert endpoint_of("x" * 100) == "/run/user/1/queueipc/09ecb6ebc8bcefc7.sock"
    monkeypatch.setenv("XDG_RUNTIME_DIR", "relative")
    monkeypatch.setenv("TMPDIR", "/var/tmp")
    assert endpoint_of("jobs") == f"/var/tmp/queueipc-{os.getuid()}/jobs.sock"
