"""A queue's number on a connection. It is given back when its handle is closed and nobody uses it any more.

A frame about a number that is not open ends the connection. So whoever may still send one is a user: a call, a lease, a reader.
"""

from __future__ import annotations

from typing import Any

from . import _wire as wire
from ._connection import Connection


class Use:
    """One user, for the length of a `with` block."""

    __slots__ = ("_at",)

    def __init__(self, at: "Attachment") -> None:
        self._at = at

    def __enter__(self) -> "Attachment":
        self._at.enter(self)
        return self._at

    def __exit__(self, *_: Any) -> None:
        self._at.leave(self)


class Attachment:
    def __init__(self, connection: Connection, number: int, name: str) -> None:
        self.connection, self.number, self._name = connection, number, name
        # Adding to a set, and taking from it, are single steps of the interpreter: no lock is needed. Users add themselves first and then
        # look whether it is closed; `close` says so first and then looks whether there are users.
        self._users: "set[Any]" = set()
        self._closed = self._given_back = False

    def enter(self, user: Any) -> None:
        self._users.add(user)
        if self._closed:
            self.leave(user)
            raise self.closed_error()

    def leave(self, user: Any) -> None:
        self._users.discard(user)
        if self._closed and not self._users:
            self._give_back()

    def close(self) -> None:
        """Calls that wait are cancelled; leases stay good until their verdict."""
        self._closed = True
        if self._users:
            self.connection.cancel_all(self.number)
        else:
            self._give_back()

    def forget(self) -> None:
        """The handle is garbage. That may be found at any moment, also while this thread sends: so nothing is sent now."""
        if not self._closed:
            self._closed = True
            self.connection.forgotten.append(self.number)

    def closed_error(self) -> ValueError:
        return ValueError(f"Queue '{self._name}' is closed")

    def _give_back(self) -> None:
        if not self._given_back and self.connection.failure is None:
            self._given_back = True
            self.connection.send(wire.CLOSE, 0, self.number, 0)
