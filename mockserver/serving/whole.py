"""An answer that is ready as a whole goes out in one write, without the ways of aiohttp. Not here: all others.

Header by header aiohttp takes longer than the engine takes to answer.
"""

from typing import Final

from aiohttp import HttpVersion11, web

from mockserver.reply.steps import Data, Head, Reply

_OK: Final = 200
_BODILESS: Final = (204, 304)


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


def on_the_wire(request: web.BaseRequest, reply: Reply) -> bytes | None:
    """Return all the bytes of an answer; None where it is played step by step, or framed in another way."""
    head = reply.head
    is_plain = request.version == HttpVersion11 and request.method != "HEAD"
    if not is_plain or head.status < _OK or head.status in _BODILESS or not head.is_ordinary:
        return None
    first, *rest = reply.steps or (None,)
    if not isinstance(first, Head) or not all(isinstance(step, Data) for step in rest):
        return None
    body = reply.body
    fields = {**head.headers, "content-length": str(len(body))}
    if head.length is None:
        fields = {**head.headers, "transfer-encoding": "chunked"}
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    if not request.keep_alive:
        fields["connection"] = "close"
    lines = "".join([f"{name}: {value}\r\n" for name, value in fields.items()])
    return b"%b%b\r\n%b" % (head.status_line, lines.encode("utf-8", "surrogateescape"), body)


async def write(request: web.BaseRequest, data: bytes) -> web.StreamResponse:
    """Write an answer. Raises `ConnectionError` where the client left."""
    transport = request.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("the client left")
    transport.write(data)
    await request.writer.drain()
    return Written(goes_on=request.keep_alive)
