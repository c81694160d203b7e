"""The bytes that an answer has on its connection, as HTTP frames them for who asked. Not here: when they go out."""

from collections.abc import Sequence
from typing import Final

from aiohttp import HttpVersion11

from mockserver.reply.steps import Beats, Head
from mockserver.serving.writing import Asked

_BODILESS: Final = (204, 304)
"""Statuses behind which no body comes."""

_CONNECTION: Final = {True: b"connection: keep-alive\r\n", False: b"connection: close\r\n"}
"""What is said of whether the connection waits for another request, where it is not usual."""


def chunk(data: bytes) -> bytes:
    """Return data as one chunk of a body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


class Framing:
    """How one answer is framed: with its length where that is known, else in chunks or, before HTTP/1.1, by its end."""

    def __init__(self, asked: Asked, head: Head) -> None:
        is_new = asked.version >= HttpVersion11
        has_body = asked.method != "HEAD" and head.status not in _BODILESS
        self._has_body = has_body
        self._in_chunks = has_body and is_new and head.length is None
        self._head = head
        self.goes_on = asked.keep_alive and (is_new or head.length is not None or not has_body)
        """Whether the connection waits for another asked."""
        self._is_new = is_new

    @property
    def head(self) -> bytes:
        """The status line, the headers, and the empty line behind them."""
        framing = b""
        if self._in_chunks:
            framing = b"transfer-encoding: chunked\r\n"
        elif self._head.length is not None and self._head.status not in _BODILESS:
            framing = b"content-length: %d\r\n" % self._head.length
        connection = _CONNECTION[self.goes_on] if self.goes_on is not self._is_new else b""
        return b"%b%b%b%b\r\n" % (self._head.status_line, self._head.lines, framing, connection)

    def data(self, data: bytes) -> bytes:
        """Return a piece of the body."""
        if not data or not self._has_body:
            return b""
        return chunk(data) if self._in_chunks else data

    def pieces(self, beats: Beats) -> Sequence[bytes]:
        """Return the data of beats, each as a piece of the body; in chunks, the same ones each time."""
        if not self._in_chunks:
            return [self.data(data) for _, data in beats.pairs]
        if not beats.chunks:
            beats.chunks.extend(chunk(data) for _, data in beats.pairs)
        return beats.chunks

    @property
    def end(self) -> bytes:
        """What says that the body has ended."""
        return b"0\r\n\r\n" if self._in_chunks else b""

    def whole(self, body: bytes) -> bytes:
        """Return the whole answer, in one copy of the body."""
        if body and self._in_chunks:
            return b"%b%x\r\n%b\r\n0\r\n\r\n" % (self.head, len(body), body)
        return b"%b%b%b" % (self.head, self.data(body), self.end)
