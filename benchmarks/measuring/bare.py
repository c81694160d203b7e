"""The bare servers, as a program: what aiohttp, and what asyncio alone, need to send bytes that are given.

`bare.py aiohttp REPLY.json` or `bare.py raw REPLY.json`; the file is a `Reply`. Nothing is imported that is not needed,
because its start is measured, too.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, cast

if TYPE_CHECKING:
    from aiohttp import web


class Reply(TypedDict):
    """What is sent: at once, or in pieces, one each `interval` seconds from the request on, the first at once."""

    status: int
    headers: list[tuple[str, str]]
    pieces: list[str]
    interval: float


# ------------------------------------------------------------ aiohttp


async def serve_aiohttp(reply: Reply) -> int:
    """Serve the reply by a handler of an aiohttp application; return the port."""
    from aiohttp import web  # noqa: PLC0415 - the other server does without
    from multidict import CIMultiDict  # noqa: PLC0415

    headers = CIMultiDict(reply["headers"])
    pieces = [piece.encode() for piece in reply["pieces"]]
    interval = reply["interval"]

    async def at_once(request: "web.Request") -> "web.Response":
        await request.read()
        return web.Response(status=reply["status"], headers=headers, body=pieces[0])

    async def paced(request: "web.Request") -> "web.StreamResponse":
        loop = asyncio.get_running_loop()
        deadline = loop.time()
        await request.read()
        response = web.StreamResponse(status=reply["status"], headers=headers)
        await response.prepare(request)
        for piece in pieces:
            await asyncio.sleep(deadline - loop.time())
            await response.write(piece)
            deadline += interval
        await response.write_eof()
        return response

    handler = at_once if len(pieces) == 1 else paced
    app = web.Application(client_max_size=MOST_BYTES)
    app.router.add_post("/v1/messages", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=BACKLOG).start()
    return int(runner.addresses[0][1])


# ------------------------------------------------------------ asyncio alone


class Raw(asyncio.Protocol):
    """Reads requests by their `content-length`, nothing else of them, and writes the reply."""

    def __init__(self, pieces: list[bytes], interval: float) -> None:
        self._pieces, self._interval = pieces, interval
        self._got = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer when a request is whole; none is sent before the last was answered."""
        self._got += data
        end = self._got.find(b"\r\n\r\n") + 4
        if end < len(b"\r\n\r\n"):
            return
        head = bytes(self._got[:end]).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(self._got) < end + length:
            return
        self._got.clear()
        self._closes = b"connection: close" in head
        self._write(0, asyncio.get_running_loop().time())

    def _write(self, number: int, deadline: float) -> None:
        self._transport.write(self._pieces[number])
        if number + 1 < len(self._pieces):
            deadline += self._interval
            asyncio.get_running_loop().call_at(deadline, self._write, number + 1, deadline)
        elif self._closes:
            self._transport.close()


async def serve_raw(reply: Reply) -> int:
    """Serve the reply by a protocol on asyncio; return the port."""
    pieces = [piece.encode() for piece in reply["pieces"]]
    head = "".join(f"{name}: {value}\r\n" for name, value in reply["headers"])
    if len(pieces) == 1:
        head += f"content-length: {len(pieces[0])}\r\n"
    else:
        head += "transfer-encoding: chunked\r\n"
        pieces = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces]
        pieces[-1] += b"0\r\n\r\n"
    pieces[0] = f"HTTP/1.1 {reply['status']} OK\r\n{head}\r\n".encode() + pieces[0]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Raw(pieces, reply["interval"]), "127.0.0.1", 0, backlog=BACKLOG)
    return int(server.sockets[0].getsockname()[1])


# ------------------------------------------------------------ the program

BACKLOG = 1024
MOST_BYTES = 32 * 1024 * 1024
SERVERS = {"aiohttp": serve_aiohttp, "raw": serve_raw}


async def serve(name: str, reply: Reply) -> None:
    """Serve until the process is ended; say first where, in the words of `mockserver serve --ready-json`."""
    port = await SERVERS[name](reply)
    print(json.dumps({"port": port, "pid": os.getpid()}), flush=True)
    await asyncio.Event().wait()


def new_loop() -> Any:
    """Return a loop of the kind that the mock server chooses."""
    try:
        import uvloop  # noqa: PLC0415 - it does not exist on Windows
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_loop) as main:
        main.run(serve(sys.argv[1], json.loads(Path(sys.argv[2]).read_bytes())))
