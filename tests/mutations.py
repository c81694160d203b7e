"""Bodies changed at random, and what every answer to one has in common."""

import gc
import json
import time
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from hypothesis import strategies as st

from mockserver.engine import Handled

Pool = dict[str, list[Any]]
"""Key -> values that may stand there; those of a list stand under the list's key."""

ODD = [None, True, 0, -1, 1.5, 10**30, "", " ", "x", "\ud800", [], {}, [[]], [{}], {"type": "text"}, {"": None}]
"""Values that stand in few places."""

any_json = st.recursive(
    st.sampled_from(ODD) | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


def pool_of(bodies: Iterable[Any]) -> Pool:
    """All the values inside of some bodies."""
    pool: Pool = {}
    for body in bodies:
        for inside, key, name in _places(body):
            pool.setdefault(name, []).append(inside[key])
    return pool


def _places(value: Any) -> list[tuple[Any, Any, str]]:
    """Where each value inside of a value stands: container, key or index, and the nearest key."""
    found = []
    waiting = [(value, "")]
    while waiting:
        inside, above = waiting.pop()
        for key in inside if isinstance(inside, dict) else range(len(inside)):
            name = key if isinstance(key, str) else above
            found.append((inside, key, name))
            if isinstance(inside[key], dict | list):
                waiting.append((inside[key], name))
    return found


KINDS = ["exchange", "exchange", "add", "add", "delete", "replace", "insert", "duplicate"]
step = st.tuples(st.sampled_from(KINDS), st.integers(0, 9999), st.integers(0, 9999), st.sampled_from(ODD) | any_json)
steps = st.lists(step, min_size=1, max_size=3)
"""Some changes, each a kind, two numbers that choose places, and an odd value."""


def mutated(body: Any, changes: Any, pool: Pool) -> Any:
    """Return the body after the changes."""
    body = _copy(body)
    for kind, where, choice, odd in changes:
        places = _places(body)
        if places:
            _change(kind, places[where % len(places)], choice, odd, pool)
    return body


def _change(kind: str, place: tuple[Any, Any, str], choice: int, odd: Any, pool: Pool) -> None:
    inside, key, name = place
    if kind == "delete":
        del inside[key]
    elif kind == "replace":
        inside[key] = _copy(odd)
    elif kind == "exchange":  # for another value of the same key
        inside[key] = _copy(_one(pool.get(name, ODD), choice))
    else:
        is_list = isinstance(inside, list)
        name = name if is_list else _one(list(pool), choice)
        news = {"insert": odd, "duplicate": inside[key], "add": _one(pool.get(name, ODD), choice)}
        _put(inside, key if is_list else name, _copy(news[kind]))


def _put(inside: Any, key: Any, value: Any) -> None:
    if isinstance(inside, list):
        inside.insert(key, value)
    else:
        inside[key] = value


def _one(values: list[Any], choice: int) -> Any:
    return values[choice % len(values)]


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value))


def ends_well(handle: Callable[..., Handled], *args: Any, **more: Any) -> None:
    """Assert an answer, or a refusal in the API's form, within a second of work."""
    gc.disable()  # to collect all that hypothesis keeps may take a second by itself
    try:
        started = time.thread_time()
        handled = handle(*args, **more)
        took = time.thread_time() - started
    finally:
        gc.enable()
    assert took < 1
    head, body = handled.reply.head, handled.reply.body
    assert handled.exchange.bug is None, handled.exchange.reason
    if head.status == 200:
        assert body
        return
    told = orjson.loads(body)
    assert list(told) == ["type", "error", "request_id"]
    assert (told["type"], told["request_id"]) == ("error", head.headers["request-id"])
    assert told["error"].keys() - {"details"} == {"type", "message"}
    assert isinstance(told["error"]["message"], str)
    assert told["error"]["message"]
    assert 400 <= head.status < 500
