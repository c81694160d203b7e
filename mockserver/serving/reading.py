"""A request is read: its bytes, where it was sent, and how long ago it had come. Not here: what becomes of it."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import web

from mockserver.serving.arriving import seconds_ago
from mockserver.validation.incoming import LATE, Incoming
from mockserver.validation.transport import most_bytes

log = logging.getLogger("mockserver")

_SHORT: Final = 1024 * 1024
"""Bytes of a body that no limit refuses."""


async def received(request: web.Request, patience: float) -> tuple[Incoming, Callable[[], float]]:
    """Read a request, and tell how long ago, in seconds, all of it had come; its body may take `patience` seconds."""
    began = time.perf_counter() if request.content.is_eof() else None
    before = seconds_ago(request.get_extra_info("socket")) if began is not None else 0.0
    incoming = await _read(request, patience)
    since = time.perf_counter() if began is None else began
    return incoming, lambda: before + time.perf_counter() - since


def address_of(request: web.Request) -> str:
    """Return the server's address, as this client reached it; a socket in the file system is of this machine."""
    name = request.get_extra_info("sockname")
    return str(name[0]) if isinstance(name, tuple) else "localhost"


async def _read(request: web.Request, patience: float) -> Incoming:
    """Return the request with its body; of a body that is too large only the size is kept."""
    body, size, unreadable = await _body(request, patience)
    mount, headers = _mount(request), _headers(request)
    return Incoming(
        request.method,
        request.rel_url.raw_path.removeprefix(mount) or "/",
        headers,
        body,
        size,
        unreadable,
        query=request.rel_url.raw_query_string,
        base=f"{_origin(request, headers)}{mount}",
    )


async def _body(request: web.Request, patience: float) -> tuple[bytes, int, str]:
    """Return the body, how many bytes came, and why it cannot be read, where it cannot."""
    chunks: list[bytes] = []
    size, unreadable, most = 0, "", most_bytes(request.method, request.path)
    content = request.content
    try:
        if content.is_eof() and 0 < content.total_bytes <= _SHORT:  # all is here: there is nothing to wait for
            body = content.read_nowait()
            return body, len(body), ""
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


def _mount(request: web.Request) -> str:
    """Return what the application is mounted under."""
    resource = request.match_info.route.resource
    return resource.canonical.removesuffix("/{path}") if resource is not None else ""


def _origin(request: web.Request, headers: Mapping[str, str]) -> str:
    """Return where the client reached the server; a proxy in front of it tells in its usual headers."""
    scheme = _first(headers, "x-forwarded-proto")
    host = _first(headers, "x-forwarded-host") or headers.get("host") or address_of(request)
    return f"{scheme if scheme in ('http', 'https') else request.scheme}://{host}"


def _first(headers: Mapping[str, str], name: str) -> str:
    """Return the first value of a header to which each proxy adds its own: that of the one next to the client."""
    return headers.get(name, "").partition(",")[0].strip()


def _headers(request: web.Request) -> dict[str, str]:
    """Return the headers with names in lower case; one that comes twice is joined by commas."""
    headers: dict[str, str] = {}
    for name, raw in request.headers.items():
        key = name.lower()
        # aiohttp keeps bytes that are no UTF-8 as surrogates, which nothing else can write.
        value = raw if raw.isascii() else raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    return headers
