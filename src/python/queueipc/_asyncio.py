"""The forms of a queue's calls for asyncio: they wait without a thread."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, AsyncIterator, Callable, Generic, Optional, TypeVar, cast

from . import _wire as wire
from ._attachment import Use
from ._connection import Call
from ._errors import BrokerUnavailable, ConnectionLost, LateForBroker, RequestRefused
from ._outbox import Put
from ._stream import Stream

if TYPE_CHECKING:
    from ._lease import Lease

T = TypeVar("T")


class AsyncForms(Generic[T]):
    """What `Queue` can be awaited for. A get that is cancelled has taken nothing; of a put that is cancelled nobody can know."""

    async def aput(self, item: T, timeout: Optional[float] = None) -> None:
        """See `put`."""
        wait = wait_us(True, timeout)
        items, deadline = wire.item(self._codec.pack(item)), _deadline(timeout)
        await self._broker(deadline, self._not_put)
        with self._use(wait, self._not_put) as at:
            self._check_put(await self._aput(at, items, deadline))

    async def aget(self, timeout: Optional[float] = None) -> T:
        """See `get`."""
        await self._broker(_deadline(timeout), self._nothing_there)
        with self._use(wait_us(True, timeout), self._nothing_there) as at:
            call = await self._agot(at, 0, timeout)
            return self._receive(at, next(at.connection.read_items(call.flags, call.body)))

    async def alease(self, timeout: Optional[float] = None) -> "Lease[T]":
        """See `lease`. The verdicts are short calls that wait for the broker's answer."""
        await self._broker(_deadline(timeout), self._nothing_there)
        with self._use(wait_us(True, timeout), self._nothing_there) as at:
            return self._leased(at, await self._agot(at, wire.LEASE, timeout))

    async def __aiter__(self) -> AsyncIterator[T]:
        """Reads ahead: `async for item in q`. Ends when the queue is shut down and drained."""
        await self._broker(None)
        with self._use() as at:
            while True:
                try:
                    async for item in self._aread(at):
                        yield item
                    return
                except ConnectionLost:
                    await self._broker(None)
                    at.come_back()

    async def _aread(self, at: Use) -> AsyncIterator[T]:
        loop, news = asyncio.get_running_loop(), asyncio.Event()
        at.connection.read_in_background()
        stream = Stream(cast(Any, self), at.at, lambda: _tell(loop, news.set))
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

    async def _agot(self, at: Use, flags: int, timeout: Optional[float]) -> Call:
        wait, deadline = wait_us(True, timeout), _deadline(timeout)
        body = wire.get(wait, 1)
        while True:
            try:
                return self._check_get(await self._answer(at, wire.GET, flags, body))
            except RequestRefused as refusal:
                raise self._refused(refusal) from None
            except ConnectionLost:
                await self._broker(deadline, self._nothing_there)
                at.come_back()
            if deadline is not None:
                body = wire.waits(body, max(int((deadline - time.monotonic()) * 1_000_000), 0))

    async def _answer(self, at: Use, op: int, flags: int, body: bytes) -> Call:
        loop, news, connection = asyncio.get_running_loop(), asyncio.Event(), at.connection
        connection.read_in_background()
        call = connection.submit(op, flags, at.number, body, lambda: _tell(loop, news.set))
        try:
            while not call.ready:
                await news.wait()
        except asyncio.CancelledError:
            connection.abandon(call)
            raise
        return connection.checked(call)

    async def _aput(self, at: Use, items: bytes, deadline: Optional[float]) -> Call:
        loop, news = asyncio.get_running_loop(), asyncio.Event()
        put = self._begin_put(at, items, 1, deadline, lambda: _tell(loop, news.set))
        try:
            while True:
                connection, call = put.sent
                connection.read_in_background()
                news.clear()
                if not call.ready:
                    await news.wait()
                    continue
                try:
                    return connection.checked(call)
                except ConnectionLost:
                    if not put.number:
                        raise
                await self._broker(deadline)
                at.come_back(is_under_way=True)
                if put.sent[0] is connection:
                    raise connection._failed()
        except asyncio.CancelledError:
            put.sent[0].abandon(put.sent[1])
            raise
        except BrokerUnavailable as error:
            raise self._put_unknown(put, error) from None
        except RequestRefused as refusal:
            raise self._refused(refusal) from None
        finally:
            self._client._outbox.forget(put)

    async def _broker(self, deadline: Optional[float], late: Optional[Callable[[], Exception]] = None) -> None:
        """Returns when there is a broker, as far as is known. What follows blocks for no longer than an answer takes."""
        while (connection := self._client._connection) is not None and connection.failure is not None:
            coming = asyncio.shield(asyncio.wrap_future(self._client.coming_after(connection)))
            try:
                await asyncio.wait_for(coming, None if deadline is None else max(deadline - time.monotonic(), 0))
            except asyncio.TimeoutError:
                raise late() if late else LateForBroker(f"{connection.failure} It has not come back in the time of this call.") from None

    # What the queue itself has.
    _client: Any
    _codec: Any
    _use: Callable[..., Use]
    _begin_put: Callable[..., Put]
    _put_unknown: Callable[[Put, BrokerUnavailable], BrokerUnavailable]
    _not_put: Callable[[], Exception]
    _nothing_there: Callable[[], Exception]
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


def _deadline(timeout: Optional[float]) -> Optional[float]:
    return None if timeout is None else time.monotonic() + timeout


def _tell(loop: asyncio.AbstractEventLoop, act: Any) -> None:
    try:
        loop.call_soon_threadsafe(act)
    except RuntimeError:
        pass  # the loop is closed, and nobody waits in it any more
