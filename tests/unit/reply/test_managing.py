"""Context management: what each edit clears, and when."""

import pytest
from helpers import assistant, tool_result, tool_use, user

from mockserver.reply.managing import CLEARED, manage
from mockserver.reply.tokens import count_input
from mockserver.wire.content import blocks_of
from mockserver.wire.registry import STANDARD

MODEL = STANDARD.find("claude-sonnet-4-6")
LONG = "word " * 400


def conversation(calls=5, thinks=False):
    """A loop of so many calls, each with a long result."""
    messages = [user("Go")]
    for number in range(calls):
        thought = [{"type": "thinking", "thinking": LONG, "signature": "s"}] if thinks else []
        name = "search" if number % 2 else "read"
        messages.append(assistant([*thought, tool_use(name, f"toolu_{number}", q=LONG)]))
        messages.append(user([tool_result(LONG, f"toolu_{number}")]))
    return messages


def managed(edit, messages, **more):
    return manage({"messages": messages, "context_management": {"edits": [edit]}, **more}, MODEL)


def results(body):
    return [b["content"] for b in blocks(body) if b["type"] == "tool_result"]


def blocks(body):
    return [block for message in body["messages"] for block in blocks_of(message["content"])]


def inputs(body):
    return [b["input"] for b in blocks(body) if b["type"] == "tool_use"]


def clear(**more):
    return {"type": "clear_tool_uses_20250919", "trigger": {"type": "input_tokens", "value": 1000}, **more}


def kept(count):
    return {"type": "tool_uses", "value": count}


def test_the_oldest_results_are_cleared_and_what_that_saves_is_told():
    got = managed(clear(), conversation(5))
    assert [r == CLEARED for r in results(got.body)] == [True, True, False, False, False]
    assert got.edits == [
        {
            "type": "clear_tool_uses_20250919",
            "cleared_tool_uses": 2,
            "cleared_input_tokens": got.original - got.weight.total,
        }
    ]
    assert got.original == count_input({"messages": conversation(5)}, MODEL)
    assert got.weight.total == count_input(got.body, MODEL) < got.original


@pytest.mark.parametrize(
    ("edit", "cleared"),
    {
        "keeps three by default": (clear(), [0, 1]),
        "keeps as many as asked": (clear(keep=kept(1)), [0, 1, 2, 3]),
        "keeps none": (clear(keep=kept(0)), [0, 1, 2, 3, 4]),
        "keeps more than there are": (clear(keep=kept(9)), []),
        "leaves tools out": (clear(keep=kept(0), exclude_tools=["search"]), [0, 2, 4]),
        "is not triggered yet": (clear(trigger={"type": "input_tokens", "value": 1_000_000}), []),
        "is triggered by calls": (clear(trigger={"type": "tool_uses", "value": 5}), [0, 1]),
        "is not triggered by fewer calls": (clear(trigger={"type": "tool_uses", "value": 6}), []),
        "waits for 100,000 tokens by default": ({"type": "clear_tool_uses_20250919"}, []),
        "clears at least so much, or nothing": (clear(clear_at_least={"type": "input_tokens", "value": 50_000}), []),
        "clears at least so little": (clear(clear_at_least={"type": "input_tokens", "value": 100}), [0, 1]),
        "an unknown edit": ({"type": "clear_everything"}, []),
    }.values(),
)
def test_which_results_are_cleared(edit, cleared):
    got = managed(edit, conversation(5))
    assert [i for i, r in enumerate(results(got.body)) if r == CLEARED] == cleared
    assert [e["cleared_tool_uses"] for e in got.edits] == ([len(cleared)] if cleared else [])


@pytest.mark.parametrize(
    ("which", "empty"), [(True, [0, 1]), (False, []), (None, []), (["read"], [0]), (["other"], [])]
)
def test_inputs_are_cleared_where_asked(which, empty):
    got = managed(clear(clear_tool_inputs=which), conversation(5))
    assert [i for i, value in enumerate(inputs(got.body)) if value == {}] == empty


def thoughts(body):
    return [i for i, m in enumerate(body["messages"]) for b in m["content"] if b["type"] == "thinking"]


@pytest.mark.parametrize(
    ("keep", "left", "turns"),
    [
        (None, [7, 9], 2),
        ({"type": "thinking_turns", "value": 2}, [4, 7, 9], 1),
        ({"type": "thinking_turns", "value": 3}, [1, 4, 7, 9], 0),
        ({"type": "all"}, [1, 4, 7, 9], 0),
        ("all", [1, 4, 7, 9], 0),
    ],
)
def test_thinking_of_earlier_turns_is_cleared(keep, left, turns):
    """A turn goes from one prompt to the next: the results in between do not end it."""
    thought = {"type": "thinking", "thinking": LONG, "signature": "s"}
    said = {"type": "text", "text": "so"}
    messages = [user("a"), assistant([thought, said]), user("b"), assistant([said]), assistant([thought, said])]
    messages += [
        user("c"),
        user("d"),
        assistant([thought, tool_use()]),
        user([tool_result()]),
        assistant([thought, said]),
    ]
    messages = [m | {"content": m["content"] if isinstance(m["content"], list) else [said]} for m in messages]
    edit = {"type": "clear_thinking_20251015"} | ({} if keep is None else {"keep": keep})
    got = managed(edit, messages)
    assert thoughts(got.body) == left
    assert [e["cleared_thinking_turns"] for e in got.edits] == ([turns] if turns else [])


def test_edits_are_applied_in_their_order():
    edits = [{"type": "clear_thinking_20251015"}, clear(keep=kept(0))]
    messages = [*conversation(2, thinks=True), assistant("x"), user("more"), *conversation(1, thinks=True)[1:]]
    got = manage({"messages": messages, "context_management": {"edits": edits}}, MODEL)
    assert [e["type"] for e in got.edits] == ["clear_thinking_20251015", "clear_tool_uses_20250919"]
    assert got.original - got.weight.total == sum(e["cleared_input_tokens"] for e in got.edits)


@pytest.mark.parametrize(("value", "due"), [(50, True), (100_000, False), (None, False)])
def test_compaction_is_due_at_its_trigger(value, due):
    edit = {"type": "compact_20260112"} | (
        {} if value is None else {"trigger": {"type": "input_tokens", "value": value}}
    )
    got = managed(edit, conversation(2))
    assert (got.compaction == edit) is due
    assert (got.can_compact, got.edits) == (True, [])


@pytest.mark.parametrize("management", [None, [], "x", {}, {"edits": None}, {"edits": [None, 5, {}]}])
def test_what_is_no_management_changes_nothing(management):
    body = {"messages": conversation(1), "context_management": management}
    got = manage(body, MODEL)
    assert (got.body, got.weight.total) == (body, got.original)
