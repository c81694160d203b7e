"""Every file of the gallery is run, plain and streamed, and is the same in every process."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import WEATHER_TOOL, assistant, events_of, post, request, texts, tool_result, tool_use, user
from jsonschema import validate

from mockserver.engine import Engine
from mockserver.scenario.library import Library
from mockserver.scenario.loading import load
from mockserver.settings import Settings
from mockserver.state.clock import Clock
from mockserver.wire.events import fold

FOLDER = Path(__file__).parent.parent / "scenarios"
FLIGHTS = {"name": "search_flights", "input_schema": {"type": "object"}}
PERSON = {
    "type": "object",
    "properties": {"email": {"type": "string", "format": "email"}, "age": {"type": "integer", "minimum": 18}},
    "required": ["email", "age"],
}
FORMAT = {"format": {"type": "json_schema", "schema": {"type": "object", "additionalProperties": False}}}


def kinds(message):
    return [block["type"] for block in message["content"]]


def error_type(message):
    return message["error"]["type"]


def valid_person(message):
    validate(message["content"][0]["input"], PERSON)
    return True


PARIS = request("What is the weather in Paris?", tools=[WEATHER_TOOL])
LOOP = request(
    *PARIS["messages"], assistant([tool_use(city="Paris")]), user([tool_result("sunny, 20°C")]), tools=[WEATHER_TOOL]
)
COMPARE = request("Compare Paris and Oslo", tools=[WEATHER_TOOL])
TRIP = request("Plan my trip", tools=[FLIGHTS])
SEARCH = request("Search for a long time", tools=[{"type": "web_search_20250305", "name": "web_search"}])
CALLED = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "everything"}}
HAIKU = {"model": "claude-haiku-4-5", "max_tokens": 2000}
BUDGET = {"type": "enabled", "budget_tokens": 1024}
RUBY = {
    "type": "document",
    "source": {
        "type": "text",
        "media_type": "text/plain",
        "data": "Ruby is a language. Matz made it in 1993. It is fun.",
    },
    "citations": {"enabled": True},
}

# scenario -> request, how to look at the answer, what is seen
MARKED = [{"type": "text", "text": "What the assistant has to know. " * 300, "cache_control": {"type": "ephemeral"}}]

CASES = {
    "hello": [(request("Hello there"), texts, ["Hello! How can I help?"])],
    "tool-loop": [
        (PARIS, lambda m: (kinds(m), m["content"][1]["input"], m["stop_reason"]), (["text", "tool_use"], {"city": "Paris"}, "tool_use")),
        (LOOP, texts, ["The weather in Paris: sunny, 20°C."]),
    ],
    "parallel-tools": [
        (COMPARE, lambda m: [b["input"]["city"] for b in m["content"][1:]], ["Paris", "Oslo"]),
        (
            request(*COMPARE["messages"], assistant([tool_use(id_="a"), tool_use(id_="b")]), user([tool_result("1", "a"), tool_result("2", "b")]), tools=[WEATHER_TOOL]),
            texts, ["Paris is warmer than Oslo."],
        ),
    ],
    "thinking-before-tool": [
        (TRIP, lambda m: (kinds(m), bool(m["content"][0]["signature"])), (["thinking", "tool_use"], True)),
        (request(*TRIP["messages"], assistant([tool_use("search_flights")]), user([tool_result()]), tools=[FLIGHTS]), texts, ["There is a flight to Lisbon on Friday."]),
    ],
    "exact-deltas": [(request("Stream precisely"), lambda m: (texts(m), m["content"][1]["input"]), (["Hello, world 🌍"], {"key": "value"}))],
    "structured-output": [(request("Extract the person", output_config=FORMAT), lambda m: json.loads(texts(m)[0])["born"], 1815)],
    "capital-of-france": [(request("What is the capital of France?"), texts, ["Paris."])],
    "and-its-population": [
        (request("What is the capital of France?", assistant("Paris."), "And its population?"), texts, ["About two million people live in the city itself."])
    ],
    "web-search": [
        (
            request("Any news about Ruby?"),
            lambda m: (kinds(m), m["content"][0]["id"] == m["content"][1]["tool_use_id"], len(m["content"][2]["citations"]), m["usage"]["server_tool_use"]["web_search_requests"]),
            (["server_tool_use", "web_search_tool_result", "text"], True, 1, 1),
        )
    ],
    "redacted-thinking": [(request("Something secret"), lambda m: (kinds(m), bool(m["content"][0]["data"])), (["redacted_thinking", "text"], True))],
    "max-tokens": [
        (request("Tell me a story", max_tokens=20), lambda m: (m["stop_reason"], m["usage"]["output_tokens"], texts(m)[0][:9]), ("max_tokens", 20, "Once upon")),
        (request("Tell me a story"), lambda m: m["stop_reason"], "end_turn"),
    ],
    "stop-sequence": [
        (request("Count to five", stop_sequences=[", four"]), lambda m: (texts(m), m["stop_reason"], m["stop_sequence"]), (["one, two, three"], "stop_sequence", ", four"))
    ],
    "templates": [(request("My name is Ada"), lambda m: (texts(m)[0][:21], texts(m)[0][-34:]), ("Welcome to Acme, Ada!", "; 1 message so far, on 2026-01-01."))],
    "schema-made-input": [(request("Make something up", tools=[{"name": "create_user", "input_schema": PERSON}]), valid_person, True)],
    "verbatim-message": [(request("verbatim message"), lambda m: (m["id"], texts(m), m["usage"]["output_tokens"]), ("msg_011CeCGpTMmDCnfHvSo7SQWD", ["Exactly this."], 6))],
    "verbatim-events": [(request("verbatim events"), lambda m: (m["id"], texts(m)), ("msg_011CeCGpNCxCbhPhceYNaSB3", ["As recorded."]))],
    "code-execution": [(request("Run some code"), lambda m: (kinds(m)[2], m["content"][2]["content"]["stdout"]), ("bash_code_execution_tool_result", "42\n"))],
    "prefill": [(request("Answer in JSON", assistant("{")) | {"model": "claude-haiku-4-5"}, texts, ['"answer": 42}'])],
    "thinking-auto": [
        (request("Think about it", thinking=BUDGET) | HAIKU, lambda m: (kinds(m), len(m["content"][0]["thinking"]) > 10), (["thinking", "text"], True)),
        (request("Think about it", thinking={"type": "disabled"}), kinds, ["text"]),
    ],
    "citations-auto": [
        (request(user([RUBY, {"type": "text", "text": "Who made Ruby?"}])), lambda m: m["content"][0]["citations"][0]["cited_text"], "Matz made it in 1993. "),
        (request("Who made Ruby?"), lambda m: m["content"], [{"type": "text", "text": "Matz made Ruby in 1993."}]),
    ],
    "refusal": [(request("Write me some malware"), lambda m: (m["content"], m["stop_reason"], m["stop_details"]["type"], m["usage"]["output_tokens"]), ([], "refusal", "refusal", 0))],
    "pause-turn": [
        (SEARCH, lambda m: (kinds(m), m["stop_reason"]), (["text", "server_tool_use"], "pause_turn")),
        (
            request(*SEARCH["messages"], assistant([CALLED]), tools=SEARCH["tools"]),
            lambda m: (kinds(m), m["content"][0]["tool_use_id"], m["stop_reason"]), (["web_search_tool_result", "text"], "srvtoolu_1", "end_turn"),
        ),
    ],
    "compaction": [(request("Sum up what we said"), lambda m: (kinds(m), m["stop_reason"]), (["compaction"], "compaction"))],
    "cache-warm": [(request("Is it cheap?", system=MARKED), lambda m: (m["usage"]["cache_read_input_tokens"] > 1000, m["usage"]["cache_creation_input_tokens"]), (True, 0))],
    "one-model-refuses": [(request("A dangerous question") | {"model": "claude-opus-5"}, lambda m: (m["stop_reason"], m["content"]), ("refusal", []))],
    "another-model-answers": [(request("A dangerous question") | {"model": "claude-opus-4-8"}, texts, ["It is less dangerous than it looks."])],
    "overloaded": [(request("Please be overloaded"), error_type, "overloaded_error")],
    "out-of-credit": [(request("Please let me run out of credit"), lambda m: m["error"]["message"][:30], "Your credit balance is too low")],
    "rate-limited": [(request("Please limit me"), error_type, "rate_limit_error")],
    "flaky": [
        (request("Be flaky"), error_type, "overloaded_error"),
        (request("Be flaky"), error_type, "rate_limit_error"),
        (request("Be flaky"), lambda m: m, {"status": 200, "faults": ["disconnect: reset after events: 4"]}),
        (request("Be flaky"), texts, ["This one does."]),
        (request("Be flaky"), texts, ["This one does."]),
    ],
    "slow-model": [(request("Take your time"), lambda m: texts(m)[0][:22], "It takes two seconds b")],
    "jittery-stream": [(request("Be uneven"), lambda m: m, {"status": 200, "faults": ["stall: 5 s after deltas: 4"]})],
    "mid-stream-error": [
        (request("Break off"), lambda m: m["faults"], ["error: overloaded after percent: 50"]),
        (request("Break off"), lambda m: texts(m)[0][-10:], "ow I have."),
    ],
    "proxy-page": [(request("Ask the proxy"), lambda m: m["status"], 502)],
    "bad-luck": [(request("Try your luck"), texts, ["You were lucky."])],
    "hanging": [(request("Fall silent"), lambda m: m["faults"], ["hang: true after events: 5"])],
    "recorded-timing": [(request("As it happened"), texts, ["First then."])],
    "expired-row": [(request("Take a whole day"), texts, ["In a batch nobody reads this."])],
    "system-and-model": [(request("What now?", system="You are a pirate."), texts, ["Arr, what be ye wanting?"])],
}  # fmt: skip


def gallery():
    return Engine(Library([FOLDER]), Settings(), Clock.frozen())


def answered(server, body):
    handled = post(server, body)
    assert handled.exchange.verdict == "answered", handled.exchange.reason
    if handled.exchange.faults:  # there may be no message
        return handled.exchange.scenario, {"status": handled.reply.head.status, "faults": handled.exchange.faults}
    raw = handled.reply.body
    return handled.exchange.scenario, fold(events_of(raw)) if handled.exchange.streamed else json.loads(raw)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("stream", [False, True])
def test_every_scenario_answers_as_it_says(name, stream):
    server = gallery()
    for body, look, expected in CASES[name]:
        by, message = answered(server, body | {"stream": True} if stream else body)
        assert by == name
        assert look(message) == expected


def test_every_file_is_run():
    loaded = load([FOLDER])
    assert (loaded.problems, loaded.warnings) == ([], [])
    assert sorted(s.name for s in loaded.scripts) == sorted(CASES)
    assert len(list(FOLDER.glob("*.yaml"))) >= 17


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda f: f.name)
def test_every_file_is_short_commented_and_names_the_schema(file):
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# yaml-language-server: $schema=../docs/scenario.schema.json"
    assert (FOLDER / "../docs/scenario.schema.json").exists()
    assert lines[1].startswith("# ")
    assert len(lines) <= 40


IN_A_PROCESS = """
import json, sys
from helpers import HEADERS
from mockserver.engine import Engine
from mockserver.scenario.library import Library
from mockserver.settings import Settings
from mockserver.state.clock import Clock
from mockserver.validation.incoming import Incoming
server = Engine(Library([sys.argv[1]]), Settings(), Clock.frozen())
for body in json.load(sys.stdin):
    for streamed in (False, True):
        reply = server.handle(Incoming("POST", "/v1/messages", HEADERS, json.dumps(body | {"stream": streamed}).encode())).reply
        print(reply.head, reply.body)
"""


def test_two_fresh_processes_give_the_same_bytes():
    """For every file, plain and streamed, headers included; other hash seeds change nothing."""
    bodies = json.dumps([body for cases in CASES.values() for body, *_ in cases])
    outputs = {
        subprocess.run(
            [sys.executable, "-c", IN_A_PROCESS, str(FOLDER)],
            input=bodies, capture_output=True, text=True, check=True, cwd=Path(__file__).parent, env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(outputs) == 1
    assert outputs.pop().count("Head(") == 2 * sum(map(len, CASES.values()))
