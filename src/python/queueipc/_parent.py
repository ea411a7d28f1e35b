"""A worker ends no later than the parent that started it."""

from __future__ import annotations

import atexit
import os
import signal
import threading
from typing import Any

PARENT_VARIABLE = "QUEUEIPC_PARENT"
_PARENT_GONE_EXIT_CODE = 129
_LAST_WORDS_SECONDS = 2.0
_following = threading.Lock()
_ends_by_itself = threading.Event()


def follow_parent() -> None:
    """From now on this process ends when its parent does, or says so. Needs to be called once; further calls do nothing."""
    parent = os.environ.get(PARENT_VARIABLE)
    if parent and _following.acquire(blocking=False):
        # Handlers run last in, first out: this one before connections are closed, whose end is not the parent's then.
        atexit.register(_ends_by_itself.set)
        endpoint, name = parent.split("\n")
        threading.Thread(target=_follow, args=(endpoint, name), name="queueipc parent", daemon=True).start()


def _follow(endpoint: str, name: str) -> None:
    from ._client import Client

    try:
        # A connection of its own: what the program does with its queues must not hold this up.
        word: Any = Client(endpoint, reconnect_timeout=0).queue(name, bytes)
        word.get()
    except Exception:
        if _ends_by_itself.is_set():
            return  # the program has ended, and closes its connections
        # Whatever else ended this, the parent is not to be heard of any more.
    threading.Timer(_LAST_WORDS_SECONDS, os._exit, [_PARENT_GONE_EXIT_CODE]).start()
    os.kill(os.getpid(), signal.SIGTERM)
