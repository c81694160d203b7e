"""Writing to the connection of a request, past aiohttp's responses: they take longer than the engine does.

Not here: which bytes (`framing`), and when (`playing`).
"""

from typing import Final

from aiohttp import web


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


def put(request: web.BaseRequest, data: bytes) -> None:
    """Hand bytes to the connection. Raises `ConnectionError` where the client left."""
    transport = request.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("the client left")
    transport.write(data)


async def write(request: web.BaseRequest, data: bytes) -> None:
    """Do the same, and wait for a client that reads slowly."""
    put(request, data)
    await request.writer.drain()
