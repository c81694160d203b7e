"""Where the grammar reports a fault: tags in paths, missing and unknown tags, and every kind of part."""

import pytest
from helpers import assistant, tool_result, tool_use, user
from unit.validation.judging import ABSENT, ask, block, mark, said, system, text, tool

OBJECT, SHAPE, ARRAY = (
    "Input should be an object",
    "Input does not match the expected shape.",
    "Input should be a valid array",
)
STRING, INTEGER, BOOLEAN = (f"Input should be a valid {kind}" for kind in ("string", "integer", "boolean"))
REQUIRED, EXTRA = "Field required", "Extra inputs are not permitted"
AT_LEAST_1, NOT_EMPTY = "Input should be greater than or equal to 1", "String should have at least 1 character"


def _tag(found, *expected):
    listed = ", ".join(f"'{tag}'" for tag in expected)
    return f"Input tag '{found}' found using 'type' does not match any of the expected tags: {listed}"


BLOCKS = sorted([
    "bash_code_execution_tool_result", "code_execution_tool_result", "text_editor_code_execution_tool_result",
    "tool_search_tool_result", "web_fetch_tool_result", "web_search_tool_result", "container_upload", "document", "image",
    "redacted_thinking", "search_result", "server_tool_use", "text", "thinking", "tool_addition", "tool_removal",
    "tool_result", "tool_use",
])  # fmt: skip
TOOLS = [
    "bash_20250124", "browser_toolset_20260801", "code_execution_20250522", "code_execution_20250825",
    "code_execution_20260120", "code_execution_20260521", "computer_toolset_20260801", "custom", "memory_20250818",
    "text_editor_20250124", "text_editor_20250429", "text_editor_20250728", "tool_search_tool_bm25",
    "tool_search_tool_bm25_20251119", "tool_search_tool_regex", "tool_search_tool_regex_20251119", "web_fetch_20250910",
    "web_fetch_20260209", "web_fetch_20260309", "web_fetch_20260318", "web_search_20250305", "web_search_20260209",
    "web_search_20260318",
]  # fmt: skip


def _block(kind, **fields):
    return ask(user([text(), block(kind, **fields)]))


def _tools(*tools, **more):
    return ask(tools=[*tools], **more)


def _source(kind, **fields):
    return {"source": block(kind, **fields)}


def _result(content):
    return ask("a", assistant([tool_use()]), user([tool_result(content)]))


def _cited(kind, **fields):
    return ask("a", assistant([text(citations=[block(kind, **fields)])]))


def _managed(**edit):
    return ask(context_management={"edits": [edit]}, betas="context-management-2025-06-27,compact-2026-01-12")


def _searched(content, **more):
    return _block("web_search_tool_result", tool_use_id="srvtoolu_1", content=content, **more)


SECOND = "messages.0.content.1"
SCHEMA = "tools.0.custom.input_schema"
ANSWER = "messages.2.content.0.tool_result"
CITED = "messages.1.content.0.text.citations.0"

PLACES = {
    "tool choice": [
        (ask(tool_choice={}), f"tool_choice.type: {REQUIRED}"),
        (ask(tool_choice={"type": "x"}), f"tool_choice: {_tag('x', 'auto', 'any', 'tool', 'none')}"),
        (ask(tool_choice={"type": None}), f"tool_choice: {_tag('None', 'auto', 'any', 'tool', 'none')}"),
        (ask(tool_choice={"type": "x" * 101}), f"tool_choice: {_tag('x' * 100, 'auto', 'any', 'tool', 'none')}"),
        (ask(tool_choice=block("tool")), f"tool_choice.tool.name: {REQUIRED}"),
        (ask(tool_choice=block("tool", name="")), f"tool_choice.tool.name: {NOT_EMPTY}"),
        (ask(tool_choice=block("auto", disable_parallel_tool_use=5)), f"tool_choice.auto.disable_parallel_tool_use: {BOOLEAN}"),
        (ask(tool_choice=block("none", disable_parallel_tool_use=True)), f"tool_choice.none.disable_parallel_tool_use: {EXTRA}"),
    ],
    "tools": [
        (_tools("a"), f"tools.0: {OBJECT}"),
        (_tools(tool(), {}), f"tools.1.custom.name: {REQUIRED}"),
        (_tools(tool(type="x")), f"tools.0: {_tag('x', *TOOLS)}"),
        (_tools(tool(type=5)), f"tools.0: {_tag('5', *TOOLS)}"),
        (_tools(tool("")), f"tools.0.custom.name: {NOT_EMPTY}"),
        (_tools(tool("a" * 129)), "tools.0.custom.name: String should have at most 128 characters"),
        (_tools(tool("a b")), "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"),
        (_tools({"name": "a"}), f"{SCHEMA}: {REQUIRED}"),
        (_tools({"name": "a", "input_schema": []}), f"{SCHEMA}: {SHAPE}"),
        (_tools(tool(schema={"title": "a"})), f"{SCHEMA}.type: {REQUIRED}"),
        (_tools(tool(schema={"type": "array"})), f"{SCHEMA}.type: Input should be 'object'"),
        (_tools(tool(schema={"type": "object", "properties": []})), f"{SCHEMA}.properties: {OBJECT}"),
        (_tools(tool(schema={"type": "object", "required": [5]})), f"{SCHEMA}.required.0: {STRING}"),
        (_tools(tool(description=None)), f"tools.0.custom.description: {STRING}"),
        (_tools(tool(nope=1)), f"tools.0.custom.nope: {EXTRA}"),
        (_tools(tool(input_examples=[5])), f"tools.0.custom.input_examples.0: {OBJECT}"),
        (_tools(tool(cache_control={"type": "x"})), f"tools.0.custom.cache_control: {_tag('x', 'ephemeral')}"),
        (_tools(block("web_search_20250305")), f"tools.0.web_search_20250305.name: {REQUIRED}"),
        (_tools(block("web_search_20250305", name="a")), "tools.0.web_search_20250305.name: Input should be 'web_search'"),
        (
            _tools(block("web_search_20250305", name="web_search", max_uses=0)),
            "tools.0.web_search_20250305.max_uses: Input should be greater than 0",
        ),
        (
            _tools(block("web_search_20250305", name="web_search", user_location={"type": "approximate", "country": "a"})),
            "tools.0.web_search_20250305.user_location.country: String should have at least 2 characters",
        ),
        (
            _tools(block("web_fetch_20260318", name="web_fetch", url_sources={"user_input": {"type": "x"}})),
            f"tools.0.web_fetch_20260318.url_sources.user_input: {_tag('x', 'all', 'none')}",
        ),
        (
            _tools(block("computer_toolset_20260801", configs={"nope": {}})),
            f"tools.0.computer_toolset_20260801.configs.nope: {EXTRA}",
        ),
        (
            _tools(block("mcp_toolset", mcp_server_name="a", configs={"b": {"enabled": 5}}), betas="mcp-client-2025-11-20"),
            f"tools.0.mcp_toolset.configs.b.enabled: {BOOLEAN}",
        ),
    ],
    "messages": [
        (ask(messages=["a"]), f"messages.0: {OBJECT}"),
        (ask(messages=[{"content": "a"}]), f"messages.0.role: {REQUIRED}"),
        (ask(messages=[{"role": "user"}]), f"messages.0.content: {REQUIRED}"),
        (ask(user(None)), f"messages.0.content: {ARRAY}"),
        (ask(user([text(), "a"])), f"{SECOND}: {OBJECT}"),
        (ask(user([text(), {"text": "a"}])), f"{SECOND}.type: {REQUIRED}"),
        (_block("x"), f"{SECOND}: {_tag('x', *BLOCKS)}"),
        (ask({**system([]), "output_config": {"effort": "x"}}, "a", betas="per-turn-control-2026-07-01"),
         "messages.0.output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'"),
    ],
    "blocks": [
        (_block("text"), f"{SECOND}.text.text: {REQUIRED}"),
        (_block("text", text=None), f"{SECOND}.text.text: {STRING}"),
        (_block("text", text="a", nope=1), f"{SECOND}.text.nope: {EXTRA}"),
        (_block("text", text="a", cache_control=5), f"{SECOND}.text.cache_control: {OBJECT}"),
        (_block("text", text="a", **mark("2h")), f"{SECOND}.text.cache_control.ephemeral.ttl: Input should be '5m' or '1h'"),
        (_block("image"), f"{SECOND}.image.source: {REQUIRED}"),
        (_block("image", source="a"), f"{SECOND}.image.source: {OBJECT}"),
        (_block("image", **_source("x")), f"{SECOND}.image.source: {_tag('x', 'base64', 'file', 'url')}"),
        (
            _block("image", **_source("base64", media_type="image/tiff", data="")),
            f"{SECOND}.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'",
        ),
        (_block("image", **_source("base64", media_type="image/png")), f"{SECOND}.image.source.base64.data: {REQUIRED}"),
        (_block("image", **_source("url", url="")), f"{SECOND}.image.source.url.url: {NOT_EMPTY}"),
        (_block("document", **_source("x")), f"{SECOND}.document.source: {_tag('x', 'base64', 'content', 'file', 'text', 'url')}"),
        (
            _block("document", **_source("content", content=[block("text")])),
            f"{SECOND}.document.source.content.content.0.text.text: {REQUIRED}",
        ),
        (
            _block("document", **_source("text", media_type="text/plain", data="a"), title="a" * 501),
            f"{SECOND}.document.title: String should have at most 500 characters",
        ),
        (_block("thinking", thinking="a"), f"{SECOND}.thinking.signature: {REQUIRED}"),
        (_block("thinking", thinking="a", signature="b", **mark()), f"{SECOND}.thinking.cache_control: {EXTRA}"),
        (_block("tool_use", name="a", input={}), f"{SECOND}.tool_use.id: {REQUIRED}"),
        (_block("tool_use", id="a b", name="a", input={}), f"{SECOND}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"),
        (
            _block("tool_use", id="a", name="a b", input={}),
            f"{SECOND}.tool_use.name: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'",
        ),
        (
            _block("tool_use", id="a", name="a" * 201, input={}),
            f"{SECOND}.tool_use.name: String should have at most 200 characters",
        ),
        (_block("tool_use", id="a", name="b", input="c"), f"{SECOND}.tool_use.input: {OBJECT}"),
        (
            _block("tool_use", id="a", name="b", input={}, caller={"type": "code_execution_20250825"}),
            f"{SECOND}.tool_use.caller.code_execution_20250825.tool_id: {REQUIRED}",
        ),
        (
            _block("server_tool_use", id="toolu_1", name="web_search", input={}),
            f"{SECOND}.server_tool_use.id: String should match pattern '^srvtoolu_[a-zA-Z0-9_]+$'",
        ),
        (_block("tool_addition", tool=block("x")),
         f"{SECOND}.tool_addition.tool: {_tag('x', 'mcp_tool_reference', 'mcp_toolset_reference', 'tool_definition', 'tool_reference')}"),
    ],
    "results": [
        (_result(5), f"{ANSWER}.content: {ARRAY}"),
        (_result(None), f"{ANSWER}.content: {ARRAY}"),
        (_result([text(None)]), f"{ANSWER}.content.0.text.text: {STRING}"),
        (_result([tool_use()]),
         f"{ANSWER}.content.0: {_tag('tool_use', 'browser_state', 'document', 'image', 'search_result', 'text', 'tool_reference')}"),
        (_result([text(), block("image", **_source("base64", media_type="image/png"))]),
         f"{ANSWER}.content.1.image.source.base64.data: {REQUIRED}"),
        (_result([block("browser_state", tabs=[], state_changes=[])]),
         f"{ANSWER}.content.0.browser_state.state_changes: List should have at least 1 item after validation, not 0"),
        (_searched("a"), f"{SECOND}.web_search_tool_result.content: {SHAPE}"),
        (_searched([{"type": "web_search_result", "title": "a"}]),
         f"{SECOND}.web_search_tool_result.content.0.encrypted_content: {REQUIRED}"),
        (_searched({"type": "x"}), f"{SECOND}.web_search_tool_result.content: {_tag('x', 'web_search_tool_result_error')}"),
        (_searched([], caller={"type": "x"}),
         f"{SECOND}.web_search_tool_result.caller: {_tag('x', 'code_execution_20250825', 'code_execution_20260120', 'direct')}"),
    ],
    "citations": [
        (_cited("x"), f"messages.1.content.0.text.citations.0: {_tag('x', 'char_location', 'content_block_location', 'page_location', 'search_result_location', 'web_search_result_location')}"),
        (_cited("page_location", cited_text="a", document_index=-1),
         f"{CITED}.page_location.document_index: Input should be greater than or equal to 0"),
        (_cited("page_location", cited_text="a", document_index=0, document_title=None, start_page_number=0),
         f"{CITED}.page_location.start_page_number: {AT_LEAST_1}"),
    ],
    "system": [
        (ask(system=["a"]), f"system.0: {SHAPE}"),
        (ask(system=[block("image")]), "system.0.type: Input should be 'text'"),
        (ask(system=[{"text": "a"}]), f"system.0.type: {REQUIRED}"),
        (ask(system=[text(), text(5)]), f"system.1.text: {STRING}"),
        (ask(system=[text(), text(cache_control={"type": "ephemeral", "ttl": 5})]),
         "system.1.cache_control.ephemeral.ttl: Input should be '5m' or '1h'"),
        (ask(system=[text(nope=1)]), f"system.0.nope: {EXTRA}"),
    ],
    "parameters": [
        (ask(thinking={}), f"thinking.type: {REQUIRED}"),
        (ask(thinking=block("x")), f"thinking: {_tag('x', 'adaptive', 'between_tools', 'disabled', 'enabled')}"),
        (ask(thinking=block("enabled")), f"thinking.enabled.budget_tokens: {REQUIRED}"),
        (ask(thinking=block("enabled", budget_tokens=1023)),
         "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"),
        (ask(thinking=block("disabled", budget_tokens=1024)), f"thinking.disabled.budget_tokens: {EXTRA}"),
        (ask(thinking=block("adaptive", display="full")), "thinking.adaptive.display: Input should be 'summarized' or 'omitted'"),
        (ask(output_config={"effort": "x"}), "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'"),
        (ask(output_config={"format": block("x")}), f"output_config.format: {_tag('x', 'json_schema')}"),
        (ask(output_config={"format": block("json_schema")}), f"output_config.format.schema: {REQUIRED}"),
        (ask(output_config={"format": block("json_schema", schema=True)}), f"output_config.format.schema: {OBJECT}"),
        (ask(cache_control={}), f"cache_control.type: {REQUIRED}"),
        (ask(cache_control=block("ephemeral", ttl=None)), "cache_control.ephemeral.ttl: Input should be '5m' or '1h'"),
        (ask(cache_control=block("ephemeral", nope=1)), f"cache_control.ephemeral.nope: {EXTRA}"),
        (ask(metadata={"user_id": 5}), f"metadata.user_id: {STRING}"),
        (ask(metadata={"user_id": "a" * 513}), "metadata.user_id: String should have at most 512 characters"),
        (ask(metadata={"nope": 1}), f"metadata.nope: {EXTRA}"),
        (ask(stop_sequences=["a", 5]), f"stop_sequences.1: {STRING}"),
        (ask(container={"nope": 1}), f"container.ContainerParams.nope: {EXTRA}"),
        (ask(container={"skills": [block("x", skill_id="a")]}),
         "container.ContainerParams.skills.0.type: Input should be 'anthropic' or 'custom'"),
        (ask(container={"skills": [block("custom", skill_id="a")] * 21}),
         "container.ContainerParams.skills: List should have at most 20 items after validation, not 21"),
        (_managed(type="x"),
         f"context_management.edits.0: {_tag('x', 'clear_thinking_20251015', 'clear_tool_uses_20250919', 'compact_20260112')}"),
        (_managed(type="clear_thinking_20251015", keep="none"), "context_management.edits.0.keep: Input should be 'all'"),
        (_managed(type="clear_thinking_20251015", keep=block("thinking_turns", value=0)),
         f"context_management.edits.0.keep.value: {AT_LEAST_1}"),
        (_managed(type="clear_tool_uses_20250919", clear_tool_inputs="a"),
         f"context_management.edits.0.clear_tool_inputs: {BOOLEAN}"),
        (_managed(type="clear_tool_uses_20250919", clear_tool_inputs=[5]),
         f"context_management.edits.0.clear_tool_inputs.0: {STRING}"),
        (_managed(type="compact_20260112", trigger=block("input_tokens", value=49_999)),
         "context_management.edits.0.trigger.value: Input should be greater than or equal to 50000"),
        (ask(fallbacks=[{}], betas="server-side-fallback-2026-07-01"), f"fallbacks.0.model: {REQUIRED}"),
        (ask(fallbacks=[{"model": "a"}] * 4, betas="server-side-fallback-2026-07-01"),
         "fallbacks: List should have at most 3 items after validation, not 4"),
        (ask(thread=block("continue"), betas="message-threads-2026-08-12"), f"thread.continue.previous_message_id: {REQUIRED}"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "words"),
    [pytest.param(*row, id=f"{group}.{i}") for group, rows in PLACES.items() for i, row in enumerate(rows)],
)
def test_a_fault_is_reported_at_its_place(asked, words):
    assert said(asked) == words


TAKEN = {
    "a tool that names no type": _tools(tool(type=ABSENT) | {"type": None}),
    "an edit of tool uses": _managed(
        type="clear_tool_uses_20250919",
        clear_tool_inputs=["a"],
        trigger=block("tool_uses", value=1),
        keep=block("tool_uses", value=0),
    ),
    "all thinking kept": _managed(type="clear_thinking_20251015", keep="all"),
    "a tool's name beyond the pattern that is quoted": ask(
        "a", assistant([tool_use("a" * 200)]), user([tool_result()])
    ),
    "a failed search with more than is documented": ask(
        "a",
        assistant(
            [
                block("server_tool_use", id="srvtoolu_1", name="web_search", input={}),
                block(
                    "web_search_tool_result",
                    tool_use_id="srvtoolu_1",
                    content=block("web_search_tool_result_error", error_code="unavailable", more=1),
                ),
            ]
        ),
    ),
    "a null inside": ask(metadata={"user_id": None}, output_config={"effort": None, "format": None}),
}


@pytest.mark.parametrize("asked", TAKEN.values(), ids=TAKEN)
def test_what_is_well_formed_is_taken(asked):
    assert said(asked) is None
