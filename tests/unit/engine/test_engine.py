"""The pipeline: order of stages, sessions, selection, misses, expectations, fallback, bugs, determinism."""

import json
from datetime import datetime
from email.utils import format_datetime

import pytest
from helpers import (
    HEADERS,
    WEATHER_TOOL,
    answer,
    assistant,
    engine,
    events_of,
    post,
    request,
    texts,
    tool_result,
    tool_use,
    user,
)
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import validate

from mockserver.control.exports import FORMS, export
from mockserver.control.records import as_json, record_of
from mockserver.engine import conversing
from mockserver.state.clock import Clock
from mockserver.validation.incoming import Incoming
from mockserver.validation.transport import MAX_BODY
from mockserver.wire.encoding import MOST_DEPTH
from mockserver.wire.events import fold


def error_of(handled):
    body = json.loads(handled.reply.body)
    assert list(body) == ["type", "error", "request_id"]
    assert body["request_id"] == handled.reply.head.headers["request-id"]
    return handled.reply.head.status, body["error"]["type"], body["error"]["message"]


def refuse(server=None, body=None, **more):
    return error_of(post(server or engine({"reply": "a"}), request() if body is None else body, **more))


NO_KEY = {"x-api-key": "", "authorization": ""}
JSON = "The request body is not valid JSON: "

REFUSALS = {
    "an unknown path": ({"path": "/v1/v1/messages"}, 404, "not_found_error", "Not Found"),
    "another endpoint": ({"path": "/v1/other"}, 404, "not_found_error", "Not Found"),
    "a wrong method": ({"method": "GET"}, 405, "invalid_request_error", "Method Not Allowed"),
    "an unknown method": ({"method": "FOO"}, 405, "invalid_request_error", "Method Not Allowed"),
    "an empty key": ({"headers": {"x-api-key": ""}}, 401, "authentication_error", "x-api-key header is required"),
    "an empty key beside a good token": (
        {"headers": {"x-api-key": "", "authorization": "Bearer t"}}, 401, "authentication_error", "x-api-key header is required",
    ),
    "no version": ({"headers": {"anthropic-version": ""}}, 400, "invalid_request_error", "anthropic-version: header is required"),
    "no body": ({"body": b""}, 400, "invalid_request_error", JSON + "Input is a zero-length, empty document: line 1 column 1 (char 0)"),
    "no JSON": ({"body": b'{"model":'}, 400, "invalid_request_error", JSON + "unexpected end of data: line 1 column 10 (char 9)"),
    "no object": ({"body": b"[]"}, 400, "invalid_request_error", "Input should be an object"),
    **{
        f"schema: {sentence}": ({"body": request() | change}, 400, "invalid_request_error", sentence)
        for sentence, change in {
            "model: Input should be a valid string": {"model": 7},
            "tool_choice: Input should be an object": {"tool_choice": 7},
            "tool_choice.type: Field required": {"tool_choice": {}},
            "tools: Input should be a valid array": {"tools": "x"},
            "tools.0: Input should be an object": {"tools": [7]},
            "messages: at least one message is required": {"messages": []},
            "messages.0: Input should be an object": {"messages": ["x"]},
            "messages.0.role: Field required": {"messages": [{"content": "x"}]},
            "messages.0.content: Input should be a valid array": {"messages": [user(None)]},
            "messages.0.content.0: Input should be an object": {"messages": [user([7])]},
            "messages.0.content.0.type: Field required": {"messages": [user([{}])]},
            "system: Input should be a valid array": {"system": 7},
            "system.0: Input does not match the expected shape.": {"system": [7]},
            "thinking: Input should be an object": {"thinking": "x"},
            "max_tokens: Input should be a valid integer": {"max_tokens": "x"},
            "max_tokens: must be greater than or equal to 0": {"max_tokens": -1},
            "stop_sequences: Input should be a valid array": {"stop_sequences": "x"},
            "stop_sequences.0: Input should be a valid string": {"stop_sequences": [1]},
            "stream: Input should be a valid boolean": {"stream": "yes"},
        }.items()
    },
    "schema: the first field in the measured order": (
        {"body": {"max_tokens": -1, "messages": 7, "tools": 7}}, 400, "invalid_request_error", "model: Field required",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "status", "kind", "message"), REFUSALS.values(), ids=REFUSALS)
def test_refusals_in_the_api_s_own_words(asked, status, kind, message):
    assert refuse(**asked) == (status, kind, message)


def test_what_is_too_large_is_refused_with_the_envelope():
    handled = engine().handle(Incoming("POST", "/v1/messages", HEADERS, b"", MAX_BODY + 1))
    assert error_of(handled) == (413, "request_too_large", "Request exceeds the maximum size")
    assert refuse(body=b" " * 10, path="/nope")[0] == 404


HINTS = [
    ("/v1/v1/messages", "Not Found (the base URL must not end in /v1: SDKs add it themselves)"),
    (
        "/v1/message",
        "Not Found (there are /v1/messages, /v1/messages/count_tokens, /v1/messages/batches, /v1/models and /v1/files)",
    ),
    ("/nope", "Not Found"),
]


@pytest.mark.parametrize(("path", "reason"), HINTS)
def test_the_log_has_advice_for_a_path_that_is_nearly_right(path, reason):
    handled = post(engine(), request(), path=path)
    assert error_of(handled)[2] == "Not Found"
    assert handled.exchange.reason == reason


def test_a_405_names_the_methods_that_there_are():
    assert post(engine(), request(), method="PUT").reply.head.headers["allow"] == "POST"


def test_refusals_are_not_retried():
    assert post(engine(), b"{").reply.head.headers["x-should-retry"] == "false"


def test_a_401_names_no_organization():
    assert "anthropic-organization-id" not in post(engine(), request(), {"x-api-key": ""}).reply.head.headers


KEYS = [
    ({"x-api-key": "good"}, 200),
    ({"authorization": "Bearer good"}, 200),
    ({"authorization": "bearer good"}, 200),
    ({"x-api-key": "bad"}, 401),
    ({"authorization": "Bearer bad"}, 401),
    ({"authorization": "Basic good"}, 401),
    ({"x-api-key": "good", "authorization": "Bearer bad"}, 200),
    ({}, 401),
]


@pytest.mark.parametrize(("headers", "status"), KEYS)
def test_keys(headers, status):
    server = engine({"reply": "a"}, api_key=["good", "other"])
    incoming = Incoming(
        "POST", "/v1/messages", {"anthropic-version": "2023-06-01", **headers}, json.dumps(request()).encode()
    )
    assert server.handle(incoming).reply.head.status == status


def test_any_key_is_valid_unless_one_is_given():
    assert post(engine({"reply": "a"}), request(), {"x-api-key": "anything"}).reply.head.status == 200


@pytest.mark.parametrize("kind", [[], {}, None, 5])
def test_validation_off_survives_odd_types(kind):
    server = engine({"reply": "a"}, validation="off")
    assert post(server, request(user([{"type": kind, "text": "x"}]), tools=[{"type": kind}])).reply.head.status == 200


def test_validation_off_answers_what_it_can_read():
    server = engine({"reply": "a"}, validation="off")
    assert post(server, {"messages": "odd"}, {"anthropic-version": ""}).reply.head.status == 200
    assert error_of(post(server, b"{"))[0] == 400


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_front_page_says_what_this_is(method):
    handled = post(engine(), b"", path="/", method=method)
    assert handled.reply.head.status == 200
    assert handled.reply.body.startswith(b"mockserver:")
    assert handled.exchange.verdict == "page"


def test_a_preflight_is_answered():
    handled = post(
        engine(),
        b"",
        {"access-control-request-method": "POST", "access-control-request-headers": "x-api-key", "origin": "http://a"},
        method="OPTIONS",
    )
    assert handled.reply.head.status == 204
    assert handled.reply.head.headers["access-control-allow-headers"] == "x-api-key"
    assert refuse(method="OPTIONS")[0] == 405


# ------------------------------------------------------------------ sessions


def test_sessions_are_chosen_by_path_and_header_and_the_path_wins():
    server = engine({"reply": "{{ attempt }}"})

    def tried(path="/v1/messages", **headers):
        return texts(json.loads(post(server, request(), headers, path).reply.body))[0]

    assert tried("/_s/a/v1/messages") == "0"
    assert tried(**{"x-mock-session": "a"}) == "1"
    assert tried("/_s/a/v1/messages", **{"x-mock-session": "b"}) == "2"
    assert tried() == "0"
    assert {s.name for s in server.sessions} == {"a", "default"}


def test_sessions_have_their_own_journals_and_ids():
    server = engine({"reply": "a"})
    ids = {json.loads(post(server, request(), path=f"/_s/{name}/v1/messages").reply.body)["id"] for name in "ab"}
    assert len(ids) == 2
    assert [len(s.journal.exchanges) for s in server.sessions] == [1, 1]


def test_a_session_without_a_path_shows_the_front_page():
    assert post(engine(), b"", path="/_s/a", method="GET").reply.head.status == 200
    assert refuse(path="/_s/a/nope")[0] == 404


# ------------------------------------------------------------------ scenarios


WEATHER = {
    "name": "weather",
    "match": {"user": {"regex": r"in (?P<city>\w+)"}, "tools": ["get_weather"]},
    "turns": [
        {"reply": [{"tool_use": {"name": "get_weather", "input": {"city": "{{ match.city }}"}}}]},
        {
            "expect": {"tool_result": {"tool": "get_weather", "contains": "sunny"}},
            "reply": "It is {{ tool_result }} in {{ match.city }}.",
        },
    ],
}


def loop(result="sunny", prompt="Weather in Paris?"):
    return request(prompt, assistant([tool_use(city="Paris")]), user([tool_result(result)]), tools=[WEATHER_TOOL])


def test_a_tool_loop():
    server = engine(WEATHER)
    first = json.loads(post(server, request("Weather in Paris?", tools=[WEATHER_TOOL])).reply.body)
    assert first["content"][0]["input"] == {"city": "Paris"}
    assert texts(json.loads(post(server, loop()).reply.body)) == ["It is sunny in Paris."]
    assert [(e.scenario, e.turn, e.verdict) for e in server.sessions.get("default").journal.exchanges] == [
        ("weather", 0, "answered"),
        ("weather", 1, "answered"),
    ]


def test_an_expectation_that_does_not_hold_is_a_400_that_nobody_retries():
    server = engine(WEATHER)
    handled = post(server, loop("rain"))
    assert error_of(handled) == (
        400,
        "invalid_request_error",
        "mockserver: scenario 'weather', turn 1, expected tool_result: want contains 'sunny', got 'rain'",
    )
    assert handled.reply.head.headers["x-should-retry"] == "false"
    assert handled.exchange.verdict == "unexpected"


def test_an_expectation_may_hold_templates_and_give_groups():
    server = engine(
        {
            "match": {"user": {"regex": r"in (?P<city>\w+)"}},
            "turns": [
                {"reply": "a"},
                {"expect": {"tool_result": {"regex": "{{ match.city }}: (?P<sky>.*)"}}, "reply": "{{ match.city }}"},
            ],
        }
    )
    assert texts(json.loads(post(server, loop("Paris: blue")).reply.body)) == ["Paris"]
    assert refuse(server, loop("Rome: blue"))[0] == 400


def test_an_expectation_whose_template_makes_no_match_is_told():
    server = engine({"expect": {"user": {"regex": "{{ prompt }}"}}, "reply": "a"})
    status, _, message = refuse(server, request("("))
    assert status == 400
    assert message.startswith(
        "mockserver: scenario 'code#1', turn 0: expect, rendered: user.regex: not a regular expression"
    )


AFTER = [
    (
        "error",
        404,
        "mockserver: scenario 'code#1' has 2 turns, and this is turn 2 (counted from 0); add a turn (in code: .then(…)), or say 'after_last: repeat' or 'restart'",
    ),
    ("repeat", 200, "two"),
    ("restart", 200, "one"),
]


@pytest.mark.parametrize(("after_last", "status", "words"), AFTER)
def test_past_the_last_turn(after_last, status, words):
    server = engine({"turns": [{"reply": "one"}, {"reply": "two"}], "after_last": after_last})
    third = request(
        "a",
        assistant([tool_use()]),
        user([tool_result()]),
        assistant([tool_use("f", "t2")]),
        user([tool_result("x", "t2")]),
    )
    handled = post(server, third)
    body = json.loads(handled.reply.body)
    assert handled.reply.head.status == status
    assert (body["error"]["message"] if status == 404 else texts(body)[0]) == words


def test_past_the_last_turn_by_default():
    more = request("a", assistant([tool_use()]), user([tool_result()]))
    assert texts(answer({"reply": "again"}, more)) == ["again"]
    assert texts(answer({"turns": [{"reply": "again"}]}, more)) == ["again"]
    assert (
        refuse(
            engine({"turns": [{"reply": "a"}, {"reply": "b"}]}),
            request(
                "a",
                assistant([tool_use()]),
                user([tool_result()]),
                assistant([tool_use("f", "u")]),
                user([tool_result("x", "u")]),
            ),
        )[0]
        == 404
    )


def test_the_anchor_counts_from_the_prompt_or_the_start():
    second_prompt = request("a", assistant("b"), "c")
    turns = [{"reply": "first"}, {"reply": "second"}]
    assert texts(answer({"turns": turns}, second_prompt)) == ["first"]
    assert texts(answer({"turns": turns, "anchor": "start"}, second_prompt)) == ["second"]
    assert texts(answer({"turns": turns, "anchor": "start", "match": {"turn": 1}}, second_prompt)) == ["second"]


def test_a_match_is_final():
    """Running past the last turn or failing an expectation never falls through to another scenario."""
    picky = {"name": "picky", "match": {"user": "a"}, "expect": {"system": "x"}, "reply": "no"}
    assert refuse(engine(picky, {"name": "rest", "reply": "yes"}), request("a"))[0] == 400


def test_higher_priority_then_more_keys():
    general = {"name": "general", "match": {"user": "a"}, "reply": "general"}
    special = {"name": "special", "match": {"user": "a", "system": "s"}, "reply": "special"}
    urgent = {"name": "urgent", "match": {"user": "urgent"}, "priority": 1, "reply": "urgent"}
    server = engine(general, special, urgent)

    def reply(*messages, **more):
        return texts(json.loads(post(server, request(*messages, **more)).reply.body))[0]

    assert reply("a") == "general"
    assert reply("a", system="s") == "special"
    assert reply("a urgent", system="s") == "urgent"


def test_a_miss_names_the_closest_scenario_and_its_first_difference():
    server = engine(
        {"name": "hello", "match": {"user": "hello there"}, "reply": "a"},
        {"name": "other", "match": {"user": "something else", "model": "gpt-*"}, "reply": "b"},
    )
    handled = post(server, request("hullo there"))
    assert error_of(handled) == (
        404,
        "not_found_error",
        "mockserver: no scenario matches user 'hullo there'; the closest is 'hello': "
        "user: want contains 'hello there' (any case), got 'hullo there'",
    )
    assert handled.reply.head.headers["x-should-retry"] == "false"
    assert handled.exchange.verdict == "unmatched"


def test_a_miss_without_scenarios():
    assert refuse(engine(), request("a"))[2] == "mockserver: no scenario matches user 'a': none is loaded"


def test_a_miss_in_a_large_set_still_says_why():
    scenarios = [{"name": f"s{i}", "match": {"user": f"prompt {i}"}, "reply": "a"} for i in range(50)]
    assert "the closest is 's41'" in refuse(engine(*scenarios), request("promp 41"))[2]


def test_a_group_of_a_branch_that_was_not_taken_is_empty():
    scenario = {"match": {"any_of": [{"user": {"regex": "(?P<q>zz)"}}, {"user": "hi"}]}, "reply": "[{{ match.q }}]"}
    assert texts(answer(scenario, request("hi"))) == ["[]"]
    assert texts(answer(scenario, request("zz"))) == ["[zz]"]


def test_a_time_in_an_input_is_text():
    (block,) = answer(
        {"reply": [{"tool_use": {"name": "f", "input": {"when": "{{ now }}", "who": "{{ fake.date_of_birth() }}"}}}]}
    )["content"]
    assert block["input"]["when"] == "2026-01-01T00:00:00+00:00"
    assert isinstance(block["input"]["who"], str)


def test_what_faker_does_not_have_is_told():
    message = refuse(engine({"reply": "{{ fake.nam() }}"}))[2]
    assert message.startswith(
        "mockserver: scenario 'code#1', turn 0: template '{{ fake.nam() }}': Faker has no 'nam'; did you mean 'name'"
    )


def test_templates_see_the_request():
    text = "{{ prompt }}|{{ turn }}|{{ attempt }}|{{ request.model }}|{{ headers['user-agent'] }}|{{ vars.x }}|{{ now.year }}"
    handled = post(engine({"reply": text, "vars": {"x": [1]}}), request("hi"), {"user-agent": "me"})
    assert texts(json.loads(handled.reply.body)) == ["hi|0|0|claude-sonnet-5|me|[1]|2026"]


def test_a_template_that_fails_is_told_and_nobody_retries():
    handled = post(engine({"name": "t", "reply": "{{ request.nope }}"}), request())
    assert error_of(handled) == (
        400,
        "invalid_request_error",
        "mockserver: scenario 't', turn 0: template '{{ request.nope }}': there is no key 'nope'",
    )


def test_attempts_are_counted_by_canonical_body_without_stream_and_metadata():
    server = engine({"reply": "{{ attempt }}"})
    bodies = [
        request(),
        request(stream=True),
        request(metadata={"user_id": "x"}),
        request("else"),
        dict(reversed(request().items())),
    ]
    found = []
    for body in bodies:
        handled = post(server, body)
        message = fold(events_of(handled.reply.body)) if body.get("stream") else json.loads(handled.reply.body)
        found.append(texts(message)[0])
    assert found == ["0", "1", "2", "0", "3"]


def test_everything_in_one_answer_shows_one_time():
    server = engine({"reply": "{{ now.isoformat() }}", "headers": {"x-now": "{{ now.isoformat() }}"}})
    server.sessions.get("default").clock = Clock()
    handled = post(server, request())
    now = handled.reply.head.headers["x-now"]
    assert texts(json.loads(handled.reply.body)) == [now]
    assert handled.reply.head.headers["date"] == format_datetime(datetime.fromisoformat(now), usegmt=True)


FAKED = [
    "date_time()",
    "future_datetime()",
    "unix_time()",
    "date_of_birth()",
    "past_date()",
    "unique.random_digit()",
    "uuid4()",
]


@pytest.mark.parametrize("call", FAKED)
def test_a_fake_value_depends_on_request_and_clock_alone(call):
    server = engine({"reply": "{{ fake." + call + " }}"})
    first, again = (texts(json.loads(post(server, request()).reply.body)) for _ in range(2))
    assert first == again


def test_made_up_dates_do_not_depend_on_the_day():
    tool = {
        "name": "f",
        "input_schema": {
            "type": "object",
            "properties": {"at": {"type": "string", "format": "date-time"}},
            "required": ["at"],
        },
    }
    server = engine(on_unmatched="fallback")
    asked = request(tools=[tool], tool_choice={"type": "any"})
    first = json.loads(post(server, asked).reply.body)["content"]
    server.clock.advance(86400 * 400)
    assert json.loads(post(server, asked).reply.body)["content"] == first


def test_a_schema_that_is_none_is_refused():
    tool = {"name": "f", "input_schema": {"type": "object", "properties": 5}}
    lax = engine(on_unmatched="fallback", validation="off")
    status, _, message = refuse(lax, request(tools=[tool], tool_choice={"type": "any"}))
    assert (status, message[:54]) == (400, "mockserver: no value can be made for this JSON Schema:")


AUTO = {"reply": [{"tool_use": {"name": "f", "input": "auto"}}]}


@pytest.mark.parametrize(("scenarios", "mode"), [((AUTO,), "error"), ((), "fallback")])
def test_an_answer_that_cannot_be_made_is_a_refusal_in_the_journal(scenarios, mode):
    tool = {"name": "f", "input_schema": {"type": "object", "properties": 5}}
    lax = engine(*scenarios, on_unmatched=mode, validation="off")
    handled = post(lax, request(tools=[tool], tool_choice={"type": "any"}))
    assert (handled.reply.head.status, handled.exchange.verdict) == (400, "refused")


def test_a_scenario_s_headers_do_not_dress_our_own_refusal():
    handled = post(
        engine({"events": [{"event": "x", "data": "no json"}], "headers": {"x-should-retry": None, "x-mine": "a"}}),
        request(),
    )
    assert handled.reply.head.headers["x-should-retry"] == "false"
    assert "x-mine" not in handled.reply.head.headers


def test_sessions_say_the_same_and_differ_in_ids():
    server = engine(on_unmatched="fallback")
    one, two = (json.loads(post(server, request(), path=f"/_s/{'x' * 80}{n}/v1/messages").reply.body) for n in (1, 2))
    assert one["content"] == two["content"]
    assert one["id"] != two["id"]


def test_a_key_that_a_scenario_looks_at_stays_out_of_answer_and_journal():
    handled = post(
        engine({"match": {"headers": {"x-api-key": "foo"}}, "reply": "a"}),
        request("sk-ant-api03-secret"),
        {"x-api-key": "my-secret"},
    )
    for told in (handled.reply.body.decode(), handled.exchange.reason, repr(handled.exchange.headers)):
        assert "secret" not in told


def test_fake_values_follow_from_the_request_alone():
    scenario = {"reply": "{{ fake.name() }}"}
    names = [texts(answer(scenario, request(prompt)))[0] for prompt in ("a", "a", "b")]
    assert names[0] == names[1] != names[2]
    server = engine(scenario)
    post(server, request("b"))
    assert texts(json.loads(post(server, request("a")).reply.body))[0] == names[0]


# ------------------------------------------------------------------ fallback

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
PERSON = {"name": "person", "input_schema": SCHEMA}
SEARCH = {"type": "web_search_20250305", "name": "web_search"}


def fallback(**more):
    server = engine(on_unmatched="fallback")
    handled = post(server, request(**more))
    assert handled.exchange.verdict == "fallback"
    return json.loads(handled.reply.body)


def test_the_fallback_is_a_text_that_follows_from_the_request():
    assert texts(fallback())[0]
    assert fallback() == fallback()
    assert texts(fallback(system="x")) != texts(fallback())


CHOICES = [
    ({"tools": [PERSON], "tool_choice": {"type": "tool", "name": "person"}}, "person"),
    ({"tools": [PERSON], "tool_choice": {"type": "any"}}, "person"),
    ({"tools": [SEARCH, PERSON], "tool_choice": {"type": "any"}}, "person"),
    ({"tools": [PERSON], "tool_choice": {"type": "any"}, "max_tokens": 5}, "person"),
    ({"tools": [PERSON]}, None),
    ({"tools": [PERSON], "tool_choice": {"type": "none"}}, None),
    ({"tools": [SEARCH], "tool_choice": {"type": "any"}}, None),
    ({"tools": [SEARCH], "tool_choice": {"type": "tool", "name": "web_search"}}, None),
]


@pytest.mark.parametrize(("more", "tool"), CHOICES)
def test_the_fallback_calls_a_forced_tool_with_a_valid_input(more, tool):
    *thinking, block = fallback(**more)["content"]
    assert block.get("name") == tool
    assert not (tool and thinking), "a forced tool is called at once"
    if tool:
        validate(block["input"], SCHEMA)
        assert fallback(**more)["stop_reason"] == "tool_use"


@pytest.mark.parametrize("key", ["output_config", "output_format"])
def test_the_fallback_of_structured_output_is_valid_json(key):
    format_ = {"type": "json_schema", "schema": SCHEMA}
    asked = {"output_config": {"format": format_}} if key == "output_config" else {"output_format": format_}
    headers = {"anthropic-beta": "structured-outputs-2025-11-13"}
    handled = post(engine(on_unmatched="fallback"), request(**asked), headers)
    validate(json.loads(texts(json.loads(handled.reply.body))[0]), SCHEMA)


def test_the_fallback_streams_the_same():
    server = engine(on_unmatched="fallback")
    streamed = fold(events_of(post(server, request(stream=True)).reply.body))
    assert streamed["content"] == fallback()["content"]


def test_the_fallback_keeps_to_max_tokens():
    assert fallback(max_tokens=3)["stop_reason"] == "max_tokens"
    assert fallback(max_tokens=0)["content"] == []


# ------------------------------------------------------------------ bugs and odd input


def test_a_bug_is_a_500_in_the_envelope_and_stays_in_the_journal(monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(conversing, "select", broken)
    handled = post(engine({"reply": "a"}), request())
    assert error_of(handled) == (
        500,
        "api_error",
        "mockserver: a bug of the mock server, please report it: ZeroDivisionError: oops",
    )
    assert handled.reply.head.headers["x-should-retry"] == "false"
    assert isinstance(handled.exchange.bug, ZeroDivisionError)
    assert handled.exchange.verdict == "bug"


def nested(depth, kind):
    """A JSON value of so many arrays or objects in each other."""
    return "[" * depth + "]" * depth if kind == "array" else '{"a":' * depth + "1" + "}" * depth


DEEP_BODIES = {
    "/v1/messages": '{"model":"claude-sonnet-5","max_tokens":9,"messages":[{"role":"user","content":"a"}],"x":%s}',
    "/v1/messages/count_tokens": '{"model":"claude-sonnet-5","messages":[{"role":"user","content":"a"}],"x":%s}',
    "/v1/messages/batches": '{"requests":[{"custom_id":"a","params":{"model":"claude-sonnet-5","max_tokens":9,'
    '"messages":[{"role":"user","content":"a"}],"x":%s}}]}',
}
AROUND = {"/v1/messages/batches": 4}
TOO_DEEP = (
    400,
    "invalid_request_error",
    "mockserver: the request body is nested too deeply: 254 arrays and objects may stand in each other",
)


@pytest.mark.parametrize("kind", ["array", "object"])
@pytest.mark.parametrize("validation", ["strict", "lenient", "off"])
@pytest.mark.parametrize("path", DEEP_BODIES)
def test_a_body_that_could_not_be_written_again_is_refused(path, validation, kind):
    """At every level, and the journal can be read whatever came; one level less is judged as any other body."""

    def ask(depth, headers=None):
        server = engine({"reply": "a"}, validation=validation)
        body = (DEEP_BODIES[path] % nested(depth - AROUND.get(path, 1), kind)).encode()
        handled = post(server, body, headers, path)
        for exchange in server.sessions.get("default").journal.exchanges:
            assert exchange.verdict != "bug"
            assert json.loads(as_json(record_of(exchange)))["number"] == exchange.number
            assert all(export([exchange], form, base_url="http://m") for form in FORMS)
        return handled

    for depth in (MOST_DEPTH + 1, 500, 1000):
        assert error_of(ask(depth)) == TOO_DEEP
    assert error_of(ask(1100))[2].startswith("The request body is not valid JSON: depth limit exceeded")
    deepest = ask(MOST_DEPTH)
    assert deepest.reply.head.status == 200 or error_of(deepest)[2] == "x: Extra inputs are not permitted"
    assert ask(1000, {"x-api-key": ""}).reply.head.status == 401


def test_a_body_that_is_too_deep_for_this_python_is_refused(monkeypatch):
    """How deep that is depends on its version; what can be decoded is answered or refused, never a bug."""

    def too_deep(*_):
        raise RecursionError

    monkeypatch.setattr(conversing, "select", too_deep)
    assert refuse() == TOO_DEEP


@given(st.binary(max_size=200))
def test_any_bytes_end_in_an_answer_or_a_well_formed_refusal(raw):
    status = post(engine({"reply": "a"}), raw).reply.head.status
    assert status in (200, 400)


keys = st.sampled_from(
    [
        "model",
        "messages",
        "max_tokens",
        "system",
        "tools",
        "tool_choice",
        "stream",
        "stop_sequences",
        "role",
        "content",
        "type",
        "text",
        "input",
        "id",
        "tool_use_id",
    ]
)
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(["user", "assistant", "tool_use", "tool_result", "auto", "any"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
)


@pytest.mark.unmeasured
@given(st.dictionaries(keys, anything), st.sampled_from(["lenient", "off"]), st.booleans())
def test_any_json_ends_in_an_answer_or_a_well_formed_refusal(change, validation, odd_only):
    body = change if odd_only else request() | change
    server = engine(
        {"match": {"user": "x"}, "reply": "{{ prompt }}{{ turn }}"}, validation=validation, on_unmatched="fallback"
    )
    handled = post(server, body)
    assert handled.reply.head.status in (200, 400), handled.exchange.reason
    assert handled.exchange.bug is None


# ------------------------------------------------------------------ determinism


def test_two_engines_give_the_same_bytes_headers_included():
    def run():
        server = engine(WEATHER, seed=7, on_unmatched="fallback")
        bodies = [
            request("Weather in Paris?", tools=[WEATHER_TOOL], stream=True),
            loop(),
            request("else", stream=True),
            b"{",
        ]
        return [post(server, body).reply for body in bodies]

    assert run() == run()


def test_the_seed_changes_ids():
    ids = {answer({"reply": "a"}, seed=seed)["id"] for seed in (0, 1)}
    assert len(ids) == 2


def test_plain_and_streamed_are_one_answer():
    """But for the time-ordered part of the id, which counts requests."""
    server = engine(WEATHER, on_unmatched="fallback")
    for body in (request("Weather in Paris?", tools=[WEATHER_TOOL]), loop(), request("anything")):
        plain = json.loads(post(server, body).reply.body)
        streamed = fold(events_of(post(server, body | {"stream": True}).reply.body))
        assert plain | {"id": ""} == streamed | {"id": ""}
        assert plain["id"][14:] == streamed["id"][14:]


def test_a_request_that_involves_no_state_does_not_depend_on_the_sequence():
    server = engine({"reply": "{{ fake.name() }}"})
    first = json.loads(post(server, request("a")).reply.body)
    for prompt in "bcd":
        post(server, request(prompt))
    later = json.loads(post(server, request("a")).reply.body)
    assert first | {"id": ""} == later | {"id": ""}
