"""The journal as text: records a line, a HAR log, and scenarios that answer the same again."""

import base64
import json
import re
from datetime import timedelta

import pytest
from helpers import HEADERS, WEATHER_TOOL, assistant, engine, post, request, tool_result, tool_use, user
from hypothesis import given, settings
from hypothesis import strategies as st
from test_gallery import CASES, FOLDER

from mockserver.control.exports import FORMS, export
from mockserver.control.records import Record, exchange_of, record_of
from mockserver.engine import Engine
from mockserver.scenario.documents import dump, read_yaml
from mockserver.scenario.library import Library
from mockserver.scenario.loading import load
from mockserver.settings import Settings
from mockserver.state.clock import Clock
from mockserver.validation.incoming import Incoming
from mockserver.wire.events import fold
from mockserver.wire.sse import Decoder

COUNT = "/v1/messages/count_tokens"


def ask(server, body, *, answer=None, path="/v1/messages", **headers):
    """Send a request, and let its answer arrive; `answer` names the scenario that is to give it."""
    chosen = {} if answer is None else {"x-answer": str(answer)}
    handled = post(server, body, {**headers, **chosen}, path)
    server.close(handled, "whole")
    return handled


def journal(server):
    return server.sessions.get("default").journal.exchanges


def told(server, form="scenarios"):
    return export(journal(server), form)


def documents(server):
    return [document.value for document in read_yaml(told(server))]


def scripted(*outcomes, **settings):
    """An engine in which a request's header `x-answer` says which outcome it meets."""
    named = ({"match": {"headers": {"x-answer": {"equals": str(n)}}}, **o} for n, o in enumerate(outcomes))
    return engine(*named, **settings)


def counting(body):
    return {key: value for key, value in body.items() if key not in ("max_tokens", "stream")}


# ------------------------------------------------------------------ again


def said(handled):
    """What must be the same again: ids of messages, padding and the cuts of a stream need not."""
    reply = handled.reply
    status, body = (reply.head.status if reply.is_sent else 0), reply.body
    try:
        message = fold(event for _, event in Decoder().feed(body)) if reply.head.length is None else json.loads(body)
    except ValueError:
        return status, re.sub(rb" *}\n", b"}\n", body)
    if message.get("type") != "message":
        return status, message.get("error") or message, reply.head.headers.get("retry-after")
    usage = message["usage"]
    whole_input = sum(
        usage.get(k) or 0 for k in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    )
    return (
        status,
        [message[k] for k in ("model", "content", "stop_reason", "stop_sequence")],
        usage["output_tokens"],
        whole_input,
    )


def again(server, asked, tmp_path, **settings):
    """Serve what was exported, send the same requests in the same order, and compare; return the documents."""
    text = told(server)
    file = tmp_path / "exported.yaml"
    file.write_text(text, encoding="utf-8")
    assert load([file]).problems == []
    second = Engine(Library([file]), Settings(seed=5, **settings), Clock.frozen("2026-02-02"))
    for handled, (body, path, headers) in asked:
        repeated = ask(second, body, path=path, **headers)
        assert said(repeated) == said(handled), text
    return [document.value for document in read_yaml(text)]


class Recording:
    """An engine, and all that was asked of it."""

    def __init__(self, server):
        self.server = server
        self.asked = []

    def ask(self, body, *, answer=None, path="/v1/messages", **headers):
        handled = ask(self.server, body, answer=answer, path=path, **headers)
        self.asked.append((handled, (body, path, headers)))
        return handled

    def again(self, tmp_path, **settings):
        return again(self.server, self.asked, tmp_path, **settings)


def test_a_text_is_a_line(tmp_path):
    recording = Recording(engine({"reply": "Hi {{ prompt }}!"}))
    recording.ask(request("Who are you?"))
    found = recording.again(tmp_path)
    assert found == [
        {"name": "who-are-you", "match": {"user": {"equals": "Who are you?"}}, "reply": "Hi Who are you?!"}
    ]
    assert told(recording.server) == (
        "# mockserver 0.1.0: 1 scenario from 1 request\n"
        "name: who-are-you\nmatch: {user: {equals: 'Who are you?'}}\nreply: Hi Who are you?!\n"
    )


def test_a_tool_loop_is_turns(tmp_path):
    calls = [{"tool_use": {"name": "get_weather", "input": {"city": city}}} for city in ("Paris", "Oslo")]
    recording = Recording(engine({"turns": [{"reply": [{"text": "Both."}, *calls]}, {"reply": "{{ tool_result }}"}]}))
    message = json.loads(recording.ask(request(tools=[WEATHER_TOOL])).reply.body)
    results = [tool_result("wet", block["id"]) for block in message["content"][1:]]
    history = ("Hello", assistant(message["content"]), user(results))
    recording.ask(request(*history, tools=[WEATHER_TOOL], stream=True))
    (found,) = recording.again(tmp_path)
    ids = [block["id"] for block in message["content"][1:]]
    assert found["turns"] == [
        {
            "reply": [
                {"text": "Both."},
                {"tool_use": {"name": "get_weather", "input": {"city": "Paris"}, "id": ids[0]}},
                {"tool_use": {"name": "get_weather", "input": {"city": "Oslo"}, "id": ids[1]}},
            ]
        },
        {"reply": "wet"},
    ]


def test_marks_of_the_cache_do_not_part_a_conversation(tmp_path):
    mark = {"cache_control": {"type": "ephemeral"}}
    recording = Recording(engine({"turns": [{"reply": [{"tool_use": {"name": "get_weather"}}]}, {"reply": "Wet."}]}))
    text = {"type": "text", "text": "Hello"}
    recording.ask(request(user([text | mark]), tools=[WEATHER_TOOL]))
    recording.ask(request(user([text]), assistant([tool_use()]), user([tool_result() | mark]), tools=[WEATHER_TOOL]))
    (found,) = recording.again(tmp_path)
    assert len(found["turns"]) == 2


def test_the_same_request_again_meets_attempts(tmp_path):
    outcomes = [
        {"error": "overloaded"},
        {"error": {"type": "rate_limit", "retry_after": 2}},
        {"error": "credit_balance_too_low"},
        {"reply": "At last."},
        {"reply": "At last."},
    ]
    recording = Recording(engine({"attempts": outcomes}))
    for number in range(5):
        recording.ask(request(stream=number % 2 == 0, metadata={"user_id": str(number)}))
    (found,) = recording.again(tmp_path)
    assert found["attempts"] == [
        {"error": "overloaded"},
        {"error": {"type": "rate_limit", "retry_after": 2}},
        {"error": "credit_balance_too_low"},
        {"reply": "At last."},
    ]


OUTCOMES = {
    "braces": {"reply": "{% raw %}{{ x }} and {# y #}\n{% endraw %}"},
    "an end of raw": {
        "message": {
            "type": "message",
            "role": "assistant",
            "model": "m",
            "id": "msg_1",
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 5, "output_tokens": 3},
            "content": [{"type": "text", "text": "{% endraw %}"}],
        }
    },
    "several blocks": {"reply": [{"text": "One"}, {"text": "two"}]},
    "nothing": {"reply": [], "stop_reason": "refusal"},
    "a list of deltas": {"reply": [{"text": ["a", "b"]}]},
    "lines": {"reply": "one\n two\n\nthree \n"},
    "odd characters": {"reply": "\x85\u2028\ufeff\x00\x7f😀 'x': #"},
    "what is no text to YAML": {"reply": "1e5"},
    "thinking": {"reply": [{"thinking": "Hm."}, {"text": "Yes."}]},
    "a signature": {"reply": [{"thinking": {"thinking": "Hm.", "signature": "abc"}}, {"text": "Yes."}]},
    "redacted thinking": {"reply": [{"redacted_thinking": None}, {"text": "Yes."}]},
    "citations": {
        "reply": [
            {
                "text": {
                    "text": "x",
                    "citations": [
                        {
                            "type": "char_location",
                            "cited_text": "x",
                            "document_index": 0,
                            "document_title": None,
                            "start_char_index": 0,
                            "end_char_index": 1,
                        }
                    ],
                }
            }
        ]
    },
    "a search": {
        "reply": [
            {"server_tool_use": {"name": "web_search", "input": {"query": "x"}}},
            {"web_search_tool_result": {"content": []}},
            {"text": "Found."},
        ]
    },
    "a pause": {"reply": [{"server_tool_use": {"name": "web_search", "input": {"query": "x"}}}]},
    "code that ran": {
        "reply": [
            {"server_tool_use": {"name": "code_execution", "input": {"code": "1"}}},
            {
                "code_execution_tool_result": {
                    "content": {
                        "type": "code_execution_result",
                        "stdout": "",
                        "stderr": "",
                        "return_code": 0,
                        "content": [],
                    }
                }
            },
        ]
    },
    "an unknown block": {"reply": [{"newer": {"x": {"y": 1}}}]},
    "usage": {"reply": "x", "usage": {"input_tokens": 1234, "output_tokens": 9, "service_tier": "batch"}},
    "another model": {"reply": "x", "model": "claude-haiku-4-5", "stop_reason": "new_reason"},
    "a whole message": {
        "message": {
            "type": "message",
            "role": "assistant",
            "model": "m",
            "id": "msg_1",
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "content": [{"type": "text", "text": "x", "citations": None}],
            "usage": {"input_tokens": 5, "output_tokens": 3, "newer": 1},
        }
    },
    "events": {
        "events": [
            {
                "type": "message_start",
                "message": {
                    "type": "message",
                    "role": "assistant",
                    "id": "msg_1",
                    "model": "m",
                    "content": [],
                    "stop_reason": None,
                    "stop_sequence": None,
                    "usage": {"input_tokens": 5, "output_tokens": 1},
                },
            },
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_stop", "index": 0},
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                "usage": {"output_tokens": 3},
            },
            {"type": "message_stop"},
        ]
    },
    "an error by name": {"error": "overloaded"},
    "an error in full": {
        "error": {"type": "rate_limit", "message": "slow {% raw %}{{ down }}{% endraw %}", "retry_after": 1.5}
    },
    "an error with another status": {
        "error": {"type": "invalid_request", "status": 422, "details": {"error_code": "x"}}
    },
    "an error that is not known": {"error": {"type": "odd_error", "status": 418, "message": ""}},
    "the edge's error": {"error": "region_not_allowed"},
    "a proxy's page": {"reply": "", "fault": {"status": 502}},
    "an empty body": {"reply": "", "fault": {"empty": True}},
    "no content": {"reply": "", "fault": {"status": 204}},
    "half of the JSON": {"reply": "Hello there", "fault": {"after": {"percent": 50}, "truncate": True}},
    "garbage": {"reply": "Hello there", "fault": {"after": {"events": 2}, "garbage": "oops"}},
    "an odd event": {"reply": "Hello there", "fault": {"malformed": "json"}},
    "an event twice": {"reply": "Hello there", "fault": {"duplicate": "message_start"}},
    "an error in mid-stream": {"reply": "Hello there", "fault": {"after": {"events": 3}, "error": "overloaded"}},
    "no end": {"reply": "Hello there", "fault": {"drop": "message_stop"}},
}


ASKED = {
    "plain": {},
    "streamed": {"stream": True},
    "cut": {"max_tokens": 3},
    "cut in a stream": {"max_tokens": 3, "stream": True},
    "stopped": {"stop_sequences": ["o"], "stream": True},
    "with thinking": {"thinking": {"type": "adaptive", "display": "summarized"}},
}


@pytest.mark.parametrize("more", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=OUTCOMES)
def test_whatever_was_answered_is_answered_again(outcome, more, tmp_path):
    recording = Recording(engine(outcome))
    recording.ask(request(**more))
    assert len(recording.again(tmp_path)) == 1


SHORTEST = {
    "several blocks": {"reply": [{"text": "One"}, {"text": "two"}]},
    "braces": OUTCOMES["braces"],
    "nothing": OUTCOMES["nothing"],
    "an unknown block": OUTCOMES["an unknown block"],
    "usage": OUTCOMES["usage"],
    "another model": OUTCOMES["another model"],
    "an end of raw": OUTCOMES["an end of raw"],
    "an error by name": OUTCOMES["an error by name"],
    "an error in full": {
        "error": {"type": "rate_limit", "message": "{% raw %}slow {{ down }}{% endraw %}", "retry_after": 1.5}
    },
    "an error with another status": OUTCOMES["an error with another status"],
    "the edge's error": OUTCOMES["the edge's error"],
    "no content": OUTCOMES["no content"],
}


@pytest.mark.parametrize("name", SHORTEST)
def test_it_is_written_as_an_author_would(name):
    server = engine(OUTCOMES[name])
    ask(server, request())
    (found,) = documents(server)
    assert {key: value for key, value in found.items() if key not in ("name", "match")} == SHORTEST[name]


def test_counters_of_a_cached_input_are_given_as_a_whole(tmp_path):
    """What would be written at first is read later: where the sum is the author's, so is each part."""
    recording = Recording(engine({"reply": "x", "usage": {"input_tokens": 1}}))
    marked = [{"type": "text", "text": "word " * 3000, "cache_control": {"type": "ephemeral"}}]
    recording.ask(request("Hello", system=marked))
    recording.ask(request("Hello again", system=marked))
    first, second = recording.again(tmp_path)
    assert list(first["usage"]) == list(second["usage"])
    assert (first["usage"]["cache_read_input_tokens"], second["usage"]["cache_creation_input_tokens"]) == (0, 0)


def test_thinking_that_is_shown_needs_no_signature():
    server = engine(OUTCOMES["thinking"])
    ask(server, request(**ASKED["with thinking"]))
    assert documents(server)[0]["reply"] == OUTCOMES["thinking"]["reply"]


def test_headers_that_nobody_derives_are_kept(tmp_path):
    recording = Recording(engine({"reply": "x", "headers": {"X-Own": "1", "cf-ray": None}}))
    recording.ask(request())
    (found,) = recording.again(tmp_path)
    assert found["headers"] == {"x-own": "1"}


BROKEN = {
    "reset": ({"after": {"events": 2}, "disconnect": "reset"}, {"after": {"percent": 100}, "disconnect": "reset"}),
    "silence": ({"after": {"events": 2}, "hang": True}, {"after": {"percent": 100}, "hang": True}),
    "no answer": ({"before": "response", "disconnect": "close"}, {"before": "response", "disconnect": "close"}),
    "no answer at all": ({"before": "response", "hang": True}, {"before": "response", "hang": True}),
    "a fault that never came": ({"after": {"events": 99}, "hang": True}, None),
}


@pytest.mark.parametrize(("fault", "again"), BROKEN.values(), ids=BROKEN)
def test_a_connection_that_ended_ends_again(fault, again, tmp_path):
    recording = Recording(engine({"reply": "Hello", "fault": fault}))
    recording.ask(request(stream=True))
    (found,) = recording.again(tmp_path)
    assert found.get("fault") == again


@pytest.mark.parametrize("stream", [False, True])
def test_the_whole_gallery_is_answered_again(stream, tmp_path):
    recording = Recording(Engine(Library([FOLDER]), Settings(), Clock.frozen()))
    for body in [body for cases in CASES.values() for body, *_ in cases] * 2:
        recording.ask({**body, "stream": stream})
    assert len(recording.again(tmp_path)) > 30


def test_counted_tokens(tmp_path):
    count = {"endpoint": "count_tokens"}
    recording = Recording(
        engine(
            {"match": {**count, "user": "a lot"}, "reply": "", "usage": {"input_tokens": 77}},
            {"match": {**count, "user": "failing"}, "error": "overloaded"},
            {"match": {"user": "a lot"}, "reply": "Yes."},
        )
    )
    for prompt in ("a lot", "failing", "else"):
        recording.ask(counting(request(prompt)), path=COUNT)
    recording.ask(request("a lot"))
    assert recording.again(tmp_path) == [
        {
            "name": "count-tokens-a-lot",
            "match": {**count, "user": {"equals": "a lot"}},
            "reply": "",
            "usage": {"input_tokens": 77},
        },
        {"name": "count-tokens-failing", "match": {**count, "user": {"equals": "failing"}}, "error": "overloaded"},
        {"name": "a-lot", "match": {"user": {"equals": "a lot"}}, "reply": "Yes."},
    ]
    assert "# not in it, since no scenario answered them: 1 counted" in told(recording.server)


def test_rows_of_a_batch_are_scenarios_of_their_own(tmp_path):
    """They answer rows again as rows were answered, and say nothing of direct requests, or of the tier."""
    rows = [{"custom_id": name, "params": request(name)} for name in ("Hello", "Late")]

    def answers(server):
        made = json.loads(ask(server, {"requests": rows}, path="/v1/messages/batches").reply.body)
        server.sessions.get("default").clock.advance(timedelta(hours=24))
        got = server.handle(Incoming("GET", f"/v1/messages/batches/{made['id']}/results", HEADERS)).reply.body
        row, late = (json.loads(line)["result"] for line in got.splitlines())
        direct = json.loads(ask(server, request("Hello")).reply.body)
        return late, [(m["content"], m["usage"]["service_tier"]) for m in (row["message"], direct)]

    first = engine(
        {"match": {"endpoint": "batches", "user": "hello"}, "reply": "As a row."},
        {"match": {"user": "late"}, "reply": "Never.", "batch_delay": "24h"},
        {"match": {"endpoint": "messages"}, "reply": "Directly."},
        batch_delay=0,
    )
    told_first = answers(first)
    assert told_first[0] == {"type": "expired"}
    file = tmp_path / "exported.yaml"
    file.write_text(told(first), encoding="utf-8")
    assert answers(Engine(Library([file]), Settings(batch_delay=0), Clock.frozen())) == told_first
    assert "service_tier" not in file.read_text(encoding="utf-8")
    assert [document["match"].get("endpoint") for document in documents(first)] == ["batches", "batches", None]


def test_what_the_server_decides_by_itself_is_not_in_it():
    server = engine({"match": {"user": "Hello"}, "reply": "x"})
    ask(server, request("else"))
    ask(server, request(max_tokens=0.5))
    ask(server, b"no JSON")
    post(server, b"", path="/v1/models", method="GET")
    post(server, b"", path="/", method="GET")
    post(server, request(), path="/nope")
    assert told(server) == (
        "# mockserver 0.1.0: 0 scenarios from 0 requests\n"
        "# not in it, since no scenario answered them: 1 unmatched, 3 refused, 1 listed, 1 page\n"
    )
    assert told(engine()) == "# mockserver 0.1.0: 0 scenarios from 0 requests\n"


def test_made_up_answers_rate_limits_and_chaos_are_answers_too(tmp_path):
    recording = Recording(engine(on_unmatched="fallback", limits={"requests": 2}))
    for _ in range(3):
        recording.ask(request())
    (found,) = recording.again(tmp_path)
    assert [list(attempt) for attempt in found["attempts"]] == [["reply"], ["reply"], ["error"]]
    recording = Recording(engine({"reply": "x"}, chaos="rough"))
    for number in range(60):
        recording.ask(request(f"Prompt {number}", stream=True))
    recording.again(tmp_path)


# ------------------------------------------------------------------ telling requests apart

ASKED_ALIKE = {
    "system": ({"system": "Be kind."}, {"system": "Be short."}, {"system": {"equals": "Be kind."}}),
    "model": ({}, {"model": "claude-opus-4-8"}, {"model": "claude-sonnet-5"}),
    "tools": ({}, {"tools": [WEATHER_TOOL]}, {"tools": []}),
    "thinking": ({}, {"thinking": {"type": "adaptive"}}, {"thinking": "disabled"}),
    "max_tokens": ({}, {"max_tokens": 7}, {"body": {"max_tokens": 1024}}),
    "what one has": ({"stop_sequences": ["x"]}, {}, {"body": {"stop_sequences": ["x"]}}),
    "what one has not": ({}, {"stop_sequences": ["x"]}, {"body": {"stop_sequences": None}}),
    "the history": (
        {"messages": [user("Hi"), assistant("Yo"), user("Hello")]},
        {"messages": [user("Ha"), assistant("Yo"), user("Hello")]},
        {"body": {"messages[0]": user("Hi")}},
    ),
    "the form of the system prompt": (
        {"system": [{"type": "text", "text": "Be kind."}]},
        {"system": "Be kind."},
        {"body": {"system": [{"type": "text", "text": "Be kind."}]}},
    ),
    "a field with an odd name": ({"metadata": {}, "x-y": 1}, {}, {"body": {'"x-y"': 1}}),
    "a value that means something else to a match": ({"x": {"equals": 1}, "y": 1}, {}, {"body": {"y": 1}}),
    "the length of the history": (
        {"messages": [user("Hi"), assistant("Yo"), user("Hello")]},
        {},
        {"body": {"length(messages)": 3}},
    ),
    "a tool's result": (
        {"tools": [WEATHER_TOOL], "messages": [user("Hello"), assistant([tool_use()]), user([tool_result("wet")])]},
        {"tools": [WEATHER_TOOL], "messages": [user("Hello"), assistant([tool_use()]), user([tool_result("dry")])]},
        {"turn": 1, "tool_result": {"equals": "wet"}},
    ),
    "two of them": (
        {"system": "Be kind.", "model": "claude-opus-4-8"},
        {"system": "Be kind."},
        {"model": "claude-opus-4-8"},
    ),
}


@pytest.mark.parametrize(("one", "other", "match"), ASKED_ALIKE.values(), ids=ASKED_ALIKE)
def test_requests_with_one_prompt_are_told_apart(one, other, match, tmp_path):
    level = "off" if {"x", "x-y"} & one.keys() else "strict"
    recording = Recording(scripted({"reply": "one"}, {"reply": "other"}, validation=level))
    recording.ask(request() | one, answer=0)
    recording.ask(request() | other, answer=1)
    found = recording.again(tmp_path, validation=level)
    assert [f["name"] for f in found] == ["hello", "hello-2"]
    assert found[0]["match"] == {"user": {"equals": "Hello"}, **match}


def test_requests_that_no_match_can_tell_apart_still_load(tmp_path):
    server = scripted({"reply": "one"}, {"reply": "other"})
    for answer, number in enumerate(("1", "1.0")):
        ask(server, json.dumps(request(temperature=7)).replace("7", number).encode(), answer=answer)
    assert [d["match"] for d in documents(server)] == [{"user": {"equals": "Hello"}}] * 2


def test_requests_that_are_answered_alike_are_one_scenario(tmp_path):
    recording = Recording(scripted({"reply": "one"}))
    for more in ({}, {"system": "Be kind."}, {"max_tokens": 7}, {"stream": True}):
        recording.ask(request(**more), answer=0)
    assert recording.again(tmp_path) == [{"name": "hello", "match": {"user": {"equals": "Hello"}}, "reply": "one"}]


def test_conversations_with_one_prompt_stay_whole(tmp_path):
    """Two conversations that begin alike and go on otherwise are two scenarios of two turns."""
    call = {"reply": [{"tool_use": {"name": "get_weather", "id": "toolu_1"}}]}
    recording = Recording(scripted(call, {"reply": "wet"}, {"reply": "dry"}))
    goes_on = (assistant([tool_use()]), user([tool_result()]))
    for system in ("one", "two"):
        recording.ask(request(tools=[WEATHER_TOOL], system=system), answer=0)
    for number, system in enumerate(("two", "one"), 1):
        recording.ask(request("Hello", *goes_on, tools=[WEATHER_TOOL], system=system), answer=number)
    found = recording.again(tmp_path)
    assert [(f["match"]["system"], [list(t["reply"]) for t in f["turns"]][1]) for f in found] == [
        ({"equals": "one"}, list("dry")),
        ({"equals": "two"}, list("wet")),
    ]


def test_a_conversation_whose_beginning_is_not_known_names_its_turn(tmp_path):
    recording = Recording(scripted({"reply": "wet"}))
    recording.ask(request("Hello", assistant([tool_use()]), user([tool_result()]), tools=[WEATHER_TOOL]), answer=0)
    (found,) = recording.again(tmp_path)
    assert found["match"] == {"user": {"equals": "Hello"}, "turn": 1}


def test_keys_that_were_taken_out_match_whatever_stands_there(tmp_path):
    recording = Recording(engine({"reply": "x"}))
    recording.ask(request("Is [it] sk-ant-api03-abc*? or sk-ant-api03-def?"))
    (found,) = recording.again(tmp_path)
    assert found["match"]["user"] == {"glob": "Is [[]it] sk-ant-api03-*[*][?] or sk-ant-api03-*[?]"}


def test_what_keys_were_taken_out_of_is_compared_without_them(tmp_path):
    recording = Recording(scripted({"reply": "one"}, {"reply": "other"}, validation="off"))
    for number, name in enumerate(("a", "b")):
        server = {"type": "url", "authorization_token": f"secret-{number}", "url": f"https://{name}.example"}
        recording.ask(request(mcp_servers=[server]), answer=number)
    found = recording.again(tmp_path, validation="off")
    assert [f["match"]["body"] for f in found] == [
        {"mcp_servers[0].url": "https://a.example"},
        {"mcp_servers[0].url": "https://b.example"},
    ]


def test_threads_go_on(tmp_path):
    recording = Recording(
        engine(
            {"match": {"user": "first"}, "reply": "one"},
            {"match": {"user": "second"}, "reply": "two"},
            {"match": {"user": "failing"}, "error": "overloaded"},
        )
    )
    beta = {"anthropic-beta": "message-threads-2026-08-12"}
    first = recording.ask(request("first", thread={"type": "create"}), **beta)
    name = json.loads(first.reply.body)["id"]
    thread = {"type": "continue", "previous_message_id": name}
    recording.ask(request("second", thread=thread), **beta)
    recording.ask(request("failing", thread={"type": "create"}), **beta)
    found = recording.again(tmp_path, objects="strict")
    assert [f.get("id") for f in found] == [name, None, None]


# ------------------------------------------------------------------ any requests, any answers

PROMPTS = st.sampled_from(["Hello", "hello", "", "What is this?\nThat.", "{{ prompt }}", "***"])
SYSTEMS = st.sampled_from([None, "Be kind.", "Be *short*."])
RESULTS = st.sampled_from(["wet", "dry", ""])
BODIES = st.builds(
    lambda prompt, results, system, more: request(
        prompt or "?",
        *(
            m
            for i, r in enumerate(results)
            for m in (assistant([tool_use(id_=f"t{i}")]), user([tool_result(r, f"t{i}")]))
        ),
        tools=[WEATHER_TOOL],
        **({} if system is None else {"system": system}),
        **more,
    ),
    PROMPTS,
    st.lists(RESULTS, max_size=3),
    SYSTEMS,
    st.sampled_from([{}, {}, {"stream": True}, {"max_tokens": 2}, {"temperature": 1}]),
)


@pytest.mark.unmeasured
@settings(max_examples=max(30, settings().max_examples // 3))
@given(st.lists(st.tuples(BODIES, st.integers(0, len(OUTCOMES) - 1), st.booleans()), min_size=1, max_size=12))
def test_any_requests_in_their_order_get_the_same_answers_again(tmp_path_factory, asked):
    recording = Recording(scripted(*OUTCOMES.values()))
    for body, answer, counts in asked:
        if counts:
            recording.ask(counting(body), path=COUNT)
        else:
            recording.ask(body, answer=answer)
    found = [exchange for exchange in journal(recording.server) if exchange.verdict == "answered"]
    if found:
        recording.again(tmp_path_factory.mktemp("again"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.unmeasured
@settings(max_examples=max(40, settings().max_examples // 3))
@given(st.lists(st.dictionaries(st.text(), JSON, min_size=1), max_size=3))
def test_what_is_dumped_is_read_again(values):
    assert [document.value for document in read_yaml(dump(values))] == values


def test_what_is_dumped_can_be_read_by_people():
    value = {"a": {"b": "x"}, "c": [{"d": ["1", 2, None]}, {"e": "two\nlines"}], "f": {"g": {"h": "y" * 90}}, "i": []}
    assert dump([value, {"j": 1}]) == (
        "a: {b: x}\nc:\n  - d: ['1', 2, null]\n  - e: |-\n      two\n      lines\n"
        f"f:\n  g:\n    h: {'y' * 90}\ni: []\n---\nj: 1\n"
    )


# ------------------------------------------------------------------ the other forms


@pytest.fixture
def served():
    server = engine({"match": {"user": "Hello"}, "reply": "Hi é"})
    ask(server, request(stream=True))
    handled = post(server, request("else"), path="/v1/messages?x=1&key=secret&y=")
    server.close(handled, "whole")
    return server


def test_a_record_a_line(served):
    lines = told(served, "jsonl").splitlines()
    assert [Record.model_validate_json(line) for line in lines] == [record_of(e) for e in journal(served)]
    assert [exchange_of(Record.model_validate_json(line)).text for line in lines] == ["Hi é", ""]
    assert list(json.loads(lines[0])) == list(Record.model_fields)
    assert ": " not in re.sub(r'"(\\.|[^"])*"', "", lines[0])


def test_a_har_log():
    server = engine({"reply": "Hi é"})
    handled = server.handle(
        Incoming(
            "POST", "/v1/messages", HEADERS | {"host": "x:1"}, json.dumps(request()).encode(), query="beta=true&key=abc"
        )
    )
    server.clock.advance(timedelta(seconds=1.5))
    server.close(handled, "whole")
    log = json.loads(export(journal(server), "har", base_url="http://127.0.0.1:8080/"))["log"]
    (entry,) = log["entries"]
    assert (log["version"], log["creator"]["name"]) == ("1.2", "mockserver")
    assert entry["startedDateTime"] == "2026-01-01T00:00:00.000+00:00"
    assert (entry["time"], entry["timings"], entry["cache"]) == (1500, {"send": 0, "wait": 1500, "receive": 0}, {})
    assert entry["request"] == {
        "method": "POST",
        "url": "http://127.0.0.1:8080/v1/messages?beta=true&key=***",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [
            {"name": n, "value": "***" if n == "x-api-key" else v} for n, v in {**HEADERS, "host": "x:1"}.items()
        ],
        "queryString": [{"name": "beta", "value": "true"}, {"name": "key", "value": "***"}],
        "headersSize": -1,
        "bodySize": len(json.dumps(request())),
        "postData": {"mimeType": "application/json", "text": json.dumps(request(), separators=(",", ":"))},
    }
    response = entry["response"]
    body = handled.reply.body
    assert (response["status"], response["statusText"], response["redirectURL"]) == (200, "OK", "")
    assert response["content"] == {"size": len(body), "mimeType": "application/json", "text": body.decode()}
    assert (response["headersSize"], response["bodySize"], response["cookies"]) == (-1, len(body), [])
    assert {"name": "content-type", "value": "application/json"} in response["headers"]
    own = {key: value for key, value in entry.items() if key.startswith("_mock_")}
    assert own == {
        "_mock_session": "default",
        "_mock_number": 0,
        "_mock_verdict": "answered",
        "_mock_scenario": "code#1",
        "_mock_turn": 0,
        "_mock_sent": "whole",
    }


def test_a_har_log_of_bytes_and_of_what_is_under_way():
    server = engine({"reply": "x"})
    server.handle(Incoming("POST", "/v1/messages", HEADERS, b"\xff\xfe"))
    server.handle(Incoming("GET", "/v1/models", HEADERS))
    first, second = json.loads(told(server, "har"))["log"]["entries"]
    data = {"mimeType": "application/json", "text": base64.b64encode(b"\xff\xfe").decode(), "encoding": "base64"}
    assert first["request"]["postData"] == data
    assert (second["time"], second["request"]["url"]) == (0, "http://localhost/v1/models")
    assert "postData" not in second["request"]


def test_forms_have_types_and_suffixes():
    assert {name: (form.content_type, form.suffix) for name, form in FORMS.items()} == {
        "jsonl": ("application/x-ndjson", ".jsonl"),
        "har": ("application/json", ".har"),
        "scenarios": ("application/yaml", ".yaml"),
    }


def test_a_form_that_is_none_is_told():
    with pytest.raises(ValueError, match=r"there is no form 'harr' of a journal; did you mean 'har'\?"):
        export([], "harr")
