"""The server as a child of another program: how it says that it is ready, and what ends it."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys

import pytest
from launching import COMMAND, ask, ended, endless_stream, run, started

from mockserver import __version__

NO_PIPE = "not a pipe whose end tells that the parent is gone; start the server with a pipe as its standard input"


@pytest.mark.unmeasured
def test_the_ready_line_is_all_of_standard_output_and_true(tmp_path):
    (tmp_path / "a.yaml").write_text("reply: Hi")
    with started(tmp_path, "--api-key", "sk-one", "--api-key", "sk-two") as (process, ready):
        assert ask(ready["base_url"], ready["api_key"]) == ["Hi"]
        process.terminate()
        code, rest, log = ended(process)
    assert (code, rest) == (0, b"")
    assert log[-1] == "stopped"
    assert ready == {
        "base_url": f"http://127.0.0.1:{ready['port']}",
        "control_url": f"http://127.0.0.1:{ready['port']}/_mock",
        "api_key": "sk-one",
        "host": "127.0.0.1",
        "port": ready["port"],
        "pid": process.pid,
        "version": __version__,
    }


@pytest.mark.unmeasured
def test_the_ready_line_has_the_base_url_of_the_dialect():
    with started("--dialect", "bifrost") as (_, ready):
        root = f"http://127.0.0.1:{ready['port']}"
        assert (ready["base_url"], ready["control_url"]) == (f"{root}/anthropic", f"{root}/_mock")
        assert ask(ready["base_url"])
        assert ask(f"{ready['base_url']}/_s/test")


@pytest.mark.unmeasured
def test_where_it_listens_everywhere_the_ready_line_says_where_to_ask():
    with started("--host", "0.0.0.0") as (_, ready):
        assert ready["base_url"] == f"http://127.0.0.1:{ready['port']}"
        assert ready["host"] == "127.0.0.1"
        assert ask(ready["base_url"], ready["api_key"])


SPARED = [
    *("faker", "jinja2", "jmespath", "rstr", "prometheus_client", "python_multipart", "pytest"),
    *("mockserver.control.", "mockserver.queries", "mockserver.testing", "mockserver.tables"),
    *("mockserver.serving.threaded", "mockserver.serving.worker", "mockserver.scenario.reference"),
    *("mockserver.engine.filing", "mockserver.engine.listing", "mockserver.validation.uploads"),
]
"""Beginnings of the names of modules that a plain answer needs nothing of."""


@pytest.mark.unmeasured
def test_what_a_first_plain_answer_needs_is_all_that_is_imported(tmp_path):
    (tmp_path / "a.yaml").write_text("match: {user: Hi}\nreply: Hi")
    (tmp_path / "b.yaml").write_text("reply: [text: Hello]")
    command = [COMMAND[0], "-X", "importtime", *COMMAND[1:]]
    with started(tmp_path, command=command) as (process, ready):
        assert ask(ready["base_url"]) == ["Hello"]
        process.terminate()
        imported = re.findall(r"^import time:.*\| +(\S+)$", process.stderr.read().decode(), re.MULTILINE)
    assert {"aiohttp", "yaml", "mockserver.engine.pipeline"} <= set(imported)
    assert [name for name in imported if name.startswith(tuple(SPARED))] == []


AS_A_PROGRAM = """
import gc, os, ssl, sys
import mockserver.__main__
before = gc.isenabled(), "SSL_CERT_FILE" in os.environ
try:
    mockserver.__main__.main()
except SystemExit as end:
    print(*before, end.code, gc.isenabled(), gc.get_freeze_count() > 1000)
    print(ssl.create_default_context().cert_store_stats()["x509_ca"])
"""


@pytest.mark.unmeasured
@pytest.mark.skipif(sys.platform == "win32", reason="authorities come from the system there")
def test_a_program_collects_garbage_when_it_serves_and_reads_no_authorities():
    """Both are set where the program begins, and not where a module of it is imported."""
    flags = ["serve", "--port", "0", "--ready-json", "--exit-with-parent"]
    plain = {name: value for name, value in os.environ.items() if name != "SSL_CERT_FILE"}
    code, out, err = run(sys.executable, "-c", AS_A_PROGRAM, *flags, stdin=None, input=b"", env=plain)
    assert (code, out.splitlines()[1:]) == (0, [b"True False 0 True True", b"0"]), err


@pytest.mark.unmeasured
def test_variables_do_the_same():
    switches = {"MOCKSERVER_READY_JSON": "1", "MOCKSERVER_EXIT_WITH_PARENT": "true"}
    code, out, err = run(*COMMAND, stdin=None, input=b"", env={**os.environ, **switches})
    assert code == 0
    assert json.loads(out)["version"] == __version__
    assert "the parent is gone" in err
    assert "is not read" not in err


@pytest.mark.unmeasured
def test_what_it_cannot_serve_is_told_and_no_ready_line_comes(tmp_path):
    words = f"error: {tmp_path / 'nope'}: there is no such file or folder\n"
    assert run(*COMMAND, "--ready-json", tmp_path / "nope") == (1, b"", words)


@pytest.mark.unmeasured
@pytest.mark.parametrize("flags", [[], ["--ready-json"]], ids=["the banner", "the ready line"])
def test_where_nobody_reads_the_first_words_it_says_so(flags):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        code, _, err = run(*COMMAND, *flags, stdout=writer)
    finally:
        os.close(writer)
    assert (code, err) == (
        1,
        "error: standard output was closed before the address was written to it; read that first\n",
    )


@pytest.mark.unmeasured
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well_while_a_stream_is_open(number, slow, either_loop):
    with started(slow, **either_loop) as (process, ready), endless_stream(ready):
        process.send_signal(number)
        code, _, log = ended(process)
    assert code == 0
    assert "(server stopped) <- slow turn 0" in log[0]
    assert log[1:] == ["stopped"]


def test_signals_while_it_stops_change_nothing(slow, either_loop):
    """Ctrl-C reaches a whole group of processes, so the parent's end and signals may come together."""
    with (
        started(slow, "--exit-with-parent", stdin=subprocess.PIPE, **either_loop) as (process, ready),
        endless_stream(ready),
    ):
        process.stdin.close()
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.001)
        code, _, log = ended(process)
    assert code == 0
    assert log[-1] == "stopped"


def a_pipe():
    return os.pipe()


def a_pipe_that_does_not_block():
    ends = os.pipe()
    os.set_blocking(ends[0], False)
    return ends


def a_socket():
    """What Node gives as a pipe."""
    return tuple(end.detach() for end in socket.socketpair())


@pytest.mark.parametrize("make", [a_pipe, a_pipe_that_does_not_block, a_socket])
def test_it_ends_with_its_standard_input(make, slow):
    server_end, our_end = make()
    try:
        with started(slow, "--exit-with-parent", stdin=server_end) as (process, ready), endless_stream(ready):
            os.close(server_end)
            os.write(our_end, b"What is said here means nothing.\n")
            os.close(our_end)
            our_end = None
            code, rest, log = ended(process)
    finally:
        if our_end is not None:
            os.close(our_end)
    assert (code, rest) == (0, b"")
    assert log[0] == "the parent is gone: standard input has ended"
    assert "(server stopped)" in log[1]
    assert log[2:] == ["stopped"]


PARENTS = {
    "a pipe": """
import subprocess, sys
subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE).wait()
""",
    "a pipe that a sibling holds open": """
import os, subprocess, sys
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
os.set_inheritable(server.stdin.fileno(), True)
sibling = [sys.executable, "-c", "import sys; sys.stdin.read()"]
null = subprocess.DEVNULL
subprocess.Popen(sibling, stdout=null, stderr=null, close_fds=False).wait()
""",
    "a terminal": """
import os, subprocess, sys
_, terminal = os.openpty()
subprocess.Popen(sys.argv[1:], stdin=terminal).wait()
""",
}


@pytest.mark.parametrize("parent", PARENTS)
def test_a_killed_parent_leaves_no_orphan(parent, slow):
    """Both pipes end when all have ended that could write to them: the parent, and the server."""
    command = [sys.executable, "-c", PARENTS[parent], *COMMAND]
    made = started(slow, "--exit-with-parent", command=command, stdin=subprocess.PIPE)
    with made as (process, ready), endless_stream(ready):
        assert process.pid != ready["pid"]
        process.kill()
        _, rest, log = ended(process)
    assert rest == b""
    assert any(line.startswith("the parent is gone: ") for line in log)
    assert log[-1] == "stopped"


def test_a_terminal_is_not_read():
    """Reading would take what is typed there, and would stop a job in the background."""
    ours, terminal = os.openpty()
    try:
        with started("--exit-with-parent", stdin=terminal) as (process, _):
            os.write(ours, b"typed\n\x04")
            process.terminate()
            code, _, log = ended(process)
        assert os.read(terminal, 100) == b"typed\n"
    finally:
        os.close(ours)
        os.close(terminal)
    assert code == 0
    words = f"standard input is a terminal and is not read; the server ends with process {os.getpid()}"
    assert log == [words, "stopped"]


NEVER_ENDING = {
    "the null device": (COMMAND, f"{os.devnull} or another device"),
    "a file": (["sh", "-c", 'exec "$@" <"$0"', __file__, *COMMAND], "a file"),
    "closed": (["sh", "-c", 'exec "$@" <&-', "sh", *COMMAND], "closed"),
}


@pytest.mark.parametrize(("command", "kind"), NEVER_ENDING.values(), ids=NEVER_ENDING)
def test_an_input_that_could_not_tell_is_refused(command, kind):
    code, out, err = run(*command, "--ready-json", "--exit-with-parent")
    assert (code, out) == (1, b"")
    assert err.startswith(f"error: --exit-with-parent: standard input is {kind}, {NO_PIPE}")
    assert err.count("\n") == 1


def test_without_the_flag_a_closed_input_is_no_trouble(either_loop):
    """The first socket would get its number, and uvloop does not close what looks like a standard stream."""
    closed = ["sh", "-c", 'exec "$@" <&-', "sh", *COMMAND]
    with started(command=closed, **either_loop) as (process, ready):
        assert ask(ready["base_url"])
        process.terminate()
        code, _, log = ended(process)
    assert code == 0
    assert log[1:] == ["stopped"]
