"""Sessions are isolated worlds: each with its own scenarios, attempts, clock, limits, settings and journal."""

import json
import logging
import threading

import pytest
from helpers import HEADERS, engine, events_of, post, request, texts

from mockserver.engine import Engine, Handled
from mockserver.scenario.library import Library
from mockserver.scenario.problems import ScenarioError
from mockserver.settings import Settings, SettingsError
from mockserver.state.clock import Clock
from mockserver.validation.incoming import Incoming


def ask(server, session="default", prompt="Hello", **more):
    """The text that a session answers, or the status of an error."""
    handled = post(server, request(prompt, **more), path=f"/_s/{session}/v1/messages")
    server.close(handled, "whole")
    status = handled.reply.head.status
    return texts(json.loads(handled.reply.body))[0] if status == 200 else status


def test_what_is_scripted_for_a_session_answers_there_alone_and_first():
    server = engine({"reply": "everybody"})
    server.sessions.get("a").own.add({"reply": "only a"})
    assert [ask(server, name) for name in ("a", "b", "default")] == ["only a", "everybody", "everybody"]
    server.library.add(
        {"match": {"user": "Hello"}, "reply": "more keys"}
    )  # more keys are asked first, whoever's they are
    assert [ask(server, name) for name in ("a", "b")] == ["more keys"] * 2


def test_a_session_s_scenario_stands_for_the_server_s_of_the_same_name():
    server = engine({"name": "hi", "match": {"user": "Hello"}, "reply": "everybody"})
    server.sessions.get("a").own.add({"name": "hi", "reply": "only a"})
    assert [ask(server, name) for name in ("a", "b")] == ["only a", "everybody"]


def test_each_has_its_own_attempts_journal_and_use():
    server = engine({"name": "hi", "reply": "{{ attempt }}"})
    assert [ask(server, name) for name in ("a", "b", "a")] == ["0", "0", "1"]
    assert [len(server.sessions.get(name).journal.exchanges) for name in ("a", "b")] == [2, 1]
    assert [server.sessions.get(name).used.total() for name in ("a", "b")] == [2, 1]


def test_each_has_its_own_clock_unless_one_is_given_for_all():
    server = Engine(Library(), Settings(freeze="2026-01-01T00:00:00Z"))
    server.library.add({"reply": "{{ now.isoformat() }}"})
    server.sessions.get("a").clock.advance(60)
    assert [ask(server, name) for name in ("a", "b")] == ["2026-01-01T00:01:00+00:00", "2026-01-01T00:00:00+00:00"]
    shared = Clock.frozen()
    assert Engine(Library(), Settings(), shared).sessions.get("a").clock is shared


def test_each_has_its_own_settings():
    server = engine()
    server.sessions.get("a").configure({"on_unmatched": "fallback", "seed": 7})
    server.sessions.get("b").configure({"on_unmatched": "fallback", "seed": 8})
    answers = [ask(server, name) for name in ("default", "a", "b")]
    assert answers[0] == 404
    assert answers[1] != answers[2]
    server.sessions.get("c").configure({"model": ["my-model=claude-opus-5"], "on_unmatched": "fallback"})
    assert isinstance(ask(server, "c", model="my-model"), str)
    assert ask(server, "a", model="my-model") == 404
    server.sessions.get("d").configure({"limits": "requests=1", "on_unmatched": "fallback"})
    assert [isinstance(ask(server, "d"), str), ask(server, "d")] == [True, 429]
    server.sessions.get("d").configure({"limits": None})
    assert isinstance(ask(server, "d"), str)


def test_a_clock_is_set_by_settings_too():
    world = Engine(Library(), Settings()).sessions.get("a")
    world.configure({"freeze": "2020-01-01"})
    assert world.clock.now().year == 2020
    world.configure({"speed": "instant"})
    assert (world.clock.skips, world.clock.is_frozen) == (True, False)
    with pytest.raises(SettingsError, match="session 'a': the program gave the clock; set it by its own methods"):
        Engine(Library(), Settings(), Clock.frozen()).sessions.get("a").configure({"freeze": "2020-01-01"})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"sede": 1}, "session 'a': unknown setting 'sede'; did you mean 'seed'?"),
        (
            {"zzz": 1},
            "session 'a': unknown setting 'zzz'; there are: api_key, batch_delay, chaos, dialect, edge_headers, file_q",
        ),
        ({"seed": "x"}, "session 'a': seed = 'x': "),
        ({"max_sessions": 3}, "session 'a': 'max_sessions' belongs to the whole server"),
        ({"control_token": "x"}, "session 'a': 'control_token' belongs to the whole server"),
        ({"files_folder": "x"}, "session 'a': 'files_folder' belongs to the whole server"),
    ],
)
def test_a_setting_that_a_session_cannot_have_changes_nothing(values, words):
    world = engine().sessions.get("a")
    before = world.settings
    with pytest.raises(SettingsError) as told:
        world.configure({"validation": "off", **values})
    assert str(told.value).startswith(words)
    assert world.settings == before


def test_the_clock_that_somebody_waits_for_is_the_one_that_is_set():
    world = Engine(Library(), Settings()).sessions.get("a")
    clock = world.clock
    world.configure({"freeze": "2020-01-01"})
    world.count_request()
    world.configure({"speed": "instant"})
    assert (world.clock is clock, clock.skips, clock.now().year) == (True, True, 2020)
    world.configure({"freeze": "2021-01-01"})
    assert (clock.skips, clock.is_frozen, clock.now().year) == (False, True, 2021)
    with pytest.raises(SettingsError, match=r"a clock cannot go back: .* a session that is reset begins anew"):
        world.configure({"freeze": "2020-06-01"})
    assert clock.now().year == 2021


def test_the_journal_s_length_is_a_setting_of_a_session():
    server = engine({"reply": "a"})
    for _ in range(3):
        ask(server, "a")
    server.sessions.get("a").configure({"max_exchanges": 2})
    assert len(server.sessions.get("a").journal.exchanges) == 2
    ask(server, "a")
    assert server.sessions.get("a").journal.forgotten == {"answered": 2}


@pytest.mark.parametrize("session", ["default", "a"])
def test_a_scenario_of_an_old_name_is_a_new_one(session):
    server = engine()

    def scripted():
        own = server.sessions.get(session).own
        script = own.add({"attempts": [{"error": "overloaded"}, {"reply": "ok"}]})
        return own, script, [ask(server, session) for _ in range(2)]

    for take_out in (lambda own, _: own.clear(), lambda own, script: own.remove(script)):
        own, script, answers = scripted()
        assert answers == [529, "ok"]
        take_out(own, script)
    own, script, _ = scripted()
    assert server.sessions.unused() == []
    own.remove(script)
    again = own.add({"reply": "never asked"})
    assert server.sessions.unused() == [again]


def test_what_is_unused_is_told_of_every_session():
    server = engine(
        {"name": "used", "match": {"user": "x"}, "reply": "a"}, {"name": "idle", "match": {"user": "y"}, "reply": "b"}
    )
    own = server.sessions.get("a").own.add({"name": "own", "match": {"user": "z"}, "reply": "c"})
    ask(server, "gone", prompt="x")
    server.sessions.drop("gone")
    assert [script.name for script in server.sessions.unused()] == ["idle", "own"]
    ask(server, "a", prompt="z")
    assert own not in server.sessions.unused()


def test_a_reset_begins_anew_and_leaves_the_others_alone():
    server = engine({"reply": "{{ attempt }}"})
    server.sessions.get("a").own.add({"match": {"user": "x"}, "reply": "own"})
    server.sessions.get("a").configure({"seed": 9})
    for name in ("a", "a", "b"):
        ask(server, name)
    server.sessions.reset("a")
    assert [ask(server, name) for name in ("a", "b")] == ["0", "1"]
    assert server.sessions.get("a").settings.seed == 0
    assert server.sessions.get("a").own.scripts == ()


def test_to_reset_the_default_session_takes_out_what_code_scripted(tmp_path):
    (tmp_path / "a.yaml").write_text("match: {user: file}\nreply: From a file\n")
    server = Engine(Library([tmp_path]), Settings())
    server.library.add({"reply": "From code"})
    assert [ask(server, prompt=prompt) for prompt in ("file", "x")] == ["From a file", "From code"]
    server.sessions.reset("default")
    assert [ask(server, prompt=prompt) for prompt in ("file", "x")] == ["From a file", 404]


def test_to_drop_a_session_forgets_it():
    server = engine({"reply": "{{ attempt }}"})
    ask(server, "a")
    assert server.sessions.drop("a")
    assert not server.sessions.drop("a")
    assert server.sessions.find("a") is None
    assert ask(server, "a") == "0"
    assert server.sessions.drop("default")
    assert server.sessions.find("default").requests == 0


def test_beyond_the_limit_the_one_that_was_not_used_for_longest_is_forgotten_with_a_line(caplog):
    server = Engine(Library(), Settings(max_sessions=3, on_unmatched="fallback"))
    with caplog.at_level(logging.WARNING, logger="mockserver"):
        for name in ("default", "a", "b", "a", "c"):
            ask(server, name)
    assert {world.name for world in server.sessions} == {"default", "a", "c"}
    assert [record.getMessage() for record in caplog.records] == [
        "session 'b' was not used for longest and is forgotten, with its scenarios, journal and files: 3 sessions are "
        "kept; a higher 'max_sessions' keeps more"
    ]


def test_a_session_that_is_being_answered_is_not_forgotten():
    server = Engine(Library(), Settings(max_sessions=1))
    handled = server.handle(Incoming("GET", "/_s/a/", HEADERS))
    assert isinstance(handled, Handled)
    ask(server, "b")
    assert server.sessions.find("a") is handled.world
    server.close(handled, "whole")
    ask(server, "c")
    assert server.sessions.find("a") is None


def test_sixty_four_sessions_at_once_with_one_prompt_and_different_scripts():
    server = engine()
    for number in range(64):
        server.sessions.get(f"s{number}").own.add({"reply": [f"{{{{ attempt }}}} of {number}"][0]})
    found = {}

    def run(number):
        found[number] = [ask(server, f"s{number}") for _ in range(5)]

    threads = [threading.Thread(target=run, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: [f"{attempt} of {number}" for attempt in range(5)] for number in range(64)}


def test_the_same_bytes_whatever_other_sessions_do():
    """What a session answers follows from its name, its requests and the seed alone."""

    def answers(server):
        server.sessions.get("a").own.add({"reply": "{{ fake.name() }} {{ attempt }}"})
        return [post(server, request("Hi", stream=True), path="/_s/a/v1/messages").reply.body for _ in range(3)]

    alone, among = engine(on_unmatched="fallback"), engine(on_unmatched="fallback")
    for number in range(10):
        ask(among, f"other{number}")
    assert answers(alone) == answers(among)
    assert events_of(answers(engine())[0])


def test_files_for_a_session(tmp_path):
    (tmp_path / "one.yaml").write_text("reply: One\n")
    (tmp_path / "two.yaml").write_text("reply: Two\n")
    server = engine({"match": {"user": "x"}, "reply": "everybody"})
    server.sessions.get("a").load([tmp_path / "one.yaml"])
    server.sessions.get("b").load([tmp_path / "two.yaml"])
    assert [ask(server, name) for name in ("a", "b")] == ["One", "Two"]
    with pytest.raises(ScenarioError):
        server.sessions.get("a").load([tmp_path / "nope.yaml"])
    assert ask(server, "a") == "One"


def test_the_journal_is_complete_before_the_client_has_the_end():
    """Between the last bytes and whatever the server does behind them, a client's thread may ask already."""
    server = engine({"reply": "Hi"})
    handled = post(server, request())
    assert (handled.exchange.sent, handled.exchange.text) == ("", "")
    server.ending(handled, "whole")
    assert (handled.exchange.sent, handled.exchange.text) == ("whole", "Hi")
    assert handled.exchange.trial.finished is not None
    server.close(handled, "client gone")  # it left with the last bytes under way
    assert (handled.exchange.sent, handled.exchange.text) == ("client gone", "")
