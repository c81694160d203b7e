"""Threads: what a continuation is answered to, what is held, and what strict objects refuse."""

import json

import pytest
from helpers import WEATHER_TOOL, assistant, engine, post, request, tool_result, user

from mockserver.state.sessions import MOST_THREADS

BETA = {"anthropic-beta": "message-threads-2026-08-12"}
SCRIPT = {
    "match": {"user": "weather", "system": "brief", "tools": ["get_weather"]},
    "turns": [
        {"reply": [{"tool_use": {"name": "get_weather", "input": {"city": "Paris"}}}]},
        {"reply": "It is {{ tool_result }}."},
    ],
}


def ask(server, body, headers=None):
    handled = post(server, body, BETA | (headers or {}))
    handled.exchange.sent = "whole"
    return json.loads(handled.reply.body)


def created(**more):
    return request("The weather?", system="Be brief", tools=[WEATHER_TOOL], thread={"type": "create"}, **more)


def continued(answer, *messages, **more):
    thread = {"type": "continue", "previous_message_id": answer["id"]}
    return request(*messages, **more) | {
        "messages": [user(m) if isinstance(m, str) else m for m in messages],
        "thread": thread,
    }


def result(answer, content="sunny"):
    return user([tool_result(content, answer["content"][0]["id"])])


@pytest.mark.parametrize("objects", ["any", "strict"])
def test_a_continuation_is_answered_as_the_whole_conversation_is(objects):
    server = engine(
        SCRIPT,
        {"match": {"user": "thanks", "body": {"messages[0].content": "The weather?"}}, "reply": "Bye"},
        objects=objects,
    )
    first = ask(server, created())
    second = ask(server, continued(first, result(first)))
    assert second["content"][0]["text"] == "It is sunny."
    assert ask(server, continued(second, "Thanks"))["content"][0]["text"] == "Bye"
    whole = request("The weather?", assistant(first["content"]), result(first), system="Be brief", tools=[WEATHER_TOOL])
    unthreaded = ask(server, whole)
    assert {k: v for k, v in second.items() if k != "id"} == {k: v for k, v in unthreaded.items() if k != "id"}


def test_the_journal_keeps_what_was_sent():
    server = engine(SCRIPT)
    first = ask(server, created())
    sent = continued(first, result(first))
    ask(server, sent)
    assert server.sessions.get("default").journal.exchanges[-1].body == sent


def test_the_journal_keeps_what_was_sent_also_where_nothing_answers():
    server = engine(SCRIPT)
    first = ask(server, created())
    second = ask(server, continued(first, result(first)))
    sent = continued(second, "There is no third turn")
    handled = post(server, sent, BETA)
    assert (handled.exchange.verdict, handled.exchange.body) == ("unmatched", sent)


def test_a_matcher_sees_that_a_thread_is_continued():
    server = engine({"match": {"body": {"thread.type": "continue"}}, "reply": "on"}, {"reply": "new"})
    first = ask(server, created())
    assert [first["content"][0]["text"], ask(server, continued(first, "x"))["content"][0]["text"]] == ["new", "on"]


def test_nothing_to_add_resumes_a_paused_turn():
    reply = [{"server_tool_use": {"name": "web_search", "input": {}}}]
    server = engine({"turns": [{"reply": reply, "stop_reason": "pause_turn"}, {"reply": "done"}]}, validation="off")
    first = ask(server, created())
    assert ask(server, continued(first))["content"][0]["text"] == "done"


def test_a_conversation_with_its_thread_is_judged_as_a_whole():
    server = engine(SCRIPT)
    first = ask(server, created())
    orphan = continued(first, user([tool_result(id_="toolu_other")]))
    assert "unexpected `tool_use_id`" in ask(server, orphan)["error"]["message"]


def code(answer):
    return answer["error"]["details"]["error_code"]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"thread": {"type": "continue", "previous_message_id": "msg_x"}}, "thread_not_found"),
        ({"system": "Other"}, "thread_fingerprint_mismatch"),
        ({"tools": []}, "thread_fingerprint_mismatch"),
        ({"cache_control": {"type": "ephemeral"}}, "thread_unsupported_request"),
        ({"context_management": {"edits": []}}, "thread_unsupported_request"),
    ],
)
def test_what_strict_objects_refuse_and_others_do_not(change, wanted):
    headers = {"anthropic-beta": f"{BETA['anthropic-beta']},context-management-2025-06-27"}
    for objects in ("strict", "any"):
        server = engine({"reply": "a"}, objects=objects)
        got = ask(server, continued(ask(server, created()), "b") | change, headers)
        if objects == "strict":
            assert code(got) == wanted
        else:
            assert got["type"] == "message"


def test_an_unsupported_field_is_named():
    server = engine({"reply": "a"}, objects="strict")
    got = ask(server, created(cache_control={"type": "ephemeral"}))
    assert got["error"]["details"] == {"error_code": "thread_unsupported_request", "unsupported": ["cache_control"]}


def test_a_mismatch_names_its_fields():
    server = engine({"reply": "a"}, objects="strict")
    first = ask(server, created())
    assert ask(server, continued(first, "x", system="b"))["error"]["message"].endswith("Fields: system.")
    assert ask(server, continued(first, "x", system="Be brief", tools=[WEATHER_TOOL]))["type"] == "message"


def test_an_answer_is_continued_once():
    server = engine({"reply": "a"}, objects="strict")
    first = ask(server, created())
    handled = post(server, continued(first, "b"), BETA)
    assert code(ask(server, continued(first, "c"))) == "thread_continue_in_flight"
    handled.exchange.sent = "whole"
    assert code(ask(server, continued(first, "c"))) == "thread_already_continued"
    loose = engine({"reply": "a"})
    first = ask(loose, created())
    assert [ask(loose, continued(first, word))["type"] for word in "bc"] == ["message", "message"]


def test_an_error_uses_nothing_up():
    server = engine({"match": {"user": "b"}, "error": "overloaded"}, {"reply": "a"}, objects="strict")
    first = ask(server, created())
    assert ask(server, continued(first, "b"))["type"] == "error"
    assert ask(server, continued(first, "c"))["type"] == "message"


@pytest.mark.parametrize("what", ["refusal", "no thread"])
def test_what_is_not_held(what):
    server = engine({"reply": "No.", **({"stop_reason": "refusal"} if what == "refusal" else {})}, objects="strict")
    first = ask(server, created() if what == "refusal" else request("a"))
    assert code(ask(server, continued(first, "b"))) == "thread_not_found"


def test_a_session_sees_its_own_threads_and_only_the_latest():
    server = engine({"reply": "a"}, objects="strict")
    first = ask(server, created())
    assert code(ask(server, continued(first, "b"), {"x-mock-session": "two"})) == "thread_not_found"
    for _ in range(MOST_THREADS):
        server.sessions.get("default").threads.put(str(_), server.sessions.get("default").threads.get(first["id"]), 1)
    assert code(ask(server, continued(first, "b"))) == "thread_not_found"


@pytest.mark.parametrize("turn", [{"reply": []}, {"reply": "a"}])
def test_a_thread_goes_on_behind_an_answer_without_content(turn):
    server = engine({"match": {"max_tokens": 0}, **turn}, {"match": {"user": "more"}, "reply": "b"}, objects="strict")
    first = ask(server, created(max_tokens=0))
    assert first["content"] == []
    assert ask(server, continued(first, "more"))["content"][0]["text"] == "b"


def events(stop_reason):
    return [
        {"type": "message_start", "message": {"id": "msg_x", "content": [], "usage": {}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": "Said."}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": stop_reason}, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    ]


@pytest.mark.parametrize("stream", [False, True])
def test_a_verbatim_stream_is_held_as_what_it_folds_to(stream):
    said = "{{ request.messages[1].content[0].text }}"
    server = engine(
        {"match": {"user": "begin"}, "events": events("end_turn")},
        {"match": {"user": "more"}, "reply": said},
        objects="strict",
    )
    post(server, request("begin", thread={"type": "create"}, stream=stream), BETA).exchange.sent = "whole"
    assert ask(server, continued({"id": "msg_x"}, "more"))["content"][0]["text"] == "Said."


@pytest.mark.parametrize("stream", [False, True])
def test_a_verbatim_refusal_is_not_held(stream):
    server = engine({"match": {"user": "begin"}, "events": events("refusal")}, {"reply": "a"}, objects="strict")
    post(server, request("begin", thread={"type": "create"}, stream=stream), BETA)
    assert code(ask(server, continued({"id": "msg_x"}, "more"))) == "thread_not_found"


def test_an_answer_without_an_id_is_not_held():
    server = engine({"message": {"content": []}})
    ask(server, created())
    assert len(server.sessions.get("default").threads) == 0


def test_what_would_be_refused_is_a_warning_where_objects_are_not_strict():
    server = engine({"reply": "a"})
    handled = post(server, continued({"id": "msg_x"}, "b"), BETA)
    assert "the real API answers 404 thread_not_found" in handled.exchange.warning
    assert handled.reply.head.headers["x-mock-warning"].startswith("mockserver: the real API answers 404")
    assert ask(server, created())["type"] == "message"
    assert server.sessions.get("default").journal.exchanges[-1].warning == ""
