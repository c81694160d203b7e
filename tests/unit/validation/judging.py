"""Judging one request in tests: what is asked, and what is said of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from helpers import HEADERS, request

from mockserver.validation.incoming import Incoming
from mockserver.validation.pipeline import Court, judge, judge_of_rows
from mockserver.wire.errors import ApiError
from mockserver.wire.signatures import sign

TODAY = date(2026, 11, 20)
LEGACY, CURRENT = "2023-06-01", "2026-10-21"
COUNT = "/v1/messages/count_tokens"
BATCHES = "/v1/messages/batches"
ROW = "a row of a batch"
"""The path of what is judged as a row of a batch."""
OLD = "claude-haiku-4-5"
"""A model with a small window, enabled thinking and prefill; the usual one of the tests has none of them."""

ABSENT = object()
EVERYONE = Court()


@dataclass(frozen=True)
class Asked:
    """A request, and who judges it."""

    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    path: str = "/v1/messages"
    court: Court = EVERYONE
    size: int = -1
    method: str = "POST"

    @property
    def incoming(self):
        raw = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        headers = {name: value for name, value in (HEADERS | self.headers).items() if value is not ABSENT}
        return Incoming(self.method, self.path, headers, raw, self.size)


def ask(*messages, betas="", version=LEGACY, path="/v1/messages", court=EVERYONE, size=-1, **fields):
    """A request of these messages; `ABSENT` as a field's value leaves it out."""
    without = {"max_tokens": ABSENT} if path == COUNT else {}
    body = {name: value for name, value in request(*messages, **(without | fields)).items() if value is not ABSENT}
    named = {"anthropic-beta": betas} if betas else {}
    return Asked(body, {"anthropic-version": version, **named}, path, court, size)


def said(asked, level="strict"):
    """The refusal's message, with status and type in front where they are not the usual ones; None: none."""
    try:
        if asked.path == ROW:
            judge_of_rows(asked.incoming, level, asked.court, TODAY)(asked.body, asked.incoming.body_size)
        else:
            judge(asked.incoming, level, asked.court, TODAY)
    except ApiError as error:
        usual = (error.status, error.kind) == (400, "invalid_request_error")
        return error.message if usual else (error.status, error.kind, error.message)
    return None


Lazy = Asked | Callable[[], Asked]
"""A large request is made when it is asked."""


def made(lazy):
    return lazy() if callable(lazy) else lazy


class Works(NamedTuple):
    """What a rule refuses, with the words, and the nearest that it lets pass."""

    refused: list[tuple[Lazy, Any]]
    accepted: list[Lazy]


def block(kind, **fields):
    return {"type": kind, **fields}


def text(words="a", **more):
    return block("text", text=words, **more)


def thought(words="Hmm.", *, over=None, **more):
    """A thinking block, signed by a server of this kind (`over`: over other words)."""
    return block("thinking", thinking=words, signature=sign(words if over is None else over, OLD), **more)


def tool(name="get_weather", schema=None, **more):
    return {"name": name, "input_schema": schema or {"type": "object"}, **more}


def system(content, **more):
    return {"role": "system", "content": content, **more}


def mark(ttl=None):
    return {"cache_control": block("ephemeral") | ({"ttl": ttl} if ttl else {})}


def searched(id_="srvtoolu_1"):
    """A server tool's call."""
    return block("server_tool_use", id=id_, name="web_search", input={"query": "a"})


def search_result(id_="srvtoolu_1"):
    return block("web_search_tool_result", tool_use_id=id_, content=[])


def enabled(budget=1024):
    return {"thinking": block("enabled", budget_tokens=budget), "max_tokens": 4096, "model": OLD}
