"""Each fault, as a raw socket and as the official Python SDK see it.

The table below is what docs/faults.md shows; run as a program, this writes it there.
"""

import json
import logging
import socket
from pathlib import Path
from typing import NamedTuple

import anthropic
import pytest
import yaml

from mockserver import MockServer
from mockserver.reply.faults import FAULTS
from mockserver.scenario.faults import KINDS, POSITIONS, Fault

PAGE = Path(__file__).parent.parent.parent / "docs" / "faults.md"
BEGIN, END = "<!-- faults: begin -->\n", "<!-- faults: end -->\n"

SDK = "2.14"
"""The release of the `anthropic` package that the table is about."""

REPLY = "One two 🌍 four five six."
ENOUGH = 10
"""Seconds in which an answer comes on the slowest machine."""


class Case(NamedTuple):
    """A fault as an author writes it, what the wire shows of it, and what the SDK raises (or its stop reason) and has."""

    fault: str
    wire: str
    sdk: str
    stream: bool = True


CASES = [
    Case(
        "{after: {events: 5}, error: overloaded}",
        "200 text/event-stream, 6 events, the last `error`, FIN",
        "APIStatusError 200 overloaded_error; `One two`",
    ),
    Case(
        "{after: {events: 0}, error: overloaded}",
        "200 text/event-stream, 1 event, the last `error`, FIN",
        "APIStatusError 200 overloaded_error; nothing",
    ),
    Case(
        "{before: response, error: overloaded}",
        "529 application/json, JSON, FIN",
        "OverloadedError 529 overloaded_error; nothing",
    ),
    Case(
        "{after: {deltas: 2}, disconnect: close}",
        "200 text/event-stream, 5 events, the last `content_block_delta`, no last chunk, FIN",
        "RemoteProtocolError; `One two`",
    ),
    Case(
        "{after: {deltas: 2}, disconnect: reset}",
        "200 text/event-stream, 5 events, the last `content_block_delta`, no last chunk, RST",
        "ReadError; `One two`",
    ),
    Case(
        "{after: {percent: 50}, disconnect: close}",
        "200 application/json, a part of the body, FIN",
        "APIConnectionError; nothing",
        stream=False,
    ),
    Case(
        "{after: {percent: 50}, disconnect: reset}",
        "200 application/json, a part of the body, RST",
        "APIConnectionError; nothing",
        stream=False,
    ),
    Case(
        "{before: response, disconnect: close}",
        "nothing, FIN",
        "APIConnectionError; nothing",
    ),
    Case(
        "{before: response, disconnect: reset}",
        "nothing, RST",
        "APIConnectionError; nothing",
    ),
    Case(
        "{before: headers, disconnect: close}",
        "'HTTP/1.1 200 OK', FIN",
        "APIConnectionError; nothing",
    ),
    Case(
        "{after: {block: 0}, stall: 30s}",
        "200 text/event-stream, 13 events, the last `message_stop`, FIN",
        "end_turn; all",
    ),
    Case(
        "{before: response, stall: 30s}",
        "200 application/json, JSON, FIN",
        "end_turn; all",
        stream=False,
    ),
    Case(
        "{after: {events: 3}, hang: true}",
        "200 text/event-stream, 3 events, the last `ping`, no last chunk, silence",
        "ReadTimeout; nothing",
    ),
    Case(
        "{before: response, hang: true}",
        "nothing, silence",
        "APITimeoutError; nothing",
        stream=False,
    ),
    Case(
        "{after: {events: 5}, truncate: true}",
        "200 text/event-stream, 5 events, the last `content_block_delta`, FIN",
        "None; `One two`",
    ),
    Case(
        "{after: {bytes: 100}, truncate: true}",
        "200 application/json, no JSON, FIN",
        "JSONDecodeError; nothing",
        stream=False,
    ),
    Case(
        "{after: {events: 5}, garbage: '<<<<'}",
        "200 text/event-stream, 13 events, the last `message_stop`, FIN",
        "end_turn; `One two🌍 four five six.`",
    ),
    Case(
        "{after: {bytes: 20}, garbage: '\"<<<<'}",
        "200 application/json, no JSON, FIN",
        "JSONDecodeError; nothing",
        stream=False,
    ),
    Case(
        "{before: response, garbage: 'SSH-2.0-OpenSSH'}",
        "'SSH-2.0-OpenSSH' and so on, FIN",
        "APIConnectionError; nothing",
    ),
    Case(
        "{drop: message_stop}",
        "200 text/event-stream, 12 events, the last `message_delta`, FIN",
        "end_turn; all",
    ),
    Case(
        "{drop: content_block_start}",
        "200 text/event-stream, 12 events, the last `message_stop`, FIN",
        "IndexError; nothing",
    ),
    Case(
        "{duplicate: message_start}",
        "200 text/event-stream, 14 events, the last `message_stop`, FIN",
        "end_turn; all",
    ),
    Case(
        "{duplicate: content_block_delta}",
        "200 text/event-stream, 14 events, the last `message_stop`, FIN",
        "end_turn; `OneOne two 🌍 four five six.`",
    ),
    Case(
        "{malformed: json}",
        "200 text/event-stream, 13 events, the last `message_stop`, FIN",
        "JSONDecodeError; nothing",
    ),
    Case(
        "{malformed: json}",
        "200 application/json, no JSON, FIN",
        "JSONDecodeError; nothing",
        stream=False,
    ),
    Case(
        "{split: 1}",
        "200 text/event-stream, 13 events, the last `message_stop`, in pieces of 1, FIN",
        "end_turn; all",
    ),
    Case(
        "{split: 7}",
        "200 application/json, JSON, FIN",
        "end_turn; all",
        stream=False,
    ),
    Case(
        "{status: 502}",
        "502 text/html, no JSON, FIN",
        "InternalServerError 502; nothing",
    ),
    Case(
        "{status: 200, body: '<html>Sign in</html>'}",
        "200 text/html, no JSON, FIN",
        "AttributeError; nothing",
        stream=False,
    ),
    Case(
        "{content_type: text/plain}",
        "200 text/plain, 13 events, the last `message_stop`, FIN",
        "end_turn; all",
    ),
    Case(
        "{content_type: text/plain}",
        "200 text/plain, JSON, FIN",
        "end_turn; all",
        stream=False,
    ),
    Case(
        "{slow_headers: 2s}",
        "200 text/event-stream, 13 events, the last `message_stop`, FIN",
        "end_turn; all",
    ),
    Case(
        "{empty: true}",
        "200 text/event-stream, no body, FIN",
        "AssertionError; nothing",
    ),
    Case(
        "{empty: true}",
        "200 application/json, no body, FIN",
        "JSONDecodeError; nothing",
        stream=False,
    ),
    Case(
        "{first_event: error overloaded}",
        "200 text/event-stream, 1 event, the last `error`, FIN",
        "APIStatusError 200 overloaded_error; nothing",
    ),
    Case(
        "[{drop: message_stop}, {after: {deltas: 3}, stall: 1m}, {after: {percent: 100}, disconnect: reset}]",
        "200 text/event-stream, 12 events, the last `message_delta`, no last chunk, RST",
        "ReadError; all",
    ),
]


def name(case):
    return f"{case.fault} {'stream' if case.stream else 'plain'}"


def patience(case):
    """How long a client waits: not long for what never comes, longer where something must have come before."""
    if "hang" not in case.fault:
        return ENOUGH
    return 2


def served(case):
    server = MockServer(speed="instant")
    server.add({"reply": REPLY, "stream": {"chunk": "word"}, "fault": yaml.safe_load(case.fault)})
    return server


# -------------------------------------------------------------- the wire


def on_the_wire(case):
    """What a raw socket sees, in words."""
    with served(case) as server:
        data, end = received(server, case)
    head, separator, body = data.partition(b"\r\n\r\n")
    if not data:
        return f"nothing, {end}"
    if not data.startswith(b"HTTP/1.1 "):
        return f"{data[:15].decode()!r} and so on, {end}"
    if not separator:
        return f"{head.decode().strip()!r}, {end}"
    kind = next(line[14:] for line in head.decode().lower().split("\r\n") if line.startswith("content-type: "))
    return f"{head[9:12].decode()} {kind.split(';')[0]}, {in_body(head, body)}, {end}"


def received(server, case):
    """All that comes, and how it ends: FIN, RST, or silence."""
    body = json.dumps(asked(case.stream)).encode()
    host, port = server.base_url.removeprefix("http://").split(":")
    lines = (
        "host: x",
        "x-api-key: k",
        "anthropic-version: 2023-06-01",
        "connection: close",
        f"content-length: {len(body)}",
    )
    chunks = []
    with socket.create_connection((host, int(port)), timeout=patience(case)) as sock:
        sock.sendall("\r\n".join(["POST /v1/messages HTTP/1.1", *lines, "", ""]).encode() + body)
        try:
            while chunk := sock.recv(65536):
                chunks.append(chunk)
        except ConnectionResetError:
            return b"".join(chunks), "RST"
        except TimeoutError:
            return b"".join(chunks), "silence"
    return b"".join(chunks), "FIN"


def in_body(head, body):
    """How much of the body came."""
    if b"transfer-encoding: chunked" not in head.lower():
        lines = head.lower().split(b"\r\n")
        length = int(next(line[15:] for line in lines if line.startswith(b"content-length:")))
        if length == 0:
            return "no body"
        return "a part of the body" if len(body) < length else "JSON" if is_json(body) else "no JSON"
    chunks, ended = unchunked(body)
    names = [
        frame.split(b"\n")[0].removeprefix(b"event: ").decode() for frame in b"".join(chunks).split(b"\n\n") if frame
    ]
    words = f"{len(names)} event{'s' if len(names) > 1 else ''}, the last `{names[-1]}`"
    pieces = f", in pieces of {len(chunks[0])}" if len(chunks) > len(names) else ""
    return f"{words}{pieces}{'' if ended else ', no last chunk'}"


def is_json(body):
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def unchunked(body):
    """The chunks of a body, and whether the last one came."""
    chunks = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            return chunks, True
        chunks.append(rest[:length])
        body = rest[length + 2 :]
    return chunks, False


def asked(stream):
    return {
        "model": "claude-sonnet-5",
        "max_tokens": 64,
        "stream": stream,
        "messages": [{"role": "user", "content": "Hi"}],
    }


# --------------------------------------------------------------- the SDK


def in_the_sdk(case):
    """What the SDK raises, and what its user has by then."""
    got = []
    server, asked_of = served(case), asked(case.stream)
    del asked_of["stream"]
    with (
        server,
        anthropic.Anthropic(base_url=server.base_url, api_key="k", max_retries=0, timeout=patience(case)) as sdk,
    ):
        try:
            if case.stream:
                with sdk.messages.stream(**asked_of) as stream:
                    got.extend(stream.text_stream)
                    message = stream.get_final_message()
            else:
                message = sdk.messages.create(**asked_of)
                got.append(message.content[0].text)
        except Exception as error:  # noqa: BLE001 - which one is the question
            logging.getLogger(__name__).warning("because of %r", error.__cause__)  # shown where a test fails
            return f"{type(error).__name__}{status(error)}; {told(got)}"
    return f"{message.stop_reason}; {told(got)}"


def told(texts):
    text = "".join(texts)
    return "nothing" if not text else "all" if text == REPLY else f"`{text}`"


def status(error):
    code = getattr(error, "status_code", None)
    return f" {code} {error.type or ''}".rstrip() if code else ""


# ----------------------------------------------------------------- tests

EXACT = ".".join(anthropic.__version__.split(".")[:2]) == SDK
"""Whether the SDK is the one of the table; of another it is only checked who raises, and what came before."""


@pytest.mark.parametrize("case", CASES, ids=name)
def test_the_wire_shows_what_the_table_says(case):
    assert on_the_wire(case) == case.wire


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("case", CASES, ids=name)
def test_the_sdk_makes_of_it_what_the_table_says(case):
    raised, got = in_the_sdk(case).split("; ")
    expected, text = case.sdk.split("; ")
    assert got == text
    if EXACT:
        assert raised == expected
    else:
        assert raised.endswith("_turn") == expected.endswith("_turn"), raised


def test_every_fault_is_in_the_table():
    faults = [fault for case in CASES for fault in as_list(yaml.safe_load(case.fault))]
    assert {Fault.model_validate(fault).kind for fault in faults} == set(FAULTS) == set(KINDS)
    places = {key for fault in faults for key in fault.get("after", {})}
    assert places == set(POSITIONS)
    assert {fault["before"] for fault in faults if "before" in fault} == {"response", "headers"}


def as_list(value):
    return value if isinstance(value, list) else [value]


def written(text):
    """The page with the table as it is."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = "".join(
        f"| `{case.fault}` | {'stream' if case.stream else 'plain'} | {case.wire} | {case.sdk.replace('; ', ' | ')} |\n"
        for case in CASES
    )
    head = (
        f"| `fault` | answer | on the wire | Python SDK ({SDK}) | what its user has by then |\n|---|---|---|---|---|\n"
    )
    return f"{before}{BEGIN}{head}{rows}{END}{after}"


def test_the_page_shows_the_table():
    text = PAGE.read_text(encoding="utf-8")
    assert written(text) == text, "run `make docs`"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
