"""Each key of a match as a truth table: what holds, and how a difference is told."""

import pytest
from helpers import WEATHER_TOOL, assistant, request, tool_result, tool_use, user
from hypothesis import given
from hypothesis import strategies as st

from mockserver.scenario.match import Match
from mockserver.scenario.matching import Subject, compile_match
from mockserver.scenario.texts import named_groups
from mockserver.wire.conversation import Conversation
from mockserver.wire.encoding import decode, encode
from mockserver.wire.parts import Parts


def subject(body=None, headers=None, endpoint="messages"):
    return Subject(Conversation(Parts().known(decode(encode(body or request())))), headers or {}, endpoint)


def differences(match, body=None, headers=None, **more):
    compiled = compile_match(Match.model_validate(match))
    asked = subject(body, headers, **more)
    found, groups = compiled.differences(asked)
    assert (compiled.holds(asked) is not None) == (not found), "matching and explaining must agree"
    return [str(d) for d in found], groups


LOOP = request(
    "Weather?", assistant([tool_use(city="Paris")]), user([tool_result("Sunny, 20°C")]), tools=[WEATHER_TOOL]
)
ASKED = request(
    "Hello World", system="You are a PIRATE", tools=[WEATHER_TOOL], metadata={"user_id": "alice"}, stream=True
)

HOLDS = {
    "nothing asked": ({}, ASKED),
    "contains, any case": ({"user": "hello world"}, ASKED),
    "equals": ({"user": {"equals": "Hello World"}}, ASKED),
    "contains": ({"user": {"contains": "World"}}, ASKED),
    "starts_with": ({"user": {"starts_with": "Hello"}}, ASKED),
    "ends_with": ({"user": {"ends_with": "World"}}, ASKED),
    "regex": ({"user": {"regex": "o W"}}, ASKED),
    "glob": ({"user": {"glob": "H*d"}}, ASKED),
    "two operators": ({"user": {"starts_with": "H", "ends_with": "d"}}, ASKED),
    "last": ({"last": "hello"}, ASKED),
    "user across a tool loop": ({"user": "weather"}, LOOP),
    "system": ({"system": "pirate"}, ASKED),
    "no system": ({"system": {"equals": ""}}, LOOP),
    "model": ({"model": "claude-sonnet-*"}, ASKED),
    "any of models": ({"model": ["x", "claude-*"]}, ASKED),
    "tools": ({"tools": ["get_weather"]}, ASKED),
    "one tool as text": ({"tools": "get_weather"}, ASKED),
    "no tools": ({"tools": []}, request()),
    "tool_choice by default": ({"tool_choice": "auto"}, ASKED),
    "tool_choice by type": ({"tool_choice": "any"}, ASKED | {"tool_choice": {"type": "any"}}),
    "tool_choice whole": ({"tool_choice": {"type": "tool", "name": "x"}}, ASKED | {"tool_choice": {"type": "tool", "name": "x"}}),
    "thinking": ({"thinking": "adaptive"}, request(thinking={"type": "adaptive"})),
    "no thinking": ({"thinking": "disabled"}, request()),
    "stream": ({"stream": True}, ASKED),
    "no stream": ({"stream": False}, LOOP),
    "max_tokens": ({"max_tokens": 1024}, ASKED),
    "tool_result as text": ({"tool_result": "sunny"}, LOOP),
    "tool_result in full": ({"tool_result": {"tool": "get_weather", "is_error": False, "contains": "20"}}, LOOP),
    "body: a value": ({"body": {"metadata.user_id": "alice"}}, ASKED),
    "body: null": ({"body": {"metadata.nope": None}}, ASKED),
    "body: a number": ({"body": {"length(messages)": 1}}, ASKED),
    "body: a list": ({"body": {"tools[].name": ["get_weather"]}}, ASKED),
    "body: a map": ({"body": {"metadata": {"user_id": "alice"}}}, ASKED),
    "body: an operator": ({"body": {"metadata.user_id": {"starts_with": "al"}}}, ASKED),
    "body: a function of a part": ({"body": {"type(tools[0])": "object", "sort(keys(messages[0]))": ["content", "role"]}}, ASKED),
    "turn": ({"turn": 1}, LOOP),
    "endpoint": ({"endpoint": "messages"}, LOOP),
    "not": ({"not": {"user": "bye"}}, ASKED),
    "any_of": ({"any_of": [{"user": "bye"}, {"user": "hello"}]}, ASKED),
}  # fmt: skip

DIFFERS = {
    "contains": ({"user": "bye"}, ASKED, "user: want contains 'bye' (any case), got 'Hello World'"),
    "case counts inside a map": ({"user": {"contains": "world"}}, ASKED, "user: want contains 'world', got 'Hello World'"),
    "equals": ({"user": {"equals": "Hello"}}, ASKED, "user: want equals 'Hello', got 'Hello World'"),
    "starts_with": ({"user": {"starts_with": "World"}}, ASKED, "user: want starts_with 'World', got 'Hello World'"),
    "ends_with": ({"user": {"ends_with": "Hello"}}, ASKED, "user: want ends_with 'Hello', got 'Hello World'"),
    "regex": ({"user": {"regex": "^World"}}, ASKED, "user: want regex '^World', got 'Hello World'"),
    "glob is for the whole": ({"user": {"glob": "Hello"}}, ASKED, "user: want glob 'Hello', got 'Hello World'"),
    "a long text is cut": ({"user": "x"}, request("y" * 200), f"user: want contains 'x' (any case), got '{'y' * 120}…'"),
    "the tool result is no prompt": ({"user": "sunny"}, LOOP, "user: want contains 'sunny' (any case), got 'Weather?'"),
    "system": ({"system": "ninja"}, ASKED, "system: want contains 'ninja' (any case), got 'You are a PIRATE'"),
    "model": ({"model": ["a", "b*"]}, ASKED, "model: want 'a' or 'b*', got 'claude-sonnet-5'"),
    "tools": ({"tools": ["get_weather", "x"]}, ASKED, "tools: want 'x' among them, got [get_weather]"),
    "no tools": ({"tools": []}, ASKED, "tools: want none at all, got [get_weather]"),
    "tool_choice": ({"tool_choice": "any"}, ASKED, "tool_choice: want 'any', got 'auto'"),
    "tool_choice without tools": ({"tool_choice": "auto"}, request(), "tool_choice: want 'auto', got none"),
    "thinking": ({"thinking": "adaptive"}, ASKED, "thinking: want 'adaptive', got 'disabled'"),
    "stream": ({"stream": False}, ASKED, "stream: want False, got True"),
    "max_tokens": ({"max_tokens": 1}, ASKED, "max_tokens: want 1, got 1024"),
    "no tool_result": ({"tool_result": "x"}, ASKED, "tool_result: want a tool_result in the last message, got none"),
    "tool_result.tool": ({"tool_result": {"tool": "x"}}, LOOP, "tool_result.tool: want 'x', got 'get_weather'"),
    "tool_result.is_error": ({"tool_result": {"is_error": True}}, LOOP, "tool_result.is_error: want True, got False"),
    "tool_result's text": ({"tool_result": {"equals": "x"}}, LOOP, "tool_result: want equals 'x', got 'Sunny, 20°C'"),
    "body": ({"body": {"metadata.user_id": "ali"}}, ASKED, "body: metadata.user_id: want 'ali', got 'alice'"),
    "true is not 1": ({"body": {"stream": 1}}, ASKED, "body: stream: want 1, got True"),
    "body: no text": ({"body": {"max_tokens": {"contains": "1"}}}, ASKED, "body: max_tokens: want contains '1', got 1024"),
    "body: an operator": ({"body": {"metadata.user_id": {"equals": "x"}}}, ASKED, "body: metadata.user_id: want equals 'x', got 'alice'"),
    "turn": ({"turn": 0}, LOOP, "turn: want 0, got 1"),
    "endpoint": ({"endpoint": "batches"}, LOOP, "endpoint: want 'batches', got 'messages'"),
    "not": ({"not": {"user": "hello"}}, ASKED, "not: want no match of user, got one"),
    "any_of": (
        {"any_of": [{"user": "bye"}, {"turn": 3}]}, ASKED,
        "any_of: want one of 2 to hold, got user: want contains 'bye' (any case), got 'Hello World'; turn: want 3, got 0",
    ),
    "a regex is told as it is written": ({"user": {"regex": r"^\d+$"}}, ASKED, r"user: want regex '^\d+$', got 'Hello World'"),
}  # fmt: skip


@pytest.mark.parametrize(("match", "body"), HOLDS.values(), ids=HOLDS)
def test_what_holds(match, body):
    assert differences(match, body) == ([], {})


@pytest.mark.parametrize(("match", "body", "words"), DIFFERS.values(), ids=DIFFERS)
def test_what_differs_is_told(match, body, words):
    assert differences(match, body)[0] == [words]


def test_every_key_of_the_format_is_in_both_tables():
    keys = Match.keys() - {"headers", "betas"}  # their tests stand below
    assert keys <= {key for match, _ in HOLDS.values() for key in match}
    assert keys - {"last"} <= {key for match, *_ in DIFFERS.values() for key in match}


def test_headers():
    match = {"headers": {"X-Case": {"equals": "a"}, "user-agent": "python"}}
    assert differences(match, headers={"x-case": "a", "user-agent": "Anthropic/Python"})[0] == []
    assert differences(match, headers={"x-case": "b"})[0] == [
        "headers.X-Case: want equals 'a', got 'b'",
        "headers.user-agent: want contains 'python' (any case), got no such header",
    ]


def test_betas():
    headers = {"anthropic-beta": "one,two"}
    assert differences({"betas": ["two", "one"]}, headers=headers)[0] == []
    assert differences({"betas": "three"}, headers=headers)[0] == ["betas: want 'three' among them, got [one, two]"]


def test_a_jmespath_function_on_the_wrong_type_is_a_difference():
    (words,) = differences({"body": {"length(max_tokens)": 1}})[0]
    assert words.startswith("body: length(max_tokens): want 1, got ")


def test_all_keys_that_differ_are_told_in_the_order_of_the_format():
    assert [d.split(":")[0] for d in differences({"turn": 5, "user": "x", "model": "y"})[0]] == [
        "user",
        "model",
        "turn",
    ]


def test_one_tool_result_must_satisfy_all_conditions():
    body = request(
        "a",
        assistant([tool_use("f", "t1"), tool_use("g", "t2")]),
        user([tool_result("x", "t1"), tool_result("y", "t2")]),
    )
    assert differences({"tool_result": {"tool": "g", "equals": "y"}}, body)[0] == []
    assert differences({"tool_result": {"tool": "f", "equals": "y"}}, body)[0] != []


def test_groups_come_from_the_tool_result_that_holds():
    body = request(
        "a",
        assistant([tool_use("w", "t1"), tool_use("z", "t2")]),
        user([tool_result("20", "t1"), tool_result("99", "t2")]),
    )
    for tool, expected in (("w", "20"), ("z", "99")):
        assert differences({"tool_result": {"tool": tool, "regex": r"(?P<t>\d+)"}}, body) == ([], {"t": expected})


def test_a_key_in_a_header_is_never_quoted():
    (words,) = differences({"headers": {"x-api-key": "foo"}}, headers={"x-api-key": "my-secret"})[0]
    assert words == "headers.x-api-key: want contains 'foo' (any case), got ***"


@pytest.mark.parametrize("match", [{"body": {"regex": "("}}, {"headers": {"regex": "("}}, {"body": {"contains": "x"}}])
def test_a_path_or_header_may_be_called_like_an_operator(match):
    assert named_groups(Match.model_validate(match)) == set()


def test_named_groups_of_every_regex():
    match = {
        "user": {"regex": r"in (?P<city>\w+)(?P<rest>!)?"},
        "body": {"metadata.user_id": {"regex": "(?P<first>.)"}},
        "any_of": [{"model": "x"}, {"system": {"regex": "a (?P<who>.*)"}}],
        "not": {"user": {"regex": "(?P<never>z)"}},
    }
    found, groups = differences(match, request("in Paris", system="a pirate", metadata={"user_id": "alice"}))
    assert found == []
    assert groups == {"city": "Paris", "rest": "", "first": "a", "who": "pirate"}
    assert named_groups(Match.model_validate(match)) == set(groups)


@given(st.text(), st.text())
def test_operators_agree_with_python(text, part):
    body = request(user(text))
    for operator, expected in (
        ("equals", text == part),
        ("contains", part in text),
        ("starts_with", text.startswith(part)),
        ("ends_with", text.endswith(part)),
    ):
        assert (differences({"user": {operator: part}}, body)[0] == []) == expected
    assert (differences({"user": part}, body)[0] == []) == (part.casefold() in text.casefold())
