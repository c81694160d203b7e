"""The official Python SDK meets failures, and the verdict says what it did.

Its sleep moves the mock clock instead of taking time: a `retry-after` of minutes is waited for, and nothing sleeps.
"""

import asyncio
import json
import time
import urllib.error
import urllib.request

import anthropic
import anyio
import pytest
from helpers import HEADERS, request

from mockserver import Clock, MockServer

FLAKY = {
    "attempts": [{"error": "overloaded"}, {"error": {"type": "rate_limit", "retry_after": 90}}, {"reply": "Hello"}]
}
ASK = {"model": "claude-sonnet-5", "max_tokens": 64, "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture
def server(monkeypatch):
    with MockServer(clock=Clock.frozen(speed="instant")) as running:
        monkeypatch.setattr(time, "sleep", running.clock.advance)
        yield running


@pytest.fixture
def client(server):
    with anthropic.Anthropic(base_url=server.base_url, api_key="k") as sdk:
        yield sdk


@pytest.mark.parametrize("stream", [False, True])
def test_the_default_retries_succeed_and_the_verdict_says_so(server, client, stream):
    server.add(FLAKY)
    if stream:
        with client.messages.stream(**ASK) as events:
            text = events.get_final_text()
    else:
        text = client.messages.create(**ASK).content[0].text
    assert text == "Hello"
    server.assert_resilient()
    first, second = server.verdict().episodes
    assert (first.failed.trial.failure.words, second.failed.trial.failure.words) == (
        "529 overloaded_error",
        "429 rate_limit_error",
    )
    assert 0.375 <= first.waited < 5
    assert 90 <= second.waited < 95
    assert [e.trial.declared for e in server.requests] == [0, 1, 2]
    assert [e.attempt for e in server.requests] == [0, 1, 2]


def test_it_gives_up_after_two_retries(server, client):
    server.add({"error": "overloaded"})
    with pytest.raises(anthropic.APIStatusError):
        client.messages.create(**ASK)
    server.assert_resilient()
    with pytest.raises(
        AssertionError, match=r"breaks 'gave-up'\n(.*\n)*.*gave up after 2 retries; 529 overloaded_error is worth 5"
    ):
        server.assert_resilient(retries=5)


def test_it_leaves_a_final_error_alone(server, client):
    server.add({"error": "invalid_request"})
    with pytest.raises(anthropic.BadRequestError):
        client.messages.create(**ASK)
    server.assert_resilient()


def test_a_broken_stream_is_left_to_the_application(server, client):
    """The SDK does not try again what broke in mid-stream; whoever uses it has to."""
    server.add(
        {
            "attempts": [
                {"reply": "one two three", "fault": {"after": {"deltas": 1}, "error": "overloaded"}},
                {"reply": "whole"},
            ]
        }
    )
    with pytest.raises(anthropic.APIStatusError), client.messages.stream(**ASK) as events:
        events.get_final_text()
    with pytest.raises(AssertionError, match="gave up after 0 retries; an error in mid-stream is worth 2"):
        server.assert_resilient()
    time.sleep(1)
    assert client.messages.create(**ASK).content[0].text == "whole"
    server.assert_resilient()


def test_broken_connections_and_proxies_are_tried_again(server, client):
    for number, fault in enumerate(
        ({"before": "response", "disconnect": "reset"}, {"before": "headers", "disconnect": "close"}, {"status": 502})
    ):
        server.add(
            {"match": {"user": f"number {number}"}, "attempts": [{"reply": "a", "fault": fault}, {"reply": "b"}]}
        )
        asked = ASK | {"messages": [{"role": "user", "content": f"number {number}"}]}
        assert client.messages.create(**asked).content[0].text == "b"
    server.assert_resilient()
    assert len(server.verdict().episodes) == 3


def test_rate_limits_are_waited_for(server, client):
    server.set_limits(requests=2)
    server.reply("Hi")
    texts = [client.messages.create(**ASK).content[0].text for _ in range(6)]
    assert texts == ["Hi"] * 6
    server.assert_resilient()
    assert len(server.verdict().episodes) == 4
    assert all(episode.waited >= 30 for episode in server.verdict().episodes)


def hurried(server, tries, body=None):
    """A client that tries again at once."""
    for _ in range(tries):
        asked = urllib.request.Request(
            f"{server.base_url}/v1/messages", json.dumps(body or request()).encode(), HEADERS
        )
        try:
            return urllib.request.urlopen(asked, timeout=10).close()
        except urllib.error.HTTPError as error:
            error.close()
    return None


def test_a_client_without_back_off_is_caught(server):
    server.add(FLAKY)
    hurried(server, 3)
    with pytest.raises(AssertionError) as caught:
        server.assert_resilient(back_off=10)
    first, *story = str(caught.value).splitlines()
    assert first == "mockserver: the client breaks 'back-off', 'retry-after'"
    assert story[1].startswith("  breaks 'back-off': waited 0.")
    assert story[3].endswith(" s of the 90 s that retry-after asked for")


def test_there_must_be_something_to_judge(server):
    server.reply("a")
    hurried(server, 1)
    with pytest.raises(AssertionError, match=r"^mockserver: no request met a failure, so there is nothing to judge"):
        server.assert_resilient()


def test_each_session_is_judged_for_itself(server):
    server.add(FLAKY)
    with anthropic.Anthropic(base_url=server.session_url("good"), api_key="k") as sdk:
        sdk.messages.create(**ASK)
    hurried(server, 1)
    server.session("good").assert_resilient()
    with pytest.raises(AssertionError, match="'gave-up'"):
        server.assert_resilient()


@pytest.mark.parametrize(
    "how", [[{"system": name} for name in ("pirate", "poet", "lawyer")], [{}] * 4], ids=["different", "equal"]
)
@pytest.mark.parametrize(
    "failures",
    [[{"error": "overloaded"}], [{"error": {"type": "rate_limit", "retry_after": 9}}, {"error": "overloaded"}]],
)
def test_parallel_requests_are_not_taken_for_retries(server, monkeypatch, how, failures):
    """Many at once, of which some fail: the SDK counts its retries, so each finds its own failure."""

    async def sleep(seconds):
        server.clock.advance(seconds)

    async def ask():
        async with anthropic.AsyncAnthropic(base_url=server.base_url, api_key="k", max_retries=3) as sdk:
            return await asyncio.gather(*(sdk.messages.create(**ASK, **more) for more in how))

    monkeypatch.setattr(anyio, "sleep", sleep)
    server.add({"attempts": [*failures, {"reply": "Hello"}]})
    assert {message.content[0].text for message in asyncio.run(ask())} == {"Hello"}
    server.assert_resilient()
