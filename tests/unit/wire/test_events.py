"""split and fold: a message to the events that stream it, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.reply.chunking import cut_json, cut_text
from mockserver.wire.events import PING, FoldError, fold, framed, split, whole
from mockserver.wire.registry import STANDARD

USAGE = {
    "input_tokens": 3,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 0,
    "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
    "output_tokens": 9,
    "output_tokens_details": {"thinking_tokens": 2},
    "service_tier": "standard",
    "inference_geo": "global",
    "server_tool_use": {"web_search_requests": 1, "web_fetch_requests": 0},
}


def message(*content, **more):
    return {
        "model": "claude-sonnet-5",
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "content": list(content),
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "stop_details": None,
        "usage": USAGE,
        **more,
    }


def start(index, block):
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index, **fields):
    return {"type": "content_block_delta", "index": index, "delta": fields}


def stop(index):
    return {"type": "content_block_stop", "index": index}


CITATION = {"type": "char_location", "cited_text": "a", "document_index": 0}
RESULT = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [], "caller": {"type": "direct"}}
DIRECT = {"type": "direct"}
BY_CODE = {
    "type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1},
    "caller": {"type": "code_execution_20260120", "tool_id": "srvtoolu_1"},
}  # fmt: skip
FALLBACK = {
    "type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}, "trigger": {"type": "refusal", "category": None},
}  # fmt: skip

BLOCKS = {
    "text": (
        {"type": "text", "text": "Hi"},
        [start(0, {"type": "text", "text": ""}), delta(0, type="text_delta", text="Hi")],
    ),
    "empty text": ({"type": "text", "text": ""}, [start(0, {"type": "text", "text": ""})]),
    "cited text: citations first": (
        {"citations": [CITATION], "type": "text", "text": "a"},
        [
            start(0, {"citations": [], "type": "text", "text": ""}),
            delta(0, type="citations_delta", citation=CITATION),
            delta(0, type="text_delta", text="a"),
        ],
    ),
    "thinking: the signature last": (
        {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
        [
            start(0, {"type": "thinking", "thinking": "", "signature": ""}),
            delta(0, type="thinking_delta", thinking="hm"),
            delta(0, type="signature_delta", signature="c2ln"),
        ],
    ),
    "omitted thinking: the signature alone": (
        {"type": "thinking", "thinking": "", "signature": "c2ln"},
        [
            start(0, {"type": "thinking", "thinking": "", "signature": ""}),
            delta(0, type="signature_delta", signature="c2ln"),
        ],
    ),
    "unsigned thinking": (
        {"type": "thinking", "thinking": "hm"},
        [
            start(0, {"type": "thinking", "thinking": ""}),
            delta(0, type="thinking_delta", thinking="hm"),
        ],
    ),
    "redacted thinking stands whole": (
        {"type": "redacted_thinking", "data": "x"},
        [start(0, {"type": "redacted_thinking", "data": "x"})],
    ),
    "tool use: first an empty delta, spaced JSON, caller last": (
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1, "b": "ü"}, "caller": DIRECT},
        [
            start(0, {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}, "caller": DIRECT}),
            delta(0, type="input_json_delta", partial_json=""),
            delta(0, type="input_json_delta", partial_json='{"a": 1, "b": "ü"}'),
        ],
    ),
    "a tool without arguments: one empty delta": (
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}},
        [
            start(0, {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}),
            delta(0, type="input_json_delta", partial_json=""),
        ],
    ),
    "a call by code stands whole": (BY_CODE, [start(0, BY_CODE)]),
    "mcp tool use": (
        {"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "f", "input": {"a": []}, "server_name": "s"},
        [
            start(0, {"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "f", "input": {}, "server_name": "s"}),
            delta(0, type="input_json_delta", partial_json=""),
            delta(0, type="input_json_delta", partial_json='{"a": []}'),
        ],
    ),
    "a result stands whole": (RESULT, [start(0, RESULT)]),
    "compaction: one delta": (
        {"type": "compaction", "content": "so far", "encrypted_content": "e"},
        [
            start(0, {"type": "compaction", "content": None, "encrypted_content": None}),
            delta(0, type="compaction_delta", content="so far", encrypted_content="e"),
        ],
    ),
    "compaction: as many keys as it has": (
        {"type": "compaction", "content": "so far"},
        [start(0, {"type": "compaction", "content": None}), delta(0, type="compaction_delta", content="so far")],
    ),
    "a fallback stands whole": (FALLBACK, [start(0, FALLBACK)]),
    "a type nobody knows stands whole": ({"type": "new", "x": 1}, [start(0, {"type": "new", "x": 1})]),
}


@pytest.mark.parametrize(("block", "expected"), BLOCKS.values(), ids=BLOCKS)
def test_one_table_both_directions(block, expected):
    """Each block splits into these events, with these keys in this order, and the events fold into the block."""
    events = split(message(block))
    own = [e for e in events if e.get("index") == 0]

    assert own == [*expected, stop(0)]
    assert [list(e) for e in own] == [list(e) for e in [*expected, stop(0)]]
    assert list(own[0]["content_block"]) == list(expected[0]["content_block"])
    assert fold(events) == message(block)


def test_the_frame_of_a_stream():
    """Start, one ping after the first block's start, delta and stop; the usage is divided as recorded."""
    events = split(message({"type": "text", "text": "a"}, {"type": "text", "text": "b"}), first_tokens=4)

    names = [e["type"].removeprefix("content_block_") for e in events]
    assert names == [
        "message_start",
        "start",
        "ping",
        *["delta", "stop", "start", "delta", "stop"],
        "message_delta",
        "message_stop",
    ]
    head = events[0]["message"]
    assert (head["content"], head["stop_reason"], head["stop_details"]) == ([], None, None)
    assert list(head["usage"]) == [k for k in USAGE if k not in ("output_tokens_details", "server_tool_use")]
    assert head["usage"]["output_tokens"] == 4
    assert events[-2] == {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None, "stop_details": None},
        "usage": {
            "input_tokens": 3,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 9,
            "output_tokens_details": {"thinking_tokens": 2},
            "server_tool_use": {"web_search_requests": 1, "web_fetch_requests": 0},
        },
    }


def test_no_content_no_ping():
    assert PING not in split(message())
    assert fold(split(message())) == message()


def test_a_refusal_without_content_streams_an_empty_text():
    """And an empty text that was refused folds to none: the plain answer has no content."""
    refused = message(stop_reason="refusal")
    assert [e["type"] for e in split(refused)] == [
        "message_start", "content_block_start", "ping", "content_block_stop", "message_delta", "message_stop",
    ]  # fmt: skip
    assert split(refused)[1] == start(0, {"type": "text", "text": ""})
    assert fold(split(refused)) == refused


def test_container_and_context_management_come_with_the_end():
    m = message({"type": "text", "text": "a"}, container={"id": "c"}, context_management={"applied_edits": []})
    events = split(m)

    assert not {"container", "context_management"} & set(events[0]["message"])
    assert events[-2]["delta"]["container"] == {"id": "c"}
    assert list(events[-2]) == ["type", "delta", "usage", "context_management"]
    assert fold(events) == m


@pytest.mark.parametrize("reason", ["max_tokens", "model_context_window_exceeded"])
def test_a_tool_input_that_a_limit_cut_is_left_open(reason):
    """The wire sends the input up to its last member and no content_block_stop; it folds to what was sent."""
    m = message({"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1, "b": "x"}}, stop_reason=reason)
    events = split(m)

    assert stop(0) not in events
    assert "".join(e["delta"]["partial_json"] for e in events if "delta" in e and "index" in e) == '{"a": 1, "b": "x"'
    assert fold(events) == m


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
inputs = st.dictionaries(st.text(max_size=5), json_values, max_size=3)
blocks = st.one_of(
    st.builds(lambda t: {"type": "text", "text": t}, st.text(max_size=60)),
    st.builds(
        lambda t, c: {"citations": c, "type": "text", "text": t},
        st.text(),
        st.lists(st.just(CITATION), min_size=1, max_size=2),
    ),
    st.builds(lambda t, s: {"type": "thinking", "thinking": t, "signature": s}, st.text(max_size=60), st.text()),
    st.builds(lambda d: {"type": "redacted_thinking", "data": d}, st.text()),
    st.builds(lambda i: {"type": "tool_use", "id": "t", "name": "f", "input": i, "caller": DIRECT}, inputs),
    st.builds(lambda i: {"type": "server_tool_use", "id": "t", "name": "f", "input": i}, inputs),
    st.builds(lambda v: {"type": "web_search_tool_result", "tool_use_id": "t", "content": v}, json_values),
    st.builds(lambda c: {"type": "compaction", "content": c}, st.text()),
)
messages = st.builds(
    lambda content, reason: message(*content, stop_reason=reason),
    st.lists(blocks, max_size=4),
    st.sampled_from(["end_turn", "max_tokens", "pause_turn", "refusal", "model_context_window_exceeded"]),
).filter(lambda m: (m["content"], m["stop_reason"]) != ([{"type": "text", "text": ""}], "refusal"))
chunks = st.sampled_from(["word", "char", "token", "message"]) | st.integers(1, 30)


@given(messages, chunks, st.randoms(use_true_random=False))
def test_fold_of_split_is_the_message(m, chunk, chance):
    """Whatever the chunking, the events fold into the message they were made from."""

    def pieces(_index, kind, text):
        calls = kind == "input_json_delta"
        sizes = STANDARD.find(m["model"]).text_deltas
        return framed(kind, cut_json(text, chunk, chance) if calls else cut_text(text, chunk, sizes, chance))

    assert fold(split(m, pieces)) == m
    assert fold(split(m, whole)) == m


BROKEN = {
    "nothing": ([], "ends without message_stop"),
    "no start": ([{"type": "message_stop"}], "message_start must come once and first"),
    "two starts": ([*split(message())[:1], *split(message())[:1]], "message_start must come once and first"),
    "no stop": (split(message())[:-1], "ends without message_stop"),
    "after the stop": ([*split(message()), stop(0)], "comes after message_stop"),
    "a wrong index": ([split(message())[0], start(1, {"type": "text", "text": ""})], "starts out of order"),
    "no block": ([split(message())[0], delta(0, type="text_delta", text="a")], "belongs to no open block"),
    "an unknown delta": (
        [split(message())[0], start(0, {"type": "text", "text": ""}), delta(0, type="x")],
        "unknown delta 'x'",
    ),
    "an error": ([split(message())[0], {"type": "error", "error": {"message": "Overloaded"}}], "Overloaded"),
    "an unknown event": ([split(message())[0], {"type": "huh"}], "no event of a message"),
    "a missing key": ([split(message())[0], {"type": "content_block_start"}], "'index' is missing"),
    "an open block": (
        [*split(message({"type": "text", "text": "a"}))[:4], *split(message())[-2:]],
        "ends inside a block",
    ),
    "no JSON": (
        [
            split(message())[0],
            start(0, {"type": "tool_use", "input": {}}),
            delta(0, type="input_json_delta", partial_json="{x"),
            stop(0),
        ],
        "event 3 (content_block_stop): ",
    ),
    "not an event": (["x"], "event 0 (x)"),
}


@pytest.mark.parametrize(("events", "reason"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_message_does_not_fold(events, reason):
    with pytest.raises(FoldError) as error:
        fold(events)
    assert reason in str(error.value)
