"""Requests that repeat others to the byte are answered before they are read as HTTP: no byte is different by that."""

import asyncio
import contextlib
import json
import logging
import socket
from types import SimpleNamespace

import pytest
from helpers import request, wait_for
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver import Clock, MockServer
from mockserver.control.records import as_json, record_of
from mockserver.reply.steps import Beats
from mockserver.serving import guarding, playing, reading, refusing, shell
from mockserver.serving.connections import Connections
from mockserver.settings import Settings
from mockserver.state.tally import Tally

SCENARIOS = [
    {"match": {"user": "paced"}, "reply": "One word after the other.", "stream": {"interval": "1s", "chunk": "word"}},
    {"match": {"user": "twice"}, "reply": "Word. " * 5_000, "usage": {"output_tokens": 1}},
    {"match": {"user": "broken"}, "reply": "Gone.", "fault": {"after": {"events": 3}, "disconnect": "close"}},
    {"match": {"user": "again"}, "attempts": [{"error": "overloaded"}, {"reply": "one"}, {"reply": "two"}]},
    {"match": {"user": "hello"}, "reply": "Hello there."},
]


def raw(words, *, stream=False, method="POST", version="1.1", more="", body=None):
    body = json.dumps(request(words) | ({"stream": True} if stream else {})).encode() if body is None else body
    head = (
        f"{method} /v1/messages HTTP/{version}\r\nhost: x\r\nx-api-key: k\r\nanthropic-version: 2023-06-01\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n{more}\r\n"
    )
    return head.encode() + body


def in_chunks(body):
    head, _, data = raw("", body=body).partition(b"\r\n\r\n")
    head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.startswith(b"content-length"))
    return b"%b\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (head, len(data), data)


HELLO = raw("hello")
STREAM = raw("hello", stream=True)
PACED = raw("paced", stream=True)
KINDS = [
    HELLO,
    HELLO,
    STREAM,
    PACED,
    raw("twice"),
    raw("twice", stream=True),
    raw("again"),
    raw("broken", stream=True),
    raw("hello", more="connection: close\r\n"),
    raw("hello", stream=True, more="connection: close\r\n"),
    raw("hello", version="1.0"),
    raw("hello", stream=True, version="1.0", more="connection: keep-alive\r\n"),
    raw("hello", more="expect: 100-continue\r\n"),
    raw("hello", more="x-stainless-async: async:asyncio\r\n"),
    raw("hello", body=b"{"),
    raw("", method="GET", body=b""),
    in_chunks(HELLO.partition(b"\r\n\r\n")[2]),
]


class Client:
    """Asks one request after the other, on one connection while it lasts."""

    def __init__(self, server):
        host, port = server.base_url.removeprefix("http://").split(":")
        self.address = host, int(port)
        self.sock = None
        self.rest = b""

    def ask(self, *pieces):
        """Send the pieces of one request, and return its answer, as it came."""
        if self.sock is None:
            self.sock = socket.create_connection(self.address, timeout=20)
            self.rest = b""
        for piece in pieces:
            self.sock.sendall(piece)
        answer = self.answer()
        if b"HTTP/1.0" in b"".join(pieces) and b"connection: keep-alive" not in answer[0]:
            self.close()
        return answer

    def answer(self):
        head = self.until(b"\r\n\r\n")
        while head.startswith(b"HTTP/1.1 100"):
            head = self.until(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        lengths = [int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length")]
        if b"transfer-encoding: chunked" in lines:
            body = self.chunks()
        elif lengths:
            body = self.take(lengths[0])
        else:
            body = self.take(None)
        if b"connection: close" in lines:
            self.close()
        return head, body

    def chunks(self):
        body = b""
        while True:
            line = self.until(b"\r\n")
            if not line:  # broken off
                return body
            body += line + self.take(int(line, 16) + 2)
            if line == b"0\r\n":
                return body

    def until(self, mark):
        while mark not in self.rest and self.more():
            pass
        before, found, self.rest = self.rest.partition(mark)
        return before + found

    def take(self, size):
        while (size is None or len(self.rest) < size) and self.more():
            pass
        size = len(self.rest) if size is None else size
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def more(self):
        got = self.sock.recv(65536)
        self.rest += got
        if not got:
            self.sock.close()
            self.sock = None
        return bool(got)

    def close(self):
        """Close; a connection that the server closes as well."""
        if self.sock is not None:
            self.sock.close()
            self.sock = None


@contextlib.contextmanager
def serving(**given):
    with MockServer(**given) as server:
        for scenario in SCENARIOS:
            server.add(scenario)
        yield server


asks = st.tuples(st.integers(0, 1), st.sampled_from(KINDS), st.sampled_from([0, 0, 0, 1, 120]))


def played(server, steps):
    """Ask all; return what came, and what is noted of it."""
    clients = [Client(server), Client(server)]
    with contextlib.ExitStack() as stack:
        for client in clients:
            stack.callback(client.close)
        came = [clients[who].ask(*filter(None, (asked[:cut], asked[cut:]))) for who, asked, cut in steps]
    records = [json.loads(as_json(record_of(exchange))) for exchange in server.requests]
    for record in records:
        del record["trial"]
    return came, records


@settings(max_examples=max(25, settings.default.max_examples // 4), deadline=None)
@given(st.lists(asks, min_size=2, max_size=14))
def test_every_byte_is_the_same_as_where_all_is_read_as_http(steps):
    told = []
    for is_open in (True, False):
        with serving(freeze="2026-11-01T00:00:00Z", speed="instant", on_unmatched="fallback") as server:
            if is_open:
                told.append(played(server, steps))
            else:
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(Connections, "manner_of", lambda _self, _raw: None)
                    told.append(played(server, steps))
    assert told[0] == told[1]


@pytest.fixture
def known(monkeypatch):
    """A server that knows these requests, and would fail where a new connection had to be read as HTTP."""
    with serving(on_unmatched="fallback", speed="instant") as server:
        client = Client(server)
        for asked in (HELLO, STREAM, PACED, raw("twice"), raw("twice", stream=True)):
            for _ in range(3):
                client.ask(asked)
        client.close()
        monkeypatch.setattr(refusing.Server, "__call__", lambda _self: pytest.fail("read as HTTP"))
        yield server


@pytest.mark.parametrize("asked", [HELLO, STREAM, PACED, raw("twice"), raw("twice", stream=True)])
def test_what_repeats_another_request_is_not_read(known, asked):
    before = len(known.requests)
    client = Client(known)
    for _ in range(3):
        head, body = client.ask(asked)
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert body
    client.close()
    latest = list(known.requests)[before:]
    assert [exchange.sent for exchange in latest] == ["whole"] * 3
    assert len({exchange.message["id"] for exchange in latest}) == 3


def test_what_is_scripted_anew_is_said(known, monkeypatch):
    monkeypatch.undo()
    known.add({"match": {"user": "hello"}, "reply": "Something else.", "priority": 9})
    client = Client(known)
    assert b"Something else." in client.ask(HELLO)[1]
    client.close()


@pytest.mark.parametrize(("ago", "said"), [(0.0, b"Edited."), (30.0, b"Written.")])
def test_who_asked_before_the_last_look_at_the_files_needs_no_other(tmp_path, monkeypatch, ago, said):
    file = tmp_path / "hello.yaml"
    file.write_text("reply: Written.\n")
    with MockServer(file) as server:
        client = Client(server)
        for _ in range(4):
            assert b"Written." in client.ask(HELLO)[1]
        monkeypatch.setattr(shell, "seconds_ago", lambda _connection: ago)
        monkeypatch.setattr(reading, "seconds_ago", lambda _connection: ago)
        file.write_text("reply: Edited.\n")
        assert said in client.ask(HELLO)[1]
        client.close()


# ------------------------------------------------- while one is answered

END = b"\r\n0\r\n\r\n"


@pytest.fixture
def standing():
    """A server whose clock stands, and that knows the slow stream; and a client who has its beginning."""
    clock = Clock.frozen()
    with serving(clock=clock) as server:
        client = Client(server)
        for _ in range(4):
            client.sock = client.sock or socket.create_connection(client.address, timeout=20)
            client.sock.sendall(PACED)
            client.until(b"message_start")
            if len(server.requests) < 4:
                clock.advance(60)
                client.until(END)
        yield server, clock, client
        client.close()


def test_what_comes_behind_a_repeated_request_waits_for_its_answer(standing):
    server, clock, client = standing
    client.sock.sendall(HELLO[:50])
    client.sock.sendall(HELLO[50:] + PACED + HELLO)
    clock.advance(60)
    assert b"message_stop" in client.until(END)
    assert b"Hello there." in client.answer()[1]
    client.until(b"message_start")
    clock.advance(60)
    assert b"message_stop" in client.until(END)
    assert b"Hello there." in client.answer()[1]
    assert [exchange.sent for exchange in server.requests] == ["whole"] * 7


def test_a_client_that_leaves_is_noted(standing):
    server, _, client = standing
    client.close()
    wait_for(lambda: server.requests[-1].sent == "client gone")


def test_a_client_that_says_that_it_will_ask_no_more_leaves(standing):
    server, _, client = standing
    client.sock.shutdown(socket.SHUT_WR)
    assert END not in client.take(None)
    wait_for(lambda: server.requests[-1].sent == "client gone")


def test_a_server_stops_in_the_midst_of_it(standing):
    server, _, client = standing
    server.stop()
    with contextlib.suppress(ConnectionResetError):
        assert END not in client.take(None)
    assert server.requests[-1].sent == "server stopped"


def test_a_server_stops_while_clients_keep_connections(known):
    client = Client(known)
    client.ask(HELLO)
    known.stop()
    assert client.take(None) == b""


def test_a_bug_of_ours_ends_the_connection_and_is_told(known, monkeypatch, caplog):
    monkeypatch.setattr(playing.Framing, "pieces", lambda *_args: 1 / 0)
    client = Client(known)
    with caplog.at_level(logging.ERROR, "mockserver"):
        assert END not in b"".join(client.ask(PACED))
    assert "a repeated request was not answered to its end" in caplog.text
    assert "ZeroDivisionError" in caplog.text


# ------------------------------------------------------------ the guard


class Transport(asyncio.Transport):
    def __init__(self):
        super().__init__()
        self.done = []

    def write(self, data):
        self.done.append(data)

    def is_closing(self):
        return False

    def get_write_buffer_size(self):
        return 0

    def close(self):
        self.done.append("close")

    def pause_reading(self):
        self.done.append("pause")

    def resume_reading(self):
        self.done.append("resume")


class Inner(asyncio.Protocol):
    def __init__(self):
        self.told = []

    def data_received(self, data):
        self.told.append(data)

    def pause_writing(self):
        self.told.append("pause")

    def resume_writing(self):
        self.told.append("resume")


@pytest.fixture
def guarded():
    """A guard, its transport, and what serves it; and which requests were told again."""

    def make():
        inner, again = Inner(), []
        kept = Connections(Settings(), Tally())
        kept.manner_of = lambda _raw: guarding.Manner((1, 1), "POST", True, {})
        guard = kept.guarded(lambda: inner, lambda asked: again.append(asked.raw) or bool(asked.raw != b"new"))()
        transport = Transport()
        guard.connection_made(transport)
        return kept, guard, transport, inner, again

    return make


ALONE = [([HELLO], True), ([HELLO[:30], HELLO[30:]], True), ([HELLO[:-3], HELLO[-3:]], True), ([HELLO + b"P"], False)]


@pytest.mark.parametrize(("pieces", "is_alone"), ALONE)
def test_the_door_is_open_again_behind_a_request_that_came_alone(guarded, pieces, is_alone):
    async def asked():
        kept, guard, transport, inner, again = guarded()
        guard._retell = lambda _asked: False
        for piece in pieces:
            guard.data_received(piece)
        kept.begun(transport)
        size = len(HELLO.partition(b"\r\n\r\n")[2])
        raw = guard.whole({}, size)
        kept.done(transport)
        guard._retell = lambda asked: again.append(asked.raw) or True
        guard.data_received(HELLO)
        kept.close()
        return raw, inner.told, again

    came, told, again = asyncio.run(asked())
    assert came == (HELLO if pieces in ([HELLO], [HELLO[:30], HELLO[30:]]) else None)
    assert again == ([HELLO] if is_alone else [])
    assert told == pieces + ([] if is_alone else [HELLO])


@pytest.mark.parametrize("name", ["transfer-encoding", "content-encoding", "upgrade", "expect"])
def test_what_is_more_than_head_and_body_is_not_known(guarded, name):
    async def asked():
        kept, guard, _, _, _ = guarded()
        guard._retell = lambda _asked: False
        guard.data_received(HELLO)
        kept.close()
        return guard.whole({name: "x"}, len(HELLO.partition(b"\r\n\r\n")[2]))

    assert asyncio.run(asked()) is None


def test_who_reads_slowly_is_waited_for(guarded):
    async def asked():
        kept, guard, _, inner, _ = guarded()
        guard.pause_writing()
        waits = [asyncio.create_task(guard.drain()) for _ in range(2)]
        await asyncio.sleep(0)
        assert not any(wait.done() for wait in waits)
        guard.data_received(b"new")
        assert inner.told == ["pause", b"new"]
        waits[0].cancel()
        guard.resume_writing()
        await waits[1]
        await guard.drain()
        guard.pause_writing()
        guard.resume_writing()
        kept.close()
        return inner.told

    assert asyncio.run(asked()) == ["pause", b"new", "resume", "pause", "resume"]


# ------------------------------------------------------- what is late

LONG = b"x" * playing._TOGETHER
PAIRS = ((1.0, b"a"), (1.0, b"b"), (1.0, b"c"), (0.0, b"d"), (1.0, b"e"))
LATE = [
    (PAIRS, [101, 102, 103, 103, 104], [b"a", b"b", b"c", b"d", b"e"]),
    (PAIRS, [101, 103, 103, 104], [b"a", b"bc", b"d", b"e"]),
    (PAIRS, [102.5, 103.5, 103.5, 104.5], [b"ab", b"c", b"d", b"e"]),
    (PAIRS, [200, 200], [b"abc", b"de"]),
    (((1.0, LONG),) * 5, [200, 200, 200], [LONG * 2, LONG * 2, LONG]),
]


@pytest.mark.parametrize(("pairs", "times", "writes"), LATE)
def test_what_is_late_goes_out_together_but_for_what_is_to_be_apart_or_much(pairs, times, writes):
    class Waiting:
        async def beats(self, at, beat):
            while at is not None:
                now = left.pop(0)
                assert at <= now
                at = beat(now)

    async def drain():
        """Return at once: the client has read all."""

    asked = SimpleNamespace(transport=Transport(), writer=SimpleNamespace(drain=drain))
    left = list(times)
    exchange = SimpleNamespace(written=0)
    midst = playing._Playing(asked, Beats(pairs), 100.0, exchange, [data for _, data in pairs])
    asyncio.run(midst.to_the_end(Waiting()))
    assert (asked.transport.done, left) == (writes, [])
    assert (midst.at, exchange.written) == (100.0 + sum(pause for pause, _ in pairs), len(b"".join(writes)))
