"""The ground of the format's models: unknown keys with the nearest valid one, and short forms. Not here: the keys."""

import difflib
from collections.abc import Iterable
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

SHORT = "~short"
FULL = "~full"
"""Tags of a union of a short form and its map; the loader leaves them out of paths."""


def problem(message: str, key: str | int | None = None) -> PydanticCustomError:
    """Return an error for a validator to raise; `key` names the place below the validated value."""
    # The words go in as a value: braces in them are no placeholders.
    return PydanticCustomError("scenario", "{words}", {"words": message, "key": key})


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ` did you mean 'x'?` or, where nothing is near, the list of what is valid."""
    options = sorted(known)
    if close := difflib.get_close_matches(word, options, n=1, cutoff=0.6):
        return f"did you mean {close[0]!r}?"
    return f"valid here: {', '.join(options)}"


class Part(BaseModel):
    """One map of the format: every key is known, nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    planned: ClassVar[frozenset[str]] = frozenset()
    """Keys of the format that this version does not have."""

    @classmethod
    def keys(cls) -> set[str]:
        """Return the keys as an author writes them."""
        return {field.alias or name for name, field in cls.model_fields.items()}

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise problem(f"expected a map with keys such as {', '.join(sorted(cls.keys())[:6])}; {found(value)}")
        known = cls.keys()
        for key in value:
            if key in cls.planned:
                raise problem(f"{key!r} is not available yet in this version", key)
            if key not in known:
                raise problem(f"unknown key {key!r}; {nearest(str(key), known)}", key)
        return value

    def given(self, name: str) -> bool:
        """Whether the author wrote this key (null counts)."""
        return name in self.model_fields_set


def found(value: Any) -> str:
    """Say what stands there instead, in the format's words."""
    kinds = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a map"}
    return "nothing stands here" if value is None else f"this is {kinds.get(type(value), 'something else')}"


def short_or_full(value: Any) -> str:
    """Discriminate a short form (anything) from its full one (a map)."""
    return FULL if isinstance(value, dict | Part) else SHORT
