"""The bytes on the wire, seen by a raw socket: framing, envelopes of every error, ends."""

import gzip
import json
import socket
import threading
import time

import pytest
from helpers import events_of, request, wait_for

from mockserver import Clock, MockServer
from mockserver.wire.events import fold

BIG = {"content": [{"type": "text", "text": "word " * 8_000_000}], "stop_reason": "end_turn"}
"""40 MB: more than the buffers between server and client hold."""


@pytest.fixture(scope="module")
def server():
    with MockServer(clock=Clock.frozen()) as running:
        running.add({"match": {"user": "hello"}, "reply": "Hi 🌍"})
        running.add({"match": {"user": "big"}, "message": BIG, "stream": {"chunk": "message"}})
        running.add({"match": {"user": "header"}, "reply": "a", "headers": {"x-mine": "b"}})
        yield running


def connect(server):
    host, port = server.base_url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def exchange(server, raw):
    """Send bytes, return all that comes until the server closes."""
    with connect(server) as sock:
        sock.sendall(raw)
        chunks = []
        while chunk := sock.recv(65536):
            chunks.append(chunk)
        return b"".join(chunks)


def post(body, *headers, target="/v1/messages", method="POST", version="HTTP/1.1"):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [
        f"{method} {target} {version}",
        "host: x",
        "x-api-key: k",
        "anthropic-version: 2023-06-01",
        f"content-length: {len(raw)}",
        "connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


def parse(raw):
    head, _, body = raw.partition(b"\r\n\r\n")
    status_line, *lines = head.decode().split("\r\n")
    headers = [line.split(": ", 1) for line in lines]
    assert len({k.lower() for k, _ in headers}) == len(headers), "no header comes twice"
    found = {k.lower(): v for k, v in headers}
    if found.get("transfer-encoding") == "chunked":
        body = dechunk(body)
    return int(status_line.split()[1]), found, body


def dechunk(body):
    whole = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            assert body == b"\r\n"
            return whole
        whole, body = whole + body[:length], body[length + 2 :]


def test_a_plain_answer(server):
    status, headers, body = parse(exchange(server, post(request("hello"))))
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert int(headers["content-length"]) == len(body)
    assert body.startswith(b'{"model":"claude-sonnet-5","id":"msg_011C')
    assert "Hi 🌍".encode() in body
    assert not body.endswith(b"\n")


def test_a_stream(server):
    status, headers, body = parse(exchange(server, post(request("hello", stream=True))))
    assert status == 200
    assert (headers["content-type"], headers["cache-control"]) == ("text/event-stream; charset=utf-8", "no-cache")
    assert "content-length" not in headers
    assert body.startswith(b'event: message_start\ndata: {"type":"message_start","message":{"model":"claude-sonnet-5"')
    assert b'event: ping\ndata: {"type": "ping"}\n\n' in body
    assert body.endswith(b"}\n\n")
    assert fold(events_of(body))["content"] == [{"type": "text", "text": "Hi 🌍"}]


def test_headers_as_the_api_sends_them(server):
    _, headers, body = parse(exchange(server, post(request("hello"))))
    assert headers["server"] == "cloudflare"
    assert "aiohttp" not in str(headers).lower()
    assert headers["date"] == "Thu, 01 Jan 2026 00:00:00 GMT"
    assert headers["request-id"].startswith("req_011C")
    assert headers["request-id"][4:14] == json.loads(body)["id"][4:14]
    assert {"anthropic-organization-id", "anthropic-workspace-id", "traceresponse"} <= set(headers)


def test_a_scenario_s_own_header(server):
    assert parse(exchange(server, post(request("header"))))[1]["x-mine"] == "b"


ENVELOPES = {
    "404": (post({}, target="/nope"), 404, "not_found_error", "Not Found"),
    "404 of OPTIONS *": (b"OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 404, "not_found_error", "Not Found"),
    "404 of ours for a header and a session that are no UTF-8": (
        post(request("unknown")).replace(b"host: x", b"host: x\r\nx-mock-session: \xff\r\nx-foo: \xfe"), 404, "not_found_error", "mockserver: no scenario",
    ),
    "404 of a path with a line break": (post({}, target="/%0aabc"), 404, "not_found_error", "Not Found"),
    "404 of a path that needs decoding": (post({}, target="/%76%31/%6e"), 404, "not_found_error", "Not Found"),
    "405": (post({}, method="GET"), 405, "invalid_request_error", "Method Not Allowed"),
    "405 of another method": (post({}, method="PATCH"), 405, "invalid_request_error", "Method Not Allowed"),
    "405 of OPTIONS without CORS": (post({}, method="OPTIONS"), 405, "invalid_request_error", "Method Not Allowed"),
    "400": (post(b"{"), 400, "invalid_request_error", "The request body is not valid JSON: "),
    "400 of a body that is no gzip": (post(b"{}", "content-encoding: gzip"), 400, "invalid_request_error", "mockserver: the request body cannot be read"),
    "401": (b"POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", 401, "authentication_error", "x-api-key header is required"),
    "404 of ours": (post(request("unknown")), 404, "not_found_error", "mockserver: no scenario matches"),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "status", "kind", "words"), ENVELOPES.values(), ids=ENVELOPES)
def test_every_error_has_the_envelope(server, raw, status, kind, words):
    got, headers, body = parse(exchange(server, raw))
    parsed = json.loads(body)
    assert got == status
    assert list(parsed) == ["type", "error", "request_id"]
    assert parsed["error"]["type"] == kind
    assert parsed["error"]["message"].startswith(words)
    assert parsed["request_id"] == headers["request-id"]
    assert headers["content-type"] == "application/json"


def test_a_bug_has_the_envelope_too(server, monkeypatch):
    monkeypatch.setattr("mockserver.engine.conversing.select", lambda *_: 1 / 0)
    status, headers, body = parse(exchange(server, post(request("what no test asked before"))))
    assert (status, json.loads(body)["error"]["type"], headers["x-should-retry"]) == (500, "api_error", "false")


def test_32_mb_pass_and_more_is_a_413_whose_connection_survives(server):
    limit = 32 * 1024 * 1024
    body = json.dumps(request("hello")).encode()
    assert parse(exchange(server, post(body + b" " * (limit - len(body)))))[0] == 200

    status, headers, answer = parse(exchange(server, post(body + b" " * (limit - len(body) + 1))))
    assert (status, json.loads(answer)["error"]) == (
        413,
        {"type": "request_too_large", "message": "Request exceeds the maximum size"},
    )
    assert json.loads(answer)["request_id"] == headers["request-id"]


def test_query_strings_are_accepted(server):
    assert parse(exchange(server, post(request("hello"), target="/v1/messages?beta=true")))[0] == 200


def test_a_session_in_the_path_may_be_percent_encoded(server):
    assert parse(exchange(server, post(request("hello"), target="/_s/a%20b/v1/messages")))[0] == 200
    assert "a b" in {s.name for s in server.engine.sessions}


def test_a_compressed_body_is_read(server):
    assert (
        parse(exchange(server, post(gzip.compress(json.dumps(request("hello")).encode()), "content-encoding: gzip")))[0]
        == 200
    )


def test_headers_that_come_twice_are_joined(server):
    server.add({"match": {"user": "twice", "betas": ["skills-2025-10-02", "pdfs-2024-09-25"]}, "reply": "a"})
    assert (
        parse(
            exchange(
                server, post(request("twice"), "anthropic-beta: skills-2025-10-02", "Anthropic-Beta: pdfs-2024-09-25")
            )
        )[0]
        == 200
    )


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_front_page(server, method):
    status, headers, body = parse(exchange(server, post(b"", target="/", method=method)))
    assert status == 200
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert body.startswith(b"mockserver:") if method == "GET" else body == b""


def test_cors(server):
    preflight = post(
        b"",
        "origin: http://a",
        "access-control-request-method: POST",
        "access-control-request-headers: x-api-key,content-type",
        method="OPTIONS",
    )
    status, headers, body = parse(exchange(server, preflight))
    assert (status, body) == (204, b"")
    assert headers["access-control-allow-origin"] == "*"
    assert headers["access-control-allow-headers"] == "x-api-key,content-type"
    assert "POST" in headers["access-control-allow-methods"]
    for asked in (request("hello"), request("hello", stream=True), {}):
        assert parse(exchange(server, post(asked, "origin: http://a")))[1]["access-control-allow-origin"] == "*"


def test_what_is_logged_stays_one_line(server, caplog):
    caplog.set_level("INFO", "mockserver")
    exchange(server, post(request("hello") | {"model": "m\nforged \x1b[31mred"}))
    exchange(server, post({}, target="/a%1b%0ab"))
    assert [line for r in caplog.records for line in r.message.splitlines() if not line.startswith("#")] == []
    assert "\x1b" not in caplog.text
    assert r"m\nforged \x1b[31mred" in caplog.text


def test_a_rendered_header_cannot_break_the_answer(server):
    error = {"type": "api", "headers": {"x-a": "{{ prompt }}"}}
    server.add({"match": {"user": "inject"}, "reply": "a", "headers": {"x-a": "{{ prompt }}"}})
    server.add({"match": {"user": "break"}, "reply": "a", "fault": {"before": "response", "error": error}})
    assert parse(exchange(server, post(request("break\r\nx-evil: 1"))))[0] == 400
    status, _, body = parse(exchange(server, post(request("inject\r\nx-evil: 1"))))
    assert (status, json.loads(body)["error"]["message"].split(": ")[-1]) == (
        400,
        "the value of the header 'x-a' holds a line break",
    )
    assert server.requests[-1].verdict == "unexpected"


def test_a_client_that_waits_before_its_body_is_told_to_go_on(server):
    raw = post(request("hello"), "expect: 100-continue")
    head, _, body = raw.partition(b"\r\n\r\n")
    with connect(server) as sock:
        sock.sendall(head + b"\r\n\r\n")
        assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(body)
        assert sock.recv(100).startswith(b"HTTP/1.1 200")


def test_another_expectation_is_no_reason_to_refuse(server):
    assert parse(exchange(server, post(request("hello"), "expect: something")))[0] == 200


def test_a_long_beta_header_is_read(server):
    betas = ",".join(["pdfs-2024-09-25"] * 1200)
    assert parse(exchange(server, post(request("hello"), f"anthropic-beta: {betas}")))[0] == 200


def test_headers_can_be_taken_away(server):
    server.add(
        {"match": {"user": "bare"}, "reply": "a", "headers": {"date": None, "server": None, "content-type": None}}
    )
    headers = parse(exchange(server, post(request("bare"))))[1]
    assert not {"date", "server", "content-type"} & set(headers)


@pytest.mark.parametrize(
    "raw", [post(b"", target="/", method="GET"), post(b"", "access-control-request-method: POST", method="OPTIONS")]
)
def test_every_answer_shows_the_mock_clock(server, raw):
    assert parse(exchange(server, raw))[1]["date"] == "Thu, 01 Jan 2026 00:00:00 GMT"


@pytest.mark.parametrize("stream", [{}, {"chunk": "word", "interval": "10s"}])
def test_http_1_0(stream):
    with MockServer(speed="instant") as server:
        server.add({"reply": "one two three", "stream": stream})
        status, _, body = parse(exchange(server, post(request(stream=True), version="HTTP/1.0")))
    assert status == 200
    message = fold(events_of(body))
    assert (message["stop_reason"], message["content"][0]["text"]) == ("end_turn", "one two three")


def test_keep_alive_serves_many_requests_on_one_connection(server):
    with connect(server) as sock, sock.makefile("rb") as file:
        for _ in range(3):
            sock.sendall(post(request("hello")).replace(b"connection: close\r\n", b""))
            assert file.readline().startswith(b"HTTP/1.1 200")
            length = 0
            while (line := file.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length"):
                    length = int(line.split(b":")[1])
            assert len(file.read(length)) == length


UNREADABLE = [
    (b"nonsense\r\n\r\n", 400, "mockserver: this is no HTTP: "),
    (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 431, "has more than 64 KB"),
    (
        b"GET / HTTP/1.1\r\nx: " + b"a" * 70_000,
        431,
        "mockserver: a line of the head of this request has more than 64 KB",
    ),
    (b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 200 + b"\r\n", 431, "mockserver: this request has more than 128 headers"),
]


@pytest.mark.parametrize(("raw", "status", "words"), UNREADABLE)
def test_what_cannot_be_read_is_told_so_in_the_api_s_envelope_and_without_a_traceback(
    server, caplog, raw, status, words
):
    found, headers, body = parse(exchange(server, raw))
    error = json.loads(body)["error"]
    assert (found, headers["x-should-retry"], error["type"]) == (status, "false", "invalid_request_error")
    assert words in error["message"]
    assert "aiohttp" not in str(headers)
    assert f"a client got a {status}: " in caplog.text
    assert "Traceback" not in caplog.text


def test_a_head_just_below_its_limits_is_read(server):
    headers = [*(f"x-{number}: y" for number in range(100)), f"x-long: {'a' * 60_000}"]
    assert parse(exchange(server, post(request("hello"), *headers)))[0] == 200


def test_a_client_that_leaves_before_its_request_is_whole_is_no_error(server, caplog):
    caplog.set_level("INFO")
    seen = len(server.requests)
    with connect(server) as sock:
        sock.sendall(post(request("hello"))[:-20])
    exchange(server, post(request("hello")))
    assert len(server.requests) == seen + 1
    assert "Traceback" not in caplog.text


def test_a_client_that_leaves_in_mid_stream_is_noted(server):
    with connect(server) as sock:
        sock.sendall(post(request("big", stream=True, max_tokens=100_000)))
        sock.recv(1000)
    wait_for(lambda: server.requests[-1].sent == "client gone")


def test_stopping_with_open_streams_is_quick_and_clean(caplog):
    """A client that does not read does not keep the server from stopping, and nothing is left behind."""
    threads = threading.active_count()
    server = MockServer(validation="off").start()
    server.add({"message": BIG, "stream": {"chunk": "message"}})
    socks = [connect(server) for _ in range(5)]
    for sock in socks:
        sock.sendall(post(request("a", stream=True, max_tokens=900_000)))
        assert sock.recv(10).startswith(b"HTTP/1.1")
    started = time.monotonic()
    server.stop()
    assert time.monotonic() - started < 5
    assert threading.active_count() == threads
    assert {e.sent for e in server.requests} == {"server stopped"}
    for sock in socks:
        sock.close()
    assert "Traceback" not in caplog.text


CONVERSATION = [
    request("hello", system=[{"type": "text", "text": "word " * 3000, "cache_control": {"type": "ephemeral"}}]),
    request(
        "hello", system=[{"type": "text", "text": "word " * 3000, "cache_control": {"type": "ephemeral"}}], stream=True
    ),
    request("something unscripted", stream=True),
    request("header", tools=[{"name": "t", "input_schema": {"type": "object"}}], stream=True, temperature=2),
    request("hello", stream=True, diagnostics={"previous_message_id": None}),
]


def told(seed):
    """All bytes that a fresh server sends in one conversation."""
    with MockServer(clock=Clock.frozen(), on_unmatched="fallback", seed=seed) as fresh:
        fresh.add(
            {"match": {"user": "hello"}, "reply": [{"text": "Hi 🌍"}, {"tool_use": {"name": "t", "input": {"a": 1}}}]}
        )
        return [exchange(fresh, post(body)) for body in CONVERSATION]


def test_two_servers_send_the_same_bytes_headers_included():
    """Same seed, clock and sequence of requests; another seed sends others."""
    first = told(7)
    assert first == told(7)
    assert b"cache_read_input_tokens" in first[1]
    assert first != told(8)


def test_what_the_edge_adds_can_be_switched_off():
    noise = {
        "server",
        "content-security-policy",
        "vary",
        "cf-cache-status",
        "x-robots-tag",
        "cf-ray",
        "strict-transport-security",
    }
    with MockServer(clock=Clock.frozen(), edge_headers="off") as quiet:
        quiet.reply("a")
        for raw in (post(request("a")), post(request("a", stream=True)), post(b"x"), post({}, target="/v1/nowhere")):
            status, headers, _ = parse(exchange(quiet, raw))
            assert noise.isdisjoint(headers)
            assert headers["request-id"].startswith("req_")
            assert ("anthropic-ratelimit-requests-limit" in headers) == (status == 200)
