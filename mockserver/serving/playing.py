"""Playing a plan on a connection: the one place that writes, waits, and breaks connections. Not here: why."""

import asyncio
import os
import socket
import struct
from collections.abc import Callable
from typing import Any, Final

from aiohttp import HttpVersion11, web

from mockserver.engine import Handled
from mockserver.reply.steps import Beats, Cut, Data, Hang, Head, Pause, Raw, Reply
from mockserver.serving.waiting import Waiting
from mockserver.state.journal import Exchange, Sent

try:
    import fcntl
    import termios
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PLANNED: Final = web.ResponseKey("planned", frozenset[str])
"""Where a response keeps the names of its planned headers."""

_LOOK_EVERY: Final = 1.0
"""Real seconds between two looks for a client that has left, where nothing else would tell."""

_BUFFERED: Final = 64 * 1024
"""Bytes that may wait for a client that reads slowly, until the server waits, too."""

_MOMENT: Final = 0.001

_RST: Final = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
"""SO_LINGER, on, 0 seconds: closing sends RST."""


class _Done(web.StreamResponse):
    """A response of which nothing is left to send."""

    async def prepare(self, request: web.BaseRequest) -> None:  # noqa: ARG002 - overrides
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        pass


async def play(
    request: web.Request, handled: Handled, waiting: Waiting, ending: Callable[[Sent], None]
) -> tuple[web.StreamResponse, Sent]:
    """Play a plan; return the response for aiohttp to end, and whether all was sent.

    Pauses are counted from the request's arrival; what goes out is counted in its exchange. `ending` is told how it
    ends before it does: from then on the client may be ahead of the server. Raises `ConnectionError` where the client
    left.
    """
    reply, exchange = handled.reply, handled.exchange
    player = (_Ordinary if reply.is_ordinary else _Spelled)(request, reply)
    began = at = exchange.trial.arrived.timestamp()
    runs = list(reply.runs())
    for number, step in enumerate(runs, 1):
        if number == len(runs) and not isinstance(step, Pause | Hang):
            ending("cut" if isinstance(step, Cut) else "whole")
        if isinstance(step, Head | Data | Raw):
            exchange.written += await player.send(step)
            continue
        await player.flush()
        if isinstance(step, Beats):
            beats = _Playing(request, step, at, exchange)
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


def ended() -> web.StreamResponse:
    """Return a response of which nothing is left to send; the connection ends with it."""
    done = _Done()
    done.force_close()
    return done


async def _hang(request: web.Request) -> None:
    """Wait until the client has left: the server is told by a cancelled task, or, where it is mounted, looks."""
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(_LOOK_EVERY)
    raise ConnectionResetError("the client gave up")


async def _cut(request: web.Request, *, reset: bool) -> None:
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
    """The midst of a stream, written straight to the connection, in aiohttp's framing: cheaper than by its means.

    `at` is the time of the next data, and when all is written, of the last.
    """

    def __init__(self, request: web.Request, beats: Beats, began: float, exchange: Exchange) -> None:
        self._request = request
        self._exchange = exchange
        self._in_chunks = request.version >= HttpVersion11
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
        transport = self._request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client left")
        data = self._data or b""
        transport.write(b"%x\r\n%b\r\n" % (len(data), data) if self._in_chunks and data else data)
        self._exchange.written += len(data)
        self._go_on()
        goes_on = self._data is not None and transport.get_write_buffer_size() <= _BUFFERED
        return self.at if goes_on else None

    def _go_on(self) -> None:
        pause, self._data = next(self._pairs, (0.0, None))
        self.at += pause


class _Ordinary:
    """Plays what is HTTP by aiohttp's own means."""

    def __init__(self, request: web.Request, reply: Reply) -> None:
        self._request = request
        head = reply.head
        # aiohttp itself leaves the body out for HEAD and with 204.
        self._at_once = head.length is not None and all(isinstance(step, Head | Data) for step in reply.steps)
        self._response: web.StreamResponse
        if self._at_once:
            self._response = web.Response(status=head.status, headers=head.headers, body=reply.body)
        else:
            self._response = web.StreamResponse(status=head.status, headers=head.headers)
            self._response.content_length = head.length
        self._response[PLANNED] = frozenset(head.headers)

    async def send(self, step: Head | Data | Raw) -> int:
        """Send a step; return how many bytes of the body went out by it."""
        if isinstance(step, Head):
            await self._response.prepare(self._request)
        elif isinstance(step, Data) and not self._at_once:
            await self._response.write(step.bytes)
            return len(step.bytes)
        return 0

    async def flush(self) -> None:
        """Let the head go out before something else happens: aiohttp keeps it for the first data."""
        if not self._at_once and self._response.prepared:
            self._request.writer.send_headers()

    async def end(self) -> web.StreamResponse:
        await self._response.write_eof()
        return self._response


class _Spelled:
    """Plays what no HTTP server sends by itself: each byte is written as it is, and then the connection ends."""

    def __init__(self, request: web.Request, reply: Reply) -> None:
        self._request = request
        self._chunked = reply.head.length is None

    async def send(self, step: Head | Data | Raw) -> int:
        """Send a step; return how many bytes of the body went out by it."""
        if isinstance(step, Raw):
            await self._write(step.bytes)
        elif isinstance(step, Data):
            size = f"{len(step.bytes):x}\r\n".encode()
            await self._write(size + step.bytes + b"\r\n" if self._chunked else step.bytes)
            return len(step.bytes)
        return 0

    async def flush(self) -> None:
        """Do nothing: every byte has gone out."""

    async def end(self) -> web.StreamResponse:
        if self._chunked:
            await self._write(b"0\r\n\r\n")
        return ended()

    async def _write(self, data: bytes) -> None:
        transport = self._request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client left")
        transport.write(data)
        await self._request.writer.drain()
