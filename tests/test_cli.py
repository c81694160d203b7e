"""The command line, as a user types it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers import HEADERS, request, texts

from mockserver import __version__
from mockserver.cli import main
from mockserver.wire.errors import ERRORS

ROOT = Path(__file__).parent.parent


def run(*args, **env):
    result = CliRunner().invoke(main, [str(a) for a in args], env=env)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_version_and_help():
    assert run("--version").output == f"mockserver {__version__}\n"
    assert "serve" in run("--help").output
    assert "MOCKSERVER_SEED" in run("serve", "--help").output


def test_python_m():
    done = subprocess.run([sys.executable, "-m", "mockserver", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"mockserver {__version__}\n"


def test_check_of_good_files(tmp_path):
    (tmp_path / "a.yaml").write_text("reply: hi")
    result = run("check", tmp_path)
    assert (result.exit_code, result.output) == (0, "1 scenario, 0 errors, 0 warnings\n")


def test_check_tells_everything_and_fails(tmp_path):
    (tmp_path / "a.yaml").write_text("repyl: hi")
    (tmp_path / "b.yaml").write_text("reply: [{oops: {}}]")
    result = run("check", tmp_path)
    lines = result.output.splitlines()
    assert result.exit_code == 1
    assert lines[0] == f"error: {tmp_path / 'a.yaml'}:1:1: repyl: unknown key 'repyl'; did you mean 'reply'?"
    assert lines[1].startswith(f"warning: {tmp_path / 'b.yaml'}:1:10: reply[0].oops: unknown block type 'oops'")
    assert lines[2] == "1 scenario, 1 error, 1 warning"


def test_check_strict_fails_on_warnings(tmp_path):
    (tmp_path / "a.yaml").write_text("reply: [{oops: {}}]")
    assert run("check", tmp_path).exit_code == 0
    assert run("check", tmp_path, "--strict").exit_code == 1


def test_check_reads_the_settings_too(tmp_path):
    (tmp_path / "mockserver.yaml").write_text("sede: 1")
    result = run("check", tmp_path)
    assert result.exit_code == 1
    assert "unknown setting 'sede'; did you mean 'seed'?" in result.output


def test_check_of_a_folder_without_scenarios_fails(tmp_path):
    result = run("check", tmp_path)
    assert (result.exit_code, result.output) == (
        1,
        f"error: {tmp_path}: there is no scenario file (.yaml, .yml, .json) here\n0 scenarios, 1 error, 0 warnings\n",
    )


def test_check_needs_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("check")
    assert result.exit_code == 2
    assert "mockserver check scenarios/" in result.output


def test_the_schema_in_the_docs_is_the_schema():
    assert run("schema").output == (ROOT / "docs" / "scenario.schema.json").read_text(encoding="utf-8")


def test_the_reference_in_the_docs_is_the_reference():
    assert run("schema", "--format", "markdown").output == (ROOT / "docs" / "scenario-reference.md").read_text(
        encoding="utf-8"
    )


MISTAKES = {
    "a folder that is not there": (["nope"], {}, 1, "error: nope: there is no such file or folder"),
    "a bad flag": (["--seed", "x"], {}, 2, "Invalid value for '--seed': 'x' is not a valid integer"),
    "a bad variable": (
        [],
        {"MOCKSERVER_SEED": "x"},
        1,
        "error: MOCKSERVER_SEED = 'x': Input should be a valid integer",
    ),
    "a bad port variable": ([], {"MOCKSERVER_PORT": "x"}, 2, "Invalid value for '--port'"),
    "a bad time": (["--freeze", "soon"], {}, 1, "error: --freeze = 'soon': a time is written as ISO 8601"),
    "an empty key": (["--api-key", ""], {}, 1, "error: --api-key = ['']: a key must not be empty"),
    "a host that is none": (["--host", "256.256.256.256", "--port", "0"], {}, 1, "try --host 127.0.0.1"),
}


@pytest.mark.parametrize(("args", "env", "code", "words"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_told_without_a_traceback(args, env, code, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("serve", *args, **env)
    assert result.exit_code == code
    assert words in result.output
    assert "Traceback" not in result.output


class Served:
    """A server in a process of its own."""

    def __init__(self, *args, cwd=None, **env):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mockserver", "serve", "--port", "0", *map(str, args)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd, env={**os.environ, **env},
        )  # fmt: skip
        self.banner = ""
        while not self.banner.endswith("\n\n") and (line := self.process.stdout.readline()):
            self.banner += line
        found = re.search(r"on (http://\S+) ", self.banner)
        assert found, self.process.stderr.read()
        self.url = found[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def end(self, number):
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err

    def ask(self, body, path="/v1/messages", **headers):
        asked = urllib.request.Request(self.url + path, json.dumps(body).encode(), HEADERS | headers)
        with urllib.request.urlopen(asked, timeout=20) as response:
            return response.read()


def test_trouble_is_announced_told_and_summed_up(tmp_path):
    """The banner names what clients may run into; the log says what broke, what the client did, and sums it up."""
    (tmp_path / "a.yaml").write_text(
        "match: {user: again}\nattempts:\n- {error: {type: rate_limit, retry_after: 60}, fault: {slow_headers: 1s}}\n- {reply: b, delay: 3s}"
    )
    flags = ("--speed", "1000", "--limits", "requests=50", "--session-limits", "ci:requests=5", "--chaos", "mild")
    with Served(tmp_path, *flags, "--seed", "7") as server:
        first = server.banner.splitlines()[1]
        assert "; speed: 1000; limits per minute: 50 requests, 2,000,000 input_tokens, " in first
        assert "; limits of session ci per minute: 5 requests" in first
        assert first.endswith("; chaos: mild (--seed 7 brings the same faults again)")
        with pytest.raises(urllib.error.HTTPError) as limited:
            server.ask(request("again"))
        limited.value.read()
        limited.value.close()
        server.ask(request("again"))
        code, _, err = server.end(signal.SIGTERM)
    lines = [re.sub(r"^\S+ |\d+\.\d ms ", "", re.sub(r"\d\.\d\d s", "N s", line)) for line in err.splitlines()]
    assert code == 0
    assert lines == [
        f"#0 POST /v1/messages 429 claude-sonnet-5 <- a turn 0: {ERRORS['rate_limit_error'].message} !! slow_headers: 1 s",
        "#1 POST /v1/messages 200 claude-sonnet-5 <- a turn 0 attempt 1 (after N s again: #0)",
        "the client breaks 'retry-after': waited N s of the 60 s that retry-after asked for "
        "(#0 met 429 rate_limit_error, retry-after 60 s: sent again as #1 after N s)",
        "#0 met 429 rate_limit_error, retry-after 60 s: sent again as #1 after N s",
        "  breaks 'retry-after': waited N s of the 60 s that retry-after asked for",
        "stopped",
    ]


def test_serve(tmp_path):
    """A banner whose curl line works, one line a request, and a clean end."""
    (tmp_path / "a.yaml").write_text("match: {user: Hello}\nreply: Hi")
    with Served(tmp_path) as server:
        assert f"1 scenario from {tmp_path}; seed 0; unmatched: fallback" in server.banner
        curl = next(line for line in server.banner.splitlines() if line.strip().startswith("curl"))
        done = subprocess.run(["sh", "-c", curl], capture_output=True, text=True, check=True)
        assert done.stdout.startswith("event: message_start\n")
        assert '"text":"Hi"' in done.stdout
        server.ask(request("else"))
        server.ask(request("Hello"), "/_s/mine/v1/messages")
        code, out, err = server.end(signal.SIGTERM)
    lines = [re.sub(r"^\S+ |\d+\.\d ms", "", line) for line in err.splitlines()]
    assert (code, out) == (0, "")
    assert lines == [
        "#0 POST /v1/messages 200 claude-sonnet-5 stream  <- a turn 0",
        f"#1 POST /v1/messages 200 claude-sonnet-5  <- fallback: no scenario matches user 'else'; the closest is 'a' ({tmp_path}/a.yaml:1): user: want contains 'Hello' (any case), got 'else'",
        "[mine] #0 POST /v1/messages 200 claude-sonnet-5  <- a turn 0",
        "stopped",
    ]


def test_ctrl_c_ends_it_cleanly():
    with Served() as server:
        code, _, err = server.end(signal.SIGINT)
    assert code == 0
    assert "Traceback" not in err


def test_a_signal_ends_open_streams(tmp_path):
    (tmp_path / "a.yaml").write_text("reply: '{{ \"word \" * 900000 }}'")
    with Served(tmp_path, "--validation", "off") as server:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as sock:
            body = json.dumps(request("a", stream=True, max_tokens=10_000_000)).encode()
            head = f"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\nanthropic-version: 2023-06-01\r\ncontent-length: {len(body)}\r\n\r\n"
            sock.sendall(head.encode() + body)
            assert sock.recv(10).startswith(b"HTTP/1.1")
            code, _, err = server.end(signal.SIGTERM)
    assert code == 0
    assert "(server stopped)" in err
    assert "Traceback" not in err


def test_what_is_no_http_is_told_in_a_line():
    with Served() as server:
        host, port = server.url.removeprefix("http://").split(":")
        for raw in (
            b"\x16\x03\x01\x02\x00\x01\x00\x01",
            b"nonsense\r\n\r\n",
            b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
        ):
            with socket.create_connection((host, int(port))) as sock:
                sock.sendall(raw)
                assert b" 400 " in sock.recv(1000)
        _, _, err = server.end(signal.SIGTERM)
    assert "Traceback" not in err
    assert "a client got a 400: this is no HTTP: " in err


def test_a_taken_port_says_what_to_do():
    with Served() as server:
        port = server.url.rsplit(":", 1)[1]
        done = subprocess.run(
            [sys.executable, "-m", "mockserver", "serve", "--port", port], capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert (
        f"error: port {port} on 127.0.0.1 is taken; stop what uses it, or choose another (0: any free one)"
        in done.stderr
    )
    assert "Traceback" not in done.stderr


def test_scenarios_of_this_folder_are_served_where_none_are_named(tmp_path):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "a.yaml").write_text("reply: Hi")
    with Served(cwd=tmp_path) as server:
        assert "1 scenario from scenarios" in server.banner


def test_flags_variables_and_keys():
    with Served(
        "--api-key", "sk-one", "--api-key", "sk-two", "--validation", "off", MOCKSERVER_SEED="5", MOCKSERVER_SEDE="1"
    ) as server:
        assert "seed 5; unmatched: fallback; validation: off; keys: 2 given" in server.banner
        assert "x-api-key: sk-one" in server.banner
        assert server.ask(request(), **{"x-api-key": "sk-two"})
        _, _, err = server.end(signal.SIGTERM)
    assert "mockserver: the variable MOCKSERVER_SEDE is not read; did you mean 'MOCKSERVER_SEED'?" in err


def test_warnings_are_told_at_the_start_and_keys_are_redacted_in_the_log(tmp_path):
    (tmp_path / "a.yaml").write_text("match: {user: zzz}\nreply: [{oops: {}}]")
    with Served(tmp_path) as server:
        server.ask(request("my key is sk-ant-api03-verysecret, keep it"))
        _, _, err = server.end(signal.SIGTERM)
    assert "unknown block type 'oops'" in err
    assert "verysecret" not in err
    assert "sk-ant-api03-***" in err


def test_an_edited_file_is_served_by_the_running_server(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("reply: one")
    with Served(tmp_path) as server:
        assert texts(json.loads(server.ask(request()))) == ["one"]
        file.write_text("reply: another")
        assert any(texts(json.loads(server.ask(request()))) == ["another"] for _ in range(500))
        file.write_text("repyl: broken")
        assert all(texts(json.loads(server.ask(request()))) == ["another"] for _ in range(20))
        _, _, err = server.end(signal.SIGTERM)
    assert "reloaded 1 scenario\n" in err
    assert f"not reloaded, the old scenarios stay: {file}:1:1: repyl: unknown key 'repyl'; did you mean 'reply'?" in err
