"""A test's hand on a server in this process, and on one elsewhere by its control API: both do the same."""

import socket
import threading
from datetime import timedelta

import anthropic
import pytest

from mockserver import ControlError, MockServer, ScenarioError, SettingsError, connect
from mockserver.control.local import FileError
from mockserver.engine import conversing

ASK = {"model": "claude-sonnet-5", "max_tokens": 100}


@pytest.fixture
def server():
    with MockServer(speed="instant") as server:
        yield server


@pytest.fixture(params=["here", "elsewhere"])
def hand(request, server):
    return server.session("a") if request.param == "here" else connect(server.base_url, session="a")


def ask(hand, prompt="Hello", retries=2, **more):
    asked = [{"role": "user", "content": prompt}]
    with anthropic.Anthropic(base_url=hand.base_url, api_key=hand.api_key, max_retries=retries) as client:
        return client.messages.create(**{**ASK, "messages": asked, **more})


def test_scripts_and_requests(hand):
    hand.when(user="weather").tool_use("get_weather", {"city": "Paris"}).then("Sunny.")
    hand.fail("overloaded", times=2).then("Hello")
    assert ask(hand, "the weather").stop_reason == "tool_use"
    assert ask(hand).content[0].text == "Hello"
    assert [one.status for one in hand.requests] == [200, 529, 529, 200]
    last = hand.requests.last
    assert (last.prompt, last.text, last.attempt, last.usage["output_tokens"] > 0) == ("Hello", "Hello", 2, True)
    hand.assert_called(4, tools=["get_weather"])
    hand.assert_resilient()
    assert len(hand.verdict().episodes) == 2
    hand.check(strict=["misses", "unused"])


def test_streams(hand):
    hand.reply("one two three", stream={"chunk": "word", "interval": "10s"})
    with anthropic.Anthropic(base_url=hand.base_url, api_key=hand.api_key) as client:
        asked = [{"role": "user", "content": "Hi"}]
        with client.messages.stream(**ASK, messages=asked) as stream:
            assert "".join(stream.text_stream) == "one two three"
    last = hand.requests.last
    assert (last.streamed, last.text, last.sent) == (True, "one two three", "whole")
    assert last.response_body.startswith(b"event: message_start")


def test_a_miss(hand):
    hand.when(user="hullo", name="greeting").reply("Hi")
    with pytest.raises(anthropic.NotFoundError):
        ask(hand)
    assert hand.requests.last.nearest == ["'greeting': user: want contains 'hullo' (any case), got 'Hello'"]
    assert hand.unused() == ["greeting"]
    with pytest.raises(AssertionError, match="1 request went wrong"):
        hand.check()


def test_a_bug_is_raised(hand, monkeypatch):
    monkeypatch.setattr(conversing, "select", lambda *_: 1 / 0)
    with pytest.raises(anthropic.InternalServerError):
        ask(hand)
    with pytest.raises((ZeroDivisionError, RuntimeError), match="division by zero"):
        hand.check()


def test_clock_settings_limits_reset_and_drop(hand):
    hand.configure(freeze="2026-01-01", seed=7)
    hand.clock.advance(90)
    hand.reply("{{ now.isoformat() }}")
    assert ask(hand).content[0].text == "2026-01-01T00:01:30+00:00"
    assert (hand.clock.is_frozen, hand.clock.now().isoformat()) == (True, "2026-01-01T00:01:30+00:00")
    hand.clock.freeze("2026-02-01")
    assert hand.clock.now().isoformat() == "2026-02-01T00:00:00+00:00"
    hand.clock.run("instant")
    assert hand.clock.speed == "instant"
    for wrong in (lambda: hand.clock.advance(-1), lambda: hand.clock.freeze("2020-01-01")):
        with pytest.raises(ValueError, match=r"clock cannot go back|greater than or equal to 0"):
            wrong()
    hand.set_limits(requests=1)
    ask(hand)
    with pytest.raises(anthropic.RateLimitError):
        ask(hand, retries=0)
    hand.set_limits(None)
    ask(hand)
    hand.reset()
    assert len(hand.requests) == 0
    with pytest.raises(anthropic.NotFoundError):
        ask(hand)
    hand.drop()
    assert len(hand.requests) == 0


def test_files(hand, tmp_path):
    (tmp_path / "one.yaml").write_text("match: {user: one}\nreply: One\n", encoding="utf-8")
    (tmp_path / "two.yaml").write_text("match: {user: two}\nturns: [{reply: Two, delay: 250ms}]\n", encoding="utf-8")
    hand.load(tmp_path)
    assert [ask(hand, name).content[0].text for name in ("one", "two")] == ["One", "Two"]
    (tmp_path / "two.yaml").write_text("repyl: x\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"two\.yaml:1:1: repyl"):
        hand.load(tmp_path)


def test_a_file_that_is_put_there_is_listed_named_and_downloaded(hand):
    hand.configure(objects="strict", freeze="2026-01-01")
    told = hand.add_file(b"1,2\n\xff", "out/squares.csv", id="file_squares", expires_in_seconds=3600)
    assert told == {
        "type": "file", "id": "file_squares", "size_bytes": 5, "created_at": "2026-01-01T00:00:00.000000Z",
        "expires_at": "2026-01-01T01:00:00.000000Z", "filename": "squares.csv", "mime_type": "text/csv",
        "downloadable": True,
    }  # fmt: skip
    text = hand.add_file("Grüße", "", "text/plain", downloadable=False)
    assert (text["filename"], text["size_bytes"], text["downloadable"]) == ("unnamed.txt", 7, False)
    with anthropic.Anthropic(base_url=hand.base_url, api_key=hand.api_key) as client:
        assert [file.id for file in client.files.list()] == [text["id"], "file_squares"]
        assert client.files.download("file_squares").read() == b"1,2\n\xff"
    hand.reply("Hi")
    source = {"type": "file", "file_id": text["id"]}
    assert ask(hand, [{"type": "document", "source": source}]).content[0].text == "Hi"
    for more, words in (
        ({"id": "file_squares"}, "the session has a file 'file_squares' already; delete that, or choose another id"),
        ({"id": "squares"}, "'squares' is no id of a file"),
        ({"mime_type": "csv"}, "file: 'csv' is not a valid MIME type"),
        ({"expires_in_seconds": 1}, "expires_in_seconds: Input should be greater than or equal to 3600"),
    ):
        with pytest.raises(FileError) as told:
            hand.add_file(b"x", "a.txt", **more)
        assert str(told.value).startswith(words)
        assert isinstance(told.value, ValueError)
    with pytest.raises(TypeError):
        hand.add_file(5, "a.txt")
    assert list(told_of := hand.add_file(memoryview(b"x"), "a.txt")) == [
        "type", "id", "size_bytes", "created_at", "expires_at", "filename", "mime_type", "downloadable",
    ]  # fmt: skip
    assert told_of["size_bytes"] == 1
    hand.configure(file_quota=10)
    with pytest.raises(FileError, match="1 bytes do not fit: 13 of 10 are used; the setting 'file_quota'"):
        hand.add_file(b"x", "a.txt")
    hand.reset()
    with anthropic.Anthropic(base_url=hand.base_url, api_key=hand.api_key) as client:
        assert list(client.files.list()) == []


def test_sessions_beside_each_other(hand, server):
    other = hand.session("b")
    hand.reply("a")
    other.reply("b")
    assert [ask(one).content[0].text for one in (hand, other)] == ["a", "b"]
    assert other.base_url == server.session_url("b")
    assert [len(one.requests) for one in (hand, other)] == [1, 1]


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (lambda h: h.when(usr="x"), ScenarioError, "match.usr: unknown key 'usr'; did you mean 'user'?"),
        (lambda h: h.reply("a", stop_reson="x"), ScenarioError, "stop_reson: unknown key"),
        (lambda h: h.configure(sede=1), SettingsError, "session 'a': unknown setting 'sede'; did you mean 'seed'?"),
        (lambda h: h.set_limits(request=1), SettingsError, "arguments: limits = "),
        (
            lambda h: (h.reply("a").remove(), h.reply("a").remove(), h._backend.remove("x")),
            ScenarioError,
            "no scenario 'x'",
        ),
    ],
)
def test_a_mistake_is_the_same_error(hand, wrong, error, words):
    with pytest.raises(error) as told:
        wrong(hand)
    assert words in str(told.value)


def test_what_is_gone_does_not_go_on(hand):
    scripted = hand.reply("a")
    scripted.remove()
    with pytest.raises(ScenarioError, match=r"there is no scenario 'code#1' any more; script it anew"):
        scripted.then("b")
    with pytest.raises(ScenarioError, match=r"there is no scenario 'code#1'"):
        scripted.remove()


def test_files_come_beside_what_is_there(hand, tmp_path):
    (tmp_path / "one.yaml").write_text("match: {user: one}\nreply: One\n", encoding="utf-8")
    (tmp_path / "two.yaml").write_text("match: {user: two}\nreply: Two\n", encoding="utf-8")
    hand.when(user="mine").reply("Mine")
    hand.load(tmp_path / "one.yaml")
    hand.load(tmp_path / "two.yaml")
    assert [ask(hand, name).content[0].text for name in ("mine", "one", "two")] == ["Mine", "One", "Two"]
    hand.reset()
    assert hand.unused() == []


def test_a_session_s_own_base_url_connects_to_it(server):
    server.session("a b").reply("Hi")
    hand = connect(server.session_url("a b"))
    assert (hand.name, ask(hand).content[0].text) == ("a b", "Hi")


@pytest.mark.parametrize("form", ["jsonl", "har", "scenarios"])
def test_exports(hand, form):
    hand.reply("Hi")
    ask(hand)
    assert "Hi" in hand.export(form)


def test_what_is_no_server_of_ours_is_told(unused_tcp_port):
    for url, words in (
        ("localhost:8080", "'localhost:8080' is no base URL such as http://127.0.0.1:8080"),
        (f"http://127.0.0.1:{unused_tcp_port}", f"no server of ours answers at http://127.0.0.1:{unused_tcp_port}: "),
    ):
        with pytest.raises(ControlError) as told:
            connect(url)
        assert str(told.value).startswith(f"mockserver: {words}")


def test_what_is_no_http_is_told():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet():
            with listener.accept()[0] as accepted:
                accepted.sendall(b"SSH-2.0-OpenSSH\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(ControlError, match="no server of ours answers at"):
            connect(f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread.join()
    with pytest.raises(ControlError, match="no server of ours answers at"):
        connect("http://127.0.0.1:notaport")


def test_what_is_no_json_is_told(hand):
    with pytest.raises(ScenarioError, match="a scenario holds only what JSON knows"):
        hand.reply("a", delay=timedelta(seconds=1))


def test_a_key_of_its_own(hand):
    hand.configure(api_key="sk-ant-api03-own")
    hand.reply("Hi")
    assert (hand.api_key, ask(hand).content[0].text) == ("sk-ant-api03-own", "Hi")


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_names_that_no_url_keeps(hand, name):
    with pytest.raises(ValueError, match="a session cannot be named"):
        hand.session(name)


def test_to_drop_what_is_gone_does_nothing(hand):
    hand.drop()
    hand.drop()
    hand.session("a/").drop()


def test_another_server_is_told(server):
    with pytest.raises(ControlError, match="no answer of ours"):
        connect(f"{server.base_url}/v1")
