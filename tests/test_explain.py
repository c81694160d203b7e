"""`mockserver explain`, as a user types it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers import engine, post, request

from mockserver.cli import main
from mockserver.control.exports import export


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("scenarios").mkdir()
    Path("scenarios/weather.yaml").write_text("# a comment\nmatch: {user: weather}\nreply: Sunny.")
    Path("hit.json").write_text(json.dumps(request("The weather?")))
    Path("miss.json").write_text(json.dumps(request()))
    return tmp_path


def run(*args, stdin=None, **env):
    result = CliRunner().invoke(main, ["explain", *args], input=stdin, env=env)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_request_that_is_answered(folder):
    result = run("hit.json")
    assert result.exit_code == 0
    assert "\nmatching    scenario 'weather' (scenarios/weather.yaml:2), turn 0: user holds\n" in result.output
    assert '"text": "Sunny."' in result.output


def test_a_request_that_nothing_matches(folder):
    result = run("miss.json", "scenarios/weather.yaml")
    assert result.exit_code == 1
    assert (
        "matching    no scenario matches: the answer is made up\n"
        "            the nearest:\n"
        "              'weather' (scenarios/weather.yaml:2)\n"
        "                user: want contains 'weather' (any case), got 'Hello'\n"
    ) in result.output
    strict = run("miss.json", "--on-unmatched", "error")
    assert (strict.exit_code, "answer      404" in strict.output) == (1, True)


def test_a_request_that_is_refused(folder):
    result = run("-", stdin=json.dumps(request(max_tokens=0.5)))
    assert result.exit_code == 1
    assert "validation  strict: refused (schema): 400 invalid_request_error: max_tokens: " in result.output
    assert run("-", "--validation", "off", stdin=json.dumps(request("weather", oops=1))).exit_code == 0
    assert run("-", stdin=json.dumps(request("weather", oops=1)), MOCKSERVER_VALIDATION="off").exit_code == 0


def test_a_line_of_the_journal(folder):
    server = engine({"reply": "x"})
    post(server, request("The weather?"))
    Path("line.jsonl").write_text(export(server.sessions.get("default").journal.exchanges, "jsonl"))
    assert run("line.jsonl", "--api-key", "k").exit_code == 0


def test_all_and_the_full_answer(folder):
    Path("scenarios/other.yaml").write_text("match: {user: other, model: x}\nreply: " + "x" * 400)
    told = run("hit.json", "--all").output
    assert "'weather' (scenarios/weather.yaml:2) answers\n" in told
    assert "                model: want 'x', got 'claude-sonnet-5'\n" in told
    other = json.dumps(request("other") | {"model": "x"})
    assert "x" * 400 not in run("-", "--model", "x", stdin=other).output
    assert "x" * 400 in run("-", "--model", "x", "--answer", "full", stdin=other).output


MISTAKES = {
    "no file": (
        ["nope.json"],
        None,
        "error: nope.json: No such file or directory; name a file, or - for standard input",
    ),
    "a folder": (["scenarios"], None, "error: scenarios: Is a directory; name a file, or - for standard input"),
    "nothing": (["-"], "", "error: standard input:1:1: it is empty; a request is its body, "),
    "no JSON": (["-"], "{", "error: standard input:1:2: not JSON: "),
    "no scenarios": (["hit.json", "nope"], None, "error: nope: there is no such file or folder"),
    "a bad setting": (["hit.json", "--freeze", "soon"], None, "error: --freeze = 'soon': "),
    "no request": ([], None, "Error: Missing argument 'REQUEST'."),
    "an unknown answer": (["hit.json", "--answer", "x"], None, "Invalid value for '--answer'"),
}


@pytest.mark.parametrize(("args", "stdin", "words"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_told_in_a_line(args, stdin, words, folder):
    result = run(*args, stdin=stdin)
    assert result.exit_code == 2
    assert words in result.output
    assert "Traceback" not in result.output
    assert words.startswith("error") <= (len(result.output.splitlines()) == 1)


def test_variables_that_nothing_reads_are_told(folder):
    assert "MOCKSERVER_SEDE is not read" in run("hit.json", MOCKSERVER_SEDE="1").stderr


def test_a_request_in_a_dialect(folder):
    """A body goes to the path of the dialect, with its models; a refusal names its stage."""
    body = json.dumps(request("The weather?", model="openai/gpt-4o"))
    result = run("-", "--dialect", "bifrost", stdin=body)
    assert (result.exit_code, "validation  strict: passed" in result.output) == (0, True)
    result = run("-", "--dialect", "relay", stdin=body)
    assert (result.exit_code, "refused (rule models.known): 404 not_found_error" in result.output) == (1, True)
    wrong = run("-", "--dialect", "bifrost", stdin=json.dumps({"path": "/v1/messages", "body": request()}))
    assert "refused (transport): 404 not_found_error: mockserver: the dialect 'bifrost' serves" in wrong.output
    keyless = run("-", "--dialect", "relay", stdin=json.dumps({"headers": {}, "body": request()}))
    assert "refused (credentials): 401 authentication_error: authorization header is required" in keyless.output


def test_a_line_of_the_journal_in_a_dialect(folder):
    server = engine({"reply": "x"}, dialect="bifrost")
    post(server, request("The weather?"), path="/anthropic/v1/messages")
    line = export(server.sessions.get("default").journal.exchanges, "jsonl").splitlines()[0]
    assert (json.loads(line)["prefix"], json.loads(line)["path"]) == ("/anthropic", "/v1/messages")
    assert run("-", "--dialect", "bifrost", stdin=line).exit_code == 0
