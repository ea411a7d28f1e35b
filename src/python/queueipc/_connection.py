"""One socket to the broker for all threads of a process: requests go out, and every answer comes to who waits for it.

One thread at a time reads: the leader. Whoever waits for an answer leads if nobody does, so that a plain call costs no
change of threads; when its own answer is there, it passes the lead on. With asyncio a thread of its own leads for good.
"""

from __future__ import annotations

import itertools
import os
import select
import socket
import threading
import time
from collections import deque
from concurrent.futures import Future
from typing import Any, Callable, Iterator, Optional

from . import _wire as wire
from ._endpoint import open_socket
from ._errors import BrokerUnavailable, ConnectionLost, RequestRefused

_RECEIVE_BYTES = 1 << 18
_COPY_BYTES_MAX = 1 << 16  # a larger body is not copied behind its header
ANSWER_SECONDS = 10.0  # how long a broker may take for a request that does not wait
GRACE_SECONDS = 1.0  # and for one that does, beyond its end


class Waiter:
    """Something that a thread, or a task, waits for. `ready` is set by whoever leads."""

    __slots__ = ("ready", "wake", "notify")

    def __init__(self, notify: Optional[Callable[[], None]] = None) -> None:
        self.ready = False
        self.wake: Optional[threading.Lock] = None
        self.notify = notify  # called by the leader; must not block


class Call(Waiter):
    """A request with one answer."""

    __slots__ = ("request", "op", "flags", "queue", "body")

    def __init__(self, request: int, queue: int, notify: Optional[Callable[[], None]] = None) -> None:
        super().__init__(notify)
        self.request, self.queue = request, queue
        self.op = 0  # 0: the connection was lost before there was an answer
        self.flags = 0
        self.body = b""

    def answer(self, op: int, flags: int, queue: int, body: bytes) -> bool:
        """Takes an answer; True if it was the last one."""
        self.op, self.flags, self.queue, self.body = op, flags, queue, body
        return True


class Connection:
    """Greets on construction. `failure` is why it has ended, None while it has not."""

    @staticmethod
    def open(endpoint: str, timeout: float, producer: bytes = b"") -> "Connection":
        """A connection in the newest version of the protocol that both sides speak."""
        for version in wire.VERSIONS:
            try:
                return Connection(endpoint, timeout, version, producer)
            except BrokerUnavailable as error:
                if getattr(error, "code", 0) != wire.BAD_VERSION or version == wire.VERSIONS[-1]:
                    raise
        raise AssertionError

    def __init__(self, endpoint: str, timeout: float, version: int, producer: bytes) -> None:
        self.endpoint = endpoint
        self.version = version
        self.pid = os.getpid()
        self.failure: Optional[BrokerUnavailable] = None
        self.closed = False  # on purpose
        self.may_return = True  # unless the two sides do not understand each other
        self.has_answered = False  # anything but the greeting
        self.return_by: Optional[float] = None  # until when it was looked for, if it is one that came back
        self.next: "Optional[Future[Connection]]" = None  # the one that came after this, once it is lost
        self._lock = threading.Lock()  # calls, followers, who leads
        self._sending = threading.Lock()
        self._led = False
        self._followers: dict[Waiter, None] = {}
        self._calls: dict[int, Any] = {}
        self._numbers = itertools.count(1)
        self._buffer = bytearray()
        self._reader: Optional[threading.Thread] = None
        self.forgotten: deque[int] = deque()  # numbers of queues whose handles are garbage
        self._socket = open_socket(endpoint, timeout)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        try:
            self._greet(producer)
        except BaseException:
            self._socket.close()
            raise

    def _greet(self, producer: bytes) -> None:
        hello = self.call(wire.HELLO, 0, 0, wire.hello(self.pid, self.version, producer))
        if hello.op != wire.WELCOME or len(hello.body) < 30:
            raise BrokerUnavailable(f"Whoever listens at {self.endpoint} speaks another protocol.")
        self.item_bytes_max = int.from_bytes(hello.body[2:6], "little")
        self.broker_pid = int.from_bytes(hello.body[10:14], "little")
        self.instance = hello.body[14:30]

    # Requests

    def call(self, op: int, flags: int, queue: int, body: bytes = b"", wait_us: Optional[int] = None) -> Call:
        """Sends a request and waits for its answer. A broker that does not answer in time is unavailable."""
        call = Call(next(self._numbers), queue, None)
        try:
            self.send_for(call, op, flags, queue, body)
            return self.finish(call, wait_us)
        except BaseException:
            # Ctrl+C also comes between the two, when the broker has the request and nobody waits for it yet.
            self.abandon(call)
            raise

    def submit(self, op: int, flags: int, queue: int, body: bytes = b"", notify: Optional[Callable[[], None]] = None) -> Call:
        """Sends a request whose answer is waited for later."""
        call = Call(next(self._numbers), queue, notify)
        self.send_for(call, op, flags, queue, body)
        return call

    def send_for(self, target: Any, op: int, flags: int, queue: int, body: bytes) -> None:
        """Sends a request that `target` (a `Call`, or whatever takes several answers) gets the answers of."""
        while self.forgotten:
            self.send(wire.CLOSE, 0, self.forgotten.popleft(), 0)
        # First it stands in the table, then it looks whether this is over; `_fail` does the opposite: one of them sees the other.
        self._calls[target.request] = target
        if self.failure is None:
            self.send(op, flags, queue, target.request, body)
        if self.failure is not None:
            self._calls.pop(target.request, None)
            raise self._failed()

    def finish(self, call: Call, wait_us: Optional[int] = None) -> Call:
        """Waits for the answer of a submitted request. Whoever is interrupted meanwhile has taken nothing."""
        guard = ANSWER_SECONDS if wait_us is None else None if wait_us < 0 else wait_us / 1e6 + GRACE_SECONDS
        try:
            if not self.wait(call, guard):
                if self.failure is not None:
                    raise self._failed()
                raise BrokerUnavailable(f"The broker at {self.endpoint} does not answer. It may be stopped, or too busy.")
        except BaseException:
            self.abandon(call)
            raise
        return self.checked(call)

    def checked(self, call: Call) -> Call:
        """The answer, unless it is a refusal or the end of the connection."""
        if call.op == 0:
            raise self._failed()
        if call.op == wire.REFUSED:
            raise RequestRefused(*wire.read_refusal(call.body))
        return call

    def abandon(self, call: Call) -> None:
        """Nobody waits for it any more. Items that come for it all the same go back."""
        unanswered = self._calls.pop(call.request, None) is not None
        if not unanswered and call.op == wire.ITEMS and call.flags & wire.LEASE:
            self._release(call.flags, call.queue, call.body)
            call.op = 0  # once is enough
        elif unanswered:
            self.send(wire.CANCEL, 0, call.queue, call.request)

    def cancel_all(self, queue: int) -> None:
        """Cancels all that waits on a queue: its handle is closed."""
        waiting = [call.request for call in list(self._calls.values()) if call.queue == queue]
        for request in waiting:
            self.send(wire.CANCEL, 0, queue, request)

    def send(self, op: int, flags: int, queue: int, request: int, body: bytes = b"") -> None:
        """Sends a frame. A connection that has ended meanwhile is no error here: whoever waits is told."""
        header = wire.HEADER.pack(len(body), op, flags, 0, queue, request)
        try:
            with self._sending:
                if len(body) <= _COPY_BYTES_MAX:
                    self._socket.sendall(header + body)
                else:
                    self._socket.sendall(header)
                    self._socket.sendall(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the broker's last word may still be there to be read
        except OSError as why:
            self._fail(f"The connection to the broker at {self.endpoint} broke: {why}")

    # Answers

    def wait(self, waiter: Waiter, seconds: Optional[float] = None) -> bool:
        """Waits until `waiter` is ready, and reads meanwhile if nobody else does. False after so many seconds."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not waiter.ready:
            with self._lock:
                if waiter.ready:
                    break
                leads, self._led = not self._led, True
                if not leads:
                    if waiter.wake is None:
                        waiter.wake = threading.Lock()
                        waiter.wake.acquire()
                    self._followers[waiter] = None
            if leads:
                try:
                    while not waiter.ready:
                        if not self._receive(deadline):
                            return False
                finally:
                    self._pass_lead(resigns=True)
            elif waiter.ready:
                self._step_back(waiter)
            elif not self._follow(waiter, deadline):
                return False
        return True

    def _follow(self, waiter: Waiter, deadline: Optional[float]) -> bool:
        assert waiter.wake is not None
        seconds = -1 if deadline is None else max(deadline - time.monotonic(), 0)
        try:
            if waiter.wake.acquire(timeout=seconds):
                return True
        except BaseException:
            self._step_back(waiter)
            raise
        return not self._step_back(waiter)

    def _step_back(self, waiter: Waiter) -> bool:
        """Follows no longer. False if it was woken in that very moment: then it goes on, or passes the lead on."""
        with self._lock:
            if waiter in self._followers:
                del self._followers[waiter]
                return True
        assert waiter.wake is not None
        waiter.wake.acquire()
        self._pass_lead()
        return False

    def _pass_lead(self, resigns: bool = False) -> None:
        with self._lock:
            if resigns:
                self._led = False
            if not self._led and self._followers:
                follower = next(iter(self._followers))
                del self._followers[follower]
                follower.wake.release()  # type: ignore[union-attr]
        if self.failure is not None:
            self._socket.close()

    def make_ready(self, waiter: Waiter) -> None:
        # First it is ready, then whoever follows is looked for; a follower does the opposite: one of them sees the other.
        waiter.ready = True
        if waiter.wake is not None:
            with self._lock:
                if waiter in self._followers:
                    del self._followers[waiter]
                    waiter.wake.release()
        if waiter.notify is not None:
            waiter.notify()

    def read_in_background(self) -> None:
        """From now on a thread reads, for callers that have none to wait with."""
        with self._lock:
            if self._reader is not None:
                return
            self._reader = threading.Thread(target=self._read_on, name="queueipc reader", daemon=True)
        self._reader.start()

    def _read_on(self) -> None:
        never = Waiter()
        while self.failure is None:
            self.wait(never)
            never.ready = False

    def _receive(self, deadline: Optional[float]) -> bool:
        """Reads what is there, waiting for it; the leader's business. False after the deadline."""
        if self.failure is not None:
            return False
        if deadline is not None and not self._poll.poll(max(deadline - time.monotonic(), 0) * 1000):
            return False
        try:
            chunk = self._socket.recv(_RECEIVE_BYTES)
        except OSError as why:
            self._fail(f"The connection to the broker at {self.endpoint} broke: {why}")
            return True
        if not chunk:
            self._fail(f"The broker at {self.endpoint} went away.")
            return True
        try:
            if self._buffer:
                self._buffer += chunk
                used = self._take_frames(self._buffer)
                del self._buffer[:used]
            else:
                used = self._take_frames(chunk)
                if used < len(chunk):
                    self._buffer += chunk[used:]
        except (wire.ProtocolError, UnicodeDecodeError) as why:
            self.may_return = False
            self._fail(f"The broker at {self.endpoint} speaks another protocol: {why}.")
        return True

    def _take_frames(self, data: "bytes | bytearray") -> int:
        at, size, end = 0, wire.HEADER.size, len(data)
        while end - at >= size:
            length, op, flags, reserved, queue, request = wire.HEADER.unpack_from(data, at)
            if reserved or length > max(wire.ANSWER_BYTES_MAX, getattr(self, "item_bytes_max", 0) + (1 << 16)):
                raise wire.ProtocolError("a frame that cannot be")
            if end - at < size + length:
                break
            body = bytes(data[at + size : at + size + length])
            at += size + length
            self._dispatch(op, flags, queue, request, body)
        return at

    def _dispatch(self, op: int, flags: int, queue: int, request: int, body: bytes) -> None:
        if op == wire.ERROR:
            code, text = wire.read_refusal(body)
            self.may_return = code == wire.STOPPING
            self._fail(f"The broker at {self.endpoint} ended the connection: {text}", code)
            return
        if not wire.WELCOME <= op <= wire.REFUSED + 1:
            raise wire.ProtocolError(f"an answer with the number {op}")
        target = self._calls.get(request)
        if target is None:
            if op == wire.ITEMS and flags & wire.LEASE:
                self._release(flags, queue, body)
            return
        self.has_answered = self.has_answered or op != wire.WELCOME
        if target.answer(op, flags, queue, body):
            self._calls.pop(request, None)
        self.make_ready(target)

    def _release(self, flags: int, queue: int, body: bytes) -> None:
        self.send(wire.RELEASE, 0, queue, 0, wire.tokens(delivered.token for delivered in self.read_items(flags, body)))

    def read_items(self, flags: int, body: bytes) -> "Iterator[wire.Delivered]":
        return wire.read_items(flags, body, self.version)

    # The end

    def close(self) -> None:
        """Ends in good order: what is held goes back, and is nobody's failure."""
        self.closed = True
        if self.failure is None:
            self.send(wire.BYE, 0, 0, 0)
            self._fail("This client is closed.")

    def drop_in_child(self) -> None:
        """After a fork: the child lets go of its copy of the descriptor. The parent's connection goes on."""
        self.failure = BrokerUnavailable(f"This connection belongs to process {self.pid}.")
        self._socket.close()

    def _failed(self) -> ConnectionLost:
        error = ConnectionLost(*self.failure.args) if self.failure else ConnectionLost("The connection has ended.")
        error.code = getattr(self.failure, "code", 0)  # type: ignore[attr-defined]
        return error

    def _fail(self, why: str, code: int = 0) -> None:
        with self._lock:
            if self.failure is not None:
                return
            failure = BrokerUnavailable(why)
            failure.code = code  # type: ignore[attr-defined]
            self.failure = failure
            calls, self._calls = list(self._calls.values()), {}
            leading = self._led
        try:
            # Whoever is reading wakes up by this; closing alone would leave it there.
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        for target in calls:
            target.answer(0, 0, 0, b"")
            self.make_ready(target)
        if not leading:
            self._socket.close()
