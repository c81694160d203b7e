"""Scenarios written in code. Not here: what a scenario may say."""

from typing import Any, Self

from mockserver.scenario.library import Library
from mockserver.scenario.schema import DEFAULTS, Turn


class Scripted:
    """A scenario that was written in code, to be continued."""

    def __init__(self, library: Library, scenario: dict[str, Any]) -> None:
        self._library = library
        self._scenario = scenario
        self._script = library.add(scenario)

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self._script.name

    def then(self, reply: str | list[dict[str, Any]]) -> Self:
        """Answer the next turn: the request that follows on the one before, such as a tool's result."""
        scenario = {"name": self.name, **_in_turns(self._scenario)}
        scenario["turns"] = [*scenario["turns"], {"reply": reply}]
        self._script = self._library.replace(self._script, scenario)
        self._scenario = scenario
        return self

    def __repr__(self) -> str:
        turns = len(self._script.steps)
        return f"<scenario {self.name!r}: {turns} turn{'' if turns == 1 else 's'}>"


def _in_turns(scenario: dict[str, Any]) -> dict[str, Any]:
    """Return a scenario with its single turn written out as the first of `turns`."""
    if "turns" in scenario:
        return scenario
    own = {key for key in scenario if key in Turn.keys() and key not in DEFAULTS}  # noqa: SIM118 - a method
    turn = {key: value for key, value in scenario.items() if key in own}
    return {key: value for key, value in scenario.items() if key not in own} | {"turns": [turn]}
