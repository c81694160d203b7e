"""What is refused before there is a request: a head that is too long, and what is no HTTP. Not here: when (aiohttp).

aiohttp would answer in plain text, and log a traceback.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from mockserver.serving.writing import ended
from mockserver.wire.encoding import encode
from mockserver.wire.telling import printable

log = logging.getLogger("mockserver")

_NEVER: Final = 366 * 24 * 3600.0
"""Seconds until aiohttp closes a connection on which it is not asked: others may be asked on it, and they close it."""

MOST_LINE: Final = 64 * 1024
"""Bytes of the request line, and of one header: real `anthropic-beta` values are longer than aiohttp's 8 KiB."""
MOST_HEADERS: Final = 128

TOO_LONG: Final = f"a line of the head of this request has more than {MOST_LINE // 1024} KB"
TOO_MANY: Final = f"this request has more than {MOST_HEADERS} headers"
TOO_SLOW: Final = "the head of this request was not complete within {seconds:g} s ('request_timeout')"

_TOO_MANY: Final = "Too many headers received"
"""aiohttp's words for it."""


def refusal(status: str, kind: str, words: str) -> bytes:
    """Return a refusal of our own, head and all, in the API's envelope but for the id: there is no request yet."""
    body = encode({"type": "error", "error": {"type": kind, "message": f"mockserver: {words}"}})
    lines = (
        f"HTTP/1.1 {status}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "x-should-retry: false",
        "connection: close",
    )
    return "\r\n".join([*lines, "", ""]).encode() + body


class Server(web.Server):
    """aiohttp's server of the lower level, with limits and refusals of ours."""

    def __init__(self, handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> None:
        super().__init__(handler, handler_cancellation=True)

    def __call__(self) -> "_Protocol":
        """Return what serves one more connection."""
        limits: dict[str, Any] = {"max_line_size": MOST_LINE, "max_field_size": MOST_LINE, "max_headers": MOST_HEADERS}
        return _Protocol(
            self,
            loop=self._loop,
            access_log=None,  # type: ignore[arg-type]
            keepalive_timeout=_NEVER,
            **limits,
        )


class _Protocol(web.RequestHandler):
    """aiohttp's protocol of one connection, but for what it says of a request that is none."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        line, words = _told(exc)
        log.warning("%s", printable(f"a client got a {line[:3]}: {words}"))
        if self.transport is not None:
            self.transport.write(refusal(line, "invalid_request_error", words))
        return ended()


def _told(error: HttpProcessingError) -> tuple[str, str]:
    """Return the status line's end, and words for a client."""
    if isinstance(error, LineTooLong):
        return "431 Request Header Fields Too Large", TOO_LONG
    if error.message == _TOO_MANY:
        return "431 Request Header Fields Too Large", TOO_MANY
    return "400 Bad Request", f"this is no HTTP: {' '.join(str(error.message).split())[:200]}"
