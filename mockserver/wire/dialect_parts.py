"""Parts of a dialect: parameters, what is said of tools, how a mistake is told. Not here: the whole (`dialect`)."""

import difflib
import math
from collections.abc import Collection, Iterable
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from mockserver.wire.request_names import TOOL_FIELDS

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


def check_names(given: Iterable[str], known: Collection[str], words: str, key: str | None = None) -> None:
    """Refuse the first name of a list that is not known; `words` say what it is not."""
    for number, name in enumerate(given):
        if name not in known:
            raise problem(f"[{number}] {name!r} {words}; {nearest(name, known)}", key)


def as_tuple(value: Any) -> Any:
    """Take a list for a tuple, and one text for a list of it."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _as_number(value: Any) -> Any:
    """Refuse what is no number, in one sentence."""
    if not _is_number(value):
        raise problem("expected a number")
    return value


def _as_options(value: Any) -> Any:
    """Take a list of texts, numbers, true and false."""
    if not isinstance(value, list | tuple) or not all(isinstance(o, str | bool) or _is_number(o) for o in value):
        raise problem("expected a list of texts or numbers")
    return tuple(value)


Number = Annotated[int | float, BeforeValidator(_as_number)]
Options = Annotated[tuple[str | int | float | bool, ...], BeforeValidator(_as_options)]
Names = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]


class FieldMap(BaseModel):
    """A map whose keys are all known, each with a value."""

    # Built when a dialect is read: most servers read none.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)

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


class Parameter(FieldMap):
    """What a parameter may be. One with a `type` stands in the place of the API's own, one without narrows it."""

    type: Annotated[tuple[ValueType, ...], BeforeValidator(as_tuple)] = ()
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


class Tools(FieldMap):
    """What is said of every tool: further fields that it may have, and fields that it needs."""

    fields: dict[str, Parameter] = Field(default_factory=dict)
    required: Names = ()

    @field_validator("fields")
    @classmethod
    def _further_fields(cls, value: dict[str, Parameter]) -> dict[str, Parameter]:
        for name, given in value.items():
            if name in ("type", "name") or not name.strip():
                raise problem(f"{name!r} is nothing that a dialect can say of every tool", name)
            if not given.type:
                raise problem(f"{name!r} needs a 'type': what the API's own fields may be is not narrowed", name)
        return value

    @model_validator(mode="after")
    def _possible_fields(self) -> Self:
        check_names(self.required, {*TOOL_FIELDS, *self.fields}, "is no field that a tool can have", "required")
        return self
