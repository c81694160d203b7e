"""The life of a MockServer: start, stop, failures, threads, asyncio, and an application that is mounted."""

import asyncio
import contextlib
import json
import socket
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from aiohttp import web
from helpers import HEADERS, request, texts

from mockserver import Clock, MockServer, ScenarioError, SettingsError, create_app


def ask(url, body=None, **headers):
    asked = urllib.request.Request(f"{url}/v1/messages", json.dumps(body or request()).encode(), HEADERS | headers)
    with urllib.request.urlopen(asked, timeout=60) as response:
        return json.load(response)


def test_a_server_in_a_with_block():
    with MockServer() as server:
        server.reply("Hi")
        assert server.base_url.startswith("http://127.0.0.1:")
        assert texts(ask(server.base_url)) == ["Hi"]
        assert [(e.verdict, e.sent) for e in server.requests] == [("answered", "whole")]
    with pytest.raises(RuntimeError, match="does not run"):
        _ = server.base_url


def test_a_server_in_an_async_with_block():
    async def use():
        async with MockServer() as server:
            server.reply("Hi")
            return await asyncio.to_thread(ask, server.base_url)

    assert texts(asyncio.run(use())) == ["Hi"]


def test_start_and_stop_by_hand_and_again():
    server = MockServer()
    server.reply("Hi")
    server.stop()
    for _ in range(2):
        server.start()
        assert texts(ask(server.base_url)) == ["Hi"]
        server.stop()
        server.stop()


def test_a_second_start_is_refused():
    with MockServer() as server, pytest.raises(RuntimeError, match="runs already"):
        server.start()


def test_a_port_that_is_taken_is_raised_in_the_caller():
    threads = threading.active_count()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError):
            MockServer(port=taken.getsockname()[1]).start()
    assert threading.active_count() == threads


def test_bad_scenarios_and_settings_are_raised_at_once(tmp_path):
    (tmp_path / "a.yaml").write_text("repyl: a")
    with pytest.raises(ScenarioError, match="did you mean 'reply'"):
        MockServer(tmp_path)
    with pytest.raises(ScenarioError, match="no such file or folder"):
        MockServer(tmp_path / "nope")
    with pytest.raises(SettingsError, match="unknown setting 'sede'"):
        MockServer(sede=1)


def test_nothing_is_left_behind():
    """Neither threads nor sockets."""
    threads = threading.active_count()

    descriptors = Path("/proc/self/fd")  # Linux

    def sockets():
        links = (str(fd.readlink()) for fd in descriptors.iterdir() if fd.is_symlink())
        return sum(link.startswith("socket:") for link in links)

    linux = descriptors.is_dir()
    before = sockets() if linux else 0
    for _ in range(5):
        with MockServer() as server:
            server.reply("a")
            ask(server.base_url)
    assert threading.active_count() == threads
    assert not linux or sockets() == before


def test_stop_right_after_start_is_not_lost():
    for _ in range(50):
        MockServer().start().stop()


def test_stop_from_many_threads():
    server = MockServer().start()
    threads = [threading.Thread(target=server.stop) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_stop_while_it_starts_waits_and_is_not_lost():
    for _ in range(20):
        server = MockServer()
        starting = threading.Thread(target=server.start)
        starting.start()
        server.stop()
        starting.join()
        server.stop()
        with pytest.raises(RuntimeError):
            _ = server.base_url


def test_many_threads_may_start_and_stop_one_server():
    server = MockServer()
    threads_before = threading.active_count()

    def churn():
        for _ in range(10):
            with contextlib.suppress(RuntimeError):
                server.start()
            server.stop()

    threads = [threading.Thread(target=churn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert threading.active_count() == threads_before


def test_a_cancelled_async_with_leaves_nothing_behind():
    before = threading.active_count()

    async def use():
        async with MockServer():
            await asyncio.sleep(10)

    async def cancel_many():
        tasks = [asyncio.create_task(use()) for _ in range(20)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(cancel_many())
    assert threading.active_count() == before


def test_every_edit_is_served_by_the_next_request(tmp_path):
    file = tmp_path / "a.yaml"
    with_text = [f"v{n}" for n in range(10, 60)]
    file.write_text("reply: start")
    with MockServer(tmp_path) as server:
        served = []
        for text in with_text:
            file.write_text(f"reply: {text}")
            served += texts(ask(server.base_url))
    assert served == with_text


def test_many_servers_at_once_do_not_disturb_each_other():
    servers = [MockServer(on_unmatched="fallback").start() for _ in range(8)]
    try:
        found = []
        threads = [
            threading.Thread(target=lambda s=s: found.append(ask(s.base_url)["content"]))
            for s in servers
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 32
        assert all(content == found[0] for content in found)
    finally:
        for server in servers:
            server.stop()


def test_parallel_sessions_get_their_own_answers():
    with MockServer() as server:
        server.reply("{{ prompt }}")
        found = {}

        def talk(name):
            found[name] = [texts(ask(server.session_url(name), request(f"{name}{i}")))[0] for i in range(5)]

        threads = [threading.Thread(target=talk, args=(f"s{n}-",)) for n in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == {name: [f"{name}{i}" for i in range(5)] for name in found}
        assert len(server.session("s3-").requests) == 5
        assert len(server.all_requests) == 80


@pytest.mark.parametrize("name", ["tests/t.py::x[1]", "a b", "a?b#c", "ü%2F", "a"])
def test_any_name_makes_a_session(name):
    with MockServer() as server:
        server.reply("a")
        ask(server.session_url(name))
        assert {s.name for s in server.engine.sessions} == {"default", name}


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(SettingsError, match="a port is a number from 0"):
        MockServer(port=port)


def test_two_times_are_refused():
    with pytest.raises(SettingsError, match="'freeze' and 'clock'"):
        MockServer(freeze="2026-01-01", clock=Clock())


def test_then_goes_on_from_any_scenario():
    with MockServer() as server:
        script = (
            server.add({"match": {"user": "x"}, "expect": {"turn": 0}, "reply": "one", "model": "m"})
            .then("two")
            .then("three")
        )
        assert repr(script) == "<scenario 'code#1': 3 turns>"
        assert ask(server.base_url, request("x"))["model"] == "m"
        assert repr(server.reply("a")) == "<scenario 'code#2': 1 turn>"


def test_then_is_the_next_turn():
    with MockServer() as server:
        server.reply([{"tool_use": {"name": "f"}}]).then("done").then("really")
        first = ask(server.base_url)
        call = first["content"][0]
        loop = request(
            "Hello",
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call["id"], "content": "r"}]},
        )
        assert texts(ask(server.base_url, loop)) == ["done"]


def test_an_edited_file_is_served_at_once(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("reply: one")
    with MockServer(tmp_path) as server:
        assert texts(ask(server.base_url)) == ["one"]
        for text in ("two!", "three"):
            file.write_text(f"reply: {text}")
            assert texts(ask(server.base_url)) == [text]
        file.write_text("repyl: broken")
        assert texts(ask(server.base_url)) == ["three"]


def test_settings_come_from_the_folder_and_keys_are_told(tmp_path):
    (tmp_path / "mockserver.yaml").write_text("api_key: [sk-one, sk-two]\nfreeze: 2026-02-03T04:05:06Z")
    (tmp_path / "a.yaml").write_text("reply: '{{ now.isoformat() }}'")
    with MockServer(tmp_path) as server:
        assert server.api_key == "sk-one"
        assert texts(ask(server.base_url, **{"x-api-key": "sk-two"})) == ["2026-02-03T04:05:06+00:00"]
        server.clock.advance(60)
        assert texts(ask(server.base_url, **{"x-api-key": "sk-two"})) == ["2026-02-03T04:06:06+00:00"]
        with pytest.raises(urllib.error.HTTPError, match="401"):
            ask(server.base_url, **{"x-api-key": "sk-three"})


def test_a_clock_of_one_s_own():
    clock = Clock.frozen("2026-05-06T00:00:00Z")
    with MockServer(clock=clock) as server:
        server.reply("{{ now.year }}-{{ now.month }}")
        assert texts(ask(server.base_url)) == ["2026-5"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.yaml").write_text("match: {user: hello}\nreply: Hi")
    return tmp_path


@pytest.mark.asyncio
async def test_create_app_with_pytest_aiohttp_s_client(aiohttp_client, folder):
    client = await aiohttp_client(create_app(folder))
    response = await client.post("/v1/messages", json=request(), headers=HEADERS)
    assert texts(await response.json()) == ["Hi"]
    missed = await client.post("/v1/messages", json=request("else"), headers=HEADERS)
    assert missed.status == 404
    assert (await missed.json())["error"]["message"].startswith("mockserver: no scenario matches")


@pytest.mark.asyncio
async def test_create_app_can_be_mounted(aiohttp_client, folder):
    app = web.Application()
    app.add_subapp("/claude", create_app(folder))
    client = await aiohttp_client(app)
    response = await client.post("/claude/v1/messages", json=request(), headers=HEADERS)
    assert texts(await response.json()) == ["Hi"]
    assert (await client.post("/claude/_s/x/v1/messages", json=request(), headers=HEADERS)).status == 200
    assert (await client.get("/claude/nope")).status == 404
