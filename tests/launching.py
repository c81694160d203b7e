"""Servers in processes of their own: started, asked, ended. Not here: what tests expect of them."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request

from helpers import HEADERS, request, texts

COMMAND = [sys.executable, "-m", "mockserver", "serve", "--port", "0"]


@contextlib.contextmanager
def started(*args, command=COMMAND, stdin=subprocess.DEVNULL, **env):
    """Start a server; give the process and its ready line. Nothing of it is left, even where the test fails."""
    with subprocess.Popen(
        [*command, "--ready-json", *map(str, args)],
        stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **env},
    ) as process:  # fmt: skip
        line = process.stdout.readline()
        assert line, process.stderr.read().decode()
        ready = json.loads(line)
        try:
            yield process, ready
        except BaseException:
            os.kill(ready["pid"], signal.SIGKILL)
            raise
        finally:
            process.kill()


def ended(process):
    """Wait for the end; return the code, what else was written to standard output, and the log without its times."""
    code = process.wait(20)
    return code, process.stdout.read(), [line.split(" ", 1)[1] for line in process.stderr.read().decode().splitlines()]


def run(*command, **more):
    """Run a command to its end; return the code, standard output and standard error."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
    done = subprocess.run(command, check=False, timeout=20, **{**streams, **more})
    return done.returncode, done.stdout, done.stderr.decode()


def ask(base_url, key="any"):
    asked = urllib.request.Request(
        f"{base_url}/v1/messages", json.dumps(request()).encode(), {**HEADERS, "x-api-key": key}
    )
    with urllib.request.urlopen(asked, timeout=20) as response:
        return texts(json.load(response))


@contextlib.contextmanager
def endless_stream(ready):
    """A client in the midst of a stream that takes an hour."""
    body = json.dumps(request(stream=True)).encode()
    head = f"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\nanthropic-version: 2023-06-01\r\ncontent-length: {len(body)}\r\n\r\n"
    with socket.create_connection((ready["host"], ready["port"])) as sock:
        sock.sendall(head.encode() + body)
        assert sock.recv(15) == b"HTTP/1.1 200 OK"
        yield
