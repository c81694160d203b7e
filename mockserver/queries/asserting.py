"""What is asserted of the requests of a session, and what is wrong at the end of a test. Not here: the queries."""

from collections.abc import Collection, Sequence
from typing import Any, Final, Protocol

from mockserver.queries.requests import Requests
from mockserver.queries.story import story
from mockserver.state.resilience import Verdict


class Named(Protocol):
    """A scenario."""

    @property
    def place(self) -> str:
        """Its name, and where it stands, or what it matches."""


MISSES: Final = "misses"
EXPECTATIONS: Final = "expectations"
UNUSED: Final = "unused"

STRICT: Final = (MISSES, EXPECTATIONS)
"""What fails a test unless it says otherwise, beside bugs of the server."""
STRICTEST: Final = (*STRICT, UNUSED)

_ADVICE: Final = "  script an answer for each, or let Faker answer what nobody scripted: on_unmatched='fallback'"
"""What to do about requests that no scenario matched."""

_VERDICTS: Final[dict[str, str]] = {"unmatched": MISSES, "unexpected": EXPECTATIONS}
"""Verdict -> what a test calls it."""


class StrictnessError(ValueError):
    """What is to fail a test is nothing that could."""


def strictness(strict: str | Collection[str]) -> tuple[str, ...]:
    """Return what fails a test beside bugs: one name or several. Raises `StrictnessError` for another."""
    names = (strict,) if isinstance(strict, str) else tuple(strict)
    for name in names:
        if name not in STRICTEST:
            raise StrictnessError(f"mockserver: strict={strict!r}: {name!r} is none of {', '.join(STRICTEST)}")
    return names


def assert_called(requests: Requests, times: int | None, tools: Sequence[str] | None, where: dict[str, Any]) -> None:
    """Assert that so many messages were asked for (None: at least one), and that just these tools were called.

    Raises `AssertionError` with the story of what came.
    """
    __tracebackhide__ = True  # pytest shows the line that asserts
    asked = requests.messages.where(**where)
    if (times is not None or tools is not None) and requests.forgotten:
        raise AssertionError(
            f"mockserver: the journal keeps no more than {len(requests)} exchanges, so more cannot be counted; "
            "a higher 'max_exchanges' keeps more"
        )
    if times is None and not asked:
        raise AssertionError(f"mockserver: no message was asked for{_wanted(where)}{_came(requests)}")
    if times is not None and len(asked) != times:
        words = f"{_times(times)} expected{_wanted(where)}, {len(asked)} came (a try again counts)"
        raise AssertionError(f"mockserver: {words}{_came(requests)}")
    called = _called(asked)
    if tools is not None and called != list(tools):
        words = f"tools {list(tools)} expected{_wanted(where)}, {called} were called"
        raise AssertionError(f"mockserver: {words}{_came(requests)}")


def assert_not_called(requests: Requests, tools: Sequence[str] | None, where: dict[str, Any]) -> None:
    """Assert that no message was asked for; with `tools`, that none of them was called. Raises `AssertionError`."""
    __tracebackhide__ = True
    if tools is None:
        assert_called(requests, 0, None, where)
        return
    called = _called(requests.messages.where(**where))
    if wrong := [name for name in tools if name in called]:
        raise AssertionError(f"mockserver: tools {wrong} were called{_wanted(where)}{_came(requests)}")


def _called(asked: Requests) -> list[str]:
    return [str(call.get("name")) for call in asked.tool_calls]


def _wanted(where: dict[str, Any]) -> str:
    return f" where {', '.join(f'{name}={value!r}' for name, value in where.items())}" if where else ""


def _times(times: int) -> str:
    return f"{times} request{'' if times == 1 else 's'} for a message"


def _came(requests: Requests) -> str:
    return f"\n{story(requests)}"


def check(requests: Requests, unused: Sequence[Named], strict: str | Collection[str]) -> None:
    """Raise the first bug of the server that a request met, or `AssertionError` with all else that went wrong.

    `strict` says what counts: `misses`, `expectations`, `unused`. Raises `StrictnessError` for another.
    """
    __tracebackhide__ = True
    strict = strictness(strict)
    bug = next((exchange.bug for exchange in requests if exchange.bug is not None), None)
    if bug is not None:
        raise bug
    told = []
    if wrong := requests.where(lambda exchange: _VERDICTS.get(exchange.verdict) in strict):
        told.append(f"{len(wrong)} request{'' if len(wrong) == 1 else 's'} went wrong\n{story(wrong)}")
        told += [_ADVICE] * any(exchange.nearest for exchange in wrong)
    counted = {"bug", *(verdict for verdict, name in _VERDICTS.items() if name in strict)}
    if gone := sum(number for verdict, number in requests.forgotten.items() if verdict in counted):
        told.append(f"{gone} more went wrong that the journal has forgotten; a higher 'max_exchanges' keeps more")
    if unused and UNUSED in strict:
        told.append(f"nothing asked for {', '.join(one.place for one in unused)}")
    if told:
        raise AssertionError("mockserver: " + "\n".join(told))


def assert_resilient(verdict: Verdict) -> None:
    """Assert that a client did right after each failure. Raises `AssertionError`, also where it met none."""
    __tracebackhide__ = True
    if not verdict.episodes:
        raise AssertionError(
            "mockserver: no request met a failure, so there is nothing to judge; script one with 'error', "
            "'attempts', 'fault', 'limits' or 'chaos'"
        )
    if verdict.broken:
        rules = ", ".join(dict.fromkeys(repr(rule) for _, rule, _ in verdict.broken))
        raise AssertionError(f"mockserver: the client breaks {rules}\n{verdict}")
