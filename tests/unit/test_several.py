"""Several workers: engines of one port that answer the same, never give an id twice, and say what each has alone."""

import json

import pytest
from helpers import engine, post, request, upload

from mockserver.control.answering import answer as control
from mockserver.control.operations import OPERATIONS
from mockserver.engine import Engine
from mockserver.serving.banner import banner, ready_line
from mockserver.serving.several import LastWords, beginning, ending, last_words
from mockserver.state.clock import Clock
from mockserver.state.store import BOOKS, MemoryStore, Place
from mockserver.validation.incoming import Incoming

URL = "http://127.0.0.1:1"
TRIED = {"name": "tried", "match": {"user": "again"}, "attempts": [{"error": "overloaded"}, {"reply": "Now."}]}


def crew(*scenarios, of=2, **settings):
    """The engines of all workers of a server."""
    first = engine(*scenarios, **settings)
    return [
        Engine(first.library, first.settings, Clock.frozen(), MemoryStore(Place(number, of)))
        for number in range(1, of + 1)
    ]


def asked(server, method, path, body=b""):
    """The control API's answer: status, headers and JSON, or text."""
    operation, _, query = path.partition("?")
    reply = control(
        server, Incoming(method, f"/_mock/{operation}", {"host": "127.0.0.1"}, body, query=query), "127.0.0.1"
    )
    is_json = reply.head.headers["content-type"] == "application/json"
    return reply.head.status, reply.head.headers, json.loads(reply.body) if is_json else reply.body.decode()


# -------------------------------------------------------------- the same answers


def test_workers_answer_the_same_but_for_ids_which_nobody_gives_twice():
    one, two = crew({"reply": "{{ fake.name() }} says {{ prompt }}"}, seed=7)
    answers = [
        [json.loads(post(server, request(text)).reply.body) for text in ("a", "b", "a")] for server in (one, two)
    ]
    ids = [message.pop("id") for messages in answers for message in messages]
    assert answers[0] == answers[1]
    assert len(set(ids)) == 6


def test_ids_of_requests_files_and_batches_differ_too():
    rows = {"requests": [{"custom_id": "a", "params": request()}]}
    found = []
    for server in crew({"reply": "Hi"}):
        batch, file = post(server, rows, path="/v1/messages/batches"), upload(server)
        found += [json.loads(handled.reply.body)["id"] for handled in (batch, file)]
        found.append(post(server, request()).reply.head.headers["request-id"])
    assert len(set(found)) == 6


def test_a_retry_is_recognized_among_numbers_that_are_dealt_out():
    """The log looks for the failure among the latest fifty requests of this worker, however many workers there are."""
    server = crew(TRIED, {"reply": "Hi"}, of=8)[2]
    failed = post(server, request("again"))
    for _ in range(20):
        server.close(post(server, request()), "whole")
    server.close(failed, "whole")
    retried = post(server, request("again"))
    server.close(retried, "whole")
    assert retried.exchange.attempt == 1
    assert server.answered_failure(retried).failed is failed.exchange


# -------------------------------------------------------------- what is not known here


UNKNOWN = {
    "a file": ("GET", "/v1/files/file_011CZZZZZZ", None, "files", 404),
    "the files": ("GET", "/v1/files", None, "files", 200),
    "a batch": ("GET", "/v1/messages/batches/msgbatch_01", None, "message batches", 404),
    "the batches": ("GET", "/v1/messages/batches", None, "message batches", 200),
    "a file in a message": (
        "POST",
        "/v1/messages",
        request(
            {"role": "user", "content": [{"type": "document", "source": {"type": "file", "file_id": "file_011CZ"}}] * 2}
        ),
        "files",
        200,
    ),
    "a thread": (
        "POST",
        "/v1/messages",
        request(thread={"type": "continue", "previous_message_id": "msg_01"}),
        "threads",
        200,
    ),
}


@pytest.mark.parametrize(("method", "path", "body", "book", "status"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_one_worker_does_not_know_is_answered_with_a_warning(method, path, body, book, status):
    warning = f"this is worker 2 of 2, and each has its own {book}: another may know what this one does not"
    betas = {"anthropic-beta": "message-threads-2026-08-12"}
    for server in (crew({"reply": "Hi"})[1], engine({"reply": "Hi"})):
        handled = post(server, b"" if body is None else body, betas, path, method)
        assert handled.reply.head.status == status, handled.reply.body
        told = handled.reply.head.headers.get("x-mock-warning", "")
        assert told.count(warning) == (server.sessions.store.place.of > 1)
        assert (warning in handled.exchange.warning) is (server.sessions.store.place.of > 1)


# -------------------------------------------------------------- the control API


def test_every_operation_says_how_far_it_reaches():
    """What changes a session needs books; what shows one, shows books; the rest is the same on all."""
    same = {"getHealth", "getReady", "getOpenApi", "explain", "getSettings", "getLimits"}
    for operation in OPERATIONS:
        assert {*operation.shows, *operation.needs} <= set(BOOKS)
        kinds = operation.id in same, bool(operation.shows), bool(operation.needs)
        assert sum(kinds) == 1, operation.id
        assert operation.needs or operation.method == "GET" or operation.id == "explain"


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.needs], ids=lambda operation: operation.id)
def test_what_would_reach_one_worker_is_refused_and_changes_nothing(operation):
    server = crew({"name": "a", "reply": "Hi"})[1]
    before = server.sessions.get("default")
    status, headers, told = asked(server, operation.method, operation.path.replace("{name}", "a"), b"{}")
    assert (status, told["error"]["type"]) == (409, "several_workers")
    assert headers["x-mock-worker"] == "2/2"
    words = told["error"]["message"]
    assert words.startswith(f"mockserver: {operation.method} /_mock/{operation.path} would reach worker 2 of 2 alone")
    assert words.endswith("Serve with one worker (--workers 1) to use this")
    assert server.sessions.get("default") is before


def test_what_one_worker_has_is_shown_with_a_warning_in_header_and_body():
    server = crew({"reply": "Hi"})[1]
    post(server, request())
    status, headers, told = asked(server, "GET", "requests")
    words = (
        "mockserver: this is of worker 2 of 2 alone; each has its own: the journal, and what is judged or counted by it"
    )
    assert (status, headers["x-mock-worker"], headers["x-mock-warning"]) == (200, "2/2", words)
    assert next(iter(told)) == "warning"
    assert (told["warning"], len(told["requests"])) == (words, 1)


def test_an_export_has_the_warning_in_its_header():
    server = crew({"reply": "Hi"})[0]
    post(server, request())
    _, headers, text = asked(server, "GET", "requests?format=jsonl")
    assert headers["x-mock-warning"].startswith("mockserver: this is of worker 1 of 2 alone")
    assert json.loads(text)["number"] == 0


def test_metrics_say_which_worker_counted():
    server = crew({"reply": "Hi"})[1]
    server.close(post(server, request()), "whole")
    told = asked(server, "GET", "metrics")[2]
    assert 'mockserver_requests_total{status="200",verdict="answered",worker="2"} 1.0' in told
    assert 'mockserver_sessions{worker="2"} 1.0' in told


def test_what_is_the_same_on_all_has_no_warning_and_one_process_says_nothing_at_all():
    _, headers, told = asked(crew()[0], "GET", "settings")
    assert headers["x-mock-worker"] == "1/2"
    assert ("x-mock-warning" in headers, "warning" in told) == (False, False)
    _, headers, told = asked(engine(), "GET", "requests")
    assert set(headers) == {"content-type", "cache-control"}
    assert set(told) == {"requests", "forgotten"}
    assert asked(engine(), "POST", "reset")[0] == 200


# -------------------------------------------------------------- words


def test_the_first_words_say_what_each_worker_has_alone_and_what_is_the_same():
    said = "\n".join(beginning(crew()[0]))
    assert said.startswith("2 workers serve this port")
    assert all(words in said for words in BOOKS.values())
    assert "the same on all: the scenarios of files and every edit of them, matching" in said
    assert "what changes a session over /_mock, or judges one by what is each worker's own, is refused" in said
    assert "beware" not in said
    assert list(beginning(engine())) == []


BEWARE = {
    "attempts": (
        (TRIED,),
        {},
        "'tried' count attempts: a try on a new connection may reach a worker that has not seen the one before",
    ),
    "limits": (
        (),
        {"limits": "start"},
        "each worker lets the whole rate limit through, so up to 2 times as much passes",
    ),
    "limits of a session": ((), {"session_limits": "a:start"}, "up to 2 times as much passes"),
    "speed": (
        (),
        {"speed": 10},
        "speed 10: on each worker the clock of a session begins to run with its first request there",
    ),
    "no waits": ((), {"speed": "instant"}, "speed instant: on each worker the clock"),
}


@pytest.mark.parametrize(("scenarios", "settings", "words"), BEWARE.values(), ids=BEWARE)
def test_what_goes_otherwise_with_these_scenarios_and_settings_is_said(scenarios, settings, words):
    beware = [line for line in beginning(crew(*scenarios, **settings)[0]) if line.startswith("beware: ")]
    assert len(beware) == 1
    assert words in beware[0]


def test_many_scenarios_with_attempts_are_not_all_named():
    many = [{**TRIED, "name": f"s{number}", "match": {"user": str(number)}} for number in range(5)]
    assert any("'s0', 's1', 's2' and 2 more count attempts" in line for line in beginning(crew(*many)[0]))


def test_banner_and_ready_line_name_the_workers():
    server = crew()[0]
    assert "  2 workers serve this port; a connection stays with one of them\n" in banner(server, URL)
    assert banner(server, URL).endswith("\n\n")
    assert max(map(len, banner(crew(TRIED, limits="start")[0], URL).splitlines()[4:])) <= 120
    assert json.loads(ready_line(server, URL))["workers"] == 2
    assert "workers" not in json.loads(ready_line(engine(), URL))


def test_the_last_words_sum_up_and_do_not_judge_what_no_worker_saw_whole():
    one, two = crew(TRIED, {"reply": "Hi"})
    for server, text in ((one, "again"), (two, "a"), (two, "b")):
        server.close(post(server, request(text)), "whole")
    assert [last_words(one), last_words(two)] == [LastWords(1, 1), LastWords(2, 0)]
    assert list(ending([last_words(one), last_words(two)])) == [
        "requests answered: worker 1 1, worker 2 2",
        "1 failed their clients; what these did then is judged where one worker sees all of it: serve with --workers 1",
    ]
    assert list(ending([LastWords(1000, 0)])) == ["requests answered: worker 1 1,000"]
