"""An explanation as text for a terminal. Not here: what is explained (`explanation`)."""

import json
from collections.abc import Iterator
from typing import Any, Final

from mockserver.control.explaining.explanation import Compared, Explained, ExplainedRow, Explanation
from mockserver.wire.encoding import encode
from mockserver.wire.telling import printable

_COLUMN: Final = 12
"""Where the words of a stage begin."""
_LONGEST: Final = 300
"""Characters of a text in an answer that is shortened."""
_FIRST, _LAST = 8, 3
"""Events that are shown of a stream, and items of a list."""


def told(explanation: Explanation, *, every: bool = False, full: bool = False) -> str:
    """Return the explanation, a line a stage; `every`: with all that differs, `full`: with the whole answer."""
    lines = [*_of_one(explanation, every=every, full=full)]
    for row in explanation.rows:
        lines += ["", *_of_one(row, every=every, full=full)]
    return "\n".join(lines + ([f"… {explanation.more_rows:,} more rows"] if explanation.more_rows else []))


def _of_one(explanation: Explained, *, every: bool, full: bool) -> Iterator[str]:
    yield _line("request", _request(explanation))
    for name, words in explanation.stages.items():
        yield _line(name, words)
        if name == "matching":
            yield from _compared(explanation, every=every)
    yield from _answer(explanation, full=full)


def _line(name: str, words: str) -> str:
    return printable(f"{name:<{_COLUMN}}{words}")


def _request(explanation: Explained) -> str:
    asked = f"{explanation.method} {explanation.path}"
    if isinstance(explanation, ExplainedRow):
        asked = f"row {explanation.custom_id!r}"
    prompt = f"user {_cut(explanation.prompt)!r}" if explanation.prompt else ""
    return ", ".join(filter(None, [asked, explanation.model, prompt]))


def _compared(explanation: Explained, *, every: bool) -> Iterator[str]:
    if explanation.scenarios:
        yield _line("", "all scenarios, in the order in which they are asked:" if every else "the nearest:")
    for one in explanation.scenarios:
        yield _line("", f"  {one.place}{_state(one, explanation)}")
        for difference in one.differences if every else one.differences[:1]:
            yield _line("", f"    {difference}")


def _state(one: Compared, explanation: Explained) -> str:
    if one.differences:
        return ""
    return " answers" if one.name == explanation.scenario else " would match, too"


def _answer(explanation: Explained, *, full: bool) -> Iterator[str]:
    if explanation.events is not None:
        yield from map(printable, _events(explanation.events, full=full))
    elif isinstance(explanation.body, str):
        yield from explanation.body.splitlines() if full else [printable(_cut(explanation.body))]
    else:
        shown = explanation.body if full else _short(explanation.body)
        yield json.dumps(shown, indent=2, ensure_ascii=False)


def _events(events: list[dict[str, Any]], *, full: bool) -> Iterator[str]:
    """Yield a line an event: its data."""
    left_out = 0 if full else max(0, len(events) - _FIRST - _LAST)
    for number, event in enumerate(events):
        if left_out and number == _FIRST:
            yield f"… {left_out} more"
        if not left_out or not _FIRST <= number < _FIRST + left_out:
            yield encode(event if full else _short(event)).decode()


def _short(value: Any) -> Any:
    """Return a value with its long texts and lists cut."""
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list):
        more = [f"… {len(value) - _FIRST} more"] if len(value) > _FIRST else []
        return [*map(_short, value[:_FIRST]), *more]
    return value


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"
