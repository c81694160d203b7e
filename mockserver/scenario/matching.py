"""Does a request match? The differences say: where there are none, it does. Not here: which scenario is chosen.

`differences` is the only comparison there is, so matching and explaining cannot disagree.
"""

import fnmatch
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from mockserver.scenario.match import Match, TextConditions, ToolResultMatch, is_text_operator
from mockserver.scenario.texts import Groups, shorten, text_tests
from mockserver.wire.conversation import Anchor, Conversation, ToolResult
from mockserver.wire.encoding import JsonObject, decode, encode
from mockserver.wire.frozen import frozen
from mockserver.wire.headers import CREDENTIALS, betas


class Subject:
    """What is compared: a request's body and headers, read where asked.

    `endpoint` is `messages`, `count_tokens` or `batches`.
    """

    def __init__(self, conversation: Conversation, headers: Mapping[str, str], endpoint: str = "messages") -> None:
        self.conversation = conversation
        self.headers = headers
        self.endpoint = endpoint

    @cached_property
    def betas(self) -> list[str]:
        """The values of `anthropic-beta`."""
        return betas(self.headers)

    @cached_property
    def plain_body(self) -> JsonObject:
        """The body of plain objects: JMESPath's functions know a type by its very name."""
        plain: JsonObject = decode(encode(self.conversation.body))
        return plain


@frozen
class Difference:
    """One key that does not hold: what was wanted and what came."""

    key: str
    want: str
    got: str

    def __str__(self) -> str:
        return f"{self.key}: want {self.want}, got {self.got}"


Check = Callable[[Subject, Anchor, Groups], Iterator[Difference]]
"""Yields what differs, and puts the named groups of its regular expressions into the dict."""


@frozen
class Matcher:
    """A compiled `match`. `keys` are the keys that the author gave."""

    keys: tuple[str, ...]
    checks: tuple[Check, ...]

    def differences(self, subject: Subject, anchor: Anchor = "prompt") -> tuple[list[Difference], Groups]:
        """Return every key that does not hold, and the named groups of those that do."""
        groups: Groups = {}
        return [d for check in self.checks for d in check(subject, anchor, groups)], groups

    def holds(self, subject: Subject, anchor: Anchor = "prompt") -> Groups | None:
        """Return the named groups where every key holds, else None; stops at the first that does not."""
        groups: Groups = {}
        if any(True for check in self.checks for _ in check(subject, anchor, groups)):
            return None
        return groups


def compile_match(match: Match) -> Matcher:
    """Compile once what every request is compared with."""
    conditions = match.conditions()
    checks = [_CHECKS[key](key, value) for key, value in conditions.items() if key in _CHECKS]
    checks.insert(0, _endpoint(conditions.get("endpoint")))
    return Matcher(tuple(conditions), tuple(checks))


def _endpoint(named: str | None) -> Check:
    """Return the check of the endpoint: one that is not named is `messages`, also as a row of `batches`."""
    wanted = ("messages", "batches") if named is None else (named,)

    def check(subject: Subject, _anchor: Anchor, _groups: Groups) -> Iterator[Difference]:
        if subject.endpoint not in wanted:
            yield Difference("endpoint", repr(wanted[0]), repr(subject.endpoint))

    return check


def _text(read: Callable[[Subject], str]) -> Callable[[str, Any], Check]:
    def make(key: str, value: Any) -> Check:
        tests = text_tests(value)

        def check(subject: Subject, _anchor: Anchor, groups: Groups) -> Iterator[Difference]:
            text = read(subject)
            return (Difference(key, want, shorten(text)) for want, test in tests if not test(text, groups))

        return check

    return make


def _equal(read: Callable[[Subject, Anchor], Any]) -> Callable[[str, Any], Check]:
    def make(key: str, want: Any) -> Check:
        def check(subject: Subject, anchor: Anchor, _groups: Groups) -> Iterator[Difference]:
            got = read(subject, anchor)
            if got != want or isinstance(got, bool) != isinstance(want, bool):
                yield Difference(key, repr(want), "none" if got is None else repr(got))

        return check

    return make


def _model(key: str, globs: list[str]) -> Check:
    def check(subject: Subject, _anchor: Anchor, _groups: Groups) -> Iterator[Difference]:
        got = str(subject.conversation.body.get("model", ""))
        if not any(fnmatch.fnmatchcase(got, glob) for glob in globs):
            yield Difference(key, " or ".join(map(repr, globs)), repr(got))

    return check


def _all_of(read: Callable[[Subject], list[str]]) -> Callable[[str, Any], Check]:
    def make(key: str, wanted: list[str]) -> Check:
        def check(subject: Subject, _anchor: Anchor, _groups: Groups) -> Iterator[Difference]:
            got = read(subject)
            if (missing := [w for w in wanted if w not in got]) or (not wanted and got):
                want = f"{', '.join(map(repr, missing))} among them" if wanted else "none at all"
                yield Difference(key, want, f"[{', '.join(got)}]")

        return check

    return make


def _tool_choice(key: str, want: str | dict[str, Any]) -> Check:
    def read(subject: Subject, _anchor: Anchor) -> Any:
        choice = subject.conversation.tool_choice
        return choice.get("type") if choice and isinstance(want, str) else choice

    return _equal(read)(key, want)


def _tool_result(key: str, value: str | ToolResultMatch) -> Check:
    tests = text_tests(value)
    full = value if isinstance(value, ToolResultMatch) else ToolResultMatch()

    def wrong(result: ToolResult, groups: Groups) -> Iterator[Difference]:
        if full.tool is not None and result.tool != full.tool:
            yield Difference(f"{key}.tool", repr(full.tool), repr(result.tool))
        if full.is_error is not None and result.is_error != full.is_error:
            yield Difference(f"{key}.is_error", repr(full.is_error), repr(result.is_error))
        yield from (Difference(key, want, shorten(result.text)) for want, t in tests if not t(result.text, groups))

    def check(subject: Subject, _anchor: Anchor, groups: Groups) -> Iterator[Difference]:
        results = subject.conversation.tool_results
        if not results:
            yield Difference(key, "a tool_result in the last message", "none")
            return
        attempts: list[tuple[list[Difference], Groups]] = []
        for result in results:
            found: Groups = {}
            attempts.append((list(wrong(result, found)), found))
        differences, best = min(attempts, key=lambda attempt: len(attempt[0]))
        groups.update(best)
        yield from differences

    return check


def _headers(key: str, wanted: dict[str, Any]) -> Check:
    tests = [(name.lower(), f"{key}.{name}", text_tests(value)) for name, value in wanted.items()]

    def check(subject: Subject, _anchor: Anchor, groups: Groups) -> Iterator[Difference]:
        for name, where, conditions in tests:
            text = subject.headers.get(name)
            for want, test in conditions:
                if text is None or not test(text, groups):
                    shown = "***" if name in CREDENTIALS else shorten(text or "")
                    yield Difference(where, want, "no such header" if text is None else shown)

    return check


def _body(key: str, wanted: dict[str, Any]) -> Check:
    checks = [_body_value(f"{key}: {expression}", expression, want) for expression, want in wanted.items()]
    return lambda subject, anchor, groups: (d for check in checks for d in check(subject, anchor, groups))


def _body_value(where: str, expression: str, want: Any) -> Check:
    import jmespath  # noqa: PLC0415 - few scenarios look into a body

    expression_of, calls = jmespath.compile(expression), "(" in expression
    tests = text_tests(TextConditions.model_validate(want)) if is_text_operator(want) else None

    def check(subject: Subject, anchor: Anchor, groups: Groups) -> Iterator[Difference]:
        try:
            got = expression_of.search(subject.plain_body if calls else subject.conversation.body)
        except jmespath.exceptions.JMESPathError as error:  # a function met a value of another type than it takes
            yield Difference(where, repr(want), str(error))
            return
        if tests is None:
            yield from _equal(lambda *_: got)(where, want)(subject, anchor, groups)
        else:
            yield from (
                Difference(where, words, shorten(got) if isinstance(got, str) else repr(got))
                for words, test in tests
                if not isinstance(got, str) or not test(got, groups)
            )

    return check


def _not(key: str, match: Match) -> Check:
    inner = compile_match(match)

    def check(subject: Subject, anchor: Anchor, _groups: Groups) -> Iterator[Difference]:
        if inner.holds(subject, anchor) is not None:
            yield Difference(key, f"no match of {' and '.join(inner.keys)}", "one")

    return check


def _any_of(key: str, matches: list[Match]) -> Check:
    options = [compile_match(match) for match in matches]

    def check(subject: Subject, anchor: Anchor, groups: Groups) -> Iterator[Difference]:
        for option in options:
            if (found := option.holds(subject, anchor)) is not None:
                groups.update(found)
                return
        reasons = "; ".join(str(o.differences(subject, anchor)[0][0]) for o in options)
        yield Difference(key, f"one of {len(options)} to hold", reasons)

    return check


_CHECKS: Final[dict[str, Callable[[str, Any], Check]]] = {
    "user": _text(lambda s: s.conversation.prompt),
    "last": _text(lambda s: s.conversation.last),
    "system": _text(lambda s: s.conversation.system),
    "model": _model,
    "tools": _all_of(lambda s: s.conversation.tool_names),
    "tool_choice": _tool_choice,
    "thinking": _equal(lambda s, _: s.conversation.thinking),
    "stream": _equal(lambda s, _: s.conversation.streams),
    "max_tokens": _equal(lambda s, _: s.conversation.body.get("max_tokens")),
    "betas": _all_of(lambda s: s.betas),
    "tool_result": _tool_result,
    "headers": _headers,
    "body": _body,
    "turn": _equal(lambda s, anchor: s.conversation.turn(anchor)),
    "not": _not,
    "any_of": _any_of,
}
"""Key of `match` -> maker of its check. `endpoint`, which has a default, is added to each matcher."""
