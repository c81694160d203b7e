"""What many tests need: requests, engines without files, and reading answers."""

import json
import os
from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import Any

from mockserver.engine import Engine, Handled
from mockserver.scenario.library import Library
from mockserver.settings import Settings
from mockserver.state.clock import Clock
from mockserver.validation.incoming import Incoming
from mockserver.wire.events import fold
from mockserver.wire.sse import Decoder

UNTRACED = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
"""The environment of processes in which coverage would see nothing new, and take most of the time."""

HEADERS = {"x-api-key": "test-key", "anthropic-version": "2023-06-01", "content-type": "application/json"}


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def assistant(content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content}


def tool_use(name: str = "get_weather", id_: str = "toolu_1", **input_: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": id_, "name": name, "input": input_}


def tool_result(content: Any = "sunny", id_: str = "toolu_1", **more: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": id_, "content": content, **more}


WEATHER_TOOL = {
    "name": "get_weather",
    "description": "Current weather.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def request(*messages: Any, **more: Any) -> dict[str, Any]:
    """A request body; a bare string is a user's message."""
    turned = [user(m) if isinstance(m, str) else m for m in messages or ("Hello",)]
    return {"model": "claude-sonnet-5", "max_tokens": 1024, "messages": turned, **more}


def engine(*scenarios: Any, **settings: Any) -> Engine:
    """An engine with scenarios written in code and a clock that stands still."""
    made = Engine(Library(), Settings(**settings), Clock.frozen())
    for scenario in scenarios:
        made.library.add(scenario)
    return made


def post(
    server: Engine,
    body: Any,
    headers: dict[str, str] | None = None,
    path: str = "/v1/messages",
    method: str = "POST",
) -> Handled:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return server.handle(Incoming(method, path, {**HEADERS, **(headers or {})}, raw))


def answer(scenario: Any, body: Any = None, **settings: Any) -> dict[str, Any]:
    """The JSON answer of one scenario to one request."""
    return json.loads(post(engine(scenario, **settings), body or request()).reply.body)


def events_of(raw: bytes) -> list[dict[str, Any]]:
    decoder = Decoder()
    events = [event for _, event in decoder.feed(raw)]
    assert decoder.rest == b""
    return events


def stream(scenario: Any, body: Any = None, **settings: Any) -> list[dict[str, Any]]:
    """The events of one scenario's streamed answer to one request."""
    asked = {**(body or request()), "stream": True}
    return events_of(post(engine(scenario, **settings), asked).reply.body)


def folded(scenario: Any, body: Any = None, **settings: Any) -> dict[str, Any]:
    return fold(stream(scenario, body, **settings))


def texts(message: dict[str, Any]) -> list[str]:
    return [block["text"] for block in message["content"] if block["type"] == "text"]


def multipart(*parts: tuple[str, bytes, str], boundary: str = "b0undary") -> bytes:
    """A multipart body of parts: what stands behind `form-data`, the content, and a type where it is not empty."""
    lines = []
    for disposition, content, kind in parts:
        typed = f"Content-Type: {kind}\r\n" if kind else ""
        head = f"--{boundary}\r\nContent-Disposition: form-data{disposition}\r\n{typed}\r\n"
        lines += [head.encode(), content, b"\r\n"]
    return b"".join(lines) + f"--{boundary}--\r\n".encode()


def upload(
    server: Engine,
    content: bytes = b"Hello",
    filename: str = "hello.txt",
    kind: str = "text/plain",
    *,
    life: int | None = None,
    headers: dict[str, str] | None = None,
    path: str = "/v1/files",
) -> Handled:
    lives = [('; name="expires_in_seconds"', str(life).encode(), "")] if life is not None else []
    body = multipart((f'; name="file"; filename="{filename}"', content, kind), *lives)
    typed = {"content-type": "multipart/form-data; boundary=b0undary", **(headers or {})}
    return post(server, body, typed, path)


def wait_for(condition: Callable[[], bool]) -> None:
    """Return when something has happened that nothing tells of."""
    deadline = monotonic() + 10
    while not condition():
        assert monotonic() < deadline
        Event().wait(0.005)
