"""Faults as changes of a plan: where, what, and in which order. The wire is in tests/contract/test_faults.py."""

import json

import pytest
from helpers import engine, post, request
from hypothesis import given
from hypothesis import strategies as st

from mockserver.reply.steps import Cut, Data, Hang, Head, Pause, Raw

REPLY = [{"text": "one two three"}, {"text": "four"}]


def planned(fault, *, stream=True, reply=REPLY, **more):
    server = engine({"reply": reply, "stream": {"chunk": "word"}, "fault": fault, **more})
    return post(server, request(stream=stream))


def names(reply):
    return [event["type"].removeprefix("content_block_") for event in reply.events]


def steps(reply):
    return [type(step).__name__ for step in reply.steps]


ALL = [
    "message_start",
    "start",
    "ping",
    "delta",
    "delta",
    "delta",
    "stop",
    "start",
    "delta",
    "stop",
    "message_delta",
    "message_stop",
]

PLACES = [
    ({"events": 0}, 0),
    ({"events": 4}, 4),
    ({"events": 12}, 12),
    ({"events": 99}, 12),
    ({"deltas": 0}, 0),
    ({"deltas": 2}, 5),
    ({"deltas": 4}, 9),
    ({"deltas": 99}, 12),
    ({"block": 0}, 7),
    ({"block": 1}, 10),
    ({"block": 7}, 12),
    ({"percent": 0}, 0),
    ({"percent": 100}, 12),
]


@pytest.mark.parametrize(("after", "left"), PLACES, ids=str)
def test_what_stands_before_the_place_is_left(after, left):
    reply = planned({"after": after, "truncate": True}).reply
    assert names(reply) == ALL[:left]
    assert names(planned({"after": after, "disconnect": "close"}).reply) == ALL[:left]


@pytest.mark.parametrize("size", [0, 1, 100, 703])
def test_bytes_are_counted_in_the_body(size):
    whole = planned({"split": 10**6}).reply.body
    assert planned({"after": {"bytes": size}, "truncate": True}).reply.body == whole[:size]
    shown = planned({"after": {"bytes": size}, "garbage": "~~~"}).reply.body
    assert shown == whole[:size] + b"~~~" + whole[size:]


def test_half_of_a_plain_body_is_what_events_mean():
    whole = planned({"split": 10**6}, stream=False).reply.body
    for after in ({"events": 3}, {"deltas": 9}, {"block": 0}, {"percent": 50}):
        reply = planned({"after": after, "truncate": True}, stream=False).reply
        assert abs(len(reply.body) - len(whole) / 2) <= 1
        assert reply.head.length == len(reply.body), "it ends cleanly"


def test_a_cut_body_keeps_the_length_that_was_promised():
    reply = planned({"after": {"percent": 50}, "disconnect": "reset"}, stream=False).reply
    assert reply.head.length > len(reply.body)
    assert reply.steps[-1] == Cut(reset=True)


def test_before_the_response_nothing_goes_out():
    for what in ({"disconnect": "close"}, {"hang": True}):
        handled = planned({"before": "response", **what}, delay=2)
        assert steps(handled.reply)[:-1] == ["Pause"]
        assert handled.exchange.status == 0
    stalled = planned({"before": "response", "stall": 3}, delay=2).reply
    assert [step.seconds for step in stalled.steps[:2]] == [2, 3]


def test_before_the_headers_there_is_a_status_line():
    reply = planned({"before": "headers", "stall": 3}).reply
    first, pause, second, *_ = reply.runs()
    assert (first, pause) == (Raw(b"HTTP/1.1 200 OK\r\n"), Pause(3))
    assert second.bytes.endswith(b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n")
    assert b"HTTP/1.1" not in second.bytes


def test_slow_headers_take_their_time_byte_by_byte():
    reply = planned({"slow_headers": "2s"}).reply
    raw = [step for step in reply.runs() if isinstance(step, Raw)]
    assert {len(step.bytes) for step in raw} == {1}
    assert b"".join(step.bytes for step in raw).startswith(b"HTTP/1.1 200 OK\r\ndate: ")
    assert sum(step.seconds for step in reply.runs() if isinstance(step, Pause)) == pytest.approx(2)


def test_an_error_in_mid_stream_is_the_last_event():
    reply = planned({"after": {"deltas": 1}, "error": {"type": "overloaded", "message": "{{ prompt }}?"}}).reply
    *before, last = reply.events
    assert len(before) == 4
    assert list(last) == ["type", "error", "request_id"]
    assert list(last["error"].items()) == [("details", None), ("type", "overloaded_error"), ("message", "Hello?")]
    assert last["request_id"] == reply.head.headers["request-id"]
    assert reply.head.status == 200


@pytest.mark.parametrize(
    "fault",
    [{"after": {"events": 1}, "error": "api"}, {"first_event": "error api"}, {"before": "response", "error": "api"}],
)
def test_on_a_plain_answer_an_error_is_the_http_error(fault):
    reply = planned(fault, stream=False).reply
    assert reply.head.status == 500
    assert json.loads(reply.body)["error"]["type"] == "api_error"
    assert reply.head.length == len(reply.body)


def test_events_are_dropped_and_doubled_behind_the_place():
    assert names(planned({"drop": "message_stop"}).reply) == ALL[:-1]
    assert names(planned({"drop": "content_block_start", "after": {"block": 0}}).reply) == [*ALL[:7], *ALL[8:]]
    assert names(planned({"duplicate": "message_start"}).reply) == ["message_start", *ALL]
    twice = planned({"duplicate": "content_block_delta", "after": {"deltas": 1}}).reply.events
    assert [e["delta"]["text"] for e in twice if e["type"] == "content_block_delta"] == [
        "one",
        " two",
        " two",
        " three",
        "four",
    ]


def test_malformed_json_ends_inside_a_word():
    reply = planned({"malformed": "json"}).reply
    frame = next(step.bytes for step in reply.steps if isinstance(step, Data) and step.event is None)
    assert frame.startswith(b"event: content_block_delta\ndata: {")
    assert frame.endswith(b"\n\n")
    assert frame[-3:-2].isalnum()
    second = planned({"malformed": "json", "after": {"events": 9}}).reply
    assert [i for i, s in enumerate(second.steps[1:]) if s.event is None] == [9]
    plain = planned({"malformed": "json"}, stream=False).reply
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
        json.loads(plain.body)
    assert plain.head.length == len(plain.body)


@pytest.mark.parametrize("size", [1, 3, 7, 100_000])
@pytest.mark.parametrize("stream", [True, False])
def test_split_changes_no_byte(size, stream):
    whole = planned({"split": 10**6}, stream=stream).reply
    reply = planned({"split": size}, stream=stream).reply
    assert reply.body == whole.body
    pieces = [len(step.bytes) for step in reply.runs() if isinstance(step, Data)]
    assert set(pieces[:-1]) <= {size}


def test_a_proxy_s_page_knows_nothing_of_the_api():
    reply = planned({"status": 503}).reply
    assert (reply.head.status, list(reply.head.headers)) == (503, ["date", "server", "content-type"])
    assert (
        b"<h1>503 Service Temporarily Unavailable</h1>" in reply.body
        or b"<h1>503 Service Unavailable</h1>" in reply.body
    )
    own = planned({"status": 407, "body": "who?", "content_type": "text/plain"}, stream=False).reply
    assert (own.head.status, own.head.headers["content-type"], own.body) == (407, "text/plain", b"who?")
    assert b"<title>599</title>" in planned({"status": 599}).reply.body
    assert planned({"status": 502, "body": ""}).reply.body == b""


def test_a_type_alone_leaves_the_answer_as_it_is():
    reply = planned({"content_type": "text/plain"}).reply
    assert reply.head.headers["content-type"] == "text/plain"
    assert names(reply) == ALL


def test_faults_come_in_the_order_in_which_they_are_written():
    one = [{"drop": "message_stop"}, {"after": {"percent": 100}, "disconnect": "reset"}]
    reply = planned(one).reply
    assert (names(reply), reply.steps[-1]) == (ALL[:-1], Cut(reset=True))
    late = planned([{"after": {"events": 2}, "truncate": True}, {"after": {"events": 5}, "stall": 1}]).reply
    assert steps(late) == ["Head", "Data", "Data", "Pause"], "the place is sought in what is left"
    two = planned([{"slow_headers": 1}, {"after": {"deltas": 1}, "truncate": True}, {"split": 5}], stream=False).reply
    assert two.head.over == 1
    assert two.head.length == len(two.body)
    assert planned([{"status": 502}, {"empty": True}]).reply.head.status == 200


NOTES = [
    ({"after": {"events": 4}, "disconnect": "reset"}, "disconnect: reset after events: 4"),
    ({"after": {"events": 40}, "disconnect": "reset"}, "disconnect: reset after events: 40 (there are 12)"),
    ({"after": {"deltas": 5}, "truncate": True}, "truncate: true after deltas: 5 (there are 4)"),
    ({"after": {"block": 2}, "stall": "1m"}, "stall: 60 s after block: 2 (the last one is 1)"),
    ({"after": {"percent": 30}, "hang": True}, "hang: true after percent: 30"),
    ({"before": "response", "hang": True}, "hang: true before the response"),
    ({"drop": "error"}, "drop: error (it changes nothing about this answer)"),
    ({"after": {"events": 1}, "error": {"type": "api", "message": "x"}}, "error: api after events: 1"),
    ({"status": 502, "body": "x" * 100}, f"status: 502, body: {'x' * 59}…"),
    ({"first_event": "error overloaded"}, "first_event: overloaded"),
]


@pytest.mark.parametrize(("fault", "words"), NOTES, ids=[words[:40] for _, words in NOTES])
def test_the_journal_says_what_broke_and_what_fell_short(fault, words):
    assert planned(fault).exchange.faults == [words]


AFTER = st.one_of(
    st.fixed_dictionaries({"events": st.integers(0, 15)}),
    st.fixed_dictionaries({"deltas": st.integers(0, 6)}),
    st.fixed_dictionaries({"block": st.integers(0, 3)}),
    st.fixed_dictionaries({"bytes": st.integers(0, 3000)}),
    st.fixed_dictionaries({"percent": st.floats(0, 100)}),
)
PLACED = st.sampled_from(
    [{"disconnect": "close"}, {"disconnect": "reset"}, {"stall": 2}, {"hang": True}, {"truncate": True}]
)
WHOLE = st.sampled_from([{"split": 3}, {"slow_headers": 1}, {"content_type": "text/plain"}, {"drop": "ping"}])
FAULT = st.one_of(st.builds(lambda after, what: {"after": after, **what}, AFTER, PLACED), WHOLE)


@pytest.mark.unmeasured
@given(st.lists(FAULT, min_size=1, max_size=4), st.booleans())
def test_no_fault_adds_a_byte_that_it_did_not_declare(faults, stream):
    """What goes out is the beginning of what would have gone out, but for what was dropped."""
    whole = planned([{"drop": "ping"}], stream=stream).reply.body
    got = planned([{"drop": "ping"}, *faults], stream=stream).reply
    assert whole.startswith(got.body)
    assert isinstance(got.steps[0], Head)
    assert all(not isinstance(step, Cut | Hang) for step in got.steps[:-1]), "an end is the end"


def test_an_error_and_a_count_can_break_too():
    broken = post(engine({"error": "overloaded", "fault": {"before": "response", "disconnect": "close"}}), request())
    assert steps(broken.reply) == ["Cut"]
    counted = post(
        engine({"match": {"endpoint": "count_tokens"}, "reply": "a", "fault": {"status": 502}, "delay": 1}),
        {k: v for k, v in request().items() if k != "max_tokens"},
        path="/v1/messages/count_tokens",
    )
    assert (counted.reply.head.status, counted.reply.steps[0]) == (502, Pause(1))


def test_faults_of_events_and_messages():
    events = [{"type": "ping"}, {"type": "ping"}, {"event": "x", "data": "free"}]
    reply = post(
        engine({"events": events, "fault": {"after": {"events": 2}, "disconnect": "close"}}), request(stream=True)
    ).reply
    assert reply.body.count(b"ping") == 4
    message = {"content": [{"type": "text", "text": "a b"}], "stop_reason": "end_turn"}
    handled = post(engine({"message": message, "fault": {"drop": "message_stop"}}), request(stream=True))
    assert "message_stop" not in names(handled.reply)


def test_behind_an_end_nothing_changes():
    faults = [
        {"after": {"deltas": 1}, "disconnect": "reset"},
        {"after": {"deltas": 2}, "hang": True},
        {"before": "response", "stall": 1},
    ]
    handled = planned(faults)
    assert handled.reply.steps[-1] == Cut(reset=True)
    assert handled.exchange.faults[1:] == [
        "hang: true after deltas: 2 (there are 1)",
        "stall: 1 s before the response",
    ]
    silent = planned([{"before": "headers", "hang": True}, {"before": "headers", "disconnect": "close"}])
    assert silent.reply.head.between == (Hang(),)
    assert silent.exchange.faults[1] == "disconnect: close before the headers (it changes nothing about this answer)"


def test_bytes_are_split_last():
    faults = [{"split": 7}, {"after": {"events": 4}, "disconnect": "reset"}]
    handled = planned(faults)
    assert handled.reply.body == b"".join(s.bytes for s in planned(faults[1:]).reply.steps if isinstance(s, Data))
    assert handled.exchange.faults == ["disconnect: reset after events: 4", "split: 7"]


@pytest.mark.parametrize("status", [204, 304])
def test_a_page_without_a_body_has_none(status):
    reply = planned({"status": status}).reply
    assert (reply.head.status, reply.head.length, reply.body) == (status, 0, b"")
    assert "content-type" not in reply.head.headers


def test_headers_reach_the_error_of_a_fault_and_the_page_of_a_proxy():
    error = planned({"before": "response", "error": {"type": "overloaded", "headers": {"x-a": "b"}}}).reply
    assert error.head.headers["x-a"] == "b"
    page = planned({"status": 503}, headers={"Retry-After": 7, "x-gone": None}).reply
    assert page.head.headers["retry-after"] == "7"
    assert "x-gone" not in page.head.headers


FAILURES = [
    ({"content_type": "text/plain"}, True, None),
    ({"after": {"percent": 100}, "disconnect": "close"}, False, None),
    ({"after": {"percent": 100}, "disconnect": "close"}, True, "a broken connection"),
    ({"after": {"events": 99}, "truncate": True}, True, None),
    ({"before": "response", "garbage": "x"}, True, "garbage"),
    ({"after": {"events": 3}, "garbage": "x"}, True, None),
    ({"after": {"bytes": 3}, "garbage": "x"}, False, "garbage"),
    ({"before": "headers", "disconnect": "close"}, False, "a broken connection"),
    ({"drop": "message_start"}, True, "a stream without a beginning"),
    ({"drop": "message_stop"}, True, None),
    ({"status": 502}, True, "502"),
    ({"status": 200, "body": "x"}, True, "a page that is no answer"),
    ({"split": 3}, True, None),
    ({"before": "response", "error": "overloaded"}, True, "529 overloaded_error"),
    ({"after": {"events": 3}, "error": "overloaded"}, True, "an error in mid-stream"),
]


@pytest.mark.parametrize(("fault", "stream", "words"), FAILURES, ids=str)
def test_what_no_client_can_overlook_is_a_failure(fault, stream, words):
    failure = planned(fault, stream=stream).exchange.trial.failure
    assert (failure and failure.words) == words
    assert failure is None or failure.retryable


@pytest.mark.parametrize(
    ("error", "retryable"),
    [("overloaded", True), ("invalid_request", False), ("region_not_allowed", False), ("rate_limit_requests", True)],
)
def test_an_error_in_mid_stream_is_worth_what_its_type_is(error, retryable):
    assert planned({"after": {"events": 3}, "error": error}).exchange.trial.failure.retryable == retryable


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2),
        ({"retry-after": "2", "retry-after-ms": "60"}, 0.06),
        ({"retry-after": "Thu, 01 Jan 2026 00:00:09 GMT"}, 9),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_how_long_a_client_is_asked_to_wait(headers, seconds):
    handled = post(engine({"error": {"type": "overloaded", "headers": headers}}), request())
    assert handled.exchange.trial.failure.retry_after == seconds
