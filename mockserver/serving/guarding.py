"""What stands between one connection and the protocol that serves it. Not here: how many there may be (`connections`).

A guard asks for nothing but that it is told when a request begins to be answered, and when that is done. It has a door
of its own for requests that repeat others to the byte: they are answered before anything reads them as HTTP, so the
protocol is made only when it is needed.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, cast

from aiohttp import HttpVersion

from mockserver.serving.refusing import TOO_SLOW, refusal

if TYPE_CHECKING:
    from mockserver.serving.connections import Connections

log = logging.getLogger("mockserver")

Phase = Literal["idle", "asking", "answering"]
"""What a connection is at: nothing, a request whose head is not complete, or one that is read and answered."""

_HEAD_ENDS: Final = b"\r\n\r\n"
_OTHERWISE: Final = ("transfer-encoding", "content-encoding", "upgrade", "expect")
"""Headers of requests whose length on the wire is not that of head and body, or that are more than a question."""


class Manner(NamedTuple):
    """How a request wants its answer, as HTTP says it."""

    version: HttpVersion
    method: str
    keep_alive: bool
    headers: Mapping[str, str]


class Repeated:
    """A request that repeats another one, as it came on a guarded connection."""

    def __init__(self, guard: "Guard", manner: Manner, raw: bytes) -> None:
        self.transport = guard.transport
        self.writer = self.guard = guard
        self.version, self.method, self.keep_alive, self.headers = manner
        self.raw = raw


Retell = Callable[[Repeated], bool]
"""Answers a request that repeats another one, or returns that it does not any more."""


class Guard(asyncio.Protocol):
    """Stands between a connection and what serves it; `due` is when its phase has lasted too long."""

    __slots__ = (
        "_came",
        "_connections",
        "_drained",
        "_end",
        "_factory",
        "_first",
        "_held",
        "_inner",
        "_is_paused",
        "_is_refused",
        "_phase",
        "_retell",
        "_task",
        "due",
        "transport",
    )

    transport: asyncio.Transport
    due: float

    def __init__(self, connections: "Connections", factory: Callable[[], asyncio.Protocol], retell: Retell) -> None:
        self._connections = connections
        self._factory = factory
        self._retell = retell
        self._inner: asyncio.Protocol | None = None
        self._first = b""
        self._came, self._end = 0, -1
        self._task: asyncio.Task[None] | None = None
        self._held = b""
        self._is_paused = False
        self._drained: asyncio.Future[None] | None = None

    def enter(self, phase: Phase) -> None:
        """Begin a phase."""
        self._phase: Phase = phase
        self.due = monotonic() + self._connections.seconds[phase]

    def end(self) -> None:
        """End a connection whose phase has lasted too long."""
        if self._phase == "asking":
            words = TOO_SLOW.format(seconds=self._connections.patience)
            log.warning("a client got a 408: %s", words)
            self.transport.write(refusal("408 Request Timeout", "timeout_error", words))
        elif self._phase == "answering":
            log.warning("a connection is broken off: its request was answered for longer than a day")
            self.transport.abort()
        self.transport.close()

    # ---------------------------------------------------------- what comes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, or be refused."""
        self.transport = cast(asyncio.Transport, transport)
        self.enter("idle")
        self._inner = self._connections.admit(self)
        self._is_refused = self._inner is not None
        if self._inner is not None:
            self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Answer what repeats another request; give anything else to what serves it."""
        if self._task is not None:
            self._held += data
            self.transport.pause_reading()
            return
        if self._phase == "idle":
            if not (self._came or self._is_refused) and self._retold(data):
                return
            self.enter("asking")
        if _HEAD_ENDS not in self._first:
            self._first += data
        self._came += len(data)
        self._serving().data_received(data)

    def eof_received(self) -> bool | None:
        """Hear that the client will send nothing more."""
        return self._inner.eof_received() if self._inner is not None else None

    def connection_lost(self, exc: Exception | None) -> None:
        """Hear that the client is gone, or that the connection was closed."""
        self._connections.left(self)
        if self._task is not None:
            self._task.cancel()
        if self._inner is not None:
            self._inner.connection_lost(exc)

    def _serving(self) -> asyncio.Protocol:
        if self._inner is None:
            self._inner = self._factory()
            self._inner.connection_made(self.transport)
            if self._is_paused:
                self._inner.pause_writing()
        return self._inner

    # ---------------------------------------------- what serves it has done

    def whole(self, headers: Mapping[str, str], size: int) -> bytes | None:
        """Return the request that is being answered as it came, where nothing else did, and its head not alone.

        `size` is that of its body. Another one is known to have come alone by its length, so that the door for
        repeated requests is open behind it.
        """
        if any(name in headers for name in _OTHERWISE):
            return None
        head = self._first.find(_HEAD_ENDS) + len(_HEAD_ENDS)
        self._end = head + size
        return self._first if self._end == self._came == len(self._first) else None

    def served(self) -> None:
        """Note that a request is answered. Where nothing else had come, what serves the connection holds nothing."""
        if self._came == self._end:
            self._came = 0
        self._first, self._end = b"", -1
        self.enter("idle")

    # ------------------------------------------- what repeats other requests

    def _retold(self, raw: bytes) -> bool:
        manner = self._connections.manner_of(raw)
        return manner is not None and self._retell(Repeated(self, manner, raw))

    def go(self, answering: Coroutine[Any, Any, bool]) -> None:
        """Let a repeated request be answered, which returns whether the connection goes on."""
        self.enter("answering")
        self._task = asyncio.create_task(self._answered(answering))

    async def _answered(self, answering: Coroutine[Any, Any, bool]) -> None:
        goes_on = False
        try:
            goes_on = await answering
        except Exception:
            log.exception("a bug of the server: a repeated request was not answered to its end")
        self._task = None
        self.told(goes_on=goes_on)

    def told(self, *, goes_on: bool) -> None:
        """Note that a repeated request is answered: the connection waits for another one, or is closed."""
        if not goes_on:
            self.transport.close()
            return
        self.enter("idle")
        if self._held:
            held, self._held = self._held, b""
            self.transport.resume_reading()
            self.data_received(held)

    # --------------------------------------------------- clients that are slow

    async def drain(self) -> None:
        """Return when the client has read enough for more to be written."""
        if self._is_paused:
            self._drained = self._drained or asyncio.get_running_loop().create_future()
            await asyncio.shield(self._drained)

    def pause_writing(self) -> None:
        """Hear that much waits for the client."""
        self._is_paused = True
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Hear that it has read."""
        self._is_paused = False
        if self._drained is not None:
            self._drained.set_result(None)
            self._drained = None
        if self._inner is not None:
            self._inner.resume_writing()
