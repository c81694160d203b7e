"""What belongs to a server and not to one answer. Not here: reading flags (`cli`) and files (`scenario.loading`).

Nearest wins: argument or flag over `MOCKSERVER_*` variable over the file `mockserver.yaml` over the default.
"""

import difflib
import math
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo

from mockserver.wire.rates import TIERS, RateLimits
from mockserver.wire.registry import STANDARD, Registry, UnknownLikeError

PREFIX = "MOCKSERVER_"
ENVIRONMENT = "environment"
FLAGS = "flags"
ARGUMENTS = "arguments"
"""Where a setting may come from; a file goes by its name."""

COMMAND_LINE_ONLY = ("HOST", "PORT", "LOG_LEVEL")
"""Variables that only the command line reads."""

OnUnmatched = Literal["error", "fallback"]
Validation = Literal["strict", "lenient", "off"]
RetiredModels = Literal["answer", "reject"]
Objects = Literal["any", "strict"]
EdgeHeaders = Literal["on", "off"]
Chaos = Literal["off", "mild", "rough"]

INSTANT: Final = "instant"
"""The speed at which waits are skipped."""


class SettingsError(ValueError):
    """A setting that cannot be used; the text says which, where it was given, and what is valid."""


def _keys(value: Any) -> Any:
    keys = [key.strip() for key in value.split(",")] if isinstance(value, str) else value
    if isinstance(keys, list) and not all(keys):
        raise ValueError("a key must not be empty")
    return keys


def _switch(value: Any) -> Any:
    """Take true and false for on and off."""
    return {"true": "on", "false": "off"}.get(str(value).lower(), value)


def _off(value: Any) -> Any:
    """Take false for off."""
    return "off" if value is False else value


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a seed is a whole number")  # noqa: TRY004 - pydantic takes a ValueError
    return value


def _moment(value: Any) -> Any:
    if isinstance(value, int | float):
        raise ValueError("a time is written as ISO 8601")  # noqa: TRY004
    if not isinstance(value, str):
        return value
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _speed(value: Any, info: ValidationInfo) -> Any:
    """Take a number above 0, or the word; a clock that stands still has no speed, but waits may be skipped."""
    if value == INSTANT:
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"a speed is a number above 0, or {INSTANT!r}")  # noqa: TRY004
    try:
        speed = float(value)
    except ValueError:
        raise ValueError(f"a speed is a number above 0, or {INSTANT!r}") from None
    if not (math.isfinite(speed) and speed > 0):
        raise ValueError(f"a speed is a number above 0, or {INSTANT!r}; --freeze makes the clock stand still")
    if speed != 1 and info.data.get("freeze") is not None:
        raise ValueError("the clock stands still ('freeze'), so it has no speed; give one of them")
    return speed


def _rates(value: Any) -> Any:
    """Take a tier's name, `requests=50,input_tokens=30000`, or a map, for rate limits."""
    if isinstance(value, str) and value.strip().lower() in TIERS:
        return TIERS[value.strip().lower()]
    if isinstance(value, str | list):
        value = _pairs(value if isinstance(value, list) else [value])
    if not isinstance(value, dict):
        return value
    known = [field.name for field in fields(RateLimits)]
    amounts = {str(name).replace("-", "_"): amount for name, amount in value.items()}
    for name, amount in amounts.items():
        if name not in known:
            raise ValueError(f"there is no limit {name!r}; {nearest(name, known)}")
        if isinstance(amount, bool) or not str(amount).replace("_", "").isdigit() or int(amount) < 1:
            raise ValueError(f"{name}: a limit is a whole number from 1, per minute; this is {amount!r}")
    return RateLimits(**{name: int(amount) for name, amount in amounts.items()})


def _pairs(texts: list[Any]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for pair in (part.strip() for text in texts for part in str(text).split(",")):
        name, equals, amount = pair.partition("=")
        if not equals:
            raise ValueError(f"{pair!r} is neither a tier ({', '.join(TIERS)}) nor LIMIT=NUMBER")
        pairs[name.strip()] = amount.strip()
    return pairs


def _session_rates(value: Any) -> Any:
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
    return {name: _rates(limits) for name, limits in value.items()} if isinstance(value, dict) else value


def _models(value: Any) -> Any:
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


def _levels(value: Any) -> Any:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list):
        return texts
    levels: dict[str, str] = {}
    for pair in (pair.strip() for text in texts for pair in str(text).split(",")):
        name, _, level = pair.rpartition("=")
        if not name:
            raise ValueError(f"{pair!r} is not of the form SESSION=LEVEL")
        if name in levels:
            raise ValueError(f"the session {name!r} has two levels")
        levels[name] = level
    return levels


class Settings(BaseModel):
    """The settings of a server."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: Annotated[int, BeforeValidator(_number)] = Field(0, description="what all chance is derived from")
    on_unmatched: OnUnmatched = Field(
        "error", description="`error`: a 404 that names the closest scenario; `fallback`: an answer made by Faker"
    )
    api_key: Annotated[list[str], BeforeValidator(_keys)] = Field(
        default_factory=list, description="the only keys that are valid; without one, every key is"
    )
    validation: Validation = Field(
        "strict",
        description="`strict`: everything that the API checks; `lenient`: transport, credentials, version, JSON and "
        "the kinds of known fields; `off`: transport, credentials and JSON",
    )
    retired_models: RetiredModels = Field(
        "answer", description="requests to retired models: `answer` with a warning, or `reject` as the API does"
    )
    objects: Objects = Field(
        "any",
        description="ids of files, containers, skills, threads: `any` that is well-formed, or `strict`: known ones",
    )
    edge_headers: Annotated[EdgeHeaders, BeforeValidator(_switch)] = Field(
        "on",
        description="`on`: answers carry the headers of the edge in front of the API, such as `cf-ray`; `off`: none",
    )
    model: Annotated[list[str], BeforeValidator(_models)] = Field(
        default_factory=list, description="a further model, NAME or NAME=LIKE, with the limits of the model LIKE"
    )
    session_validation: Annotated[dict[str, Validation], BeforeValidator(_levels)] = Field(
        default_factory=dict, description="`validation` of single sessions, as SESSION=LEVEL"
    )
    freeze: Annotated[datetime | None, BeforeValidator(_moment)] = Field(
        None, description="a time (ISO 8601) at which the clock stands still"
    )
    speed: Annotated[float | Literal["instant"], BeforeValidator(_speed)] = Field(
        1.0, description="seconds of the clock in a real one, such as 10; `instant`: no wait takes time"
    )
    limits: Annotated[RateLimits | None, BeforeValidator(_rates)] = Field(
        None,
        description="rate limits per minute, key and class of models: `start`, or LIMIT=NUMBER with requests, "
        "input_tokens, output_tokens, count_tokens; without one, there are none",
    )
    session_limits: Annotated[dict[str, RateLimits], BeforeValidator(_session_rates)] = Field(
        default_factory=dict, description="`limits` of single sessions, as SESSION:LIMIT=NUMBER"
    )
    chaos: Annotated[Chaos, BeforeValidator(_off)] = Field(
        "off", description="faults by chance: `mild` or `rough`; the same seed has the same ones"
    )

    def limits_of(self, session: str) -> RateLimits | None:
        """Return a session's rate limits; None where it has none."""
        return self.session_limits.get(session, self.limits)

    def validation_of(self, session: str) -> Validation:
        """Return how strictly a session's requests are judged."""
        return self.session_validation.get(session, self.validation)


def resolve(*layers: tuple[str, Mapping[str, Any]]) -> Settings:
    """Return the settings of (origin, values) layers, the nearest last. None as a value means: not given.

    Raises `SettingsError`, which names the origin of the value that is wrong.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, layer in layers:
        for name, value in layer.items():
            if value is not None:
                values[name], origins[name] = value, origin
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(e, origins) for e in error.errors())) from None


def _sentence(error: Any, origins: Mapping[str, str]) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return f"{origins[name]}: unknown setting {name!r}; {nearest(name, list(Settings.model_fields))}"
    spelling = {ENVIRONMENT: f"{PREFIX}{name.upper()}", FLAGS: f"--{name.replace('_', '-')}"}
    place = "".join(f"[{part!r}]" for part in error["loc"][1:] if isinstance(part, str))
    return f"{spelling.get(origins[name], f'{origins[name]}: {name}')}{place} = {error['input']!r}: {reason(error)}"


def reason(error: Any) -> str:
    """Return what is wrong, without pydantic's own prefix."""
    return str(error["msg"]).removeprefix("Value error, ")


def from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that `MOCKSERVER_*` variables give."""
    names = (name for name in Settings.model_fields if PREFIX + name.upper() in environ)
    return {name: environ[PREFIX + name.upper()] for name in names}


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Return a sentence about each `MOCKSERVER_*` variable that nothing reads."""
    known = sorted([PREFIX + name.upper() for name in (*Settings.model_fields, *COMMAND_LINE_ONLY)])
    unknown = (name for name in environ if name.startswith(PREFIX) and name not in known)
    return [f"the variable {name} is not read; {nearest(name, known)}" for name in sorted(unknown)]


def nearest(name: str, known: list[str]) -> str:
    """Return the setting that was probably meant, or all there are."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(sorted(known))}"
