"""An advisor's advice: passes and their sums."""

import json

import pytest
from helpers import engine, events_of, post, request

from mockserver.reply.advising import BRIEFING, SEALED
from mockserver.reply.tokens import ANSWER

BETA = {"anthropic-beta": "advisor-tool-2026-03-01"}
TOOL = {"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-4-8"}
CALL = {"server_tool_use": {"name": "advisor", "input": {}}}
ADVICE = {"advisor_tool_result": {"content": {"type": "advisor_result", "text": "Say four, and say it well."}}}
SECRET = {"advisor_tool_result": {"content": {"type": "advisor_redacted_result", "encrypted_content": "EsgC"}}}
COUNTERS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def usage(*reply, **more):
    body = request("What is 2+2?", tools=[TOOL], **more)
    return json.loads(post(engine({"reply": list(reply)}), body, BETA).reply.body)["usage"]


def test_passes_and_advice_are_iterations_and_only_passes_are_summed():
    told = usage({"text": "Let me ask."}, CALL, ADVICE, {"text": "Four."})
    first, advice, second = told["iterations"]
    assert [i["type"] for i in told["iterations"]] == ["message", "advisor_message", "message"]
    assert advice["model"] == "claude-opus-4-8"
    assert advice["input_tokens"] == first["input_tokens"] + first["output_tokens"] + BRIEFING
    heard = advice["output_tokens"] - ANSWER
    assert second["input_tokens"] == first["input_tokens"] + first["output_tokens"] + heard
    assert {key: told[key] for key in COUNTERS} == {key: first[key] + second[key] for key in COUNTERS}


def test_advice_that_is_sealed_counts_what_one_was_seen_to():
    assert usage(CALL, SECRET, {"text": "Four."})["iterations"][1]["output_tokens"] == SEALED + ANSWER


def test_two_pieces_of_advice_are_three_passes():
    told = usage(CALL, ADVICE, {"text": "And?"}, CALL, ADVICE, {"text": "Four."})
    assert [i["type"] for i in told["iterations"]] == ["message", "advisor_message"] * 2 + ["message"]


def test_a_later_pass_reads_what_the_first_one_cached():
    system = [{"type": "text", "text": "word " * 3000, "cache_control": {"type": "ephemeral"}}]
    told = usage(CALL, ADVICE, {"text": "And?"}, CALL, ADVICE, {"text": "Four."}, system=system)
    first, second, third = (i for i in told["iterations"] if i["type"] == "message")
    assert second["cache_read_input_tokens"] == first["cache_creation_input_tokens"] > 2000
    assert third["cache_read_input_tokens"] == second["cache_read_input_tokens"]
    assert told["cache_read_input_tokens"] == 2 * second["cache_read_input_tokens"]


def test_the_start_of_a_stream_shows_the_first_pass_and_its_end_all():
    body = request("What is 2+2?", tools=[TOOL], stream=True)
    events = events_of(post(engine({"reply": [CALL, ADVICE, {"text": "Four."}]}), body, BETA).reply.body)
    start, end = events[0]["message"]["usage"], events[-2]["usage"]
    assert start["input_tokens"] == end["iterations"][0]["input_tokens"] < end["input_tokens"]
    assert "iterations" not in start


@pytest.mark.parametrize("reply", [[{"text": "Four."}], [CALL]])
def test_without_advice_there_are_no_passes(reply):
    assert "iterations" not in usage(*reply)
