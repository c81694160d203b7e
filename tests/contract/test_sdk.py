"""The official Python SDK as the client. The same file runs with an old SDK, too (`make contract-old-sdk`)."""

import asyncio
import re

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic

from mockserver import MockServer
from mockserver.wire.catalogue import CATALOGUE

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ASK = {"model": "claude-sonnet-5", "max_tokens": 1024}
TOOLS = [
    {"name": "get_weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}},
    {"name": "get_time", "input_schema": {"type": "object", "properties": {}}},
]
CITED = {
    "type": "char_location",
    "cited_text": "a",
    "document_index": 0,
    "document_title": None,
    "start_char_index": 0,
    "end_char_index": 1,
    "file_id": None,
}

SCENARIOS = [
    {"name": "hello", "match": {"user": "hello"}, "reply": "Hello! How can I help you today? 🌍"},
    {
        "name": "loop",
        "match": {"user": {"regex": r"weather in (?P<city>\w+)"}, "tools": ["get_weather"]},
        "turns": [
            {"reply": [{"thinking": "I need the weather."}, {"text": "Let me look."}, {"tool_use": {"name": "get_weather", "input": {"city": "{{ match.city }}"}}}]},
            {"expect": {"tool_result": {"tool": "get_weather"}}, "reply": "It is {{ tool_result }} in {{ match.city }}."},
        ],
    },
    {
        "name": "parallel",
        "match": {"user": "both", "tools": ["get_weather", "get_time"]},
        "turns": [
            {"reply": [{"tool_use": {"name": "get_weather", "input": {"city": "Oslo"}}}, {"tool_use": {"name": "get_time"}}]},
            {"reply": "Both are known."},
        ],
    },
    {"name": "redacted", "match": {"user": "secret"}, "reply": [{"redacted_thinking": None}, {"text": "No."}]},
    {
        "name": "search",
        "match": {"user": "search"},
        "reply": [
            {"server_tool_use": {"name": "web_search", "input": {"query": "q"}}},
            {"web_search_tool_result": {"content": [{"type": "web_search_result", "url": "u", "title": "t", "encrypted_content": "e", "page_age": None}]}},
            {"text": {"text": "Found.", "citations": [CITED]}},
        ],
    },
    {"name": "deltas", "match": {"user": "deltas"}, "reply": [{"text": ["Hel", "lo"]}]},
    {"name": "no arguments", "match": {"user": "argument"}, "reply": [{"tool_use": {"name": "get_time"}}]},
    {"name": "overloaded", "match": {"user": "overload me"}, "error": "overloaded"},
    {"name": "limited", "match": {"user": "limit me"}, "error": {"type": "rate_limit", "retry_after": 7}},
    {"name": "api", "match": {"user": "break"}, "error": "api"},
    {"name": "forbidden", "match": {"user": "forbid"}, "error": "permission"},
]  # fmt: skip

PROMPTS = ["hello", "weather in Paris", "both", "secret", "search", "deltas", "argument"]


@pytest.fixture(scope="module")
def server():
    with MockServer() as running:
        for scenario in SCENARIOS:
            running.add(scenario)
        yield running


@pytest.fixture
def client(server):
    with Anthropic(base_url=server.base_url, api_key=server.api_key, max_retries=0) as made:
        yield made


def asked(*messages, **more):
    turned = [{"role": "user", "content": m} if isinstance(m, str) else m for m in messages]
    return {**ASK, "messages": turned, "tools": TOOLS, **more}


def plain(message):
    """A message without what two answers never share (the id), what only the SDK adds, and absent values.

    An old SDK's stream leaves out the counters that it does not know.
    """
    known = anthropic.types.Usage.model_fields
    whole = {k: v for k, v in message.to_dict().items() if k not in ("id", "parsed_output")}
    return without_none(whole | {"usage": {k: v for k, v in whole["usage"].items() if k in known}})


def without_none(value):
    if isinstance(value, dict):
        return {k: without_none(v) for k, v in value.items() if v is not None}
    return [without_none(v) for v in value] if isinstance(value, list) else value


def test_create(client):
    message = client.messages.create(**asked("hello"))
    assert message.content[0].text == "Hello! How can I help you today? 🌍"
    assert (message.stop_reason, message.usage.output_tokens > 0) == ("end_turn", True)
    assert message._request_id.startswith("req_011C")


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_final_message_of_a_stream_is_the_plain_message(client, prompt):
    message = client.messages.create(**asked(prompt))
    with client.messages.stream(**asked(prompt)) as stream:
        final = stream.get_final_message()
    assert plain(final) == plain(message)


def test_the_text_stream(client):
    with client.messages.stream(**asked("deltas")) as stream:
        assert list(stream.text_stream) == ["Hel", "lo"]


def test_the_raw_stream(client):
    names = [
        event.type.removeprefix("content_block_") for event in client.messages.create(**asked("deltas"), stream=True)
    ]
    assert names == ["message_start", "start", "delta", "delta", "stop", "message_delta", "message_stop"]


def run_loop(client):
    messages = [{"role": "user", "content": "What is the weather in Paris?"}]
    seen = []
    while True:
        message = client.messages.create(**ASK, messages=messages, tools=TOOLS)
        seen.append(message)
        if message.stop_reason != "tool_use":
            return seen
        results = [
            {"type": "tool_result", "tool_use_id": b.id, "content": "sunny"}
            for b in message.content
            if b.type == "tool_use"
        ]
        messages += [{"role": "assistant", "content": message.content}, {"role": "user", "content": results}]


def test_a_tool_loop_of_two_turns(client):
    first, second = run_loop(client)
    assert [b.type for b in first.content] == ["thinking", "text", "tool_use"]
    assert first.content[0].signature
    assert first.content[2].input == {"city": "Paris"}
    assert second.content[0].text == "It is sunny in Paris."


def test_a_streamed_tool_loop(client):
    with client.messages.stream(**asked("weather in Rome")) as stream:
        first = stream.get_final_message()
    call = first.content[-1]
    result = {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "rainy"}]}],
    }
    with client.messages.stream(
        **asked("weather in Rome", {"role": "assistant", "content": first.content}, result)
    ) as stream:
        assert stream.get_final_text() == "It is rainy in Rome."


def test_parallel_tools(client):
    first = client.messages.create(**asked("both"))
    calls = [b for b in first.content if b.type == "tool_use"]
    assert [c.name for c in calls] == ["get_weather", "get_time"]
    assert len({c.id for c in calls}) == 2
    results = [{"type": "tool_result", "tool_use_id": c.id, "content": "r"} for c in calls]
    second = client.messages.create(
        **asked("both", {"role": "assistant", "content": first.content}, {"role": "user", "content": results})
    )
    assert second.content[0].text == "Both are known."


def test_async(server):
    async def talk():
        async with AsyncAnthropic(base_url=server.base_url, api_key=server.api_key, max_retries=0) as client:
            message = await client.messages.create(**asked("hello"))
            async with client.messages.stream(**asked("hello")) as stream:
                texts = [text async for text in stream.text_stream]
                final = await stream.get_final_message()
            raw = [event.type async for event in await client.messages.create(**asked("hello"), stream=True)]
            return message, "".join(texts), final, raw

    message, text, final, raw = asyncio.run(talk())
    assert text == message.content[0].text
    assert plain(final) == plain(message)
    assert raw[0] == "message_start"
    assert raw[-1] == "message_stop"


def test_the_beta_client(client):
    message = client.beta.messages.create(**asked("hello"), betas=["context-1m-2025-08-07"])
    assert message.content[0].text.startswith("Hello!")


def test_a_bearer_token(server):
    with Anthropic(base_url=server.base_url, auth_token="token", api_key=None, max_retries=0) as client:
        assert client.messages.create(**asked("hello")).stop_reason == "end_turn"


ERRORS = [
    ("overload me", "APIStatusError", 529, "Overloaded"),
    ("limit me", "RateLimitError", 429, "This request would exceed your organization's rate limit"),
    ("break", "InternalServerError", 500, "Internal server error"),
    ("forbid", "PermissionDeniedError", 403, "Your API key does not have permission"),
    ("nobody answers this", "NotFoundError", 404, "mockserver: no scenario matches"),
]


@pytest.mark.parametrize(("prompt", "name", "status", "words"), ERRORS)
@pytest.mark.parametrize("stream", [False, True])
def test_error_classes(client, prompt, name, status, words, stream):
    with pytest.raises(getattr(anthropic, name)) as error:
        client.messages.create(**asked(prompt), stream=stream)
    assert error.value.status_code == status
    assert error.value.body["error"]["message"].startswith(words)
    assert error.value.body["request_id"] == error.value.request_id


def test_a_bad_request(client):
    with pytest.raises(anthropic.BadRequestError, match="max_tokens: must be greater than or equal to 0"):
        client.messages.create(**{**asked("hello"), "max_tokens": -1})


def test_retry_after_is_sent(client):
    with pytest.raises(anthropic.RateLimitError) as error:
        client.messages.create(**asked("limit me"))
    assert error.value.response.headers["retry-after"] == "7"


def test_a_bad_key():
    with MockServer(api_key=["sk-good"]) as server:
        client = Anthropic(base_url=server.base_url, api_key="sk-bad", max_retries=0)
        with client, pytest.raises(anthropic.AuthenticationError, match=r"API key is invalid|Invalid bearer token"):
            client.messages.create(**asked("hello"))


CODED = {name: error.code for name, error in CATALOGUE.items() if error.code}


@pytest.mark.skipif(not hasattr(anthropic, "RampLimitExceededError"), reason="this SDK has no classes for codes")
@pytest.mark.parametrize("name", CODED)
def test_a_named_error_with_a_code_has_a_class_of_its_own(name):
    with MockServer() as server, Anthropic(base_url=server.base_url, api_key="k", max_retries=0) as client:
        server.add({"error": name})
        with pytest.raises(anthropic.APIStatusError) as error:
            client.messages.create(**asked("hello"))
    words = re.findall("[A-Z]+(?=[A-Z][a-z])|[A-Z][a-z]+", type(error.value).__name__.removeprefix("Beta"))
    assert "_".join(words).lower() == f"{CODED[name]}_error"


def test_tokens_are_counted(client):
    few = client.messages.count_tokens(model="claude-sonnet-5", messages=[{"role": "user", "content": "Hello"}])
    many = client.messages.count_tokens(
        model="claude-sonnet-5", messages=[{"role": "user", "content": "Hello"}], tools=TOOLS
    )
    assert 0 < few.input_tokens < many.input_tokens


def test_an_orphan_tool_result_is_refused_as_the_real_api_does(client):
    orphan = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_9", "content": "r"}]}
    with pytest.raises(
        anthropic.BadRequestError, match="unexpected `tool_use_id` found in `tool_result` blocks: toolu_9"
    ):
        client.messages.create(**asked("a", {"role": "assistant", "content": "b"}, orphan))


def test_a_miss_is_not_retried():
    with MockServer() as server, Anthropic(base_url=server.base_url, api_key="k", max_retries=5) as client:
        with pytest.raises(anthropic.NotFoundError):
            client.messages.create(**asked("hello"))
        assert len(server.requests) == 1


def test_a_verbatim_message_and_events_arrive_as_they_are():
    message = {"model": "m", "id": "msg_v", "type": "message", "role": "assistant", "content": [{"type": "text", "text": "v"}],
               "stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}  # fmt: skip
    with MockServer() as server, Anthropic(base_url=server.base_url, api_key="k") as client:
        server.add({"message": message})
        got = client.messages.create(**asked("x")).to_dict()
        with client.messages.stream(**asked("x")) as stream:
            final = stream.get_final_message().to_dict()
    assert {k: got[k] for k in message} == message
    assert without_none({k: final[k] for k in message}) == without_none(message)
