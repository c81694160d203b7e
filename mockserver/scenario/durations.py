"""Durations as an author writes them: `250ms`, `1.5s`, `2m`, or a number of seconds. Not here: waiting."""

import math
import re
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, WithJsonSchema

from mockserver.scenario.parts import found, problem

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_WRITTEN: Final = r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)"

MOST_SECONDS: Final = 30 * 24 * 3600.0
"""The longest duration: thirty days, which is longer than anything in the API lives."""


def _seconds(value: Any) -> float:
    if isinstance(value, str) and (match := re.fullmatch(_WRITTEN, value.strip())):
        seconds = float(match[1]) * _UNITS[match[2]]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value)
    else:
        words = repr(value) if isinstance(value, str) else found(value)
        raise problem(f"expected a duration, such as 250ms, 1.5s, 2m, or a number of seconds; {words}")
    if not (math.isfinite(seconds) and 0 <= seconds <= MOST_SECONDS):
        raise problem(f"a duration is from 0 to 30 days; this is {value}")
    return round(seconds, 9)


Duration = Annotated[
    float,
    BeforeValidator(_seconds),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": f"^{_WRITTEN}$"}, {"type": "number", "minimum": 0}]}),
]
"""Seconds; written `250ms`, `1.5s`, `2m`, `1h`, or as a number of seconds."""
