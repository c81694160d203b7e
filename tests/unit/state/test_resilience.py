"""What a client did after a failure: read off a journal that is written by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from mockserver.state.journal import Exchange, Failure, Trial
from mockserver.state.resilience import RULES, Policy, judge

START = datetime(2026, 11, 26, tzinfo=UTC)
BODY = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}]}
OVERLOADED = Failure("529 overloaded_error", retryable=True)
LIMITED = Failure("429 rate_limit_error", retryable=True, retry_after=2)
WRONG = Failure("400 invalid_request_error", retryable=False)
HANGS = Failure("silence without end", retryable=True, early=True)
BROKEN = Failure("a broken connection", retryable=True, early=True)
LIMIT = "rate_limit"


def told(*exchanges):
    """A journal: (begin, end, failure, what differs) in real seconds; the mock clock runs with them."""
    journal = []
    for number, (begin, end, failure, *more) in enumerate(exchanges):
        changes = dict(*more)
        arrived, ended = (START + timedelta(seconds=second or 0) for second in (begin, end))
        trial = Trial(
            arrived, begin, whose=changes.pop("whose", 1), declared=changes.pop("declared", None), failure=failure
        )
        trial.ended, trial.finished = (None, None) if end is None else (ended, end)
        sent = changes.pop("sent", "whole")
        body = {**BODY, **changes}
        journal.append(Exchange(number, "default", "POST", "/v1/messages", trial, body=body, sent=sent))
    return journal


def broken(*exchanges, **policy):
    return {rule for _, rule, _ in judge(told(*exchanges), Policy(**policy)).broken}


OK = None

CONDUCT = {
    "nothing failed": ([(0, 1, OK), (2, 3, OK)], set()),
    "retried twice as the SDK does": ([(0, 0, OVERLOADED), (0.45, 0.5, LIMITED), (2.5, 2.6, OK)], set()),
    "gave up at once": ([(0, 0, OVERLOADED)], {"gave-up"}),
    "gave up after one retry": ([(0, 0, OVERLOADED), (1, 1, OVERLOADED)], {"gave-up"}),
    "gave up after two": ([(0, 0, OVERLOADED), (1, 1, OVERLOADED), (3, 3, OVERLOADED)], set()),
    "gave up on a broken stream": ([(0, 0, BROKEN)], {"gave-up"}),
    "still waits for one that hangs": ([(0, None, HANGS)], set()),
    "left one that hangs for good": ([(0, 9, HANGS, {"sent": "client gone"})], {"gave-up"}),
    "left one that hangs and tried again": ([(0, 9, HANGS, {"sent": "client gone"}), (9.5, 10, OK)], set()),
    "too early for retry-after": ([(0, 0, LIMITED), (1.5, 2, OK)], {"retry-after"}),
    "just in time for retry-after": ([(0, 0, LIMITED), (1.99, 2, OK)], set()),
    "no back-off": ([(0, 0, OVERLOADED), (0.001, 0.1, OK)], {"back-off"}),
    "no back-off after a broken connection": ([(0, 0, BROKEN), (0.001, 0.1, OK)], {"back-off"}),
    "a final error again": ([(0, 0, WRONG), (5, 5, WRONG)], {"retried-final-error"}),
    "a final error once": ([(0, 0, WRONG)], set()),
    "a final error mended": ([(0, 0, WRONG), (5, 5, OK, {"max_tokens": 2})], set()),
    "another body": ([(0, 0, OVERLOADED), (1, 1, OK, {"max_tokens": 2})], {"same-body"}),
    "another prompt, and it says that it is a retry": (
        [(0, 0, OVERLOADED), (1, 1, OK, {"messages": [], "declared": 1})],
        {"same-body"},
    ),
    "parallel requests that differ, of a client that counts": (
        [(n / 100, n / 100, OVERLOADED if n < 2 else OK, {"temperature": n % 2, "declared": n // 2}) for n in range(2)]
        + [(0.5 + n / 100, 1, OK, {"temperature": n, "declared": 1}) for n in range(2)],
        set(),
    ),
    "equal parallel requests, of a client that counts": (
        [(0, 0.001, OVERLOADED, {"declared": 0}), (0.002, 0.1, OK, {"declared": 0}), (0.003, 0.1, OK, {"declared": 0}), (0.4, 0.5, OK, {"declared": 1})],
        set(),
    ),
    "another request after it gave up, of a client that counts": (
        [(0, 0, OVERLOADED, {"declared": 0}), (1, 1, OVERLOADED, {"declared": 1}), (3, 3, OVERLOADED, {"declared": 2}), (4, 4, OK, {"temperature": 1, "declared": 0})],
        set(),
    ),
    "its own loop around a client that counts": ([(0, 0, OVERLOADED, {"declared": 0}), (1, 1, OK, {"declared": 0})], set()),
    "a loop without back-off around a client that counts": (
        [(0, 0, OVERLOADED, {"declared": 0}), (0.06, 0.06, OVERLOADED, {"declared": 0}), (0.12, 0.2, OK, {"declared": 0})],
        {"back-off"},
    ),
    "another prompt": ([(0, 0, OVERLOADED), (1, 1, OK, {"messages": []})], {"gave-up"}),
    "another client with another prompt": ([(0, 0, OVERLOADED), (1, 1, OK, {"whose": 2, "messages": []})], {"gave-up"}),
    "stream and metadata": ([(0, 0, OVERLOADED), (1, 1, OK, {"stream": True, "metadata": {}})], set()),
    "another model with other limits": ([(0, 0, OVERLOADED), (0, 1, OK, {"model": "n", "max_tokens": 9})], set()),
    "another key": ([(0, 0, LIMITED), (0.5, 1, OK, {"whose": 2})], set()),
    "goes on with a moved cache breakpoint": (
        [
            (0, 0, BROKEN, {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}]}]}),
            (0, 1, OK, {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}, {"role": "assistant", "content": "H"}]}),
        ],
        set(),
    ),
    "tries again what breaks before its end, and leaves": ([(0, 5, BROKEN, {"sent": "client gone"}), (4, 6, OK)], set()),
    "each of two failures at its own time": (
        [(0, 0, LIMITED, {"declared": 0}), (0, 0, OVERLOADED, {"declared": 0}), (0.5, 0.6, OK, {"declared": 1}), (2, 2.1, OK, {"declared": 1})],
        set(),
    ),
    "the same anew beside a retry, of a client that counts": (
        [(0, 0, OVERLOADED, {"declared": 0}), (0.45, 0.9, OK, {"declared": 1}), (0.6, 0.9, OK, {"declared": 0})],
        set(),
    ),
    "a storm around a client that counts": (
        [(0, 0, OVERLOADED, {"declared": 0}), (1, 3, OK, {"declared": 0}), (1.1, 3, OK, {"declared": 0})],
        {"one-at-a-time"},
    ),
    "one model after the other, each tried to its end": (
        [(n, n, OVERLOADED, {"declared": n % 3, "model": str(n // 3)}) for n in range(12)],
        set(),
    ),
    "another model": ([(0, 0, OVERLOADED), (0, 1, OK, {"model": "n"})], set()),
    "goes on from what had come": (
        [(0, 0, BROKEN), (0, 1, OK, {"messages": [*BODY["messages"], {"role": "assistant", "content": "H"}]})],
        set(),
    ),
    "two retries at once": ([(0, 0, OVERLOADED), (1, 3, OK), (1.1, 3, OK)], {"one-at-a-time"}),
    "two requests that both failed, both retried": (
        [(0, 1, OVERLOADED), (0, 1, OVERLOADED), (2, 3, OK), (2, 3, OK)],
        set(),
    ),
    "the same again later": ([(0, 0, OVERLOADED), (1, 2, OK), (3, 4, OK)], set()),
    "at the same time from the start": ([(0, 2, OK), (0, 2, OK)], set()),
    "left a connection open": ([(0, None, HANGS), (5, 6, OK)], {"leaked-connection"}),
    "closed it too late": ([(0, 9, HANGS), (5, 6, OK)], {"leaked-connection"}),
    "lost patience with a slow answer": ([(0, 5, OK, {"sent": "client gone"}), (5.1, 6, OK)], set()),
    "lost patience and left": ([(0, 5, OK, {"sent": "client gone"})], set()),
    "tried without end": (
        [(n, n, OVERLOADED) for n in range(12)],
        {"too-often"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("exchanges", "rules"), CONDUCT.values(), ids=CONDUCT)
def test_conduct_breaks_these_rules_and_no_others(exchanges, rules):
    assert broken(*exchanges) == rules


def test_every_rule_is_broken_by_something():
    assert set().union(*(rules for _, rules in CONDUCT.values())) == set(RULES)


@pytest.mark.parametrize(("advanced", "waited"), [(0, 0.001), (1, 1.001), (2, 2.001)])
def test_what_the_clock_was_advanced_counts_as_waited(advanced, waited):
    """A client that lives by the mock clock waits in no real time."""
    failed, retry = told((0, 0, LIMITED), (0.001, 0.002, OK))
    failed.trial.advanced_by_end, retry.trial.advanced = 5.0, 5.0 + advanced
    verdict = judge([failed, retry])
    assert verdict.episodes[0].waited == pytest.approx(waited)
    assert bool(verdict.broken) == (waited < 2)


@pytest.mark.parametrize(
    "wrong", [{"retries": -1}, {"most": None}, {"back_off": "x"}, {"back_off": float("nan")}, {"retries": True}]
)
def test_a_policy_is_made_of_numbers(wrong):
    with pytest.raises(ValueError, match=f"^mockserver: {next(iter(wrong))} = .*a number from 0 is needed"):
        Policy(**wrong)


def test_the_policy_decides():
    gave_up = [(0, 0, OVERLOADED), (1, 1, OVERLOADED)]
    assert broken(*gave_up, retries=1) == set()
    assert broken(*gave_up, back_off=5) == {"back-off", "gave-up"}
    assert broken(*[(n, n, OVERLOADED) for n in range(5)], most=3) == {"too-often"}


def test_a_verdict_reads_like_a_story():
    verdict = judge(told((0, 0, OVERLOADED), (0.01, 0.02, LIMITED), (2.02, 3, OK)))
    assert str(verdict).splitlines() == [
        "#0 met 529 overloaded_error: sent again as #1 after 0.01 s",
        "  breaks 'back-off': waited 0.01 s; without retry-after it should be 0.1 s or more",
        "#1 met 429 rate_limit_error, retry-after 2 s: sent again as #2 after 2.00 s",
    ]
    assert str(judge([])) == "no request met a failure"
    told_of = judge(told((0, 0, OVERLOADED), (1, 1, OK, {"model": "n"}))).episodes[0]
    assert str(told_of).endswith("sent again as #1 after 1.00 s (with the model n)")
    assert str(judge(told((0, 5, OK, {"sent": "client gone"})))) == "#0 met impatience: not sent again"


def test_what_was_no_request_of_the_api_is_left_out():
    journal = told((0, 0, OVERLOADED), (1, 1, OVERLOADED))
    for exchange in journal:
        exchange.body = None
    assert judge(journal).episodes == ()
