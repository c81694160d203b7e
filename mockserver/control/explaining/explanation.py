"""An explanation, and how it is found: the request is handled by an engine of its own. Not here: telling it as text."""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from pydantic import BaseModel, Field

from mockserver.control.explaining.refusing import refused
from mockserver.engine import Engine, Handled, World, locate
from mockserver.reply.steps import Pause
from mockserver.scenario.library import Library
from mockserver.scenario.matching import Subject
from mockserver.scenario.scripts import Script
from mockserver.scenario.selection import nearest
from mockserver.state.clock import Clock
from mockserver.state.journal import Exchange, Verdict
from mockserver.state.sessions import SESSION_PREFIX
from mockserver.state.stages import stages
from mockserver.validation.incoming import Incoming
from mockserver.validation.schema import readable
from mockserver.validation.transport import find_route
from mockserver.wire.conversation import Conversation
from mockserver.wire.encoding import decode
from mockserver.wire.errors import ApiError
from mockserver.wire.telling import redact

_ANSWERED: Final[tuple[Verdict, ...]] = ("answered", "counted", "listed", "batched", "filed", "page", "chaos")
_UNMATCHED: Final[tuple[Verdict, ...]] = ("unmatched", "fallback", "counted")
MOST_ROWS: Final = 20
"""Rows of a batch of which each is told."""
_MATCHED_AGAINST: Final = ("messages", "count_tokens")
"""Operations that scenarios answer."""


class Deviation(BaseModel):
    """One key of a `match` that does not hold."""

    key: str
    want: str
    got: str

    def __str__(self) -> str:
        return f"{self.key}: want {self.want}, got {self.got}"


class Compared(BaseModel):
    """A scenario, and all that keeps it from matching the request; nothing does where it matches."""

    name: str
    source: str = Field(description="file and line; empty where it was written in code")
    differences: list[Deviation]

    @property
    def place(self) -> str:
        """Its name and where it stands."""
        return f"{self.name!r}{f' ({self.source})' if self.source else ''}"


class Explained(BaseModel):
    """What would become of a request, or of a row of a message batch."""

    answered: bool = Field(
        description="by a scenario or the server's own; not where it is refused, matches nothing or meets a limit"
    )
    verdict: Verdict
    method: str
    path: str
    model: str
    prompt: str
    stages: dict[str, str] = Field(description="what validation, limits, matching and so on make of it, in order")
    scenario: str | None
    turn: int | None
    scenarios: list[Compared] = Field(
        description="where nothing matches: those that come closest, the closest first; or all, in their order"
    )
    status: int = Field(description="0 where no status goes out")
    headers: dict[str, str]
    message: dict[str, Any] | None = Field(description="the message that is answered, also of a stream")
    events: list[dict[str, Any]] | None = Field(description="those of a stream; null where it is none")
    body: Any = Field(description="of what is no stream: its JSON, or its text")
    seconds: float = Field(description="how long the answer takes by the session's clock")


class ExplainedRow(Explained):
    """What would become of a row of a message batch."""

    custom_id: str


class Explanation(Explained):
    """What would become of a request, were it the first of its session."""

    rows: list[ExplainedRow] = Field(default_factory=list, description="of a message batch: each row, the first ones")
    more_rows: int = Field(0, description="rows beyond those")


def explain(world: World, incoming: Incoming, *, every: bool = False) -> Explanation:
    """Return what a session would do with a request, were it its first; the session itself does not notice.

    `every`: compare the request with every scenario, and not with those alone that come closest to matching it.
    """
    handled, rows = _handled(world, incoming)
    exchange, reply = handled.exchange, handled.reply
    subject = _subject(incoming, exchange)
    of_rows = [_row(world, row, every=every) for row in rows[:MOST_ROWS]]
    told = _told(world, exchange, subject, every=every)
    told |= {
        "answered": told["answered"] and all(row.verdict in _ANSWERED for row in rows),
        "stages": _stages(world, exchange, incoming, subject, handled),
        "events": reply.events if exchange.streamed else None,
        "body": None if exchange.streamed else _body(reply.body),
        "seconds": _seconds(handled),
        "rows": of_rows,
        "more_rows": len(rows) - len(of_rows),
    }
    return Explanation(**told)


def _told(world: World, exchange: Exchange, subject: Subject | None, *, every: bool) -> dict[str, Any]:
    """Return what is told of any request, of a row of a batch, too."""
    return {
        "answered": exchange.verdict in _ANSWERED,
        "verdict": exchange.verdict,
        "method": exchange.method,
        "path": exchange.path,
        "model": exchange.model,
        "prompt": redact(exchange.prompt),
        "scenario": exchange.scenario,
        "turn": exchange.turn,
        "scenarios": _scenarios(world, exchange, subject, every=every),
        "status": exchange.status,
        "headers": exchange.answer_headers,
        "message": exchange.message,
    }


def _row(world: World, exchange: Exchange, *, every: bool) -> ExplainedRow:
    """Return what becomes of a row of a batch."""
    reached = exchange.scenario is not None or exchange.verdict in _UNMATCHED
    subject = Subject(exchange.conversation, exchange.headers, "batches") if reached else None
    told = stages(exchange) | ({"matching": _matching(world, exchange, subject)} if subject else {})
    return ExplainedRow(
        **_told(world, exchange, subject, every=every),
        custom_id=exchange.custom_id,
        stages=told,
        events=None,
        body=_body(exchange.response_body),
        seconds=0.0,
    )


def world_of(engine: Engine, incoming: Incoming) -> World:
    """Return the session that a request belongs to."""
    name, _ = locate(incoming)
    return engine.sessions.get(name)


def _handled(world: World, incoming: Incoming) -> tuple[Handled, list[Exchange]]:
    """Let an engine with the session's scenarios and settings handle a request, at the session's time.

    Return how it is handled, and of a batch the exchanges of its rows.
    """
    library = Library()
    library.scripts = world.scripts
    by_session = ("session_validation", "session_limits", "session_dialect")
    alone: dict[str, Any] = {key: {} for key in by_session} | {"files_folder": None}
    settings = world.settings.model_copy(update=alone)
    engine = Engine(library, settings, Clock.frozen(world.clock.now()))
    alike = engine.sessions.get(world.name)
    alike.files, alike.batches = world.files.copy(), world.batches.copy()
    _, located = locate(incoming)
    handled = engine.handle(incoming.at(f"{SESSION_PREFIX}{quote(world.name, safe='')}{quote(located.path)}"))
    engine.close(handled, "whole")
    return handled, [exchange for exchange in alike.journal.exchanges if exchange.batch]


def _subject(incoming: Incoming, exchange: Exchange) -> Subject | None:
    """Return what matchers see of the request; None where it does not come so far."""
    try:
        operation = find_route(exchange.method, exchange.path).operation
    except ApiError:
        return None
    reached = exchange.scenario is not None or exchange.verdict in _UNMATCHED
    if operation not in _MATCHED_AGAINST or not reached:
        return None
    return Subject(Conversation(readable(incoming.body) or {}), incoming.headers, operation)


def _scenarios(world: World, exchange: Exchange, subject: Subject | None, *, every: bool) -> list[Compared]:
    if subject is None:
        return []
    if every:
        return [_compared(script, subject) for script in world.scripts]
    if exchange.scenario is not None:
        return []
    return [_compared(miss.script, subject) for miss in nearest(world.scripts, subject)]


def _compared(script: Script, subject: Subject) -> Compared:
    differences, _ = script.matcher.differences(subject, script.anchor)
    told = [Deviation(key=one.key, want=one.want, got=redact(one.got)) for one in differences]
    return Compared(name=script.name, source=script.source, differences=told)


# ------------------------------------------------------------------ the stages, in words


def _stages(
    world: World, exchange: Exchange, incoming: Incoming, subject: Subject | None, handled: Handled
) -> dict[str, str]:
    told = stages(exchange)
    if exchange.verdict == "refused":
        passed = exchange.scenario is not None
        told["validation"] = f"{exchange.validation}: " + ("passed" if passed else refused(world, exchange, incoming))
    if subject is not None:
        told["matching"] = _matching(world, exchange, subject)
    return told | {"answer": _answer(handled)}


def _matching(world: World, exchange: Exchange, subject: Subject) -> str:
    script = next((script for script in world.scripts if script.name == exchange.scenario), None)
    if script is None:
        instead = {"fallback": ": the answer is made up", "counted": ": the tokens are estimated"}
        closest = ": none is loaded" if not world.scripts else instead.get(exchange.verdict, "")
        return f"no scenario matches{closest}"
    attempt = "" if exchange.attempt is None else f", attempt {exchange.attempt}"
    wrong = f"; {exchange.reason}" if exchange.verdict in ("unmatched", "unexpected", "refused") else ""
    where = f"scenario {_compared(script, subject).place}, turn {exchange.turn}{attempt}"
    return f"{where}: {_why(script, world.scripts, subject)}{wrong}"


def _why(script: Script, scripts: Iterable[Script], subject: Subject) -> str:
    """Return why this one answers: what of it holds, and which others match that are asked later."""
    keys = script.matcher.keys
    holds = f"{', '.join(keys)} {'holds' if len(keys) == 1 else 'hold'}" if keys else "it answers every request"
    others = [s.name for s in scripts if s is not script and s.matcher.holds(subject, s.anchor) is not None]
    if not others:
        return holds
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    return f"{holds}; {others[0]!r}{more} would match, too, and {'are' if more else 'is'} asked later"


def _answer(handled: Handled) -> str:
    exchange, reply = handled.exchange, handled.reply
    parts = (
        str(exchange.status or "no status"),
        f"a stream of {len(reply.events)} events" if exchange.streamed else "",
        f"{len(reply.body):,} bytes",
        f"over {_seconds(handled):g} s" if _seconds(handled) else "",
    )
    notes = "".join(f"; {words}" for words in (exchange.note, exchange.warning) if words)
    return ", ".join(filter(None, parts)) + notes


def _seconds(handled: Handled) -> float:
    return round(sum(step.seconds for step in handled.reply.steps if isinstance(step, Pause)), 3)


def _body(body: bytes) -> Any:
    try:
        return decode(body)
    except ValueError:
        return body.decode("utf-8", "replace")
