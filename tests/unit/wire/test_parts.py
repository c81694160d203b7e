"""Parts that came before are known again by value, and what follows from them is found out once."""

import json

import pytest
from helpers import WEATHER_TOOL, assistant, request, tool_result, tool_use, user
from hypothesis import given
from hypothesis import strategies as st

from mockserver.wire import parts as parts_module
from mockserver.wire.parts import Part, Parts, changed, noted, split

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
bodies = st.fixed_dictionaries(
    {}, optional={name: values | st.lists(values, max_size=4) for name in ("messages", "tools", "system", "model")}
)
CONVERSATION = request(user([tool_result()]), assistant([tool_use()]), user("go on"), tools=[WEATHER_TOOL])


def copy(value):
    return json.loads(json.dumps(value))


@pytest.mark.unmeasured
@given(bodies)
def test_a_body_is_what_it_was(body):
    parts = Parts()
    assert parts.known(copy(body)) == parts.known(copy(body)) == copy(body)
    assert json.dumps(parts.known(copy(body))) == json.dumps(copy(body))


def test_equal_parts_are_one_object():
    parts = Parts()
    first, second = parts.known(copy(CONVERSATION)), parts.known(copy(CONVERSATION))
    for name in ("messages", "tools"):
        assert all(a is b for a, b in zip(first[name], second[name], strict=True))
    assert isinstance(first["messages"][0]["content"][0], Part)


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), (1, 1.0), ("1", 1), ([], {}), (0.0, -0.0)])
def test_what_python_takes_for_equal_and_json_does_not_are_two_parts(one, other):
    parts = Parts()
    a, b = (parts.known({"messages": [{"content": value}]})["messages"][0] for value in (one, other))
    assert a is not b
    assert repr(a) == repr({"content": one})


def test_what_follows_from_a_part_is_found_out_once():
    body = Parts().known(copy(CONVERSATION))
    found = []
    for part in (body["messages"][0], body["messages"][0], {"no": "part"}, {"no": "part"}):
        assert noted(part, "key", lambda: found.append(1) or "answer") == "answer"
    assert len(found) == 3


def test_a_changed_part_is_none():
    """Nobody changes a part in place; what is made of it has no notes."""
    message = Parts().known(copy(CONVERSATION))["messages"][2]
    assert not isinstance(message | {"content": "else"}, Part)
    assert not isinstance({**message}, Part)


def test_the_rest_of_a_body_has_what_is_no_part():
    body = Parts().known({"model": "m", "messages": [{"role": "user"}, 5], "system": "text"})
    found, rest = split(body)
    assert found == [{"role": "user"}]
    assert rest == {"model": "m", "messages": [5], "system": "text"}


def test_a_body_without_a_change_is_the_same_object():
    body = Parts().known(copy(CONVERSATION))
    assert changed(body, lambda value: value) is body
    other = changed(body, lambda value: value | {"x": 1} if isinstance(value, dict) else value)
    assert [message["x"] for message in other["messages"]] == [1, 1, 1]
    assert "x" not in body["messages"][0]


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(parts_module, "MOST_BYTES", 5000)
    monkeypatch.setattr(parts_module, "LONGEST", 2000)
    parts = Parts()
    for number in range(100):
        parts.known({"messages": [{"content": f"{number} " + "x" * 1000}]})
    assert 0 < len(parts) < 5
    before = len(parts)
    parts.known({"messages": [{"content": "x" * 2001}]})
    assert len(parts) == before
