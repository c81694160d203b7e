"""How a setting may be written, in a flag, a variable, a file or code. Not here: which settings there are."""

import difflib
import re
from dataclasses import fields, replace
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any, Final, NoReturn

from pydantic import ValidationError, ValidationInfo

from mockserver.wire.dialect import Dialect
from mockserver.wire.dialects import DIALECTS, dialect_of, problems
from mockserver.wire.rates import TIERS, RateLimits
from mockserver.wire.registry import STANDARD, Registry, UnknownLikeError

_MOST_SPEED: Final = 1_000_000
_INSTANT: Final = "instant"
"""The speed at which waits are skipped."""


_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
DURATION: Final = r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)"
"""A duration as it is written."""
MOST_SECONDS: Final = 30 * 24 * 3600.0
"""The longest duration: thirty days, which is longer than anything in the API lives."""


def as_keys(value: Any) -> Any:
    """Take keys as a list, or with commas."""
    keys = [key.strip() for key in value.split(",")] if isinstance(value, str) else value
    if isinstance(keys, list) and not all(keys):
        raise ValueError("a key must not be empty")
    return keys


def as_switch(value: Any) -> Any:
    """Take true and false for on and off."""
    return {"true": "on", "false": "off"}.get(str(value).lower(), value)


def as_off(value: Any) -> Any:
    """Take false for off."""
    return "off" if value is False else value


def as_number(value: Any) -> Any:
    """Refuse true and false, which are numbers to Python."""
    if isinstance(value, bool):
        raise ValueError("a seed is a whole number")  # noqa: TRY004 - pydantic takes a ValueError
    return value


def as_moment(value: Any) -> Any:
    """Take a time as ISO 8601; UTC where it names no zone."""
    if isinstance(value, int | float):
        raise ValueError("a time is written as ISO 8601, such as 2026-01-01 or 2026-01-01T12:00:00Z")  # noqa: TRY004
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("a time is written as ISO 8601, such as 2026-01-01 or 2026-01-01T12:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def as_speed(value: Any, info: ValidationInfo) -> Any:
    """Take a number above 0, or the word; a clock that stands still has no speed, but waits may be skipped."""
    if value == _INSTANT:
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"a speed is a number above 0, or {_INSTANT!r}")  # noqa: TRY004
    try:
        speed = float(value)
    except ValueError:
        raise ValueError(f"a speed is a number above 0, or {_INSTANT!r}") from None
    if not 0 < speed <= _MOST_SPEED:
        words = f"a speed is a number above 0, at most {_MOST_SPEED:,}, or {_INSTANT!r}"
        raise ValueError(f"{words}; the setting 'freeze' makes the clock stand still")
    if speed != 1 and info.data.get("freeze") is not None:
        raise ValueError("the clock stands still ('freeze'), so it has no speed; give one of them")
    return speed


def seconds_in(value: Any) -> float | None:
    """Return the seconds of a duration: a number of them, or text such as `250ms`; None where it is neither."""
    if isinstance(value, str) and (match := re.fullmatch(DURATION, value.strip())):
        return float(match[1]) * _SECONDS[match[2]]
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def is_long(seconds: float) -> bool:
    """Whether a duration is longer than any may be, or no length at all."""
    return not 0 <= seconds <= MOST_SECONDS


def as_seconds(value: Any) -> Any:
    """Take a duration; a number also as text, as a flag or a variable has it."""
    seconds = seconds_in(value)
    if seconds is None and isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value.strip()):
        seconds = float(value)
    if seconds is None:
        raise ValueError("a duration is written as 250ms, 1.5s, 2m, 1h, or a number of seconds")
    if is_long(seconds):
        raise ValueError("a duration is from 0 to 30 days")
    return seconds


def as_rates(value: Any) -> Any:
    """Take a tier's name, `requests=50,input_tokens=30000`, or a map, for rate limits."""
    if value is None or isinstance(value, RateLimits):
        return value
    if isinstance(value, str | list):
        value = _pairs(value if isinstance(value, list) else [value])
    if not isinstance(value, dict) or not value:
        raise ValueError(
            f"limits are a tier ({', '.join(TIERS)}), LIMIT=NUMBER, or a map; there are: {', '.join(_LIMITS)}"
        )
    amounts = {str(name).replace("-", "_"): amount for name, amount in value.items()}
    tier = TIERS[amounts.pop(_TIER, "start")]
    for name, amount in amounts.items():
        if name not in _LIMITS:
            raise ValueError(f"there is no limit {name!r}; {nearest(name, list(_LIMITS))}")
        if isinstance(amount, bool) or not str(amount).replace("_", "").isdecimal() or not 1 <= int(amount) <= _MOST:
            raise ValueError(f"{name}: a limit is a whole number from 1, per minute; this is {amount!r}")
    return replace(tier, **{name: int(amount) for name, amount in amounts.items()})


_LIMITS: Final = tuple(field.name for field in fields(RateLimits))
_TIER: Final = "~tier"
_MOST: Final = 10**12


def _pairs(texts: list[Any]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for pair in (part.strip() for text in texts for part in str(text).split(",")):
        name, equals, amount = pair.partition("=") if pair.lower() not in TIERS else (_TIER, "=", pair.lower())
        if not equals:
            raise ValueError(f"{pair!r} is neither a tier ({', '.join(TIERS)}) nor LIMIT=NUMBER")
        if name.strip() in pairs:
            raise ValueError(f"{pair!r}: {'a tier' if name == _TIER else repr(name.strip())} is given twice")
        pairs[name.strip()] = amount.strip()
    return pairs


def as_session_rates(value: Any) -> Any:
    """Take `SESSION:LIMITS`, one or several, for the limits of each session."""
    if isinstance(value, str | list):
        rates: dict[str, str] = {}
        for text in [value] if isinstance(value, str) else value:
            name, colon, limits = str(text).partition(":")
            if not (name and colon):
                raise ValueError(f"{text!r} is not of the form SESSION:LIMIT=NUMBER")
            if name in rates:
                raise ValueError(f"the session {name!r} has limits twice")
            rates[name] = limits
        value = rates
    return {name: as_rates(limits) for name, limits in value.items()} if isinstance(value, dict) else value


def as_models(value: Any) -> Any:
    """Take models as a list, with commas, or as a map of NAME to LIKE."""
    if isinstance(value, dict):
        value = [f"{name}={like}" for name, like in value.items()]
    names = [name.strip() for name in value.split(",")] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return names
    for name in names:
        new, equals, like = name.partition("=")
        if not new or " " in new or (equals and not like):
            raise ValueError(f"{name!r} is neither NAME nor NAME=LIKE")
        if STANDARD.known(new):
            raise ValueError(f"{new!r} is a model already; give the new one another name")
    try:
        Registry(names)
    except UnknownLikeError as error:
        close = difflib.get_close_matches(error.like, STANDARD.names, n=1)
        advice = f"did you mean {close[0]!r}?" if close else "`mockserver models` lists them"
        raise ValueError(f"{error}; {advice}") from None
    return names


_SIZES: Final = {"": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}
_BYTES: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([KMG]B)?", re.IGNORECASE | re.ASCII)


def as_bytes(value: Any) -> Any:
    """Take a number of bytes, also as text, with or without KB, MB or GB (of 1,024 each)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = _BYTES.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("a size is a number of bytes from 0, or a text such as 512MB or 2GB")
    return int(float(found[1]) * _SIZES[(found[2] or "").upper()])


def as_folder(value: Any) -> Any:
    """Take the path of a folder; `~` is the user's own."""
    if isinstance(value, str) and not value.strip():
        raise ValueError("a folder has a name")
    return Path(value).expanduser() if isinstance(value, str | Path) else value


def as_levels(value: Any) -> Any:
    """Take SESSION=LEVEL, one or several, for the level of each session."""
    return session_pairs(value, "LEVEL", "levels")


def as_dialect(value: Any) -> Any:
    """Take a dialect by its name, or as a map."""
    if is_dialect_file(value):
        raise ValueError("the file of a dialect is not read here; give its fields as a map")
    if isinstance(value, str):
        return DIALECTS[value] if value in DIALECTS else _no_dialect(value)
    if not isinstance(value, dict | Dialect):
        raise ValueError("a dialect is a name, a file, or a map of its fields")  # noqa: TRY004
    try:
        return dialect_of(value)
    except ValidationError as error:
        raise ValueError(
            "; ".join(f"{place}: {words}" if place else words for place, words in problems(error))
        ) from None


def _no_dialect(name: str) -> NoReturn:
    known = list(DIALECTS)
    also = f"; there are: {', '.join(known)}" if difflib.get_close_matches(name, known, n=1) else ""
    words = f"there is no dialect {name!r}; {nearest(name, known)}{also}"
    raise ValueError(f"{words}; a file with one of your own ends in .yaml, .yml or .json")


def is_dialect_file(value: object) -> bool:
    """Whether a dialect is given as the path of a file."""
    return isinstance(value, PathLike) or (
        isinstance(value, str) and value.lower().endswith((".yaml", ".yml", ".json"))
    )


def as_session_dialects(value: Any) -> Any:
    """Take `SESSION=DIALECT`, one or several, for the dialect of each session."""
    given = session_pairs(value, "DIALECT", "dialects")
    return {name: as_dialect(dialect) for name, dialect in given.items()} if isinstance(given, dict) else given


def session_pairs(value: Any, what: str, several: str) -> Any:
    """Take `SESSION=…`, one or several, as a map."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list):
        return texts
    pairs: dict[str, str] = {}
    for pair in (pair.strip() for text in texts for pair in str(text).split(",")):
        name, _, given = pair.rpartition("=")
        if not name:
            raise ValueError(f"{pair!r} is not of the form SESSION={what}")
        if name in pairs:
            raise ValueError(f"the session {name!r} has two {several}")
        pairs[name] = given
    return pairs


def nearest(name: str, known: list[str]) -> str:
    """Return the setting that was probably meant, or all there are."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(sorted(known))}"
