"""The grammar of the bodies: kinds of the fields, null, the order of the reports, roles, envelopes."""

from itertools import combinations

import pytest
from helpers import request, user
from unit.validation.judging import ABSENT, BATCHES, COUNT, CURRENT, OLD, Asked, ask, block, said, system

from mockserver.validation.grammar.requests import COUNT_TOKENS, MESSAGES
from mockserver.validation.schema import readable

OBJECT, SHAPE, ARRAY = (
    "Input should be an object",
    "Input does not match the expected shape.",
    "Input should be a valid array",
)
STRING, INTEGER, NUMBER = (f"Input should be a valid {kind}" for kind in ("string", "integer", "number"))
BOOLEAN, REQUIRED, EXTRA = "Input should be a valid boolean", "Field required", "Extra inputs are not permitted"

ORDER = [
    "model", "tool_choice", "tools", "messages", "system", "thinking", "output_config", "cache_control", "max_tokens",
    "metadata", "stop_sequences", "temperature", "service_tier", "top_k", "top_p", "stream", "container", "inference_geo",
]  # fmt: skip
"""The measured order of the reports."""

NEWER = {
    "diagnostics", "speed", "context_management", "compaction", "mcp_servers", "billing_policy", "output_format", "fallbacks",
    "fallback_credit_token", "thread",
}  # fmt: skip
OPEN = ",".join(sorted({beta for field in MESSAGES.fields.values() for beta in field.betas}))
"""Every beta that opens a field."""

KINDS = [
    ("model", ABSENT, REQUIRED),
    ("model", 5, STRING),
    ("model", "", "String should have at least 1 character"),
    ("model", "a" * 257, "String should have at most 256 characters"),
    ("tool_choice", "auto", OBJECT),
    ("tools", {}, ARRAY),
    ("tools", "a", ARRAY),
    ("messages", ABSENT, REQUIRED),
    ("messages", "Hello", ARRAY),
    ("messages", {}, ARRAY),
    ("messages", [], "at least one message is required"),
    ("system", 5, ARRAY),
    ("system", {}, ARRAY),
    ("thinking", True, OBJECT),
    ("output_config", [], SHAPE),
    ("cache_control", "ephemeral", OBJECT),
    ("max_tokens", ABSENT, REQUIRED),
    ("max_tokens", "5", INTEGER),
    ("max_tokens", 5.0, INTEGER),
    ("max_tokens", True, INTEGER),
    ("max_tokens", -1, "must be greater than or equal to 0"),
    ("metadata", "a", SHAPE),
    ("stop_sequences", "a", ARRAY),
    ("temperature", "1", NUMBER),
    ("temperature", True, NUMBER),
    ("temperature", 1.01, "range: 0..1"),
    ("temperature", -0.1, "range: 0..1"),
    ("service_tier", "standard", "Input should be 'auto' or 'standard_only'"),
    ("service_tier", 5, "Input should be 'auto' or 'standard_only'"),
    ("top_k", 1.5, INTEGER),
    ("top_p", [], NUMBER),
    ("top_p", 2, "range: 0..1"),
    ("stream", 1, BOOLEAN),
    ("stream", "true", BOOLEAN),
    ("inference_geo", 5, STRING),
    ("inference_geo", "eu", "must be one of ['global', 'us']"),
    ("diagnostics", 5, SHAPE),
    ("speed", "slow", "Input should be 'standard' or 'fast'"),
    ("context_management", [], SHAPE),
    ("compaction", [], OBJECT),
    ("mcp_servers", {}, ARRAY),
    ("billing_policy", 5, OBJECT),
    ("output_format", 5, OBJECT),
    ("fallbacks", 5, ARRAY),
    ("fallbacks", "none", "Input should be 'default'"),
    ("fallback_credit_token", "", "String should have at least 1 character"),
    ("fallback_credit_token", 5, SHAPE),
    ("thread", 5, OBJECT),
]


@pytest.mark.parametrize(("name", "value", "words"), KINDS)
def test_a_field_of_another_kind_is_refused(name, value, words):
    assert said(ask(**{name: value}, betas=OPEN)) == f"{name}: {words}"


def test_a_container_has_a_segment_of_its_own():
    assert said(ask(container=5)) == f"container.ContainerParams: {SHAPE}"


def test_every_field_is_known_here():
    assert list(MESSAGES.fields)[: len(ORDER)] == ORDER
    assert set(MESSAGES.fields) - set(ORDER) == NEWER
    assert {name for name, _, _ in KINDS} | {"container"} == set(MESSAGES.fields)


NULL_IS_ABSENT = {"metadata", "inference_geo", "stop_sequences", "cache_control", "container", *NEWER - {"mcp_servers"}}


@pytest.mark.parametrize("name", sorted(NULL_IS_ABSENT))
def test_null_means_absent(name):
    assert said(ask(**{name: None}, betas=OPEN)) is None


@pytest.mark.parametrize("name", sorted(set(MESSAGES.fields) - NULL_IS_ABSENT))
def test_null_is_of_the_wrong_kind_everywhere_else(name):
    assert said(ask(**{name: None}, betas=OPEN)).startswith(f"{name}: Input ")


WRONG = {name: "a" if name in ("max_tokens", "temperature", "top_k", "top_p") else 5 for name in ORDER}


def _both(first, second):
    """A body with two faults, the later key first."""
    body = {second: WRONG[second], **request()}
    body.pop(first, None)
    body |= {first: WRONG[first], second: WRONG[second]}
    return Asked(body)


@pytest.mark.parametrize(("first", "second"), list(combinations(ORDER, 2)))
def test_of_two_faults_the_one_of_the_earlier_field_is_reported(first, second):
    assert said(_both(first, second)).partition(":")[0].partition(".")[0] == first


REPORTED_FIRST = {
    "tools before a missing max_tokens": (ask(tools=5, max_tokens=ABSENT), f"tools: {ARRAY}"),
    "a missing max_tokens before metadata": (ask(metadata=5, max_tokens=ABSENT), f"max_tokens: {REQUIRED}"),
    "a missing model before all": (ask(tool_choice=5, model=ABSENT), f"model: {REQUIRED}"),
    "the last field before an unknown key": (ask(inference_geo="eu", nope=1), "inference_geo: must be one of ['global', 'us']"),
    "a newer field before an unknown key": (ask(nope=1, speed=5), "speed: Input should be 'standard' or 'fast'"),
    "the first unknown key": (ask(nope=1, another=2), f"nope: {EXTRA}"),
    "the first unknown key, which is no beta's": (ask(thread={}, another=2), f"thread: {EXTRA}"),
    "an unknown key before the conversation": (ask(system("a"), nope=1), f"nope: {EXTRA}"),
    "a fault in a message before system": (ask(user([5]), system=5), f"messages.0.content.0: {OBJECT}"),
    "an unknown key of a message before system": (ask({**user("a"), "nope": 1}, system=5), f"messages.0.nope: {EXTRA}"),
    "the content before an unknown key of its message": (
        ask({"nope": 1, "role": "user", "content": 5}), f"messages.0.content: {ARRAY}",
    ),
    "the role before the content": (ask({"content": 5, "role": 5}), f"messages.0.role: {STRING}"),
    "the first message": (ask(user(5), user(6)), f"messages.0.content: {ARRAY}"),
    "an item before the length of its list": (
        ask(container={"skills": [*[block("custom", skill_id="a")] * 20, 5]}), f"container.ContainerParams.skills.20: {SHAPE}",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "words"), REPORTED_FIRST.values(), ids=REPORTED_FIRST)
def test_one_fault_is_reported(asked, words):
    assert said(asked) == words


GUIDE = (
    "For instructions on how to use tools, see https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview."
)
ALLOWED = 'Allowed roles are "user" or "assistant"'
ONLY_ON_TOP = (
    'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input '
    "message role."
)
ROLES = [
    ("human", "claude-sonnet-5", f'messages: Unexpected role "human". {ALLOWED}'),
    ("", "claude-sonnet-5", f'messages: Unexpected role "". {ALLOWED}'),
    ("tool", "claude-sonnet-5", f'messages: Unexpected role "tool". {ALLOWED}. {GUIDE}'),
    ("system", OLD, ONLY_ON_TOP),
    ("system", "claude-opus-4-7", ONLY_ON_TOP),
    ("system", "claude-mythos-preview", "messages: role 'system' is not supported on this model"),
    ("system", "claude-opus-4-8", None),
    (5, "claude-sonnet-5", f"messages.1.role: {STRING}"),
    (None, "claude-sonnet-5", f"messages.1.role: {STRING}"),
]


@pytest.mark.parametrize(("role", "model", "words"), ROLES)
def test_roles(role, model, words):
    assert said(ask("a", {"role": role, "content": "b"}, model=model)) == words


def test_the_role_of_a_system_message_for_an_unknown_model_is_left_to_its_name():
    refusal = said(ask("a", system("b"), model="claude-nope"))
    assert refusal == (404, "not_found_error", "model: claude-nope")


@pytest.mark.parametrize("name", sorted(set(MESSAGES.fields) - set(COUNT_TOKENS.fields)))
def test_what_does_not_count_as_input_is_no_field_of_token_counting(name):
    assert said(ask(path=COUNT, **{name: 5}, betas=OPEN)) == f"{name}: {EXTRA}"


@pytest.mark.parametrize("name", [*COUNT_TOKENS.fields])
def test_token_counting_looks_at_its_fields_as_messages_do(name):
    for version in (CURRENT, "2023-06-01"):
        given = {name: WRONG.get(name, 5), "betas": OPEN, "version": version}
        assert said(ask(path=COUNT, **given)) == said(ask(**given)) is not None


def _row(custom_id="a", **more):
    return {"custom_id": custom_id, "params": {}, **more}


ENVELOPES = [
    ({}, f"requests: {REQUIRED}"),
    ({"requests": {}}, f"requests: {ARRAY}"),
    ({"requests": []}, "requests: List should have at least 1 item after validation, not 0"),
    ({"requests": [5]}, f"requests.0: {SHAPE}"),
    ({"requests": [{"params": {}}]}, f"requests.0.custom_id: {REQUIRED}"),
    ({"requests": [_row(), {"custom_id": "b"}]}, f"requests.1.params: {REQUIRED}"),
    ({"requests": [_row(params=[])]}, f"requests.0.params: {OBJECT}"),
    ({"requests": [_row("")]}, "requests.0.custom_id: String should have at least 1 character"),
    ({"requests": [_row("a" * 65)]}, "requests.0.custom_id: String should have at most 64 characters"),
    ({"requests": [_row("a b")]}, "requests.0.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'"),
    ({"requests": [_row(nope=1)]}, f"requests.0.nope: {EXTRA}"),
    ({"requests": [_row()], "nope": 1}, f"nope: {EXTRA}"),
    (
        {"requests": [_row("a"), _row("b"), _row("a")]},
        "requests: custom_id's must be unique within a batch. Duplicate custom_id found: a",
    ),
    ({"requests": [_row("a" * 64), _row("b", params={"any": "thing"})]}, None),
]


@pytest.mark.parametrize(("body", "words"), ENVELOPES)
def test_the_envelope_of_a_batch(body, words):
    assert said(Asked(body, path=BATCHES)) == words


def _list(name, count, item):
    return b'{"%b":[%b]}' % (name, b",".join(item % number for number in range(count)))


@pytest.mark.unmeasured
def test_a_batch_has_at_most_a_hundred_thousand_rows():
    item = b'{"custom_id":"%d","params":{}}'
    assert said(Asked(_list(b"requests", 100_000, item), path=BATCHES)) is None
    assert said(Asked(_list(b"requests", 100_001, item), path=BATCHES)) == (
        "requests: List should have at most 100000 items after validation, not 100001"
    )


@pytest.mark.unmeasured
def test_a_conversation_has_at_most_a_hundred_thousand_messages():
    messages = [user("a")] * 100_001
    assert said(ask(messages=messages[1:])) is None
    assert (
        said(ask(messages=messages)) == "messages: List should have at most 100000 items after validation, not 100001"
    )


@pytest.mark.parametrize(
    ("body", "value"), [(b'{"a":1}', {"a": 1}), (b"[]", None), (b"{", None), (b"", None), (b"\xff", None)]
)
def test_a_body_is_kept_where_it_is_an_object(body, value):
    assert readable(body) == value
