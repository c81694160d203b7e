"""The bytes that an answer has on its connection, as HTTP frames them for who asked. Not here: when they go out."""

from typing import Final

from aiohttp import HttpVersion11, web

from mockserver.reply.steps import Head

_BODILESS: Final = (204, 304)
"""Statuses behind which no body comes."""


class Framing:
    """How one answer is framed: with its length where that is known, else in chunks or, before HTTP/1.1, by its end."""

    def __init__(self, request: web.BaseRequest, head: Head) -> None:
        is_new = request.version >= HttpVersion11
        has_body = request.method != "HEAD" and head.status not in _BODILESS
        self._has_body = has_body
        self._in_chunks = has_body and is_new and head.length is None
        self._head = head
        self.goes_on = request.keep_alive and (is_new or head.length is not None or not has_body)
        """Whether the connection waits for another request."""
        self._connection = None if self.goes_on is is_new else "keep-alive" if self.goes_on else "close"

    @property
    def head(self) -> bytes:
        """The status line, the headers, and the empty line behind them."""
        fields = {**self._head.headers}
        if self._in_chunks:
            fields["transfer-encoding"] = "chunked"
        elif self._head.length is not None and self._head.status not in _BODILESS:
            fields["content-length"] = str(self._head.length)
        if self._connection is not None:
            fields["connection"] = self._connection
        lines = "".join([f"{name}: {value}\r\n" for name, value in fields.items()])
        return b"%b%b\r\n" % (self._head.status_line, lines.encode("utf-8", "surrogateescape"))

    def data(self, data: bytes) -> bytes:
        """Return a piece of the body."""
        if not data or not self._has_body:
            return b""
        return b"%x\r\n%b\r\n" % (len(data), data) if self._in_chunks else data

    @property
    def end(self) -> bytes:
        """What says that the body has ended."""
        return b"0\r\n\r\n" if self._in_chunks else b""

    def whole(self, body: bytes) -> bytes:
        """Return the whole answer."""
        return b"%b%b%b" % (self.head, self.data(body), self.end)
