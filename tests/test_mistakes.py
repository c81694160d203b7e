"""The worst mistakes of a new user, and the words that each of them gets: what is wrong, and what to do."""

import socket

import anthropic
import pytest
from click.testing import CliRunner
from helpers import WEATHER_TOOL
from inner import run_inside

from mockserver import MockServer, ScenarioError
from mockserver.cli import main

ASK = {"model": "claude-sonnet-5", "max_tokens": 64}


@pytest.fixture
def server():
    with MockServer() as server:
        yield server


def ask(server, prompt, path="", **more):
    with anthropic.Anthropic(base_url=server.base_url + path, api_key="k", max_retries=0) as client:
        return client.messages.create(**ASK, messages=[{"role": "user", "content": prompt}], **more)


def test_a_typo_in_a_key(tmp_path):
    (tmp_path / "hello.yaml").write_text("match: {user: hello}\nrepyl: Hi\n", encoding="utf-8")
    words = "hello.yaml:2:1: repyl: unknown key 'repyl'; did you mean 'reply'?"
    with pytest.raises(ScenarioError, match=words.replace("?", r"\?")):
        MockServer(tmp_path)
    assert words in CliRunner().invoke(main, ["check", str(tmp_path)]).output
    with pytest.raises(ScenarioError, match=r"^match\.usr: unknown key 'usr'; did you mean 'user'\?$"):
        MockServer().when(usr="hello")


def test_a_wrong_name_of_a_tool(server):
    server.when(user="weather").tool_use("get_wether", {"city": "Paris"})
    words = "the answer calls the tool 'get_wether', which the request does not have; did you mean 'get_weather'?"
    with anthropic.Anthropic(base_url=server.base_url, api_key="k") as client:
        asked = [{"role": "user", "content": "the weather"}]
        raw = client.messages.with_raw_response.create(**ASK, messages=asked, tools=[WEATHER_TOOL])
    assert raw.headers["x-mock-warning"] == f"mockserver: {words}"
    assert f"[{words}]" in str(server.requests)
    server.when(tools=["get_wether"], user="rain").reply("Yes.")
    with pytest.raises(anthropic.NotFoundError):
        ask(server, "rain", tools=[WEATHER_TOOL])
    assert server.requests.last.nearest[0] == "'code#2': tools: want 'get_wether' among them, got [get_weather]"


def test_a_second_prompt_that_nothing_matches(server):
    server.when(user="weather in Paris").reply("Sunny.")
    server.when(user="news").reply("None.")
    ask(server, "weather in Paris?")
    with pytest.raises(anthropic.NotFoundError) as told:
        ask(server, "and what of the weather in Oslo?")
    assert told.value.body["error"]["message"] == (
        "mockserver: no scenario matches user 'and what of the weather in Oslo?'; the closest is 'code#1': user: want "
        "contains 'weather in Paris' (any case), got 'and what of the weather in Oslo?'"
    )
    with pytest.raises(AssertionError) as wrong:
        server.check()
    assert str(wrong.value).splitlines()[1:] == [
        "POST /v1/messages 404 unmatched no scenario matches user 'and what of the weather in Oslo?'; the closest is "
        "'code#1': user: want contains 'weather in Paris' (any case), got 'and what of the weather in Oslo?'",
        "    asked: 'and what of the weather in Oslo?'",
        "    near: 'code#2': user: want contains 'news' (any case), got 'and what of the weather in Oslo?'",
        "  script an answer for each, or let Faker answer what nobody scripted: on_unmatched='fallback'",
    ]


def test_an_async_client_that_is_never_closed(pytester):
    pytester.makeini("[pytest]\nfilterwarnings = default\n")
    pytester.makepyfile(
        """
        import asyncio
        import pytest
        from anthropic import AsyncAnthropic

        KEPT = []

        @pytest.fixture(autouse=True, scope="module")
        def tidy():
            yield
            loop, client = KEPT
            loop.run_until_complete(client.close())
            loop.close()

        async def ask():
            KEPT.append(client := AsyncAnthropic())
            asked = [{"role": "user", "content": "hi"}]
            await client.messages.create(model="claude-sonnet-5", max_tokens=64, messages=asked)

        def test_it(mock_messages):
            mock_messages.reply("Hi")
            KEPT.append(asyncio.new_event_loop())
            KEPT[0].run_until_complete(ask())
        """
    )
    result = run_inside(pytester)
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(
        [
            "*MockServerWarning: mockserver: 1 connection of an async client still open at the end of the test; close "
            "the client ('async with AsyncAnthropic() as client:'), or its event loop ends before it"
        ]
    )


def test_a_port_that_is_taken(server):
    port = int(server.base_url.rpartition(":")[2])
    words = f"port {port} on 127.0.0.1 is taken; stop what uses it, or choose another"
    told = CliRunner().invoke(main, ["serve", "--port", str(port)])
    assert (told.exit_code, told.output) == (1, f"error: {words} (0: any free one)\n")
    with pytest.raises(OSError, match=words):
        MockServer(port=port).start()
    with socket.create_connection(("127.0.0.1", port)):
        pass  # who was there first is still there


def test_a_base_url_that_ends_in_v1(server, caplog):
    server.reply("Hi")
    words = "Not Found (the base URL must not end in /v1: SDKs add it themselves)"
    with caplog.at_level("INFO", logger="mockserver"), pytest.raises(anthropic.NotFoundError):
        ask(server, "Hello", path="/v1")
    assert f"POST /v1/v1/messages 404 refused {words}" in str(server.requests)
    while not caplog.records:  # the line is written behind the answer
        pass
    assert caplog.records[-1].getMessage().endswith(f"<- refused: {words}")
