"""An answer's blocks: the output tokens of what the model wrote. Not here: the request (`prompt`), cutting an answer.

A call costs less where the request made the model call a tool: then the beginning of the call stands in the prompt, and
with `tool` its name as well (recorded).
"""

from typing import Any, Final

from mockserver.reply.tokens.figures import ANSWER, FIGURES
from mockserver.reply.tokens.texts import count_text, written
from mockserver.wire.content import ID_PREFIX, THINKING_TYPES
from mockserver.wire.encoding import JsonObject
from mockserver.wire.traits import Model


def count_output(content: list[JsonObject], model: Model, choice: str = "") -> int:
    """Return the output tokens of an answer's blocks, 0 where the model wrote none.

    `choice` is the type of the request's `tool_choice`.
    """
    if not any(block["type"] in _WRITTEN for block in content):
        return 0
    tokens = sum(count_answer_block(block, model) for block in content)
    return round(ANSWER + tokens - _spared(content, model, choice))


_WRITTEN: Final = frozenset({"text", *THINKING_TYPES, *ID_PREFIX})
"""Types of blocks that the model writes."""


def _spared(content: list[JsonObject], model: Model, choice: str) -> float:
    """Return what of the calls is not in every call: the first opens them, and that may have been written before."""
    calls = [block for block in content if block["type"] == "tool_use"]
    figures = FIGURES[model.tokenizer]
    if not calls:
        return 0
    later = (len(calls) - 1) * (figures.written_call - figures.next_call)
    if choice == "tool":
        return later + figures.written_call - figures.forced_call + count_text(written(calls[0].get("name")), model)
    return later + (figures.written_call - figures.any_call if choice == "any" else 0)


def count_thinking(content: list[JsonObject], model: Model) -> int:
    """Return the output tokens that are thinking."""
    return round(sum(count_answer_block(block, model) for block in content if block["type"] == "thinking"))


def count_answer_block(block: JsonObject, model: Model) -> float:
    """Return the output tokens of one block; what the API's own tools returned was not written by the model."""
    kind = block["type"]
    if kind in ("text", "thinking"):
        return count_text(written(block.get(kind)), model)
    if kind not in ID_PREFIX:
        return 0
    members = block.get("input")
    inputs = members.items() if isinstance(members, dict) else ()
    return (
        FIGURES[model.tokenizer].written_call
        + count_text(written(block.get("name")), model)
        + sum(count_member(name, value, model) for name, value in inputs)
    )


def count_member(name: str, value: Any, model: Model) -> float:
    """Return the output tokens of one member of a call's input."""
    figures = FIGURES[model.tokenizer]
    return figures.written_parameter + count_text(str(name), model) + count_text(written(value), model)
