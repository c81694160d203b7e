"""What a dialect of the API is: its fields, and what may stand in them. Not here: the dialects (`dialects`).

A field that is not given is as the real API has it, so the API itself is the dialect without fields.
"""

import difflib
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from mockserver.wire.headers import API_VERSIONS
from mockserver.wire.messages import STOP_REASONS
from mockserver.wire.registry import STANDARD
from mockserver.wire.request_names import CLOSED, FIELDS, FIXED, NESTED

Endpoint = Literal["messages", "count_tokens", "models", "batches", "files"]
Carrier = Literal["x-api-key", "authorization"]
ValueType = Literal["string", "integer", "number", "boolean", "array", "object"]

_NUMERIC: Final = ("integer", "number")


def problem(message: str, key: str | None = None) -> PydanticCustomError:
    """Return an error for a validator to raise; `key` names the place below the validated value."""
    return PydanticCustomError("scenario", "{words}", {"words": message, "key": key})


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `did you mean 'x'?` or, where nothing is near, the list of what is valid."""
    options = sorted(known)
    close = difflib.get_close_matches(word, options, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(options)}"


def _as_tuple(value: Any) -> Any:
    """Take a list for a tuple, and one text for a list of it."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def _as_number(value: Any) -> Any:
    """Refuse what is no number, in one sentence."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise problem("expected a number")
    return value


def _as_options(value: Any) -> Any:
    """Take a list of texts, numbers, true and false."""
    if not isinstance(value, list | tuple) or not all(isinstance(option, str | int | float) for option in value):
        raise problem("expected a list of texts or numbers")
    return tuple(value)


Number = Annotated[int | float, BeforeValidator(_as_number)]
Options = Annotated[tuple[str | int | float | bool, ...], BeforeValidator(_as_options)]
Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class _Map(BaseModel):
    """A map whose keys are all known, each with a value."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    read_first: ClassVar[tuple[str, ...]] = ()
    """Keys that are gone when a map is validated."""

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            if isinstance(value, cls):
                return value
            raise problem(f"expected a map with keys such as {', '.join(list(cls.model_fields)[:4])}")
        for key, item in value.items():
            if key not in cls.model_fields:
                raise problem(
                    f"unknown key {key!r}; {nearest(str(key), [*cls.model_fields, *cls.read_first])}", str(key)
                )
            if item is None:
                raise problem(f"{key!r} has no value; write one, or remove the key", str(key))
        return value


class Parameter(_Map):
    """What a parameter may be. One with a `type` stands in the place of the API's own, one without narrows it."""

    type: Annotated[tuple[ValueType, ...], BeforeValidator(_as_tuple)] = ()
    minimum: Number | None = None
    maximum: Number | None = None
    max_items: int | None = Field(None, ge=0)
    enum: Options = ()
    items: "Parameter | None" = None
    values: "Parameter | None" = None
    required: bool = False
    nullable: bool = False
    means: Literal["stop_sequences"] | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise problem(f"the minimum {self.minimum} is above the maximum {self.maximum}", "minimum")
        for name, kinds in _LIMITS.items():
            if self.type and getattr(self, name) is not None and not set(kinds) & set(self.type):
                raise problem(f"{name!r} says something of {' and '.join(kinds)}, which the type is not", name)
        if self.means and not set(self.type) <= {"string", "array"}:
            raise problem("what means stop sequences is a string or an array of strings", "means")
        if not self.type and not (self.enum or any(getattr(self, name) is not None for name in _LIMITS)):
            raise problem("it says nothing: give a type, or without one what the API's own is narrowed to")
        if not self.type and (self.required or self.nullable or self.means):
            raise problem("'required', 'nullable' and 'means' are said of a parameter with a 'type'")
        return self


_LIMITS: Final = {
    "minimum": _NUMERIC,
    "maximum": _NUMERIC,
    "max_items": ("array",),
    "items": ("array",),
    "values": ("object",),
}
"""Limit -> the types that it says something of."""


class Tools(_Map):
    """What is said of every tool: further fields that it may have, and fields that it needs."""

    fields: dict[str, Parameter] = Field(default_factory=dict)
    required: Names = ()


class Dialect(_Map):
    """A dialect of the API, as one gateway speaks it."""

    read_first: ClassVar[tuple[str, ...]] = ("like",)

    name: str = Field(min_length=1, description="what it goes by")
    about: str = Field("", description="what it is, in a line")
    source: str = Field("", description="where its facts come from")
    prefix: str = Field("", description="what stands before `/v1` in every path, such as `/anthropic`")
    endpoints: Annotated[tuple[Endpoint, ...], BeforeValidator(_as_tuple)] = Field(
        ("messages", "count_tokens", "models", "batches", "files"), description="what it serves; all else is a 404"
    )
    credentials: Literal["x-api-key", "bearer", "either", "none"] = Field(
        "either", description="how the key comes; `none`: none is needed"
    )
    asks_for: Carrier = Field("x-api-key", description="the header that a request without a key is told to send")
    version: Literal["required", "optional", "ignored"] = Field(
        "required", description="whether `anthropic-version` must come; `ignored`: whatever it says"
    )
    version_from: str = Field(
        "", description="a date: every version of that day or later is taken, not the API's alone"
    )
    judged_as: Literal["", "2023-06-01", "2026-10-21"] = Field(
        "", description="the version of the API by which bodies are judged; empty: the one that the request names"
    )
    parameters: dict[str, Parameter] = Field(
        default_factory=dict, description="further parameters, and narrower ones; `a.b` is `b` inside of `a`"
    )
    missing: Names = Field((), description="parameters of the API that it does not know")
    opens: Names = Field((), description="parameters, tools and blocks that need no beta header here")
    tools: Tools = Field(default_factory=Tools, description="`fields` that every tool may have, and `required` ones")
    alternating_roles: bool = Field(False, description="whether messages of one role may not follow each other")
    media: Names = Field((), description="the sources that images and documents may have; empty: all")
    waives: Names = Field((), description="rules of `mockserver rules` that it does not hold requests to")
    models: dict[str, str] | None = Field(
        None, description="its ids, each with the model of the API that it is like; not given: the API's own"
    )
    other_models: str = Field("", description="a pattern such as `claude-*` of further ids that it takes; empty: none")
    model_list: Literal["anthropic", "openai"] = Field("anthropic", description="the form of `GET /v1/models`")
    usage: Names = Field(
        (), description="the counters that it returns, 0 where unused; `a.b` is `b` in `a`; empty: all"
    )
    stop_reasons: Names = Field(STOP_REASONS, description="the stop reasons that it returns")
    drops: Names = Field((), description="patterns of response headers of the API that it does not send")
    headers: dict[str, str] = Field(
        default_factory=dict, description="response headers that it adds; `{name}` is the value of one of the API's"
    )

    def __hash__(self) -> int:
        return hash(self.name)

    @field_validator("prefix")
    @classmethod
    def _is_path(cls, value: str) -> str:
        if value and (not value.startswith("/") or value.endswith("/") or any(c in value for c in " ?#%")):
            raise problem(f"{value!r} is no path such as /anthropic")
        if any(value == own or value.startswith(f"{own}/") for own in ("/_s", "/_mock")):
            raise problem(f"{value!r} is a path of this server's own; choose another")
        return value

    @field_validator("version_from")
    @classmethod
    def _is_date(cls, value: str) -> str:
        if value and not is_date(value):
            raise problem(f"{value!r} is no date such as 2023-06-01")
        return value

    @field_validator("parameters")
    @classmethod
    def _known_places(cls, value: dict[str, Parameter]) -> dict[str, Parameter]:
        for name, given in value.items():
            if "." in name and name not in NESTED:
                raise problem(f"{name!r} is no place that can be narrowed; {nearest(name, NESTED)}", name)
            if "." in name and given.type:
                raise problem(f"{name!r} stands inside of another parameter and is narrowed, without a 'type'", name)
            if given.type and name in FIXED:
                raise problem(f"{name!r} is what the API has it; leave out the 'type', and it is narrowed", name)
            if not given.type and "." not in name and name not in FIELDS:
                raise problem(f"{name!r} is none of the API's: give it a 'type'; {nearest(name, FIELDS)}", name)
        return value

    @field_validator("missing")
    @classmethod
    def _known_fields(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for number, name in enumerate(value):
            if name in FIXED or name not in FIELDS:
                told = "no request goes without it" if name in FIXED else nearest(name, set(FIELDS) - set(FIXED))
                raise problem(f"[{number}] {name!r} is no parameter that can be missing; {told}")
        return value

    @field_validator("opens")
    @classmethod
    def _known_closed(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for number, name in enumerate(value):
            if name not in CLOSED:
                raise problem(f"[{number}] {name!r} is nothing that a beta header opens; {nearest(name, CLOSED)}")
        return value

    @field_validator("models")
    @classmethod
    def _known_likes(cls, value: dict[str, str] | None) -> dict[str, str] | None:
        for name, like in (value or {}).items():
            if STANDARD.known(like) is None:
                raise problem(f"there is no model {like!r} that {name!r} could be like; {_near_model(like)}", name)
        return value

    @property
    def wanted(self) -> Carrier:
        """The header that a request without a key is told to send."""
        return _ONLY.get(self.credentials, self.asks_for)

    @property
    def has_own_models(self) -> bool:
        """Whether it has other ids than the API."""
        return self.models is not None or bool(self.other_models)

    def takes_version(self, version: str) -> bool:
        """Whether it knows this value of `anthropic-version`."""
        if version in API_VERSIONS and version >= self.version_from:
            return True
        return bool(self.version_from) and is_date(version) and version >= self.version_from


_ONLY: Final[dict[str, Carrier]] = {"x-api-key": "x-api-key", "bearer": "authorization"}
"""How a key comes, where there is one way -> the header."""


def is_date(text: str) -> bool:
    """Whether a text is a day such as 2023-06-01."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _near_model(like: str) -> str:
    close = difflib.get_close_matches(like, STANDARD.names, n=1)
    return f"did you mean {close[0]!r}?" if close else "`mockserver models` lists them"
