"""One block of a prompt, one tool: what it weighs. Not here: what stands between them (`prompt`), media (`media`)."""

from collections.abc import Callable
from typing import Final

from mockserver.reply.tokens.figures import FIGURES, OTHER_TYPED_TOOL, TYPED_TOOLS
from mockserver.reply.tokens.media import count_texts, is_cited, weigh_document, weigh_image
from mockserver.reply.tokens.texts import count_text, written
from mockserver.wire.content import ID_PREFIX, blocks_of, is_result
from mockserver.wire.encoding import JsonObject
from mockserver.wire.parts import noted
from mockserver.wire.traits import Model


def weigh_tool(tool: JsonObject, model: Model) -> float:
    """Return the tokens of a tool's definition; one that is loaded later has none."""
    kind = tool.get("type")
    if tool.get("defer_loading"):
        return 0
    if isinstance(kind, str) and kind != "custom":
        return _weigh_typed_tool(kind, model)
    figures = FIGURES[model.tokenizer]
    told = {"description": tool.get("description"), "name": tool.get("name"), "parameters": tool.get("input_schema")}
    examples = tool.get("input_examples")
    shown = examples if isinstance(examples, list) else []
    return (
        figures.tool
        + count_text(written(told), model)
        + sum(figures.example + count_text(written(example), model) for example in shown)
    )


def _weigh_typed_tool(kind: str, model: Model) -> float:
    if kind.startswith("tool_search"):
        return FIGURES[model.tokenizer].tool_search
    return next((tokens for start, tokens in TYPED_TOOLS.items() if kind.startswith(start)), OTHER_TYPED_TOOL)


def weigh_block(block: JsonObject, model: Model) -> float:
    """Return the tokens of a block of the system prompt or of a message."""
    kind = block.get("type")
    if kind == "tool_result":
        return FIGURES[model.tokenizer].result + _weigh_content(block.get("content"), model)
    if isinstance(kind, str) and is_result(kind):
        return FIGURES[model.tokenizer].result + _weigh_found(block.get("content"), model)
    return _weigh_inner(block, model)


def _weigh_content(content: object, model: Model) -> float:
    return sum(_weigh_inner(block, model) for block in blocks_of(content))


def _weigh_found(content: object, model: Model) -> float:
    """Return the tokens of what a tool of the API found: tools that are loaded, or texts."""
    loaded = blocks_of(content.get("tool_references")) if isinstance(content, dict) else []
    return _weigh_content(loaded, model) if loaded else count_texts(content, model)


def _weigh_inner(block: JsonObject, model: Model) -> float:
    """Return the tokens of a block that has no blocks of its own that matter; an unknown one weighs its texts."""
    kind = block.get("type")
    weigh = _WEIGHED.get(kind) if isinstance(kind, str) else None
    return weigh(block, model) if weigh else count_texts(block, model)


def _call(block: JsonObject, model: Model) -> float:
    figures = FIGURES[model.tokenizer]
    given = block.get("input")
    members = given.items() if isinstance(given, dict) else ()
    return (
        figures.call
        + count_text(written(block.get("name")), model)
        + sum(
            figures.parameter + count_text(str(name), model) + count_text(written(value), model)
            for name, value in members
        )
    )


def _thinking(block: JsonObject, model: Model) -> float:
    return FIGURES[model.tokenizer].thinking + count_texts(block.get("thinking"), model)


def _search_result(block: JsonObject, model: Model) -> float:
    return FIGURES[model.tokenizer].search_result + count_texts(block, model)


_WEIGHED: Final[dict[str, Callable[[JsonObject, Model], float]]] = {
    **dict.fromkeys(ID_PREFIX, _call),
    "thinking": _thinking,
    "redacted_thinking": lambda _block, _model: 0,
    "image": weigh_image,
    "document": weigh_document,
    "search_result": _search_result,
    "tool_reference": lambda _block, model: FIGURES[model.tokenizer].reference,
    "tool_addition": lambda _block, model: FIGURES[model.tokenizer].addition,
}
"""Type of a block -> its weight. What redacted thinking held is not in the request."""


def cites(block: JsonObject) -> bool:
    """Whether a block, or one in a tool's result, asks for citations."""
    return noted(block, cites, lambda: any(map(is_cited, _asking(block))))


def _asking(block: JsonObject) -> list[JsonObject]:
    return [block] if block.get("type") != "tool_result" else blocks_of(block.get("content"))
