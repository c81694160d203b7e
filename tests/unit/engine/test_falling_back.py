"""Fallbacks: who answers where a model refuses, and what the answer says of it."""

import json

import pytest
from helpers import engine, events_of, post, request

from mockserver.wire.events import fold

BETA = {"anthropic-beta": "server-side-fallback-2026-07-01"}
REFUSAL = {"name": "no", "match": {"model": "claude-opus-5"}, "reply": [], "stop_reason": "refusal",
           "stop_details": {"type": "refusal", "category": "cyber", "explanation": None}}  # fmt: skip
ANSWER = {"name": "yes", "match": {"model": "claude-opus-4-8"}, "reply": "Sure."}


def asked(*models, **more):
    return request(
        model="claude-opus-5", fallbacks=[m if isinstance(m, dict) else {"model": m} for m in models], **more
    )


def ask(server, body):
    return json.loads(post(server, body, BETA).reply.body)


def test_the_next_model_answers_where_the_first_refuses():
    got = ask(engine(REFUSAL, ANSWER), asked("claude-opus-4-8"))
    assert got["model"] == "claude-opus-4-8"
    assert got["content"] == [
        {
            "type": "fallback",
            "from": {"model": "claude-opus-5"},
            "to": {"model": "claude-opus-4-8"},
            "trigger": {"type": "refusal", "category": "cyber"},
        },
        {"type": "text", "text": "Sure."},
    ]
    assert (got["stop_reason"], got["stop_details"]) == ("end_turn", None)
    declined, served = got["usage"]["iterations"]
    assert (declined["type"], declined["model"], declined["output_tokens"]) == ("message", "claude-opus-5", 0)
    assert (served["type"], served["model"]) == ("fallback_message", "claude-opus-4-8")
    assert (served["input_tokens"], served["output_tokens"]) == (
        got["usage"]["input_tokens"],
        got["usage"]["output_tokens"],
    )


def test_a_stream_shows_the_model_that_serves_and_the_border_whole():
    plain = ask(engine(REFUSAL, ANSWER), asked("claude-opus-4-8"))
    events = events_of(post(engine(REFUSAL, ANSWER), asked("claude-opus-4-8", stream=True), BETA).reply.body)
    assert events[0]["message"]["model"] == "claude-opus-4-8"
    assert events[1]["content_block"] == plain["content"][0]
    assert fold(events) == plain


def test_what_was_said_before_a_refusal_stays():
    partial = REFUSAL | {"reply": [{"text": ["I ", "could"]}]}
    body = asked("claude-opus-4-8", stream=True)
    events = events_of(post(engine(partial, ANSWER | {"reply": [{"text": ["Su", "re"]}]}), body, BETA).reply.body)
    texts = [(e["index"], e["delta"]["text"]) for e in events if e["type"] == "content_block_delta"]
    assert texts == [(0, "I "), (0, "could"), (2, "Su"), (2, "re")]


def test_models_are_asked_in_order_until_one_answers():
    second = REFUSAL | {"name": "no2", "match": {"model": "claude-opus-4-7"}}
    got = ask(engine(REFUSAL, second, ANSWER), asked("claude-opus-4-7", "claude-opus-4-8", "claude-sonnet-5"))
    assert [(b["from"]["model"], b["to"]["model"]) for b in got["content"] if b["type"] == "fallback"] == [
        ("claude-opus-5", "claude-opus-4-7"),
        ("claude-opus-4-7", "claude-opus-4-8"),
    ]
    assert [i["type"] for i in got["usage"]["iterations"]] == ["message", "message", "fallback_message"]


def test_where_all_refuse_the_answer_is_a_refusal():
    got = ask(engine(REFUSAL | {"match": {}}), asked("claude-opus-4-8"))
    assert (got["stop_reason"], got["stop_details"]["category"]) == ("refusal", "cyber")
    assert [i["type"] for i in got["usage"]["iterations"]] == ["message", "message"]


@pytest.mark.parametrize("stop", ["end_turn", "refusal"])
def test_without_a_refusal_or_without_fallbacks_nothing_changes(stop):
    scenario = REFUSAL | {"reply": "a", "stop_reason": stop}
    body = request(model="claude-opus-5") if stop == "refusal" else asked("claude-opus-4-8")
    got = ask(engine(scenario, ANSWER), body)
    assert (got["model"], got["stop_reason"], "iterations" in got["usage"]) == ("claude-opus-5", stop, False)


def test_an_alias_is_told_as_it_was_sent():
    server = engine(
        {"match": {"model": "claude-haiku-4-5"}, **{k: v for k, v in REFUSAL.items() if k != "match"}},
        ANSWER,
        validation="lenient",
    )
    got = ask(server, asked("claude-opus-4-8") | {"model": "claude-haiku-4-5"})
    assert got["content"][0]["from"] == {"model": "claude-haiku-4-5"}


def test_an_entry_may_say_how_its_model_is_asked():
    seen = {
        "match": {"model": "claude-opus-4-8", "max_tokens": 5},
        "reply": "{{ request.get('fallbacks', 'none') }} left",
    }
    got = ask(engine(REFUSAL, seen), asked({"model": "claude-opus-4-8", "max_tokens": 5}))
    assert got["content"][1]["text"] == "none left"


def test_a_mode_of_thinking_that_the_fallback_has_not_is_another():
    seen = ANSWER | {"reply": "{{ request.get('thinking', 'its own') }}"}
    scenarios = REFUSAL | {"match": {"model": "claude-sonnet-5-5"}}, seen
    for mode, told in (("between_tools", "disabled"), ("adaptive", "adaptive")):
        body = asked("claude-opus-4-8", thinking={"type": mode}) | {"model": "claude-sonnet-5-5"}
        assert told in ask(engine(*scenarios, validation="lenient"), body)["content"][1]["text"]


def test_an_error_of_the_fallback_is_the_answer():
    failing = {"match": ANSWER["match"], "error": "overloaded"}
    got = post(engine(REFUSAL, failing), asked("claude-opus-4-8"), BETA)
    assert got.reply.head.status == 529


def test_a_fallback_that_no_scenario_answers_is_a_miss_that_says_so():
    got = ask(engine(REFUSAL), asked("claude-opus-4-8"))
    assert "model: want 'claude-opus-5', got 'claude-opus-4-8'" in got["error"]["message"]


def test_the_default_is_the_models_own_fallback():
    server = engine(
        REFUSAL | {"match": {"model": "claude-fable-5"}},
        {"match": {"not": {"model": "claude-fable-5"}}, "reply": "Sure."},
    )
    got = ask(server, request(model="claude-fable-5", fallbacks="default"))
    assert got["content"][0]["to"]["model"] == got["model"] != "claude-fable-5"


def test_a_default_on_a_model_without_fallbacks_stays_a_refusal():
    server = engine(REFUSAL | {"match": {"model": "claude-haiku-4-5"}})
    got = ask(server, request(model="claude-haiku-4-5", fallbacks="default"))
    assert (got["stop_reason"], got["content"]) == ("refusal", [])


def test_the_caches_of_both_models_are_charged():
    system = [{"type": "text", "text": "word " * 3000, "cache_control": {"type": "ephemeral"}}]
    server = engine(REFUSAL, ANSWER)
    ask(server, asked("claude-opus-4-8", system=system))
    again = ask(server, asked("claude-opus-4-8", system=system))
    assert all(i["cache_read_input_tokens"] > 1024 for i in again["usage"]["iterations"])


def test_a_verbatim_refusal_falls_back_too():
    verbatim = {"match": {"model": "claude-opus-5"}, "message": {"content": [], "stop_reason": "refusal"}}
    got = ask(engine(verbatim, ANSWER), asked("claude-opus-4-8"))
    assert [b["type"] for b in got["content"]] == ["fallback", "text"]


def test_a_verbatim_refusal_may_say_anything_of_itself():
    verbatim = {
        "match": {"model": "claude-opus-5"},
        "message": {"content": [], "stop_reason": "refusal", "stop_details": "x"},
    }
    got = ask(engine(verbatim, ANSWER), asked("claude-opus-4-8"))
    assert got["content"][0]["trigger"]["category"] is None
    assert got["usage"]["iterations"][0]["output_tokens"] == 0


NOTES = {
    "one answers": ([ANSWER], "claude-opus-5 refused (scenario 'no'), claude-opus-4-8 answered"),
    "all refuse": (
        [REFUSAL | {"name": "no2", "match": {"model": "claude-opus-4-8"}}],
        "claude-opus-5 refused (scenario 'no'), claude-opus-4-8 refused, too",
    ),
    "an error": ([{"match": ANSWER["match"], "error": "overloaded"}], "claude-opus-5 refused (scenario 'no')"),
}


@pytest.mark.parametrize(("others", "note"), NOTES.values(), ids=NOTES)
def test_the_note_says_who_refused_and_who_answered(others, note):
    handled = post(engine(REFUSAL, *others), asked("claude-opus-4-8"), BETA)
    assert handled.exchange.note == note


def test_the_note_names_everybody_who_refused():
    second = REFUSAL | {"name": "no2", "match": {"model": "claude-opus-4-7"}}
    handled = post(engine(REFUSAL, second, ANSWER), asked("claude-opus-4-7", "claude-opus-4-8"), BETA)
    assert handled.exchange.note == (
        "claude-opus-5 refused (scenario 'no'), claude-opus-4-7 refused (scenario 'no2'), claude-opus-4-8 answered"
    )


def test_diagnostics_compare_requests_as_they_were_sent():
    server = engine(REFUSAL, ANSWER)
    system = [{"type": "text", "text": "word " * 3000, "cache_control": {"type": "ephemeral"}}]

    def asking(previous, **more):
        return asked("claude-opus-4-8", system=system, diagnostics={"previous_message_id": previous}, **more)

    first = ask(server, asking(None))
    again = ask(server, asking(first["id"]))
    assert again["usage"]["cache_read_input_tokens"] > 1024
    assert again["diagnostics"] is None
    other = ask(server, asking(again["id"]) | {"system": "b"})
    assert other["diagnostics"]["cache_miss_reason"]["type"] == "system_changed"


ADVICE = [
    {"text": "Let me ask."},
    {"server_tool_use": {"name": "advisor", "input": {}}},
    {"advisor_tool_result": {"content": {"type": "advisor_result", "text": "Be careful."}}},
    {"text": "Done."},
]


def test_each_pass_of_each_model_is_an_iteration():
    advisor = {"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-5"}
    server = engine(REFUSAL, ANSWER | {"reply": ADVICE}, validation="lenient")
    usage = ask(server, asked("claude-opus-4-8", tools=[advisor]))["usage"]
    assert [(i["type"], i["model"]) for i in usage["iterations"]] == [
        ("message", "claude-opus-5"),
        ("message", "claude-opus-4-8"),
        ("advisor_message", "claude-opus-5"),
        ("fallback_message", "claude-opus-4-8"),
    ]


@pytest.mark.parametrize("kind", ["message", "fallback_message"])
def test_an_author_may_write_the_iterations(kind):
    written = [{"type": kind, "input_tokens": 5, "output_tokens": 6}]
    got = ask(engine(REFUSAL, ANSWER | {"usage": {"iterations": written}}), asked("claude-opus-4-8"))
    iterations = got["usage"]["iterations"]
    if kind == "message":
        assert [i["type"] for i in iterations] == ["message", "fallback_message"]
        assert (iterations[1]["input_tokens"], iterations[1]["model"]) == (5, "claude-opus-4-8")
    else:
        assert iterations == written
