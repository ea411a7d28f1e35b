"""A queue that several processes share: `multiprocessing.Queue` and `queue.Queue`, with a broker that speaks to .NET and Node as well."""

from ._client import Client, connect, from_environment
from ._errors import BrokerUnavailable, Empty, Full, ItemTooLarge, ItemUnreadable, ItemUnwritable, LeaseLost, RequestRefused, ShutDown
from ._info import DeadItem, QueueInfo
from ._joinable import JoinableQueue
from ._lease import Lease
from ._queue import Queue

__version__ = "0.1.0"
__all__ = [
    "BrokerUnavailable",
    "Client",
    "DeadItem",
    "Empty",
    "Full",
    "ItemTooLarge",
    "ItemUnreadable",
    "ItemUnwritable",
    "JoinableQueue",
    "Lease",
    "LeaseLost",
    "Queue",
    "QueueInfo",
    "RequestRefused",
    "ShutDown",
    "connect",
    "from_environment",
]
