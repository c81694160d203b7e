"""How many connections are open, and how long each may last, seen by raw sockets."""

import asyncio
import contextlib
import json
import logging
import socket
import urllib.request
from time import monotonic

import pytest
from anthropic import Anthropic, InternalServerError
from helpers import HEADERS, request

from mockserver import MockServer
from mockserver.serving import connections
from mockserver.serving.connections import Connections
from mockserver.settings import Settings
from mockserver.state.tally import Tally

HEAD = b"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\nanthropic-version: 2023-06-01\r\n"
BODY = json.dumps(request("Hi")).encode()
WHOLE = HEAD + b"content-length: %d\r\n\r\n" % len(BODY) + BODY


def connect(server):
    host, port = server.base_url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def to_the_end(sock):
    """All that comes until the server closes: status, headers, JSON."""
    raw = b""
    while chunk := sock.recv(65536):
        raw += chunk
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return int(status.split()[1]), dict(line.split(": ", 1) for line in lines), json.loads(body)


def answered(sock):
    """Ask on a connection, and read what comes at once; the connection goes on."""
    sock.sendall(WHOLE)
    return sock.recv(65536)


@pytest.fixture
def full():
    """A server that takes two connections, and both are open."""
    with MockServer(max_connections=2) as server, contextlib.ExitStack() as stack:
        server.reply("Hello")
        taken = [stack.enter_context(connect(server)) for _ in range(2)]
        for sock in taken:
            assert answered(sock).startswith(b"HTTP/1.1 200 ")
        yield server, taken


@pytest.mark.parametrize("raw", [WHOLE, HEAD, b"x", WHOLE + b"y" * 1_000_000])
def test_one_connection_too_many_is_told_so(full, raw):
    server, _ = full
    with connect(server) as third:
        third.sendall(raw)
        status, headers, body = to_the_end(third)
    assert (status, headers["x-should-retry"], headers["connection"]) == (503, "false", "close")
    words = "mockserver: 2 connections are open, and no more are taken; close some, or raise 'max_connections'"
    assert body == {"type": "error", "error": {"type": "api_error", "message": words}}
    assert len(server.requests) == 2


def test_one_who_repeats_what_was_asked_is_refused_as_well(full):
    server, (first, _) = full
    for _ in range(3):
        answered(first)
    with connect(server) as third:
        third.sendall(WHOLE)
        assert to_the_end(third)[0] == 503
    assert len(server.requests) == 5


def test_others_go_on_and_a_place_that_becomes_free_is_taken(full):
    server, (first, second) = full
    with connect(server) as third:
        third.sendall(WHOLE)
        assert to_the_end(third)[0] == 503
    assert answered(second).startswith(b"HTTP/1.1 200 ")
    first.shutdown(socket.SHUT_WR)
    assert first.recv(1) == b""  # the server has seen it, and closed its own end
    with connect(server) as third:
        assert answered(third).startswith(b"HTTP/1.1 200 ")


def test_the_sdk_says_what_the_matter_is(full):
    server, _ = full
    with Anthropic(base_url=server.base_url, api_key="k") as client, pytest.raises(InternalServerError) as caught:
        client.messages.create(max_tokens=5, model="claude-sonnet-5", messages=[{"role": "user", "content": "Hi"}])
    assert caught.value.status_code == 503
    assert "2 connections are open" in str(caught.value)


def test_a_crowd_is_told_once_in_the_log(full, caplog):
    server, _ = full
    with caplog.at_level(logging.WARNING, "mockserver"):
        for _ in range(3):
            with connect(server) as third:
                third.sendall(WHOLE)
                to_the_end(third)
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert [words[:24] for words in warnings] == ["connections are refused:"]


def test_who_is_refused_is_bounded_too(full, monkeypatch):
    """Of clients that say nothing, so many are waited for; any other is told at once."""
    server, _ = full
    monkeypatch.setattr(connections, "MOST_REFUSED", 1)
    with connect(server) as silent, connect(server) as other:
        assert to_the_end(other)[0] == 503
        silent.sendall(WHOLE)
        assert to_the_end(silent)[0] == 503


def test_open_connections_are_told(full):
    server, (first, _) = full
    first.sendall(b"GET /_mock/health HTTP/1.1\r\nhost: localhost\r\n\r\n")
    assert json.loads(first.recv(65536).partition(b"\r\n\r\n")[2])["connections"] == 2
    with connect(server) as third:
        third.sendall(WHOLE)
        to_the_end(third)
    first.sendall(b"GET /_mock/metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
    text = b"".join(iter(lambda: first.recv(65536), b"")).decode()
    assert "\nmockserver_connections 2.0\n" in text
    assert "\nmockserver_refused_connections_total 1.0\n" in text


def test_a_server_stops_while_it_refuses(full):
    server, _ = full
    with connect(server) as third:
        third.sendall(b"x")
        assert third.recv(9) == b"HTTP/1.1 "
        server.stop()


# ------------------------------------------------------------------ time


@pytest.fixture
def hasty():
    with MockServer(request_timeout=0.05) as server:
        server.reply("Hello")
        yield server


@pytest.mark.parametrize("raw", [b"P", HEAD])
def test_a_head_that_does_not_come_in_time_gets_a_408(hasty, raw, caplog):
    with connect(hasty) as sock:
        sock.sendall(raw)
        status, headers, body = to_the_end(sock)
    assert (status, headers["x-should-retry"], body["error"]["type"]) == (408, "false", "timeout_error")
    words = "mockserver: the head of this request was not complete within 0.05 s ('request_timeout')"
    assert body["error"]["message"] == words
    assert "a client got a 408" in caplog.text
    assert len(hasty.requests) == 0


@pytest.mark.parametrize("framing", [b"content-length: 100", b"transfer-encoding: chunked"])
def test_a_body_that_does_not_come_in_time_gets_the_api_s_own_refusal(hasty, framing, caplog):
    """Source of the words and the code: the `anthropic` package (`request_body_timeout`)."""
    with connect(hasty) as sock:
        sock.sendall(HEAD + framing + b'\r\n\r\n5\r\n{"mod\r\n')
        head, _, body = sock.recv(65536).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    error = json.loads(body)["error"]
    assert error["message"] == "The request body did not finish arriving in time, so nothing was done."
    assert error["details"]["error_code"] == "request_body_timeout"
    assert hasty.requests[0].verdict == "refused"
    assert "did not come within 0.05 s ('request_timeout')" in caplog.text


def test_a_body_whose_end_does_not_come_is_no_repeated_request(hasty):
    """Its bytes are those of a request that was answered before, but for the chunk that ends it."""
    raw = HEAD + b"transfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (len(BODY), BODY)
    with connect(hasty) as sock:
        for _ in range(3):
            sock.sendall(raw + b"0\r\n\r\n")
            assert sock.recv(65536).startswith(b"HTTP/1.1 200 ")
        sock.sendall(raw)
        assert sock.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_the_control_api_does_not_wait_either(hasty):
    with connect(hasty) as sock:
        sock.sendall(b"POST /_mock/scenarios HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{")
        head, _, body = sock.recv(65536).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error"]["message"].startswith("mockserver: body: the rest of it did not come in time")


def test_a_slow_answer_is_no_slow_request(hasty):
    """Time to ask ends where the request is complete: an answer may take as long as its scenario says."""
    hasty.reset()
    hasty.reply("Late", delay="300ms")
    with connect(hasty) as sock:
        assert answered(sock).startswith(b"HTTP/1.1 200 ")
        assert answered(sock).startswith(b"HTTP/1.1 200 ")


class Transport(asyncio.Transport):
    """Notes what is done with it."""

    def __init__(self):
        super().__init__()
        self.done = []

    def write(self, data):
        self.done.append(data[:12])

    def close(self):
        self.done.append("close")

    def abort(self):
        self.done.append("abort")


PHASES = [("idle", ["close"]), ("asking", [b"HTTP/1.1 408", "close"]), ("answering", ["abort", "close"])]


@pytest.mark.parametrize(("phase", "done"), PHASES)
def test_each_phase_of_a_connection_ends_in_its_own_way(phase, done):
    async def last():
        tally = Tally()
        kept = Connections(Settings(), tally)
        guard, transport = kept.guarded(asyncio.Protocol, lambda _asked: False)(), Transport()
        guard.connection_made(transport)
        if phase != "idle":
            guard.data_received(b"x")
        if phase == "answering":
            kept.begun(transport)
        kept._look()
        assert transport.done == []
        guard.due = 0.0
        kept._look()
        assert tally.connections == 1
        guard.connection_lost(None)
        assert tally.connections == 0
        kept.close()
        return transport.done

    assert asyncio.run(last()) == done


def test_a_connection_that_is_answered_is_idle_again():
    async def phases():
        kept = Connections(Settings(request_timeout=7), Tally())
        guard, transport = kept.guarded(asyncio.Protocol, lambda _asked: False)(), Transport()
        now = monotonic()
        guard.connection_made(transport)
        found = [guard.due]
        for act in (lambda: guard.data_received(b"x"), lambda: kept.begun(transport), lambda: kept.done(transport)):
            act()
            found.append(guard.due)
        kept.close()
        return [round(due - now) for due in found]

    assert asyncio.run(phases()) == [3600, 7, 24 * 3600, 3600]


def test_what_is_mounted_elsewhere_is_not_counted():
    kept = Connections(Settings(), Tally())
    kept.begun(None)
    kept.done(Transport())
    assert kept._open == {}


def test_without_a_limit_reached_nothing_is_different(full):
    server, (first, second) = full
    first.close()
    second.close()
    asked = urllib.request.Request(f"{server.base_url}/v1/messages", BODY, HEADERS)
    with urllib.request.urlopen(asked, timeout=20) as response:
        assert response.status == 200
