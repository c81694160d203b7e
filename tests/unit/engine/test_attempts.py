"""Outcomes that differ by attempt and by chance: what counts as the same request, and what decides."""

import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import pytest
from helpers import HEADERS, assistant, engine, post, request, tool_result, tool_use, user

from mockserver import MockServer

THREE = {
    "attempts": [
        {"error": "overloaded"},
        {"error": {"type": "rate_limit", "retry_after": 2}},
        {"reply": "done {{ attempt }}"},
    ]
}


def statuses(server, *bodies, **how):
    return [post(server, body, **how).reply.head.status for body in bodies]


def test_each_attempt_meets_the_next_outcome_and_then_the_last_again():
    server = engine(THREE)
    assert statuses(server, *[request()] * 5) == [529, 429, 200, 200, 200]
    assert json.loads(post(server, request()).reply.body)["content"][0]["text"] == "done 5"
    exchanges = server.sessions.get("default").journal.exchanges
    assert [exchange.attempt for exchange in exchanges] == [0, 1, 2, 3, 4, 5]


SAME = [
    request(stream=True),
    request(metadata={"user_id": "other"}),
    dict(reversed(request().items())),
]
OTHER = [request("Hello!"), request(max_tokens=7), request(temperature=1), request(system="")]


@pytest.mark.parametrize("body", SAME, ids=str)
def test_stream_metadata_and_the_order_of_keys_make_no_other_request(body):
    assert statuses(engine(THREE), request(), body, request()) == [529, 429, 200]


@pytest.mark.parametrize("body", OTHER, ids=str)
def test_everything_else_does_and_does_not_reset_the_first(body):
    assert statuses(engine(THREE), request(), body, request()) == [529, 529, 429]


def test_retries_of_an_sdk_count_as_what_they_are():
    server = engine(THREE)
    got = [post(server, request(), headers={"x-stainless-retry-count": str(n)}).exchange for n in range(3)]
    assert [e.status for e in got] == [529, 429, 200]
    assert [e.trial.declared for e in got] == [0, 1, 2]


def test_sessions_and_turns_count_for_themselves():
    server = engine({"turns": [THREE, {"attempts": [{"error": "api"}, {"reply": "b"}]}]})
    later = request("Hello", assistant("x"), user("y"))
    later["messages"] = [user("Hello"), assistant([tool_use()]), user([tool_result()])]
    assert statuses(server, request()) == statuses(server, request(), path="/_s/other/v1/messages") == [529]
    assert statuses(server, later, later) == [500, 200]
    assert statuses(server, request()) == [429]


def test_what_stands_beside_attempts_is_their_default():
    server = engine(
        {
            "headers": {"x-a": "1"},
            "turns": [
                {
                    "model": "m",
                    "headers": {"x-b": "{{ attempt }}"},
                    "attempts": [{"reply": "a"}, {"reply": "b", "headers": {"x-b": "own"}}],
                }
            ],
        }
    )
    first, second = post(server, request()).reply, post(server, request()).reply
    assert [r.head.headers["x-b"] for r in (first, second)] == ["0", "own"]
    assert {r.head.headers["x-a"] for r in (first, second)} == {"1"}
    assert json.loads(first.body)["model"] == json.loads(second.body)["model"] == "m"


def test_expect_beside_attempts_holds_for_each_and_in_one_for_that_one():
    server = engine(
        {"expect": {"max_tokens": 1024}, "attempts": [{"reply": "a"}, {"reply": "b", "expect": {"stream": True}}]}
    )
    assert statuses(server, request(), request(), request(stream=True), request(max_tokens=1)) == [200, 400, 200, 400]


def test_attempts_are_counted_where_tokens_are():
    server = engine(
        {
            "match": {"endpoint": "count_tokens"},
            "attempts": [{"error": "api"}, {"reply": "a", "usage": {"input_tokens": 7}}],
        }
    )
    body = {k: v for k, v in request().items() if k != "max_tokens"}
    assert statuses(server, body, body, path="/v1/messages/count_tokens") == [500, 200]


def test_parallel_attempts_each_meet_one_outcome():
    """A hundred at once over real connections: each outcome is met once, and the last by all others."""
    outcomes = [{"error": {"type": "api", "message": str(n)}} for n in range(20)]
    met = []
    with MockServer() as server:
        server.add({"attempts": [*outcomes, {"reply": "ok"}]})

        def ask():
            asked = urllib.request.Request(f"{server.base_url}/v1/messages", json.dumps(request()).encode(), HEADERS)
            try:
                urllib.request.urlopen(asked).close()
                met.append("ok")
            except urllib.error.HTTPError as error:
                met.append(json.load(error)["error"]["message"])
                error.close()

        threads = [threading.Thread(target=ask) for _ in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert Counter(met) == {**{str(n): 1 for n in range(20)}, "ok": 80}


# ----------------------------------------------------------------- chance


def share(scenario, status, number=400, **settings):
    server = engine(scenario, **settings)
    return sum(post(server, request(f"number {n}")).reply.head.status == status for n in range(number)) / number


@pytest.mark.parametrize("chance", [0, 0.2, 0.5, 1])
def test_chance_is_a_share_of_the_requests(chance):
    got = share({"chance": chance, "error": "overloaded", "reply": "a"}, 529)
    assert abs(got - chance) < 0.06
    assert got == chance or chance not in (0, 1)


def test_without_its_chance_the_next_attempt_answers():
    scenario = {"attempts": [{"chance": 0.3, "error": "overloaded"}, {"chance": 0.5, "error": "api"}, {"reply": "a"}]}
    assert abs(share(scenario, 529) - 0.3) < 0.06
    assert abs(share(scenario, 500) - 0.35) < 0.06


def test_without_its_chance_a_turn_has_no_fault():
    server = engine({"chance": 0.5, "reply": "a", "fault": {"status": 502}, "delay": 1})
    got = [post(server, request(f"number {n}")) for n in range(100)]
    assert {h.reply.head.status for h in got} == {200, 502}
    assert {bool(h.exchange.faults) for h in got} == {True, False}
    assert len({type(h.reply.steps[0]) for h in got}) == 1, "the delay is always there"


def test_each_attempt_has_its_own_chance():
    server = engine({"chance": 0.5, "error": "overloaded", "reply": "a"})
    assert set(statuses(server, *[request()] * 20)) == {200, 529}


def test_the_journal_lists_what_chance_brought():
    server = engine({"chance": 1, "error": "overloaded", "reply": "a"})
    assert post(server, request()).exchange.faults == ["error: overloaded_error by chance 1"]


ROUGH = """
import json, sys
sys.path.insert(0, sys.argv[1])
from helpers import engine, post, request
server = engine({"chance": 0.3, "error": "overloaded", "reply": "a", "fault": {"after": {"percent": 50}, "stall": 1}}, seed=7, chaos="rough")
for number in json.loads(sys.argv[2]):
    handled = post(server, request(f"number {number}"))
    print(number, handled.reply.head.status, handled.exchange.faults)
"""


@pytest.mark.unmeasured
def test_the_same_seed_gives_the_same_faults_in_one_process_and_in_four_and_in_any_order():
    """Independent requests: split over four processes, backwards, they meet what they meet in one."""
    numbers = list(range(120))

    def run(some):
        command = [sys.executable, "-c", ROUGH, str(Path(__file__).parents[2]), json.dumps(some)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    one = run(numbers)
    four = [run(numbers[start::4][::-1]) for start in range(4)]
    alone = one.communicate()[0].splitlines()
    together = [line for process in four for line in process.communicate()[0].splitlines()]
    assert len(alone) == 120
    assert sorted(alone) == sorted(together)
    assert sum("chaos" in line for line in alone) > 10
    assert sum("by chance" in line for line in alone) > 10


# ------------------------------------------------------------------ chaos


@pytest.mark.unmeasured
@pytest.mark.parametrize(("profile", "low", "high"), [("off", 0, 0), ("mild", 0.02, 0.09), ("rough", 0.28, 0.44)])
def test_chaos_breaks_its_share(profile, low, high):
    server = engine({"reply": "a"}, chaos=profile)
    got = [post(server, request(f"number {n}")).exchange for n in range(1000)]
    assert low <= sum(bool(exchange.faults) for exchange in got) / 1000 <= high
    assert {e.verdict for e in got if e.status >= 500 and not e.faults} == set()


def test_another_seed_is_another_chaos():
    def met(seed):
        server = engine({"reply": "a"}, chaos="rough", seed=seed)
        return [post(server, request(f"number {n}")).exchange.faults for n in range(50)]

    assert met(1) == met(1) != met(2)


@pytest.mark.unmeasured
def test_chaos_is_named_and_leaves_scripted_faults_alone():
    server = engine({"reply": "a", "fault": {"after": {"events": 1}, "stall": 1}}, chaos="rough")
    told = [f for n in range(200) for f in post(server, request(f"number {n}")).exchange.faults]
    assert {f.split(":")[0] for f in told} == {"stall", "chaos"}
    assert {f for f in told if f.startswith("chaos")} <= {
        f"chaos: error: {t}_error" for t in ("overloaded", "rate_limit", "api")
    }
    bare = engine({"reply": "a"}, chaos="rough")
    seen = {f for n in range(1000) for f in post(bare, request(f"number {n}")).exchange.faults}
    assert len(seen) == 10
    assert all(f.startswith("chaos: ") for f in seen)
