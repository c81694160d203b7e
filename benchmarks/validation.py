"""Judging a request beside parsing its JSON and beside a bare aiohttp server's round trip.

Bars: 60 µs for a small request, 4 ms for an agent's conversation of 200 KB, medians.
"""

import asyncio
import http.client
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import orjson
from aiohttp import web

from mockserver.reply.tokens import count_input
from mockserver.validation.incoming import Incoming
from mockserver.validation.pipeline import Court, judge

HEADERS = {"x-api-key": "test-key", "anthropic-version": "2023-06-01", "content-type": "application/json"}
COURT = Court(estimate=count_input)
TODAY = date(2026, 11, 21)
CACHED = {"cache_control": {"type": "ephemeral"}}
WORDS = "The quick brown fox jumps over the lazy dog; every line of this file was read, and nothing was found. "


def text(words: str, **more: Any) -> dict[str, Any]:
    """Return a text block."""
    return {"type": "text", "text": words, **more}


def tool(name: str) -> dict[str, Any]:
    """Return a tool of about 700 bytes."""
    properties = {
        "path": {"type": "string", "description": "The absolute path of the file."},
        "lines": {"type": "array", "items": {"type": "integer", "minimum": 1}, "description": "First and last line."},
        "mode": {"type": "string", "enum": ["read", "write", "append"], "default": "read"},
    }
    schema = {"type": "object", "properties": properties, "required": ["path"], "additionalProperties": False}
    return {"name": name, "description": 2 * WORDS, "input_schema": schema}


def request() -> dict[str, Any]:
    """Return a request of 1 KB: a system prompt, a message, a tool."""
    return {
        "model": "claude-sonnet-5",
        "max_tokens": 1024,
        "system": 3 * WORDS,
        "messages": [{"role": "user", "content": "What does the file say?"}],
        "tools": [tool("read_file")],
    }


def conversation(turns: int = 100) -> dict[str, Any]:
    """Return an agent's conversation of 200 KB: text, a call, and a result of 1.5 KB in each turn; 20 tools."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": [text("Look for the mistake."), text(WORDS)]}]
    for turn in range(turns):
        name = f"toolu_{turn:024}"
        call = {"type": "tool_use", "id": name, "name": f"tool_{turn % 20}", "input": {"path": f"/src/{turn}.py"}}
        result = {"type": "tool_result", "tool_use_id": name, "content": [text(15 * WORDS)]}
        messages.append({"role": "assistant", "content": [text("I look at the next file."), call]})
        messages.append({"role": "user", "content": [result]})
    for message in messages[-3::2]:
        message["content"][-1] |= CACHED
    tools = [tool(f"tool_{i}") for i in range(20)]
    return {
        "model": "claude-sonnet-5",
        "max_tokens": 32_000,
        "system": [text("You are a careful programmer."), text(20 * WORDS, **CACHED)],
        "messages": messages,
        "tools": [*tools[:-1], tools[-1] | CACHED],
        "thinking": {"type": "adaptive"},
        "metadata": {"user_id": "6d6f636b-7365-4276"},
        "stream": True,
    }


@contextmanager
def bare_server() -> Iterator[int]:
    """Serve one handler that reads the body, in a thread of its own; yield the port."""
    loop = asyncio.new_event_loop()
    ports: list[int] = []
    ready = threading.Event()

    async def handler(request: web.BaseRequest) -> web.Response:
        await request.read()
        return web.Response(text="a")

    async def start() -> web.ServerRunner:
        runner = web.ServerRunner(web.Server(handler))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ports.append(runner.addresses[0][1])
        ready.set()
        return runner

    def serve() -> None:
        runner = loop.run_until_complete(start())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())

    thread = threading.Thread(target=serve)
    thread.start()
    ready.wait()
    yield ports[0]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


def medians(raw: bytes, rounds: int, client: http.client.HTTPConnection) -> dict[str, float]:
    """Measure all three, some runs of each in alternation; return their medians in µs."""
    incoming = Incoming("POST", "/v1/messages", HEADERS, raw)

    def round_trip() -> None:
        client.request("POST", "/", raw)
        client.getresponse().read()

    actions: dict[str, Callable[[], object]] = {
        "judge": lambda: judge(incoming, "strict", COURT, TODAY),
        "orjson": lambda: orjson.loads(raw),
        "bare aiohttp": round_trip,
    }
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds // RUNS):
        for name, action in actions.items():
            for _ in range(RUNS):
                started = time.perf_counter()
                action()
                times[name].append(1e6 * (time.perf_counter() - started))
    return {name: statistics.median(values) for name, values in times.items()}


RUNS = 50
"""Of one kind in a row: after a round trip, the first are slower, since the processor slept."""

CASES = (
    ("small request", request(), 2000, 60),
    ("conversation", conversation(), 300, 4000),
)
"""Name, body, rounds, bar in µs."""


def main() -> int:
    """Print a line a case; return 1 where a bar is not met."""
    missed = 0
    with bare_server() as port:
        client = http.client.HTTPConnection("127.0.0.1", port)
        for name, body, rounds, bar in CASES:
            raw = json.dumps(body, separators=(",", ":")).encode()
            found = medians(raw, rounds, client)
            told = ", ".join(f"{what} {value:.0f} µs" for what, value in found.items())
            print(f"{name}, {len(raw) / 1000:.1f} KB, median of {rounds}: {told}; bar: {bar} µs")
            missed += found["judge"] > bar
        client.close()
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
