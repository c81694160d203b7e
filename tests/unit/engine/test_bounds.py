"""Nothing grows without an end: whatever differs from one request to the next, so much is kept of it, and no more.

The books are made small; then requests come that all differ in one thing, and everything that the engine holds is
counted, object by object. Three times as many requests must not leave more behind.
"""

import functools
import gc
import importlib
import json
import pkgutil
import sys
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, ModuleType

import pytest
from helpers import HEADERS, engine, post, request

import mockserver
from mockserver.control.local import GivenFile, Local
from mockserver.scenario import library
from mockserver.scenario.problems import ScenarioError
from mockserver.state import batches, files, limits, sessions, tally, uses
from mockserver.state.batches import Batches
from mockserver.state.files import Files
from mockserver.state.ledger import Ledger
from mockserver.state.recent import Weighed
from mockserver.state.sessions import Session
from mockserver.validation import memory
from mockserver.validation.incoming import Incoming
from mockserver.validation.memory import Memory
from mockserver.wire import parts

pytestmark = pytest.mark.unmeasured

MOST = 8
"""What each book is made to keep."""
MANY = 40
"""Requests until all books are full."""

_SHARED = (type, ModuleType, FunctionType, BuiltinFunctionType, CodeType, FrameType)


def held(root):
    """How many objects are reachable from this one, but for programs, and how many bytes they take."""
    seen, rest, size = {id(root)}, [root], 0
    while rest:
        found = rest.pop()
        size += sys.getsizeof(found)
        keys = found if isinstance(found, dict) else ()  # of texts a dict does not tell itself
        for other in (*gc.get_referents(found), *keys):
            if id(other) not in seen and not isinstance(other, _SHARED):
                seen.add(id(other))
                rest.append(other)
    return len(seen), size


@pytest.fixture
def small(monkeypatch):
    """Every book small, so that few requests fill it."""
    for module, names in {
        sessions: ("MOST_ATTEMPTS", "MOST_THREADS", "MOST_TRACES"),
        limits: ("MOST_BUCKETS",),
        memory: ("MOST", "MOST_NOTES"),
        parts: ("MOST",),
        uses: ("MOST",),
        tally: ("MOST_COUNTERS",),
    }.items():
        for name in names:
            monkeypatch.setattr(module, name, MOST)
    monkeypatch.setattr(Ledger.__init__, "__defaults__", (MOST,))
    monkeypatch.setattr(Batches.__init__, "__defaults__", (MOST, batches.MOST_BYTES))
    monkeypatch.setattr(Files.__init__, "__defaults__", (files.MOST_BYTES, None, MOST))


def server(**settings):
    return engine(
        {"match": {"user": "again"}, "attempts": [{"reply": "a"}, {"reply": "b"}]},
        on_unmatched="fallback",
        max_exchanges=MOST,
        max_sessions=MOST,
        **settings,
    )


def asked(made, body, **headers):
    handled = post(made, body, headers)
    made.close(handled, "whole")
    return handled


def scripted(made, number):
    local = Local(made, "default")
    name = local.add({"match": {"user": f"<{number}>"}, "reply": "a", "name": f"n{number}"})
    asked(made, request(f"<{number}>"))
    local.remove(name)


def scripted_for_a_session(made, number):
    Local(made, f"s{number}").add({"reply": "a", "name": f"n{number}"})
    asked(made, request("Hi"), **{"x-mock-session": f"s{number}"})


def with_a_file(made, number):
    file = Local(made, "default").add_file(GivenFile(b"%d" % number, "a.txt"))
    made.close(made.handle(Incoming("DELETE", f"/v1/files/{file['id']}", HEADERS)), "whole")


def in_a_batch(made, number):
    rows = [{"custom_id": f"r{number}", "params": request(f"row {number}")}]
    handled = post(made, {"requests": rows}, path="/v1/messages/batches")
    made.close(handled, "whole")


def usage(made, number):
    local = Local(made, "default")
    message = {
        "content": [{"type": "text", "text": "a"}],
        "usage": {f"odd{number}_tokens": 1},
        "stop_reason": "end_turn",
    }
    local.put("usage", {"match": {"user": "usage"}, "message": message})
    asked(made, request("usage"))


MARKED = {"type": "text", "cache_control": {"type": "ephemeral"}}
THREADS = {"anthropic-beta": "message-threads-2026-08-12"}
DIAGNOSTICS = {"anthropic-beta": "cache-diagnosis-2026-04-07"}

KINDS = {
    "prompts": lambda made, n: asked(made, request(f"prompt {n}")),
    "repeated prompts": lambda made, n: [asked(made, request(f"prompt {n}")) for _ in range(3)],
    "attempts": lambda made, n: asked(made, request(f"again {n}")),
    "sessions by header": lambda made, n: asked(made, request(), **{"x-mock-session": f"s{n}"}),
    "sessions by path": lambda made, n: made.close(post(made, request(), path=f"/_s/s{n}/v1/messages"), "whole"),
    "keys": lambda made, n: asked(made, request(), **{"x-api-key": f"key-{n}"}),
    "workspaces": lambda made, n: asked(made, request(), **{"anthropic-workspace-id": f"w{n}"}),
    "other headers": lambda made, n: asked(made, request(), **{f"x-{n}": f"{n}"}),
    "betas": lambda made, n: asked(made, request(), **{"anthropic-beta": f"beta-{n}-2026-01-01"}),
    "user agents": lambda made, n: asked(made, request(), **{"user-agent": f"agent/{n}"}),
    "paths": lambda made, n: made.close(post(made, request(), path=f"/v1/{n}"), "whole"),
    "methods": lambda made, n: made.close(post(made, request(), method=f"M{n}"), "whole"),
    "models that do not exist": lambda made, n: asked(made, request(model=f"model-{n}")),
    "bodies that are no JSON": lambda made, n: asked(made, b"{%d" % n),
    "fields that do not exist": lambda made, n: asked(made, request(**{f"field{n}": n})),
    "tools": lambda made, n: asked(made, request(tools=[{"name": f"t{n}", "input_schema": {"type": "object"}}])),
    "cached prefixes": lambda made, n: asked(made, request(system=[MARKED | {"text": f"{n} " * 1500}])),
    "threads": lambda made, n: asked(made, request(f"thread {n}", thread={"type": "create"}), **THREADS),
    "traces": lambda made, n: asked(made, request(f"{n}", diagnostics={"previous_message_id": None}), **DIAGNOSTICS),
    "batches": in_a_batch,
    "files": with_a_file,
    "scenarios that come and go": scripted,
    "scenarios of sessions": scripted_for_a_session,
    "counters of usage": usage,
}


@pytest.mark.parametrize("kind", KINDS)
def test_more_of_a_kind_leaves_no_more_behind(small, kind):
    made, act = server(), KINDS[kind]
    for number in range(1000, 1000 + MANY):
        act(made, number)
    gc.collect()
    count, size = held(made)
    for number in range(1000 + MANY, 1000 + 3 * MANY):
        act(made, number)
    gc.collect()
    later_count, later_size = held(made)
    assert later_count <= count + MANY, "objects"
    assert later_size <= size * 1.05, "bytes"


@pytest.mark.parametrize("kind", ["models that do not exist", "fields that do not exist", "keys", "betas"])
def test_the_same_where_nothing_is_validated_and_limits_are_counted(small, kind):
    made, act = server(validation="off", limits="start"), KINDS[kind]
    counts = []
    for begin in (1000, 1000 + MANY, 1000 + 2 * MANY):
        for number in range(begin, begin + MANY):
            act(made, number)
        gc.collect()
        counts.append(held(made)[0])
    assert counts[2] <= counts[0] + MANY


def test_the_count_would_see_a_book_that_grows():
    made = server()
    before, _ = held(made)
    made.sessions.get("default").used.update(f"scenario {number}" for number in range(100))
    assert held(made)[0] >= before + 100


# ------------------------------------------------------------------ what no engine holds


def modules():
    for found in pkgutil.walk_packages(mockserver.__path__, "mockserver."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def test_every_cache_is_bounded():
    """A cache of a function without parameters holds one value; any other says how many."""
    unbounded = {
        f"{module.__name__}.{name}"
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, functools._lru_cache_wrapper)
        and value.cache_parameters()["maxsize"] is None
        and value.__wrapped__.__code__.co_argcount
    }
    assert unbounded == set()


def test_a_thread_of_a_long_conversation_takes_the_place_of_others():
    kept = Weighed(limit=3, most=100)
    for name in "abcd":
        kept.put(name, name.upper(), 10)
    assert [kept.get(name) for name in "abcd"] == [None, "B", "C", "D"]
    kept.put("e", "E", 85)
    assert [kept.get(name) for name in "bcde"] == [None, None, "D", "E"]
    kept.put("f", "F", 1000)
    assert (kept.get("e"), kept.get("f"), len(kept)) == (None, "F", 1)
    kept.put("f", "G", 5)
    kept.put("g", "H", 95)
    assert (kept.get("f"), kept.get("g")) == ("G", "H")


def test_threads_and_traces_are_weighed_by_what_they_hold():
    made = engine({"reply": "a"})
    asked(made, request("x" * 1000, thread={"type": "create"}), **THREADS)
    asked(made, request("x", diagnostics={"previous_message_id": None}), **DIAGNOSTICS)
    session: Session = made.sessions.get("default")
    assert session.threads._weight > 1000
    assert session.traces._weight > 0


def test_a_body_that_is_kept_again_is_counted_once():
    kept = Memory()
    for number in range(20):
        kept.keep((b"x" * 1_000_000, 1), number)
    assert (len(kept), kept.find((b"x" * 1_000_000, 1)), kept._bytes) == (1, 19, 1_000_000)


def test_scenarios_that_code_writes_are_bounded(monkeypatch):
    monkeypatch.setattr(library, "MOST_WRITTEN", 3)
    made = engine()
    for number in range(3):
        made.library.add({"match": {"user": f"{number}"}, "reply": "a"})
    with pytest.raises(ScenarioError, match="there are 3 scenarios that code wrote, and there may be 3; take some out"):
        made.library.add({"reply": "a"})
    Local(made, "another").add({"reply": "b"})


def test_batches_that_are_being_answered_are_bounded(monkeypatch):
    monkeypatch.setattr("mockserver.engine.batching.MOST_AT_WORK", 2)
    made = engine({"reply": "a"})
    incoming = Incoming(
        "POST",
        "/v1/messages/batches",
        HEADERS,
        json.dumps({"requests": [{"custom_id": "a", "params": request("Hi")}]}).encode(),
    )
    working = [made.begin(incoming) for _ in range(2)]
    refused = made.begin(incoming)
    assert refused.reply.head.status == 529
    assert b"mockserver: 2 batches of this session are being answered; wait until one of them is" in refused.reply.body
    for _ in working[0].work:
        pass
    assert made.begin(incoming).reply.head.status == 200


def test_a_long_key_and_a_long_name_of_a_model_are_kept_short():
    made = engine({"reply": "a"}, validation="off", limits="start")
    for key in ("a", "b"):
        asked(made, request(model="m" * 100_000), **{"x-api-key": key * 50_000})
    buckets = made.sessions.get("default").limits._buckets
    names = list(buckets._values)
    assert max(len(part) for name in names for part in name) <= 200
    assert len({name[0] for name in names}) == 2
