"""A request is read: its bytes, where it was sent, and how long ago it had come. Not here: what becomes of it."""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Final, NamedTuple

from aiohttp import web

from mockserver.engine import Print
from mockserver.serving.arriving import connection_of, seconds_ago
from mockserver.validation.incoming import LATE, Incoming
from mockserver.validation.transport import most_bytes

log = logging.getLogger("mockserver")

_SHORT: Final = 1024 * 1024
"""Bytes of a body that no limit refuses."""


class Received(NamedTuple):
    """The body of a request: its bytes, how many came, why it cannot be read, and when all of it was here.

    Of a body that is too large only the size is kept. `since` is a time of `time.perf_counter`; the kernel had the last
    bytes `before` seconds earlier.
    """

    body: bytes
    size: int
    unreadable: str
    since: float
    before: float

    def ago(self) -> float:
        """Return how long ago, in seconds, all of the request had come."""
        return self.before + time.perf_counter() - self.since


async def received(request: web.BaseRequest, patience: float) -> Received:
    """Read the body of a request, within `patience` seconds. Raises `ConnectionError` where the client leaves."""
    content = request.content
    if content.is_eof():
        began, before = time.perf_counter(), seconds_ago(connection_of(request.transport))
        if 0 < content.total_bytes <= _SHORT:  # all is here: there is nothing to wait for
            body = content.read_nowait()
            return Received(body, len(body), "", began, before)
        return Received(*await _read(request, patience), began, before)
    return Received(*await _read(request, patience), time.perf_counter(), 0.0)


def printed(request: web.BaseRequest, body: bytes, raw: bytes | None) -> Print:
    """Return what a request is known again by: all of its bytes where they are known, else what was read of them."""
    return (raw,) if raw is not None else (body, request.method, request.raw_path, request.raw_headers)


def incoming(request: web.BaseRequest, came: Received, mount: str) -> Incoming:
    """Return a request as the engine takes it; `mount` is what the application is mounted under."""
    headers = _headers(request)
    return Incoming(
        request.method,
        request.rel_url.raw_path.removeprefix(mount) or "/",
        headers,
        came.body,
        came.size,
        came.unreadable,
        query=request.rel_url.raw_query_string,
        base=f"{_origin(request, headers)}{mount}",
    )


async def _read(request: web.BaseRequest, patience: float) -> tuple[bytes, int, str]:
    """Return the body, how many bytes came, and why it cannot be read, where it cannot."""
    chunks: list[bytes] = []
    size, unreadable, most = 0, "", most_bytes(request.method, request.path)
    content = request.content
    try:
        async with asyncio.timeout(patience):
            async for chunk in content.iter_any():
                size += len(chunk)
                if size <= most:
                    chunks.append(chunk)
                else:
                    chunks.clear()
    except TimeoutError:
        log.warning("the body of a request did not come within %g s ('request_timeout'): %d bytes did", patience, size)
        unreadable = LATE
    except web.RequestPayloadError as error:
        unreadable = " ".join(str(error.__cause__ or error).split())
        content.feed_eof()  # there is nothing more to wait for
    return b"".join(chunks), size, unreadable


def mount_of(request: web.BaseRequest) -> str:
    """Return what the application of a request is mounted under; a server of our own has none."""
    resource = request.match_info.route.resource if isinstance(request, web.Request) else None
    return resource.canonical.removesuffix("/{path}") if resource is not None else ""


def address_of(request: web.BaseRequest) -> str:
    """Return the server's address, as this client reached it; a socket in the file system is of this machine."""
    name = request.get_extra_info("sockname")
    return str(name[0]) if isinstance(name, tuple) else "localhost"


def _origin(request: web.BaseRequest, headers: Mapping[str, str]) -> str:
    """Return where the client reached the server; a proxy in front of it tells in its usual headers."""
    scheme = _first(headers, "x-forwarded-proto")
    host = _first(headers, "x-forwarded-host") or headers.get("host") or address_of(request)
    return f"{scheme if scheme in ('http', 'https') else request.scheme}://{host}"


def _first(headers: Mapping[str, str], name: str) -> str:
    """Return the first value of a header to which each proxy adds its own: that of the one next to the client."""
    return headers.get(name, "").partition(",")[0].strip()


def _headers(request: web.BaseRequest) -> dict[str, str]:
    """Return the headers with names in lower case; one that comes twice is joined by commas."""
    headers: dict[str, str] = {}
    for name, raw in request.headers.items():
        key = name.lower()
        # aiohttp keeps bytes that are no UTF-8 as surrogates, which nothing else can write.
        value = raw if raw.isascii() else raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    return headers
