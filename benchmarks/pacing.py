"""Paced streams on the real clock, beside a bare aiohttp handler with absolute deadlines.

100 streams at once, 100 deltas each, 20 ms apart. How late is the last delta of a stream, as a share of the two seconds
that it should take? Bars: the median stream 1 % or less, none more than 5 %.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import cast

from aiohttp import web

from mockserver.serving.loops import loop_factory

STREAMS, DELTAS, INTERVAL = 100, 100, 0.02
SECONDS = DELTAS * INTERVAL
BAR_MEDIAN, BAR_WORST = 1.0, 5.0
ROUNDS = 3

BODY = json.dumps(
    {"model": "claude-sonnet-5", "max_tokens": 1024, "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
).encode()
REQUEST = (
    b"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\nanthropic-version: 2023-06-01\r\n"
    b"content-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(BODY)
) + BODY
DELTA = b"event: content_block_delta"


# ------------------------------------------------------------ the servers


async def serve_bare() -> None:
    """Serve the same pace by the shortest handler that does not drift."""

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        loop = asyncio.get_running_loop()
        deadline = loop.time()
        await request.read()
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        for _ in range(DELTAS):
            deadline += INTERVAL
            await asyncio.sleep(deadline - loop.time())
            await response.write(DELTA + b'\ndata: {"type":"content_block_delta","index":0}\n\n')
        await response.write_eof()
        return response

    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    announce(runner.addresses[0][1])
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    await runner.cleanup()


def serve_ours() -> None:
    """Serve one scenario as the command line does, with nothing switched off but the lines of the log."""
    words = ", ".join(f"'word{number} '" for number in range(DELTAS))
    pace = f"{{first_token: {INTERVAL}, interval: {INTERVAL}}}"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "paced.yaml").write_text(f"reply: [text: [{words}]]\nstream: {pace}\n", encoding="utf-8")
        command = [sys.executable, "-m", "mockserver", "serve", folder, "--port", "0", "--log-level", "warning"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        announce(int(server.stdout.readline().split("http://127.0.0.1:")[1].split()[0]))
        sys.stdin.readline()  # until the parent closes it
        server.terminate()
        server.wait()


def announce(port: int) -> None:
    """Tell the parent where to ask."""
    print(port, flush=True)


# ------------------------------------------------------------ the client


class Listener(asyncio.Protocol):
    """Asks for one stream, and notes when its last delta came; as light as can be, for its own work delays others."""

    def __init__(self) -> None:
        self.done: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._seen = 0
        self._rest = b""
        self._began = self._last = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request."""
        self._began = time.perf_counter()
        cast("asyncio.Transport", transport).write(REQUEST)

    def data_received(self, data: bytes) -> None:
        """Count the deltas."""
        found = (self._rest + data).count(DELTA)
        self._rest = data[-len(DELTA) + 1 :]
        if found:
            self._seen, self._last = self._seen + found, time.perf_counter()

    def connection_lost(self, _error: Exception | None) -> None:
        """Tell how long the last delta took."""
        if self._seen == DELTAS:
            self.done.set_result(self._last - self._began)
        else:
            self.done.set_exception(SystemExit(f"a stream had {self._seen} deltas instead of {DELTAS}"))


async def last_delta(port: int) -> float:
    """Return how long the last delta of one stream took, in seconds from the request."""
    _, listener = await asyncio.get_running_loop().create_connection(Listener, "127.0.0.1", port)
    return await listener.done


async def measure(port: int) -> list[float]:
    """Return how late each of the streams ended, in per cent."""
    took = await asyncio.gather(*(last_delta(port) for _ in range(STREAMS)))
    return [100 * (seconds - SECONDS) / SECONDS for seconds in took]


def main() -> int:
    """Measure both in alternation; return 1 where a bar is not met."""
    servers = {name: started(name) for name in ("ours", "bare")}
    try:
        late: dict[str, list[float]] = {name: [] for name in servers}
        for _, port in servers.values():  # the first request pays for what is imported late
            asyncio.run(last_delta(port))
        for _ in range(ROUNDS):
            for name, (_, port) in servers.items():
                with asyncio.Runner(loop_factory=loop_factory()) as runner:
                    late[name] += runner.run(measure(port))
    finally:
        for process, _ in servers.values():
            process.communicate()
    print(f"{STREAMS} streams of {DELTAS} deltas at {1000 * INTERVAL:g} ms, {ROUNDS} rounds: the last delta is late by")
    for name, values in late.items():
        print(f"  {name}: median {statistics.median(values):.2f} %, worst {max(values):.2f} %")
    print(f"bars: median {BAR_MEDIAN} %, worst {BAR_WORST} %")
    return int(statistics.median(late["ours"]) > BAR_MEDIAN or max(late["ours"]) > BAR_WORST)


def started(name: str) -> "tuple[subprocess.Popen[str], int]":
    """Start a server in a process of its own; return it and its port."""
    command = [sys.executable, __file__, name]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def serve(name: str) -> None:
    """Be one of the servers."""
    if name == "ours":
        serve_ours()
        return
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve_bare())


if __name__ == "__main__":
    sys.exit(main() if len(sys.argv) == 1 else serve(sys.argv[1]))
