"""Questions about what came, and assertions with their stories."""

import pytest
from helpers import WEATHER_TOOL, assistant, post, request, tool_result, tool_use, user

from mockserver import MockServer
from mockserver.control.records import record_of
from mockserver.engine import conversing


@pytest.fixture
def mock():
    """A server that was asked four things: a tool's call, its result, a stream that nothing matches, a token count."""
    mock = MockServer()
    mock.when(user="weather").tool_use("get_weather", {"city": "Paris"}, usage={"output_tokens": 10}).then(
        "Sunny.", usage={"output_tokens": 5, "input_tokens": 100}
    )
    ask(mock, "weather in Paris?", tools=[WEATHER_TOOL])
    ask(mock, user("weather in Paris?"), assistant([tool_use()]), user([tool_result("sun")]), tools=[WEATHER_TOOL])
    ask(mock, "unknown", stream=True, model="claude-haiku-4-5")
    body = {k: v for k, v in request("count me").items() if k != "max_tokens"}
    close(mock, post(mock.engine, body, path="/v1/messages/count_tokens"))
    return mock


def ask(mock, *messages, **more):
    close(mock, post(mock.engine, request(*messages, **more)))


def close(mock, handled):
    mock.engine.close(handled, "whole")


def test_a_sequence_with_a_first_and_a_last(mock):
    requests = mock.requests
    assert (len(requests), requests.last.verdict, requests.first.verdict) == (4, "counted", "answered")
    assert requests[1].text == "Sunny."
    assert [one.number for one in requests[1:3]] == [1, 2]
    assert requests.prompts == ["weather in Paris?", "weather in Paris?", "unknown", "count me"]
    assert requests.messages.last.prompt == "unknown"
    assert requests.first.model == "claude-sonnet-5"


def test_what_nobody_asked_is_told():
    for name in ("first", "last"):
        with pytest.raises(LookupError, match=r"^mockserver: no such request came; does the program ask this server"):
            getattr(MockServer().requests, name)
    assert repr(MockServer().requests) == "<0 requests>"


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({"verdict": "answered"}, [0, 1]),
        ({"status": 404, "streamed": False}, [2]),
        ({"prompt": "weather in Paris?"}, [0, 1]),
        ({"user": "weather"}, [0, 1]),
        ({"user": {"regex": "^un"}}, [2]),
        ({"model": "claude-haiku*"}, [2]),
        ({"stream": True}, [2]),
        ({"tools": ["get_weather"], "turn": 1}, [1]),
        ({"tool_result": {"contains": "sun"}}, [1]),
        ({"endpoint": "count_tokens"}, [3]),
        ({"not_": {"user": "weather"}}, [2]),
        ({"headers": {"anthropic-version": "2023-06-01"}}, [0, 1, 2]),
        ({"body": {"max_tokens": 1024}, "verdict": "unmatched"}, [2]),
        ({}, [0, 1, 2, 3]),
    ],
)
def test_where(mock, wanted, numbers):
    assert [one.number for one in mock.requests.where(**wanted)] == numbers


def test_where_takes_a_function_too(mock):
    assert [one.number for one in mock.requests.where(lambda one: one.number > 1, status=404)] == [2]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"verdikt": "x"}, "mockserver: requests have no 'verdikt'; did you mean 'verdict'?"),
        ({"stream": "yes"}, "mockserver: where(stream): "),
    ],
)
def test_a_question_that_makes_no_sense_is_told(mock, wanted, words):
    with pytest.raises(TypeError) as told:
        mock.requests.where(**wanted)
    assert str(told.value).startswith(words)


def test_tools_and_usage(mock):
    requests = mock.requests
    assert [call["name"] for call in requests.tool_calls] == ["get_weather"]
    assert [(result.tool, result.text) for result in requests.tool_results] == [("get_weather", "sun")]
    assert requests.usage["output_tokens"] == 15
    assert requests.where(turn=1).usage == {
        "input_tokens": 100,
        "output_tokens": 5,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
    }


def test_what_was_asserted_holds(mock):
    mock.assert_called(3, tools=["get_weather"])
    mock.assert_called()
    mock.assert_called(1, verdict="unmatched", tools=[])
    mock.assert_called(2, user="weather")
    mock.assert_not_called(system="pirate")
    mock.assert_not_called(tools=["get_news"])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: m.assert_called(2), "mockserver: 2 requests for a message expected, 3 came (a try again counts)\n"),
        (
            lambda m: m.assert_called(1, user="zebra"),
            "mockserver: 1 request for a message expected where user='zebra', 0 came",
        ),
        (lambda m: m.assert_called(user="zebra"), "mockserver: no message was asked for where user='zebra'\nPOST /v1/"),
        (lambda m: m.assert_called(tools=["a"]), "mockserver: tools ['a'] expected, ['get_weather'] were called\n"),
        (lambda m: m.assert_not_called(tools=["get_weather"]), "mockserver: tools ['get_weather'] were called\nPOST"),
        (lambda m: m.assert_not_called(), "mockserver: 0 requests for a message expected, 3 came"),
    ],
)
def test_an_assertion_that_does_not_hold_tells_the_story(mock, call, words):
    with pytest.raises(AssertionError) as told:
        call(mock)
    assert str(told.value).startswith(words)


def test_where_nothing_came_the_assertion_says_so():
    with pytest.raises(AssertionError, match=r"^mockserver: no message was asked for\nno request came$"):
        MockServer().assert_called()


def test_what_was_forgotten_cannot_be_counted():
    mock = MockServer(max_exchanges=2)
    mock.reply("a")
    for _ in range(3):
        ask(mock)
    mock.assert_called()
    for asserted in ({"times": 3}, {"tools": []}):
        with pytest.raises(
            AssertionError, match="the journal keeps no more than 2 exchanges, so more cannot be counted"
        ):
            mock.assert_called(**asserted)


def test_what_went_wrong_is_not_forgotten():
    mock = MockServer(max_exchanges=1)
    mock.when(user="x").reply("a")
    for prompt in ("miss", "x"):
        ask(mock, prompt)
    with pytest.raises(AssertionError, match="1 more went wrong that the journal has forgotten; a higher 'max_exch"):
        mock.check()
    mock.check(strict=[])


@pytest.mark.parametrize("strict", ["miss", ["misses", "bugs"]])
def test_what_is_to_fail_a_test_is_something_that_can(mock, strict):
    with pytest.raises(ValueError, match=r"is none of misses, expectations, unused$"):
        mock.check(strict)


def test_one_name_is_enough(mock):
    with pytest.raises(AssertionError, match="1 request went wrong"):
        mock.check("misses")
    mock.check("expectations")


def test_the_story(mock):
    story = str(mock.requests).splitlines()
    assert story[:6] == [
        "POST /v1/messages 200 answered by scenario 'code#1' turn 0",
        "    asked: 'weather in Paris?'",
        "    answered: '' [get_weather {'city': 'Paris'}]",
        "POST /v1/messages 200 answered by scenario 'code#1' turn 1",
        "    asked: 'weather in Paris?' [get_weather said 'sun']",
        "    answered: 'Sunny.'",
    ]
    mock.when(user="news").reply("None.")
    ask(mock, "unknown again")
    assert str(mock.requests).splitlines()[-1].startswith("    near: 'code#1': user: want contains 'weather'")


def test_check_tells_all_that_went_wrong(mock):
    with pytest.raises(AssertionError) as told:
        mock.check()
    assert str(told.value).startswith("mockserver: 1 request went wrong\nPOST /v1/messages 404 unmatched no scenario")
    mock.check(strict=[])
    mock.when(user="never", name="never").reply("a")
    with pytest.raises(AssertionError, match=r"^mockserver: nothing asked for 'never' \(match {'user': 'never'}\)$"):
        mock.check(strict=["unused"])
    assert mock.session("other").unused() == ["code#1", "never"]
    ask(mock, "never")
    mock.check(strict=["unused"])


def test_check_raises_the_bug(monkeypatch):
    mock = MockServer()
    monkeypatch.setattr(conversing, "select", lambda *_: 1 / 0)
    ask(mock)
    with pytest.raises(ZeroDivisionError):
        mock.check(strict=[])


def test_keys_and_tokens_are_not_kept():
    mock = MockServer()
    mock.reply("Hi")
    mcp = [{"type": "url", "url": "https://example.com/mcp", "name": "m", "authorization_token": "secret-token-1"}]
    betas = {"anthropic-beta": "mcp-client-2025-11-20", "x-api-key": "sk-ant-api03-secret"}
    asked = request(
        "my key is sk-ant-api03-secret", mcp_servers=mcp, tools=[{"type": "mcp_toolset", "mcp_server_name": "m"}]
    )
    close(mock, post(mock.engine, asked, betas))
    last = mock.requests.last
    assert last.verdict == "answered", last.reason
    assert last.headers["x-api-key"] == "***"
    assert last.body["mcp_servers"][0] == mcp[0] | {"authorization_token": "***"}
    assert last.prompt == "my key is sk-ant-api03-***"
    assert "secret" not in f"{last!r}{mock.requests}"
    mock.when(user="echo").reply("{{ prompt }}")
    close(mock, post(mock.engine, request("echo sk-ant-api03-secret")))
    close(mock, post(mock.engine, request("nobody sk-ant-api03-secret")))
    close(
        mock, post(mock.engine, b'{"authorization_token": "secret", "k": "sk-ant-api03-secret"', {"api-key": "secret"})
    )
    close(mock, post(mock.engine, b"", path="/v1/sk-ant-api03-secret"))
    outward = [str(mock.requests), mock.export("jsonl"), *(record_of(one).model_dump_json() for one in mock.requests)]
    for text in (*outward, *map(str, (one.nearest for one in mock.requests)), repr(mock.requests.last)):
        assert "secret" not in text
