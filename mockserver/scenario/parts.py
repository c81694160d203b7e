"""The ground of the format's models: unknown keys with the nearest valid one, and short forms. Not here: the keys."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

ONE_KEY = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})
"""A map of which one key is given."""

SHORT = "~short"
FULL = "~full"
"""Tags of a union of a short form and its map; the loader leaves them out of paths."""


def problem(message: str, key: str | int | None = None) -> PydanticCustomError:
    """Return an error for a validator to raise; `key` names the place below the validated value."""
    # The words go in as a value: braces in them are no placeholders.
    return PydanticCustomError("scenario", "{words}", {"words": message, "key": key})


_TELLING = 4
"""Letters of a beginning that tell what was meant."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `did you mean 'x'?` or, where nothing is near, the list of what is valid."""
    options = sorted(known)
    begun = [option for option in options if len(word) >= _TELLING and option.startswith(word)]
    if len(begun) == 1:
        return f"did you mean {begun[0]!r}?"
    if close := difflib.get_close_matches(word, options, n=1, cutoff=0.6):
        return f"did you mean {close[0]!r}?"
    return f"valid here: {', '.join(options)}"


_MEANT: Mapping[str, str] = MappingProxyType(
    {
        "fail": "error",
        "when": "match",
        "request": "match",
        "then": "turns",
        "responses": "turns",
        "response": "reply",
        "answer": "reply",
        "prompt": "user",
        "header": "headers",
    }
)
"""Words of other tools, and of code, for keys of the format."""


class Part(BaseModel):
    """One map of the format: every key is known and has a value, nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    label: ClassVar[str] = ""
    """What an author calls this map; only maps that others are nested in have one."""

    no_value: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Keys for which there is an empty value, and how an author is told of it."""

    nullable: ClassVar[frozenset[str]] = frozenset()
    """Keys for which null is a value."""

    @classmethod
    def keys(cls) -> set[str]:
        """Return the keys as an author writes them."""
        return {field.alias or name for name, field in cls.model_fields.items()}

    @model_validator(mode="wrap")
    @classmethod
    def _check_keys(cls, value: Any, handler: Callable[[Any], Self]) -> Self:
        """Tell every key that is wrong, together with whatever is wrong with the others."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, dict):
            raise problem(f"expected a map with keys such as {', '.join(sorted(cls.keys())[:6])}; {found(value)}")
        wrong = {key: words for key, item in value.items() if (words := cls._wrong_key(key, item))}
        if not wrong:
            return handler(value)
        errors = [InitErrorDetails(type=problem(words, key), input=value) for key, words in wrong.items()]
        try:
            handler({key: item for key, item in value.items() if key not in wrong})
        except ValidationError as error:
            # What the map as a whole lacks, it may lack because of a wrong key.
            errors += (e for e in _again(error) if e.get("loc") and e["type"] != "missing")
        raise ValidationError.from_exception_data(cls.__name__, errors)

    @classmethod
    def _wrong_key(cls, key: str, item: Any) -> str | None:
        """Return what is wrong with a key; None where nothing is."""
        known = cls.keys()
        if key not in known:
            meant = _MEANT.get(key, "")
            if meant in known:
                return f"unknown key {key!r}; did you mean {meant!r}?"
            owners = [part.label for part in _labelled(Part) if key in part.keys()]  # noqa: SIM118 - a method of the class
            if owners and not difflib.get_close_matches(key, known, n=1, cutoff=0.8):
                return f"unknown key {key!r} here; it belongs to {' or '.join(owners)}"
            return f"unknown key {key!r}; {nearest(str(key), known)}"
        if item is None and key not in cls.nullable:
            return f"{key!r} has no value; write one{cls.no_value.get(key, '')}, or remove the key"
        return None

    def given(self, name: str) -> bool:
        """Whether the author wrote this key (null counts)."""
        return name in self.model_fields_set


def _labelled(part: type[Part]) -> Iterator[type[Part]]:
    for child in part.__subclasses__():
        if child.label:
            yield child
        yield from _labelled(child)


def _again(error: ValidationError) -> Iterator[InitErrorDetails]:
    """Yield the errors of a validation, to be raised with others."""
    for details in error.errors():
        kind: Any = details["type"]
        if kind == "scenario":
            kind = PydanticCustomError("scenario", "{words}", details["ctx"])
        yield InitErrorDetails(type=kind, loc=details["loc"], input=details["input"], ctx=details.get("ctx", {}))


def found(value: Any) -> str:
    """Say what stands there instead, in the format's words."""
    kinds = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a map"}
    return "nothing stands here" if value is None else f"this is {kinds.get(type(value), 'something else')}"


def short_or_full(value: Any) -> str:
    """Discriminate a short form (anything) from its full one (a map)."""
    return FULL if isinstance(value, dict | Part) else SHORT


def text_or_other(value: Any) -> str:
    """Discriminate a text from anything else."""
    return SHORT if isinstance(value, str) else FULL
