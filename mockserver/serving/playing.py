"""Playing a plan on a connection: the one place that writes, waits, and breaks connections. Not here: why."""

import asyncio
import os
import socket
import struct
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from mockserver.engine import Handled
from mockserver.reply.steps import Beats, Cut, Data, Hang, Head, Pause, Raw
from mockserver.serving.framing import Framing
from mockserver.serving.waiting import Waiting
from mockserver.serving.writing import Written, ended, put, write, written
from mockserver.state.journal import Exchange, Sent

try:
    import fcntl
    import termios
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_LOOK_EVERY: Final = 1.0
"""Real seconds between two looks for a client that has left, where nothing else would tell."""

_BUFFERED: Final = 64 * 1024
"""Bytes that may wait for a client that reads slowly, until the server waits, too."""

_MOMENT: Final = 0.001

_RST: Final = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
"""SO_LINGER, on, 0 seconds: closing sends RST."""


async def play(
    request: web.BaseRequest, handled: Handled, waiting: Waiting, ending: Callable[[Sent], None]
) -> tuple[Written, Sent]:
    """Play a plan; return the response for aiohttp to end, and whether all was sent.

    Pauses are counted from the request's arrival; what goes out is counted in its exchange. `ending` is told how it
    ends before it does: from then on the client may be ahead of the server. Raises `ConnectionError` where the client
    left.
    """
    reply, exchange = handled.reply, handled.exchange
    player = (_Framed if reply.is_ordinary else _Spelled)(request, reply.head)
    began = at = exchange.trial.arrived.timestamp()
    runs = handled.runs or list(reply.runs())
    for number, step in enumerate(runs, 1):
        if number == len(runs) and not isinstance(step, Pause | Hang):
            ending("cut" if isinstance(step, Cut) else "whole")
        if isinstance(step, Head | Data | Raw):
            exchange.written += await player.send(step)
            continue
        await player.flush()
        if isinstance(step, Beats):
            beats = _Playing(request, step, at, exchange, player.framed)
            await beats.to_the_end(waiting)
            at = beats.at
        elif isinstance(step, Pause):
            at += step.seconds
            await waiting.until(at)
        elif isinstance(step, Hang):
            await _hang(request)
        else:
            await _cut(request, reset=step.reset)
            return ended(), "cut"
    if isinstance(runs[-1], Pause):
        ending("whole")
    if at != began:
        await asyncio.sleep(0)  # others whose time has come go before the end of this one
    return await player.end(), "whole"


async def _hang(request: web.BaseRequest) -> None:
    """Wait until the client has left: the server is told by a cancelled task, or, where it is mounted, looks."""
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(_LOOK_EVERY)
    raise ConnectionResetError("the client gave up")


async def _cut(request: web.BaseRequest, *, reset: bool) -> None:
    """End the connection: what was written goes out, then FIN or RST."""
    transport = request.transport
    if transport is None:
        return
    if not reset:
        transport.close()
        return
    transport.set_write_buffer_limits(0)
    await request.writer.drain()
    connection = transport.get_extra_info("socket")
    while not transport.is_closing() and _unread(connection):  # noqa: ASYNC110 - RST throws away what is under way
        await asyncio.sleep(_MOMENT)
    if not transport.is_closing():  # else its number may be another connection's by now
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
    transport.abort()


def _unread(connection: Any) -> bool:
    """Whether the kernel still holds bytes for the other side, where it tells (Linux)."""
    if fcntl is None or not hasattr(termios, "TIOCOUTQ"):
        return False
    return struct.unpack("i", fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4))) != (0,)


class _Playing:
    """The midst of a stream, written whenever its time has come, without waking a task for each.

    `at` is the time of the next data, and when all is written, of the last.
    """

    def __init__(
        self, request: web.BaseRequest, beats: Beats, began: float, exchange: Exchange, framed: Callable[[bytes], bytes]
    ) -> None:
        self._request = request
        self._exchange = exchange
        self._framed = framed
        self._pairs = iter(beats.pairs)
        self.at = began
        self._data: bytes | None = b""
        self._go_on()

    async def to_the_end(self, waiting: Waiting) -> None:
        """Write all in time; a client that reads slowly is waited for."""
        while self._data is not None:
            await waiting.beats(self.at, self._write)
            await self._request.writer.drain()

    def _write(self) -> float | None:
        data = self._data or b""
        put(self._request, self._framed(data))
        self._exchange.written += len(data)
        self._go_on()
        transport = self._request.transport
        goes_on = self._data is not None and transport is not None and transport.get_write_buffer_size() <= _BUFFERED
        return self.at if goes_on else None

    def _go_on(self) -> None:
        pause, self._data = next(self._pairs, (0.0, None))
        self.at += pause


class _Framed:
    """Plays what is HTTP. A head waits for what follows it, so that both go out in one write."""

    def __init__(self, request: web.BaseRequest, head: Head) -> None:
        self._request = request
        self._framing = Framing(request, head)
        self._held = b""

    def framed(self, data: bytes) -> bytes:
        """Return a piece of the body as it goes out."""
        return self._framing.data(data)

    async def send(self, step: Head | Data | Raw) -> int:
        """Send a step; return how many bytes of the body went out by it."""
        if isinstance(step, Head):
            self._held = self._framing.head
            return 0
        self._held += self._framing.data(step.bytes)
        await self.flush()
        return len(step.bytes)

    async def flush(self) -> None:
        """Let the head go out before something else happens."""
        if self._held:
            held, self._held = self._held, b""
            await write(self._request, held)

    async def end(self) -> Written:
        self._held += self._framing.end
        await self.flush()
        return written(goes_on=self._framing.goes_on)


class _Spelled:
    """Plays what no HTTP server sends by itself: each byte is written as it is, and then the connection ends."""

    def __init__(self, request: web.BaseRequest, head: Head) -> None:
        self._request = request
        self._in_chunks = head.length is None

    def framed(self, data: bytes) -> bytes:
        """Return a piece of the body as it goes out."""
        return b"%x\r\n%b\r\n" % (len(data), data) if self._in_chunks else data

    async def send(self, step: Head | Data | Raw) -> int:
        """Send a step; return how many bytes of the body went out by it."""
        if isinstance(step, Raw):
            await write(self._request, step.bytes)
        elif isinstance(step, Data):
            await write(self._request, self.framed(step.bytes))
            return len(step.bytes)
        return 0

    async def flush(self) -> None:
        """Do nothing: every byte has gone out."""

    async def end(self) -> Written:
        if self._in_chunks:
            await write(self._request, b"0\r\n\r\n")
        return ended()
