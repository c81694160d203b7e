"""Every rule at work: what it refuses, in which words, and the nearest that it lets pass."""

import importlib
import re
from typing import get_args

import pytest
from helpers import assistant, user
from unit.validation.at_work.media import png, shown
from unit.validation.judging import OLD, TODAY, ask, block, enabled, made, said, text, tool

from mockserver.validation import pipeline
from mockserver.validation.grammar.blocks import BLOCKS
from mockserver.validation.grammar.requests import MESSAGES
from mockserver.validation.pipeline import Court, judge
from mockserver.validation.rules.rule import Evidence
from mockserver.validation.rules.table import PHASES, RULES
from mockserver.wire.errors import ApiError

MODULES = {name: rules for _, modules in PHASES for name, rules in modules}
RULES_AT_WORK = {name: importlib.import_module(f"unit.validation.at_work.{name}").ROWS for name in MODULES}
BY_NAME = {(module, rule.name): rule for module, rules in MODULES.items() for rule in rules}


def rows(direction):
    for module, works in RULES_AT_WORK.items():
        for name, work in works.items():
            for number, row in enumerate(getattr(work, direction)):
                yield pytest.param((module, name), row, id=f"{module}.{name}.{number}")


@pytest.mark.parametrize(("rule", "row"), [*rows("refused")])
def test_a_rule_refuses_in_the_api_s_words(rule, row, monkeypatch):
    asked, words = made(row[0]), row[1]
    assert said(asked) == words
    monkeypatch.setattr(pipeline, "rules_for", lambda _fields, _blocks: (BY_NAME[rule],))
    assert said(asked) == words, "another rule refused it"


@pytest.mark.parametrize(("rule", "row"), [*rows("accepted")])
def test_a_rule_lets_the_nearest_pass(rule, row):
    assert said(made(row)) is None


@pytest.mark.parametrize("module", MODULES)
def test_every_rule_is_shown_in_both_directions(module):
    where = f"tests/unit/validation/at_work/{module}.py"
    assert list(RULES_AT_WORK[module]) == [rule.name for rule in MODULES[module]], (
        f"{where}: a Works for each rule, in order"
    )
    for name, work in RULES_AT_WORK[module].items():
        assert work.refused, f"{where}: {name} refuses nothing"
        assert work.accepted, f"{where}: {name} lets nothing pass"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.full_name)
def test_a_rule_is_about_fields_and_blocks_that_there_are(rule):
    assert set(rule.fields) <= set(MESSAGES.fields)
    assert set(rule.blocks) <= set(BLOCKS.members)
    assert rule.evidence in get_args(Evidence)


@pytest.mark.parametrize("module", MODULES)
def test_names_are_unique_within_a_module(module):
    names = [rule.name for rule in MODULES[module]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_says_when_its_evidence_was_seen(rule):
    assert re.fullmatch(r"20\d\d(-\d\d)?", rule.seen)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_silent_on_a_plain_request(rule, monkeypatch):
    monkeypatch.setattr(pipeline, "rules_for", lambda _fields, _blocks: (rule,))
    assert said(ask("Hello")) is None


LATER = block("json_schema", schema={})
PREFILLED = ask("a", assistant("b "))
BEFORE = {
    "a system message before an empty user turn": (
        ask({"role": "system", "content": "b"}, user("")), "messages.0: use the top-level 'system' parameter",
    ),
    "an empty user turn before the container": (ask(user(""), container="c"), "messages.0: user messages must have"),
    "the container before the model's name": (ask(container="c", model="claude-nope"), "container: Container identifier"),
    "trailing whitespace before the prefill": (PREFILLED, "messages: final assistant content cannot end with"),
    "a temperature beside thinking before the model's own": (
        ask(thinking=block("adaptive"), temperature=0.5), "`temperature` may only be set to 1",
    ),
    "a mark on an empty text before the empty text": (
        ask(user([text(""), text("", cache_control=block("ephemeral"))])), "messages.0.content.1.text: cache_control cannot",
    ),
    "thinking before effort": (
        ask(thinking=block("enabled", budget_tokens=1024), max_tokens=2000, output_config={"effort": "max"}),
        '"thinking.type.enabled" is not supported',
    ),
    "meaning before the model's name": (ask(" ", model="claude-nope"), "messages: text content blocks must contain"),
    "the model before its objects": (
        ask(user([block("container_upload", file_id="a")]), model="claude-haiku-4-5", output_config={"effort": "low"}),
        "This model does not support the effort parameter.",
    ),
    "objects before limits": (
        ask(user([block("container_upload", file_id="a")]), court=Court(estimate=lambda _b, _m: 2_000_000), size=3_000_000),
        "File id must have",
    ),
    "a mode that the model has not before what is wrong with the mode": (
        ask(**enabled() | {"model": "claude-opus-5-5", "max_tokens": 16}),
        '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and '
        '"output_config.effort" to control thinking behavior.',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "words"), BEFORE.values(), ids=BEFORE)
def test_of_two_faults_the_earlier_rule_s_is_told(asked, words):
    assert said(asked).startswith(words)


CODED = {
    "a large image": (
        ask(user([shown(png(8001, 1))])),
        {
            "error_code": "image_dimensions_too_large",
            "max_side_length_pixels": 8000,
            "paths": ["messages.0.content.0.image.source.base64"],
        },
    ),
    "two compactions": (
        ask(user([block("compaction", content="a")] * 2), betas="compact-2026-09-04"),
        {"error_code": "compaction_block_ambiguous"},
    ),
}


@pytest.mark.parametrize(("asked", "details"), CODED.values(), ids=CODED)
def test_some_refusals_have_a_code(asked, details):
    with pytest.raises(ApiError) as refused:
        judge(asked.incoming, "strict", asked.court, TODAY)
    assert refused.value.details == details


@pytest.mark.parametrize("level", ["lenient", "off"])
def test_no_rule_is_asked_on_the_lower_levels(level):
    assert said(ask(" ", model=OLD, tools=[tool(), tool()], stop_sequences=[""]), level) is None
