"""What would become of a request, and why, without asking. Not here: printing it (`cli`).

The request goes through an engine of its own that has the session's scenarios, settings and time, and nothing else: it
is answered as the first request of the session would be, and the session does not notice.
"""

from typing import Any, Final
from urllib.parse import quote

from pydantic import BaseModel, Field

from mockserver.engine import Engine, World
from mockserver.scenario.library import Library
from mockserver.scenario.matching import Subject
from mockserver.state.clock import Clock
from mockserver.state.journal import Exchange, Verdict
from mockserver.state.stages import stages
from mockserver.validation.incoming import Incoming
from mockserver.wire.conversation import Conversation
from mockserver.wire.encoding import JsonObject, decode

_MESSAGES: Final = "/v1/messages"
_HEADERS: Final = {"anthropic-version": "2023-06-01", "content-type": "application/json"}
_ANY_KEY: Final = "sk-ant-api03-mockserver"
_OK: Final = 200


class Difference(BaseModel):
    """One key that keeps a scenario from answering."""

    key: str
    want: str
    got: str


class Compared(BaseModel):
    """A scenario, and what keeps it from answering; where nothing does, the first such one answers."""

    name: str
    source: str = Field(description="file and line; empty where it was written in code")
    differences: list[Difference]


class Explanation(BaseModel):
    """What would become of a request."""

    answered: bool = Field(description="whether the client gets what it asked for")
    verdict: Verdict
    stages: dict[str, str] = Field(description="what each stage made of it, in order")
    scenario: str | None
    turn: int | None
    nearest: list[str] = Field(description="where nothing matched: the scenarios that came close, and what differed")
    scenarios: list[Compared] = Field(description="every scenario, in the order in which they are asked")
    status: int
    headers: dict[str, str]
    body: Any = Field(description="the JSON of the answer; of a stream its events; else text")


def explain(world: World, incoming: Incoming) -> Explanation:
    """Return what would become of a request to a session, as its first one."""
    incoming = _completed(incoming, world)
    library = Library()
    library.scripts = world.scripts
    settings = world.settings.model_copy(update={"session_validation": {}, "session_limits": {}})
    engine = Engine(library, settings, Clock.frozen(world.clock.now()))
    handled = engine.handle(incoming.at(f"/_s/{quote(world.name, safe='')}{incoming.path}"))
    engine.close(handled, "whole")
    exchange = handled.exchange
    exchange.sent = ""  # nothing was sent
    return Explanation(
        answered=exchange.status == _OK and exchange.verdict in ("answered", "fallback", "counted", "listed", "page"),
        verdict=exchange.verdict,
        stages=stages(exchange),
        scenario=exchange.scenario,
        turn=exchange.turn,
        nearest=exchange.nearest,
        scenarios=_compared(world, exchange),
        status=exchange.status,
        headers=exchange.answer_headers,
        body=handled.reply.events if exchange.streamed else _read(handled.reply.body),
    )


def _completed(incoming: Incoming, world: World) -> Incoming:
    """Return a request with the headers that every client sends."""
    given = {name.lower(): value for name, value in incoming.headers.items()}
    key = {} if {"x-api-key", "authorization"} & given.keys() else {"x-api-key": _key(world)}
    return Incoming(incoming.method, incoming.path, {**_HEADERS, **key, **given}, incoming.body, query=incoming.query)


def _key(world: World) -> str:
    return next(iter(world.settings.api_key), _ANY_KEY)


def _compared(world: World, exchange: Exchange) -> list[Compared]:
    endpoint = exchange.path.removeprefix(f"{_MESSAGES}/") if exchange.path != _MESSAGES else "messages"
    subject = Subject(Conversation(exchange.body or {}), exchange.headers, endpoint)
    found = []
    for script in world.scripts:
        differences, _ = script.matcher.differences(subject, script.anchor)
        told = [Difference(key=one.key, want=one.want, got=one.got) for one in differences]
        found.append(Compared(name=script.name, source=script.source, differences=told))
    return found


def _read(body: bytes) -> JsonObject | list[Any] | str:
    try:
        found: JsonObject | list[Any] | str = decode(body)
    except ValueError:
        return body.decode("utf-8", "replace")
    return found
