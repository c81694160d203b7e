"""Where an answer ends early: stop sequences first, then `max_tokens`. Not here: anything verbatim is never cut.

A cut removes the blocks after it. A tool's input that `max_tokens` cuts keeps its members that are complete: the
plain answer shows them closed, the stream leaves the block open (recorded in the Python SDK's fixtures).
"""

from math import ceil

from mockserver.reply.blocks import Content
from mockserver.reply.tokens import ANSWER, count_answer_block, count_member, count_output, cut
from mockserver.wire.content import ID_PREFIX
from mockserver.wire.encoding import JsonObject
from mockserver.wire.signatures import sign
from mockserver.wire.traits import Model

_MODEL_WRITES = {"text": "text", "thinking": "thinking"}
"""Block type -> the key whose text is cut."""


def stop_at(content: Content, sequences: list[str]) -> tuple[Content, str | None]:
    """Cut before the first stop sequence of the first text that holds one; return it, or None."""
    for index, block in enumerate(content.blocks):
        found = [(block["text"].find(s), s) for s in sequences] if block["type"] == "text" else []
        hits = [(at, s) for at, s in found if at >= 0]
        if hits:
            at, sequence = min(hits, key=lambda hit: (hit[0], sequences.index(hit[1])))
            return _until(content, index, block | {"text": block["text"][:at]}), sequence
    return content, None


def limit_to(content: Content, max_tokens: int, model: Model) -> tuple[Content, bool]:
    """Cut to `max_tokens`; return whether anything was cut."""
    if max_tokens == 0:
        return Content(), True
    # The tokens that end an answer are not sent where it is cut, so a text may fill the whole limit.
    if count_output(content.blocks, model) - ANSWER <= max_tokens:
        return content, False
    left: float = max_tokens
    for index, block in enumerate(content.blocks):
        cost = count_answer_block(block, model)
        if ceil(cost) > left:
            return _until(content, index, _shortened(block, int(left), model)), True
        left -= cost
    return content, False


def _until(content: Content, index: int, last: JsonObject | None) -> Content:
    """Return the blocks before `index`, then `last` unless nothing is left of it."""
    kept = Content(content.blocks[:index], {i: d for i, d in content.deltas.items() if i < index})
    if last is None or _is_empty(last):
        return kept
    kept.blocks.append(last)
    kept.cut = True
    key = _MODEL_WRITES.get(last["type"])
    if key and index in content.deltas:
        kept.deltas[index] = _begin(content.deltas[index], last[key])
    return kept


def _is_empty(block: JsonObject) -> bool:
    key = _MODEL_WRITES.get(block["type"])
    return key is not None and not block[key]


def _begin(deltas: list[str], text: str) -> list[str]:
    """Return the deltas as far as they make up `text`."""
    kept, left = [], len(text)
    for delta in deltas:
        if left <= 0:
            break
        kept.append(delta[:left])
        left -= len(delta)
    return kept


def _shortened(block: JsonObject, budget: int, model: Model) -> JsonObject | None:
    """Return the block with at most `budget` tokens; None where none of it fits."""
    if key := _MODEL_WRITES.get(block["type"]):
        text = cut(block[key], budget, model)
        signed = {"signature": sign(text, model.id)} if key == "thinking" else {}
        return block | {key: text} | signed
    left = budget - count_answer_block(block | {"input": {}}, model)
    if block["type"] not in ID_PREFIX or left < 0:
        return None
    members: JsonObject = {}
    for name, value in block["input"].items():
        left -= count_member(name, value, model)
        if left < 0:
            break
        members[name] = value
    return block | {"input": members}
