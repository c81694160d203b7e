"""Asking a server as often as it answers: by `wrk`, or by a client of our own where that is missing."""

import asyncio
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from measuring.questions import Question
from mockserver.serving.loops import loop_factory

WRK = shutil.which("wrk")
MISSING = (
    "wrk is not installed (Debian and Ubuntu: apt-get install wrk); a client of our own asks in its place. It is "
    "slower than the bare servers, so their numbers are too low, and ratios to them too high."
)

SCRIPT = """
local function content(name)
  local file = assert(io.open(name, "rb"))
  local bytes = file:read("*a")
  file:close()
  return bytes
end

function init(arguments)
  before, after = content(arguments[1]), content(arguments[2])
  number, step = tonumber(arguments[3]), tonumber(arguments[4])
end

function request()
  number = number + step
  return before .. string.format("%08d", number) .. after
end

function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  print(string.format("measured %d %d %d %d", summary.requests, summary.duration, summary.bytes, failed))
end
"""
"""Tells wrk what to ask: the same each time, but for a number, which grows by a step."""


@dataclass(frozen=True)
class Load:
    """What was answered in how many seconds."""

    requests: int
    seconds: float
    size: float
    """Bytes of an answer, on average."""

    @property
    def rate(self) -> float:
        """Answers in a second."""
        return self.requests / self.seconds


def load(port: int, question: Question, connections: int, seconds: float, first: int = 0) -> Load:
    """Ask over some connections for some seconds; the requests are numbered from `first`.

    Ends the program where anything but a good answer comes: its speed would mean nothing.
    """
    requests, took, size, failed = (_by_wrk if WRK else _by_our_own)(port, question, connections, seconds, first)
    if failed or not requests:
        raise SystemExit(f"{failed} of {requests + failed} requests to port {port} were not answered as they should be")
    return Load(requests, took, size / requests)


def _by_wrk(port: int, question: Question, connections: int, seconds: float, first: int) -> tuple[int, float, int, int]:
    with tempfile.TemporaryDirectory() as folder:
        script, *parts = (Path(folder) / name for name in ("ask.lua", "before", "after"))
        script.write_text(SCRIPT, encoding="utf-8")
        for path, part in zip(parts, question.framed(), strict=True):
            path.write_bytes(part)
        command = [str(WRK), "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", str(script)]
        command += [f"http://127.0.0.1:{port}/", "--", *map(str, parts), str(first), str(question.step)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    requests, microseconds, size, failed = map(int, told.rpartition("measured ")[2].split())
    return requests, microseconds / 1e6, size, failed


# ------------------------------------------------------------ our own


class _Asker(asyncio.Protocol):
    """Asks again as soon as it is answered, until the time is over."""

    def __init__(self, question: Question, until: float, tally: "_Tally") -> None:
        self._before, self._after = question.framed()
        self._step = question.step
        self._until, self._tally = until, tally
        self._got = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._got += data
        if not _is_whole(self._got):
            return
        self._tally.size += len(self._got)
        if self._got.startswith(b"HTTP/1.1 200 "):
            self._tally.requests += 1
        else:
            self._tally.failed += 1
        self._got = b""
        if time.perf_counter() < self._until:
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._tally.failed += error is not None or bool(self._got)
        self.done.set_result(None)

    def _ask(self) -> None:
        self._tally.number += self._step
        self._transport.write(self._before + b"%08d" % self._tally.number + self._after)


def _is_whole(got: bytes) -> bool:
    head, _, body = got.partition(b"\r\n\r\n")
    _, told, length = head.lower().partition(b"content-length:")
    if told:
        return len(body) >= int(length.partition(b"\r\n")[0])
    return body.endswith(b"0\r\n\r\n")


@dataclass
class _Tally:
    number: int
    requests: int = 0
    size: int = 0
    failed: int = 0


def _by_our_own(
    port: int, question: Question, connections: int, seconds: float, first: int
) -> tuple[int, float, int, int]:
    tally = _Tally(first)

    async def run() -> float:
        loop, began = asyncio.get_running_loop(), time.perf_counter()
        askers = [_Asker(question, began + seconds, tally) for _ in range(connections)]
        for asker in askers:
            await loop.create_connection(lambda asker=asker: asker, "127.0.0.1", port)  # type: ignore[misc]
        await asyncio.gather(*(asker.done for asker in askers))
        return time.perf_counter() - began

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        took = runner.run(run())
    return tally.requests, took, tally.size, tally.failed
