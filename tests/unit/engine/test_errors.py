"""Errors of scenarios: by type, by the name of one of the API's errors, and with what the author changed."""

import json
import re

import pytest
from helpers import engine, post, request

from mockserver.scenario.problems import ScenarioError
from mockserver.serving.lines import LONGEST, line
from mockserver.wire.catalogue import CATALOGUE
from mockserver.wire.errors import ERRORS

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def refused(error):
    """(status, body, headers) of a scenario's error."""
    reply = post(engine({"error": error}), request()).reply
    return reply.head.status, json.loads(reply.body), reply.head.headers


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_named_error_is_what_it_says(name):
    error = CATALOGUE[name]
    status, body, headers = refused(name)
    assert status == (error.status or ERRORS[error.type].status)
    assert body["error"]["type"] == error.type
    assert not re.search(r"\{(org|model|date)\}", body["error"]["message"])
    assert body["error"].get("details") == error.all_details
    assert headers.get("retry-after") == (str(error.retry_after) if error.retry_after else None)
    assert list(body) == (["error"] if error.bare else ["type", "error", "request_id"])
    assert ("x-should-retry" in headers) == (status < 500 or status == 529) or error.bare


def test_names_are_no_types():
    assert not set(CATALOGUE) & {*ERRORS, *(name.removesuffix("_error") for name in ERRORS)}


def test_every_rate_limit_says_what_is_left():
    for spec in ("rate_limit", {"type": "rate_limit_error", "retry_after": 2}):
        status, _, headers = refused(spec)
        assert (status, headers["x-should-retry"]) == (429, "true")
        assert headers["anthropic-ratelimit-requests-remaining"] == "0"
        assert len([name for name in headers if name.startswith("anthropic-ratelimit-")]) == 12
    assert headers["anthropic-ratelimit-requests-reset"] == "2026-01-01T00:00:02Z"
    assert "anthropic-ratelimit-requests-limit" not in refused("overloaded")[2]


def test_a_rate_limit_says_which_limit_is_spent_and_when_it_is_full_again():
    status, body, headers = refused("rate_limit_input_tokens")
    assert status == 429
    assert re.search(
        rf"2,000,000 input tokens per minute \(org: {UUID}, model: claude-sonnet-5\)", body["error"]["message"]
    )
    limits = {k: v for k, v in headers.items() if k.startswith("anthropic-ratelimit-")}
    assert len(limits) == 12
    assert limits["anthropic-ratelimit-input-tokens-remaining"] == "0"
    assert limits["anthropic-ratelimit-requests-remaining"] == "1000"
    assert limits["anthropic-ratelimit-input-tokens-reset"] > limits["anthropic-ratelimit-requests-reset"]
    assert headers["retry-after"] == "30"
    assert headers["x-should-retry"] == "true"


def test_a_spend_limit_names_the_first_of_next_month():
    _, body, headers = refused("spend_limit_reached")
    assert re.search(r"regain access on \d{4}-\d\d-01 at", body["error"]["message"])
    assert "retry-after" not in headers


CHANGED = [
    ({"type": "overloaded"}, 529, "Overloaded", {}),
    ({"type": "credit_balance_too_low", "status": 402}, 402, "Your credit balance is too low", {}),
    ({"type": "rate_limit_requests", "message": "Slow down."}, 429, "Slow down.", {"retry-after": "30"}),
    (
        {"type": "rate_limit_requests", "retry_after": 2},
        429,
        "This request would exceed",
        {"retry-after": "2", "anthropic-ratelimit-requests-reset": "2026-01-01T00:00:02Z"},
    ),
    ({"type": "rate_limit_requests", "headers": {"retry-after": None}}, 429, "This request", {"retry-after": None}),
    ({"type": "thread_not_found", "details": None}, 404, "No usable Thread state", {}),
    ({"type": "made_up_error", "status": 418, "message": "m"}, 418, "m", {}),
]


@pytest.mark.parametrize(("error", "status", "message", "headers"), CHANGED)
def test_what_the_author_gives_wins(error, status, message, headers):
    got, body, all_headers = refused(error)
    assert got == status
    assert body["error"]["message"].startswith(message)
    assert {name: all_headers.get(name) for name in headers} == headers


def test_details_can_be_changed_and_taken_away():
    assert refused({"type": "thread_not_found", "details": {"a": 1}})[1]["error"]["details"] == {"a": 1}
    assert "details" not in refused({"type": "thread_not_found", "details": None})[1]["error"]


def test_a_name_that_is_nearly_right():
    with pytest.raises(ScenarioError, match="did you mean 'credit_balance_too_low'"):
        engine({"error": "credit_balance_to_low"})


def test_counting_tokens_can_fail_and_be_scripted():
    server = engine(
        {"name": "broke", "match": {"endpoint": "count_tokens", "user": "fail"}, "error": "overloaded"},
        {
            "name": "fixed",
            "match": {"endpoint": "count_tokens", "user": "seven"},
            "usage": {"input_tokens": 7},
            "reply": "",
        },
        {
            "name": "whole",
            "match": {"endpoint": "count_tokens", "user": "whole"},
            "message": {"content": [], "usage": {"input_tokens": 8}},
        },
    )

    def count(text):
        asked = {k: v for k, v in request(text).items() if k != "max_tokens"}
        return json.loads(post(server, asked, path="/v1/messages/count_tokens").reply.body)

    assert count("please fail")["error"]["type"] == "overloaded_error"
    assert count("seven") == {"input_tokens": 7}
    assert count("whole") == {"input_tokens": 8}
    assert count("hello")["input_tokens"] > 0, "no scenario is needed"
    assert line(next(iter(server.sessions)).journal.exchanges[-1], 0).endswith(" <- the token estimate")
    assert count("hello " * 50)["input_tokens"] > count("hello")["input_tokens"]


RESOURCES = [
    ("GET", "/v1/messages/batches/msgbatch_x", 404, "Message Batch msgbatch_x not found."),
    ("POST", "/v1/messages/batches/msgbatch_x/cancel", 404, "Message Batch msgbatch_x not found."),
    ("GET", "/v1/files/file_x/content", 404, "File `file_x` not found."),
    ("GET", "/v1/models/claude-9", 404, "model: claude-9"),
]


@pytest.mark.parametrize(("method", "path", "status", "message"), RESOURCES)
def test_things_that_live_elsewhere(method, path, status, message):
    reply = post(engine(), b"", path=path, method=method).reply
    body = json.loads(reply.body)
    assert (reply.head.status, body["error"]["message"][: len(message)]) == (status, message)
    assert reply.head.headers["x-should-retry"] == "false"


def test_retired_models_are_answered_with_a_warning_or_refused():
    asked = request(model="claude-2.1")
    server = engine(on_unmatched="fallback")
    handled = post(server, asked)
    warning = "model claude-2.1 was retired on 2025-07-21; the real API answers 404"
    assert handled.reply.head.headers["x-mock-warning"] == f"mockserver: {warning}"
    assert line(handled.exchange, 0).endswith(f" [{warning}]")
    assert "x-mock-warning" not in post(server, request()).reply.head.headers

    strict = post(engine(on_unmatched="fallback", retired_models="reject"), asked)
    assert json.loads(strict.reply.body)["error"]["message"] == "model: claude-2.1"


def test_a_model_of_one_s_own_is_judged_like_another():
    server = engine(on_unmatched="fallback", model=["mine=claude-haiku-4-5", "other"])
    assert json.loads(post(server, request(model="mine")).reply.body)["model"] == "mine"
    assert post(server, request(model="mine", output_config={"effort": "low"})).reply.head.status == 400
    assert post(server, request(model="other", output_config={"effort": "low"})).reply.head.status == 200
    assert post(engine(on_unmatched="fallback"), request(model="mine")).reply.head.status == 404


def test_each_session_is_judged_at_its_own_level():
    server = engine(on_unmatched="fallback", session_validation={"old": "lenient", "wild": "off"})
    odd = request(zzz=1)
    wrong = request(max_tokens="x")
    statuses = {
        session: [post(server, body, path=f"{session}/v1/messages").reply.head.status for body in (odd, wrong)]
        for session in ("", "/_s/old", "/_s/wild")
    }
    assert statuses == {"": [400, 400], "/_s/old": [200, 400], "/_s/wild": [200, 200]}


OBJECTS = [
    ({"container": "container_x", "tools": [{"type": "code_execution_20260120", "name": "code_execution"}]}, {}),
    ({"messages": [{"role": "user", "content": [{"type": "container_upload", "file_id": "file_x"}]}]}, {}),
    (
        {"thread": {"type": "continue", "previous_message_id": "msg_x"}},
        {"anthropic-beta": "message-threads-2026-08-12"},
    ),
]


@pytest.mark.parametrize(("more", "headers"), OBJECTS)
def test_ids_of_other_things_are_taken_unless_objects_are_strict(more, headers):
    assert post(engine(on_unmatched="fallback"), request() | more, headers).reply.head.status == 200
    assert post(engine(on_unmatched="fallback", objects="strict"), request() | more, headers).reply.head.status == 404


REASONS = [
    (
        {"model": "claude-sonet-5"},
        {},
        "model: claude-sonet-5 (did you mean claude-sonnet-5? --model claude-sonet-5 adds it) [models.known]",
    ),
    ({"model": "xyz"}, {}, "model: xyz (--model xyz adds it) [models.known]"),
    (
        {"model": "claude-2.1"},
        {"retired_models": "reject"},
        "model: claude-2.1 (retired on 2025-07-21; without --retired-models reject it answers) [models.known]",
    ),
    ({"temperature": 0}, {}, "`temperature` is deprecated for this model. [models.sampling]"),
    ({"zzz": 1}, {}, "zzz: Extra inputs are not permitted"),
]


@pytest.mark.parametrize(("more", "settings", "reason"), REASONS)
def test_the_journal_names_the_rule_and_what_to_do(more, settings, reason):
    handled = post(engine(**settings), request() | more)
    assert handled.exchange.reason == reason
    assert handled.exchange.body == request() | more
    assert "[" not in json.loads(handled.reply.body)["error"]["message"]


def test_a_line_of_the_log_is_no_longer_than_anybody_reads():
    exchange = post(engine({"reply": "a"}), request(model="m" * 1_000_000)).exchange
    told = line(exchange, 0.1)
    assert len(told) < LONGEST + 100
    assert told.endswith("m… (1,000,098 characters)")
