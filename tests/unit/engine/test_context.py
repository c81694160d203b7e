"""Through the engine: the cache and its presets, diagnostics, managed context, compaction."""

import json

import pytest
from helpers import WEATHER_TOOL, assistant, engine, events_of, post, request, tool_result, tool_use, user

from mockserver.validation.incoming import Incoming
from mockserver.wire.events import fold

MANAGED = {"anthropic-beta": "context-management-2025-06-27,compact-2026-01-12"}
COMPACT = {"anthropic-beta": "compact-2026-09-04"}
MARK = {"type": "ephemeral"}
FORMAT = {"type": "json_schema", "schema": {"type": "object", "additionalProperties": False}}
LATER = {"name": "later", "input_schema": {"type": "object"}, "defer_loading": True}
SEARCH = {"type": "web_search_20250305", "name": "web_search"}
LONG = "A sentence of seven words stands here. " * 400


def ask(server, body, headers=None, path="/v1/messages"):
    handled = post(server, body, headers, path)
    assert handled.reply.head.status == 200, handled.reply.body
    return json.loads(handled.reply.body)


def counters(message):
    usage = message["usage"]
    return usage["cache_read_input_tokens"] > 0, usage["cache_creation_input_tokens"] > 0


def cached(**more):
    return request("Hello", system=[{"type": "text", "text": LONG, "cache_control": MARK}], **more)


# ------------------------------------------------------------------ the cache


def test_a_second_request_reads_what_the_first_wrote_and_streams_show_the_same():
    server = engine({"reply": "a"})
    first, second = ask(server, cached()), ask(server, cached())
    streamed = fold(events_of(post(server, cached(stream=True)).reply.body))
    assert counters(first) == (False, True)
    assert first["usage"]["cache_creation"]["ephemeral_5m_input_tokens"] == second["usage"]["cache_read_input_tokens"]
    assert {k: v for k, v in streamed["usage"].items() if "cache" in k} == {
        k: v for k, v in second["usage"].items() if "cache" in k
    }


@pytest.mark.parametrize(
    ("seconds", "reads"), [(0, True), (299, True), (300, False), (301, False)], ids=["at once", "before", "at", "after"]
)
def test_five_minutes(seconds, reads):
    server = engine({"reply": "a"})
    ask(server, cached())
    server.clock.advance(seconds)
    assert counters(ask(server, cached())) == (reads, not reads)


def test_reading_keeps_an_entry_alive():
    server = engine({"reply": "a"})
    ask(server, cached())
    for _ in range(5):
        server.clock.advance(240)
        assert counters(ask(server, cached())) == (True, False)


@pytest.mark.parametrize(
    ("difference", "reads"),
    [
        ({}, True),
        ({"x-api-key": "another"}, False),
        ({"anthropic-workspace-id": "wrkspc_2"}, False),
        ({"x-mock-session": "two"}, False),
        ({"anthropic-version": "2026-10-21"}, True),
    ],
)
def test_whose_cache_it_is(difference, reads):
    server = engine({"reply": "a"})
    ask(server, cached())
    assert counters(ask(server, cached(), difference)) == (reads, not reads)


def test_a_key_is_the_same_as_a_bearer_token():
    server = engine({"reply": "a"})
    ask(server, cached(), {"x-api-key": "k"})
    bearer = {"authorization": "Bearer k"}
    handled = server.handle(post_without_key(cached(), bearer))
    assert counters(json.loads(handled.reply.body)) == (True, False)


def test_a_virtual_key_of_bifrost_is_a_key_of_its_own_and_stays_out_of_the_journal():
    server = engine({"reply": "a"}, dialect="bifrost")
    reads = []
    for key in ("sk-bf-one", "sk-bf-two", "sk-bf-one"):
        handled = post(server, cached(), {"x-bf-vk": key}, "/anthropic/v1/messages")
        reads.append(json.loads(handled.reply.body)["usage"]["cache_read_input_tokens"] > 0)
        assert handled.exchange.headers["x-bf-vk"] == "***"
    assert reads == [False, False, True]


def post_without_key(body, headers):
    return Incoming("POST", "/v1/messages", {"anthropic-version": "2023-06-01", **headers}, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("preset", "expected"), [("warm", (True, False)), ("cold", (False, True)), ("off", (False, False))]
)
def test_presets_of_a_scenario(preset, expected):
    server = engine({"reply": "a", "cache": preset})
    assert [counters(ask(server, cached())) for _ in range(2)] == [expected, expected]


def test_a_cold_cache_begins_the_lives_anew():
    server = engine({"match": {"max_tokens": 9}, "reply": "a", "cache": "cold"}, {"reply": "a"})
    ask(server, cached())
    server.clock.advance(299)
    assert counters(ask(server, cached(max_tokens=9))) == (False, True)
    server.clock.advance(299)
    assert counters(ask(server, cached())) == (True, False)


def test_null_and_nothing_are_the_same_to_the_cache():
    server = engine({"reply": "a"})
    for more in ({}, {"citations": None}):
        inner = {"type": "text", "text": LONG, **more}
        turns = [user("Hello"), assistant([tool_use()]), user([tool_result([inner], cache_control=MARK)])]
        last = ask(server, request(*turns, tools=[WEATHER_TOOL]))
    assert counters(last) == (True, False)


def test_overrides_win_over_the_ledger():
    server = engine({"reply": "a", "usage": {"cache_read_input_tokens": 7, "cache_creation": None}})
    usage = ask(server, cached())["usage"]
    assert (usage["cache_read_input_tokens"], usage["cache_creation"]) == (7, None)
    assert usage["cache_creation_input_tokens"] > 0


def test_prewarming_writes_and_says_nothing():
    server = engine({"reply": "a"})
    warm = ask(server, cached(max_tokens=0))
    assert (warm["content"], warm["stop_reason"], warm["usage"]["output_tokens"]) == ([], "max_tokens", 0)
    assert counters(warm) == (False, True)
    assert counters(ask(server, cached())) == (True, False)


@pytest.mark.parametrize("outcome", [{"error": "overloaded"}, {"reply": "{{ request.nothing }}"}])
def test_a_request_that_is_refused_caches_nothing(outcome):
    server = engine({"match": {"max_tokens": 9}, **outcome}, {"reply": "a"})
    assert post(server, cached(max_tokens=9)).reply.head.status >= 400
    assert counters(ask(server, cached())) == (False, True)


def test_counting_caches_nothing():
    server = engine({"reply": "a"})
    body = {k: v for k, v in cached().items() if k != "max_tokens"}
    total = ask(server, body, path="/v1/messages/count_tokens")["input_tokens"]
    first = ask(server, cached())
    assert counters(first) == (False, True)
    assert first["usage"]["input_tokens"] + first["usage"]["cache_creation_input_tokens"] == total


@pytest.mark.parametrize(
    "outcome",
    [
        {"message": {"id": "msg_x", "content": [], "usage": {}}},
        {"events": [{"type": "message_start", "message": {"id": "msg_x", "content": []}}, {"type": "message_stop"}]},
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_verbatim_answer_caches_what_its_request_marked(outcome, stream):
    server = engine({"match": {"max_tokens": 9}, **outcome}, {"reply": "a"})
    assert post(server, cached(max_tokens=9, stream=stream)).reply.head.status == 200
    assert counters(ask(server, cached())) == (True, False)


OTHERWISE = {
    "a forced tool": {"tool_choice": {"type": "any"}},
    "one call at a time": {"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
    "thinking": {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 2000},
    "structured output": {"output_config": {"format": FORMAT}},
    "a deferred tool": {"tools": [WEATHER_TOOL, LATER]},
    "web search": {"tools": [WEATHER_TOOL, SEARCH]},
    "effort": {"output_config": {"effort": "low"}},
}


@pytest.mark.parametrize("change", OTHERWISE.values(), ids=OTHERWISE)
def test_a_request_that_came_before_writes_nothing(change):
    """Also where an earlier request stored the same prefix with other settings around it."""
    server = engine({"reply": "a"}, validation="lenient")
    plain = cached(tools=[WEATHER_TOOL]) | {"model": "claude-sonnet-4-6"}
    ask(server, plain)
    ask(server, plain | change)
    again = ask(server, plain | change)
    assert again["usage"]["cache_creation_input_tokens"] == 0
    assert again["usage"]["cache_read_input_tokens"] > 1024
    assert ask(server, plain)["usage"]["cache_creation_input_tokens"] == 0


def test_settings_of_the_messages_leave_what_the_system_prompt_cached():
    server = engine({"reply": "a"})
    first = ask(server, cached(tools=[WEATHER_TOOL]))
    second = ask(server, cached(tools=[WEATHER_TOOL], tool_choice={"type": "any"}))
    assert second["usage"]["cache_read_input_tokens"] == first["usage"]["cache_creation_input_tokens"]
    assert second["usage"]["cache_creation_input_tokens"] == 0


@pytest.mark.parametrize("what", ["traces", "threads"])
def test_nobody_sees_another_ones_books(what):
    server = engine({"reply": "a"}, objects="strict")
    if what == "traces":
        first = ask(server, asking(None))
        other = ask(server, asking(first["id"]), {"x-api-key": "another"})
        assert other["diagnostics"]["cache_miss_reason"]["type"] == "previous_message_not_found"
        return
    beta = {"anthropic-beta": "message-threads-2026-08-12"}
    first = ask(server, request("a", thread={"type": "create"}), beta)
    more = request("b", thread={"type": "continue", "previous_message_id": first["id"]})
    assert post(server, more, beta | {"x-api-key": "another"}).reply.head.status == 404
    assert post(server, more, beta).reply.head.status == 200


# ------------------------------------------------------------------ diagnostics


def asking(previous, **more):
    return cached(diagnostics={"previous_message_id": previous}, **more)


TURNS = [user("Hello"), assistant("a"), user("More")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"messages": TURNS}, None),
        ({"max_tokens": 7}, None),
        ({"model": "claude-opus-5"}, "model_changed"),
        ({"model": "claude-opus-5", "system": "b"}, "model_changed"),
        ({"tools": [WEATHER_TOOL]}, "tools_changed"),
        ({"tools": [WEATHER_TOOL], "system": "b"}, "tools_changed"),
        ({"system": "b"}, "system_changed"),
        ({"messages": [user("Hi")]}, "messages_changed"),
        ({"messages": [user("Hello there"), *TURNS[1:]]}, "messages_changed"),
        ({"thinking": {"type": "disabled"}}, "unavailable"),
    ],
)
def test_the_first_difference_is_told(change, reason):
    server = engine({"reply": "a"})
    first = ask(server, asking(None))
    assert first["diagnostics"] is None
    second = ask(server, asking(first["id"]) | change)
    if reason is None:
        assert second["diagnostics"] is None
        return
    told = second["diagnostics"]["cache_miss_reason"]
    assert told["type"] == reason
    missed = first["usage"]["cache_creation_input_tokens"] - second["usage"]["cache_read_input_tokens"]
    assert told.get("cache_missed_input_tokens") == (None if reason == "unavailable" else missed)


@pytest.mark.parametrize("previous", ["msg_011CUnknown", "first"])
def test_only_requests_that_asked_for_diagnostics_are_remembered(previous):
    server = engine({"reply": "a"})
    first = ask(server, cached())
    assert "diagnostics" not in first
    second = ask(server, asking(first["id"] if previous == "first" else previous))
    assert second["diagnostics"] == {"cache_miss_reason": {"type": "previous_message_not_found"}}


def test_diagnostics_stand_in_message_start():
    events = events_of(post(engine({"reply": "a"}), asking("msg_x", stream=True)).reply.body)
    assert events[0]["message"]["diagnostics"]["cache_miss_reason"]["type"] == "previous_message_not_found"
    assert "diagnostics" not in events[-2]


# ------------------------------------------------------------------ managed context


def loop(**more):
    messages = ["Go"]
    for number in range(4):
        messages += [assistant([tool_use(id_=f"toolu_{number}")]), user([tool_result(LONG, f"toolu_{number}")])]
    edit = {"type": "clear_tool_uses_20250919", "trigger": {"type": "input_tokens", "value": 1000}}
    return request(*messages, tools=[WEATHER_TOOL], context_management={"edits": [edit]}, **more)


def test_applied_edits_are_told_and_paid_for_no_more():
    server = engine({"reply": "a"})
    plain = {k: v for k, v in loop().items() if k != "context_management"}
    got, before = ask(server, loop(), MANAGED), ask(server, plain)
    (edit,) = got["context_management"]["applied_edits"]
    assert edit["cleared_tool_uses"] == 1
    assert before["usage"]["input_tokens"] - got["usage"]["input_tokens"] == edit["cleared_input_tokens"] > 1000
    assert "context_management" not in before


def test_edits_stand_in_message_delta():
    events = events_of(post(engine({"reply": "a"}), loop(stream=True), MANAGED).reply.body)
    assert "context_management" not in events[0]["message"]
    assert events[-2]["context_management"]["applied_edits"][0]["cleared_tool_uses"] == 1
    assert list(events[-2]) == ["type", "delta", "usage", "context_management"]


def test_counting_tells_both_numbers():
    server = engine()
    body = {k: v for k, v in loop().items() if k != "max_tokens"}
    got = ask(server, body, MANAGED, "/v1/messages/count_tokens")
    assert got["context_management"]["original_input_tokens"] > got["input_tokens"] + 1000
    whole = {k: v for k, v in body.items() if k != "context_management"}
    assert ask(server, whole, MANAGED, "/v1/messages/count_tokens") == {
        "input_tokens": got["context_management"]["original_input_tokens"]
    }


def compacting(**edit):
    edit = {"type": "compact_20260112", "trigger": {"type": "input_tokens", "value": 50_000}, **edit}
    return {"context_management": {"edits": [edit]}, "model": "claude-sonnet-4-6"}


HUGE = LONG * 20


def test_a_prompt_at_the_trigger_is_compacted_before_it_is_answered():
    got = ask(engine({"reply": "Hello"}), request(HUGE, **compacting()), MANAGED)
    assert [b["type"] for b in got["content"]] == ["compaction", "text"]
    assert (got["stop_reason"], got["context_management"]) == ("end_turn", {"applied_edits": []})
    summary, message = got["usage"]["iterations"]
    assert [summary["type"], message["type"]] == ["compaction", "message"]
    assert summary["input_tokens"] > 50_000
    assert got["usage"]["input_tokens"] < 1000
    assert {k: message[k] for k in ("input_tokens", "output_tokens")} == {
        k: got["usage"][k] for k in ("input_tokens", "output_tokens")
    }


def test_a_prompt_below_the_trigger_is_one_iteration():
    got = ask(engine({"reply": "Hello"}), request("Hi", **compacting()), MANAGED)
    (only,) = got["usage"]["iterations"]
    assert (only["type"], only["input_tokens"]) == ("message", got["usage"]["input_tokens"])
    assert list(only)[-1] == "type"


def test_prewarming_compacts_nothing():
    got = ask(engine({"reply": "Hello"}), request(HUGE, **compacting(), max_tokens=0), MANAGED)
    assert (got["content"], got["stop_reason"]) == ([], "max_tokens")
    assert [i["type"] for i in got["usage"]["iterations"]] == ["message"]
    assert got["usage"]["input_tokens"] > 50_000


@pytest.mark.parametrize("stream", [False, True])
def test_overrides_win_over_the_only_iteration_too(stream):
    scenario = {"reply": "Hello", "usage": {"input_tokens": 5, "cache_read_input_tokens": 77}}
    handled = post(engine(scenario), request("Hi", **compacting(), stream=stream), MANAGED)
    raw = handled.reply.body
    usage = fold(events_of(raw))["usage"] if stream else json.loads(raw)["usage"]
    for counters in (usage, usage["iterations"][0]):
        assert (counters["input_tokens"], counters["cache_read_input_tokens"]) == (5, 77)
    if stream:
        assert events_of(raw)[0]["message"]["usage"]["input_tokens"] == 5


def test_overrides_win_over_the_iteration_behind_a_summary():
    scenario = {"reply": "Hello", "usage": {"output_tokens": 77}}
    usage = ask(engine(scenario), request(HUGE, **compacting()), MANAGED)["usage"]
    assert [i["output_tokens"] == 77 for i in usage["iterations"]] == [False, True]


def test_a_pause_gives_the_summary_alone():
    got = ask(engine({"reply": "Hello"}), request(HUGE, **compacting(pause_after_compaction=True)), MANAGED)
    assert [b["type"] for b in got["content"]] == ["compaction"]
    assert got["stop_reason"] == "compaction"
    assert [i["type"] for i in got["usage"]["iterations"]] == ["compaction"]
    assert (got["usage"]["input_tokens"], got["usage"]["output_tokens"]) == (0, 0)


def test_a_summary_may_be_scripted():
    scenario = {"reply": [{"compaction": {"content": "We said hello."}}, {"text": "Hello"}]}
    for body, headers in ((request("Hi"), {}), (request(HUGE, **compacting()), MANAGED)):
        got = ask(engine(scenario), body, headers)
        assert [b.get("content") or b.get("text") for b in got["content"]] == ["We said hello.", "Hello"]
        assert [i["type"] for i in got["usage"]["iterations"]] == ["compaction", "message"]


def test_the_messages_before_a_summary_are_no_part_of_the_prompt():
    server = engine({"reply": "Hello"})
    block = {"type": "compaction", "content": "We said hello."}
    after = ask(server, request(HUGE, assistant([block]), "More", **compacting()), MANAGED)
    assert after["usage"]["input_tokens"] < 1000


def test_compaction_on_request_gives_one_signed_block():
    server = engine({"reply": "Hello"})
    body = request("Hi", assistant("Hello"), "More", compaction={"type": "summarize"})
    got = ask(server, body, COMPACT)
    (block,) = got["content"]
    assert (block["type"], got["stop_reason"]) == ("compaction", "compaction")
    again = request(assistant([block]), "More")
    assert ask(server, again, COMPACT)["stop_reason"] == "end_turn"
    changed = request(assistant([block | {"content": "Something else."}]), "More")
    assert code(post(server, changed, COMPACT)) == "compaction_content_mismatch"
    broken = request(assistant([block | {"signature": "bm9uZQ=="}]), "More")
    assert code(post(server, broken, COMPACT)) == "compaction_signature_invalid"


def code(handled):
    assert handled.reply.head.status == 400
    return json.loads(handled.reply.body)["error"]["details"]["error_code"]


def test_the_start_of_a_compacted_stream_shows_what_the_summary_read():
    body = request(HUGE, **compacting(), stream=True, cache_control=MARK)
    events = events_of(post(engine({"reply": "Hello"}), body, MANAGED).reply.body)
    start, end = events[0]["message"]["usage"], events[-2]["usage"]
    assert start["cache_creation_input_tokens"] == end["iterations"][0]["cache_creation_input_tokens"] > 50_000
    assert end["cache_creation_input_tokens"] == 0


# ------------------------------------------------------------------ what nobody judged

ODD = {
    "no messages in a thread": {"thread": {"type": "create"}, "messages": None},
    "a number for messages": {"thread": {"type": "continue", "previous_message_id": 5}, "messages": 5},
    "excluded tools that are none": {"context_management": {"edits": [{"type": "clear_tool_uses_20250919", "exclude_tools": 5, "keep": {"value": 0}, "trigger": {"value": 0}}]}},
    "excluded tools that are a text": {"context_management": {"edits": [{"type": "clear_tool_uses_20250919", "exclude_tools": "a", "keep": {"value": 0}, "trigger": {"value": 0}}]}},
    "a type that is a list": {"messages": [user([{"type": ["x"]}]), assistant([{"type": ["x"]}])], "context_management": {"edits": [{"type": "clear_thinking_20251015"}]}},
    "a type that is a map": {"messages": [user([{"type": {}}])]},
    "a name that is a map": {"messages": [user("a"), assistant([{"type": "tool_use", "name": {}, "input": 5}])], "context_management": {"edits": [{"type": "clear_tool_uses_20250919", "exclude_tools": ["a"], "keep": {"value": 0}, "trigger": {"value": 0}}]}},
    "a region that is a number": {"inference_geo": 5, "speed": -1},
    "fallbacks that are none": {"fallbacks": [5, {"model": 5}, {}]},
    "a very long role": {"messages": [{"role": "u" * 65, "content": LONG}], "cache_control": MARK},
    "diagnostics that are none": {"diagnostics": 5, "cache_control": 5},
    "a mark that is none": {"system": [{"type": "text", "text": "a", "cache_control": {"ttl": 5}}], "cache_control": {"ttl": []}},
}  # fmt: skip


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
@pytest.mark.parametrize("stream", [False, True])
def test_nothing_breaks_that_was_not_judged(body, stream):
    reply = [{"text": {"text": "a", "citations": "auto"}}]
    asked = request(stream=stream) | body
    assert post(engine({"reply": reply}, validation="off"), asked).exchange.verdict == "answered"
    assert post(engine(validation="off"), asked, path="/v1/messages/count_tokens").exchange.verdict == "counted"


@pytest.mark.parametrize("iterations", [[1], {"a": 1}, None, "x"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_verbatim_message_may_say_anything_of_its_iterations(iterations, stream):
    scenario = {"message": {"content": [], "usage": {"iterations": iterations}}}
    body = request(stream=stream, thread={"type": "create"})
    assert post(engine(scenario), body, {"anthropic-beta": "message-threads-2026-08-12"}).exchange.verdict == "answered"
