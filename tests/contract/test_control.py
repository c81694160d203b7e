"""The control API: its document is held against the server, operation by operation, and nothing else is let in."""

import http.client
import json
from pathlib import Path

import jsonschema
import pytest
from helpers import HEADERS, WEATHER_TOOL, request
from openapi_spec_validator import validate

import mockserver
from mockserver import MockServer
from mockserver.control.answering import answer
from mockserver.control.openapi import document
from mockserver.control.operations import OPERATIONS
from mockserver.engine import Engine
from mockserver.scenario.library import Library
from mockserver.settings import Settings
from mockserver.validation.incoming import Incoming

PAGE = Path(__file__).parent.parent.parent / "docs" / "openapi.json"
DOCUMENT = json.loads(document())


@pytest.fixture
def server():
    with MockServer(on_unmatched="fallback") as server:
        yield server


def call(server, method, path, body=None, headers=None):
    """Status, content type and body; the body is read where it is JSON."""
    host, port = server.base_url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    try:
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, data, headers or {})
        with connection.getresponse() as response:
            raw, kind = response.read(), response.getheader("content-type", "").partition(";")[0]
    finally:
        connection.close()
    return response.status, json.loads(raw) if kind == "application/json" and raw else raw.decode()


def ask(server, prompt="Hello", session="", **more):
    path = f"/_s/{session}/v1/messages" if session else "/v1/messages"
    return call(server, "POST", path, request(prompt, **more), HEADERS)


EXAMPLES = {
    "getHealth": ("health", None),
    "getReady": ("ready", None),
    "getOpenApi": ("openapi.json", None),
    "listScenarios": ("scenarios", None),
    "addScenarios": ("scenarios", [{"match": {"user": "a"}, "reply": "A"}, {"match": {"user": "b"}, "reply": "B"}]),
    "removeScenarios": ("scenarios", None),
    "getScenario": ("scenarios/folder%2Fhello", None),
    "putScenario": ("scenarios/folder/hello", {"match": {"user": "again"}, "reply": "Ho"}),
    "removeScenario": ("scenarios/folder/hello", None),
    "listRequests": ("requests?limit=5&verdict=answered&user=Hello&format=json", None),
    "getRequest": ("requests/0", None),
    "forgetRequests": ("requests", None),
    "verify": ("verify", {"times": 1, "tools": [], "where": {"user": "Hello"}}),
    "getVerdict": ("verdict", None),
    "explain": ("explain", {"path": "/v1/messages", "body": request("Hello")}),
    "addFile": ("files", {"content": "MSwyCg==", "encoding": "base64", "filename": "a.csv", "id": "file_squares"}),
    "reset": ("reset", None),
    "listSessions": ("sessions", None),
    "getSession": ("sessions/default", None),
    "putSession": ("sessions/other", {"seed": 7, "freeze": "2026-01-01T00:00:00Z"}),
    "dropSession": ("sessions/default", None),
    "getSettings": ("settings", None),
    "changeSettings": ("settings", {"validation": "lenient"}),
    "getClock": ("clock", None),
    "changeClock": ("clock", {"freeze": True, "advance": 60}),
    "getLimits": ("limits", None),
    "putLimits": ("limits", {"limits": {"requests": 5}}),
    "removeLimits": ("limits", None),
    "getMetrics": ("metrics", None),
}
"""Operation -> an example of it."""


def test_the_document_is_that_of_the_program_and_is_valid():
    assert PAGE.read_text(encoding="utf-8") == document(), "run `make docs`"
    validate(DOCUMENT)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_the_server_answers_as_the_document_says(server, operation):
    server.add({"name": "folder/hello", "reply": "Hi"})
    ask(server)
    path, body = EXAMPLES[operation.id]
    described = DOCUMENT["paths"][f"/_mock/{operation.path}"][operation.method.lower()]
    status, answered = call(server, operation.method, f"/_mock/{path}", body)
    assert str(status) in described["responses"], answered
    content = described["responses"][str(status)]["content"]
    if "application/json" in content:
        jsonschema.validate(answered, {**content["application/json"]["schema"], "components": DOCUMENT["components"]})
    if "requestBody" in described:
        schema = described["requestBody"]["content"]["application/json"]["schema"]
        jsonschema.validate(body, {**schema, "components": DOCUMENT["components"]})


@pytest.mark.parametrize("prefix", ["/_s/a", ""])
def test_the_session_is_named_by_path_or_header(server, prefix):
    headers = {} if prefix else {"x-mock-session": "a"}
    status, added = call(server, "POST", f"{prefix}/_mock/scenarios", {"reply": "only a"}, headers)
    assert (status, added["scenarios"][0]["origin"]) == (201, "session")
    assert ask(server, session="a")[1]["content"][0]["text"] == "only a"
    assert ask(server)[1]["content"][-1].get("text") != "only a"
    assert call(server, "GET", f"{prefix}/_mock/requests", None, headers)[1]["requests"][0]["text"] == "only a"


def test_what_a_request_went_through(server):
    server.add(
        {"match": {"user": "weather"}, "reply": [{"tool_use": {"name": "get_weather", "input": {"city": "Oslo"}}}]}
    )
    ask(server, "the weather", tools=[WEATHER_TOOL], stream=True)
    told = call(server, "GET", "/_mock/requests/0")[1]
    assert told["stages"]["validation"] == "strict: passed"
    assert told["stages"]["matching"] == "scenario 'code#1', turn 0"
    assert told["answer"]["text"].startswith("event: message_start\n")
    assert told["message"]["content"][0]["input"] == {"city": "Oslo"}
    assert (told["sent"], told["sent_bytes"]) == ("whole", len(told["answer"]["text"]))
    assert told["headers"]["x-api-key"] == "***"


ROWS = [
    ("custom_id=a", ["a"]),
    ("custom_id=c", []),
    ("endpoint=batches", ["a", "b"]),
    ("endpoint=messages", [""]),
    ("endpoint=batches&custom_id=b&verdict=answered", ["b"]),
    ("batch=msgbatch_none", []),
    ("endpoint=rows", "mockserver: endpoint: Input should be 'messages', 'count_tokens' or 'batches'"),
]


@pytest.mark.parametrize(("query", "expected"), ROWS)
def test_requests_are_found_by_their_row(server, query, expected):
    server.add({"match": {"user": "Hello"}, "reply": "Hi"})
    ask(server)
    rows = [{"custom_id": name, "params": request("Hello")} for name in ("a", "b")]
    made = call(server, "POST", "/v1/messages/batches", {"requests": rows}, HEADERS)[1]
    status, told = call(server, "GET", f"/_mock/requests?{query}")
    if isinstance(expected, str):
        assert (status, told["error"]["message"]) == (400, expected)
    else:
        assert [one["custom_id"] for one in told["requests"]] == expected
    found = call(server, "GET", f"/_mock/requests?batch={made['id']}")[1]["requests"]
    assert [one["custom_id"] for one in found] == ["a", "b"]


def test_the_clock_of_a_session(server):
    assert call(server, "POST", "/_s/a/_mock/clock", {"freeze": "2099-01-01T00:00:00Z"})[1] == {
        "now": "2099-01-01T00:00:00Z",
        "frozen": True,
        "speed": 0,
    }
    assert call(server, "POST", "/_s/a/_mock/clock", {"advance": 90.5})[1]["now"] == "2099-01-01T00:01:30.500000Z"
    assert call(server, "POST", "/_s/a/_mock/clock", {"freeze": False, "speed": "instant"})[1]["speed"] == "instant"
    assert not call(server, "GET", "/_mock/clock")[1]["frozen"]


def test_to_verify(server):
    server.add({"match": {"user": "x"}, "reply": "X"})
    ask(server, "x")
    assert call(server, "POST", "/_mock/verify")[0] == 200
    assert call(server, "POST", "/_mock/verify", {"times": 1, "where": {"user": "x"}})[0] == 200
    status, told = call(server, "POST", "/_mock/verify", {"times": 2})
    assert (status, told["error"]["type"]) == (409, "verification_failed")
    assert told["error"]["message"].startswith("mockserver: 2 requests for a message expected, 1 came")
    call(server, "PATCH", "/_mock/settings", {"on_unmatched": "error"})
    ask(server, "y")
    status, told = call(server, "POST", "/_mock/verify")
    assert (status, "1 request went wrong\nPOST /v1/messages 404" in told["error"]["message"]) == (409, True)
    assert call(server, "POST", "/_mock/verify", {"strict": []})[0] == 200


@pytest.mark.parametrize("form", [lambda body: body, lambda body: {"body": body}])
def test_an_explanation_changes_nothing(server, form):
    call(server, "POST", "/_s/a/_mock/scenarios", {"name": "own", "reply": "Try {{ attempt }}"})
    for _ in range(2):
        status, told = call(server, "POST", "/_s/a/_mock/explain", form(request("x")))
        assert (status, told["scenario"], told["message"]["content"][0]["text"]) == (200, "own", "Try 0")
        assert told["stages"]["validation"] == "strict: passed"
    assert call(server, "GET", "/_s/a/_mock/requests")[1]["requests"] == []
    call(server, "PATCH", "/_mock/settings", {"on_unmatched": "error", "api_key": ["secret"]})
    server.add({"match": {"user": "y"}, "reply": "Y"})
    told = call(server, "POST", "/_mock/explain", form(request("x")))[1]
    assert (told["answered"], told["status"], told["scenarios"][0]["name"]) == (False, 404, "code#1")


def test_a_body_that_is_too_large_is_no_empty_one(server):
    status, told = call(server, "POST", "/_mock/verify", b'{"times": 5}' + b" " * 33 * 1024 * 1024)
    assert (status, told["error"]["type"]) == (413, "too_large")


def test_names_end_where_they_end(server):
    for name in ("n", "n/"):
        call(server, "PUT", f"/_mock/scenarios/{name.replace('/', '%2F')}", {"match": {"user": name}, "reply": "x"})
    call(server, "DELETE", "/_mock/scenarios/n%2F")
    assert [one["name"] for one in call(server, "GET", "/_mock/scenarios")[1]["scenarios"]] == ["n"]


def test_half_a_surrogate_can_be_listed(server):
    server.reply("surrogate \ud83d")
    ask(server)
    assert call(server, "GET", "/_mock/scenarios")[0] == 200
    assert call(server, "GET", "/_mock/requests?format=jsonl")[0] == 200


def test_a_session_with_a_wrong_setting_is_not_made(server):
    assert call(server, "PUT", "/_mock/sessions/x", {"sede": 1})[0] == 400
    assert call(server, "GET", "/_mock/sessions/x")[0] == 404


def test_a_probe_may_keep_caches_away(server):
    assert call(server, "GET", "/_mock/health?t=1")[0] == 200


def test_metrics(server):
    server.add({"match": {"user": "x"}, "reply": "X", "usage": {"output_tokens": 3}})
    ask(server, "x")
    ask(server, "x", session="a")
    text = call(server, "GET", "/_mock/metrics")[1]
    lines = text.splitlines()
    assert 'mockserver_requests_total{status="200",verdict="answered"} 2.0' in lines
    assert 'mockserver_tokens_total{counter="output_tokens"} 6.0' in lines
    assert "mockserver_sessions 2.0" in lines
    assert f'mockserver_info{{version="{mockserver.__version__}"}} 1.0' in lines


def test_what_the_control_api_does_is_in_no_journal(server):
    call(server, "GET", "/_mock/health")
    call(server, "GET", "/_s/a/_mock/requests")
    assert len(server.all_requests) == 0


WRONG = [
    ("GET", "nope", None, 404, "not_found", "there is no /_mock/nope; `mockserver operations` lists what there is"),
    ("GET", "", None, 404, "not_found", "there is no /_mock; "),
    ("PATCH", "clock", None, 405, "method_not_allowed", "PATCH /_mock/clock: this takes GET, POST"),
    ("POST", "clock", b"{", 400, "invalid_request", "body: no JSON: "),
    ("POST", "clock", {}, 400, "invalid_request", "body: say 'freeze', 'speed' or 'advance'"),
    (
        "POST",
        "clock",
        {"freeze": True, "speed": 2},
        400,
        "invalid_request",
        "body: a clock that stands still ('freeze')",
    ),
    ("POST", "clock", {"advance": -1}, 400, "invalid_request", "advance: "),
    ("POST", "clock", {"freeze": "1999-01-01T00:00:00Z"}, 400, "invalid_request", "a clock cannot go back"),
    (
        "POST",
        "clock",
        {"fridge": True},
        400,
        "invalid_request",
        "unknown key 'fridge'; valid here: advance, freeze, speed",
    ),
    ("POST", "scenarios", {"repyl": "x"}, 400, "scenario_error", "repyl: unknown key 'repyl'; did you mean 'reply'?"),
    ("POST", "scenarios", "x", 400, "invalid_request", ""),
    ("PUT", "scenarios/a", {"name": "b", "reply": "x"}, 400, "scenario_error", "name: the scenario says 'b'"),
    ("GET", "scenarios/nope", None, 404, "not_found", "there is no scenario 'nope'; /_mock/scenarios lists them"),
    ("DELETE", "scenarios/nope", None, 404, "not_found", "there is no scenario 'nope'"),
    ("GET", "requests/7", None, 404, "not_found", "the journal has no request '7'"),
    ("GET", "requests?limti=1", None, 400, "invalid_request", "unknown key 'limti'; did you mean 'limit'?"),
    ("GET", "requests?limit=1&limit=2", None, 400, "invalid_request", "query: 'limit' is given twice"),
    ("GET", "clock?x=1", None, 400, "invalid_request", "query: GET clock takes none"),
    ("POST", "files", {"filename": "a"}, 400, "invalid_request", "content: Field required"),
    (
        "POST",
        "files",
        {"content": "a", "encoding": "base64", "filename": ""},
        400,
        "invalid_request",
        "body: 'content' is no",
    ),
    ("POST", "files", {"content": "a", "filename": "a?"}, 400, "file_error", "file: Filename contains a forbidden"),
    ("POST", "files", {"content": "a", "filename": "a", "id": "x"}, 400, "file_error", "'x' is no id of a file"),
    (
        "POST",
        "files",
        {"content": "a", "filname": "a"},
        400,
        "invalid_request",
        "filename: Field required; unknown key",
    ),
    ("POST", "reset", {"x": 1}, 400, "invalid_request", "body: POST reset takes none"),
    ("POST", "verify", {"where": {"usr": 1}}, 400, "invalid_request", "requests have no 'usr'; did you mean 'user'?"),
    ("PATCH", "settings", {"sede": 1}, 400, "settings_error", "session 'default': unknown setting 'sede'"),
    ("POST", "explain", {"path": 1}, 400, "invalid_request", "body:1:1: path: "),
    ("PUT", "limits", {"requst": 1}, 400, "settings_error", "limits: limits = "),
    ("PUT", "limits", {"limits": {"request": 1}}, 400, "settings_error", "limits: limits = "),
    ("GET", "sessions/nope", None, 404, "not_found", "there is no session 'nope'; one is made by its first request"),
    ("DELETE", "sessions/nope", None, 404, "not_found", "there is no session 'nope'"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "kind", "words"), WRONG)
def test_what_is_not_done_says_why(server, method, path, body, status, kind, words):
    found, told = call(server, method, f"/_mock/{path}".rstrip("/"), body)
    assert (found, told["error"]["type"]) == (status, kind), told
    assert told["error"]["message"].startswith(f"mockserver: {words}")


def test_files_are_changed_in_files(tmp_path):
    (tmp_path / "hello.yaml").write_text("reply: Hi\n", encoding="utf-8")
    with MockServer(tmp_path) as server:
        listed = call(server, "GET", "/_mock/scenarios")[1]["scenarios"]
        assert [(one["name"], one["origin"]) for one in listed] == [("hello", "file")]
        for method, body in (("PUT", {"reply": "x"}), ("DELETE", None)):
            status, told = call(server, method, "/_mock/scenarios/hello", body)
            assert status in (400, 404)
            assert "hello.yaml:1" in told["error"]["message"]
        call(server, "DELETE", "/_mock/scenarios")
        assert ask(server)[1]["content"][0]["text"] == "Hi"


def test_of_several_none_is_added_where_one_is_wrong(server):
    before = call(server, "GET", "/_mock/scenarios")[1]
    status, told = call(server, "POST", "/_mock/scenarios", [{"reply": "a"}, {"repyl": "b"}])
    assert (status, told["error"]["problems"][0]["path"]) == (400, "repyl")
    assert call(server, "GET", "/_mock/scenarios")[1] == before


# ------------------------------------------------------------------ who is let in

ADMITTED = [
    ("127.0.0.1", {"host": "127.0.0.1:8080"}, None, 200),
    ("127.0.0.1", {"host": "localhost:8080"}, None, 200),
    ("::1", {"host": "[::1]:8080"}, None, 200),
    ("127.0.0.1", {"host": "mock.localhost:8080", "origin": "http://localhost:3000"}, None, 200),
    ("127.0.0.1", {}, None, 200),
    ("127.0.0.1", {"host": "evil.example:8080"}, None, 403),
    ("127.0.0.1", {"host": "127.0.0.1:8080", "origin": "https://evil.example"}, None, 403),
    ("127.0.0.1", {"host": "127.0.0.1:8080", "origin": "null"}, None, 403),
    ("127.0.0.1", {"host": "[::1"}, None, 403),
    ("127.0.0.1", {"host": "proxy.example", "authorization": "Bearer t"}, "t", 200),
    ("127.0.0.1", {"host": "proxy.example", "authorization": "bearer t"}, "t", 200),
    ("127.0.0.1", {"host": "proxy.example", "authorization": "t"}, "t", 403),
    ("10.0.0.5", {"host": "10.0.0.5:8080"}, None, 401),
    ("10.0.0.5", {"host": "10.0.0.5:8080"}, "t", 401),
    ("10.0.0.5", {"host": "10.0.0.5:8080", "authorization": "Bearer x"}, "t", 401),
    ("10.0.0.5", {"host": "10.0.0.5:8080", "authorization": "Bearer t"}, "t", 200),
    ("fe80::1%eth0", {"host": "x"}, None, 401),
    ("not an address", {}, None, 401),
]


@pytest.mark.parametrize(("address", "headers", "token", "status"), ADMITTED)
def test_who_is_let_in(address, headers, token, status):
    engine = Engine(Library(), Settings(control_token=token))
    reply = answer(engine, Incoming("GET", "/_mock/clock", headers), address)
    assert reply.head.status == status
    if status == 401:
        assert (b"start it with --control-token" in reply.body) == (token is None)
    assert answer(engine, Incoming("GET", "/_mock/health", headers), address).head.status == 200


def test_a_bug_is_an_answer(monkeypatch):
    engine = Engine(Library(), Settings())
    monkeypatch.setattr(engine.sessions, "get", lambda _name: 1 / 0)
    reply = answer(engine, Incoming("GET", "/_mock/clock"), "127.0.0.1")
    assert reply.head.status == 500
    assert b"mockserver: a bug of the mock server, please report it: ZeroDivisionError" in reply.body
