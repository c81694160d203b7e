"""The open connections of a server: how many there may be, and how long each may last. Not here: what is served.

A guard stands between each connection and the protocol that serves it (`guarding`).
"""

import asyncio
import logging
from collections.abc import Callable
from time import monotonic
from typing import Any, Final, cast

from aiohttp import web

from mockserver.serving.descriptors import make_room
from mockserver.serving.guarding import Guard, Manner, Phase, Retell
from mockserver.serving.refusing import refusal
from mockserver.settings import Settings
from mockserver.state.tally import Tally
from mockserver.validation.memory import Memory

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

_LONGEST: Final[dict[Phase, float]] = {"idle": IDLE_SECONDS, "answering": LONGEST_SECONDS}

TOO_MANY: Final = "{most:,} connections are open, and no more are taken; close some, or raise 'max_connections'"


class Connections:
    """The connections of one server. `most` may be open; a request comes within `patience` seconds, head and body."""

    def __init__(self, settings: Settings, tally: Tally) -> None:
        self.most = settings.max_connections
        self.patience = settings.request_timeout
        self.seconds: dict[Phase, float] = _LONGEST | {"asking": self.patience}
        self._tally = tally
        self._open: dict[asyncio.BaseTransport | None, Guard] = {}
        self._refused: set[asyncio.Transport] = set()
        self._manners = Memory[Manner]()
        self._is_full = False
        self._timer: asyncio.TimerHandle | None = None

    def guarded(self, factory: Callable[[], Any], retell: Retell) -> Callable[[], asyncio.Protocol]:
        """Return what makes the protocol of each connection, as `create_server` wants it: one of `factory`, guarded.

        `retell` answers a request that is known to repeat another one, if it still does; then no `factory` is needed.

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
        return lambda: Guard(self, factory, retell)

    def begun(self, transport: asyncio.BaseTransport | None) -> None:
        """Note that a request's head is complete on a connection; other connections than guarded ones do not matter."""
        if (guard := self._open.get(transport)) is not None:
            guard.enter("answering")

    def done(self, transport: asyncio.BaseTransport | None) -> None:
        """Note that it is answered."""
        if (guard := self._open.get(transport)) is not None:
            guard.served()

    def whole(self, request: web.BaseRequest, size: int) -> bytes | None:
        """Return all of a request whose body has `size` bytes, as it came; None where it did not come in one piece."""
        guard = self._open.get(request.transport)
        return None if guard is None else guard.whole(request.headers, size)

    def learn(self, raw: bytes, request: web.BaseRequest) -> None:
        """Note that a request, as it came, repeats another one."""
        if self._manners.find((raw,)) is None:
            manner = Manner(request.version, request.method, bool(request.keep_alive), request.headers)
            self._manners.keep((raw,), manner)

    def manner_of(self, raw: bytes) -> Manner | None:
        """Return how such a request wants its answer, where it is known to repeat another one."""
        return self._manners.find((raw,))

    def close(self) -> None:
        """Look no more, close what is open, and break off who is still being refused."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for guard in tuple(self._open.values()):
            guard.transport.close()
        for transport in tuple(self._refused):
            transport.abort()

    def admit(self, guard: Guard) -> asyncio.Protocol | None:
        """Count a connection, and return None; where it is refused, what does that."""
        if len(self._open) < self.most:
            self._open[guard.transport] = guard
            self._tally.connections += 1
            self._is_full = False
            self._look_later()
            return None
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

    def left(self, guard: Guard) -> None:
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
