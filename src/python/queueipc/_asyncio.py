"""The forms of a queue's calls for asyncio: they wait without a thread."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, AsyncIterator, Callable, Generic, Optional, TypeVar, cast

from . import _wire as wire
from ._attachment import Attachment, Use
from ._connection import Call
from ._errors import RequestRefused
from ._stream import Stream

if TYPE_CHECKING:
    from ._lease import Lease

T = TypeVar("T")


class AsyncForms(Generic[T]):
    """What `Queue` can be awaited for. A get that is cancelled has taken nothing; of a put that is cancelled nobody can know."""

    async def aput(self, item: T, timeout: Optional[float] = None) -> None:
        """See `put`."""
        wait = wait_us(True, timeout)
        with self._use() as at:
            self._check_put(await self._ask(at, wire.PUT, 0, wire.put(wait, (wire.item(self._codec.pack(item)),))))

    async def aget(self, timeout: Optional[float] = None) -> T:
        """See `get`."""
        with self._use() as at:
            call = await self._agot(at, 0, timeout)
            return self._receive(at, next(at.connection.read_items(call.flags, call.body)))

    async def alease(self, timeout: Optional[float] = None) -> "Lease[T]":
        """See `lease`. The verdicts are short calls that wait for the broker's answer."""
        with self._use() as at:
            return self._leased(at, await self._agot(at, wire.LEASE, timeout))

    async def __aiter__(self) -> AsyncIterator[T]:
        """Reads ahead: `async for item in q`. Ends when the queue is shut down and drained."""
        loop, news = asyncio.get_running_loop(), asyncio.Event()
        with self._use() as at:
            at.connection.read_in_background()
            stream = Stream(cast(Any, self), at, lambda: _tell(loop, news.set))
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

    async def _agot(self, at: Attachment, flags: int, timeout: Optional[float]) -> Call:
        return self._check_get(await self._ask(at, wire.GET, flags, wire.get(wait_us(True, timeout), 1)))

    async def _ask(self, at: Attachment, op: int, flags: int, body: bytes) -> Call:
        loop = asyncio.get_running_loop()
        answered = loop.create_future()

        def take() -> None:
            if not answered.done():
                answered.set_result(None)

        at.connection.read_in_background()
        call = at.connection.submit(op, flags, at.number, body, lambda: _tell(loop, take))
        try:
            await answered
        except asyncio.CancelledError:
            at.connection.abandon(call)
            raise
        try:
            return at.connection.checked(call)
        except RequestRefused as refusal:
            raise self._refused(refusal) from None

    # What the queue itself has.
    _codec: Any
    _use: Callable[[], Use]
    _check_put: Callable[[Call], int]
    _check_get: Callable[[Call], Call]
    _receive: Callable[..., T]
    _leased: Callable[..., "Lease[T]"]
    _refused: Callable[[RequestRefused], Exception]


def wait_us(block: bool, timeout: Optional[float]) -> int:
    """Seconds as the protocol has them: microseconds, 0 for no wait, -1 for ever."""
    if not block:
        return 0
    if timeout is None:
        return -1
    if timeout < 0:
        raise ValueError("'timeout' must be a non-negative number")
    return min(int(timeout * 1_000_000), 1 << 62)


def _tell(loop: asyncio.AbstractEventLoop, act: Any) -> None:
    try:
        loop.call_soon_threadsafe(act)
    except RuntimeError:
        pass  # the loop is closed, and nobody waits in it any more
