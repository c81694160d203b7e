"""The request as it is made to a fallback model, and how it is judged."""

import json

import pytest
from helpers import engine, post, request

from mockserver.validation.fallbacks import attempts
from mockserver.wire.registry import STANDARD

FORMAT = {"type": "json_schema", "schema": {"type": "object", "additionalProperties": False}}
OPUS, SONNET, HAIKU = "claude-opus-4-8", "claude-sonnet-5", "claude-haiku-4-5"
ABSENT = "absent"


def attempt(entry, **asked):
    body = {"model": "claude-opus-5", "max_tokens": 100, "messages": [], "fallbacks": [entry], **asked}
    (made,) = attempts(body, STANDARD)
    return made


ROWS = {
    "a limit of its own": ({"model": OPUS, "max_tokens": 5}, {}, {"max_tokens": 5}),
    "null is the request's limit": ({"model": OPUS, "max_tokens": None}, {}, {"max_tokens": 100}),
    "thinking of its own": (
        {"model": OPUS, "thinking": {"type": "disabled"}},
        {"thinking": {"type": "adaptive"}},
        {"thinking": {"type": "disabled"}},
    ),
    "null is the model's thinking": (
        {"model": OPUS, "thinking": None},
        {"thinking": {"type": "adaptive"}},
        {"thinking": ABSENT},
    ),
    "null is the model's thinking, shown as the request says": (
        {"model": SONNET, "thinking": None},
        {"thinking": {"type": "disabled", "display": "summarized"}},
        {"thinking": {"type": "adaptive", "display": "summarized"}},
    ),
    "the request's thinking": ({"model": OPUS}, {"thinking": {"type": "adaptive"}}, {"thinking": {"type": "adaptive"}}),
    "thinking that the model has not": ({"model": HAIKU}, {"thinking": {"type": "adaptive"}}, {"thinking": ABSENT}),
    "between tools, where it can be disabled": (
        {"model": SONNET},
        {"thinking": {"type": "between_tools"}},
        {"thinking": {"type": "disabled"}},
    ),
    "how thinking is shown": (
        {"model": SONNET},
        {"thinking": {"type": "enabled", "budget_tokens": 1024, "display": "summarized"}},
        {"thinking": {"type": "adaptive", "display": "summarized"}},
    ),
    "settings are combined": (
        {"model": OPUS, "output_config": {"effort": "low"}},
        {"output_config": {"format": FORMAT, "effort": "max"}},
        {"output_config": {"format": FORMAT, "effort": "low"}},
    ),
    "null takes one setting away": (
        {"model": OPUS, "output_config": {"format": None}},
        {"output_config": {"format": FORMAT, "effort": "max"}},
        {"output_config": {"effort": "max"}},
    ),
    "null takes all settings away": (
        {"model": OPUS, "output_config": None},
        {"output_config": {"format": FORMAT}},
        {"output_config": ABSENT},
    ),
    "an effort that the model has not": (
        {"model": HAIKU},
        {"output_config": {"effort": "max"}},
        {"output_config": ABSENT},
    ),
    "an effort that the model has not beside its thinking": (
        {"model": "claude-opus-5", "thinking": {"type": "disabled"}},
        {"output_config": {"effort": "max", "format": FORMAT}},
        {"output_config": {"format": FORMAT}},
    ),
    "an effort that it has beside its thinking": (
        {"model": "claude-opus-5", "thinking": {"type": "disabled"}},
        {"output_config": {"effort": "high"}},
        {"output_config": {"effort": "high"}},
    ),
    "speed": ({"model": OPUS}, {"speed": "fast"}, {"speed": "fast"}),
    "null is the standard speed": ({"model": OPUS, "speed": None}, {"speed": "fast"}, {"speed": ABSENT}),
    "speed that the model has not": ({"model": HAIKU}, {"speed": "fast"}, {"speed": ABSENT}),
}


@pytest.mark.parametrize(("entry", "asked", "expected"), ROWS.values(), ids=ROWS)
def test_what_an_attempt_is_asked(entry, asked, expected):
    made = attempt(entry, **asked)
    assert {name: made.get(name, ABSENT) for name in expected} == expected
    assert made["model"] == entry["model"]
    assert "fallbacks" not in made


REFUSED = {
    "a model that does not exist": ([{"model": "nope"}], 404, "model: nope"),
    "a mode that the model has not": (
        [{"model": OPUS}, {"model": "claude-opus-4-7", "thinking": {"type": "enabled", "budget_tokens": 1024}}],
        400,
        'fallbacks.1: "thinking.type.enabled" is not supported for this model.',
    ),
    "more than the model can write": (
        [{"model": HAIKU, "max_tokens": 500_000}],
        400,
        "fallbacks.0: max_tokens: 500000 > 64000",
    ),
    "an effort of its own that the model has not beside its thinking": (
        [{"model": "claude-sonnet-5-5", "thinking": {"type": "between_tools"}, "output_config": {"effort": "max"}}],
        400,
        "fallbacks.0: output_config.effort 'max' is not supported when thinking is disabled",
    ),
    "a budget that leaves nothing": (
        [{"model": "claude-opus-4-5", "max_tokens": 1025, "thinking": {"type": "enabled", "budget_tokens": 2000}}],
        400,
        "fallbacks.0: `max_tokens` must be greater than `thinking.budget_tokens`.",
    ),
    "a schema that cannot be compiled": (
        [{"model": OPUS, "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}}],
        400,
        "fallbacks.0: output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set",
    ),
    "a small budget of a task": (
        [{"model": OPUS, "output_config": {"task_budget": {"type": "tokens", "total": 2000}}}],
        400,
        "fallbacks.0: output_config.task_budget",
    ),
    "itself by another name": (
        [{"model": "claude-haiku-4-5"}, {"model": "claude-haiku-4-5-20251001"}],
        400,
        "fallbacks: models must be distinct",
    ),
}


@pytest.mark.parametrize(("fallbacks", "status", "words"), REFUSED.values(), ids=REFUSED)
def test_each_attempt_is_judged_as_a_request_to_its_model(fallbacks, status, words):
    body = request(model="claude-opus-5", fallbacks=fallbacks)
    reply = post(
        engine({"reply": "a"}), body, {"anthropic-beta": "server-side-fallback-2026-07-01,task-budgets-2026-03-13"}
    ).reply
    assert reply.head.status == status
    assert json.loads(reply.body)["error"]["message"].startswith(words)


def test_where_nothing_is_judged_only_the_first_three_are_asked():
    body = {"model": "claude-opus-5", "fallbacks": [{"model": OPUS}] * 5}
    assert len(attempts(body, STANDARD)) == 3
