"""Scenarios written in code, in the order in which one says them. Not here: what a scenario may say (`scenario`)."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Final, Self

from mockserver.scenario.match import Match
from mockserver.scenario.problems import parse
from mockserver.scenario.schema import DEFAULTS, Scenario, Turn
from mockserver.testing.backend import Backend

Blocks = str | list[dict[str, Any]]
"""A reply: a text, or blocks as in a file, such as `[{"text": "Hi"}, {"tool_use": {…}}]`."""

BROKEN_REPLY: Final = "This answer does not arrive as it should."
"""What an answer says that nobody is to read whole."""

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
        """Answer with a call of a tool; `auto` makes the input from the tool's schema."""
        return self._answer({"reply": [{"tool_use": {"name": name, "input": input}}], **turn})

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
        if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
            raise ValueError(f"mockserver: fail(times={times!r}): a whole number from 1 is needed")
        failure: dict[str, Any] = {**turn, **({"fault": fault} if fault is not None else {})}
        if error is not None or fault is None:
            failure["error"] = error if error is not None else "api"
        elif not {"reply", "message", "events"} & failure.keys():
            failure["reply"] = BROKEN_REPLY
        if times is None:
            return self._answer(failure)
        return self._answer({"attempts": [*([failure] * times), _over(times)]}, unfinished=True)

    @abstractmethod
    def _answer(self, turn: dict[str, Any], *, unfinished: bool = False) -> "Scripted":
        """Add the scenario; an `unfinished` one says what follows in the last of its attempts."""


def _over(times: int) -> dict[str, Any]:
    words = _DONE.format(times=times, s="" if times == 1 else "s")
    return {"error": {"type": "not_found", "message": words, "headers": {"x-should-retry": "false"}}}


class When(Outcomes):
    """Requests that match; say what they are answered with."""

    def __init__(self, backend: Backend, scenario: dict[str, Any]) -> None:
        self._backend = backend
        self._scenario = scenario
        parse({"reply": "", **scenario}, "when")  # a typo is told where it stands

    def _answer(self, turn: dict[str, Any], *, unfinished: bool = False) -> "Scripted":
        return Scripted(self._backend, {**self._scenario, **turn}, unfinished=unfinished)


class Scripted:
    """A scenario that was written in code, to be continued."""

    def __init__(self, backend: Backend, scenario: Mapping[str, Any], *, unfinished: bool = False) -> None:
        self._backend = backend
        self._scenario = dict(scenario)
        self._unfinished = unfinished
        self.name = backend.add(self._scenario)
        """The scenario's name."""

    def then(self, reply: Blocks | Mapping[str, Any] | None = None, **turn: Any) -> Self:
        """Answer what follows: the next turn of the conversation, such as a tool's result; after `fail`, the next try.

        Takes a text, blocks, or a whole turn as a map or by its keys.
        """
        outcome = dict(reply) if isinstance(reply, Mapping) else {} if reply is None else {"reply": reply}
        return self._continue({**outcome, **turn})

    def then_tool_use(self, name: str, input: Any = "auto", **turn: Any) -> Self:  # noqa: A002 - the API's own name
        """Answer what follows with a call of a tool."""
        return self._continue({"reply": [{"tool_use": {"name": name, "input": input}}], **turn})

    def then_fail(self, error: str | Mapping[str, Any], **turn: Any) -> Self:
        """Answer what follows with an error of the API."""
        return self._continue({"error": error, **turn})

    def _continue(self, outcome: dict[str, Any]) -> Self:
        scenario = _in_turns({**self._scenario, "name": self.name})
        *before, last = scenario["turns"]
        if self._unfinished:
            last = {**last, "attempts": [*last["attempts"][:-1], outcome]}
            scenario["turns"] = [*before, last]
        else:
            scenario["turns"] = [*before, last, outcome]
        self._backend.put(self.name, scenario)
        self._scenario, self._unfinished = scenario, False
        return self

    def remove(self) -> None:
        """Take the scenario out again."""
        self._backend.remove(self.name)

    def __repr__(self) -> str:
        turns = len(_in_turns(self._scenario)["turns"])
        return f"<scenario {self.name!r}: {turns} turn{'' if turns == 1 else 's'}>"


def scenario_of(given: dict[str, Any]) -> dict[str, Any]:
    """Return a scenario of names that are keys of a scenario or of its `match`; what is neither is told with the rest.

    `not_` is `not`, which is no name in Python.
    """
    given = {"not" if name == "not_" else name: value for name, value in given.items()}
    scenarios = Scenario.keys() - Match.keys()
    own = {name: value for name, value in given.items() if name in scenarios}
    match = {name: value for name, value in given.items() if name not in own}
    return {**own, "match": {**own.get("match", {}), **match}} if match else own


def _in_turns(scenario: dict[str, Any]) -> dict[str, Any]:
    """Return a scenario with its single turn written out as the first of `turns`."""
    if "turns" in scenario:
        return scenario
    own = {key for key in scenario if key in Turn.keys() and key not in DEFAULTS}  # noqa: SIM118 - a method
    turn = {key: value for key, value in scenario.items() if key in own}
    return {key: value for key, value in scenario.items() if key not in own} | {"turns": [turn]}
