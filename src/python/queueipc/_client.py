"""A process's way to a broker: one connection for any number of queues."""

from __future__ import annotations

import atexit
import json
import os
import threading
import weakref
from typing import TYPE_CHECKING, Any, Optional

from . import _clock, _wire as wire
from ._connection import Connection
from ._endpoint import ENDPOINT_VARIABLE, endpoint_of
from ._errors import RequestRefused
from ._info import QueueInfo, infos
from ._parent import follow_parent

if TYPE_CHECKING:
    from ._joinable import JoinableQueue
    from ._queue import Queue

QUEUES_VARIABLE = "QUEUEIPC_QUEUES"
CONNECT_SECONDS = 10.0


class Client:
    """Connects when first needed, once in each process: a forked child has a connection of its own.

    A connection that was lost stays lost: make a new client. `close` ends it in good order; what is held goes back.
    """

    def __init__(self, broker: Optional[str] = None, *, timeout: float = CONNECT_SECONDS) -> None:
        self.endpoint = endpoint_of(broker)
        self._timeout = timeout
        self._lock = threading.Lock()
        self._connection: Optional[Connection] = None
        _clients.add(self)

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
        connection = self.connection()
        return infos(connection.call(wire.LIST, 0, 0).body, connection.version)

    def delete_queue(self, name: str) -> None:
        """Its items are gone, and whoever waits on it is told. Raises `KeyError` if there is none."""
        try:
            self.connection().call(wire.DELETE, 0, 0, wire.text(name))
        except RequestRefused as refusal:
            if refusal.code == wire.NO_SUCH_QUEUE:
                raise KeyError(name) from None
            raise

    @property
    def broker_pid(self) -> int:
        return self.connection().broker_pid

    def connection(self) -> Connection:
        connection = self._connection
        if connection is None:
            with self._lock:
                if self._connection is None:
                    self._connection = Connection.open(self.endpoint, self._timeout)
                connection = self._connection
        return connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<queueipc.Client of {self.endpoint}>"


_clients: "weakref.WeakSet[Client]" = weakref.WeakSet()
_shared: dict[str, Client] = {}
_shared_lock = threading.Lock()


def connect(broker: Optional[str] = None, *, timeout: float = CONNECT_SECONDS) -> Client:
    """Connects to a broker, by its endpoint or name; without one to that of QUEUEIPC_ENDPOINT, or else to 'default'.

    Tries for `timeout` seconds, then raises `BrokerUnavailable`; `PermissionError` if the broker is another user's.
    """
    client = Client(broker, timeout=timeout)
    client.connection()
    return client


def shared_client(broker: Optional[str] = None) -> Client:
    """The client of this process for queues that come without one: from a pickle, an item, or made with `Queue()`."""
    endpoint = endpoint_of(broker)
    with _shared_lock:
        client = _shared.get(endpoint)
        if client is None or (client._connection is not None and client._connection.failure is not None):
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
        client._lock = threading.Lock()
        if client._connection is not None:
            client._connection.drop_in_child()
            client._connection = None
    _clock.forget_in_child()


def _close_all() -> None:
    for client in list(_clients):
        client.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
atexit.register(_close_all)
