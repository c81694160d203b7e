"""Pauses in a plan: where they stand and how long they are. Nothing here waits."""

import itertools
import json
import math

import pytest
from helpers import engine, events_of, post, request
from hypothesis import given
from hypothesis import strategies as st

from mockserver.reply.pacing import PROFILES
from mockserver.reply.steps import Beats, Cut, Data, Head, Pause, whole

WORDS = "one two three four five six seven eight nine ten"


def planned(stream, reply=WORDS, *, seed=0, streams=True, **more):
    scenario = {"reply": reply, "stream": {"chunk": "word", **stream}, **more}
    return post(engine(scenario, seed=seed), request(stream=streams)).reply


def shown(reply):
    """Kinds of events, and pauses as numbers."""
    kinds = {Head: lambda _: "head", Pause: lambda step: round(step.seconds, 6)}
    return [
        kinds.get(type(step), lambda step: step.event["type"].removeprefix("content_block_"))(step)
        for step in reply.steps
    ]


def pauses(reply):
    return [step.seconds for step in reply.steps if isinstance(step, Pause)]


def test_the_first_token_and_the_intervals():
    assert shown(planned({"first_token": "300ms", "interval": "20ms"}, "one two three")) == [
        *("head", "message_start", "start", "ping"),
        *(0.3, "delta", 0.02, "delta", 0.02, "delta"),
        *("stop", "message_delta", "message_stop"),
    ]


def test_a_delay_comes_before_the_head_and_counts_for_the_first_token():
    reply = planned({"first_token": "1s", "interval": "20ms"}, "one two", delay="300ms")
    assert shown(reply)[:2] == [0.3, "head"]
    assert pauses(reply) == [0.3, pytest.approx(0.7), 0.02]
    assert pauses(planned({"first_token": "100ms"}, "one two", delay="300ms")) == [0.3]


def test_the_intervals_go_on_across_blocks():
    reply = planned({"interval": 1}, [{"text": "one two"}, {"tool_use": {"name": "f", "input": {}}}])
    assert shown(reply)[4:] == [
        *("delta", 1, "delta", "stop"),
        *("start", 1, "delta", "stop", "message_delta", "message_stop"),
    ]


def test_a_stream_without_deltas_waits_before_its_end():
    assert shown(planned({"first_token": 1}, [], stop_reason="refusal"))[-3:] == [1, "message_delta", "message_stop"]


def test_silence_is_broken_by_pings():
    assert shown(planned({"first_token": 40}, "one"))[4:10] == [15, "ping", 15, "ping", 10, "delta"]
    assert shown(planned({"first_token": 40, "ping": "20s"}, "one"))[4:7] == [20, "ping", 20]
    assert shown(planned({"first_token": 40, "ping": 0}, "one"))[4:6] == [40, "delta"]
    assert pauses(planned({"first_token": 15}, "one")) == [15], "no ping beside what it waited for"


@pytest.mark.parametrize("speed", [1, 50, 120.5])
def test_tokens_per_second_are_those_of_the_usage(speed):
    reply = planned({"tokens_per_second": speed})
    usage = events_of(reply.body)[-2]["usage"]
    first = len("one") / len(WORDS)  # comes with the first token
    assert sum(pauses(reply)) == pytest.approx(usage["output_tokens"] / speed * (1 - first), rel=0.1)


JITTERS = [
    ("10ms", 0.01, 0.03),
    ({"uniform": "10ms"}, 0.01, 0.03),
    ({"normal": "5ms"}, 0, 0.05),
    ({"lognormal": {"median": "20ms", "sigma": 0.5}}, 0.02, 0.4),
]


@pytest.mark.parametrize(("jitter", "low", "high"), JITTERS, ids=str)
def test_jitter_is_seeded_and_around_the_interval(jitter, low, high):
    plans = [pauses(planned({"interval": "20ms", "jitter": jitter}, seed=seed)) for seed in (1, 1, 2)]
    assert plans[0] == plans[1] != plans[2]
    assert len(set(plans[0])) > 5
    assert all(low <= pause <= high for plan in plans for pause in plan)


def test_jitter_never_goes_back_in_time():
    assert all(pause > 0 for pause in pauses(planned({"interval": "1ms", "jitter": "1s"}, WORDS * 5)))


def test_a_lognormal_jitter_has_its_median():
    found = pauses(planned({"jitter": {"lognormal": {"median": 2, "sigma": 1}}, "ping": 0}, WORDS * 40))
    below = sum(pause < 2 for pause in found) / len(found)
    assert 0.4 < below < 0.6


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_has_its_pace(name):
    pace = PROFILES[name]
    reply = planned({"profile": name, "ping": 0}, WORDS * 40)
    first, *others = pauses(reply)
    tokens = events_of(reply.body)[-2]["usage"]["output_tokens"]
    assert first == pace.first_token
    assert tokens / sum(others) == pytest.approx(pace.tokens_per_second, rel=0.15)
    logs = [math.log(pause) for pause in others]
    assert max(logs) - min(logs) > pace.sigma, "it is uneven"


def test_profiles_are_in_their_order():
    paces = [PROFILES[name] for name in ("fast", "standard", "slow")]
    assert all(
        a.first_token < b.first_token and a.tokens_per_second > b.tokens_per_second
        for a, b in itertools.pairwise(paces)
    )


def test_recorded_times_are_kept():
    message = {
        "type": "message_start",
        "message": {"type": "message", "role": "assistant", "content": [], "model": "m", "id": "i", "usage": {}},
    }
    events = [{"data": message, "at": "120ms"}, {"type": "ping"}, {"data": {"type": "message_stop"}, "at": "1.5s"}]
    reply = post(engine({"events": events, "delay": "100ms"}), request(stream=True)).reply
    assert shown(reply) == [0.1, "head", 0.02, "message_start", "ping", 1.38, "message_stop"]


def test_a_plain_answer_knows_no_pace_but_the_delay():
    assert pauses(planned({"interval": 1, "first_token": 2}, streams=False)) == []
    assert pauses(planned({"interval": 1}, streams=False, delay=2)) == [2]


def test_defaults_of_the_scenario_are_overruled_key_by_key():
    def of(default, own):
        server = engine({"stream": default, "turns": [{"reply": "one two", "stream": {"chunk": "word", **own}}]})
        return pauses(post(server, request(stream=True)).reply)

    assert of({"first_token": 1, "interval": 2}, {"interval": 3}) == [1, 3]
    assert of({"interval": 2}, {"tokens_per_second": 1})[0] not in (0, 2)
    assert of({"tokens_per_second": 2}, {"interval": 3}) == [3]
    assert of({"tokens_per_second": 2}, {"interval": 0}) == []
    assert of({"profile": "slow"}, {"interval": 3}) == [3]
    assert of({"first_token": 9, "interval": 9}, {"profile": "fast"})[0] == PROFILES["fast"].first_token


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "first_token": st.floats(0, 60),
            "interval": st.floats(0, 2),
            "jitter": st.floats(0, 2),
            "ping": st.floats(0.5, 20),
        },
    )
)
def test_pacing_changes_no_byte_but_pings(stream):
    paced, plain = planned(stream), planned({})
    assert [e for e in events_of(paced.body) if e["type"] != "ping"] == [
        e for e in events_of(plain.body) if e["type"] != "ping"
    ]
    assert all(pause > 0 for pause in pauses(paced))
    longest = stream.get("ping", 15)
    assert all(pause <= longest + 1e-6 for pause in pauses(paced))


def test_data_without_a_pause_is_one_write():
    runs = list(planned({"first_token": 1}).runs())
    assert [type(run) for run in runs] == [Head, Data, Pause, Data]
    assert json.loads(runs[1].bytes.splitlines()[1].removeprefix(b"data: "))["type"] == "message_start"


def test_a_message_without_usage_has_a_pace():
    message = {"content": [{"type": "text", "text": WORDS}], "stop_reason": "end_turn"}
    reply = post(
        engine({"message": message, "stream": {"tokens_per_second": 1, "ping": 0}}), request(stream=True)
    ).reply
    assert 2 < sum(pauses(reply)) < 30


@given(st.lists(st.sampled_from([Data(b"a"), Data(b"bc"), Pause(1.0), Pause(0.0), Cut(reset=False)]), max_size=12))
def test_what_is_played_in_beats_is_what_was_planned(steps):
    """Everything in its order; the first data and the last step are for themselves."""
    reply = whole(Head(200, {}), *steps)
    runs = list(reply.runs())
    unfolded = []
    for run in runs:
        pairs = run.pairs if isinstance(run, Beats) else ()
        unfolded += [part for seconds, data in pairs for part in (Pause(seconds), Data(data))] or [run]
    assert unfolded == list(reply.joined())
    assert not isinstance(runs[-1], Beats)
    first = next((place for place, run in enumerate(runs) if isinstance(run, Data)), len(runs))
    assert not any(isinstance(run, Beats) for run in runs[:first])
