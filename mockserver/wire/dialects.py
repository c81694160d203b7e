"""The dialects, one row each, as data, and how one's own is read. Not here: what a row's fields mean (`dialect`).

Sources, all read in 2026-11: the gateways' own documentation, and of the relay the OpenAPI document of New API. What
they do not say is as in the real API. Of the aggregator there is no single page: it stands for gateways that ask for a
version of 2023-06-01 or newer, roles that alternate, and whole definitions of tools.
"""

import threading
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import InitErrorDetails

from mockserver.wire.dialect import Dialect
from mockserver.wire.dialect_parts import as_tuple, nearest, problem
from mockserver.wire.encoding import JsonObject

_EDGE: Final = (
    *("anthropic-*", "cf-*", "traceresponse", "server", "server-timing", "strict-transport-security"),
    *("content-security-policy", "x-robots-tag", "vary"),
)
"""What the real API and its edge send, and a gateway does not."""

_GATEWAY: Final[dict[str, Any]] = {"judged_as": "2023-06-01", "drops": _EDGE}
_ROLES: Final = {"messages.role": {"enum": ["user", "assistant"]}}
_CHOICES: Final = {"tool_choice.type": {"enum": ["auto", "any", "tool"]}}
_TWO_COUNTERS: Final = ["input_tokens", "output_tokens"]
_CACHE_COUNTERS: Final = [*_TWO_COUNTERS, "cache_creation_input_tokens", "cache_read_input_tokens"]
_FOUR_REASONS: Final = ["end_turn", "max_tokens", "stop_sequence", "tool_use"]
_CLAUDE_3: Final = {
    name: name for name in ("claude-3-opus-20240229", "claude-3-5-sonnet-20241022", "claude-3-5-haiku-20241022")
}

_ROWS: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "anthropic",
        "about": "the Messages API itself",
        "source": "the API's documentation, recordings",
    },
    {
        **_GATEWAY,
        "name": "heroku",
        "about": "Heroku Managed Inference and Agents",
        "source": "Heroku AI documentation, inference-api/messages and rate-limits",
        "endpoints": ["messages"],
        "version": "optional",
        "parameters": {**_ROLES, **_CHOICES, "thinking.type": {"enum": ["enabled"]}},
        "models": {
            "claude-4-5-sonnet": "claude-sonnet-4-5-20250929",
            "claude-4-5-haiku": "claude-haiku-4-5-20251001",
            "claude-opus-4-5": "claude-opus-4-5-20251101",
            "claude-4-sonnet": "claude-sonnet-4-20250514",
        },
        "other_models": ["claude-*", "!*.*"],
        "usage": _TWO_COUNTERS,
        "stop_reasons": _FOUR_REASONS,
        "headers": {
            "x-ratelimit-limit-requests": "{anthropic-ratelimit-requests-limit}",
            "x-ratelimit-limit-tokens": "{anthropic-ratelimit-tokens-limit}",
            "x-ratelimit-remaining-requests": "{anthropic-ratelimit-requests-remaining}",
            "x-ratelimit-remaining-tokens": "{anthropic-ratelimit-tokens-remaining}",
        },
    },
    {
        **_GATEWAY,
        "name": "bifrost",
        "about": "Bifrost by Maxim, its Anthropic integration",
        "source": "Bifrost documentation, create-message-anthropic-format, and its routes",
        "prefix": "/anthropic",
        "credentials": "none",
        "key_headers": ["x-bf-vk", "x-goog-api-key"],
        "version": "optional",
        "parameters": {"fallbacks": {"type": "array", "items": {"type": "string"}}},
        "opens": ["output_format", "mcp_servers", "mcp_toolset", "computer_20250124", "computer_20251124"],
        "tools": {
            "fields": {
                "display_width_px": {"type": "integer", "minimum": 1},
                "display_height_px": {"type": "integer", "minimum": 1},
                "display_number": {"type": "integer", "minimum": 0, "nullable": True},
                "max_uses": {"type": "integer", "minimum": 1, "nullable": True},
                "allowed_domains": {"type": "array", "items": {"type": "string"}, "nullable": True},
                "user_location": {"type": "object", "nullable": True},
            }
        },
        "other_models": ["*"],
        "usage": [
            *_CACHE_COUNTERS,
            "cache_creation.ephemeral_5m_input_tokens",
            "cache_creation.ephemeral_1h_input_tokens",
        ],
        "stop_reasons": [*_FOUR_REASONS, "pause_turn", "refusal", "model_context_window_exceeded"],
    },
    {
        **_GATEWAY,
        "name": "apertis",
        "about": "Apertis",
        "source": "Apertis documentation, text-generation/messages, utilities/models, rate-limits",
        "endpoints": ["messages", "models"],
        "version": "ignored",
        "parameters": {
            "n": {"type": "integer", "minimum": 1},
            "seed": {"type": "integer"},
            "user": {"type": "string"},
            "stop": {
                "type": ["string", "array"],
                "items": {"type": "string"},
                "max_items": 4,
                "means": "stop_sequences",
            },
            "presence_penalty": {"type": "number", "minimum": -2, "maximum": 2},
            "frequency_penalty": {"type": "number", "minimum": -2, "maximum": 2},
            "logit_bias": {"type": "object", "values": {"type": "number", "minimum": -100, "maximum": 100}},
            "response_format": {"type": "object"},
            "thinking.type": {"enum": ["enabled", "disabled"]},
            "thinking.budget_tokens": {"minimum": 1024, "maximum": 32768},
        },
        "media": ["base64"],
        "waives": ["thinking.budget"],
        "models": {
            "claude-opus-4-5-20251101": "claude-opus-4-5-20251101",
            "claude-haiku-4.5": "claude-haiku-4-5-20251001",
            "claude-sonnet-4.5": "claude-sonnet-4-5-20250929",
        },
        "other_models": ["claude-*"],
        "model_list": "openai",
        "usage": _TWO_COUNTERS,
        "headers": {
            "x-ratelimit-limit": "{anthropic-ratelimit-requests-limit}",
            "x-ratelimit-remaining": "{anthropic-ratelimit-requests-remaining}",
        },
    },
    {
        **_GATEWAY,
        "name": "aggregator",
        "about": "gateways in front of several makers",
        "source": "what the pages of such gateways have in common",
        "endpoints": ["messages", "models"],
        "version_from": "2023-06-01",
        "alternating_roles": True,
        "tools": {"required": ["name", "description", "input_schema"]},
        "models": _CLAUDE_3,
        "other_models": ["claude-*"],
    },
    {
        **_GATEWAY,
        "name": "relay",
        "about": "relays made with New API",
        "source": "New API, docs/openapi/relay.json",
        "endpoints": ["messages", "models"],
        "asks_for": "authorization",
        "parameters": {
            **_ROLES,
            **_CHOICES,
            "max_tokens": {"minimum": 1},
            "thinking.type": {"enum": ["enabled", "disabled"]},
        },
        "models": _CLAUDE_3,
        "other_models": ["claude-*"],
        "usage": _CACHE_COUNTERS,
        "stop_reasons": _FOUR_REASONS,
    },
)

ANTHROPIC: Final = Dialect.model_construct(**_ROWS[0])
"""The real API; most servers speak no other dialect and never build what validates one."""


class _Dialects(Mapping[str, Dialect]):
    """The rows by name, each read when it is asked for."""

    def __init__(self) -> None:
        self._rows = {row["name"]: row for row in _ROWS}
        self._read = {ANTHROPIC.name: ANTHROPIC}

    def __getitem__(self, name: str) -> Dialect:
        if name not in self._read:
            self._read[name] = _validated(self._rows[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


DIALECTS: Final[Mapping[str, Dialect]] = _Dialects()
"""Name -> dialect."""

_LAID_OVER: Final = ("parameters", "models", "headers")
"""Fields of which a dialect that is like another gives single entries, null to take one away."""


def dialect_of(value: Any, name: str = "") -> Dialect:
    """Return the dialect of a map, called `name` where the map has none; `like` names one whose fields it begins with.

    Raises pydantic's `ValidationError`.
    """
    if isinstance(value, Dialect) or not isinstance(value, dict):
        return _validated(value)
    given = {**({"name": name} if name else {}), **value}
    if given.get("name") in DIALECTS:
        _refuse(("name",), given["name"], f"there is a dialect {given['name']!r} already; give yours another name")
    like = given.pop("like", "anthropic")
    if not isinstance(like, str) or like not in DIALECTS:
        _refuse(("like",), like, f"there is no dialect {like!r} to be like; {nearest(str(like), DIALECTS)}")
    base = _fields(DIALECTS[like])
    if isinstance(missing := as_tuple(given.get("missing")), tuple):
        parameters = base.get("parameters", {}).items()
        base["parameters"] = {key: item for key, item in parameters if key.partition(".")[0] not in missing}
    for field in _LAID_OVER:
        if isinstance(own := given.get(field), dict):
            given[field] = _laid_over(own, base.get(field) or {}, field, like)
    return _validated(base | given)


_one_by_one = threading.Lock()
"""Whoever comes first builds the model; before pydantic 2.14 no other thread may come in between."""


def _validated(value: Any) -> Dialect:
    with _one_by_one:
        return Dialect.model_validate(value)


def _fields(dialect: Dialect) -> JsonObject:
    left = {"name", "about", "source"}
    with _one_by_one:
        return dialect.model_dump(mode="json", exclude_unset=True, exclude=left)


def _laid_over(own: JsonObject, base: JsonObject, field: str, like: str) -> JsonObject:
    for key in (key for key, item in own.items() if item is None and key not in base):
        there = nearest(str(key), base) if base else "it has none"
        _refuse((field, key), None, f"{like!r} has no {key!r} that null could take away; {there}")
    return {key: item for key, item in (base | own).items() if item is not None}


def _refuse(place: tuple[str, ...], value: Any, words: str) -> None:
    details = InitErrorDetails(type=problem(words), loc=place, input=value)
    raise ValidationError.from_exception_data("Dialect", [details])


def problems(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a dialect's fields: the place, and the words."""
    for details in error.errors():
        key = details.get("ctx", {}).get("key")
        place = [*map(str, details["loc"]), *([] if key is None else [key])]
        yield ".".join(place), str(details["msg"])


def told(dialect: Dialect) -> str | JsonObject:
    """Return how a dialect is written in a setting: its name, or where it is one's own, its fields."""
    if DIALECTS.get(dialect.name) == dialect:
        return dialect.name
    return dialect.model_dump(mode="json", exclude_unset=True)
