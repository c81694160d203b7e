"""What is asserted of the requests of a session, and what is wrong at the end of a test. Not here: the queries."""

from collections.abc import Collection, Sequence
from typing import Any, Final, Protocol

from mockserver.queries.requests import Requests
from mockserver.queries.story import story
from mockserver.state.resilience import Verdict


class Named(Protocol):
    """A scenario, and where it stands; "" where it was written in code."""

    name: str
    source: str


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


def assert_called(requests: Requests, times: int | None, tools: Sequence[str] | None, where: dict[str, Any]) -> None:
    """Assert that so many messages were asked for (None: at least one), and that just these tools were called.

    Raises `AssertionError` with the story of what came.
    """
    __tracebackhide__ = True  # pytest shows the line that asserts
    asked = requests.messages.where(**where)
    wanted = f" where {', '.join(f'{name}={value!r}' for name, value in where.items())}" if where else ""
    if times is None and not asked:
        raise AssertionError(f"mockserver: no message was asked for{wanted}{_came(requests)}")
    if times is not None and requests.forgotten:
        raise AssertionError(
            f"mockserver: the journal keeps no more than {len(requests)} exchanges, so more cannot be counted; "
            "a higher 'max_exchanges' keeps more"
        )
    if times is not None and len(asked) != times:
        raise AssertionError(
            f"mockserver: {_times(times)} expected{wanted}, {len(asked)} came (a try again counts){_came(requests)}"
        )
    called = [str(call.get("name")) for call in asked.tool_calls]
    if tools is not None and called != list(tools):
        raise AssertionError(f"mockserver: tools {list(tools)} expected{wanted}, {called} were called{_came(requests)}")


def _times(times: int) -> str:
    return f"{times} request{'' if times == 1 else 's'} for a message"


def _came(requests: Requests) -> str:
    return f"\n{story(requests)}"


def check(requests: Requests, unused: Sequence[Named], strict: Collection[str]) -> None:
    """Raise the first bug of the server that a request met, or `AssertionError` with all else that went wrong.

    `strict` says what counts: `misses`, `expectations`, `unused`.
    """
    __tracebackhide__ = True
    bug = next((exchange.bug for exchange in requests if exchange.bug is not None), None)
    if bug is not None:
        raise bug
    told = []
    if wrong := requests.where(lambda exchange: _VERDICTS.get(exchange.verdict) in strict):
        told.append(f"{len(wrong)} request{'' if len(wrong) == 1 else 's'} went wrong\n{story(wrong)}")
        told += [_ADVICE] * any(exchange.nearest for exchange in wrong)
    if unused and UNUSED in strict:
        names = ", ".join(repr(one.name) + (f" ({one.source})" if one.source else "") for one in unused)
        told.append(f"nothing asked for {names}")
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
