"""From a turn and a request to a message: blocks, cuts, stop reasons, usage, streams."""

import base64
import json

import pytest
from helpers import (
    WEATHER_TOOL,
    answer,
    assistant,
    engine,
    events_of,
    folded,
    post,
    request,
    stream,
    texts,
    tool_result,
    tool_use,
    user,
)

from mockserver.reply.tokens import count_text
from mockserver.scenario.problems import ScenarioError
from mockserver.wire.events import fold
from mockserver.wire.messages import MESSAGE_ORDER, USAGE_ORDER
from mockserver.wire.registry import STANDARD

MESSAGE_KEYS = [k for k in MESSAGE_ORDER if k not in ("container", "diagnostics", "context_management")]


def blocks(*entries, body=None, **more):
    return answer({"reply": list(entries), **more}, body)["content"]


def test_the_shortest_reply():
    message = answer({"reply": "Hello!"})
    assert message["content"] == [{"type": "text", "text": "Hello!"}]
    assert list(message) == MESSAGE_KEYS
    assert (message["stop_reason"], message["stop_sequence"], message["stop_details"]) == ("end_turn", None, None)
    assert (message["type"], message["role"], message["model"]) == ("message", "assistant", "claude-sonnet-5")
    assert message["id"].startswith("msg_011C")
    assert len(message["id"]) == 28


def test_an_alias_resolves_to_the_model_s_own_id():
    assert answer({"reply": "a"}, request() | {"model": "claude-haiku-4-5"})["model"] == "claude-haiku-4-5-20251001"


def test_blocks_in_short_and_in_full():
    made = blocks(
        {"thinking": "hm"},
        {"thinking": {"thinking": "mine", "signature": "c2ln"}},
        {"redacted_thinking": None},
        {"redacted_thinking": {"data": "xyz"}},
        {"text": ["Hel", "lo"]},
        {"text": {"text": "cited", "citations": [{"type": "char_location"}]}},
        {"tool_use": {"name": "f"}},
        {
            "tool_use": {
                "name": "g",
                "input": {"a": 1},
                "id": "toolu_mine",
                "caller": {"type": "x"},
                "toolset_name": "browser",
            }
        },
        body=request(thinking={"type": "adaptive", "display": "summarized"}),
    )
    assert base64.b64decode(made[0].pop("signature"))
    assert base64.b64decode(made[2].pop("data"))
    assert made[6].pop("id").startswith("toolu_01")
    assert made == [
        {"type": "thinking", "thinking": "hm"},
        {"type": "thinking", "thinking": "mine", "signature": "c2ln"},
        {"type": "redacted_thinking"},
        {"type": "redacted_thinking", "data": "xyz"},
        {"type": "text", "text": "Hello"},
        {"citations": [{"type": "char_location"}], "type": "text", "text": "cited"},
        {"type": "tool_use", "name": "f", "input": {}, "caller": {"type": "direct"}},
        {
            "type": "tool_use",
            "id": "toolu_mine",
            "name": "g",
            "input": {"a": 1},
            "caller": {"type": "x"},
            "toolset_name": "browser",
        },
    ]


def test_server_tools_get_ids_and_results_find_their_call():
    made = blocks(
        {"server_tool_use": {"name": "web_search", "input": {"query": "a"}}},
        {"server_tool_use": {"name": "web_fetch"}},
        {"web_search_tool_result": {"content": []}},
        {"web_fetch_tool_result": {"content": {}}},
        {"mcp_tool_use": {"name": "m", "server_name": "s", "input": {}}},
        {"mcp_tool_result": {"is_error": False, "content": []}},
        {"code_execution_tool_result": {"content": {}, "tool_use_id": "srvtoolu_mine"}},
        {"brand_new_block": {"x": 1}},
    )
    ids = [b["id"] for b in made if "id" in b]
    assert [i.split("_")[0] for i in ids] == ["srvtoolu", "srvtoolu", "mcptoolu"]
    assert [b["tool_use_id"] for b in made if "tool_use_id" in b] == [*ids, "srvtoolu_mine"]
    assert list(made[2]) == ["type", "tool_use_id", "content"]
    assert list(made[5]) == ["type", "tool_use_id", "is_error", "content"]
    assert made[7] == {"type": "brand_new_block", "x": 1}


def test_usage_counts_the_web_tools_calls():
    message = answer(
        {"reply": [{"server_tool_use": {"name": "web_search"}}, {"web_search_tool_result": {"content": []}}]}
    )
    assert message["usage"]["server_tool_use"] == {"web_search_requests": 1, "web_fetch_requests": 0}
    assert list(message["usage"]) == [k for k in USAGE_ORDER if k in message["usage"]]


def test_exact_deltas():
    """A list of texts, and partial_json, are exactly the deltas of the stream."""
    events = stream(
        {
            "reply": [
                {"text": ["a", "", "b c"]},
                {"thinking": ["x", "y"]},
                {"tool_use": {"name": "f", "partial_json": ['{"a', '": 1}']}},
            ]
        },
        request(thinking={"type": "adaptive", "display": "summarized"}),
    )
    deltas = [e["delta"] for e in events if e["type"] == "content_block_delta"]
    assert [d["text"] for d in deltas if d["type"] == "text_delta"] == ["a", "", "b c"]
    assert [d["thinking"] for d in deltas if d["type"] == "thinking_delta"] == ["x", "y"]
    assert [d["partial_json"] for d in deltas if d["type"] == "input_json_delta"] == ['{"a', '": 1}']
    assert fold(events)["content"][2]["input"] == {"a": 1}


def test_partial_json_that_is_no_json_is_streamed_all_the_same():
    """`eager_input_streaming` may send fragments that are no JSON; a plain answer shows what can be read."""
    scenario = {
        "reply": [{"tool_use": {"name": "f", "partial_json": ['{"a": 1, "b', "]]"]}}],
        "stop_reason": "max_tokens",
    }
    assert answer(scenario)["content"][0]["input"] == {"a": 1}
    deltas = [e["delta"]["partial_json"] for e in stream(scenario) if e["type"] == "content_block_delta"]
    assert deltas == ['{"a": 1, "b', "]]"]
    assert blocks({"tool_use": {"name": "f", "partial_json": ["not json"]}})[0]["input"] == {}


CHUNKS = [("char", list("Hi yo")), ("word", ["Hi", " yo"]), ("message", ["Hi yo"]), (2, ["Hi", " y", "o"])]


@pytest.mark.parametrize(("chunk", "expected"), CHUNKS)
def test_chunks(chunk, expected):
    events = stream({"reply": "Hi yo", "stream": {"chunk": chunk}})
    assert [e["delta"]["text"] for e in events if e["type"] == "content_block_delta"] == expected


def test_the_default_chunk_follows_the_model_s_stream():
    """Opus 4.7 sends about 91 characters at once, 3 Opus about 4; Haiku 4.5 thinks in larger deltas than it writes."""
    text = "The quick brown fox jumps over the lazy dog. " * 40

    def median(model, kind="text"):
        body = request() | {"model": model, "max_tokens": 4000}
        events = stream({"reply": [{kind: text}]}, body)
        sizes = sorted(len(e["delta"][kind]) for e in events if kind in e.get("delta", ()))
        return sizes[len(sizes) // 2]

    assert 60 < median("claude-opus-4-7") < 130
    assert 3 < median("claude-3-opus-20240229") < 9
    assert median("claude-haiku-4-5", "thinking") > 1.2 * median("claude-haiku-4-5")


LONG = "one two three four five six seven eight nine ten eleven twelve"

CUTS = {
    "nothing to cut": ({}, LONG, "end_turn", None),
    "a stop sequence": ({"stop_sequences": [" five"]}, "one two three four", "stop_sequence", " five"),
    "the first of two": ({"stop_sequences": [" nine", " two"]}, "one", "stop_sequence", " two"),
    "the first in the list where both begin at one place": (
        {"stop_sequences": [" tw", " two"]},
        "one",
        "stop_sequence",
        " tw",
    ),
    "a stop sequence that does not come": ({"stop_sequences": ["zz"]}, LONG, "end_turn", None),
    "max_tokens": ({"max_tokens": 5}, "one two three", "max_tokens", None),
    "max_tokens after a stop sequence": (
        {"max_tokens": 5, "stop_sequences": [" ten"]},
        "one two three",
        "max_tokens",
        None,
    ),
    "a stop sequence before max_tokens": (
        {"max_tokens": 8, "stop_sequences": [" two"]},
        "one",
        "stop_sequence",
        " two",
    ),
    "one token": ({"max_tokens": 1}, "one", "max_tokens", None),
}


@pytest.mark.parametrize(("more", "text", "reason", "sequence"), CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("read", [answer, folded])
def test_cuts(read, more, text, reason, sequence):
    """Stop sequences first, then max_tokens; plain and streamed answers agree."""
    message = read({"reply": LONG}, request(**more))
    assert texts(message) == [text]
    assert (message["stop_reason"], message["stop_sequence"]) == (reason, sequence)
    assert message["usage"]["output_tokens"] <= request(**more)["max_tokens"]


def test_a_cut_removes_the_blocks_after_it():
    entries = [{"text": "a b STOP"}, {"tool_use": {"name": "f"}}]
    message = answer({"reply": entries}, request(stop_sequences=["STOP"]))
    assert [b["type"] for b in message["content"]] == ["text"]
    assert message["stop_reason"] == "stop_sequence"


def test_a_text_that_is_cut_to_nothing_leaves_no_block():
    message = answer({"reply": [{"thinking": "hm"}, {"text": "STOP"}]}, request(stop_sequences=["STOP"]))
    assert [b["type"] for b in message["content"]] == ["thinking"]


def test_exact_deltas_are_kept_up_to_the_cut():
    events = stream({"reply": [{"text": ["one ", "two STOP", " three"]}]}, request(stop_sequences=["STOP"]))
    assert [e["delta"]["text"] for e in events if e["type"] == "content_block_delta"] == ["one ", "two "]


def test_max_tokens_0_answers_nothing():
    message = answer({"reply": "Hello"}, request(max_tokens=0))
    assert (message["content"], message["stop_reason"], message["usage"]["output_tokens"]) == ([], "max_tokens", 0)


def test_a_tool_input_that_max_tokens_cuts():
    """Plain: closed after its last member that fits; streamed: left open; both fold to the same."""
    scenario = {"reply": [{"tool_use": {"name": "f", "input": {"a": 1, "b": "word " * 50}}}]}
    body = request(max_tokens=60)
    assert answer(scenario, body)["content"][0]["input"] == {"a": 1}
    assert answer(scenario, body)["stop_reason"] == "max_tokens"
    events = stream(scenario, body)
    assert "content_block_stop" not in [e["type"] for e in events]
    assert fold(events)["content"] == answer(scenario, body)["content"]


def test_a_whole_call_before_one_that_was_left_out_is_closed():
    scenario = {
        "reply": [
            {"tool_use": {"name": "a", "input": {"b": 1}}},
            {"tool_use": {"name": "long" * 9, "input": {"c": "word " * 9}}},
        ]
    }
    events = stream(scenario, request(max_tokens=60))
    message = fold(events)
    assert (message["stop_reason"], [b["input"] for b in message["content"]]) == ("max_tokens", [{"b": 1}])
    assert [e["type"] for e in events][-3:] == ["content_block_stop", "message_delta", "message_stop"]


def test_derived_values_can_be_overridden_with_empty_ones():
    made = blocks(
        {"thinking": {"thinking": "a", "signature": ""}},
        {"text": {"text": "a", "citations": []}},
        {"tool_use": {"name": "f", "caller": {}}},
    )
    assert (made[0]["signature"], made[1]["citations"], made[2]["caller"]) == ("", [], {})


def test_defaults_are_filled_in_key_by_key():
    scenario = {
        "usage": {"input_tokens": 5}, "headers": {"a": "b"}, "stream": {"chunk": "char"},
        "turns": [{"reply": "a", "usage": {"output_tokens": 77}, "headers": {"c": "d"}}],
    }  # fmt: skip
    handled = post(engine(scenario), request())
    usage = json.loads(handled.reply.body)["usage"]
    assert (usage["input_tokens"], usage["output_tokens"]) == (5, 77)
    assert (handled.reply.head.headers["a"], handled.reply.head.headers["c"]) == ("b", "d")


def test_a_tool_call_that_does_not_fit_at_all_is_not_made():
    message = answer(
        {"reply": [{"text": "a"}, {"tool_use": {"name": "f", "input": {"a": "word " * 50}}}]}, request(max_tokens=6)
    )
    assert [b["type"] for b in message["content"]] == ["text"]


def test_cut_thinking_is_signed_as_it_is_shown():
    shown = {"type": "adaptive", "display": "summarized"}
    cut = answer({"reply": [{"thinking": LONG}, {"text": "a"}]}, request(max_tokens=4, thinking=shown))["content"]
    assert len(cut) == 1
    whole = answer({"reply": [{"thinking": cut[0]["thinking"]}]})["content"]
    assert cut[0]["signature"] == whole[0]["signature"]


STOP_REASONS = [
    ([{"text": "a"}], "end_turn"),
    ([{"tool_use": {"name": "f"}}], "tool_use"),
    ([{"text": "a"}, {"tool_use": {"name": "f"}}], "tool_use"),
    ([{"server_tool_use": {"name": "web_search"}}], "pause_turn"),
    ([{"mcp_tool_use": {"name": "a", "server_name": "s"}}], "pause_turn"),
    ([{"server_tool_use": {"name": "web_search"}}, {"web_search_tool_result": {"content": []}}], "end_turn"),
    ([{"tool_use": {"name": "f"}}, {"server_tool_use": {"name": "web_search"}}], "tool_use"),
    ([{"compaction": {"content": "so far"}}], "compaction"),
    ([{"compaction": {"content": "so far"}}, {"text": "a"}], "end_turn"),
    ([], "end_turn"),
]


@pytest.mark.parametrize(("entries", "reason"), STOP_REASONS)
def test_the_stop_reason_is_derived(entries, reason):
    assert answer({"reply": entries})["stop_reason"] == reason


def test_overrides_win():
    message = answer(
        {
            "reply": "a",
            "stop_reason": "refusal",
            "stop_sequence": "x",
            "stop_details": {"type": "refusal", "category": "cyber"},
            "usage": {"input_tokens": 7, "cache_creation": {"ephemeral_1h_input_tokens": 5}, "service_tier": "batch"},
            "model": "my-model",
            "id": "msg_mine",
        }
    )
    assert (message["stop_reason"], message["stop_sequence"], message["model"], message["id"]) == (
        "refusal",
        "x",
        "my-model",
        "msg_mine",
    )
    assert message["stop_details"]["category"] == "cyber"
    assert message["usage"]["input_tokens"] == 7
    assert message["usage"]["service_tier"] == "batch"
    assert message["usage"]["cache_creation"] == {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 5}
    assert list(message["usage"]) == [k for k in USAGE_ORDER if k in message["usage"]]


def test_headers_are_set_replaced_and_taken_away():
    head = post(
        engine({"reply": "a", "headers": {"X-Mine": "{{ prompt }}", "server": None, "retry-after": 5}}), request()
    ).reply.head
    assert (head.headers["x-mine"], head.headers["retry-after"]) == ("Hello", "5")
    assert "server" not in head.headers


def test_thinking_tokens_are_told_always_by_new_models_and_by_old_ones_where_they_thought():
    def details(model, *entries):
        return answer({"reply": list(entries)}, request() | {"model": model})["usage"].get("output_tokens_details")

    assert details("claude-sonnet-5", {"text": "a"}) == {"thinking_tokens": 0}
    assert details("claude-haiku-4-5", {"text": "a"}) is None
    assert details("claude-haiku-4-5", {"thinking": "hm"})["thinking_tokens"] > 0


def test_tokens_grow_with_what_is_asked():
    def tokens(body):
        return answer({"reply": "a"}, body, validation="off")["usage"]["input_tokens"]

    base = tokens(request("Hello"))
    assert base == 9
    assert tokens(request("Hello", system="Be brief")) > base
    assert tokens(request("Hello", tools=[WEATHER_TOOL])) > base + 290
    image = user([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * 5000}}])
    assert tokens(request(image)) == tokens(request(user([{"type": "image"}])))
    assert tokens(request("Hello", assistant([tool_use()]), user([tool_result("x y z")]))) > base
    old, new = (STANDARD.find(name) for name in ("claude-opus-4-6", "claude-opus-4-7"))
    assert count_text("a short text", new) > count_text("a short text", old)


MESSAGE = {"id": "msg_x", "content": [{"type": "text", "text": "as it is STOP here"}], "stop_reason": "x", "zzz": 1,
           "usage": {"input_tokens": 1, "output_tokens": 2}}  # fmt: skip


def test_a_verbatim_message_is_served_as_it_stands():
    """Neither cut nor completed; its keys keep their order."""
    served = post(engine({"message": MESSAGE}), request(max_tokens=1, stop_sequences=["STOP"])).reply.body
    assert served == json.dumps(MESSAGE, separators=(",", ":")).encode()
    assert folded({"message": MESSAGE}) == MESSAGE


EVENTS = [
    {"data": {"type": "message_start", "message": {"id": "m", "content": [], "usage": {}}}},
    {"type": "ping"},
    {"event": "mine", "data": {"type": "x", "a": 1}},
    {"event": "raw", "data": "not json"},
    {"event": "message_stop", "data": {"type": "message_stop"}},
]


def test_a_message_without_usage_stays_without():
    message = {"id": "m", "content": [{"type": "text", "text": "a"}], "stop_reason": "end_turn"}
    assert folded({"message": message}) == answer({"message": message}) == message


def test_verbatim_events_are_served_as_they_stand():
    raw = post(engine({"events": EVENTS}), request(stream=True)).reply.body
    assert raw == (
        b'event: message_start\ndata: {"type":"message_start","message":{"id":"m","content":[],"usage":{}}}\n\n'
        b'event: ping\ndata: {"type": "ping"}\n\n'
        b'event: mine\ndata: {"type":"x","a":1}\n\n'
        b"event: raw\ndata: not json\n\n"
        b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    )


def test_verbatim_events_written_as_text_fold_too():
    events = [{"event": "message_start", "data": json.dumps(EVENTS[0]["data"])}, EVENTS[4]]
    assert answer({"events": events}) == {"id": "m", "content": [], "usage": {}}
    handled = post(engine({"events": [{"event": "x", "data": "no json"}]}), request())
    assert handled.reply.head.status == 400


def test_an_open_input_that_is_no_json_is_told():
    events = [
        {"type": "message_start", "message": {"id": "m", "usage": {}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "input": {}}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": "}}"}},
        {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}, "usage": {}},
        {"type": "message_stop"},
    ]
    assert post(engine({"events": events}), request()).reply.head.status == 400


def test_verbatim_events_fold_for_a_plain_request_or_say_why_not():
    assert answer({"events": [EVENTS[0], EVENTS[4]]}) == {"id": "m", "content": [], "usage": {}}
    handled = post(engine({"events": EVENTS}), request())
    error = json.loads(handled.reply.body)["error"]
    assert handled.reply.head.status == 400
    assert handled.reply.head.headers["x-should-retry"] == "false"
    assert error["message"].startswith(
        "mockserver: scenario 'code#1', turn 0: the request asks for no stream, and these events make no message: event 2 (x)"
    )


ERRORS = [
    ("overloaded", 529, "overloaded_error", "Overloaded", {"x-should-retry": "true"}),
    ("overloaded_error", 529, "overloaded_error", "Overloaded", {"x-should-retry": "true"}),
    ("api", 500, "api_error", "Internal server error", {}),
    ("invalid_request", 400, "invalid_request_error", "Invalid request", {"x-should-retry": "false"}),
    ("request_too_large", 413, "request_too_large", "Request exceeds the maximum size", {}),
    ({"type": "rate_limit", "retry_after": 2, "message": "Slow, {{ prompt }}"}, 429, "rate_limit_error", "Slow, Hello", {"retry-after": "2"}),
    ({"type": "timeout", "retry_after": 0.5}, 504, "timeout_error", "Request timed out", {"retry-after": "0.5"}),
    ({"type": "rate_limit", "retry_after": 1234567, "status": 400}, 400, "rate_limit_error", None, {"retry-after": "1234567", "x-should-retry": "false"}),
    ("conflict", 409, "conflict_error", None, {"x-should-retry": "false"}),
    ({"type": "new_error", "status": 418, "message": "m"}, 418, "new_error", "m", {}),
    ({"type": "api", "status": 503, "headers": {"x": "y"}}, 503, "api_error", "Internal server error", {"x": "y"}),
]  # fmt: skip


@pytest.mark.parametrize(("error", "status", "kind", "message", "headers"), ERRORS)
@pytest.mark.parametrize("streamed", [False, True])
def test_errors(error, status, kind, message, headers, streamed):
    """JSON with the error's status, also where a stream was asked for."""
    handled = post(engine({"error": error}), request(stream=streamed))
    body = json.loads(handled.reply.body)
    assert handled.reply.head.status == status
    assert body["error"] == {"type": kind, "message": message or body["error"]["message"]}
    assert body["request_id"] == handled.reply.head.headers["request-id"]
    assert handled.reply.head.headers["content-type"] == "application/json"
    assert headers.items() <= handled.reply.head.headers.items()


def test_an_error_s_details_and_header_overrides():
    handled = post(
        engine({"error": {"type": "overloaded", "details": {"error_code": "c"}, "headers": {"x-should-retry": None}}}),
        request(),
    )
    assert json.loads(handled.reply.body)["error"]["details"] == {"error_code": "c"}
    assert "x-should-retry" not in handled.reply.head.headers


def test_a_stream_shows_the_headers_of_one():
    handled = post(engine({"reply": "a"}), request(stream=True))
    assert handled.reply.head.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert handled.reply.head.length is None
    assert len(list(handled.reply.runs())) == 2, "steps with nothing between them are one write"
    assert events_of(handled.reply.body)[0]["type"] == "message_start"


def test_padding_is_seeded_and_never_more_than_15():
    raw = post(engine({"reply": "a b c d e f g", "stream": {"chunk": "char"}}), request(stream=True)).reply.body
    again = post(engine({"reply": "a b c d e f g", "stream": {"chunk": "char"}}), request(stream=True)).reply.body
    other = post(
        engine({"reply": "a b c d e f g", "stream": {"chunk": "char"}}, seed=1), request(stream=True)
    ).reply.body
    pads = {len(line) - len(line.rstrip(b"}").rstrip(b" ")) - 1 for line in raw.splitlines() if line.endswith(b" }")}
    assert pads
    assert max(pads) <= 15
    assert raw == again != other


def test_a_lone_surrogate_or_huge_number_of_an_author_is_served():
    assert answer({"reply": [{"tool_use": {"name": "f", "input": {"n": 2**80}}}]})["content"][0]["input"] == {
        "n": 2**80
    }


def test_defaults_of_a_scenario_reach_every_turn():
    scenario = {
        "turns": [{"reply": "a"}, {"reply": "b", "model": "own"}],
        "model": "default",
        "headers": {"x": "y"},
        "usage": {"input_tokens": 1},
    }
    server = engine(scenario)
    first = post(server, request())
    second = json.loads(post(server, request("a", assistant([tool_use()]), user([tool_result()]))).reply.body)
    assert json.loads(first.reply.body)["model"] == "default"
    assert first.reply.head.headers["x"] == "y"
    assert (second["model"], second["usage"]["input_tokens"]) == ("own", 1)


def test_a_template_in_a_block_of_any_type():
    made = blocks(
        {"brand_new": {"a": ["{{ prompt }}"]}}, {"tool_use": {"name": "{{ prompt }}", "input": {"n": "{{ turn }}"}}}
    )
    assert made[0]["a"] == ["Hello"]
    assert (made[1]["name"], made[1]["input"]) == ("Hello", {"n": 0})


def test_only_a_reply_s_input_keeps_types():
    handled = post(
        engine({"error": {"type": "api", "details": {"input": "{{ turn }}"}}, "headers": {"input": "{{ turn }}"}}),
        request(),
    )
    assert json.loads(handled.reply.body)["error"]["details"] == {"input": "0"}
    assert handled.reply.head.headers["input"] == "0"


def test_input_auto_needs_no_schema_it_does_not_know():
    assert blocks({"tool_use": {"name": "bash", "input": "auto"}})[0]["input"] == {"command": "ls -la"}
    assert blocks({"tool_use": {"name": "unknown", "input": "auto"}})[0]["input"] == {}
    with pytest.raises(ScenarioError, match="expected"):
        engine({"reply": [{"tool_use": {"name": "x", "input": "oops"}}]})
