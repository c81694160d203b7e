"""Reading a request: prompt, last message, turn numbers, tool results."""

import pytest
from helpers import WEATHER_TOOL, assistant, request, tool_result, tool_use, user
from hypothesis import given
from hypothesis import strategies as st

from mockserver.wire.conversation import Conversation, ToolResult

SYSTEM = {"role": "system", "content": "s"}
SERVER_END = [
    {"type": "text", "text": "t"},
    {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}},
]

TURNS = {
    "one prompt": ([user("a")], "a", "a", 0, 0),
    "an answer came": ([user("a"), assistant([tool_use()]), user([tool_result()])], "a", "", 1, 1),
    "a second prompt starts again": ([user("a"), assistant("b"), user("c")], "c", "c", 0, 1),
    "equal roles are one message": ([user("a"), user("b")], "a\nb", "a\nb", 0, 0),
    "two assistant messages in a row are one": ([user("a"), assistant("b"), assistant("c"), user([tool_result()])], "a", "", 1, 1),
    "system messages are skipped": ([user("a"), SYSTEM, user("b")], "a\nb", "a\nb", 0, 0),
    "a tool_result with text beside it is no prompt": (
        [user("a"), assistant([tool_use()]), user([tool_result(), {"type": "text", "text": "and?"}])], "a", "and?", 1, 1,
    ),
    "a tool_result merged with a user's text is no prompt": (
        [user("a"), assistant([tool_use()]), user([tool_result()]), user("more")], "a", "more", 1, 1,
    ),
    "prefill is not counted": ([user("a"), assistant("{")], "a", "{", 0, 0),
    "a resumed pause_turn is": ([user("a"), assistant(SERVER_END)], "a", "t", 1, 1),
    "nothing": ([], "", "", 0, 0),
    "an assistant's beginning": ([assistant("a"), user("b")], "b", "b", 0, 1),
}  # fmt: skip


@pytest.mark.parametrize(("messages", "prompt", "last", "from_prompt", "from_start"), TURNS.values(), ids=TURNS)
def test_turns(messages, prompt, last, from_prompt, from_start):
    c = Conversation({"messages": messages})
    assert (c.prompt, c.last, c.turn("prompt"), c.turn("start")) == (prompt, last, from_prompt, from_start)


def test_reading_leaves_the_body_as_it_is():
    body = request("a", "b")
    before = repr(body)
    assert Conversation(body).prompt == "a\nb"
    assert repr(body) == before


def test_tool_results_know_their_tool():
    c = Conversation(
        request(
            "a",
            assistant([tool_use("one", "t1"), tool_use("two", "t2")]),
            user(
                [
                    tool_result("x", "t1"),
                    tool_result([{"type": "text", "text": "y"}], "t2", is_error=True),
                    tool_result("z", "t9"),
                ]
            ),
        )
    )
    assert c.tool_results == [ToolResult("one", False, "x"), ToolResult("two", True, "y"), ToolResult(None, False, "z")]


CHOICES = [
    ({}, None),
    ({"tools": [WEATHER_TOOL]}, {"type": "auto"}),
    ({"tools": [WEATHER_TOOL], "tool_choice": {"type": "any"}}, {"type": "any"}),
]


@pytest.mark.parametrize(("more", "expected"), CHOICES)
def test_tool_choice_is_auto_where_there_are_tools(more, expected):
    assert Conversation(request(**more)).tool_choice == expected


def test_the_schema_of_structured_output_in_both_spellings():
    schema = {"type": "object"}
    assert (
        Conversation({"output_config": {"format": {"type": "json_schema", "schema": schema}}}).output_schema == schema
    )
    assert Conversation({"output_format": {"type": "json_schema", "schema": schema}}).output_schema == schema
    assert Conversation({"output_config": {"effort": "low"}}).output_schema is None


def test_small_readings():
    c = Conversation(request(system=[{"type": "text", "text": "s"}], thinking={"type": "adaptive"}, stop_sequences=["a", "", 5], stream=True,
                             tools=[WEATHER_TOOL, {"type": "computer_toolset_20260801"}]))  # fmt: skip
    assert (c.system, c.thinking, c.stop_sequences, c.streams) == ("s", "adaptive", ["a"], True)
    assert c.tool_names == ["get_weather", "computer_toolset_20260801"]
    assert Conversation({}).thinking == "disabled"
    assert Conversation({"max_tokens": True}).max_tokens is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "role", "content", "text", "id", "tool_use_id", "messages"]), inner, max_size=4
        )
    ),
)


@pytest.mark.unmeasured
@given(
    st.dictionaries(
        st.sampled_from(
            ["messages", "system", "tools", "tool_choice", "thinking", "stop_sequences", "max_tokens", "output_config"]
        ),
        anything,
    )
)
def test_no_body_is_too_odd_to_be_read(body):
    c = Conversation(body)
    assert isinstance(c.prompt + c.last + c.system + c.thinking, str)
    assert c.turn("prompt") >= 0
    assert c.turn("start") >= 0
    assert isinstance(
        [c.tool_results, c.tool_names, c.stop_sequences, c.tool_choice, c.max_tokens, c.output_schema, c.streams], list
    )
