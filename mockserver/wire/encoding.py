"""JSON as the real API writes it. Not here: what the JSON means.

Bodies and events are compact with non-ASCII as raw UTF-8; a tool's input is the model's own JSON and is
spaced (`{"city": "Paris"}`): 1,149 of 1,242 recorded tool inputs are.
"""

import json
from typing import Any, Final

import orjson

JsonObject = dict[str, Any]


def encode(value: Any, *, sort_keys: bool = False) -> bytes:
    """Return `value` as compact UTF-8 JSON, keys in the order given unless they are to be sorted."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if sort_keys else None)
    except orjson.JSONEncodeError:
        # orjson refuses integers beyond 64 bits and lone surrogates; both may stand in a scenario.
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys)
        return text.encode("utf-8", "replace")


def decode(body: bytes | str) -> Any:
    """Return the value of a JSON text.

    Raises `ValueError` whose text is the parser's, as the real API quotes it:
    `unexpected end of data: line 1 column 41 (char 40)`.
    """
    return orjson.loads(body)


MOST_DEPTH: Final = 254
"""So deep may arrays and objects stand in each other: the writer takes no more, though the parser takes 1,024."""


def is_too_deep(value: Any) -> bool:
    """Whether a value that was decoded cannot be written again, so deep do arrays and objects stand in each other.

    The writer itself is asked: it is several times faster than any walk through the value.
    """
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return True
    return False


def spaced(value: Any) -> str:
    """Return `value` as the JSON a model writes: a space after each comma and colon."""
    return json.dumps(value, ensure_ascii=False)
