"""Start and stop of a MockServer beside a bare aiohttp server in a thread. Bar: 5 ms or less, median of 200."""

import asyncio
import statistics
import sys
import threading
import time

from aiohttp import web

from mockserver import MockServer

ROUNDS = 200
BAR_MS = 5.0


def ours() -> None:
    """Start and stop a MockServer."""
    MockServer().start().stop()


def bare() -> None:
    """Start and stop an aiohttp server with one handler, in a thread of its own."""
    ready = threading.Event()

    async def serve() -> None:
        async def handler(_: web.BaseRequest) -> web.Response:
            return web.Response(text="a")

        runner = web.ServerRunner(web.Server(handler))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready.set()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait()
    thread.join()


def main() -> int:
    """Measure both in alternation; return 1 where the bar is not met."""
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(ROUNDS):
        for name, action in (("ours", ours), ("bare", bare)):
            started = time.perf_counter()
            action()
            times[name].append(1000 * (time.perf_counter() - started))
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"start and stop, median of {ROUNDS}: ours {medians['ours']:.2f} ms, bare aiohttp {medians['bare']:.2f} ms")
    print(f"bar: {BAR_MS} ms")
    return int(medians["ours"] > BAR_MS)


if __name__ == "__main__":
    sys.exit(main())
