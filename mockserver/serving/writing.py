"""Writing to the connection of a request, past aiohttp's responses: they take longer than the engine does.

Not here: which bytes (`framing`), and when (`playing`).
"""

import asyncio
from typing import Final, Protocol

from aiohttp import HttpVersion, web

LEFT: Final = "the client left"

_TAKEN: Final = 16 * 1024
"""Bytes that a client need not have read for the kernel to take them."""


class Drains(Protocol):
    """Writes to a client that may be slow."""

    async def drain(self) -> None:
        """Return when the client has read enough for more to be written."""


class Asked(Protocol):
    """What an answer needs of its request: where it goes, and how HTTP wants it. Those of aiohttp are such."""

    @property
    def transport(self) -> asyncio.Transport | None:
        """The connection; None: it has ended."""

    @property
    def writer(self) -> Drains:
        """What is written to."""

    @property
    def version(self) -> HttpVersion:
        """The version of HTTP."""

    @property
    def method(self) -> str:
        """The method."""

    @property
    def keep_alive(self) -> bool:
        """Whether the client wants the connection to wait for another request."""


class Written(web.StreamResponse):
    """A response that has gone out; aiohttp is only told whether the connection goes on."""

    def __init__(self, *, goes_on: bool) -> None:
        super().__init__()
        self._goes_on = goes_on

    @property
    def keep_alive(self) -> bool:
        """Whether the connection waits for another request."""
        return self._goes_on

    async def prepare(self, request: web.BaseRequest) -> None:
        """Do nothing: it has gone out."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing: it has gone out."""


_WRITTEN: Final = {goes_on: Written(goes_on=goes_on) for goes_on in (True, False)}
"""Made once: making a response takes longer than much of an answer, and nothing of it is ever sent."""


def written(*, goes_on: bool) -> Written:
    """Return a response that has gone out; `goes_on`: the connection waits for another request."""
    return _WRITTEN[goes_on]


def ended() -> Written:
    """Return a response of which nothing is left to send; the connection ends with it."""
    return written(goes_on=False)


def is_soon_gone(asked: Asked, body: bytes) -> bool:
    """Whether the kernel takes an answer with this body at once, so that nobody has to wait for the client."""
    transport = asked.transport
    return transport is not None and len(body) <= _TAKEN and not transport.get_write_buffer_size()


def put(asked: Asked, data: bytes) -> None:
    """Hand bytes to the connection. Raises `ConnectionError` where the client left."""
    transport = asked.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError(LEFT)
    transport.write(data)


async def write(asked: Asked, data: bytes) -> None:
    """Do the same, and wait for a client that reads slowly."""
    put(asked, data)
    await asked.writer.drain()
