"""What programs read of usage and context, through the official Python SDK's typed accessors."""

import pytest
from anthropic import Anthropic, AsyncAnthropic, BadRequestError, beta_async_tool, beta_tool

from mockserver import MockServer
from mockserver.state.clock import Clock
from mockserver.state.recent import Weighed

LONG = "Each of these sentences is part of a long prompt that is worth keeping. " * 150
SYSTEM = [{"type": "text", "text": LONG, "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
TOOL = {
    "name": "look",
    "description": "Looks.",
    "input_schema": {"type": "object", "properties": {"at": {"type": "string"}}},
}
MODEL = "claude-sonnet-4-6"


@pytest.fixture
def clock():
    return Clock.frozen("2026-11-20T10:00:00Z")


@pytest.fixture
def server(clock):
    with MockServer(clock=clock, on_unmatched="error") as running:
        yield running


@pytest.fixture
def client(server):
    with Anthropic(base_url=server.base_url, api_key=server.api_key, max_retries=0) as made:
        yield made


def total(usage):
    return usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens


def test_an_agents_ten_turns_by_arithmetic(server, client):
    """Every turn is marked at its end: it reads what the turn before had cached, and writes what is new.

    The tokens of each request are counted by `count_tokens`; the rest is arithmetic. The system prompt lives an hour,
    the rest five minutes.
    """
    script = server.reply([{"text": "Step 0."}, {"tool_use": {"name": "look", "input": {"at": "0"}}}])
    for turn in range(1, 9):
        script = script.then([{"text": f"Step {turn}."}, {"tool_use": {"name": "look", "input": {"at": str(turn)}}}])
    script.then("Done.")
    asked = {"model": MODEL, "system": SYSTEM, "tools": [TOOL]}
    messages = [{"role": "user", "content": "Look around."}]
    first_system = client.messages.count_tokens(**asked, messages=[{"role": "user", "content": "x"}]).input_tokens
    cached = 0
    for turn in range(10):
        request = {**asked, "messages": messages, "cache_control": {"type": "ephemeral"}}
        counted = client.messages.count_tokens(**request).input_tokens
        answer = client.messages.create(**request, max_tokens=500)
        usage = answer.usage
        assert total(usage) == counted
        assert usage.cache_read_input_tokens == cached
        assert usage.cache_creation_input_tokens == counted - usage.input_tokens - cached
        assert usage.input_tokens <= 4  # what stands behind the last mark
        assert usage.cache_creation.ephemeral_5m_input_tokens + usage.cache_creation.ephemeral_1h_input_tokens == (
            usage.cache_creation_input_tokens
        )
        if turn:
            assert usage.cache_creation.ephemeral_1h_input_tokens == 0
        else:
            assert 0 <= first_system - usage.cache_creation.ephemeral_1h_input_tokens <= 15
        cached = counted - usage.input_tokens
        calls = [block for block in answer.content if block.type == "tool_use"]
        results = [{"type": "tool_result", "tool_use_id": call.id, "content": f"Nothing at {turn}."} for call in calls]
        messages = [*messages, {"role": "assistant", "content": answer.content}, {"role": "user", "content": results}]
    assert (turn, answer.stop_reason, calls) == (9, "end_turn", [])


def test_the_lines_of_five_minutes_and_of_an_hour(server, client, clock):
    """The system prompt is kept for an hour, the question for five minutes; a read begins the time anew."""
    server.reply("Yes.")
    marked = {"type": "text", "text": LONG, "cache_control": {"type": "ephemeral"}}
    request = {"model": MODEL, "max_tokens": 10, "system": SYSTEM, "messages": [{"role": "user", "content": [marked]}]}

    def ask():
        usage = client.messages.create(**request).usage
        written = usage.cache_creation
        return usage.cache_read_input_tokens, written.ephemeral_5m_input_tokens, written.ephemeral_1h_input_tokens

    _, five, hour = ask()
    assert five > 1000
    assert hour > 1000
    clock.advance(299)
    assert ask() == (five + hour, 0, 0)
    clock.advance(299)
    assert ask() == (five + hour, 0, 0)
    clock.advance(300)
    assert ask() == (hour, five, 0)
    clock.advance(3599)
    assert ask() == (hour, five, 0)
    clock.advance(3600)
    assert ask() == (0, five, hour)


@pytest.mark.parametrize("stream", [False, True])
def test_usage_is_typed(server, client, stream):
    server.reply("Yes.")
    request = {
        "model": "claude-opus-5",
        "max_tokens": 10,
        "system": SYSTEM,
        "messages": [{"role": "user", "content": "a"}],
    }
    if stream:
        with client.messages.stream(**request) as opened:
            usage = opened.get_final_message().usage
    else:
        usage = client.messages.create(**request).usage
    assert usage.cache_creation.ephemeral_1h_input_tokens == usage.cache_creation_input_tokens > 1000
    assert usage.output_tokens_details.thinking_tokens == 0
    assert (usage.service_tier, usage.inference_geo, usage.model_extra) == ("standard", "global", {})


@pytest.mark.parametrize("stream", [False, True])
def test_diagnostics_are_typed(server, client, stream):
    server.reply("Yes.")

    def ask(previous, **more):
        request = {"model": MODEL, "max_tokens": 10, "messages": [{"role": "user", "content": "a"}], **more}
        request["diagnostics"] = {"previous_message_id": previous}
        if not stream:
            return client.messages.create(**request)
        with client.messages.stream(**request) as opened:
            return opened.get_final_message()

    first = ask(None, system=SYSTEM)
    assert first.diagnostics is None
    changed = ask(first.id, system="Other.").diagnostics.cache_miss_reason
    assert (changed.type, changed.cache_missed_input_tokens) == (
        "system_changed",
        first.usage.cache_creation_input_tokens,
    )
    assert ask("msg_unknown").diagnostics.cache_miss_reason.type == "previous_message_not_found"


def test_applied_edits_and_original_tokens_are_typed(server, client):
    server.reply("Yes.")
    call = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": LONG}
    request = {
        "model": MODEL,
        "tools": [TOOL],
        "betas": ["context-management-2025-06-27"],
        "context_management": {
            "edits": [
                {
                    "type": "clear_tool_uses_20250919",
                    "trigger": {"type": "tool_uses", "value": 1},
                    "keep": {"type": "tool_uses", "value": 0},
                }
            ]
        },
        "messages": [
            {"role": "user", "content": "Look."},
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [result]},
        ],
    }
    (edit,) = client.beta.messages.create(**request, max_tokens=10).context_management.applied_edits
    counted = client.beta.messages.count_tokens(**request)
    assert (edit.type, edit.cleared_tool_uses) == ("clear_tool_uses_20250919", 1)
    assert edit.cleared_input_tokens == counted.context_management.original_input_tokens - counted.input_tokens > 1000


def test_fallbacks_are_typed(server, client):
    server.add({"match": {"model": "claude-opus-5"}, "reply": [], "stop_reason": "refusal"})
    server.add({"match": {"model": "claude-opus-4-8"}, "reply": "Sure."})
    answer = client.beta.messages.create(
        model="claude-opus-5",
        max_tokens=10,
        betas=["server-side-fallback-2026-07-01"],
        fallbacks=[{"model": "claude-opus-4-8"}],
        messages=[{"role": "user", "content": "a"}],
    )
    border, text = answer.content
    assert (border.from_.model, border.to.model, border.trigger.type) == ("claude-opus-5", "claude-opus-4-8", "refusal")
    assert (answer.model, text.text) == ("claude-opus-4-8", "Sure.")
    assert [i.type for i in answer.usage.iterations] == ["message", "fallback_message"]


def test_compaction_is_typed_and_can_be_sent_back(server, client):
    server.reply("Yes.")
    request = {"model": MODEL, "max_tokens": 10, "betas": ["compact-2026-09-04"]}
    messages = [{"role": "user", "content": "Hello"}]
    summary = client.beta.messages.create(**request, messages=messages, compaction={"type": "summarize"})
    assert (summary.stop_reason, [b.type for b in summary.content]) == ("compaction", ["compaction"])
    assert [i.type for i in summary.usage.iterations] == ["compaction"]
    block = summary.content[0].to_dict(exclude_none=True)
    after = [{"role": "assistant", "content": [block]}, {"role": "user", "content": "Go on"}]
    assert client.beta.messages.create(**request, messages=after).content[0].text == "Yes."


# ------------------------------------------------------------------ threads


def loop(server):
    script = server.add(
        {
            "match": {"user": "around", "tools": ["look"]},
            "turns": [{"reply": [{"tool_use": {"name": "look", "input": {"at": "a"}}}]}],
        }
    )
    script.then([{"tool_use": {"name": "look", "input": {"at": "b"}}}]).then("I saw {{ tool_result }}.")


def sent(server):
    return [(e.body["thread"]["type"], len(e.body["messages"])) for e in server.requests]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("objects", ["any", "strict"])
def test_the_tool_runner_works_through_a_thread(stream, objects):
    """Its continuations send the new messages alone; nothing is replayed."""

    @beta_tool
    def look(at: str) -> str:
        """Look there.

        Args:
            at: where
        """
        return f"something at {at}"

    with (
        MockServer(objects=objects) as server,
        Anthropic(base_url=server.base_url, api_key="k", max_retries=0) as client,
    ):
        loop(server)
        runner = client.beta.messages.tool_runner(
            model=MODEL,
            max_tokens=100,
            tools=[look],
            messages=[{"role": "user", "content": "Look around"}],
            stream=stream,
        )
        last = runner.until_done()
        assert last.content[0].text == "I saw something at b."
        assert sent(server) == [("create", 1), ("continue", 1), ("continue", 1)]


@pytest.mark.asyncio
async def test_the_async_tool_runner_works_through_a_thread():
    @beta_async_tool
    async def look(at: str) -> str:
        """Look there.

        Args:
            at: where
        """
        return f"something at {at}"

    with MockServer(objects="strict") as server:
        loop(server)
        async with AsyncAnthropic(base_url=server.base_url, api_key="k", max_retries=0) as client:
            runner = client.beta.messages.tool_runner(
                model=MODEL, max_tokens=100, tools=[look], messages=[{"role": "user", "content": "Look around"}]
            )
            last = await runner.until_done()
        assert last.content[0].text == "I saw something at b."
        assert sent(server) == [("create", 1), ("continue", 1), ("continue", 1)]


def test_a_thread_that_is_gone_is_replayed_by_the_sdk():
    """The SDK recovers from `thread_not_found` by sending the whole conversation again."""
    with (
        MockServer(objects="strict") as server,
        Anthropic(base_url=server.base_url, api_key="k", max_retries=0) as client,
    ):
        server.reply("One.")
        server.add({"match": {"user": "again"}, "reply": "Two."})
        thread = client.beta.messages.thread(model=MODEL, max_tokens=100)
        assert thread.send({"role": "user", "content": "Hello"}).content[0].text == "One."
        server.engine.sessions.get("default").threads = Weighed(limit=10, most=1000)
        assert thread.send({"role": "user", "content": "And again"}).content[0].text == "Two."
        assert [e.status for e in server.requests] == [200, 404, 200]


def test_a_request_that_threads_do_not_support_goes_on_without_one():
    with (
        MockServer(objects="strict") as server,
        Anthropic(base_url=server.base_url, api_key="k", max_retries=0) as client,
    ):
        server.reply("Yes.")
        request = {"model": MODEL, "max_tokens": 9, "messages": [{"role": "user", "content": "a"}]}
        with pytest.raises(BadRequestError) as refused:
            client.beta.messages.create(
                **request,
                betas=["message-threads-2026-08-12"],
                thread={"type": "create"},
                cache_control={"type": "ephemeral"},
            )
        assert (refused.value.error_code, refused.value.details.unsupported) == (
            "thread_unsupported_request",
            ["cache_control"],
        )
