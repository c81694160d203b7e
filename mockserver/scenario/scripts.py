"""A scenario made ready to be asked: matchers and templates compiled. Not here: files, and making replies.

Nothing in a script changes while requests run; what they all share is computed here, once.
"""

from typing import Any

from mockserver.scenario.answers import ErrorReply
from mockserver.scenario.faults import Fault
from mockserver.scenario.match import Match
from mockserver.scenario.matching import Matcher, compile_match
from mockserver.scenario.schema import Scenario, Turn
from mockserver.scenario.templates import Render, TemplateError, compile_value, uses
from mockserver.scenario.texts import Groups, named_groups
from mockserver.wire.conversation import Anchor
from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import full_name
from mockserver.wire.frozen import frozen

Path = tuple[str | int, ...]


class PreparationError(ValueError):
    """A scenario that its models accept and that still cannot be used; `path` says where."""

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message)
        self.path = path


@frozen
class Rendered:
    """A JSON value of the author, with its templates where it has any."""

    value: Any
    render: Render | None

    def given(self, context: Any) -> Any:
        """Return the value for one request; `context` is called only where there are templates."""
        return self.value if self.render is None else self.render(context())


@frozen
class PreparedTurn:
    """One turn, compiled.

    `reply` gives a list of entries `{type: short or full}`; `error` an `ErrorReply` as a map; `expect` a `Match` as
    a map where it holds templates, and `expects` its matcher where it holds none. `faults` are what breaks, in its
    order. `outcomes` are those of `attempts`, or the turn itself.
    """

    spec: Turn
    reply: Rendered | None
    error: Rendered | None
    headers: Rendered
    expect: Rendered | None
    expects: Matcher | None
    counts_attempts: bool
    faults: tuple["PreparedFault", ...]
    attempts: tuple["PreparedTurn", ...]

    @property
    def outcomes(self) -> tuple["PreparedTurn", ...]:
        """What consecutive attempts meet; after the last, the last again."""
        return self.attempts or (self,)

    @property
    def is_rendered(self) -> bool:
        """Whether templates make a part of the answer."""
        parts = (self.reply, self.error, self.headers)
        return any(part is not None and part.render is not None for part in parts)


@frozen
class PreparedFault:
    """One fault, compiled; `error` gives an `ErrorReply` as a map where it has one."""

    spec: Fault
    error: Rendered | None


@frozen
class Script:
    """One prepared scenario.

    `source` is its file and line, or empty where it was written in code; there `serial` tells those of one name apart.
    `reads_headers`: its match looks at headers. `has_conditions`: an answer of its hangs on more than the request:
    attempts, chance, an `expect`, a template, a preset of the cache.
    """

    name: str
    source: str
    priority: int
    matcher: Matcher
    anchor: Anchor
    past_last: str
    steps: tuple[PreparedTurn, ...]
    vars: JsonObject
    groups: frozenset[str]
    spec: Scenario
    serial: int = 0
    reads_headers: bool = False
    has_conditions: bool = False

    @property
    def key(self) -> str:
        """What attempts and uses are counted by: the name; what code adds under a name once more is another."""
        return f"{self.name}#{self.serial}" if self.serial else self.name

    @property
    def place(self) -> str:
        """The name, and the file and line, or where there is none what it matches."""
        match = self.spec.match.model_dump(mode="json", by_alias=True, exclude_unset=True)
        where = self.source or (f"match {match}" if match else "")
        return f"{self.name!r} ({where})" if where else repr(self.name)

    @property
    def no_groups(self) -> Groups:
        """The named groups of the match, empty: what a template sees of a branch that was not taken."""
        return dict.fromkeys(self.groups, "")

    @property
    def rank(self) -> tuple[int, int, str]:
        """Sorts scripts in the order in which they are asked."""
        return (-self.priority, -len(self.matcher.keys), self.name)

    def step_index(self, turn: int) -> int | None:
        """Return which step answers this turn; None where the conversation ran past the last."""
        if turn < len(self.steps):
            return turn
        return {"repeat": len(self.steps) - 1, "restart": turn % len(self.steps)}.get(self.past_last)


def prepare(scenario: Scenario, name: str, source: str = "") -> Script:
    """Compile a scenario. Raises `PreparationError` for a template that cannot work."""
    groups = named_groups(scenario.match)
    in_turns = scenario.turns is not None
    steps = tuple(
        _step(turn, groups, set(scenario.vars), ("turns", i) if in_turns else ())
        for i, turn in enumerate(scenario.all_turns())
    )
    return Script(
        name=name,
        source=source,
        priority=scenario.priority,
        matcher=compile_match(scenario.match),
        anchor=scenario.anchor,
        past_last=scenario.past_last,
        steps=steps,
        vars=scenario.vars,
        groups=frozenset(groups),
        spec=scenario,
        reads_headers=_reads_headers(scenario.match),
        has_conditions=any(
            step.counts_attempts or step.expect or step.is_rendered or step.spec.cache for step in steps
        ),
    )


def _reads_headers(match: Match) -> bool:
    """Whether a match looks at headers, anywhere in it."""
    nested = [*(match.any_of or []), *([match.not_] if match.not_ is not None else [])]
    return match.headers is not None or match.betas is not None or any(map(_reads_headers, nested))


def _step(turn: Turn, groups: set[str], names: set[str], path: Path) -> PreparedTurn:
    if turn.expect is not None:
        groups = groups | named_groups(turn.expect)
    members = {"match": groups, "vars": names}
    raw_expect = turn.expect.model_dump(by_alias=True, exclude_unset=True) if turn.expect else None

    def rendered(value: Any, *keys: str | int) -> Rendered:
        try:
            return Rendered(value, compile_value(value, members, (*path, *keys)))
        except TemplateError as error:
            raise PreparationError(str(error.args[0]), error.args[1]) from error

    def fault(spec: Fault, number: int) -> PreparedFault:
        error = spec.error or spec.first_event
        where = ("fault", number) if isinstance(turn.fault, list) else ("fault",)
        return PreparedFault(spec, rendered(_error(error), *where, "error") if error is not None else None)

    expect = rendered(raw_expect, "expect") if raw_expect is not None else None
    return PreparedTurn(
        spec=turn,
        reply=rendered(entries(turn), "reply") if turn.reply is not None else None,
        error=rendered(_error(turn.error), "error") if turn.error is not None else None,
        headers=rendered(turn.headers or {}, "headers"),
        expect=expect,
        expects=compile_match(turn.expect) if turn.expect and expect and expect.render is None else None,
        counts_attempts=_counts(turn),
        faults=tuple(fault(spec, number) for number, spec in enumerate(turn.faults)),
        attempts=tuple(
            _step(outcome, groups, names, (*path, "attempts", number))
            for number, outcome in enumerate(turn.outcomes() if turn.attempts else [])
        ),
    )


def _counts(turn: Turn) -> bool:
    """Whether anything about a turn hangs on how often it was asked for."""
    return turn.attempts is not None or turn.chance is not None or uses(turn.model_dump(exclude_unset=True), "attempt")


def entries(turn: Turn) -> list[JsonObject]:
    """Return the reply's blocks as `{type: short or full}`, only with what the author wrote."""
    if isinstance(turn.reply, str):
        return [{"text": turn.reply}]
    return [entry.model_dump(exclude_unset=True) for entry in turn.reply or []]


def _error(error: str | ErrorReply) -> JsonObject:
    full = ErrorReply(type=error) if isinstance(error, str) else error
    return full.model_dump(exclude_unset=True) | {"type": full_name(full.type) or full.type}
