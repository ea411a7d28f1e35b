"""The forms of a queue's calls for asyncio: they wait without a thread."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, AsyncIterator, Generic, Optional, TypeVar

from . import _wire as wire
from ._connection import Call
from ._errors import RequestRefused

if TYPE_CHECKING:
    from ._lease import Lease

T = TypeVar("T")


class AsyncForms(Generic[T]):
    """What `Queue` can be awaited for. A get that is cancelled has taken nothing; of a put that is cancelled nobody can know."""

    async def aput(self, item: T, timeout: Optional[float] = None) -> None:
        """See `put`."""
        from ._queue import _wait_us

        wait = _wait_us(True, timeout)
        call = await self._ask(wire.PUT, 0, wire.put(wait, (wire.item(self._codec.pack(item)),)))  # type: ignore[attr-defined]
        self._check_put(call)  # type: ignore[attr-defined]

    async def aget(self, timeout: Optional[float] = None) -> T:
        """See `get`."""
        connection, number = self._attachment()  # type: ignore[attr-defined]
        call = await self._agot(0, timeout)
        return self._receive(connection, number, next(wire.read_items(call.flags, call.body)))  # type: ignore[attr-defined]

    async def alease(self, timeout: Optional[float] = None) -> "Lease[T]":
        """See `lease`. The verdicts are short calls that wait for the broker's answer."""
        connection, number = self._attachment()  # type: ignore[attr-defined]
        return self._leased(connection, number, await self._agot(wire.LEASE, timeout))  # type: ignore[attr-defined]

    async def _agot(self, flags: int, timeout: Optional[float]) -> Call:
        from ._queue import _wait_us

        return self._check_get(await self._ask(wire.GET, flags, wire.get(_wait_us(True, timeout), 1)))  # type: ignore[attr-defined]

    async def __aiter__(self) -> AsyncIterator[T]:
        """Reads ahead: `async for item in q`. Ends when the queue is shut down and drained."""
        from ._stream import Stream

        loop, news = asyncio.get_running_loop(), asyncio.Event()
        connection, _ = self._attachment()  # type: ignore[attr-defined]
        connection.read_in_background()
        stream: Any = Stream(self, lambda: _tell(loop, news.set))  # type: ignore[arg-type]
        try:
            while True:
                news.clear()
                if not stream.has_news:
                    await news.wait()
                    continue
                if not stream.wait():
                    return
                for item in stream.arrived():
                    yield item
        finally:
            # No await here: the loop may be closing. The background thread takes the broker's word for it.
            stream.stop()

    async def _ask(self, op: int, flags: int, body: bytes) -> Call:
        loop = asyncio.get_running_loop()
        answered = loop.create_future()

        def take() -> None:
            if not answered.done():
                answered.set_result(None)

        connection, number = self._attachment()  # type: ignore[attr-defined]
        connection.read_in_background()
        call: Call = connection.submit(op, flags, number, body, lambda: _tell(loop, take))
        try:
            await answered
        except asyncio.CancelledError:
            connection.abandon(call)
            raise
        try:
            return connection.checked(call)
        except RequestRefused as refusal:
            raise self._refused(refusal) from None  # type: ignore[attr-defined]


def _tell(loop: asyncio.AbstractEventLoop, act: Any) -> None:
    try:
        loop.call_soon_threadsafe(act)
    except RuntimeError:
        pass  # the loop is closed, and nobody waits in it any more
