"""Message batches: their life on the mock clock, their rows, what is told of them, and the words of refusals."""

import json
from datetime import datetime, timedelta

import pytest
from helpers import HEADERS, engine, request, user

from mockserver.control.records import record_of
from mockserver.queries.requests import Requests
from mockserver.serving.lines import line, rows_told
from mockserver.state.clock import Clock
from mockserver.state.resilience import judge
from mockserver.validation.incoming import Incoming

PATH = "/v1/messages/batches"
BASE = "http://mock.test/_s/mine"
HELLO = {"match": {"user": "hello"}, "reply": "Hi."}


def row(name="a", *messages, **fields):
    return {"custom_id": name, "params": request(*messages or ("hello",), **fields)}


def ask(server, method, path=PATH, body=None, **headers):
    raw = b"" if body is None else json.dumps(body).encode()
    path, _, query = path.partition("?")
    handled = server.handle(Incoming(method, path, HEADERS | headers, raw, query=query, base=BASE))
    server.close(handled, "whole")
    return handled


def told(handled):
    return json.loads(handled.reply.body)


def create(server, *rows, **headers):
    return told(ask(server, "POST", body={"requests": list(rows or (row(),))}, **headers))


def look(server, made, **headers):
    return told(ask(server, "GET", f"{PATH}/{made['id']}", **headers))


def results(server, made):
    handled = ask(server, "GET", f"{PATH}/{made['id']}/results")
    assert handled.reply.head.status == 200, handled.reply.body
    return {told["custom_id"]: told["result"] for told in map(json.loads, handled.reply.body.splitlines())}


def refused(handled):
    return handled.reply.head.status, told(handled)["error"]["type"], told(handled)["error"]["message"]


def clock(server):
    return server.sessions.get("default").clock


def journal(server):
    return Requests(server.sessions.get("default").journal.exchanges)


COUNTS = {"processing": 0, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0}


class TestLife:
    def test_a_new_batch_is_in_progress_whatever_its_rows_take(self):
        for delay in (0, 5):
            made = create(engine(HELLO, batch_delay=delay), row("a"), row("b"))
            assert made == {
                "id": made["id"],
                "type": "message_batch",
                "processing_status": "in_progress",
                "request_counts": COUNTS | {"processing": 2},
                "ended_at": None,
                "created_at": "2026-01-01T00:00:00.000000+00:00",
                "expires_at": "2026-01-02T00:00:00.000000+00:00",
                "archived_at": None,
                "cancel_initiated_at": None,
                "results_url": None,
            }
            assert list(made)[:4] == ["id", "type", "processing_status", "request_counts"]
            assert made["id"].startswith("msgbatch_01")
            assert len(made["id"]) == len("msgbatch_01") + 22

    def test_it_ends_when_its_time_has_come(self):
        server = engine(HELLO, batch_delay="10s")
        made = create(server)
        clock(server).advance(9.9)
        assert look(server, made) == made
        clock(server).advance(0.1)
        assert look(server, made) == made | {
            "processing_status": "ended",
            "request_counts": COUNTS | {"succeeded": 1},
            "ended_at": "2026-01-01T00:00:10.000000+00:00",
            "results_url": f"{BASE}{PATH}/{made['id']}/results",
        }

    def test_one_that_is_not_done_asks_to_be_polled_later(self):
        server = engine(HELLO, batch_delay=1)
        made = create(server)
        assert ask(server, "GET", f"{PATH}/{made['id']}").reply.head.headers["retry-after"] == "10"
        assert "retry-after" not in ask(server, "POST", f"{PATH}/{made['id']}/cancel").reply.head.headers
        clock(server).advance(1)
        assert "retry-after" not in ask(server, "GET", f"{PATH}/{made['id']}").reply.head.headers

    def test_where_waits_take_no_time_whoever_looks_finds_it_ended(self):
        server = engine(HELLO, batch_delay="1h")
        server.sessions.get("default").clock = Clock(speed="instant")
        made = create(server)
        assert refused(ask(server, "GET", f"{PATH}/{made['id']}/results"))[0] == 404
        assert told(ask(server, "GET"))["data"] == [made], "a list does not wait for anything"
        ended = look(server, made)
        assert ended["processing_status"] == "ended"
        created, at_end = (datetime.fromisoformat(ended[key]) for key in ("created_at", "ended_at"))
        assert at_end - created == timedelta(hours=1)
        assert clock(server).now() >= at_end

    def test_a_clock_that_stands_is_not_moved_by_looking(self):
        server = engine(HELLO, batch_delay="1h")
        server.sessions.get("default").clock = Clock(speed="instant")
        clock(server).freeze()
        made = create(server)
        assert look(server, made) == look(server, made) == made

    def test_results_are_archived_after_twenty_nine_days(self):
        server = engine(HELLO, batch_delay=1)
        made = create(server)
        clock(server).advance(timedelta(days=29))
        archived = look(server, made)
        assert archived["archived_at"] == "2026-01-30T00:00:00.000000+00:00"
        assert (archived["processing_status"], archived["results_url"]) == ("ended", None)
        assert archived["request_counts"] == COUNTS | {"succeeded": 1}
        assert refused(ask(server, "GET", f"{PATH}/{made['id']}/results")) == (
            404,
            "not_found_error",
            f"Message Batch {made['id']} has no available results.",
        )

    def test_the_same_requests_make_the_same_batches(self):
        def answers():
            server = engine(seed=3, on_unmatched="fallback", batch_delay=0)
            made = [create(server, row("a", "one")), create(server, row("a", "one"))]
            return made, [ask(server, "GET", f"{PATH}/{m['id']}/results").reply.body for m in made]

        (first, second), told = answers()
        assert answers() == ([first, second], told)
        assert first["id"] != second["id"]


class TestCancel:
    def test_right_after_it_was_made(self):
        server = engine(HELLO, batch_delay=60)
        made = create(server, row("a"), row("b"))
        canceling = told(ask(server, "POST", f"{PATH}/{made['id']}/cancel"))
        assert canceling == made | {
            "processing_status": "canceling",
            "cancel_initiated_at": "2026-01-01T00:00:00.000000+00:00",
        }
        clock(server).advance(1)
        ended = look(server, made)
        assert (ended["processing_status"], ended["request_counts"]) == ("ended", COUNTS | {"canceled": 2})
        assert results(server, made) == {"a": {"type": "canceled"}, "b": {"type": "canceled"}}
        assert [exchange.custom_id for exchange in journal(server).where(outcome="canceled")] == ["a", "b"]
        assert journal(server).usage["output_tokens"] == 0, "nobody got an answer"

    def test_rows_that_were_done_keep_their_answers(self):
        server = engine(HELLO, {"match": {"user": "slow"}, "reply": "late", "batch_delay": "1m"}, batch_delay=1)
        made = create(server, row("a"), row("b", "slow"))
        clock(server).advance(2)
        ask(server, "POST", f"{PATH}/{made['id']}/cancel")
        clock(server).advance(1)
        assert {name: result["type"] for name, result in results(server, made).items()} == {
            "a": "succeeded",
            "b": "canceled",
        }

    def test_what_has_ended_stays_as_it_is(self):
        server = engine(HELLO, batch_delay=0)
        made = create(server)
        ended = look(server, made)
        assert told(ask(server, "POST", f"{PATH}/{made['id']}/cancel")) == ended


class TestDelete:
    WORDS = "In progress batches cannot be deleted. Consider canceling the batch instead."

    def test_not_before_the_end(self):
        server = engine(HELLO, batch_delay=5)
        made = create(server)
        assert refused(ask(server, "DELETE", f"{PATH}/{made['id']}")) == (400, "invalid_request_error", self.WORDS)
        ask(server, "POST", f"{PATH}/{made['id']}/cancel")
        assert refused(ask(server, "DELETE", f"{PATH}/{made['id']}"))[2] == self.WORDS
        assert look(server, made)["processing_status"] == "canceling"

    def test_after_the_end_it_is_gone(self):
        server = engine(HELLO, batch_delay=0)
        made = create(server)
        gone = told(ask(server, "DELETE", f"{PATH}/{made['id']}"))
        assert list(gone.items()) == [("id", made["id"]), ("type", "message_batch_deleted")]
        for method, path in (("GET", ""), ("GET", "/results"), ("POST", "/cancel"), ("DELETE", "")):
            assert refused(ask(server, method, f"{PATH}/{made['id']}{path}")) == (
                404,
                "not_found_error",
                f"Message Batch {made['id']} not found.",
            )
        assert told(ask(server, "GET"))["data"] == []


class TestList:
    def test_the_newest_first_in_pages(self):
        server = engine(HELLO, batch_delay=5)
        made = [create(server, row(name)) for name in "abc"][::-1]
        page = told(ask(server, "GET", f"{PATH}?limit=2"))
        assert page == {
            "data": made[:2],
            "has_more": True,
            "first_id": made[0]["id"],
            "last_id": made[1]["id"],
        }
        assert told(ask(server, "GET", f"{PATH}?limit=2&after_id={made[1]['id']}"))["data"] == made[2:]
        assert told(ask(server, "GET", f"{PATH}?before_id={made[2]['id']}"))["data"] == made[:2]

    def test_there_may_be_none(self):
        assert told(ask(engine(), "GET")) == {"data": [], "has_more": False, "first_id": None, "last_id": None}

    def test_sessions_do_not_see_each_other_s(self):
        server = engine(HELLO, batch_delay=0)
        made = create(server)
        assert refused(ask(server, "GET", f"/_s/other{PATH}/{made['id']}"))[0] == 404
        assert told(ask(server, "GET", f"/_s/other{PATH}"))["data"] == []


ERRORED = {
    "no messages": ({"model": "claude-sonnet-5", "max_tokens": 1}, "invalid_request_error", "messages: Field required"),
    "no output": (
        request("hello", max_tokens=0),
        "invalid_request_error",
        "max_tokens: must be greater than or equal to 1",
    ),
    "a stream": (
        request("hello", stream=True),
        "invalid_request_error",
        "`stream=True` is not supported in the Message Batches API",
    ),
    "speed": (request("hello", speed="standard"), "invalid_request_error", "speed: Extra inputs are not permitted"),
    "a thread": (
        request("hello", thread={"type": "create"}),
        "invalid_request_error",
        "thread: Extra inputs are not permitted",
    ),
    "fallbacks": (
        request("hello", fallbacks="default"),
        "invalid_request_error",
        "fallbacks: Extra inputs are not permitted",
    ),
    "a model that does not exist": (request("hello", model="claude-x"), "not_found_error", "model: claude-x"),
    "too much output": (
        request("hello", model="claude-haiku-4-5", max_tokens=9_999_999),
        "invalid_request_error",
        "max_tokens: 9999999 > 64000, which is the maximum allowed number of output tokens for "
        "claude-haiku-4-5-20251001",
    ),
    "whitespace": (
        request(" "),
        "invalid_request_error",
        "messages: text content blocks must contain non-whitespace text",
    ),
}


class TestRows:
    def test_a_row_is_answered_like_a_request_but_for_its_tier(self):
        server = engine(HELLO, batch_delay=0)
        made = create(server, row())
        result = results(server, made)["a"]
        direct = told(ask(server, "POST", "/v1/messages", request("hello")))
        assert result["type"] == "succeeded"
        assert result["message"].pop("id") != direct.pop("id")
        assert result["message"]["usage"].pop("service_tier") == "batch"
        assert direct["usage"].pop("service_tier") == "standard"
        assert result["message"] == direct
        assert list(result["message"]) == list(direct)

    def test_results_are_lines_in_the_rows_order(self):
        server = engine(HELLO, batch_delay=0)
        made = create(server, row("b"), row("a"))
        handled = ask(server, "GET", f"{PATH}/{made['id']}/results")
        headers = handled.reply.head.headers
        assert headers["content-type"] == "application/x-jsonl"
        disposition = f"attachment; filename*=utf-8''{made['id']}_results.jsonl"
        assert headers["content-disposition"] == disposition
        assert handled.reply.body.startswith(b'{"custom_id":"b","result":{"type":"succeeded","message":{"model":')
        assert handled.reply.body.endswith(b"}\n")
        assert [json.loads(told)["custom_id"] for told in handled.reply.body.splitlines()] == ["b", "a"]

    @pytest.mark.parametrize(("params", "kind", "words"), ERRORED.values(), ids=ERRORED)
    def test_what_is_wrong_with_a_row_is_told_in_its_line_alone(self, params, kind, words):
        server = engine(HELLO, batch_delay=0)
        made = create(server, {"custom_id": "bad", "params": params}, row("good"))
        assert look(server, made)["request_counts"] == COUNTS | {"succeeded": 1, "errored": 1}
        assert results(server, made)["bad"] == {
            "type": "errored",
            "error": {
                "type": "error",
                "error": {"details": {"error_visibility": "user_facing"}, "type": kind, "message": words},
                "request_id": None,
            },
        }

    def test_the_order_of_keys_in_an_error(self):
        server = engine(HELLO, batch_delay=0)
        made = create(server, row(max_tokens=0))
        raw = ask(server, "GET", f"{PATH}/{made['id']}/results").reply.body
        assert raw == (
            b'{"custom_id":"a","result":{"type":"errored","error":{"type":"error","error":{"details":'
            b'{"error_visibility":"user_facing"},"type":"invalid_request_error","message":'
            b'"max_tokens: must be greater than or equal to 1"},"request_id":null}}}\n'
        )

    def test_a_scripted_error_is_the_row_s_and_has_a_request_id(self):
        failing = {"match": {"user": "hello"}, "error": "overloaded", "delay": "5s"}
        server = engine(failing, batch_delay=0)
        made = create(server)
        error = results(server, made)["a"]["error"]
        assert error["error"]["type"] == "overloaded_error"
        assert error["request_id"].startswith("workerreq_01")

    def test_a_row_that_nothing_answers_is_errored_and_told(self):
        server = engine(HELLO, batch_delay=0)
        handled = ask(server, "POST", body={"requests": [row(), row("b", "bye")]})
        error = results(server, told(handled))["b"]["error"]["error"]
        assert error["type"] == "not_found_error"
        assert error["message"].startswith("mockserver: no scenario matches")
        assert "2 rows: 1 succeeded, 1 errored; 'b': no scenario matches" in line(handled.exchange, 0)
        assert [exchange.custom_id for exchange in journal(server) if exchange.went_wrong] == ["b"]

    def test_a_day_s_delay_lets_a_row_expire(self):
        server = engine({"match": {"user": "slow"}, "reply": "never", "batch_delay": "24h"}, HELLO, batch_delay=1)
        made = create(server, row("a"), row("b", "slow"))
        clock(server).advance(timedelta(hours=24))
        assert look(server, made)["request_counts"] == COUNTS | {"succeeded": 1, "expired": 1}
        assert results(server, made)["b"] == {"type": "expired"}
        assert [exchange.outcome for exchange in journal(server).where(endpoint="batches")] == ["succeeded", "expired"]

    def test_each_row_has_a_line_in_the_log_and_of_a_large_batch_the_first(self):
        server = engine(HELLO, on_unmatched="fallback")
        handled = ask(server, "POST", body={"requests": [row(f"r{n}", "hello" if n else "bye") for n in range(25)]})
        told_ = list(rows_told(handled.exchange, journal(server)))
        assert "25 rows: 25 succeeded, 1 made up" in line(handled.exchange, 0)
        assert told_[0].startswith(
            "#1 POST /v1/messages row 'r0' succeeded 200 claude-sonnet-5 <- fallback: no scenario"
        )
        assert told_[1] == "#2 POST /v1/messages row 'r1' succeeded 200 claude-sonnet-5 <- code#1 turn 0"
        assert (len(told_), told_[-1]) == (21, "… 5 more rows")
        assert list(rows_told(ask(server, "GET").exchange, journal(server))) == []

    def test_a_row_s_own_delay_wins_over_the_setting(self):
        server = engine(HELLO | {"batch_delay": "2s"}, batch_delay="1h")
        made = create(server)
        clock(server).advance(2)
        assert look(server, made)["processing_status"] == "ended"

    def test_attempts_count_over_rows_and_requests(self):
        tried = {
            "match": {"user": "hello"},
            "attempts": [{"error": "overloaded"}, {"reply": "two"}, {"reply": "three"}],
        }
        server = engine(tried, batch_delay=0)
        made = create(server, row("a"), row("b"))
        told_ = results(server, made)
        assert (told_["a"]["type"], told_["b"]["message"]["content"][0]["text"]) == ("errored", "two")
        assert told(ask(server, "POST", "/v1/messages", request("hello")))["content"][0]["text"] == "three"

    def test_what_breaks_connections_does_not_break_rows(self):
        broken = HELLO | {"fault": {"before": "response", "disconnect": "reset"}, "delay": "5s"}
        server = engine(broken, batch_delay=0, chaos="rough", limits={"requests": 1})
        made = create(server, *(row(f"r{number}") for number in range(40)))
        assert look(server, made)["request_counts"]["succeeded"] == 40

    def test_tools_thinking_and_verbatim_answers(self):
        weather = {
            "name": "get_weather",
            "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
        }
        whole = {
            "type": "message",
            "role": "assistant",
            "id": "msg_1",
            "model": "x",
            "content": [],
            "stop_reason": None,
        }
        server = engine(
            {"match": {"user": "weather"}, "reply": [{"tool_use": {"name": "get_weather", "input": {"city": "Bern"}}}]},
            {"match": {"user": "whole"}, "message": whole},
            batch_delay=0,
        )
        made = create(server, row("a", "weather", tools=[weather]), row("b", "whole"))
        told_ = results(server, made)
        assert told_["a"]["message"]["stop_reason"] == "tool_use"
        assert told_["a"]["message"]["content"][0]["input"] == {"city": "Bern"}
        assert told_["b"]["message"] == whole

    def test_rows_may_ask_for_long_output_with_its_beta(self):
        long = {"anthropic-beta": "output-300k-2026-03-24"}
        asked = [row("a", max_tokens=300_000), row("b", model="claude-haiku-4-5", max_tokens=300_000)]
        server = engine(HELLO, batch_delay=0)
        assert {name: told["type"] for name, told in results(server, create(server, *asked, **long)).items()} == {
            "a": "succeeded",
            "b": "errored",
        }
        assert {told["type"] for told in results(server, create(server, *asked)).values()} == {"errored"}


class TestMatching:
    def test_a_scenario_without_endpoint_answers_both(self):
        server = engine(HELLO, batch_delay=0)
        assert results(server, create(server))["a"]["type"] == "succeeded"
        assert ask(server, "POST", "/v1/messages", request("hello")).reply.head.status == 200

    @pytest.mark.parametrize(
        ("endpoint", "row_s", "direct"), [("batches", "succeeded", 404), ("messages", "errored", 200)]
    )
    def test_a_scenario_for_one_endpoint_answers_that_alone(self, endpoint, row_s, direct):
        server = engine({"match": {"endpoint": endpoint}, "reply": "Hi."}, batch_delay=0)
        assert results(server, create(server))["a"]["type"] == row_s
        assert ask(server, "POST", "/v1/messages", request("hello")).reply.head.status == direct


class TestJournal:
    def test_rows_are_exchanges_behind_that_of_their_batch(self):
        server = engine(HELLO, batch_delay=0)
        made = create(server, row("a"), row("b"))
        asked = journal(server)
        assert [(e.path, e.batch, e.custom_id, e.verdict) for e in asked] == [
            (PATH, "", "", "batched"),
            ("/v1/messages", made["id"], "a", "answered"),
            ("/v1/messages", made["id"], "b", "answered"),
        ]
        assert asked.where(custom_id="b").last.text == "Hi."
        assert [e.custom_id for e in asked.where(endpoint="batches", user="hello")] == ["a", "b"]
        assert len(asked.where(endpoint="messages")) == 0
        assert "(row 'a' of msgbatch_" in str(asked)
        assert {exchange.outcome for exchange in asked.where(endpoint="batches")} == {"succeeded"}
        assert asked[1].answer_headers == {}
        assert asked.usage["output_tokens"] > 0

    def test_keys_in_rows_are_not_kept(self):
        server = engine(HELLO, batch_delay=0)
        create(server, row("a", "hello sk-ant-api03-abcdefgh"))
        assert "abcdefgh" not in str([exchange.body for exchange in journal(server)])

    def test_a_name_that_is_a_key_is_not_kept_and_still_comes_back(self):
        server = engine(HELLO, batch_delay=0)
        name = "sk-ant-api03-abcdefgh"
        handled = ask(server, "POST", body={"requests": [row(name, max_tokens=0)]})
        kept = str([record_of(exchange) for exchange in journal(server)]) + line(handled.exchange, 0)
        assert "abcdefgh" not in kept
        assert list(results(server, told(handled))) == [name]

    def test_a_bug_in_a_row_is_that_row_s(self, monkeypatch):
        server = engine(HELLO, batch_delay=0)
        monkeypatch.setattr("mockserver.engine.conversing.select", lambda *_: 1 / 0)
        made = create(server)
        assert results(server, made)["a"]["error"]["error"]["type"] == "api_error"
        assert isinstance(journal(server)[1].bug, ZeroDivisionError)

    def test_rows_are_no_retries(self):
        failing = {"match": {"user": "hello"}, "attempts": [{"error": "overloaded"}, {"reply": "Hi."}]}
        server = engine(failing, batch_delay=0)
        ask(server, "POST", "/v1/messages", request("hello"))
        ask(server, "POST", body={"requests": [row()]})
        (episode,) = judge(journal(server)).episodes
        assert episode.retry is None


class TestEnvelope:
    @pytest.mark.parametrize("level", ["strict", "lenient", "off"])
    def test_rows_are_judged_as_strictly_as_requests(self, level):
        server = engine({"reply": "Hi."}, batch_delay=0, validation=level)
        made = create(server, row("a", model="claude-nope"))
        assert results(server, made)["a"]["type"] == ("errored" if level == "strict" else "succeeded")

    def test_two_rows_of_one_name(self):
        assert refused(ask(engine(HELLO), "POST", body={"requests": [row("dup"), row("dup")]})) == (
            400,
            "invalid_request_error",
            "requests: custom_id's must be unique within a batch. Duplicate custom_id found: dup",
        )

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("", "String should have at least 1 character"),
            ("a" * 65, "String should have at most 64 characters"),
            ("a b", "String should match pattern '^[a-zA-Z0-9_-]{1,64}$'"),
            ("ä", "String should match pattern '^[a-zA-Z0-9_-]{1,64}$'"),
        ],
    )
    def test_names_of_rows(self, name, words):
        assert (
            refused(ask(engine(HELLO), "POST", body={"requests": [row(name)]}))[2] == f"requests.0.custom_id: {words}"
        )

    @pytest.mark.unmeasured
    def test_too_many_rows(self):
        rows = [{"custom_id": "a", "params": {}}] * 100_001
        assert refused(ask(engine(HELLO), "POST", body={"requests": rows}))[2] == (
            "requests: List should have at most 100000 items after validation, not 100001"
        )

    def test_an_unknown_key(self):
        assert refused(ask(engine(HELLO), "POST", body={"requests": [row()], "metadata": {}}))[2] == (
            "metadata: Extra inputs are not permitted"
        )

    def test_rows_keep_the_version_of_their_batch(self):
        server = engine(HELLO, batch_delay=0)
        made = create(server, row(temperature=1), **{"anthropic-version": "2026-10-21"})
        assert results(server, made)["a"]["error"]["error"]["message"] == "temperature: Extra inputs are not permitted"
        made = create(server, row(temperature=1))
        assert results(server, made)["a"]["type"] == "succeeded"


def test_user_content_reaches_templates():
    server = engine({"reply": "{{ prompt }} for {{ request.metadata.user_id }}"}, batch_delay=0)
    made = create(server, row("a", user("hello"), metadata={"user_id": "u1"}))
    assert results(server, made)["a"]["message"]["content"][0]["text"] == "hello for u1"


OWN = {"name": "own", "prefix": "/own", "usage": ["input_tokens", "output_tokens"], "missing": ["metadata"]}


class TestDialects:
    def test_rows_are_judged_and_told_in_the_session_s_dialect(self):
        server = engine(HELLO, batch_delay=0, dialect=OWN)
        asked = {"requests": [row("a"), row("b", metadata={})]}
        made = told(ask(server, "POST", f"/own{PATH}", asked))
        ended = told(ask(server, "GET", f"/own{PATH}/{made['id']}"))
        assert ended["results_url"] == f"{BASE}/own{PATH}/{made['id']}/results"
        lines = ask(server, "GET", f"/own{PATH}/{made['id']}/results").reply.body.splitlines()
        results = {line["custom_id"]: line["result"] for line in map(json.loads, lines)}
        assert list(results["a"]["message"]["usage"]) == ["input_tokens", "output_tokens"]
        assert results["b"]["error"]["error"]["message"] == "metadata: Extra inputs are not permitted"
