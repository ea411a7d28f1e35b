"""What can go wrong, in the words and classes that Python's own queues use where they have one."""

from __future__ import annotations

import queue
from queue import Empty, Full

if hasattr(queue, "ShutDown"):
    ShutDown = queue.ShutDown
else:

    class ShutDown(Exception):  # type: ignore[no-redef]
        """The queue takes no more, and (for a get) has nothing left. `queue.ShutDown` itself from Python 3.13 on."""


class BrokerUnavailable(ConnectionError):
    """The broker could not be reached, or went away. `put` says whether its item may have been accepted."""


class ConnectionLost(BrokerUnavailable):
    """The connection has ended. Where the broker may come back, nobody outside sees this."""


class LateForBroker(BrokerUnavailable):
    """The broker may still come back, and the call's own time is over."""


class RequestRefused(RuntimeError):
    """The broker refused one request; the connection goes on. `code` is the protocol's number of the reason."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class ItemTooLarge(ValueError):
    """The item can never fit: waiting cannot help."""


class ItemUnwritable(TypeError):
    """The item cannot be packed. The text names the member; nothing was put."""


class ItemUnreadable(ValueError):
    """The item is not what this reader expects. It is with the queue's dead items; `data` are its bytes."""

    def __init__(self, text: str, data: bytes = b"") -> None:
        super().__init__(text)
        self.data = data


class LeaseLost(RuntimeError):
    """The verdict came too late, and changed nothing: somebody else may have the item."""


__all__ = [
    "BrokerUnavailable",
    "Empty",
    "Full",
    "ItemTooLarge",
    "ItemUnreadable",
    "ItemUnwritable",
    "LeaseLost",
    "RequestRefused",
    "ShutDown",
]
