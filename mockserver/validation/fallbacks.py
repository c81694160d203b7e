"""Fallbacks: the request as it is made to each of the models that may step in. Not here: when one does.

Source: the `anthropic` package's types of `fallbacks` (with the beta of 2026-07-01): what an entry gives holds for its
attempt alone, null stands for the model's own default; of the request goes along what the model supports.
"""

from collections.abc import Callable
from typing import Any, Final

from mockserver.wire.encoding import JsonObject
from mockserver.wire.registry import Registry
from mockserver.wire.traits import Model

MOST_FALLBACKS: Final = 3
"""Entries of a request (documentation); where requests are not judged, the others are left aside."""

_ABSENT: Final[Any] = None
"""What a field becomes that the attempt goes without."""


def attempts(body: JsonObject, models: Registry) -> list[JsonObject]:
    """Return the bodies of the attempts, in their order; none where the request has no fallbacks."""
    return [_attempt(body, entry, models.find(entry["model"])) for entry in _entries(body, models)]


def _entries(body: JsonObject, models: Registry) -> list[JsonObject]:
    fallbacks = body.get("fallbacks")
    if fallbacks == "default":
        return [{"model": name} for name in models.find(body.get("model")).fallbacks[:1]]
    found = fallbacks if isinstance(fallbacks, list) else []
    named = [entry for entry in found if isinstance(entry, dict) and isinstance(entry.get("model"), str)]
    return named[:MOST_FALLBACKS]


def _attempt(body: JsonObject, entry: JsonObject, model: Model) -> JsonObject:
    changed = {name: change(body, entry, model) for name, change in _CHANGES.items()}
    kept = {name: value for name, value in body.items() if name != "fallbacks" and name not in changed}
    return kept | {"model": entry["model"]} | {name: value for name, value in changed.items() if value is not _ABSENT}


def _max_tokens(body: JsonObject, entry: JsonObject, _model: Model) -> Any:
    own = entry.get("max_tokens")
    return body.get("max_tokens") if own is None else own


def _thinking(body: JsonObject, entry: JsonObject, model: Model) -> Any:
    """Return the entry's setting, or the request's, or the model's own, shown as the request says."""
    if entry.get("thinking") is not None:
        return entry["thinking"]
    asked = _settings(body, "thinking")
    kind = None if "thinking" in entry else asked.get("type")
    if kind in model.thinking:
        return asked
    if kind == "between_tools" and "disabled" in model.thinking:
        return {"type": "disabled"}
    shown = asked.get("display") if model.thinks_by_default else None
    return {"type": "adaptive", "display": shown} if shown else _ABSENT


def _output_config(body: JsonObject, entry: JsonObject, model: Model) -> Any:
    """Return the request's settings with the entry's over them, member by member."""
    if "output_config" in entry and entry["output_config"] is None:
        return _ABSENT
    own, asked = _settings(entry, "output_config"), _settings(body, "output_config")
    effort, thinking = asked.get("effort"), _thinking(body, entry, model)
    kind = thinking.get("type") if isinstance(thinking, dict) else None
    if effort not in model.efforts or model.is_too_much_effort(effort, kind):
        asked = {name: value for name, value in asked.items() if name != "effort"}
    return {name: value for name, value in (asked | own).items() if value is not None} or _ABSENT


def _settings(part: JsonObject, name: str) -> JsonObject:
    found = part.get(name)
    return found if isinstance(found, dict) else {}


def _speed(body: JsonObject, entry: JsonObject, model: Model) -> Any:
    if "speed" in entry:
        return entry["speed"]
    return body.get("speed") if model.fast else _ABSENT


_CHANGES: Final[dict[str, Callable[[JsonObject, JsonObject, Model], Any]]] = {
    "max_tokens": _max_tokens,
    "thinking": _thinking,
    "output_config": _output_config,
    "speed": _speed,
}
"""Field -> its value for an attempt."""
