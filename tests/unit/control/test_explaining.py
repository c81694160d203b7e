"""What the server would do with a request, told without doing it."""

import json
import re

import pytest
from helpers import HEADERS, WEATHER_TOOL, assistant, engine, post, request, tool_result, tool_use, user

from mockserver.control.explaining import Explanation, explain, world_of
from mockserver.control.explaining.reading import RequestError, read_request, usual_headers
from mockserver.control.explaining.telling import told
from mockserver.control.exports import export
from mockserver.control.records import as_json, record_of
from mockserver.settings import Settings
from mockserver.validation.incoming import Incoming

WEATHER = {"name": "weather", "match": {"user": "weather", "tools": ["get_weather"]}, "reply": "Sunny."}
GENERAL = {"name": "general", "match": {"user": "weather"}, "reply": "No idea."}
PIRATE = {"name": "pirate", "match": {"system": {"equals": "pirate"}, "user": "late"}, "reply": "Arr."}


def incoming(body, headers=HEADERS, path="/v1/messages", method="POST"):
    return Incoming(method, path, headers, body if isinstance(body, bytes) else json.dumps(body).encode())


def explained(server, asked, *, every=False):
    asked = asked if isinstance(asked, Incoming) else incoming(asked)
    return explain(world_of(server, asked), asked, every=every)


def text(server, asked, *, every=False, full=False):
    return told(explained(server, asked, every=every), every=every, full=full)


def stage(server, asked, name):
    return explained(server, asked).stages.get(name)


# ------------------------------------------------------------------ what it finds


def test_it_is_what_the_server_then_does():
    server = engine(WEATHER, GENERAL, PIRATE)
    asked = request("The weather?", tools=[WEATHER_TOOL])
    found = explained(server, asked)
    handled = post(server, asked)
    assert found.body == json.loads(handled.reply.body) == found.message
    assert found.headers == handled.reply.head.headers
    assert (found.status, found.scenario, found.turn) == (200, "weather", 0)
    assert found.answered
    streamed = {**asked, "stream": True}
    found = explained(engine(WEATHER), streamed)
    assert found.events == post(engine(WEATHER), streamed).reply.events
    assert (found.message["content"][0]["text"], found.body) == ("Sunny.", None)


def test_the_session_does_not_notice():
    server = engine({"attempts": [{"error": "overloaded"}, {"reply": "x"}]}, limits={"requests": 1})
    marked = request(user([{"type": "text", "text": "word " * 2000, "cache_control": {"type": "ephemeral"}}]))
    for _ in range(3):
        assert explained(server, marked).status == 529
    world = server.sessions.get("default")
    assert (world.requests, world.busy, world.journal.exchanges, len(world.used)) == (0, 0, (), 0)
    assert post(server, marked).reply.head.status == 529


def test_it_is_the_first_request_of_its_session():
    server = engine({"attempts": [{"error": "overloaded"}, {"reply": "x"}]})
    post(server, request())
    assert explained(server, request()).status == 529
    assert post(server, request()).reply.head.status == 200


def test_the_session_s_own_scenarios_settings_and_clock_count():
    server = engine(
        {"match": {"user": "zzz"}, "reply": "shared"}, validation="lenient", session_validation={"mine": "strict"}
    )
    world = server.sessions.get("mine")
    world.own.add({"reply": "own {{ now.year }}"})
    world.configure({"validation": "off"})
    world.clock.freeze("2031-01-01")
    asked = incoming({"odd": 1}, path="/_s/mine/v1/messages")
    found = explained(server, asked)
    assert (found.path, found.message["content"][0]["text"]) == ("/v1/messages", "own 2031")
    assert found.stages["validation"] == "off: passed"
    assert server.sessions.find("default") is None
    by_header = incoming({"odd": 1}, headers=HEADERS | {"x-mock-session": "mine"})
    assert explained(server, by_header).message["content"][0]["text"] == "own 2031"


REFUSED = {
    "a method": (incoming(b"", method="DELETE"), {}, "transport", "405 invalid_request_error: Method Not Allowed"),
    "a path": (incoming(b"", path="/v1/nope"), {}, "transport", "404 not_found_error: Not Found"),
    "no key": (
        incoming(request(), headers={}),
        {},
        "credentials",
        "401 authentication_error: x-api-key header is required",
    ),
    "a wrong key": (
        incoming(request()),
        {"api_key": ["k"]},
        "credentials",
        "401 authentication_error: invalid x-api-key",
    ),
    "no version": (
        incoming(request(), headers={"x-api-key": "k"}),
        {},
        "version and betas",
        "400 invalid_request_error: anthropic-version: header is required",
    ),
    "no version, leniently": (
        incoming(request(), headers={"x-api-key": "k"}),
        {"validation": "lenient"},
        "version and betas",
        "400 invalid_request_error: anthropic-version: header is required",
    ),
    "no JSON": (incoming(b"{"), {}, "JSON", "400 invalid_request_error: The request body is not valid JSON: "),
    "no JSON, whatever it is": (
        incoming(b"{"),
        {"validation": "off"},
        "JSON",
        "400 invalid_request_error: The request",
    ),
    "a field": (incoming(request(top_k="x")), {}, "schema", "400 invalid_request_error: top_k: "),
    "a rule": (
        incoming(request("Hello", user([tool_result()]))),
        {},
        "rule pairing.",
        "400 invalid_request_error: messages.",
    ),
}


@pytest.mark.parametrize(("asked", "settings", "where", "words"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_names_the_stage_and_the_words(asked, settings, where, words):
    found = explained(engine({"reply": "x"}, **settings), asked)
    level = settings.get("validation", "strict")
    assert found.stages["validation"].startswith(f"{level}: refused ({where}")
    assert f"): {words}" in found.stages["validation"]
    assert list(found.stages) == ["validation", "answer"]
    assert (found.answered, found.verdict, found.scenarios) == (False, "refused", [])


def test_what_the_session_s_objects_answer_is_said_so():
    found = explained(engine(), incoming(b"", path="/v1/messages/batches", method="GET"))
    assert (found.answered, found.stages["validation"]) == (True, "the message batches of this session")


def test_what_no_check_refuses_is_told_in_its_own_words():
    found = explained(engine(), incoming(b"", path="/v1/messages/batches/msgbatch_x", method="GET"))
    assert found.stages["validation"].startswith("strict: refused: 404 not_found_error: Message Batch msgbatch_x not")


def test_a_match_says_why_and_what_else_would_match():
    asked = request("The weather?", tools=[WEATHER_TOOL])
    assert stage(engine(WEATHER), asked, "matching") == "scenario 'weather', turn 0: user, tools hold"
    assert stage(engine(WEATHER, GENERAL), asked, "matching") == (
        "scenario 'weather', turn 0: user, tools hold; 'general' would match, too, and is asked later"
    )
    assert stage(engine(WEATHER, GENERAL, {"reply": "x"}), asked, "matching") == (
        "scenario 'weather', turn 0: user, tools hold; 'general' and 1 more would match, too, and are asked later"
    )
    assert stage(engine({"reply": "x"}), asked, "matching") == "scenario 'code#1', turn 0: it answers every request"
    flaky = {"match": {"user": "weather"}, "attempts": [{"error": "overloaded"}]}
    assert stage(engine(flaky), asked, "matching") == "scenario 'code#1', turn 0, attempt 0: user holds"


def test_a_match_that_does_not_answer_says_why_not():
    late = request("Hello", assistant([tool_use()]), user([tool_result()]), tools=[WEATHER_TOOL])
    twice = {"match": {"user": "Hello"}, "turns": [{"reply": "a"}, {"reply": "b", "expect": {"tool_result": "rain"}}]}
    found = explained(engine(twice), late)
    assert found.stages["matching"] == (
        "scenario 'code#1', turn 1: user holds; scenario 'code#1', turn 1, expected tool_result: "
        "want contains 'rain' (any case), got 'sunny'"
    )
    assert (found.answered, found.verdict, found.status) == (False, "unexpected", 400)
    longer = request("Hello", *[assistant([tool_use()]), user([tool_result()])] * 2, tools=[WEATHER_TOOL])
    found = explained(engine(twice, validation="off"), longer)
    assert (found.answered, found.verdict, found.scenarios) == (False, "unmatched", [])
    assert "has 2 turns, and this is turn 2" in found.stages["matching"]


def test_an_answer_that_cannot_be_made_is_no_fault_of_the_request():
    bad = {"reply": [{"tool_use": {"name": "n", "input": "auto"}}]}
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/none"}}, "required": ["a"]}
    found = explained(engine(bad, validation="off"), request(tools=[{"name": "n", "input_schema": schema}]))
    assert found.stages["validation"] == "off: passed"
    assert found.scenario == "code#1"


@pytest.mark.parametrize("unmatched", ["error", "fallback"])
def test_a_miss_names_the_nearest_with_all_that_differs(unmatched):
    server = engine(WEATHER, GENERAL, PIRATE, {"match": {"body": {"top_k": 1}}, "reply": "x"}, on_unmatched=unmatched)
    found = explained(server, request("The whether?", tools=[WEATHER_TOOL]))
    assert (found.answered, len(found.scenarios)) == (False, 3)
    assert [str(d) for d in found.scenarios[0].differences] == [
        "user: want contains 'weather' (any case), got 'The whether?'"
    ]
    assert found.stages["matching"] == "no scenario matches" + (
        ": the answer is made up" if unmatched == "fallback" else ""
    )
    assert found.status == (200 if unmatched == "fallback" else 404)


def test_every_scenario_is_compared_on_demand():
    server = engine(WEATHER, GENERAL, PIRATE)
    found = explained(server, request("The weather?"), every=True)
    assert {one.name: [d.key for d in one.differences] for one in found.scenarios} == {
        "weather": ["tools"],
        "pirate": ["user", "system"],
        "general": [],
    }


def test_no_scenario_at_all():
    assert stage(engine(), request(), "matching") == "no scenario matches: none is loaded"


def test_counted_tokens_match_scenarios_of_their_own():
    body = {key: value for key, value in request().items() if key != "max_tokens"}
    asked = incoming(body, path="/v1/messages/count_tokens")
    found = explained(engine(GENERAL), asked)
    assert (found.answered, found.verdict) == (True, "counted")
    assert found.stages["matching"] == "no scenario matches: the tokens are estimated"
    counting = {"match": {"endpoint": "count_tokens"}, "reply": "", "usage": {"input_tokens": 7}}
    assert explained(engine(counting), asked).body == {"input_tokens": 7}


def test_limits_templates_cache_faults_and_pauses_are_stages():
    scenario = {
        "reply": "{{ prompt[:2] }}",
        "delay": "2s",
        "cache": "warm",
        "fault": {"after": {"events": 3}, "disconnect": "reset"},
    }
    long = [{"type": "text", "text": "word " * 2000, "cache_control": {"type": "ephemeral"}}]
    found = explained(engine(scenario, limits="start"), request(user(long), stream=True))
    assert list(found.stages) == [
        "validation",
        "limits",
        "matching",
        "templates",
        "cache",
        "tokens",
        "faults",
        "answer",
    ]
    assert found.stages["limits"] == "let through"
    assert found.stages["cache"].endswith(" tokens read, 0 written")
    assert found.stages["faults"] == "disconnect: reset after events: 3"
    assert found.stages["answer"].startswith("200, a stream of 3 events, ")
    assert (found.stages["answer"].endswith(", over 2 s"), found.seconds) == (True, 2)
    limited = explained(engine(scenario, limits={"input_tokens": 1}), request())
    assert (limited.answered, limited.verdict, limited.status) == (False, "limited", 429)


def test_pages_lists_and_no_answer_at_all():
    page = explained(engine(), incoming(b"", path="/", method="GET"))
    assert (page.answered, page.body[:11]) == (True, "mockserver:")
    assert explained(engine(), incoming(b"", path="/v1/models", method="GET")).verdict == "listed"
    gone = {"reply": "x", "fault": {"before": "response", "disconnect": "close"}}
    assert stage(engine(gone), request(), "answer") == "no status, 0 bytes"


def test_keys_are_taken_out():
    key = "sk-ant-api03-verysecret"
    server = engine({"match": {"user": "zzz", "headers": {"x-api-key": "zzz"}}, "reply": "x"})
    found = explained(server, incoming(request(f"It is {key}"), headers=HEADERS | {"x-api-key": key}))
    assert key not in found.model_dump_json()


def test_it_is_json():
    found = explained(engine(GENERAL), request("Hello"))
    assert Explanation.model_validate_json(found.model_dump_json()) == found
    assert Explanation.model_json_schema()["title"] == "Explanation"


# ------------------------------------------------------------------ as text


def test_a_line_a_stage(tmp_path):
    assert text(engine(GENERAL), request("The weather?")).splitlines()[:5] == [
        "request     POST /v1/messages, claude-sonnet-5, user 'The weather?'",
        "validation  strict: passed",
        "matching    scenario 'general', turn 0: user holds",
        "tokens      11 in, 7 out",
        "answer      200, 493 bytes",
    ]


def test_a_miss_is_two_lines_a_scenario():
    lines = text(engine(WEATHER, PIRATE), request()).splitlines()
    assert lines[2:8] == [
        "matching    no scenario matches",
        "            the nearest:",
        "              'pirate'",
        "                user: want contains 'late' (any case), got 'Hello'",
        "              'weather'",
        "                user: want contains 'weather' (any case), got 'Hello'",
    ]


def test_all_scenarios_as_text():
    lines = text(engine(WEATHER, GENERAL, {"reply": "x"}), request("The weather?"), every=True).splitlines()
    assert lines[3:9] == [
        "            all scenarios, in the order in which they are asked:",
        "              'weather'",
        "                tools: want 'get_weather' among them, got []",
        "              'general' answers",
        "              'code#3' would match, too",
        "tokens      11 in, 7 out",
    ]


def test_answers_are_shortened_unless_all_is_asked_for():
    deltas = [f"{number} " for number in range(30)]
    scenario = {"reply": [{"text": deltas}, {"text": "x" * 500}]}
    short, full = (text(engine(scenario), request(stream=True), full=full) for full in (False, True))
    assert re.search(r"^… \d+ more$", short, re.MULTILINE)
    assert len(short.splitlines()) < len(full.splitlines())
    many = {"reply": [{"text": "x" * 500}, *({"text": "y"} for _ in range(20))]}
    short, full = (text(engine(many), request(), full=full) for full in (False, True))
    assert f'"text": "{"x" * 300}… (500 characters)"' in short
    assert '"… 13 more"' in short
    assert json.loads(full[full.index("{") :])["content"][20]["text"] == "y"


def test_pages_as_text():
    page = {"reply": "", "fault": {"status": 502, "body": "one\n" + "two " * 100}}
    assert text(engine(page), request()).endswith("(404 characters)")
    assert text(engine(page), request(), full=True).splitlines()[-2:] == ["one", "two " * 100]


def test_nothing_in_a_request_moves_the_cursor():
    assert "\x1b" not in text(engine({"match": {"user": "x"}, "reply": "a"}), request("\x1b[2J\nno"))


# ------------------------------------------------------------------ requests in files


def read(value, **settings):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return read_request(data, Settings(**settings), "r.json")


def test_a_bare_body_gets_the_usual_headers():
    found = read(b"\xef\xbb\xbf  " + json.dumps(request()).encode() + b"\n")
    assert found == incoming(request(), usual_headers(Settings()))
    assert found.headers == {"x-api-key": "any", "anthropic-version": "2023-06-01", "content-type": "application/json"}
    assert read(request(), api_key=["one", "two"]).headers["x-api-key"] == "one"
    assert read({}).body == b"{}"


def test_a_request_in_full():
    found = read({"method": "GET", "path": "/v1/models?limit=1", "headers": {"X-Api-Key": "k"}})
    assert found == Incoming("GET", "/v1/models", {"x-api-key": "k"}, b"", query="limit=1")
    assert read({"body": {"a": 1}}) == Incoming("POST", "/v1/messages", usual_headers(Settings()), b'{"a":1}')
    assert read({"body": "no JSON"}).body == b"no JSON"
    assert read({"headers": {}, "query": "x=1"}).query == "x=1"


def test_a_record_of_the_journal():
    server = engine({"reply": "x"}, api_key=["k"])
    post(server, request(), {"x-api-key": "k", "authorization": "Bearer k", "cookie": "c"}, path="/_s/a b/v1/messages")
    post(server, b"\xff", {"x-api-key": "k"})
    lines = [export(server.sessions.get(name).journal.exchanges, "jsonl").encode() for name in ("a b", "default")]
    first, second = (read(line, api_key=["k"]) for line in lines)
    assert (first.path, json.loads(first.body)) == ("/_s/a%20b/v1/messages", request())
    assert first.headers == HEADERS | {"x-api-key": "k", "authorization": "Bearer k", "cookie": ""}
    assert (second.path, second.body) == ("/v1/messages", b"\xff")
    assert explained(server, first).answered


FORMS = "a request is its body, "
WRONG = {
    "nothing": (b" \n", "r.json:1:1: it is empty; a request is its body, "),
    "no JSON": (b'{\n"a": x}', "r.json:2:6: not JSON: "),
    "no text": (b"\xff", "r.json:1:1: not JSON: "),
    "a list": (b"[]", "r.json:1:1: this is no map; a request is its body, "),
    "several lines": (b'{"a": 1}\n{"b": 2}\n', "r.json:2:1: these are several lines of JSON; give one of them"),
    "a HAR log": (
        b'{"log": {}}',
        "r.json:1:1: this is a HAR log; export the journal as 'jsonl', and give one of its lines",
    ),
    "an unknown key": (b'{"body": {}, "heders": {}}', "r.json:1:1: unknown key 'heders'; did you mean 'headers'?"),
    "a value of another kind": (b'{"path": 1}', "r.json:1:1: path: Input should be a valid string"),
    "a header that is no text": (b'{"headers": {"a": 1}}', "r.json:1:1: headers.a: Input should be a valid string"),
    "a broken record": (b'{"verdict": "answered", "method": 1}', "r.json:1:1: method: Input should be a valid string"),
}


@pytest.mark.parametrize(("data", "words"), WRONG.values(), ids=WRONG)
def test_what_is_no_request_is_told_with_its_place(data, words):
    with pytest.raises(RequestError) as wrong:
        read(data)
    assert str(wrong.value).startswith(words)
    assert "\n" not in str(wrong.value)


BATCH = {
    "requests": [
        {"custom_id": "good", "params": request("Hello")},
        {"custom_id": "bad", "params": request("Hello", max_tokens=0)},
        {"custom_id": "missed", "params": request("Bye")},
    ]
}


def test_each_row_of_a_batch_is_explained():
    server = engine({"match": {"user": "hello", "endpoint": "batches"}, "reply": "Hi."})
    found = explained(server, incoming(BATCH, path="/v1/messages/batches"))
    assert (found.answered, found.stages["validation"]) == (False, "strict: passed")
    good, bad, missed = found.rows
    assert (good.custom_id, good.message["content"][0]["text"]) == ("good", "Hi.")
    assert good.stages["matching"] == "scenario 'code#1', turn 0: user, endpoint hold"
    assert bad.stages["validation"] == "strict: refused: max_tokens: must be greater than or equal to 1"
    assert [str(one) for one in missed.scenarios[0].differences] == [
        "user: want contains 'hello' (any case), got 'Bye'"
    ]
    assert "request     row 'missed', claude-sonnet-5, user 'Bye'" in told(found)


def test_of_a_large_batch_the_first_rows_are_told():
    rows = [{"custom_id": f"r{number}", "params": request("Hello")} for number in range(25)]
    found = explained(engine({"reply": "Hi."}), incoming({"requests": rows}, path="/v1/messages/batches"))
    assert (found.answered, len(found.rows), found.more_rows) == (True, 20, 5)
    assert told(found).endswith("… 5 more rows")


def test_a_record_of_a_row_is_explained_as_the_row_that_it_was():
    server = engine({"match": {"endpoint": "batches"}, "reply": "Hi."})
    post(server, BATCH, path="/v1/messages/batches")
    record = as_json(record_of(server.sessions.get("default").journal.exchanges[2]))
    found = explained(server, read_request(record, server.settings))
    assert [(row.custom_id, row.verdict) for row in found.rows] == [("bad", "refused")]


def test_a_batch_that_there_is_can_be_asked_for_and_stays_as_it_is():
    server = engine({"reply": "Hi."}, batch_delay=60)
    made = json.loads(post(server, BATCH, path="/v1/messages/batches").reply.body)
    path = f"/v1/messages/batches/{made['id']}"
    assert explained(server, incoming(b"", path=path, method="GET")).status == 200
    assert explained(server, incoming(b"", path=f"{path}/cancel")).body["processing_status"] == "canceling"
    assert json.loads(post(server, b"", path=path, method="GET").reply.body)["cancel_initiated_at"] is None
