"""Text operators: `contains`, `regex` and the others. Not here: which text they are asked of."""

import fnmatch
import re
from collections.abc import Callable, Iterator
from typing import Final

from mockserver.scenario.match import Match, TextConditions, is_text_operator

Groups = dict[str, str]
"""Named groups of regular expressions: `match.NAME` in templates."""


TextTest = Callable[[str, Groups], bool]
"""Whether a text has what is wanted; a regular expression leaves its named groups behind."""


def _regex(pattern: str) -> TextTest:
    search = re.compile(pattern).search

    def test(text: str, groups: Groups) -> bool:
        if found := search(text):
            groups.update({k: v or "" for k, v in found.groupdict().items()})
        return found is not None

    return test


def _contains_in_any_case(part: str) -> TextTest:
    folded = part.casefold()
    return lambda text, _: folded in text.casefold()


_OPERATORS: Final[dict[str, Callable[[str], TextTest]]] = {
    "equals": lambda want: lambda text, _: text == want,
    "contains": lambda want: lambda text, _: want in text,
    "starts_with": lambda want: lambda text, _: text.startswith(want),
    "ends_with": lambda want: lambda text, _: text.endswith(want),
    "regex": _regex,
    "glob": lambda want: lambda text, _: fnmatch.fnmatchcase(text, want),
}


def text_tests(value: str | TextConditions) -> list[tuple[str, TextTest]]:
    """Return (how to say it, test) of each operator."""
    if isinstance(value, str):
        return [(f"contains {value!r} (any case)", _contains_in_any_case(value))]
    return [(f"{name} '{want}'", _OPERATORS[name](want)) for name, want in value.operators().items()]


def shorten(text: str, limit: int = 120) -> str:
    """Return a text as it is quoted in an explanation."""
    return repr(text if len(text) <= limit else f"{text[:limit]}…")


def named_groups(match: Match) -> set[str]:
    """Return the names that `match.NAME` may have in a template."""
    return {name for pattern in patterns(match) for name in re.compile(pattern).groupindex}


def patterns(match: Match, *, negated: bool = False) -> Iterator[str]:
    """Yield every regular expression of a match; those below `not`, which give no names, only where `negated`."""
    single = [match.user, match.last, match.system, match.tool_result, *(match.headers or {}).values()]
    yield from (value.regex for value in single if isinstance(value, TextConditions) and value.regex is not None)
    body = (match.body or {}).values()
    yield from (want["regex"] for want in body if is_text_operator(want) and "regex" in want)
    nested = [*(match.any_of or []), *([match.not_] if negated and match.not_ is not None else [])]
    for option in nested:
        yield from patterns(option, negated=negated)
