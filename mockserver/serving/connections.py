"""The open connections of a server: how many there may be, and how long each may last. Not here: what is served.

A guard stands between each connection and the protocol that serves it. It asks for nothing but that it is told when a
request begins to be answered, and when that is done.
"""

import asyncio
import logging
from collections.abc import Callable
from time import monotonic
from typing import Any, Final, Literal, cast

from mockserver.serving.descriptors import make_room
from mockserver.serving.refusing import refusal
from mockserver.settings import Settings
from mockserver.state.tally import Tally

log = logging.getLogger("mockserver")

IDLE_SECONDS: Final = 3600.0
"""How long a connection may stay open without a request."""
LONGEST_SECONDS: Final = 24 * 3600.0
"""How long a request may be answered: a client that hangs, or does not read, is not waited for any longer."""
MOST_REFUSED: Final = 64
"""Clients that are waited for at the same time, to be told that there are too many; others are told at once."""

_LINGER_SECONDS: Final = 5.0
"""How long a client that was refused may take to read why."""
_LOOK_EVERY: Final = 30.0
"""Seconds between two looks for what has lasted too long; where little time is given, they are closer together."""
_LOOKS: Final = 8
"""So many of them there are at least in the time that a request may take to come."""

Phase = Literal["idle", "asking", "answering"]
"""What a connection is at: nothing, a request whose head is not complete, or one that is read and answered."""

_LONGEST: Final[dict[Phase, float]] = {"idle": IDLE_SECONDS, "answering": LONGEST_SECONDS}

TOO_MANY: Final = "{most:,} connections are open, and no more are taken; close some, or raise 'max_connections'"
TOO_SLOW: Final = "the head of this request was not complete within {seconds:g} s ('request_timeout')"


class Connections:
    """The connections of one server. `most` may be open; a request comes within `patience` seconds, head and body."""

    def __init__(self, settings: Settings, tally: Tally) -> None:
        self.most = settings.max_connections
        self.patience = settings.request_timeout
        self.seconds: dict[Phase, float] = _LONGEST | {"asking": self.patience}
        self._tally = tally
        self._open: dict[asyncio.BaseTransport | None, _Guard] = {}
        self._refused: set[asyncio.Transport] = set()
        self._is_full = False
        self._timer: asyncio.TimerHandle | None = None

    def guarded(self, factory: Callable[[], Any]) -> Callable[[], asyncio.Protocol]:
        """Return what makes the protocol of each connection, as `create_server` wants it: one of `factory`, guarded.

        Looks at how many files the process may open, and makes room for the connections as far as it may.
        """
        room = make_room(self.most)
        if room < self.most:
            log.warning(
                "this process may not open enough files for %s connections ('max_connections'): no more than %s are "
                "taken; `ulimit -n` raises the limit",
                f"{self.most:,}",
                f"{room:,}",
            )
        self.most = room
        return lambda: _Guard(self, factory)

    def begun(self, transport: asyncio.BaseTransport | None) -> None:
        """Note that a request's head is complete on a connection; other connections than guarded ones do not matter."""
        if (guard := self._open.get(transport)) is not None:
            guard.enter("answering")

    def done(self, transport: asyncio.BaseTransport | None) -> None:
        """Note that it is answered."""
        if (guard := self._open.get(transport)) is not None:
            guard.enter("idle")

    def close(self) -> None:
        """Look no more, and break off who is still being refused."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for transport in tuple(self._refused):
            transport.abort()

    def admit(self, guard: "_Guard", factory: Callable[[], asyncio.Protocol]) -> asyncio.Protocol:
        """Count a connection and return what serves it, or refuses it."""
        if len(self._open) < self.most:
            self._open[guard.transport] = guard
            self._tally.connections += 1
            self._is_full = False
            self._look_later()
            return factory()
        self._tally.refused_connections += 1
        if not self._is_full:
            log.warning("connections are refused: %s", TOO_MANY.format(most=self.most))
        self._is_full = True
        answer = refusal("503 Service Unavailable", "api_error", TOO_MANY.format(most=self.most))
        if len(self._refused) < MOST_REFUSED:
            return _Refusal(self._refused, answer)
        guard.transport.write(answer)
        guard.transport.close()
        return asyncio.Protocol()

    def left(self, guard: "_Guard") -> None:
        """Count a connection that has ended."""
        if self._open.pop(guard.transport, None) is not None:
            self._tally.connections -= 1

    def _look_later(self) -> None:
        if self._timer is None:
            seconds = min(_LOOK_EVERY, self.patience / _LOOKS)
            self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        """End what has lasted too long."""
        self._timer = None
        now = monotonic()
        for guard in [guard for guard in self._open.values() if guard.due <= now]:
            guard.end()
        if self._open:
            self._look_later()


class _Guard(asyncio.Protocol):
    """Stands between a connection and what serves it; `due` is when its phase has lasted too long."""

    __slots__ = ("_connections", "_factory", "_inner", "_phase", "due", "transport")

    transport: asyncio.Transport
    due: float

    def __init__(self, connections: Connections, factory: Callable[[], asyncio.Protocol]) -> None:
        self._connections = connections
        self._factory = factory

    def enter(self, phase: Phase) -> None:
        self._phase: Phase = phase
        self.due = monotonic() + self._connections.seconds[phase]

    def end(self) -> None:
        if self._phase == "asking":
            words = TOO_SLOW.format(seconds=self._connections.patience)
            log.warning("a client got a 408: %s", words)
            self.transport.write(refusal("408 Request Timeout", "timeout_error", words))
        elif self._phase == "answering":
            log.warning("a connection is broken off: its request was answered for longer than a day")
            self.transport.abort()
        self.transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.enter("idle")
        self._inner = self._connections.admit(self, self._factory)
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._phase == "idle":
            self.enter("asking")
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.left(self)
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()


class _Refusal(asyncio.Protocol):
    """Tells a client why it is not served, once it asks: before that, some would not read it.

    What it still sends is taken and dropped; closing at once could reach it before the words do.
    """

    def __init__(self, refused: set[asyncio.Transport], answer: bytes) -> None:
        self._refused = refused
        self._answer = answer
        self._is_told = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._refused.add(self._transport)
        self._timer = asyncio.get_running_loop().call_later(_LINGER_SECONDS, self._transport.abort)

    def data_received(self, _data: bytes) -> None:
        if not self._is_told:
            self._is_told = True
            self._transport.write(self._answer)
            self._transport.write_eof()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._refused.discard(self._transport)
        self._timer.cancel()
