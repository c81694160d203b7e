"""Where a fault happens: a place in a plan. Not here: what happens there."""

from collections.abc import Callable
from typing import Final

from mockserver.reply.steps import Cut, Data, Hang, Pause, Reply, Step
from mockserver.scenario.faults import After, Fault

Split = tuple[list[Step], list[Step]]
"""The steps before a place, and those behind it."""


def split(reply: Reply, fault: Fault) -> Split:
    """Return the steps before and behind the place that a fault names; without one, everything is behind the head.

    A place behind the end is the end. On an answer that is no stream, `events`, `deltas` and `block` mean half of the
    bytes.
    """
    if fault.before is not None:
        return _at(reply, lambda step: not isinstance(step, Pause))
    return _behind(reply, fault.after) if fault.after else _at(reply, lambda step: isinstance(step, Data))


def is_behind_the_end(reply: Reply, fault: Fault) -> bool:
    """Whether an earlier fault ended the answer at the place of this one, or before it."""
    if fault.after is None and fault.before is None:
        return False
    if fault.before != "response" and any(map(_is_end, reply.head.between)):
        return True
    before, behind = split(reply, fault)
    return any(map(_is_end, [*before, *behind[:1]]))


def _is_end(step: Step) -> bool:
    return isinstance(step, Cut | Hang)


def shortfall(reply: Reply, fault: Fault) -> str:
    """Return how much of what a place counts there is, where that is too little; else nothing."""
    if fault.after is None:
        return ""
    key, number = fault.after.place
    if key not in _COUNTED or (reply.head.length is not None and key != "bytes"):
        return ""
    there, words = _COUNTED[key]
    count = there(reply)
    return words.format(count) if number > count else ""


def _at(reply: Reply, holds: Callable[[Step], bool]) -> Split:
    index = next((i for i, step in enumerate(reply.steps) if holds(step)), len(reply.steps))
    return list(reply.steps[:index]), list(reply.steps[index:])


def _behind(reply: Reply, after: After) -> Split:
    key, number = after.place
    size = len(reply.body)
    if key in ("bytes", "percent"):
        return _split_bytes(reply, min(size, int(number) if key == "bytes" else round(size * number / 100)))
    if reply.head.length is not None:
        return _split_bytes(reply, size // 2)
    counted = [i for i, step in enumerate(reply.steps) if isinstance(step, Data) and _counts(step, key, number)]
    if key != "block" and number == 0:
        return _at(reply, lambda step: isinstance(step, Data))
    enough = counted[-1:] if key == "block" else counted[int(number) - 1 : int(number)]
    index = enough[0] + 1 if enough else len(reply.steps)
    return list(reply.steps[:index]), list(reply.steps[index:])


def _split_bytes(reply: Reply, offset: int) -> Split:
    """Return the steps around a byte of the body; the data that holds it is cut."""
    for index, step in enumerate(reply.steps):
        if not isinstance(step, Data):
            continue
        if offset < len(step.bytes):
            cut = [Data(step.bytes[:offset]), Data(step.bytes[offset:])] if offset else [step]
            return [*reply.steps[:index], *cut[:-1]], [cut[-1], *reply.steps[index + 1 :]]
        offset -= len(step.bytes)
        if offset == 0:
            return list(reply.steps[: index + 1]), list(reply.steps[index + 1 :])
    return list(reply.steps), []


def _counts(step: Data, key: str, number: float) -> bool:
    event = step.event
    if event is None:
        return False
    if key == "block":
        return event.get("index") == number
    return key == "events" or event.get("type") == "content_block_delta"


def _deltas(reply: Reply) -> int:
    return sum(event.get("type") == "content_block_delta" for event in reply.events)


def _last_block(reply: Reply) -> int:
    return max((event["index"] for event in reply.events if isinstance(event.get("index"), int)), default=-1)


_COUNTED: Final[dict[str, tuple[Callable[[Reply], int], str]]] = {
    "events": (lambda reply: len(reply.events), "there are {}"),
    "deltas": (_deltas, "there are {}"),
    "bytes": (lambda reply: len(reply.body), "there are {}"),
    "block": (_last_block, "the last one is {}"),
}
"""Key of `after` -> how much of it there is, and how to say that; of every body there are a hundred percent."""
