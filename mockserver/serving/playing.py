"""Playing a plan on a connection: the one place that writes, waits, and breaks connections. Not here: why."""

import asyncio
import os
import socket
import struct
from collections.abc import Callable, Generator, Sequence
from typing import Any, Final

from mockserver.engine import Handled
from mockserver.reply.steps import Beats, Cut, Data, Hang, Head, Pause, Raw
from mockserver.serving.framing import Framing, chunk
from mockserver.serving.waiting import Waiting
from mockserver.serving.writing import LEFT, Asked, Written, ended, write, written
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

_TOGETHER: Final = 16 * 1024
"""So many bytes that are late go out in one write, or a few more: then others have their turn."""

_MOMENT: Final = 0.001

_RST: Final = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
"""SO_LINGER, on, 0 seconds: closing sends RST."""


async def play(
    asked: Asked, handled: Handled, waiting: Waiting, ending: Callable[[Sent], None]
) -> tuple[Written, Sent]:
    """Play a plan; return the response for aiohttp to end, and whether all was sent.

    Pauses are counted from the request's arrival; what goes out is counted in its exchange. `ending` is told how it
    ends before it does: from then on the client may be ahead of the server. Raises `ConnectionError` where the client
    left.
    """
    reply, exchange = handled.reply, handled.exchange
    player = (_Framed if reply.is_ordinary else _Spelled)(asked, reply.head)
    began = at = exchange.trial.arrived.timestamp()
    runs = handled.runs or list(reply.runs())
    last = runs[-1] if isinstance(runs[-1], Data) else None
    for number, step in enumerate(runs if last is None else runs[:-1], 1):
        if number == len(runs) and not isinstance(step, Pause | Hang):
            ending("cut" if isinstance(step, Cut) else "whole")
        if isinstance(step, Head | Data | Raw):
            exchange.written += await player.send(step)
            continue
        await player.flush()
        if isinstance(step, Beats):
            beats = _Playing(asked, step, at, exchange, player.pieces(step))
            await beats.to_the_end(waiting)
            at = beats.at
        elif isinstance(step, Pause):
            at += step.seconds
            await waiting.until(at)
        elif isinstance(step, Hang):
            await _hang(asked)
        else:
            await _cut(asked, reset=step.reset)
            return ended(), "cut"
    if last is not None or isinstance(runs[-1], Pause):
        ending("whole")
    if at != began:
        await asyncio.sleep(0)  # others whose time has come go before the end of this one
    response = await player.end(last)
    exchange.written += len(last.bytes) if last is not None else 0
    return response, "whole"


async def _hang(asked: Asked) -> None:
    """Wait until the client has left: the server is told by a cancelled task, or, where it is mounted, looks."""
    while asked.transport is not None and not asked.transport.is_closing():  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(_LOOK_EVERY)
    raise ConnectionResetError("the client gave up")


async def _cut(asked: Asked, *, reset: bool) -> None:
    """End the connection: what was written goes out, then FIN or RST."""
    transport = asked.transport
    if transport is None:
        return
    if not reset:
        transport.close()
        return
    transport.set_write_buffer_limits(0)
    await asked.writer.drain()
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

    def __init__(self, asked: Asked, beats: Beats, began: float, exchange: Exchange, framed: Sequence[bytes]) -> None:
        self._asked = asked
        self._writing = self._written(beats, exchange, framed)
        self.at = began

    async def to_the_end(self, waiting: Waiting) -> None:
        """Write all in time; a client that reads slowly is waited for."""
        while (at := next(self._writing)) is not None:
            await waiting.beats(at, self._writing.send)
            await self._asked.writer.drain()

    def _written(
        self, beats: Beats, exchange: Exchange, framed: Sequence[bytes]
    ) -> Generator[float | None, float | None, None]:
        """Write what is due at the times that are sent; yield the time of the next.

        None is yielded where the client reads slowly, and in the end, as often as it is asked on. What is late goes out
        together, up to a length: a server that has too much to do then has less. Of what a delta costs, little is left
        but the write itself: names are looked up once, and nothing is called between.
        """
        transport = self._asked.transport
        if transport is None:
            raise ConnectionResetError(LEFT)
        is_closing, write, waiting = transport.is_closing, transport.write, transport.get_write_buffer_size
        at, now, due, size = self.at, 0.0, b"", 0
        for (pause, data), piece in zip(beats.pairs, framed, strict=True):
            self.at = at = at + pause
            if at > now or not pause or len(due) > _TOGETHER:
                if due:
                    write(due)
                    exchange.written += size
                    due, size = b"", 0
                    if waiting() > _BUFFERED:
                        yield None
                now = (yield at) or 0.0
                if is_closing():
                    raise ConnectionResetError(LEFT)
            due = due + piece if due else piece
            size += len(data)
        write(due)
        exchange.written += size
        while True:
            yield None


class _Framed:
    """Plays what is HTTP. A head waits for what follows it, so that both go out in one write."""

    def __init__(self, asked: Asked, head: Head) -> None:
        self._asked = asked
        self._framing = Framing(asked, head)
        self._held = b""

    def pieces(self, beats: Beats) -> Sequence[bytes]:
        """Return the data of beats as they go out."""
        return self._framing.pieces(beats)

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
            await write(self._asked, held)

    async def end(self, last: Data | None) -> Written:
        """End the body, with the last data of it in one write."""
        self._held += (self._framing.data(last.bytes) if last is not None else b"") + self._framing.end
        await self.flush()
        return written(goes_on=self._framing.goes_on)


class _Spelled:
    """Plays what no HTTP server sends by itself: each byte is written as it is, and then the connection ends."""

    def __init__(self, asked: Asked, head: Head) -> None:
        self._asked = asked
        self._in_chunks = head.length is None

    def pieces(self, beats: Beats) -> Sequence[bytes]:
        """Return the data of beats as they go out."""
        return [self._framed(data) for _, data in beats.pairs]

    def _framed(self, data: bytes) -> bytes:
        return chunk(data) if self._in_chunks else data

    async def send(self, step: Head | Data | Raw) -> int:
        """Send a step; return how many bytes of the body went out by it."""
        if isinstance(step, Raw):
            await write(self._asked, step.bytes)
        elif isinstance(step, Data):
            await write(self._asked, self._framed(step.bytes))
            return len(step.bytes)
        return 0

    async def flush(self) -> None:
        """Do nothing: every byte has gone out."""

    async def end(self, last: Data | None) -> Written:
        """End the body, behind the last data of it."""
        if last is not None:
            await self.send(last)
        if self._in_chunks:
            await write(self._asked, b"0\r\n\r\n")
        return ended()
