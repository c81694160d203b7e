"""Several workers on one port: who answers, what is said, and that none outlives the process that started them."""

import contextlib
import errno
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest
from helpers import HEADERS, request
from launching import COMMAND, ask, ended, endless_stream, run, started

from mockserver.engine import Engine
from mockserver.scenario.library import Library
from mockserver.serving import ports, workers
from mockserver.serving.banner import banner
from mockserver.serving.worker import PATIENCE
from mockserver.settings import Settings, SettingsError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot divide a process")

TWO = ["--workers", "2"]
COMMANDS = {"flag": (TWO, {}), "variable": ([], {"MOCKSERVER_WORKERS": "2"})}
GONE = "the process that started this worker is gone, and so it ends"
MANY = 300
"""Connections until both of two workers must have been met: chance would fail once in 2**299 times."""


def who_answers(ready):
    """Which worker answers on a new connection."""
    with urllib.request.urlopen(f"{ready['control_url']}/health", timeout=20) as response:
        return response.headers["x-mock-worker"]


def pids(process):
    """The processes of two workers, by the log at level `debug`."""
    found = {}
    while len(found) < 2:
        line = process.stderr.readline().decode()
        assert line, "the log has ended"
        if said := re.search(r"\[worker (\d)\] process (\d+) accepts requests", line):
            found[said[1]] = int(said[2])
    return found


def asked_in_vain(asked):
    with contextlib.suppress(OSError):
        urllib.request.urlopen(asked, timeout=60).close()


def busiest(found):
    """Wait until one of the processes has worked for a second without a pause; return its name."""
    ticks = os.sysconf("SC_CLK_TCK")
    began = {name: worked(pid) for name, pid in found.items()}
    for _ in range(2000):
        for name, pid in found.items():
            if worked(pid) - began[name] > ticks:
                return name
        time.sleep(0.01)
    raise AssertionError("no worker is busy")


def worked(pid):
    """Ticks of processor time that a process took."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11])


@pytest.mark.parametrize(("flags", "variables"), COMMANDS.values(), ids=COMMANDS)
def test_both_workers_answer_on_one_port(flags, variables, either_loop, tmp_path):
    """And neither gives an id that the other gave: the numbers in the log are all different."""
    (tmp_path / "a.yaml").write_text("reply: Hi")
    with started(tmp_path, *flags, **variables, **either_loop) as (process, ready):
        assert (ready["workers"], ready["pid"]) == (2, process.pid)
        met = {who_answers(ready): ask(ready["base_url"]) for _ in range(20)}
        for _ in range(MANY):
            if len(met) == 2:
                break
            met[who_answers(ready)] = ask(ready["base_url"])
        assert met == {"1/2": ["Hi"], "2/2": ["Hi"]}
        process.terminate()
        code, rest, log = ended(process)
    assert (code, rest) == (0, b"")
    lines = [found for line in log if (found := re.match(r"\[worker (\d)\] #(\d+) POST /v1/messages 200 ", line))]
    assert len({line[2] for line in lines}) == len(lines) >= 20
    assert all(int(number) % 2 == int(worker) - 1 for worker, number in (line.groups() for line in lines))
    answered = [sum(line[1] == worker for line in lines) for worker in "12"]
    assert log[-2:] == ["requests answered: worker 1 {}, worker 2 {}".format(*answered), "stopped"]


def test_what_each_worker_has_alone_is_said_once_before_the_ready_line(tmp_path):
    (tmp_path / "a.yaml").write_text("attempts: [{error: overloaded}, {reply: b}]")
    with started(tmp_path, *TWO) as (process, _):
        process.terminate()
        _, _, log = ended(process)
    assert log[0] == "2 workers serve this port; a connection stays with one of them"
    assert log[1].startswith("each has its own: attempts")
    assert sum(line.startswith("beware: 'a' count attempts") for line in log) == 1
    assert len(log) == 7


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_whole_group_ends_all_in_order(number, slow, either_loop):
    """Ctrl-C in a terminal reaches every process; so does a service manager's SIGTERM. Only one of them minds."""
    command = [sys.executable, "-c", "import os, sys; os.setpgid(0, 0); os.execv(sys.argv[1], sys.argv[1:])", *COMMAND]
    with started(slow, *TWO, command=command, **either_loop) as (process, ready), endless_stream(ready):
        os.killpg(process.pid, number)
        code, _, log = ended(process)
    assert code == 0
    assert sum("(server stopped) <- slow turn 0" in line for line in log) == 1
    assert re.fullmatch(r"requests answered: worker 1 [01], worker 2 [01]", log[-2])
    assert log[-1] == "stopped"
    assert GONE not in "".join(log)


def test_all_end_with_standard_input(slow):
    with started(slow, *TWO, "--exit-with-parent", stdin=subprocess.PIPE) as (process, ready), endless_stream(ready):
        process.stdin.close()
        code, _, log = ended(process)
    assert code == 0
    assert log.count("the parent is gone: standard input has ended") == 1
    assert log[-1] == "stopped"


def test_a_killed_worker_ends_the_server_and_says_so(slow):
    with started(slow, *TWO, "--log-level", "debug") as (process, ready), endless_stream(ready):
        victim = pids(process)["2"]
        os.kill(victim, signal.SIGKILL)
        assert process.wait(20) == 1
        told = process.stderr.read().decode().splitlines()
    words = "was ended by SIGKILL; so the server has ended: what a worker knew is lost with it"
    assert told[-1] == f"error: worker 2 (process {victim}) {words}"
    assert "Traceback" not in "\n".join(told)


def test_a_killed_server_leaves_no_worker(slow, either_loop):
    """Its log ends when nobody is left that could write there."""
    with started(slow, *TWO, **either_loop) as (process, ready), endless_stream(ready):
        process.kill()
        _, rest, log = ended(process)
        assert rest == b""
        assert sorted(line for line in log if GONE in line) == [f"[worker {number}] {GONE}" for number in (1, 2)]
        with socket.socket() as sock:
            assert sock.connect_ex((ready["host"], ready["port"])) == errno.ECONNREFUSED


ENDS = {
    "stopped": (signal.SIGTERM, 1),
    "killed": (signal.SIGKILL, -signal.SIGKILL),
}


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="who is busy is read from /proc")
@pytest.mark.parametrize(("number", "expected"), ENDS.values(), ids=ENDS)
def test_a_worker_that_is_busy_without_end_ends_all_the_same(number, expected, tmp_path):
    """A regular expression that takes for ever keeps the loop from hearing anything."""
    (tmp_path / "a.yaml").write_text("match: {user: {regex: '(a+)+$'}}\nreply: Hi")
    with started(tmp_path, *TWO, "--log-level", "debug") as (process, ready):
        found = pids(process)
        body = json.dumps(request("a" * 60 + "b")).encode()
        asked = urllib.request.Request(f"{ready['base_url']}/v1/messages", body, HEADERS)
        client = threading.Thread(target=asked_in_vain, args=(asked,))
        client.start()
        busy = busiest(found)
        process.send_signal(number)
        code, _, log = ended(process)
        client.join(20)
    assert code == expected
    if number == signal.SIGTERM:
        words = f"(process {found[busy]}) was busy with one request for more than {PATIENCE} s and was ended by force; "
        assert f"worker {busy} {words}" in log[-1]


# -------------------------------------------------------------- what cannot be


def test_a_port_that_several_share_is_taken_for_everybody_else():
    """Another server would be given a share of the connections, and nobody would know which answers."""
    with started(*TWO) as (_, ready):
        for more in ([], TWO):
            code, out, err = run(*COMMAND[:-1], str(ready["port"]), *more)
            assert (code, out) == (1, b"")
            assert err == (
                f"error: port {ready['port']} on 127.0.0.1 is taken; stop what uses it, or choose another (0: any free one)\n"
            )


def test_what_cannot_be_served_is_told_once(tmp_path):
    (tmp_path / "a.yaml").write_text("repyl: Hi")
    code, out, err = run(*COMMAND, *TWO, tmp_path)
    assert (code, out) == (1, b"")
    assert err == f"error: {tmp_path / 'a.yaml'}:1:1: repyl: unknown key 'repyl'; did you mean 'reply'?\n"


def test_where_nobody_reads_the_first_words_no_worker_stays():
    reader, writer = os.pipe()
    os.close(reader)
    try:
        code, _, err = run(*COMMAND, *TWO, stdout=writer)
    finally:
        os.close(writer)
    assert code == 1
    assert err == "error: standard output was closed before the address was written to it; read that first\n"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("0", "0 processes cannot serve one port: say a number from 1 to 64; more than this machine has cores ("),
        ("65", "65 processes cannot serve one port: say a number from 1 to 64; more than this machine has cores ("),
        ("two", "'two' is not a valid integer"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(given, words):
    code, out, err = run(*COMMAND, "--workers", given)
    assert (code, out) == (2, b"")
    assert f"Invalid value for '--workers' (env var: 'MOCKSERVER_WORKERS'): {words}" in err


def an_engine():
    return Engine(Library(), Settings())


def test_where_processes_cannot_be_divided_it_says_so(monkeypatch):
    monkeypatch.delattr(os, "fork")
    with pytest.raises(SettingsError) as refused:
        workers.serve(an_engine(), ("127.0.0.1", 0), 2, banner, None)
    words = "this system cannot divide a process; serve without it, or start servers on ports of their own"
    assert str(refused.value) == f"--workers = 2: {words}"


def test_a_worker_that_cannot_be_started_is_told(monkeypatch):
    def fork():
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", fork)
    with pytest.raises(
        OSError, match="worker 3 cannot be started: Resource temporarily unavailable; try fewer --workers"
    ):
        workers._fork(3)


# -------------------------------------------------------------- sockets and lines


@pytest.mark.parametrize(
    "spreads", [pytest.param(True, marks=pytest.mark.skipif(not ports.SPREADS, reason="not here")), False]
)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", ""])
def test_all_processes_have_the_same_ports(spreads, host, monkeypatch):
    """Each its own sockets where the system spreads connections over them, else the very same."""
    monkeypatch.setattr(ports, "SPREADS", spreads)
    groups = ports.bound(host, 0, 3)
    sockets = {one for group in groups for one in group}
    try:
        assert len(groups) == 3
        assert len({tuple(one.getsockname()[:2] for one in group) for group in groups}) == 1
        assert len(sockets) == len(groups[0]) * (3 if spreads else 1)
    finally:
        for one in sockets:
            one.close()


WRITERS = """
import logging, os, sys
from mockserver.serving.logs import name_process, set_up_log
set_up_log("info", several=True)
first = os.fork() == 0
name_process("worker 1" if first else "worker 2")
for _ in range(50):
    logging.getLogger("mockserver").info("%s", ("a" if first else "b") * 30_000)
first or os.wait()
"""


def test_long_lines_of_several_processes_stay_whole():
    """A pipe keeps no more than 4 KB together, and less than a line fits into it."""
    _, _, err = run(sys.executable, "-c", WRITERS)
    lines = sorted(line.split(" ", 1)[1] for line in err.splitlines())
    assert lines == [f"[worker 1] {'a' * 30_000}"] * 50 + [f"[worker 2] {'b' * 30_000}"] * 50


def test_each_line_of_a_traceback_names_its_process():
    done = subprocess.run([sys.executable, "-c", TRACEBACK], capture_output=True, text=True, check=True)
    lines = done.stderr.splitlines()
    assert len(lines) > 3
    assert all("[worker 2] " in line for line in lines)


TRACEBACK = """
import logging
from mockserver.serving.logs import name_process, set_up_log
set_up_log("debug")
name_process("worker 2")
try:
    1 / 0
except ZeroDivisionError as error:
    logging.getLogger("mockserver").debug("a bug", exc_info=error)
"""
