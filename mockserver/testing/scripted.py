"""Scenarios written in code, in the order in which one says them. Not here: what a scenario may say (`scenario`)."""

__tracebackhide__ = True  # pytest shows the line of the test, and not ours

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Final, Literal, Self

from mockserver.scenario.match import Match
from mockserver.scenario.problems import Problem, ScenarioError, parse
from mockserver.scenario.schema import DEFAULTS, Scenario, Turn
from mockserver.testing.backend import Backend

Blocks = str | list[dict[str, Any]]
"""A reply: a text, or blocks as in a file, such as `[{"text": "Hi"}, {"tool_use": {…}}]`."""

BROKEN_REPLY: Final = "This answer does not arrive as it should."
"""What an answer says that nobody is to read whole."""

_OFTEN: Final = 'fail("overloaded", times=2).then("Hello")'

_DONE: Final = (
    "mockserver: this was scripted to fail {times} time{s}, and that is over; say what follows with .then(…), or leave "
    "'times' out to let it fail for ever"
)


class Outcomes(ABC):
    """What can be answered. Each takes the keys of a turn beside it, as in a file (`delay`, `stream`, `usage`, …)."""

    def reply(self, reply: Blocks, **turn: Any) -> "Scripted":
        """Answer with a text or a list of blocks."""
        return self._answer({"reply": reply, **turn})

    def tool_use(self, name: str, input: Any = "auto", **turn: Any) -> "Scripted":  # noqa: A002 - the API's own name
        """Answer with a call of a tool; `auto` makes the input from the tool's schema.

        `.then(…)` is what its result gets; without it there is nothing: to call the tool again would never end.
        """
        return self._answer({"reply": [{"tool_use": {"name": name, "input": input}}], **turn}, "call")

    def message(self, message: Mapping[str, Any], **turn: Any) -> "Scripted":
        """Answer with a message, verbatim."""
        return self._answer({"message": dict(message), **turn})

    def events(self, events: list[dict[str, Any]], **turn: Any) -> "Scripted":
        """Answer with the events of a stream, verbatim."""
        return self._answer({"events": events, **turn})

    def attempts(self, *outcomes: Mapping[str, Any], **turn: Any) -> "Scripted":
        """Answer consecutive identical requests with one outcome after the other."""
        return self._answer({"attempts": [dict(outcome) for outcome in outcomes], **turn})

    def fail(
        self, error: str | Mapping[str, Any] | None = None, *, times: int | None = None, fault: Any = None, **turn: Any
    ) -> "Scripted":
        """Fail: with an error of the API by name (`overloaded`) or as a map, or with a `fault` of the answer.

        So many times, one identical request after the other, and `.then(…)` is what follows; for ever where no number
        is given. Raises `ScenarioError`, and `ValueError` for a number below 1.
        """
        return self._answer(*_failure(error, times, fault, turn))

    @abstractmethod
    def _answer(self, turn: dict[str, Any], ends: "Ends" = "turn") -> "Scripted":
        """Add the scenario, and say how it goes on."""


Ends = Literal["turn", "call", "attempt", "never"]
"""What follows: the next turn, or else this one again; the next turn, or else nothing, since a tool is called; the next
attempt, which is the last now; or nothing, since it fails for ever."""


def _failure(
    error: str | Mapping[str, Any] | None, times: int | None, fault: Any, turn: dict[str, Any]
) -> tuple[dict[str, Any], Ends]:
    """Return a turn that fails, and how it goes on."""
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
        raise ValueError(f"mockserver: fail(times={times!r}): a whole number from 1 is needed")
    failure: dict[str, Any] = {**turn, **({"fault": fault} if fault is not None else {})}
    if error is not None or fault is None:
        failure["error"] = error if error is not None else "api"
    elif not {"reply", "message", "events"} & failure.keys():
        failure["reply"] = BROKEN_REPLY
    if times is None:
        return failure, "never"
    return {"attempts": [*([failure] * times), _over(times)]}, "attempt"


def _over(times: int) -> dict[str, Any]:
    words = _DONE.format(times=times, s="" if times == 1 else "s")
    return {"error": {"type": "not_found", "message": words, "headers": {"x-should-retry": "false"}}}


class When(Outcomes):
    """Requests that match; say what they are answered with."""

    def __init__(self, backend: Backend, scenario: dict[str, Any]) -> None:
        self._backend = backend
        self._scenario = scenario
        parse({"reply": "", **scenario}, "when")  # a typo is told where it stands

    def _answer(self, turn: dict[str, Any], ends: Ends = "turn") -> "Scripted":
        return Scripted(self._backend, self._scenario, turn, ends)

    def __repr__(self) -> str:
        return f"<when {self._scenario.get('match', 'anything comes')}>"


class Scripted:
    """A scenario that was written in code, to be continued."""

    def __init__(
        self, backend: Backend, scenario: Mapping[str, Any], turn: dict[str, Any] | None = None, ends: Ends = "turn"
    ) -> None:
        self._backend = backend
        self._ends = ends
        given = dict(scenario) if isinstance(scenario, Mapping) else scenario
        self.name = backend.add(given if turn is None else {**_end(ends), **given, **turn})
        """The scenario's name."""
        self._scenario, self._turns = _in_turns(scenario) if turn is None else (dict(scenario), [turn])

    def then(self, reply: Blocks | Mapping[str, Any] | None = None, **turn: Any) -> Self:
        """Answer what follows: the next turn of the conversation, such as a tool's result; after `fail`, the next try.

        Takes a text, blocks, or a whole turn as a map or by its keys.
        """
        outcome = dict(reply) if isinstance(reply, Mapping) else {} if reply is None else {"reply": reply}
        return self._continue({**outcome, **turn})

    def then_tool_use(self, name: str, input: Any = "auto", **turn: Any) -> Self:  # noqa: A002 - the API's own name
        """Answer what follows with a call of a tool."""
        return self._continue({"reply": [{"tool_use": {"name": name, "input": input}}], **turn}, "call")

    def then_fail(
        self, error: str | Mapping[str, Any] | None = None, *, times: int | None = None, fault: Any = None, **turn: Any
    ) -> Self:
        """Fail what follows, as `fail` does."""
        return self._continue(*_failure(error, times, fault, turn))

    def _continue(self, outcome: dict[str, Any], ends: Ends = "turn") -> Self:
        if self._ends == "never":
            raise ScenarioError([Problem(f"{self.name!r} fails for ever, so nothing follows; say how often: {_OFTEN}")])
        if not self._backend.has(self.name):
            raise ScenarioError([Problem(f"there is no scenario {self.name!r} any more; script it anew")])
        *before, last = self._turns
        turns = [*before, *(_tried(last, outcome) if self._ends == "attempt" else (last, outcome))]
        self._backend.put(self.name, {**_end(ends), **self._scenario, "name": self.name, "turns": turns})
        self._turns, self._ends = turns, ends
        return self

    def remove(self) -> None:
        """Take the scenario out again."""
        self._backend.remove(self.name)

    def __repr__(self) -> str:
        turns = len(self._turns)
        return f"<scenario {self.name!r}: {turns} turn{'' if turns == 1 else 's'}>"


def _end(ends: Ends) -> dict[str, Any]:
    """Return what a scenario says of the turn behind its last."""
    return {"after_last": "error"} if ends == "call" else {}


def _tried(turn: dict[str, Any], outcome: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the turn with what follows its failures: an outcome, or several attempts."""
    failures = turn["attempts"][:-1]
    return [{**turn, "attempts": [*failures, *outcome.get("attempts", [outcome])]}]


def scenario_of(given: dict[str, Any]) -> dict[str, Any]:
    """Return a scenario of names that are keys of a scenario or of its `match`; what is neither is told with the rest.

    `not_` is `not`, which is no name in Python.
    """
    given = {"not" if name == "not_" else name: value for name, value in given.items()}
    scenarios = Scenario.keys() - Match.keys()
    own = {name: value for name, value in given.items() if name in scenarios}
    match = {name: value for name, value in given.items() if name not in own}
    return {**own, "match": {**own.get("match", {}), **match}} if match else own


def _in_turns(scenario: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a scenario without its turns, and the turns; what stands beside a single one is a default for all."""
    if "turns" in scenario:
        return {key: value for key, value in scenario.items() if key != "turns"}, scenario["turns"]
    own = {key for key in scenario if key in Turn.keys() and key not in DEFAULTS}  # noqa: SIM118 - a method
    turn = {key: value for key, value in scenario.items() if key in own}
    return {key: value for key, value in scenario.items() if key not in own}, [turn]
