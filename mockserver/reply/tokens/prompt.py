"""A request's prompt: what its blocks weigh, one after the other. Not here: what of it is cached (`reply.caching`).

`weigh` is the only counting of a prompt there is: the input tokens are its total, a cached prefix is what it says up to
a block. The tools' prompt is part of the first block; what the choice among the tools, thinking and structured output
add is part of the first message, since a change of them leaves the caches of tools and system prompt alone; where they
take something away (a single call at a time), it is the tools' prompt that is shorter. Nothing here raises on a
malformed body; time and memory are linear in its size.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from math import floor

from mockserver.reply.tokens.blocks import cites, weigh_block, weigh_tool
from mockserver.reply.tokens.figures import FIGURES
from mockserver.reply.tokens.texts import count_text, written
from mockserver.wire.content import blocks_of
from mockserver.wire.encoding import JsonObject
from mockserver.wire.parts import noted
from mockserver.wire.prefix import PromptBlock, Section, prompt_blocks
from mockserver.wire.traits import Model


@dataclass(frozen=True, slots=True)
class Weight:
    """What a request weighs.

    `blocks`: the prompt's blocks; `upto[i]`: tokens of the prompt up to and with block i, rounded; never falls;
    `total`: all input tokens, with what stands behind the last block.
    """

    blocks: list[PromptBlock]
    upto: list[int]
    total: int


def count_input(body: JsonObject, model: Model) -> int:
    """Return the input tokens of a request body."""
    return weigh(body, model).total


def weigh(body: JsonObject, model: Model) -> Weight:
    """Return what the prompt of a request body weighs, block by block."""
    blocks = prompt_blocks(body, model)
    tools = model.tools_prompt.auto if blocks_of(body.get("tools")) else 0
    settings = _settings(body, model)
    front = FIGURES[model.tokenizer].start + model.extra_prompt + tools + min(settings, 0)
    weights = _weights(blocks, model, max(settings, 0))
    sums = list(accumulate(weights, initial=front))
    upto = [floor(tokens + 0.5) for tokens in sums[1:]]
    return Weight(blocks, upto, floor(sums[-1] + _behind(blocks[-1] if blocks else None, model) + 0.5))


def _settings(body: JsonObject, model: Model) -> float:
    """Return the tokens of what no block of the prompt stands for, and what the tools and the system do not hang on."""
    return _choice(body, model) + _thinking(body.get("thinking"), model) + _output(body, model)


def _choice(body: JsonObject, model: Model) -> float:
    """Return what the choice among the tools adds to their prompt, which is that of `auto`."""
    tools = blocks_of(body.get("tools"))
    if not tools:
        return 0
    given = body.get("tool_choice")
    choice = given if isinstance(given, dict) else {}
    prompt, kind = model.tools_prompt, choice.get("type")
    deferred = FIGURES[model.tokenizer].deferred if any(tool.get("defer_loading") for tool in tools) else 0
    single = choice.get("disable_parallel_tool_use") is True
    if kind == "tool":
        return deferred + prompt.tool - prompt.auto + single * prompt.single_tool
    if kind == "any":
        return deferred + prompt.any - prompt.auto
    return deferred + single * prompt.single_auto


def _thinking(thinking: object, model: Model) -> float:
    kind = thinking.get("type") if isinstance(thinking, dict) else None
    if kind == "enabled":
        return FIGURES[model.tokenizer].enabled
    return model.adaptive_prompt if kind == "adaptive" else 0


def _output(body: JsonObject, model: Model) -> float:
    """Return the tokens of structured output, given in the one field or the other, and of a task budget."""
    figures = FIGURES[model.tokenizer]
    given = body.get("output_config")
    config = given if isinstance(given, dict) else {}
    output_format = body.get("output_format") or config.get("format")
    tokens = figures.budget if config.get("task_budget") else 0
    if isinstance(output_format, dict):
        tokens += figures.schema + figures.per_schema * count_text(written(output_format.get("schema")), model)
    return tokens


def _weights(blocks: list[PromptBlock], model: Model, settings: float) -> Iterator[float]:
    """Yield what each block weighs, the first of a message with the change of roles before it.

    The very first of a message has the weight of the settings, too: they decide how the messages are read.
    """
    figures = FIGURES[model.tokenizer]
    message, cited = -1, False
    for index, (section, _, its_message, block) in enumerate(blocks):
        tokens = 0.0
        if its_message != message:
            tokens = _turn(blocks, index, model) + (settings if message < 0 else 0)
            message = its_message
        tokens += noted(block, (section, model.tokenizer), partial(_weigh, section, block, model))
        if not cited and section != "tools" and cites(block):
            tokens += figures.citations
            cited = True
        if section == "system" and index and blocks[index - 1].section == "system":
            tokens += figures.system_block
        yield tokens


def _weigh(section: Section, block: JsonObject, model: Model) -> float:
    """Return what a block weighs by itself, which hangs on the model's tokenizer alone."""
    if block.get("type") == "text" and isinstance(block.get("text"), str):
        return count_text(block["text"], model)
    return weigh_tool(block, model) if section == "tools" else weigh_block(block, model)


def _turn(blocks: list[PromptBlock], index: int, model: Model) -> float:
    """Return the tokens between the block's message and the one before.

    None between messages of one role (they are one turn), before a system message among them, and before an assistant's
    message at the end, which is the beginning of the answer (recorded).
    """
    block, before = blocks[index], blocks[index - 1]
    if index == 0 or before.section != "messages" or block.role in (before.role, "system"):
        return 0
    if block.role == "assistant" and block.message == blocks[-1].message:
        return 0
    return FIGURES[model.tokenizer].turn + _behind(before, model)


def _behind(last: PromptBlock | None, model: Model) -> float:
    """Return the tokens behind the last block of a message, which are less after the result of a tool."""
    figures = FIGURES[model.tokenizer]
    after_result = last is not None and last.block.get("type") == "tool_result"
    return figures.closing_result if after_result else figures.closing
