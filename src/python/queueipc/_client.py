"""A process's way to a broker: one connection for any number of queues."""

from __future__ import annotations

import atexit
import json
import os
import threading
import time
import weakref
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillAway
from typing import TYPE_CHECKING, Any, Optional

from . import _clock, _wire as wire
from ._connection import Call, Connection
from ._endpoint import ENDPOINT_VARIABLE, endpoint_of, is_unnamed
from ._errors import BrokerUnavailable, ConnectionLost, LateForBroker, RequestRefused
from ._info import QueueInfo, infos
from ._outbox import Outbox
from ._parent import follow_parent

if TYPE_CHECKING:
    from ._joinable import JoinableQueue
    from ._queue import Queue

QUEUES_VARIABLE = "QUEUEIPC_QUEUES"
CONNECT_SECONDS = 10.0
RECONNECT_SECONDS = 30.0
_PAUSE_SECONDS = 0.02  # between tries at a broker that listens and takes nobody in


class Client:
    """Connects when first needed, once in each process: a forked child has a connection of its own.

    It rides out a restart of its broker: calls wait for `reconnect_timeout` seconds, and go on with the broker that comes; a put is accepted once.
    After that they raise `BrokerUnavailable`, and the next call looks again. With 0 a connection that was lost stays lost, and so does one to a broker without a name.
    `close` ends it in good order; what is held goes back.
    """

    def __init__(self, broker: Optional[str] = None, *, timeout: float = CONNECT_SECONDS, reconnect_timeout: float = RECONNECT_SECONDS) -> None:
        self.endpoint = endpoint_of(broker)
        self._timeout = timeout
        self._reconnect_timeout = 0 if is_unnamed(self.endpoint) else reconnect_timeout
        self._begin()
        _clients.add(self)

    def _begin(self) -> None:
        """In each process anew: the child of a fork is somebody else to the broker."""
        self._id = os.urandom(16)
        self._lock = threading.Lock()  # which connection it has
        self._opening = threading.Lock()  # which queues are open on it
        self._outbox = Outbox()
        self._connection: Optional[Connection] = None

    def queue(self, name: str, type: Any = Any, **settings: Any) -> "Queue[Any]":
        """Opens a queue, and creates it if there is none. For `type` and `settings` see `Queue`."""
        from ._queue import Queue

        return Queue(name=name, type=type, client=self, **settings)

    def joinable_queue(self, name: str, type: Any = Any, **settings: Any) -> "JoinableQueue[Any]":
        """Like `queue`, but what is got is finished by `task_done` only."""
        from ._joinable import JoinableQueue

        return JoinableQueue(name=name, type=type, client=self, **settings)

    def queues(self) -> list[QueueInfo]:
        """All queues of the broker, in no particular order."""
        call = self._ask(wire.LIST)
        return infos(call.body, self.connection().version)

    def delete_queue(self, name: str) -> None:
        """Its items are gone, and whoever waits on it is told. Raises `KeyError` if there is none."""
        try:
            self._ask(wire.DELETE, wire.text(name))
        except RequestRefused as refusal:
            if refusal.code == wire.NO_SUCH_QUEUE:
                raise KeyError(name) from None
            raise

    @property
    def broker_pid(self) -> int:
        return self.connection().broker_pid

    def connection(self, deadline: Optional[float] = None) -> Connection:
        """The one that there is; while it is away, the one that comes. Raises `ConnectionLost` if none does, `LateForBroker` after the deadline."""
        while True:
            connection = self._connection
            if connection is None:
                with self._lock:
                    if self._connection is None:
                        self._connection = Connection.open(self.endpoint, self._timeout, self._id)
                    connection = self._connection
            if connection.failure is None:
                return connection
            try:
                self.coming_after(connection).result(None if deadline is None else max(deadline - time.monotonic(), 0))
            except StillAway:
                raise LateForBroker(f"{connection.failure} It has not come back in the time of this call.") from None

    def rides(self, lost: Connection) -> bool:
        """Whether what was lost with it goes on at a broker that comes back."""
        return lost.may_return and not lost.closed and self._reconnect_timeout > 0

    def coming_after(self, lost: Connection) -> "Future[Connection]":
        """The connection that comes after one that was lost. A broker that did not come back in time is looked for again."""
        with self._lock:
            if not self.rides(lost):
                raise lost._failed()
            if lost.next is None or (lost.next.done() and lost.next.exception() is not None):
                lost.next = Future()
                threading.Thread(target=self._reconnect, args=(lost, lost.next), name="queueipc reconnecting", daemon=True).start()
            return lost.next

    def _reconnect(self, lost: Connection, coming: "Future[Connection]") -> None:
        deadline = time.monotonic() + self._reconnect_timeout
        if lost.return_by is not None and not lost.has_answered:
            deadline = lost.return_by  # it was none that is of use
            time.sleep(_PAUSE_SECONDS)
        while True:
            try:
                if time.monotonic() >= deadline:
                    raise BrokerUnavailable
                connection = Connection.open(self.endpoint, deadline - time.monotonic(), self._id)
                connection.return_by = deadline
                with self._outbox.order:
                    self._outbox.send_again(connection)
                    with self._lock:
                        self._connection = connection
                        if not coming.done():
                            return coming.set_result(connection)
                return connection.close()
            except BrokerUnavailable:
                if coming.done() or time.monotonic() >= deadline:
                    return self._comes_not(coming, BrokerUnavailable(f"{str(lost.failure).rstrip('.')}, and no broker came back within {self._reconnect_timeout:g} s."))
                time.sleep(_PAUSE_SECONDS)  # it is just ending: perhaps the next one is there soon
            except Exception as why:
                return self._comes_not(coming, why)

    def _comes_not(self, coming: "Future[Connection]", why: Exception) -> None:
        with self._lock:
            if not coming.done():
                coming.set_exception(why)

    def comes_again(self, queue: str, connection: Connection) -> bool:
        """Whether a put to it is accepted once even if it is sent twice."""
        return self._reconnect_timeout > 0 and connection.version > 1 and not queue.startswith("~")

    def _ask(self, op: int, body: bytes = b"") -> Call:
        while True:
            connection = self.connection()
            try:
                return connection.call(op, 0, 0, body)
            except ConnectionLost:
                pass  # the next round waits for the broker, or says that it does not come back

    @property
    def is_lost(self) -> bool:
        """Whether it is of no use any more: closed, or lost for good."""
        connection = self._connection
        return connection is not None and connection.failure is not None and not self.rides(connection)

    def close(self) -> None:
        connection = self._connection
        if connection is not None:
            connection.close()
            if connection.next is not None:
                self._comes_not(connection.next, BrokerUnavailable("This client is closed."))

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<queueipc.Client of {self.endpoint}>"


_clients: "weakref.WeakSet[Client]" = weakref.WeakSet()
_shared: dict[str, Client] = {}
_shared_lock = threading.Lock()


def connect(broker: Optional[str] = None, *, timeout: float = CONNECT_SECONDS, reconnect_timeout: float = RECONNECT_SECONDS) -> Client:
    """Connects to a broker, by its endpoint or name; without one to that of QUEUEIPC_ENDPOINT, or else to 'default'.

    Tries for `timeout` seconds, then raises `BrokerUnavailable`; `PermissionError` if the broker is another user's. For `reconnect_timeout` see `Client`.
    """
    client = Client(broker, timeout=timeout, reconnect_timeout=reconnect_timeout)
    client.connection()
    return client


def shared_client(broker: Optional[str] = None) -> Client:
    """The client of this process for queues that come without one: from a pickle, an item, or made with `Queue()`."""
    endpoint = endpoint_of(broker)
    with _shared_lock:
        client = _shared.get(endpoint)
        if client is None or client.is_lost:
            client = _shared[endpoint] = Client(endpoint)
        return client


def from_environment(*types: Any) -> "list[Queue[Any]]":
    """The queues that a parent gave to this process with `WorkerProcess.Start`, in its order; `types` are their items' types, if given.

    Raises `RuntimeError` where no parent gave any. From then on this process ends when its parent does.
    """
    endpoint, names = os.environ.get(ENDPOINT_VARIABLE), os.environ.get(QUEUES_VARIABLE)
    if not endpoint or names is None:
        raise RuntimeError(
            f"{ENDPOINT_VARIABLE} and {QUEUES_VARIABLE} are not both set: this program was not started by WorkerProcess.Start. "
            f"Use queueipc.connect(...).queue(name) to open a queue by its name."
        )
    follow_parent()
    client = shared_client(endpoint)
    queues = json.loads(names)
    if len(types) > len(queues):
        raise RuntimeError(f"{len(types)} types for {len(queues)} queues: the parent gave {queues}.")
    return [client.queue(name, type) for name, type in zip(queues, types + (Any,) * (len(queues) - len(types)))]


def _forked() -> None:
    global _shared_lock
    _shared_lock = threading.Lock()
    for client in list(_clients):
        if client._connection is not None:
            client._connection.drop_in_child()
        client._begin()
    _clock.forget_in_child()


def _close_all() -> None:
    for client in list(_clients):
        client.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
atexit.register(_close_all)
