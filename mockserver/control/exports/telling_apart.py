"""The `match` of each exported scenario: the prompt, and what tells it from others with the same prompt.

Not here: which requests belong together (`grouping`).
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from pydantic import ValidationError

from mockserver.control.exports.grouping import Group
from mockserver.control.exports.questions import Question
from mockserver.scenario.match import Match
from mockserver.scenario.matching import compile_match
from mockserver.wire.encoding import JsonObject, encode

_NOT_WHOLE: Final = {"messages", "stream", "metadata", "thread", "model", "system"}
"""Fields of a body that have keys of their own in a `match`, or that do not make a request another one."""


def told_apart(groups: Sequence[Group]) -> Iterator[tuple[Group, JsonObject]]:
    """Yield the groups of one prompt, each with a match that no request of another one satisfies.

    Those for which there is none are taken apart.
    """
    asked = [question for group in groups for question in group.questions]
    fields = sorted({key for question in asked for key in question.body} - _NOT_WHOLE)
    waiting = list(reversed(groups))
    while waiting:
        group = waiting.pop()
        own = set(map(id, group.questions))
        match = _match(group, [question for question in asked if id(question) not in own], fields)
        if match is None and len(group.questions) > 1:
            waiting += reversed(list(group.parts()))
        else:
            yield group, _base(group) if match is None else match


def _base(group: Group) -> JsonObject:
    endpoint, prompt = group.questions[0].place
    match: JsonObject = {} if endpoint == "messages" else {"endpoint": endpoint}
    match["user"] = _whole_text(prompt)
    first = group.turns[0][0]
    return match | {"turn": first} if first else match


def _match(group: Group, others: list[Question], fields: list[str]) -> JsonObject | None:
    """Return the match; None where nothing that the group's requests share tells them from the others."""
    match = _base(group)
    left = [question for question in others if match.get("turn") in (None, question.turn)]
    for condition, holds in _signs(group.questions[0], fields) if left else ():
        if all(map(holds, group.questions)):
            kept = list(filter(holds, left))
            if len(kept) < len(left) and _means_itself(condition, group):
                match, left = _joined(match, condition), kept
        if not left:
            break
    return None if left else match


_Path = tuple[str | int, ...]
_Sign = tuple[JsonObject, Callable[[Question], bool]]
"""What a request may be told by: a condition of a match, and whether another request satisfies it."""


def _signs(question: Question, fields: list[str]) -> Iterator[_Sign]:
    """Yield what a request may be told by; what an author would name comes first."""
    body, system = question.body, question.system
    yield {"turn": question.turn}, lambda other: other.turn == question.turn
    yield {"system": _whole_text(system)}, lambda other: other.system == system
    yield {"model": str(body.get("model"))}, lambda other: other.body.get("model") == body.get("model")
    yield {"tools": question.tools}, lambda other: other.has_tools(question.tools)
    yield {"thinking": question.thinking}, lambda other: other.thinking == question.thinking
    yield from (({"tool_result": _whole_text(text)}, _brings(text)) for text in question.results if text)
    for key in fields:
        yield from _in_body((key,), body.get(key))
    messages = question.messages
    yield {"body": {"length(messages)": len(messages)}}, lambda other: len(other.messages) == len(messages)
    for number in reversed(range(len(messages))):
        yield from _in_body(("messages", number), messages[number])
    yield from _in_body(("system",), body.get("system"))


def _brings(text: str) -> Callable[[Question], bool]:
    return lambda other: text in other.results


_HIDDEN: Final = "***"
"""What stands where a key was taken out of a text."""


def _in_body(path: _Path, value: Any) -> Iterator[_Sign]:
    """Yield a value of the body as a whole; where a key was taken out of it, the parts that are whole."""
    if _HIDDEN.encode() not in encode(value):
        yield {"body": {_expression(path): value}}, lambda other: bool(_at(other.body, path) == value)
        return
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from _in_body((*path, key), part)


def _at(value: Any, path: _Path) -> Any:
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _expression(path: _Path) -> str:
    """Return a path in JMESPath."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{_named(key)}" for key in path).removeprefix(".")


def _named(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z_]\w*", key, re.ASCII) else json.dumps(key)


def _joined(match: JsonObject, more: JsonObject) -> JsonObject:
    body = {**match.get("body", {}), **more.get("body", {})}
    return match | more | ({"body": body} if body else {})


def _means_itself(condition: JsonObject, group: Group) -> bool:
    """Whether the group's requests satisfy a condition: a value may look like something else to a match."""
    try:
        matcher = compile_match(Match.model_validate({"endpoint": group.questions[0].endpoint, **condition}))
    except ValidationError:
        return False
    return all(matcher.holds(question.subject) is not None for question in group.questions)


def _whole_text(text: str) -> JsonObject:
    """Return what matches this text; where a key was taken out of it, whatever stood there."""
    if _HIDDEN not in text:
        return {"equals": text}
    return {"glob": "*".join(re.sub(r"[*?[]", r"[\g<0>]", part) for part in text.split(_HIDDEN))}
