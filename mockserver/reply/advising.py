"""An advisor's part in an answer: the passes before and after its advice. Not here: what the advisor says.

Source: recorded answers (2026-05 to 2026-07): an iteration for each pass of the model and one for each advice; the
top-level usage is the sum of the passes, without the advisor. What the advisor reads beyond the conversation is about
1,281 tokens; it follows from three answers.
"""

from dataclasses import replace
from typing import Any, Final

from mockserver.reply.caching import Charge
from mockserver.reply.tokens import ANSWER, count_answer_block, count_text
from mockserver.reply.usage import input_counters, iteration
from mockserver.wire.encoding import JsonObject
from mockserver.wire.traits import Model

BRIEFING: Final = 1281
"""Input tokens of the advisor beside the conversation."""

SEALED: Final = 99
"""Tokens of an advice that is encrypted (one recorded)."""

_ADVICE: Final = "advisor_tool_result"


def advised(
    content: list[JsonObject], charge: Charge, output: int, tools: list[JsonObject], model: Model
) -> JsonObject:
    """Return the usage that advice changes: counters and `iterations`; nothing where none was given.

    `charge` is what the first pass read, `output` all that the model wrote.
    """
    passes = _passes(content)
    if len(passes) == 1:
        return {}
    advisor = next((str(tool.get("model")) for tool in tools if str(tool.get("type")).startswith("advisor")), None)
    iterations: list[JsonObject] = []
    charges: list[Charge] = []
    for number, blocks in enumerate(passes, start=1):
        last = number == len(passes)
        written = output if last else min(output, _written(blocks, model))
        output -= written
        charges.append(charge)
        iterations.append(iteration("message", input_counters(charge), written))
        if not last:
            advice = _advice(blocks[-1], model)
            heard = input_counters(Charge(charge.total + written + BRIEFING))
            iterations.append(iteration("advisor_message", heard, advice + ANSWER, advisor))
            charge = Charge(charge.total + written + advice, read=charge.cached, cached=charge.cached)
    return input_counters(_sum(charges)) | {"iterations": iterations}


def _passes(content: list[JsonObject]) -> list[list[JsonObject]]:
    """Return the blocks of each pass; the advice that ends one stands at its end."""
    passes: list[list[JsonObject]] = [[]]
    for block in content:
        passes[-1].append(block)
        if block.get("type") == _ADVICE:
            passes.append([])
    return passes


def _written(blocks: list[JsonObject], model: Model) -> int:
    return round(sum(count_answer_block(block, model) for block in blocks))


def _advice(block: JsonObject, model: Model) -> int:
    """Return the tokens of an advice."""
    result: Any = block.get("content")
    text = result.get("text") if isinstance(result, dict) else None
    return round(count_text(text, model)) if isinstance(text, str) else SEALED


def _sum(charges: list[Charge]) -> Charge:
    return replace(
        charges[0],
        total=sum(charge.total for charge in charges),
        read=sum(charge.read for charge in charges),
    )
