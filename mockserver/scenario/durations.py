"""Durations as an author writes them: `250ms`, `1.5s`, `2m`, or a number of seconds. Not here: waiting."""

from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from mockserver.scenario.parts import found, problem
from mockserver.setting_values import DURATION, is_long, seconds_in


def _seconds(value: Any) -> float:
    seconds = seconds_in(value)
    if seconds is None:
        words = repr(value) if isinstance(value, str) else found(value)
        raise problem(f"expected a duration, such as 250ms, 1.5s, 2m, or a number of seconds; {words}")
    if is_long(seconds):
        raise problem(f"a duration is from 0 to 30 days; this is {value}")
    return round(seconds, 9)


Duration = Annotated[
    float,
    BeforeValidator(_seconds),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": f"^{DURATION}$"}, {"type": "number", "minimum": 0}]}),
]
"""Seconds; written `250ms`, `1.5s`, `2m`, `1h`, or as a number of seconds."""
