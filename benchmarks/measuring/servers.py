"""Starting what is measured: the mock server, and the bare ones that send the same bytes. Not here: the load."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from measuring.bare import Reply
from measuring.questions import HEADERS, PATH, Question, write_scenarios

OURS, AIOHTTP, RAW = "mockserver", "aiohttp", "raw"

OUR_ARGUMENTS: Mapping[str, tuple[str, ...]] = {OURS: ()}
"""Our server, and variants of it with their flags: each is one more contender, with a column of its own."""

BARE = Path(__file__).with_name("bare.py")
CHECKOUT = Path(__file__).parents[2]
"""What is measured is the server that stands beside this file, whichever is installed."""
HOP_BY_HOP = {"connection", "content-length", "keep-alive", "transfer-encoding"}
"""Headers that each server writes by itself, for its own framing."""

DELTA = "event: content_block_delta\n"


@dataclass(frozen=True)
class Server:
    """One that runs."""

    port: int
    pid: int


@contextlib.contextmanager
def contenders(question: Question, interval: float = 0.0) -> Iterator[dict[str, Server]]:
    """Start all servers that answer a question; with an interval, the bare ones send their deltas so far apart."""
    with commands(question, interval) as started, contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(running(command)) for name, command in started.items()}


@contextlib.contextmanager
def commands(question: Question, interval: float = 0.0) -> Iterator[dict[str, list[str]]]:
    """Yield the command that starts each server; the bare ones send what ours was heard to say."""
    with tempfile.TemporaryDirectory() as folder:
        scenarios, heard = Path(folder) / "scenarios", Path(folder) / "reply.json"
        scenarios.mkdir()
        write_scenarios(scenarios, question)
        serve = [sys.executable, "-m", "mockserver", "serve", str(scenarios), "--port", "0", "--ready-json"]
        serve += ["--log-level", "error"]
        ours = {name: [*serve, *arguments] for name, arguments in OUR_ARGUMENTS.items()}
        with running([*ours[OURS], "--speed", "instant"]) as server:  # the same bytes, without the pauses
            heard.write_text(json.dumps(reply_of(server.port, question, interval)), encoding="utf-8")
        yield ours | {name: [sys.executable, str(BARE), name, str(heard)] for name in (AIOHTTP, RAW)}


@contextlib.contextmanager
def running(command: list[str]) -> Iterator[Server]:
    """Run a server that says in a line of JSON where it listens."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=_environment()) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            if not said:
                raise SystemExit(f"it did not start: {' '.join(command)}")
            ready = json.loads(said)
            yield Server(ready["port"], ready["pid"])
        finally:
            process.terminate()


def _environment() -> dict[str, str]:
    """Return ours without what would change what is measured: settings of a mock server, and the wish to compile anew.

    Where Python may not keep what it has compiled, ours is compiled at every start, and what is installed is not.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("MOCKSERVER_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, (str(CHECKOUT), kept.get("PYTHONPATH"))))}


def ask(port: int, question: Question) -> tuple[list[tuple[str, str]], str]:
    """Ask once; return the answer's headers and its body."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", PATH, question.raw, dict(HEADERS))
    with connection.getresponse() as response:
        body = response.read().decode()
        headers = response.getheaders()
    connection.close()
    if response.status != http.HTTPStatus.OK or question.answer not in body:
        raise SystemExit(f"not the answer that was to be measured: {response.status}, {body[:500]}")
    return headers, body


def reply_of(port: int, question: Question, interval: float) -> Reply:
    """Return what the bare servers are to send: our very headers and body, cut before each delta where it is paced."""
    headers, body = ask(port, question)
    first, *deltas = body.split(DELTA)
    return {
        "status": 200,
        "headers": [(name, value) for name, value in headers if name.lower() not in HOP_BY_HOP],
        "pieces": [first, *(DELTA + delta for delta in deltas)] if interval else [body],
        "interval": interval,
    }
