"""Rate limits: token buckets on the mock clock, their 429, and what the headers tell."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from helpers import engine, post, request

from mockserver import MockServer, SettingsError
from mockserver.state.limits import Limits
from mockserver.wire.headers import ORGANIZATION_ID
from mockserver.wire.rates import RateLimits, model_class
from mockserver.wire.registry import STANDARD


def ask(server, body=None, **how):
    return post(server, body or request(), **how).reply


def left(reply, kind="requests", part="remaining"):
    return reply.head.headers[f"anthropic-ratelimit-{kind}-{part}"]


def seconds(reply):
    return float(reply.head.headers["retry-after"])


def test_without_limits_nobody_counts():
    server = engine({"reply": "a"})
    replies = [ask(server) for _ in range(1200)]
    assert {r.head.status for r in replies} == {200}
    assert {left(r) for r in replies} == {"999"}


def test_requests_run_out_and_flow_back():
    server = engine({"reply": "a"}, limits={"requests": 3})
    assert [left(ask(server)) for _ in range(3)] == ["2", "1", "0"]
    refused = ask(server)
    assert refused.head.status == 429
    assert seconds(refused) == 20
    server.clock.advance(19.5)
    assert ask(server).head.status == 429
    server.clock.advance(0.5)
    assert ask(server).head.status == 200
    server.clock.advance(3600)
    assert left(ask(server)) == "2", "a bucket holds no more than a minute's"


def test_the_refusal_has_the_real_words_and_headers():
    server = engine({"reply": "a"}, limits={"requests": 1, "input_tokens": 30_000})
    ask(server)
    handled = post(server, request())
    body, headers = json.loads(handled.reply.body), handled.reply.head.headers
    assert body["error"]["type"] == "rate_limit_error"
    assert body["error"]["message"].startswith(
        "This request would exceed your organization's rate limit of 1 requests per minute "
        f"(org: {ORGANIZATION_ID}, model: claude-sonnet-5). For details, refer to: "
    )
    assert headers["x-should-retry"] == "true"
    assert headers["retry-after"] == "60"
    assert [left(handled.reply, kind) for kind in ("requests", "input-tokens", "output-tokens", "tokens")] == [
        "0",
        "30000",
        "400000",
        "430000",
    ]
    assert left(handled.reply, "requests", "reset") == "2026-01-01T00:01:00Z"
    assert left(handled.reply, "input-tokens", "limit") == "30000"
    assert (handled.exchange.verdict, handled.exchange.status) == ("limited", 429)
    assert handled.exchange.trial.failure.retry_after == 60


LONG = {"system": "word " * 4000}


def test_input_tokens_count_and_what_is_read_from_the_cache_does_not():
    marked = request(system=[{"type": "text", "text": "word " * 4000, "cache_control": {"type": "ephemeral"}}])
    server = engine({"reply": "a"}, limits={"input_tokens": 7000})
    first = json.loads(ask(server, marked).body)["usage"]
    assert 3900 < first["cache_creation_input_tokens"] < 7000
    again = [ask(server, marked) for _ in range(5)]
    assert {r.head.status for r in again} == {200}
    other = ask(server, request("Another", **LONG))
    assert other.head.status == 429
    assert "7,000 input tokens per minute" in json.loads(other.body)["error"]["message"]
    missing = 4000 + first["cache_creation_input_tokens"] - 7000
    assert seconds(other) == pytest.approx(missing * 60 / 7000, rel=0.2)


def test_a_request_that_alone_exceeds_the_limit_need_not_come_again():
    reply = ask(engine({"reply": "a"}, limits={"input_tokens": 1000}), request(**LONG))
    assert reply.head.status == 429
    assert reply.head.headers["x-should-retry"] == "false"
    assert "retry-after" not in reply.head.headers


def test_output_tokens_may_be_overspent_once():
    server = engine({"reply": "word " * 300}, limits={"output_tokens": 100})
    used = json.loads(ask(server).body)["usage"]["output_tokens"]
    refused = ask(server)
    assert refused.head.status == 429
    assert "100 output tokens" in json.loads(refused.body)["error"]["message"]
    assert left(refused, "output-tokens") == "0"
    assert seconds(refused) == pytest.approx((used - 99) * 60 / 100, abs=1)
    server.clock.advance(seconds(refused))
    assert ask(server).head.status == 200


def test_what_was_refused_or_failed_spends_no_tokens():
    server = engine({"error": "overloaded"}, limits={"requests": 100, "input_tokens": 9000})
    ask(server, request(**LONG))
    assert left(ask(engine({"reply": "a"}, limits={"input_tokens": 9000})), "input-tokens") == "9000"
    server.library.add({"match": {"user": "fine"}, "reply": "a", "priority": 1})
    reply = ask(server, request("fine"))
    assert (left(reply, "input-tokens"), left(reply)) == ("9000", "98")


def test_each_key_class_of_models_and_session_has_its_own():
    server = engine({"reply": "a"}, limits={"requests": 1})
    assert ask(server).head.status == 200
    for other in (
        {"headers": {"x-api-key": "another"}},
        {"body": request(model="claude-haiku-4-5")},
        {"path": "/_s/another/v1/messages"},
    ):
        assert [ask(server, **other).head.status for _ in range(2)] == [200, 429]
    assert ask(server, request(model="claude-opus-4-8")).head.status == 200
    assert ask(server, request(model="claude-opus-4-6")).head.status == 429, "one generation, one limit"


def test_a_session_may_have_limits_of_its_own():
    server = engine({"reply": "a"}, session_limits={"ci": {"requests": 1}})
    assert [ask(server, path="/_s/ci/v1/messages").head.status for _ in range(2)] == [200, 429]
    assert [ask(server).head.status for _ in range(2)] == [200, 200]
    server.sessions.get("default").configure({"limits": RateLimits(requests=1)})
    assert [ask(server).head.status for _ in range(2)] == [200, 429]


def test_counting_tokens_has_its_own_limit():
    server = engine(on_unmatched="fallback", limits={"requests": 1, "count_tokens": 2})
    body = {k: v for k, v in request().items() if k != "max_tokens"}
    replies = [ask(server, body, path="/v1/messages/count_tokens") for _ in range(3)]
    assert [r.head.status for r in replies] == [200, 200, 429]
    assert "anthropic-ratelimit-requests-limit" not in replies[2].head.headers
    assert seconds(replies[2]) == 30
    assert ask(server).head.status == 200


def test_a_wrong_request_is_no_request():
    server = engine({"reply": "a"}, limits={"requests": 1})
    assert ask(server, request(max_tokens=0.5)).head.status == 400
    assert ask(server).head.status == 200


CLASSES = [
    ("claude-opus-4-8", "opus-4"),
    ("claude-sonnet-4-20250514", "sonnet-4"),
    ("claude-haiku-4-5", "haiku-4"),
    ("claude-3-5-haiku-20241022", "haiku-3"),
    ("claude-sonnet-5-5", "sonnet-5"),
    ("claude-2.1", "claude-2.1"),
    ("mine", "mine"),
]


@pytest.mark.parametrize(("model", "name"), CLASSES)
def test_models_of_one_generation_share_a_class(model, name):
    assert model_class(STANDARD.find(model)) == name


@pytest.mark.parametrize(
    "name",
    ["rate_limit_acceleration", "ramp_limit_exceeded", "enforced_spend_limit_reached", "contract_spend_limit_reached"],
)
def test_limits_that_no_bucket_counts_go_by_name(name):
    reply = ask(engine({"error": name}))
    assert reply.head.status == 429
    assert ("retry-after" in reply.head.headers) == ("spend" not in name)


def test_requests_that_are_answered_in_another_order_than_they_came_refill_nothing_twice():
    book, whose, start = Limits(), (b"k", "m"), datetime(2026, 1, 1, tzinfo=UTC)
    book.spend(whose, "requests", 60, 60, start)
    for second in (10, 9) * 5:
        book.spend(whose, "requests", 60, 1, start + timedelta(seconds=second))
    assert book.held(whose, "requests", 60, start + timedelta(seconds=10)) == 0


def test_of_what_is_no_whole_request_nothing_remains():
    server = engine({"reply": "a"}, limits={"requests": 1})
    ask(server)
    server.clock.advance(40)
    refused = ask(server)
    assert (left(refused), seconds(refused)) == ("0", 20)
    assert left(refused, part="reset") == "2026-01-01T00:01:00Z"


NEVER = [
    {"before": "response", "error": "overloaded"},
    {"status": 502},
    {"status": 200, "body": "<html>"},
    {"before": "response", "disconnect": "close"},
    {"before": "response", "hang": True},
    {"before": "headers", "disconnect": "reset"},
    {"first_event": "error overloaded"},
]
BEGAN = [
    {"after": {"percent": 10}, "disconnect": "reset"},
    {"before": "response", "stall": 1},
    {"content_type": "text/plain"},
    {"slow_headers": 1},
    {"empty": True},
]


@pytest.mark.parametrize(("fault", "began"), [*((f, False) for f in NEVER), *((f, True) for f in BEGAN)], ids=str)
@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_that_never_began_is_neither_cached_nor_paid_for(fault, began, stream):
    marked = request(
        system=[{"type": "text", "text": "word " * 4000, "cache_control": {"type": "ephemeral"}}], stream=stream
    )
    server = engine({"attempts": [{"reply": "a", "fault": fault}, {"reply": "b"}]}, limits={"requests": 9})
    first = post(server, marked).exchange
    server.clock.advance(2)
    second = post(server, marked)
    assert (first.usage is not None) == began
    assert (second.exchange.usage["cache_read_input_tokens"] > 3000) == began
    spent = 2_000_000 - int(left(second.reply, "input-tokens"))
    assert spent == 4000 or began  # the second request's own


def test_a_model_that_steps_in_pays_itself():
    server = engine(
        {"match": {"model": "claude-fable-5"}, "reply": [], "stop_reason": "refusal"},
        {"match": {"model": "claude-opus-4-8"}, "reply": "b"},
        limits={"input_tokens": 100_000},
    )
    asked = request("word " * 20_000) | {"model": "claude-fable-5", "fallbacks": [{"model": "claude-opus-4-8"}]}
    reply = ask(server, asked, headers={"anthropic-beta": "server-side-fallback-2026-06-01"})
    assert reply.head.status == 200, reply.body
    assert int(left(reply, "input-tokens")) < 85_000
    assert left(ask(server, request(model="claude-opus-4-6") | {"model": "claude-opus-4-8"}), "input-tokens") == left(
        reply, "input-tokens"
    )


@pytest.mark.parametrize("how", [{"requests": 5}, ({"requests": 5},), ("requests=5",)], ids=str)
def test_limits_are_set_by_name_as_a_map_and_as_text_and_taken_away(how):
    server = MockServer()
    server.set_limits(**how) if isinstance(how, dict) else server.set_limits(*how)
    world = server.engine.sessions.get("default")
    assert world.settings.limits == RateLimits(requests=5)
    server.session("ci").set_limits("start")
    assert server.engine.sessions.get("ci").settings.limits == RateLimits()
    server.set_limits(None)
    assert world.settings.limits is None
    for wrong in ("off", {"request": 5}, {}, False):
        with pytest.raises(SettingsError, match=r"^arguments: limits = "):
            server.set_limits(wrong)
