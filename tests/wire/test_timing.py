"""Time on the wire: streams that wait for the mock clock. Minutes pass, and nothing sleeps."""

import asyncio
import http.client
import json
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from aiohttp import ClientSession, web
from helpers import HEADERS, request

from mockserver import Clock, MockServer, create_app

SLOW = {"reply": "one two three", "stream": {"chunk": "word", "first_token": "20s", "interval": "10s", "ping": 0}}


@contextmanager
def post(server, body=None):
    """A response whose head has come."""
    host, port = server.base_url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    try:
        connection.request("POST", "/v1/messages", json.dumps(body or request(stream=True)), HEADERS)
        with connection.getresponse() as response:
            yield response
    finally:
        connection.close()


def ask(server, body=None):
    with post(server, body) as response:
        return response.read()


def events(response, number):
    """The names of the next events."""
    names = []
    while len(names) < number:
        line = response.readline().decode().strip()
        if line.startswith("event: "):
            names.append(line[7:])
        assert line or not response.isclosed(), names
    response.readline()  # its data
    return names


def served(*scenarios, **settings):
    server = MockServer(**settings)
    for scenario in scenarios:
        server.add(scenario)
    return server


def test_a_frozen_clock_is_advanced_while_a_stream_waits():
    with served(SLOW, clock=Clock.frozen()) as server, post(server) as response:
        assert events(response, 3) == ["message_start", "content_block_start", "ping"]
        server.clock.advance(20)
        assert events(response, 1) == ["content_block_delta"]
        server.clock.advance(9)
        server.clock.advance(1)
        assert events(response, 1) == ["content_block_delta"]
        server.clock.advance(3600)
        assert events(response, 4)[-1] == "message_stop"


def test_an_advance_before_the_stream_waits_counts_as_well():
    """Deadlines count from the request's arrival, so nobody has to know whether the server waits already."""
    with served(SLOW, clock=Clock.frozen()) as server, post(server) as response:
        server.clock.advance(40)
        assert events(response, 9)[-1] == "message_stop"


@pytest.mark.parametrize("body", [request(stream=True), request()], ids=["stream", "plain"])
def test_what_comes_before_a_silence_is_there(body):
    """The head is not kept for the first data."""
    stalled = {"reply": "a", "fault": {"after": {"bytes": 0}, "stall": 30}}
    with served(stalled, clock=Clock.frozen()) as server, post(server, body) as response:
        assert response.status == 200
        server.clock.advance(30)
        assert len(response.read()) > 100


STALLED = SLOW | {"fault": [{"after": {"deltas": 1}, "stall": "30m"}, {"after": {"deltas": 2}, "stall": 30}]}


@pytest.mark.parametrize("body", [request(stream=True), request()], ids=["stream", "plain"])
def test_a_stall_of_half_an_hour_costs_no_time_and_changes_no_byte(body):
    def read(scenario):
        with served(scenario, clock=Clock.frozen(speed="instant")) as server:
            return ask(server, body), server.clock.now() - Clock.frozen().now()

    calm, _ = read({key: value for key, value in SLOW.items() if key != "stream"} | {"stream": {"chunk": "word"}})
    data, took = read(STALLED)
    assert data == calm
    assert took == (timedelta(minutes=30, seconds=70) if body.get("stream") else timedelta(minutes=30, seconds=30))


def test_every_date_follows_the_clock_and_a_delay_moves_it():
    with served({"reply": "a", "delay": "10m"}, clock=Clock.frozen(speed="instant")) as server:
        dates = []
        for _ in range(2):
            with post(server, request()) as response:
                dates.append(response.headers["date"])
    assert dates == ["Thu, 01 Jan 2026 00:10:00 GMT", "Thu, 01 Jan 2026 00:20:00 GMT"]


def test_streams_that_wait_together_are_served_in_the_order_of_time():
    """On an instant clock the nearest time comes first, whoever waits for it."""
    slow, quick = (
        {"match": {"user": name}, "reply": name, "delay": delay} for name, delay in (("slow", "1h"), ("quick", "1m"))
    )
    with served(slow, quick, clock=Clock.frozen()) as server:
        done = []

        def wait(name):
            ask(server, request(name))
            done.append(name)

        threads = [threading.Thread(target=wait, args=(name,)) for name in ("slow", "quick")]
        for thread in threads:
            thread.start()
        while len(server.requests) < 2:  # both are being answered
            threads[0].join(0.001)
        server.clock.advance(60)
        threads[1].join(10)
        assert done == ["quick"]
        server.clock.advance(3600)
        threads[0].join(10)
    assert done == ["quick", "slow"]


def test_a_scaled_clock_makes_minutes_short():
    with served({"reply": "a", "delay": "2m"}, speed=6000) as server:
        start = server.clock.now()
        ask(server, request())
        assert server.clock.now() - start >= timedelta(minutes=2)


def closed(server):
    """The exchange, when its answer has ended."""
    (exchange,) = server.requests
    while exchange.sent == "":
        threading.Event().wait(0.001)
    return exchange


def test_a_client_that_gives_up_ends_a_hang():
    with served({"reply": "a", "fault": {"after": {"events": 1}, "hang": True}}) as server:
        with post(server) as response:
            assert events(response, 1) == ["message_start"]
        exchange = closed(server)
    assert exchange.sent == "client gone"
    assert exchange.faults == ["hang: true after events: 1"]


def test_a_server_stops_although_something_hangs():
    hangs = {"match": {"user": "hang"}, "reply": "a", "fault": {"before": "response", "hang": True}}

    def wait(name):
        with pytest.raises(OSError):
            ask(server, request(name))

    with served(hangs, {"reply": "a", "delay": "1h"}, clock=Clock.frozen()) as server:
        threads = [threading.Thread(target=wait, args=(name,)) for name in ("hang", "delay")]
        for thread in threads:
            thread.start()
        while len(server.requests) < 2:
            threads[0].join(0.001)
    for thread in threads:
        thread.join(10)
    assert {e.sent for e in server.requests} == {"server stopped"}


def test_mounted_without_cancellation_a_hang_ends_all_the_same(monkeypatch):
    """An application that runs under somebody else's runner is told nothing when a client leaves."""
    monkeypatch.setattr("mockserver.serving.playing._LOOK_EVERY", 0.01)

    async def use():
        app = create_app()
        from mockserver.serving.app import ENGINE  # noqa: PLC0415

        engine = app[ENGINE]
        engine.library.add({"reply": "a", "fault": {"after": {"events": 1}, "hang": True}})
        runner = web.AppRunner(app, handler_cancellation=False, shutdown_timeout=0.05)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = "http://{}:{}/v1/messages".format(*runner.addresses[0][:2])
        async with ClientSession() as session:
            response = await session.post(url, json=request(stream=True), headers=HEADERS)
            assert (await response.content.readline()).strip() == b"event: message_start"
            response.close()
            (exchange,) = engine.sessions.get("default").journal.exchanges
            while exchange.sent == "":  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0)
        await runner.cleanup()
        return exchange.sent

    assert asyncio.run(use()) == "client gone"


def test_after_a_fault_that_leaves_the_answer_whole_the_connection_is_kept():
    with served({"reply": "a", "fault": {"split": 5}}) as server:
        host, port = server.base_url.removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        for _ in range(2):
            connection.request("POST", "/v1/messages", json.dumps(request()), HEADERS)
            with connection.getresponse() as response:
                assert json.loads(response.read())["stop_reason"] == "end_turn"
            assert connection.sock is not None
        connection.close()


BIG = {
    "match": {"user": "big"},
    "message": {"content": [{"type": "text", "text": "word " * 600_000}], "stop_reason": "end_turn"},
}


def test_what_was_written_before_a_reset_arrives():
    """Three megabytes, more than sockets hold: all of it up to the place of the fault."""
    with (
        served(BIG | {"fault": {"after": {"bytes": 2_500_000}, "disconnect": "reset"}}) as server,
        post(server, request("big")) as response,
    ):
        got = []
        with pytest.raises(ConnectionResetError):
            got.extend(iter(lambda: response.fp.read1(65536), b""))
        assert sum(map(len, got)) == 2_500_000


def test_a_page_without_a_body_keeps_the_connection():
    scenario = {"attempts": [{"reply": "x", "delay": "20ms", "fault": {"status": 204}}, {"reply": "fine"}]}
    with served(scenario) as server:
        host, port = server.base_url.removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        for status in (204, 200):
            connection.request("POST", "/v1/messages", json.dumps(request()), HEADERS)
            with connection.getresponse() as response:
                response.read()
                assert response.status == status
        connection.close()
