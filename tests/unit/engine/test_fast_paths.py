"""What is kept for the next request with an equal body changes no byte of an answer, and nothing in the journal."""

import gc
import json
from weakref import ref

import pytest
from helpers import HEADERS, WEATHER_TOOL, assistant, engine, request, tool_result, tool_use, user
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.control.records import as_json, record_of
from mockserver.engine import keeping, standing
from mockserver.scenario.problems import ScenarioError
from mockserver.validation.incoming import Incoming
from mockserver.validation.memory import LONGEST, MOST, MOST_NOTES

LONG = [{"type": "text", "text": "What has to be known. " * 400, "cache_control": {"type": "ephemeral"}}]

SCENARIOS = [
    {"match": {"user": "hello"}, "reply": "Hello there, how are you today?"},
    {"match": {"user": "hello"}, "reply": "Nearer.", "priority": 1},
    {"match": {"user": "hello", "headers": {"x-who": "ada"}}, "reply": "Hello, Ada.", "priority": 2},
    {"match": {"user": "hello", "stream": True}, "reply": "In a stream.", "stream": {"chunk": "char"}},
    {"match": {"user": "hello", "model": "claude-haiku*"}, "reply": [{"thinking": "Hm."}, {"text": "Yes."}]},
    {"match": {"user": "template"}, "reply": "{{ prompt }} {{ attempt }} {{ now }}"},
    {"match": {"user": "again"}, "attempts": [{"error": "overloaded"}, {"reply": "one"}, {"reply": "two"}]},
    {"match": {"user": "weather"}, "turns": [{"reply": [{"tool_use": {"name": "get_weather"}}]}, {"reply": "Sunny."}]},
    {"match": {"user": "weather"}, "reply": [{"tool_use": {"name": "unknown"}}], "priority": 1},
    {"match": {"user": "slow"}, "reply": "Late.", "delay": "2s"},
    {"match": {"user": "headers"}, "reply": "With one.", "headers": {"x-mine": "a"}},
    {"match": {"user": "paced"}, "reply": "One word after the other.", "stream": {"interval": "1s"}},
    {"match": {"user": "broken"}, "reply": "Gone.", "fault": {"after": {"events": 3}, "disconnect": "reset"}},
    {"match": {"user": "code"}, "reply": [{"code_execution": {"code": "1", "stdout": "1"}}]},
    {"match": {"user": "named"}, "reply": "Mine.", "id": "msg_mine", "usage": {"output_tokens": 3}},
    {"match": {"user": "cold"}, "reply": "Cold.", "cache": "cold"},
    {"match": {"user": "expect"}, "expect": {"max_tokens": 5}, "reply": "As expected."},
    {"match": {"user": "chance"}, "attempts": [{"error": "overloaded", "chance": 0.5}, {"reply": "Well."}]},
    {"match": {"user": "whole"}, "message": {"type": "message", "id": "msg_1", "content": [], "usage": {}}},
]

BODIES = [
    *(request(words) for words in ("hello", "hello again", "template", "again", "slow", "paced", "broken", "code")),
    *(request(words) for words in ("named", "headers", "cold", "expect", "chance", "whole", "nobody answers this")),
    request("weather", tools=[WEATHER_TOOL]),
    request("weather", assistant([tool_use()]), user([tool_result()]), tools=[WEATHER_TOOL]),
    request("hello", model="claude-haiku-4-5"),
    request("hello", model="claude-2.1"),
    request("hello", system=LONG),
    request("nobody", system=LONG, max_tokens=5),
    request("hello", diagnostics={"previous_message_id": None}),
    request("hello", max_tokens=0),
    request("hello", max_tokens=-1),
    request("hello", thread={"type": "create"}),
    request("hello", temperature=0.5),
    request("one", output_config={"format": {"type": "json_schema", "schema": {"type": "object", "properties": {}, "additionalProperties": False}}}),
    request(user([{"type": "document", "source": {"type": "file", "file_id": "file_1"}}, {"type": "text", "text": "hello"}])),
]  # fmt: skip

CHANGES = [
    {"seed": 7},
    {"seed": 0},
    {"limits": {"requests": 3}},
    {"chaos": "rough"},
    {"chaos": "off"},
    {"on_unmatched": "error"},
    {"validation": "off"},
    {"validation": "strict"},
    {"dialect": "relay"},
    {"dialect": "anthropic"},
    {"objects": "strict"},
    {"edge_headers": "off"},
    {"retired_models": "reject"},
]

asks = st.tuples(
    st.just("ask"),
    st.sampled_from(BODIES),
    st.booleans(),
    st.sampled_from([{}, {}, {"x-who": "ada"}, {"anthropic-version": "2026-10-21"}, {"x-api-key": "another"}]),
    st.sampled_from(["", "", "/_s/other"]),
)
steps = st.lists(
    st.one_of(
        asks,
        asks,
        asks,
        st.tuples(st.just("add"), st.sampled_from(SCENARIOS)),
        st.tuples(st.just("configure"), st.sampled_from(CHANGES)),
        st.tuples(st.just("advance"), st.sampled_from([1, 400])),
        st.tuples(st.just("count"), st.sampled_from(BODIES)),
    ),
    max_size=25,
)


def play(server, played):
    """Do the steps; return all that is answered and noted, but for real times."""
    told = []
    for kind, *what in played:
        world = server.sessions.get("default")
        if kind == "add":
            add(server, what[0])
        elif kind == "configure":
            world.configure(what[0])
        elif kind == "advance":
            world.clock.advance(what[0])
        else:
            told.append(asked(server, kind, *what))
    return told


def add(server, scenario):
    try:
        server.library.add(scenario)
    except ScenarioError:  # it is there already
        server.library.clear()


def asked(server, kind, body, streams=False, headers=None, session=""):
    path = f"{session}/v1/messages{'/count_tokens' * (kind == 'count')}"
    counted = {name: value for name, value in body.items() if kind == "ask" or name != "max_tokens"}
    raw = json.dumps(counted | ({"stream": True} if streams else {})).encode()
    incoming = Incoming("POST", path, HEADERS | (headers or {}), raw)
    printed = (raw, "POST", path, tuple((k.encode(), v.encode()) for k, v in incoming.headers.items()))
    repeat = server.repeat(printed)
    handled = (repeat and server.again(repeat)) or server.handle(server.come(incoming, printed=printed))
    assert handled.ready == handled.reply.ready
    assert handled.runs is None or handled.runs == list(handled.reply.runs())
    server.close(handled, "whole")
    record = json.loads(as_json(record_of(handled.exchange)))
    del record["trial"]
    return handled.reply.head, handled.reply.steps, record


@pytest.mark.unmeasured
@settings(max_examples=max(300, settings.default.max_examples))
@given(steps)
def test_every_answer_is_the_same_with_and_without_what_is_kept(played):
    slow, fast = engine(on_unmatched="fallback"), engine(on_unmatched="fallback")
    slow._memory = None
    assert play(fast, played) == play(slow, played)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: str(body["messages"])[-60:])
@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("by_headers", [False, True])
def test_equal_requests_in_a_row(body, streams, by_headers):
    """Asked again and again, by one who is answered for what the headers say, and behind a new scenario."""
    plain, named = ("ask", body, streams, {}, ""), ("ask", body, streams, {"x-who": "ada"}, "")
    asked_first = (0, 2) if by_headers else (0,)
    played = [("add", scenario) for scenario in SCENARIOS if scenario.get("priority", 0) in asked_first]
    played += [plain, plain, named, plain, named, ("add", SCENARIOS[1]), plain, plain]
    slow, fast = engine(on_unmatched="fallback"), engine(on_unmatched="fallback")
    slow._memory = None
    assert play(fast, played) == play(slow, played)


def test_an_answer_that_nothing_else_decides_about_is_made_once(monkeypatch):
    made, stood = [], []
    compose, reply = keeping.Kept, standing.Standing.reply
    monkeypatch.setattr(keeping, "Kept", lambda *args: made.append(args) or compose(*args))
    monkeypatch.setattr(standing.Standing, "reply", lambda *args: stood.append(args) or reply(*args))
    server = engine({"reply": "Hello."})
    answers = [asked(server, "ask", request("hello"), streams)[2] for streams in (False, True, False, True, False)]
    assert len({answer["message"]["id"] for answer in answers}) == 5
    assert (len(made), len(stood)) == (2, 2), "a stream is another request, and the last one repeats the third"


@pytest.mark.unmeasured
def test_what_is_kept_is_bounded():
    """Many bodies, one body in many sessions, a long body, a long answer."""
    server = engine({"match": {"user": "long"}, "reply": "word " * 20_000}, on_unmatched="fallback")
    for number in range(2 * MOST):
        asked(server, "ask", request(f"hello {number}"))
        asked(server, "ask", request("hello"), session=f"/_s/{number}")
    asked(server, "ask", request("x" * LONGEST))
    long = request("long", max_tokens=100_000)
    asked(server, "ask", long)
    assert len(server._memory) == MOST
    kept = [judged for judged in server._memory if judged.body == request("hello")]
    assert [len(judged.notes) <= MOST_NOTES for judged in kept] == [True]
    assert not any(judged.body["messages"][0]["content"].startswith("x") for judged in server._memory)
    (found,) = (judged for judged in server._memory if judged.body == long)
    assert not any(isinstance(note, keeping.Kept) for note in found.notes.values())


def test_a_file_s_id_that_is_spelled_with_escapes_is_one():
    """Its content may have gone when the same bytes come again."""
    server = engine({"reply": "Read."})
    document = {"type": "document", "source": {"type": "file", "file_id": "file_1"}}
    raw = json.dumps(request(user([document]))).replace("file_id", "file\\u005fid").encode()
    assert server.handle(Incoming("POST", "/v1/messages", HEADERS, raw)).reply.head.status == 200
    assert len(server._memory) == 0


def test_a_session_that_is_forgotten_goes():
    """What is kept for the next request does not keep it."""
    server = engine({"reply": "Hello."})
    for _ in range(4):
        asked(server, "ask", request("hello"), session="/_s/short")
    gone = ref(server.sessions.get("short"))
    server.sessions.drop("short")
    gc.collect()
    assert gone() is None
    assert asked(server, "ask", request("hello"), session="/_s/short")[2]["message"]["id"].startswith("msg_")
