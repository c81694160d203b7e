"""What a beta, a version or a level opens: every gate of the grammar is walked, so that none is forgotten."""

import dataclasses

import pytest
from helpers import user
from unit.validation.judging import CURRENT, LEGACY, OLD, Asked, ask, block, said, system, text

from mockserver.validation.betas import KNOWN
from mockserver.validation.grammar import requests
from mockserver.validation.grammar.containers import Record, Tagged
from mockserver.validation.schema import check_shape
from mockserver.validation.scope import Scope
from mockserver.wire.registry import STANDARD

EXTRA = "Extra inputs are not permitted"
DIRECTIVE = {"role": "system", "content": [], "output_config": {"effort": "low"}}
MANAGEMENT = "context-management-2025-06-27"
SERVED = {"tool_use_id": "srvtoolu_1"}
SCREEN = {"display_width_px": 1, "display_height_px": 1}


def _field(name, value):
    return ask(**{name: value}), f"{name}: {EXTRA}"


def _tool(kind, **fields):
    return ask(tools=[block(kind, **fields)]), f"tools.0: Input tag '{kind}' found using 'type' does not match any"


def _block(kind, **fields):
    return ask(
        user([block(kind, **fields)])
    ), f"messages.0.content.0: Input tag '{kind}' found using 'type' does not match any"


GATES = {
    "context_management": _field("context_management", {}),
    "compaction": _field("compaction", block("summarize")),
    "mcp_servers": _field("mcp_servers", []),
    "billing_policy": _field("billing_policy", block("billing_policy", bill_to="self")),
    "output_format": (
        ask(output_format=block("json_schema", schema={})),
        "output_format: This field is deprecated. Use 'output_config.format' instead.",
    ),
    "fallbacks": _field("fallbacks", "default"),
    "fallback_credit_token": _field("fallback_credit_token", {"token": "a", "mode": "strict"}),
    "thread": _field("thread", block("create")),
    "messages.clear_at": (ask("a", system("b", clear_at="never")), f"messages.1.clear_at: {EXTRA}"),
    "messages.output_config": (ask("a", DIRECTIVE), f"output_config: {EXTRA}"),
    "adaptive.block_binding": (
        ask(thinking=block("adaptive", block_binding={"prefix_mismatch_behavior": "error"})),
        f"thinking.adaptive.block_binding: {EXTRA}",
    ),
    "enabled.block_binding": (
        ask(thinking=block("enabled", budget_tokens=1024, block_binding=None)),
        f"thinking.enabled.block_binding: {EXTRA}",
    ),
    "output_config.task_budget": (
        ask(output_config={"task_budget": block("tokens", total=1024)}), f"output_config.task_budget: {EXTRA}",
    ),
    "fallbacks.output_config.task_budget": (
        ask(fallbacks=[{"model": "a", "output_config": {"task_budget": None}}]), f"fallbacks: {EXTRA}",
    ),
    "ephemeral.scope": (
        ask(user([text(cache_control=block("ephemeral", scope="global"))])),
        f"messages.0.content.0.text.cache_control.ephemeral.scope: {EXTRA}",
    ),
    "<advisor_20260301>": _tool("advisor_20260301", name="advisor", model="claude-opus-5"),
    "<bash_20241022>": _tool("bash_20241022", name="bash"),
    "<computer_20241022>": _tool("computer_20241022", name="computer", **SCREEN),
    "<computer_20250124>": _tool("computer_20250124", name="computer", **SCREEN),
    "<computer_20251124>": _tool("computer_20251124", name="computer", **SCREEN, enable_zoom=True),
    "<mcp_toolset>": _tool("mcp_toolset", mcp_server_name="a"),
    "<text_editor_20241022>": _tool("text_editor_20241022", name="str_replace_editor"),
    "<advisor_tool_result>": _block("advisor_tool_result", content=block("advisor_result", text="a"), **SERVED),
    "<compaction>": _block("compaction", content="a"),
    "<fallback>": _block("fallback", **{"from": {"model": "a"}, "to": {"model": "b"}}),
    "<mcp_tool_listing>": _block("mcp_tool_listing", mcp_server_name="a", tools=[]),
    "<mcp_tool_result>": _block("mcp_tool_result", tool_use_id="a", content="b"),
    "<mcp_tool_use>": _block("mcp_tool_use", id="a", name="b", server_name="c", input={}),
    "<compact_20260112>": (
        ask(context_management={"edits": [block("compact_20260112")]}, betas=MANAGEMENT),
        "context_management.edits.0: Input tag 'compact_20260112' found using 'type' does not match any of the expected "
        "tags: 'clear_thinking_20251015', 'clear_tool_uses_20250919'",
    ),
}  # fmt: skip
"""Place, or <tag> of a union -> a request that needs the beta, and what is said of it without (its beginning)."""

ALSO = {"<compact_20260112>": MANAGEMENT, "fallbacks.output_config.task_budget": "server-side-fallback-2026-06-01"}
"""What a gate inside another one needs beside its own beta."""


def parts(kind):
    """The kinds inside a kind, with the names under which a gate is known."""
    if isinstance(kind, Record):
        yield from ((name, field.kind) for name, field in kind.fields.items())
    elif isinstance(kind, Tagged):
        yield from kind.members.items()
    elif isinstance(kind, requests.Turn):
        yield "messages", requests._DIRECTIVE
    else:
        fields = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()
        inner = [getattr(kind, field.name) for field in fields] + list(vars(type(kind)).values())
        yield from (("", part) for part in inner if hasattr(part, "check") and not isinstance(part, type))


def gates(kind, trail=(), seen=None):
    """Every (place, betas) below a kind; a kind that stands in many places is walked once."""
    seen = set() if seen is None else seen
    if id(kind) in seen:
        return
    seen.add(id(kind))
    if isinstance(kind, Record):
        for name, field in kind.fields.items():
            if field.betas:
                yield (trail[-1:], name), field.betas
    if isinstance(kind, Tagged):
        yield from (((("<",), tag), betas) for tag, betas in kind.betas.items())
    for name, part in parts(kind):
        yield from gates(part, (*trail, name) if name else trail, seen)


def opened():
    found = {}
    for (trail, name), betas in gates(requests.MESSAGES):
        found.setdefault(name, set()).add((trail, betas))
    return found


def betas_of(gate):
    """The betas that the tables name for a gate."""
    name = gate.strip("<>").rpartition(".")[2]
    is_tag = gate.startswith("<")
    return next(sorted(betas) for trail, betas in opened()[name] if (trail == ("<",)) == is_tag)


def shape(asked, *betas):
    """The schema's refusal alone, with more betas."""
    names = [*betas, *asked.headers.get("anthropic-beta", "").split(",")]
    scope = Scope(LEGACY, frozenset(names), STANDARD.known("claude-sonnet-5"))
    check_shape(asked.body, "messages", scope)


def test_every_gate_of_the_tables_is_tried():
    tags = {name for name, places in opened().items() for trail, _ in places if trail == ("<",)}
    fields = {name for name, places in opened().items() for trail, _ in places if trail != ("<",)}
    assert {gate.strip("<>") for gate in GATES if gate.startswith("<")} == tags
    assert {gate.rpartition(".")[2] for gate in GATES if not gate.startswith("<")} == fields


@pytest.mark.parametrize("gate", GATES)
def test_without_its_beta_a_part_is_unknown(gate):
    asked, words = GATES[gate]
    assert said(asked).startswith(words)


@pytest.mark.parametrize(("gate", "beta"), [(gate, beta) for gate in GATES for beta in betas_of(gate)])
def test_each_of_its_betas_opens_a_part(gate, beta):
    asked, _ = GATES[gate]
    assert shape(asked, beta, ALSO.get(gate, beta)) is None
    assert beta in KNOWN


def test_a_beta_adds_its_tag_to_the_expected_ones():
    assert "'mcp_toolset'" not in said(ask(tools=[block("x")]))
    assert "'mcp_toolset', 'memory_20250818'" in said(ask(tools=[block("x")], betas="mcp-client-2025-11-20"))


def test_thinking_may_be_shown_as_updates_with_a_beta():
    asked = {"thinking": block("adaptive", display="updates")}
    assert said(ask(**asked)) == "thinking.adaptive.display: Input should be 'summarized' or 'omitted'"
    assert said(ask(**asked, betas="thinking-display-updates-2026-08-18")) is None
    assert said(ask(thinking=block("adaptive", display=5), betas="thinking-display-updates-2026-08-18")) == (
        "thinking.adaptive.display: Input should be 'summarized', 'omitted' or 'updates'"
    )


@pytest.mark.parametrize(("name", "value"), [("temperature", 0.5), ("top_p", 0.5), ("top_k", 5), ("temperature", "a")])
def test_sampling_parameters_went_with_the_new_version(name, value):
    asked = {name: value, "model": OLD}
    assert said(ask(**asked, version=CURRENT)) == f"{name}: {EXTRA}"
    assert said(ask(**asked, version=LEGACY)) == (
        "temperature: Input should be a valid number" if value == "a" else None
    )


LENIENT = {
    "an unknown key": ask(nope=1),
    "an unknown key inside": ask(user([text(nope=1)])),
    "an unknown tag": ask(user([block("x")])),
    "an unknown tool": ask(tools=[block("x")]),
    "a field of a beta": ask(thread=block("create")),
    "a tag of a beta": ask(user([block("compaction", content="a")])),
    "an unknown beta": ask(betas="nope-2026-01-01"),
    "an unknown version": ask(version="2020-01-01"),
    "a field that went": ask(version=CURRENT, temperature=0.5),
    "an unknown role": ask({"role": "tool", "content": "a"}),
    "a system message on an old model": ask("a", system("b"), model=OLD),
    "an unknown model": ask(model="claude-nope"),
    "rows of one name": Asked({"requests": [{"custom_id": "a", "params": {}}] * 2}, path="/v1/messages/batches"),
}


@pytest.mark.parametrize("asked", LENIENT.values(), ids=LENIENT)
def test_the_lenient_level_lets_the_unknown_pass(asked):
    assert said(asked, "lenient") is None
    assert said(asked, "off") is None
    assert said(asked) is not None


WRONG_KINDS = [
    (ask(stream=5), "stream: Input should be a valid boolean"),
    (ask(user([text(5)])), "messages.0.content.0.text.text: Input should be a valid string"),
    (ask(user([{"text": "a"}])), "messages.0.content.0.type: Field required"),
    (ask(thread=5), "thread: Input should be an object"),
    (ask(temperature="a", version=CURRENT), "temperature: Input should be a valid number"),
    (ask({"role": 5, "content": "a"}), "messages.0.role: Input should be a valid string"),
    (ask(messages=[]), "messages: at least one message is required"),
    (Asked({}), "model: Field required"),
]


@pytest.mark.parametrize(("asked", "words"), WRONG_KINDS)
def test_the_lenient_level_refuses_wrong_kinds(asked, words):
    assert said(asked, "lenient") == words
    assert said(asked, "off") is None


@pytest.mark.parametrize("level", ["strict", "lenient", "off"])
@pytest.mark.parametrize("body", [{}, {"requests": 5}, {"requests": []}, {"requests": [{"custom_id": "a"}]}])
def test_every_level_wants_a_batch_that_can_be_read(level, body):
    """Without rows of a name and parameters each there is nothing that could be run."""
    assert said(Asked(body, path="/v1/messages/batches"), level).startswith("requests")


@pytest.mark.parametrize("level", ["strict", "lenient", "off"])
def test_every_level_wants_an_object(level):
    assert said(Asked(b"[]"), level) == "Input should be an object"
    assert said(Asked(b"{"), level).startswith("The request body is not valid JSON: ")
