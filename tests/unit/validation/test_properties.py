"""Whatever comes in ends in an answer or in a well-formed refusal, within a second. Not here: in which refusal."""

import base64

import orjson
import pytest
from helpers import HEADERS, WEATHER_TOOL, assistant, engine, post, request, tool_result, tool_use, user
from hypothesis import given
from hypothesis import strategies as st
from mutations import any_json, ends_well, mutated, pool_of, steps

from mockserver.validation.betas import KNOWN
from mockserver.validation.grammar.requests import COUNT_TOKENS
from mockserver.validation.incoming import Incoming
from mockserver.validation.scope import VERSIONS
from mockserver.validation.transport import ROUTES
from mockserver.wire.signatures import redacted, sign

pytestmark = pytest.mark.unmeasured

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PDF = base64.b64encode(
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj trailer<</Root 1 0 R>>\n%%EOF"
).decode()
SHORT, LONG = {"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}


def text(words="Hello", **more):
    return {"type": "text", "text": words, **more}


def image(**source):
    return {"type": "image", "source": source or {"type": "base64", "media_type": "image/png", "data": PNG}}


def document(source=None, **more):
    return {
        "type": "document",
        "source": source or {"type": "base64", "media_type": "application/pdf", "data": PDF},
        **more,
    }


def tool(name, **properties):
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {"name": name, "input_schema": schema}


def thought(words="I think.", model="claude-opus-4-5-20251101"):
    return {"type": "thinking", "thinking": words, "signature": sign(words, model)}


def call(name, id_, **input_):
    return {"type": "server_tool_use", "id": id_, "name": name, "input": input_}


def result(kind, id_, content):
    return {"type": kind, "tool_use_id": id_, "content": content}


def cited(kind, **more):
    return {"type": f"{kind}_location", "cited_text": "grass", **more}


ANSWER_SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"$ref": "#/$defs/city"},
        "kind": {"type": "string", "enum": ["sun", "rain"]},
        "degrees": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        "days": {"type": "array", "items": {"type": ["string", "null"], "format": "date"}, "minItems": 1},
    },
    "required": ["city"],
    "additionalProperties": False,
    "$defs": {"city": {"type": "string", "pattern": "^[A-Z]", "description": "A city."}},
}
WHERE = {"document_index": 0, "document_title": "Meadow"}

# Name -> (body, betas).
REQUESTS = {
    "sampling": (
        request(
            model="claude-sonnet-4-6",
            temperature=0.5,
            top_k=5,
            stop_sequences=["END"],
            metadata={"user_id": "u"},
            service_tier="auto",
            stream=True,
            inference_geo="us",
            system="Be brief.",
        ),
        (),
    ),
    "caching": (
        request(
            user([text("A", cache_control=SHORT), text("B")]),
            assistant([text("C", cache_control=SHORT)]),
            user([text("D")]),
            system=[text("S", cache_control=LONG), text("T")],
            tools=[WEATHER_TOOL | {"cache_control": LONG}],
            diagnostics={"previous_message_id": None},
        ),
        ("extended-cache-ttl-2025-04-11",),
    ),
    "tool loop": (
        request(
            "Weather?",
            assistant([text("I look."), tool_use(city="Oslo"), tool_use(id_="toolu_2", city="Rome")]),
            user(
                [
                    tool_result([text(), image(), document(title="A PDF"), {"type": "tool_reference", "tool_name": "late"}]),
                    tool_result("no", id_="toolu_2", is_error=True, cache_control=SHORT),
                    text("And?"),
                ]
            ),
            tools=[WEATHER_TOOL, tool("late") | {"defer_loading": True, "input_examples": [{}]}],
            tool_choice={"type": "tool", "name": "get_weather", "disable_parallel_tool_use": True},
        ),
        (),
    ),
    "enabled thinking": (
        request(
            "Weather?",
            assistant([thought(), {"type": "redacted_thinking", "data": redacted(bytes(120))}, tool_use(city="Oslo")]),
            user([tool_result()]),
            model="claude-opus-4-5",
            max_tokens=4096,
            thinking={"type": "enabled", "budget_tokens": 2048},
            tools=[WEATHER_TOOL],
            output_config={"effort": "low"},
            context_management={
                "edits": [
                    {"type": "clear_thinking_20251015", "keep": {"type": "thinking_turns", "value": 1}},
                    {
                        "type": "clear_tool_uses_20250919",
                        "trigger": {"type": "input_tokens", "value": 9},
                        "keep": {"type": "tool_uses", "value": 3},
                        "exclude_tools": ["get_weather"],
                        "clear_tool_inputs": True,
                    },
                ]
            },
        ),
        ("interleaved-thinking-2025-05-14", "context-management-2025-06-27"),
    ),
    "adaptive thinking": (
        request(
            "Why?",
            assistant([thought(""), text("So.")]),
            "And?",
            model="claude-opus-5-5",
            thinking={"type": "adaptive", "display": "updates", "block_binding": {"prefix_mismatch_behavior": "error"}},
            output_config={"effort": "max", "task_budget": {"type": "tokens", "total": 20_000, "remaining": None}},
        ),
        ("thinking-display-updates-2026-08-18", "thinking-binding-controls-2026-08-01", "task-budgets-2026-03-13"),
    ),
    "structured output": (
        request("Weather?", output_config={"format": {"type": "json_schema", "schema": ANSWER_SCHEMA}}),
        (),
    ),
    "strict tools": (
        request(
            tools=[tool("a", **ANSWER_SCHEMA["properties"] | {"city": {"type": "string"}}) | {"strict": True}, tool("b")],
            tool_choice={"type": "any"},
            output_format={"type": "json_schema", "schema": tool("c", n={"type": "integer"})["input_schema"]},
        ),
        ("structured-outputs-2025-11-13",),
    ),
    "media": (
        request(
            user(
                [
                    image(),
                    image(type="url", url="https://example.com/a.png"),
                    image() | {"transformations": {"oversized_image": "downsize"}, "cache_control": SHORT},
                    document(context="Notes", citations={"enabled": True}),
                    document({"type": "text", "media_type": "text/plain", "data": "The grass is green."}, title="Meadow"),
                    document({"type": "content", "content": [text("chunk"), image()]}),
                    document({"type": "url", "url": "https://example.com/a.pdf"}),
                    {
                        "type": "search_result",
                        "source": "s",
                        "title": "t",
                        "content": [text("found")],
                        "citations": {"enabled": False},
                    },
                    text("What is this?"),
                ]
            )
        ),
        (),
    ),
    "citations": (
        request(
            user([document({"type": "text", "media_type": "text/plain", "data": "The grass is green."})]),
            assistant(
                [
                    text(citations=[cited("char", **WHERE, start_char_index=0, end_char_index=9)]),
                    text(citations=[cited("page", **WHERE, start_page_number=1, end_page_number=2)]),
                    text(citations=[cited("content_block", **WHERE, start_block_index=0, end_block_index=1)]),
                    text(
                        citations=[
                            cited("search_result", search_result_index=0, source="s", title="t", start_block_index=0, end_block_index=1),
                            cited("web_search_result", url="https://example.com", title="t", encrypted_index="e"),
                        ]
                    ),
                ]
            ),
            "Thanks.",
        ),
        (),
    ),
    "server tools": (
        request(
            "Search.",
            assistant(
                [
                    call("web_search", "srvtoolu_1", query="q"),
                    result(
                        "web_search_tool_result",
                        "srvtoolu_1",
                        [{"type": "web_search_result", "url": "u", "title": "t", "encrypted_content": "e", "page_age": None}],
                    ),
                    call("web_fetch", "srvtoolu_2", url="u"),
                    result("web_fetch_tool_result", "srvtoolu_2", {"type": "web_fetch_result", "url": "u", "content": document()}),
                    call("code_execution", "srvtoolu_3", code="1"),
                    result(
                        "code_execution_tool_result",
                        "srvtoolu_3",
                        {"type": "code_execution_result", "stdout": "1", "stderr": "", "return_code": 0, "content": []},
                    ),
                    call("tool_search_tool_bm25", "srvtoolu_4", query="q"),
                    result(
                        "tool_search_tool_result",
                        "srvtoolu_4",
                        {"type": "tool_search_tool_search_result", "tool_references": [{"type": "tool_reference", "tool_name": "late"}]},
                    ),
                    text("Done."),
                ]
            ),
            "Thanks.",
            tools=[
                {"type": "web_search_20260209", "name": "web_search", "allowed_domains": ["example.com"], "max_uses": 3,
                 "user_location": {"type": "approximate", "country": "NO", "city": "Oslo"}},
                {"type": "web_fetch_20260309", "name": "web_fetch", "citations": {"enabled": True}, "use_cache": False,
                 "url_sources": {"user_input": {"type": "all"}}},
                {"type": "code_execution_20250825", "name": "code_execution"},
                {"type": "tool_search_tool_bm25", "name": "tool_search_tool_bm25"},
                tool("late") | {"defer_loading": True, "allowed_callers": ["code_execution_20250825"]},
            ],
        ),
        (),
    ),
    "mcp": (
        request(
            "Ask the server.",
            assistant(
                [
                    {"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "ask", "server_name": "s", "input": {}},
                    {"type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "content": [text("Yes.")], "is_error": False},
                    text("It says yes."),
                ]
            ),
            "Thanks.",
            mcp_servers=[{"type": "url", "url": "https://example.com/mcp", "name": "s", "authorization_token": "t"}],
            tools=[{"type": "mcp_toolset", "mcp_server_name": "s", "default_config": {"enabled": True}, "configs": {"ask": {"defer_loading": False}}}],
        ),
        ("mcp-client-2025-11-20",),
    ),
    "system messages": (
        request(
            "Hello",
            {"role": "system", "content": "Be kind.", "clear_at": "next_user_message"},
            assistant("Dear you."),
            "Weather?",
            {
                "role": "system",
                "content": [
                    text("A new tool:", cache_control=SHORT),
                    {"type": "tool_addition", "tool": {"type": "tool_definition", "definition": tool("late", a={"type": "string"})}},
                    {"type": "tool_removal", "tool": {"type": "tool_reference", "name": "get_weather"}},
                ],
                "output_config": {"effort": "low"},
            },
            tools=[WEATHER_TOOL],
        ),
        ("mid-conversation-system-clear-at-2026-08-21", "mid-conversation-output-config-2026-07-01", "inline-tools-2026-09-15"),
    ),
    "container": (
        request(
            user([text(), {"type": "container_upload", "file_id": "file_1"}, image(type="file", file_id="file_2")]),
            container={"id": "container_1", "skills": [{"type": "anthropic", "skill_id": "pptx", "version": "latest"}]},
            tools=[{"type": "code_execution_20250825", "name": "code_execution"}],
        ),
        ("code-execution-2025-08-25", "skills-2025-10-02", "files-api-2025-04-14"),
    ),
    "compaction": (
        request(
            "Long ago",
            assistant([{"type": "compaction", "content": "They talked.", "cache_control": SHORT}, text("Go on.")]),
            "And?",
            context_management={"edits": [{"type": "compact_20260112", "trigger": {"type": "input_tokens", "value": 60_000}, "instructions": None}]},
        ),
        ("compact-2026-01-12",),
    ),
    "fallbacks and threads": (
        request(
            model="claude-opus-5",
            speed="fast",
            fallbacks=[{"model": "claude-sonnet-5", "max_tokens": 100, "thinking": {"type": "adaptive"}}],
            fallback_credit_token={"token": "t", "mode": "strict"},
            thread={"type": "continue", "previous_message_id": "msg_1"},
            billing_policy={"type": "billing_policy", "bill_to": "self"},
            cache_control=LONG,
        ),
        ("server-side-fallback-2026-06-01", "fallback-credit-2026-06-01", "message-threads-2026-08-12", "user-profiles-billing-2026-10-01"),
    ),
    "toolsets": (
        request(
            "Click.",
            assistant([tool_use("browser", toolset_name="browser", action="screenshot")]),
            user(
                [
                    tool_result(
                        [
                            {
                                "type": "browser_state",
                                "tabs": [{"tab_id": "1", "title": "t", "url": "u", "active": True}],
                                "state_changes": [{"type": "tab_opened", "tab_id": "1"}],
                            },
                            image(),
                        ]
                    )
                ]
            ),
            model="claude-sonnet-5-5",
            tools=[
                {"type": "browser_toolset_20260801", "configs": {"find": {"enabled": True}, "zoom": {"defer_loading": False}}},
                {"type": "memory_20250818", "name": "memory"},
                {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool", "max_characters": 100},
                {"type": "bash_20250124", "name": "bash"},
                {"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-5", "max_tokens": 2048, "caching": SHORT},
            ],
            tool_choice={"type": "auto"},
        ),
        ("advisor-tool-2026-03-01",),
    ),
}  # fmt: skip


def counted(body):
    return {key: value for key, value in body.items() if key in COUNT_TOKENS.fields}


def batch(*bodies):
    return {"requests": [{"custom_id": f"row-{i}", "params": body} for i, body in enumerate(bodies)]}


def sent(body, betas=(), path="/v1/messages", validation="strict", version=VERSIONS[-1]):
    headers = {"anthropic-beta": ",".join(betas), "anthropic-version": version}
    return post(engine(validation=validation, on_unmatched="fallback"), body, headers, path)


@pytest.mark.parametrize("name", REQUESTS)
def test_the_requests_that_are_mutated_are_valid(name):
    body, betas = REQUESTS[name]
    handled = sent(body, betas)
    assert handled.reply.head.status == 200, handled.exchange.reason
    if name != "container":  # files are not counted
        handled = sent(counted(body), betas, "/v1/messages/count_tokens")
        assert handled.reply.head.status == 200, handled.exchange.reason


levels = st.sampled_from(["strict", "strict", "strict", "lenient", "off"])
requests = st.sampled_from(list(REQUESTS.values()))
POOL = pool_of(body for body, _ in REQUESTS.values())


@given(st.binary(max_size=200) | any_json.map(repr).map(lambda words: words.encode("utf-8", "surrogatepass")))
def test_any_bytes_end_well(raw):
    for path in ("/v1/messages", "/v1/messages/count_tokens", "/v1/messages/batches"):
        ends_well(sent, raw, path=path)


@given(
    any_json | st.dictionaries(st.sampled_from(list(COUNT_TOKENS.fields)), any_json).map(lambda odd: request() | odd),
    levels,
)
def test_any_json_ends_well(value, validation):
    for path in ("/v1/messages", "/v1/messages/count_tokens", "/v1/messages/batches"):
        ends_well(sent, value, path=path, validation=validation)


@given(requests, steps, levels, st.sampled_from(VERSIONS))
def test_any_mutation_of_a_request_ends_well(valid, how, validation, version):
    body, betas = valid
    ends_well(sent, mutated(body, how, POOL), betas, validation=validation, version=version)


@given(requests, steps, levels)
def test_any_mutation_of_what_is_counted_ends_well(valid, how, validation):
    body, betas = valid
    ends_well(sent, mutated(counted(body), how, POOL), betas, "/v1/messages/count_tokens", validation)


@given(requests, requests, steps, levels)
def test_any_mutation_of_a_batch_ends_well(one, two, how, validation):
    ends_well(sent, mutated(batch(one[0], two[0]), how, POOL), path="/v1/messages/batches", validation=validation)


words = st.text(max_size=20) | st.sampled_from(
    ["", " ", "\udcff", ",", "true", "sk-ant-api03-a", "Bearer sk-ant-oat01-b"]
)
betas = st.lists(st.sampled_from(sorted(KNOWN)) | words, max_size=4).map(",".join)
headers = st.fixed_dictionaries(
    {},
    optional={
        "x-api-key": words,
        "authorization": words | words.map("Bearer {}".format),
        "anthropic-version": st.sampled_from(VERSIONS) | words,
        "anthropic-beta": betas,
        "anthropic-dangerous-direct-browser-access": words,
        "origin": words,
        "content-encoding": words,
        "content-type": words,
        "x-mock-session": words,
    },
)
paths = st.sampled_from(list(ROUTES)) | st.sampled_from(list(ROUTES)).flatmap(
    lambda path: words.map(lambda name: path.replace("{id}", name))
)
methods = st.sampled_from(["POST", "POST", "POST", "GET", "DELETE", "PUT"])
keys = st.lists(words.filter(str.strip), max_size=2)


@given(headers, st.booleans(), methods, paths, requests, keys)
def test_any_headers_end_well(odd, only_odd, method, path, valid, accepted):
    given_headers = odd if only_odd else {**HEADERS, "anthropic-beta": ",".join(valid[1]), **odd}
    raw = orjson.dumps(valid[0])
    server = engine(api_key=accepted, on_unmatched="fallback")
    ends_well(server.handle, Incoming(method, path, given_headers, raw))
