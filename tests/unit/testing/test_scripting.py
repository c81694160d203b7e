"""Scenarios written in code: what is said, and what is answered. The engine answers; nothing is served."""

import json

import pytest
from helpers import WEATHER_TOOL, Handled, assistant, post, request, texts, tool_result, tool_use, user

from mockserver import MockServer, ScenarioError
from mockserver.scenario.library import Library
from mockserver.scenario.schema import Scenario


@pytest.fixture
def mock():
    return MockServer()


def ask(mock, *messages, **more) -> Handled:
    return post(mock.engine, request(*messages, **more))


def said(mock, *messages, **more):
    return json.loads(ask(mock, *messages, **more).reply.body)


CALL = (user("weather?"), assistant([tool_use()]), user([tool_result()]))


def test_a_tool_call_and_then_its_answer(mock):
    mock.when(user="weather").tool_use("get_weather", {"city": "Paris"}).then("It is sunny.")
    first = said(mock, "weather?", tools=[WEATHER_TOOL])
    assert [(b["type"], b["name"], b["input"]) for b in first["content"]] == [
        ("tool_use", "get_weather", {"city": "Paris"})
    ]
    assert first["stop_reason"] == "tool_use"
    assert texts(said(mock, *CALL, tools=[WEATHER_TOOL])) == ["It is sunny."]


def test_then_takes_text_blocks_a_turn_or_its_keys(mock):
    mock.when(user="weather").reply("0").then([{"text": "1"}]).then({"reply": "2"}).then(
        reply="3", usage={"output_tokens": 9}
    )
    talk = [user("weather?")]
    for number in range(4):
        message = said(mock, *talk)
        assert texts(message) == [str(number)]
        talk += [assistant([tool_use(id_=f"toolu_{number}")]), user([tool_result(id_=f"toolu_{number}")])]
    assert message["usage"]["output_tokens"] == 9


def test_a_chain_of_tools_and_an_error(mock):
    mock.when(user="weather").tool_use("get_weather").then_tool_use("get_weather", {"city": "Oslo"}).then_fail(
        "overloaded"
    )
    assert said(mock, *CALL, tools=[WEATHER_TOOL])["content"][0]["input"] == {"city": "Oslo"}
    again = (*CALL, assistant([tool_use(id_="toolu_2")]), user([tool_result(id_="toolu_2")]))
    assert ask(mock, *again, tools=[WEATHER_TOOL]).reply.head.status == 529


def test_to_fail_so_many_times_and_then_not(mock):
    mock.fail("overloaded", times=2).then("Hello")
    assert [ask(mock).reply.head.status for _ in range(4)] == [529, 529, 200, 200]


def test_to_fail_for_ever(mock):
    mock.fail({"type": "rate_limit", "retry_after": 7})
    handled = [ask(mock) for _ in range(3)]
    assert [one.reply.head.status for one in handled] == [429] * 3
    assert handled[0].reply.head.headers["retry-after"] == "7"


def test_a_tool_call_that_nothing_follows_is_answered_once(mock):
    mock.when(user="weather").tool_use("get_weather")
    assert said(mock, "weather?", tools=[WEATHER_TOOL])["stop_reason"] == "tool_use"
    handled = ask(mock, *CALL, tools=[WEATHER_TOOL])
    assert (handled.reply.head.status, handled.exchange.verdict) == (404, "unmatched")
    assert b"this is turn 1 (counted from 0); add a turn (in code: .then(" in handled.reply.body


def test_so_is_one_that_follows_a_failure(mock):
    mock.fail("overloaded", times=1).then_tool_use("get_weather")
    assert [ask(mock, "weather?", tools=[WEATHER_TOOL]).reply.head.status for _ in range(2)] == [529, 200]
    assert ask(mock, *CALL, tools=[WEATHER_TOOL]).reply.head.status == 404


def test_a_failure_that_nothing_follows_says_so(mock):
    mock.fail("overloaded", times=1)
    assert ask(mock).reply.head.status == 529
    handled = ask(mock)
    assert (handled.reply.head.status, handled.reply.head.headers["x-should-retry"]) == (404, "false")
    assert b"scripted to fail 1 time, and that is over; say what follows with .then" in handled.reply.body


def test_what_follows_a_failure_for_ever_never_comes(mock):
    with pytest.raises(ScenarioError, match=r"'code#1' fails for ever, so nothing follows; say how often: fail\("):
        mock.fail("overloaded").then("ok")


def test_a_later_turn_fails_and_goes_on(mock):
    mock.when(user="weather").tool_use("get_weather").then_fail("overloaded", times=2).then("Sunny.")
    assert said(mock, "weather?", tools=[WEATHER_TOOL])["stop_reason"] == "tool_use"
    assert [ask(mock, *CALL, tools=[WEATHER_TOOL]).reply.head.status for _ in range(4)] == [529, 529, 200, 200]


def test_failures_of_two_kinds_one_after_the_other(mock):
    mock.fail("overloaded", times=1).then_fail("rate_limit", times=2).then("Hello")
    assert [ask(mock).reply.head.status for _ in range(5)] == [529, 429, 429, 200, 200]


@pytest.mark.parametrize("times", [0, -1, 1.5, True, "2"])
def test_a_number_of_failures_is_a_number(mock, times):
    with pytest.raises(ValueError, match="a whole number from 1 is needed"):
        mock.fail("overloaded", times=times)


def test_a_fault_breaks_an_answer_and_the_next_try_gets_it(mock):
    mock.fail(fault={"after": {"events": 2}, "disconnect": "close"}, times=1).then("Whole")
    broken, whole = ask(mock, stream=True), ask(mock, stream=True)
    assert broken.exchange.faults
    assert not whole.exchange.faults
    assert b"Whole" in whole.reply.body


@pytest.mark.parametrize(
    ("script", "found"),
    [
        (lambda m: m.reply("Hi", stop_reason="max_tokens"), {"stop_reason": "max_tokens"}),
        (lambda m: m.reply([{"thinking": "Hm"}, {"text": "Hi"}]), {"stop_reason": "end_turn"}),
        (lambda m: m.reply("Hi", usage={"output_tokens": 77}, model="my-model"), {"model": "my-model"}),
        (lambda m: m.when(model="claude-*", stream=False).reply("Hi", id="msg_1"), {"id": "msg_1"}),
        (lambda m: m.attempts({"reply": "Hi", "id": "msg_2"}, {"error": "api"}), {"id": "msg_2"}),
    ],
)
def test_every_key_of_a_turn_can_stand_beside(mock, script, found):
    script(mock)
    assert found.items() <= said(mock).items()


def test_a_message_and_events_verbatim(mock):
    message = {"id": "msg_x", "type": "message", "role": "assistant", "content": [], "model": "m", "usage": {}}
    mock.when(user="message").message(message)
    mock.when(user="events").events([{"data": {"type": "ping"}}])
    assert said(mock, "message") == message
    assert b'"ping"' in ask(mock, "events", stream=True).reply.body


def test_the_scenario_s_own_keys_stand_beside_those_of_the_match(mock):
    scripted = mock.when(user="hi", not_={"system": "pirate"}, name="greeting", priority=3, vars={"who": "Ann"}).reply(
        "Hello {{ vars.who }}"
    )
    assert (scripted.name, texts(said(mock, "hi"))) == ("greeting", ["Hello Ann"])
    assert ask(mock, "hi", system="pirate").reply.head.status == 404
    assert repr(scripted) == "<scenario 'greeting': 1 turn>"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (lambda m: m.when(usr="hi"), "match.usr: unknown key 'usr'; did you mean 'user'?"),
        (lambda m: m.when(user=5), "match.user: "),
        (lambda m: m.reply("Hi", stop_reson="end_turn"), "unknown key 'stop_reson'; did you mean 'stop_reason'?"),
        (lambda m: m.reply(5), "reply: expected text or a list of blocks"),
        (lambda m: m.fail("overlaoded"), "did you mean 'overloaded'?"),
        (lambda m: m.add([{"reply": "x"}]), "a scenario is a map, such as 'reply: Hello!'; this is a list"),
        (lambda m: m.add({"repyl": "x"}), "repyl: unknown key 'repyl'; did you mean 'reply'?"),
        (lambda m: m.reply("Hi").then(raply="x"), "turns[1].raply: unknown key 'raply'; did you mean 'reply'?"),
        (lambda m: (m.reply("a"), m.reply("b")), "have the same match, so the second would never answer"),
    ],
)
def test_a_mistake_is_told_where_it_is_made_and_changes_nothing(mock, script, words):
    with pytest.raises(ScenarioError) as told:
        script(mock)
    assert words in str(told.value)


def test_a_wrong_continuation_leaves_the_scenario_as_it_was(mock):
    scripted = mock.reply("Hi")
    with pytest.raises(ScenarioError):
        scripted.then(raply="x")
    scripted.then("Ho")
    assert texts(said(mock, *CALL)) == ["Ho"]


def test_what_stands_beside_the_first_answer_is_not_said_of_the_next(mock):
    mock.when(user="weather").reply("a", usage={"output_tokens": 100}, headers={"x-a": "1"}, model="m").then("b")
    handled = ask(mock, *CALL)
    message = json.loads(handled.reply.body)
    assert (message["usage"]["output_tokens"] < 100, message["model"]) == (True, "claude-sonnet-5")
    assert "x-a" not in handled.reply.head.headers


def test_a_scenario_can_be_taken_out(mock):
    scripted = mock.reply("Hi")
    scripted.remove()
    assert ask(mock).reply.head.status == 404
    mock.reply("again")


def test_models_of_the_format_say_the_same_as_a_map(mock):
    """What a file says, and what its model says when it is written out again, is the same."""
    mock.add(Scenario.model_validate({"match": {"user": "hi"}, "turns": [{"reply": "a", "delay": "250ms"}]}))
    assert ask(mock, "hi").reply.steps[0].seconds == 0.25


def test_every_scenario_of_the_gallery_can_be_written_in_code(pytestconfig):
    scripts = Library([pytestconfig.rootpath / "scenarios"]).scripts
    assert len(scripts) > 20
    for script in scripts:
        written = script.spec.model_dump(mode="json", by_alias=True, exclude_unset=True)
        assert Scenario.model_validate(written) == script.spec, script.name
        Library().add(written)
