"""A model as the API shows it in lists: `ModelInfo`. Not here: which models there are, which of them a page shows.

Sources: recorded lists (2026-05) for the keys and their order, lists that others quote (2026-10) for `line`, `xhigh`
and `lifecycle`, the `anthropic` package for the rest. The places of `lifecycle`, of the two dates, of `server_tools`,
of the newer types of thinking and of what betas add are inferred, and so are the capabilities of models that retired
before 2026.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final, Literal

from mockserver.wire.encoding import JsonObject
from mockserver.wire.traits import EFFORTS, Model

Lifecycle = Literal["active", "deprecated", "retired"]

_LINES: Final = ("haiku", "sonnet", "opus", "fable", "mythos")
_THINKING: Final = ("enabled", "adaptive", "disabled", "between_tools")
_SUFFIXES: Final = {"claude-3-5-sonnet-20241022": " (New)", "claude-3-5-sonnet-20240620": " (Old)"}
_UNKNOWN_DAY: Final = "1970-01-01"
"""What the API says of a model whose release is not known (documentation)."""


def lifecycle(model: Model, today: date) -> Lifecycle:
    """Return the stage of its life in which a model is on that day."""
    if model.is_retired(today):
        return "retired"
    return "deprecated" if model.is_deprecated(today) else "active"


def model_info(model: Model, today: date, *, fallbacks: bool = False, compaction: bool = False) -> JsonObject:
    """Return what the API tells of a model on that day.

    `fallbacks` and `compaction` say that the request carries the beta whose part of the answer is shown.
    """
    stage = lifecycle(model, today)
    is_active = stage == "active"
    info: JsonObject = {
        "type": "model",
        "id": model.id,
        "display_name": display_name(model.id),
        "created_at": _moment(model.released or _UNKNOWN_DAY),
        "line": _line(model.id),
        "max_input_tokens": model.context,
        "max_tokens": model.max_output,
        "capabilities": _capabilities(model, compaction=compaction),
        "lifecycle": stage,
        "deprecated_at": None if is_active else _moment(model.deprecated),
        "retires_at": None if is_active else _moment(model.retires),
    }
    return info | {"allowed_fallback_models": list(model.fallbacks)} if fallbacks else info


def openai_info(model: Model) -> JsonObject:
    """Return what a gateway tells of a model in OpenAI's form (documentation of Apertis; `owned_by` is inferred)."""
    released = datetime.fromisoformat(_moment(model.released or _UNKNOWN_DAY))
    told = {"id": model.id, "object": "model", "created": int(released.timestamp()), "owned_by": "Anthropic"}
    return told | {"root": model.id, "parent": None}


def display_name(id_: str) -> str:
    """Return the name for people, in the style of 2025-08 and later: `claude-3-7-sonnet-…` is Claude Sonnet 3.7."""
    if not id_.startswith("claude-"):
        return id_
    parts = re.sub(r"-\d{8}$", "", id_).split("-")
    words = [part.capitalize() for part in parts if not part[:1].isdigit()]
    version = ".".join(part for part in parts if part[:1].isdigit())
    return " ".join([*words, version] if version else words) + _SUFFIXES.get(id_, "")


def _line(id_: str) -> str | None:
    parts = id_.split("-")
    return next((line for line in _LINES if parts[0] == "claude" and line in parts), None)


def _moment(day: str) -> str:
    return day if "T" in day else f"{day}T00:00:00Z"


def _capabilities(model: Model, *, compaction: bool) -> JsonObject:
    thinks = model.thinking != ("disabled",)
    compacts = model.has_long_context
    shown = {"compaction": _one_of(summarize=compacts)} if compaction else {}
    return {
        "batch": _is(True),
        "citations": _is(True),
        "code_execution": _is(model.programmatic_calling),
        **shown,
        "context_management": _one_of(
            clear_tool_uses_20250919=thinks, clear_thinking_20251015=thinks, compact_20260112=compacts
        ),
        "effort": _each_of(EFFORTS, model.efforts),
        "image_input": _is("image" not in model.unread),
        "pdf_input": _is("document" not in model.unread),
        "server_tools": _one_of(web_search=thinks, code_execution=thinks),
        "structured_outputs": _is(model.structured_outputs),
        "thinking": _is(thinks) | {"types": {name: _is(name in model.thinking) for name in _THINKING}},
    }


def _is(supported: bool) -> JsonObject:
    return {"supported": supported}


def _one_of(**supported: bool) -> JsonObject:
    return _is(any(supported.values())) | {name: _is(value) for name, value in supported.items()}


def _each_of(names: Iterable[str], supported: Iterable[str]) -> JsonObject:
    return _one_of(**{name: name in supported for name in names})
