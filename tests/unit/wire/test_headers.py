"""Response headers: names, order and values, as recorded since 2026-07."""

import json
from datetime import UTC, datetime

import pytest
from helpers import engine, post, request, upload
from hypothesis import given
from hypothesis import strategies as st

from mockserver.control.local import GivenFile, Local
from mockserver.wire.headers import (
    RESPONSE_HEADERS,
    Derived,
    preflight_headers,
    response_headers,
)
from mockserver.wire.rates import after_answer, exhausted_limit, rate_headers

NOW = datetime(2026, 11, 20, 10, 0, 0, 900_000, tzinfo=UTC)
LIMITS = [
    f"anthropic-ratelimit-{kind}-{part}"
    for kind in ("input-tokens", "output-tokens", "requests", "tokens")
    for part in ("limit", "remaining", "reset")
]
ACCOUNT = ["anthropic-organization-id", "anthropic-workspace-id", "traceresponse"]
EDGE = ["server", "content-security-policy", "vary", "cf-cache-status", "x-robots-tag", "cf-ray"]
SECURITY = "strict-transport-security"


def headers(request=None, more=None, **how):
    derived = Derived("req_1", "00", "abc-SJC")
    return response_headers(derived, NOW, request or {}, more or {}, **{"streamed": False, **how})


def test_a_stream_is_not_cached_and_a_json_answer_has_no_charset():
    assert headers(streamed=True)["cache-control"] == "no-cache"
    assert headers(streamed=True)["content-type"] == "text/event-stream; charset=utf-8"
    assert headers()["content-type"] == "application/json"
    assert "cache-control" not in headers()
    assert headers()["date"] == "Fri, 20 Nov 2026 10:00:00 GMT"


def test_a_401_names_neither_organization_nor_workspace():
    assert set(ACCOUNT) <= set(headers())
    assert set(ACCOUNT).isdisjoint(headers(authenticated=False))


def test_browsers_may_read_the_answer():
    assert headers({"origin": "http://localhost:3000"})["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in headers()
    asked = preflight_headers({"access-control-request-headers": "x-api-key"})
    assert asked["access-control-allow-headers"] == "x-api-key"


RECORDED = {
    "a plain answer": ({}, ["date", "content-type", *LIMITS, "request-id", SECURITY, *ACCOUNT, *EDGE]),
    "a stream": (
        {"stream": True},
        ["date", "content-type", "cache-control", *LIMITS, "request-id", SECURITY, *ACCOUNT, *EDGE],
    ),
    "a refusal": (
        {"max_tokens": -1},
        ["date", "content-type", "x-should-retry", "request-id", SECURITY, *ACCOUNT, *EDGE],
    ),
}


@pytest.mark.parametrize(("more", "expected"), RECORDED.values(), ids=RECORDED)
def test_names_and_order_are_those_of_recordings(more, expected):
    assert list(post(engine({"reply": "a"}), request(**more)).reply.head.headers) == expected


def test_the_names_of_all_headers_are_known():
    """Each is sent by some answer, and no answer sends another: a dialect may name them."""
    server = engine({"match": {"user": "a"}, "reply": "a"}, limits={"requests": 1})
    name = json.loads(upload(server).reply.body)["id"]
    Local(server, "default").add_file(GivenFile(b"a", "a.txt", id="file_a"))
    counted = {key: value for key, value in request().items() if key != "max_tokens"}
    answers = [
        post(
            server,
            request("a", stream=True),
            {"origin": "http://localhost", "anthropic-dangerous-direct-browser-access": "true"},
        ),
        post(server, request("a")),
        post(server, request("b")),
        post(server, request("a"), method="PUT"),
        post(server, counted, path="/v1/messages/count_tokens"),
        post(server, b"", path="/v1/files/file_a/content", method="GET"),
        post(server, b"", path=f"/v1/files/{name}", method="GET"),
    ]
    sent = {header for answer in answers for header in answer.reply.head.headers}
    assert sent == set(RESPONSE_HEADERS)


def test_a_wrong_key_gets_the_headers_of_a_401():
    got = post(engine({"reply": "a"}, api_key=["good"]), request()).reply.head
    assert (got.status, list(got.headers)) == (
        401,
        ["date", "content-type", "x-should-retry", "request-id", SECURITY, *EDGE],
    )


def test_counting_has_no_limits_and_the_edges_timing():
    body = {k: v for k, v in request().items() if k != "max_tokens"}
    names = set(post(engine(), body, path="/v1/messages/count_tokens").reply.head.headers)
    assert "server-timing" in names
    assert names.isdisjoint(LIMITS)
    quiet = post(engine(edge_headers="off"), body, path="/v1/messages/count_tokens").reply.head.headers
    assert "server-timing" not in quiet


def test_without_the_edge_the_rest_stays():
    server = engine({"reply": "a"}, edge_headers="off")
    got = list(post(server, request()).reply.head.headers)
    assert got == ["date", "content-type", *LIMITS, "request-id", *ACCOUNT]


def number(headers, kind, part):
    return int(headers[f"anthropic-ratelimit-{kind}-{part}"])


@given(st.integers(0, 3_000_000), st.integers(0, 500_000))
def test_what_remains_is_consistent(input_tokens, output_tokens):
    """Limits add up; what remains is a multiple of 1,000, between nothing and all (recorded)."""
    got = after_answer(NOW, input_tokens, output_tokens)
    assert list(got) == LIMITS
    assert number(got, "tokens", "limit") == number(got, "input-tokens", "limit") + number(
        got, "output-tokens", "limit"
    )
    assert number(got, "requests", "remaining") == number(got, "requests", "limit") - 1
    for kind, spent in (("input-tokens", input_tokens), ("output-tokens", output_tokens)):
        limit, remaining = number(got, kind, "limit"), number(got, kind, "remaining")
        assert remaining % 1000 == 0
        assert abs(remaining - max(0, limit - spent)) <= 500


def test_times_are_whole_seconds_of_the_clock():
    assert rate_headers(NOW)["anthropic-ratelimit-requests-reset"] == "2026-11-20T10:00:00Z"
    spent = rate_headers(NOW, {"input-tokens": 1_000_000})
    assert spent["anthropic-ratelimit-input-tokens-reset"] == "2026-11-20T10:00:30Z"
    gone = exhausted_limit("output-tokens", NOW, 7)
    assert gone["anthropic-ratelimit-output-tokens-reset"] == "2026-11-20T10:00:07Z"
    assert (number(gone, "output-tokens", "remaining"), number(gone, "requests", "remaining")) == (0, 1000)


def test_an_answer_spends_what_it_did_not_read_from_the_cache():
    system = [{"type": "text", "text": "word " * 20_000, "cache_control": {"type": "ephemeral"}}]
    server = engine({"reply": "a"})
    first, second = (post(server, request(system=system)).reply for _ in range(2))
    assert json.loads(second.body)["usage"]["cache_read_input_tokens"] > 10_000
    spent = [
        number(r.head.headers, "input-tokens", "limit") - number(r.head.headers, "input-tokens", "remaining")
        for r in (first, second)
    ]
    assert spent[0] > 10_000
    assert spent[1] == 0


def test_the_ray_and_the_trace_look_like_recorded_ones():
    got = post(engine({"reply": "a"}), request()).reply.head.headers
    ray, place = got["cf-ray"].split("-")
    assert (len(ray), int(ray, 16) > 0, len(place)) == (16, True, 3)
    assert [len(part) for part in got["traceresponse"].split("-")] == [2, 32, 16, 2]
