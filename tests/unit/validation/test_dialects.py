"""Dialects: each documented fact of a gateway is accepted, and its violation refused, in the API's own style."""

import base64
import json
from itertools import product

import pytest
from helpers import HEADERS, WEATHER_TOOL, assistant, request, user
from hypothesis import given
from hypothesis import strategies as st
from unit.validation.judging import ABSENT, BATCHES, COUNT, CURRENT, LEGACY, TODAY

from mockserver.validation.dialects import behind_prefix, law_of
from mockserver.validation.grammar.limited import Limited
from mockserver.validation.incoming import Incoming
from mockserver.validation.pipeline import Court, judge
from mockserver.validation.schema import BODIES
from mockserver.validation.scope import Scope
from mockserver.wire.dialect_models import registry_of
from mockserver.wire.dialect_parts import Parameter
from mockserver.wire.dialects import ANTHROPIC, DIALECTS, dialect_of
from mockserver.wire.errors import ApiError
from mockserver.wire.request_names import NESTED

MODEL = {
    "anthropic": "claude-sonnet-4-5",
    "heroku": "claude-4-5-sonnet",
    "bifrost": "claude-sonnet-4-5",
    "apertis": "claude-sonnet-4.5",
    "aggregator": "claude-3-5-sonnet-20241022",
    "relay": "claude-3-5-sonnet-20241022",
}
PNG = base64.b64encode(
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00"
).decode()
PDF = base64.b64encode(b"%PDF-1.4\n1 0 obj<</Type/Page>>endobj\n%%EOF").decode()
MARK = {"cache_control": {"type": "ephemeral"}}


def court(dialect, **more):
    return Court(models=registry_of(dialect), dialect=dialect, **more)


def said(dialect, headers=None, *, path="/v1/messages", method="POST", level="strict", keys=(), **fields):
    """What a dialect says of a request, in full; None where it takes it. `ABSENT` leaves a field or header out."""
    if isinstance(dialect, str):
        dialect = DIALECTS[dialect]
    body = request(**({"model": MODEL.get(dialect.name, "claude-sonnet-4-5")} | fields))
    body = {name: value for name, value in body.items() if value is not ABSENT}
    sent = {name: value for name, value in (HEADERS | (headers or {})).items() if value is not ABSENT}
    incoming = Incoming(method, dialect.prefix + path, sent, json.dumps(body).encode())
    try:
        judge(behind_prefix(incoming, dialect), level, court(dialect, accepted_keys=keys), TODAY)
    except ApiError as error:
        usual = (error.status, error.kind) == (400, "invalid_request_error")
        return error.message if usual else (error.status, error.kind, error.message)
    return None


# -------------------------------------------------------------- keys and versions

BEARER = {"x-api-key": ABSENT, "authorization": "Bearer k"}
BOTH = {"x-api-key": "k", "authorization": "Bearer k"}
NEITHER = {"x-api-key": ABSENT}
EMPTY = {"x-api-key": "", "authorization": "Bearer k"}
NO_KEY = (401, "authentication_error", "x-api-key header is required")
NO_BEARER = (401, "authentication_error", "authorization header is required")

KEYS = {
    "anthropic": (None, None, None, NO_KEY, NO_KEY),
    "heroku": (None, None, None, NO_KEY, NO_KEY),
    "bifrost": (None, None, None, None, None),
    "apertis": (None, None, None, NO_KEY, NO_KEY),
    "aggregator": (None, None, None, NO_KEY, NO_KEY),
    "relay": (None, None, None, NO_BEARER, None),
    "only x-api-key": (None, NO_KEY, None, NO_KEY, NO_KEY),
    "only bearer": (NO_BEARER, None, None, NO_BEARER, None),
}
"""Dialect -> what is said of a request with x-api-key, bearer, both, neither, an empty x-api-key beside a bearer."""

OWN = {
    "only x-api-key": dialect_of({"name": "only x-api-key", "credentials": "x-api-key"}),
    "only bearer": dialect_of({"name": "only bearer", "credentials": "bearer"}),
}


@pytest.mark.parametrize("name", KEYS)
def test_a_key_comes_as_the_dialect_takes_it(name):
    given_as = ({"x-api-key": "k"}, BEARER, BOTH, NEITHER, EMPTY)
    assert tuple(said(OWN.get(name, name), headers) for headers in given_as) == KEYS[name]


def test_a_key_that_is_sent_is_looked_at_also_where_none_is_needed():
    assert said("bifrost", {"x-api-key": "wrong"}, keys=["right"]) == (401, "authentication_error", "invalid x-api-key")
    assert said("bifrost", NEITHER, keys=["right"]) is None
    assert said("relay", {**BEARER, "authorization": "Bearer right"}, keys=["right"]) is None
    assert said("relay", BEARER, keys=["right"]) == (401, "authentication_error", "Invalid bearer token")


@pytest.mark.parametrize("header", ["x-bf-vk", "x-goog-api-key"])
def test_bifrost_takes_a_key_in_headers_of_its_own_and_looks_at_them_first(header):
    for others in (NEITHER, {"x-api-key": "any"}, BEARER):
        assert said("bifrost", {**others, header: "right"}, keys=["right"]) is None
        assert said("bifrost", {**others, header: "sk-bf-wrong"}, keys=["right"]) == (
            401, "authentication_error", "API key is invalid."
        )  # fmt: skip
    assert said("bifrost", {"x-api-key": "right", header: ""}, keys=["right"]) is None
    assert said("anthropic", {**NEITHER, header: "right"}) == NO_KEY
    needed = dialect_of({"name": "needed", "key_headers": [header]})
    assert said(needed, {**NEITHER, header: "k"}) is None
    assert said(needed, {**NEITHER, header: ""}) == NO_KEY


NO_VERSION = "anthropic-version: header is required"


def no_version(value):
    return f'anthropic-version: "{value}" is not a valid version'


VERSIONS = ABSENT, LEGACY, CURRENT, "2025-10-01", "2023-05-31", "newest"
TAKEN = {
    "anthropic": (NO_VERSION, None, None, *map(no_version, VERSIONS[3:])),
    "heroku": (None, None, None, *map(no_version, VERSIONS[3:])),
    "bifrost": (None, None, None, *map(no_version, VERSIONS[3:])),
    "apertis": (None,) * 6,
    "aggregator": (NO_VERSION, None, None, None, no_version("2023-05-31"), no_version("newest")),
    "relay": (NO_VERSION, None, None, *map(no_version, VERSIONS[3:])),
}
"""Dialect -> what is said of each version."""


@pytest.mark.parametrize("name", TAKEN)
def test_a_version_is_required_optional_or_ignored(name):
    assert tuple(said(name, {"anthropic-version": version}) for version in VERSIONS) == TAKEN[name]


@pytest.mark.parametrize("name", TAKEN)
def test_lenient_asks_for_a_version_where_the_dialect_does(name):
    expected = TAKEN[name][0]
    assert said(name, {"anthropic-version": ABSENT}, level="lenient") == expected
    assert said(name, {"anthropic-version": ABSENT}, level="off") is None


@pytest.mark.parametrize(("name", "version"), list(product(sorted(set(DIALECTS) - {"anthropic"}), (LEGACY, CURRENT))))
def test_a_gateway_knows_temperature_whatever_version_the_sdk_sends(name, version):
    assert said(name, {"anthropic-version": version}, temperature=0.5) is None
    assert said("anthropic", {"anthropic-version": CURRENT}, temperature=0.5) == (
        "temperature: Extra inputs are not permitted"
    )


# -------------------------------------------------------------- paths


def test_what_is_not_below_the_prefix_is_not_found():
    incoming = Incoming("POST", "/v1/messages", HEADERS, json.dumps(request()).encode())
    with pytest.raises(ApiError) as refused:
        judge(behind_prefix(incoming, DIALECTS["bifrost"]), "off", court(DIALECTS["bifrost"]), TODAY)
    assert (refused.value.status, refused.value.kind) == (404, "not_found_error")
    assert refused.value.message.startswith("mockserver: the dialect 'bifrost' serves the API under /anthropic")


PATHS = [
    ("messages", "POST", "/v1/messages", {}),
    ("count_tokens", "POST", COUNT, {"max_tokens": ABSENT}),
    ("models", "GET", "/v1/models", {}),
    ("models", "GET", "/v1/models/{model}", {}),
    ("batches", "GET", BATCHES, {}),
    ("batches", "GET", f"{BATCHES}/msgbatch_1", {}),
    ("files", "GET", "/v1/files", {}),
]
SERVED = {
    "anthropic": {"messages", "count_tokens", "models", "batches", "files"},
    "heroku": {"messages"},
    "bifrost": {"messages", "count_tokens", "models", "batches", "files"},
    "apertis": {"messages", "models"},
    "aggregator": {"messages", "models"},
    "relay": {"messages", "models"},
}


@pytest.mark.parametrize(("name", "row"), list(product(SERVED, PATHS)))
def test_what_a_dialect_does_not_serve_says_so(name, row):
    group, method, path, fields = row
    found = said(name, path=path.format(model=MODEL[name]), method=method, **fields)
    if group in SERVED[name]:
        assert found is None
    else:
        assert found[:2] == (404, "not_found_error")
        assert found[2].startswith(f"mockserver: the dialect {name!r} has no {method} /v1/")
        assert "it serves /v1/messages" in found[2]


@pytest.mark.parametrize(("name", "method"), list(product(DIALECTS, ("POST", "GET"))))
def test_the_old_api_of_completions_says_what_to_use(name, method):
    found = said(name, path="/v1/complete", method=method, prompt="Hi", max_tokens_to_sample=5)
    assert found[:2] == (404, "not_found_error")
    assert found[2].startswith("mockserver: the old API of text completions, /v1/complete, is not imitated; use POST")


# -------------------------------------------------------------- the rows of the table


def thinking(kind="enabled", budget=2048, **more):
    known = {"budget_tokens": budget} if kind == "enabled" else {}
    return {"max_tokens": 40_000, "thinking": {"type": kind, **known}, **more}


def tag(path, value, *options):
    listed = ", ".join(f"'{option}'" for option in options)
    words = f"Input tag '{value}' found using 'type' does not match any of the expected tags: {listed}"
    return f"{path}: {words}"


def choice(kind, **more):
    return {"tools": [WEATHER_TOOL], "tool_choice": {"type": kind, **more}}


SYSTEM = {"messages": [user("Hi"), {"role": "system", "content": "Be brief."}]}
ONLY_ON_TOP = (
    'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an '
    "input message role."
)
CHOICES = ("auto", "any", "tool")


def source(kind, **more):
    return {"messages": [user([{"type": kind, "source": more}, {"type": "text", "text": "What is it?"}])]}


def up_to(name, limit):
    return f"{name}: Input should be less than or equal to {limit}"


def at_least(name, limit):
    return f"{name}: Input should be greater than or equal to {limit}"


ACCEPTED = {
    "heroku": [
        *({"model": m} for m in ("claude-4-5-sonnet", "claude-4-5-haiku", "claude-opus-4-5", "claude-4-sonnet")),
        {"messages": [user("Hi"), assistant("Hello."), user("And?")]},
        *({name: value} for name in ("temperature", "top_p") for value in (0, 0.5, 1)),
        thinking(budget=1024),
        *(choice(kind) for kind in ("auto", "any")),
        choice("tool", name="get_weather"),
        {"system": [{"type": "text", "text": "Be brief.", **MARK}]},
        {"messages": [user([{"type": "text", "text": "Hi", **MARK}])]},
        {"tools": [WEATHER_TOOL | MARK]},
        {"stop_sequences": ["END"], "metadata": {"user_id": "u"}, "top_k": 5, "stream": True},
    ],
    "bifrost": [
        {"fallbacks": ["anthropic/claude-3-5-sonnet-20241022", "bedrock/anthropic.claude-v2"]},
        {"fallbacks": []},
        {"output_format": {"type": "json_schema", "schema": {"type": "object", "additionalProperties": False}}},
        {"mcp_servers": [{"type": "url", "url": "https://mcp.example.com", "name": "mcp"}]},
        {"tools": [WEATHER_TOOL | {"display_width_px": 1024, "display_height_px": 768, "display_number": 1}]},
        {"tools": [WEATHER_TOOL | {"max_uses": 3, "allowed_domains": ["example.com"]}]},
        {"tools": [WEATHER_TOOL | {"user_location": {"type": "approximate", "city": "Paris"}}]},
        {"tools": [{"type": "computer_20250124", "name": "computer", "display_width_px": 9, "display_height_px": 9}]},
        {"tools": [{"type": "web_search_20250305", "name": "web_search", "max_uses": 5, "allowed_domains": ["a.b"]}]},
        *({"model": m, "temperature": 0.7} for m in ("openai/gpt-4o-mini", "anthropic/claude-sonnet-4-20250514")),
        *({"model": m} for m in ("claude-3-sonnet-20240229", "vertex/gemini-pro", "ollama/llama3.1:8b")),
        {"model": "claude-3-opus-20240229", "max_tokens": 0},
    ],
    "apertis": [
        *({"model": m} for m in ("claude-sonnet-4.5", "claude-haiku-4.5", "claude-opus-4-5-20251101")),
        thinking(budget=1024),
        thinking(budget=32768),
        thinking("disabled"),
        thinking(budget=10240) | {"max_tokens": 4096},
        {"n": 1, "user": "u", "response_format": {"type": "json_object"}, "seed": 7},
        *({"stop": stop} for stop in ("END", ["a"], ["a", "b", "c", "d"])),
        *({f"{name}_penalty": value} for name in ("presence", "frequency") for value in (-2, 0.5, 2)),
        {"logit_bias": {"50256": -100, "1": 100}},
        source("image", type="base64", media_type="image/png", data=PNG),
        source("document", type="base64", media_type="application/pdf", data=PDF),
    ],
    "aggregator": [
        *({"model": m} for m in ("claude-3-opus-20240229", "claude-3-5-sonnet-20241022", "claude-3-5-haiku-20241022")),
        {"messages": [user("Hi"), assistant("Hello."), user("And?")]},
        {"tools": [WEATHER_TOOL]},
        thinking(model="claude-sonnet-4-5"),
    ],
    "relay": [
        {"max_tokens": 1},
        {"thinking": {"type": "disabled"}},
        thinking(model="claude-sonnet-4-20250514"),
        *(choice(kind) for kind in ("auto", "any")),
        choice("tool", name="get_weather"),
    ],
}  # fmt: skip
"""Dialect -> requests that its documentation allows."""

REFUSED = {
    "heroku": [
        ({"model": "gpt-4o"}, (404, "not_found_error", "model: gpt-4o")),
        (SYSTEM, ONLY_ON_TOP),
        (SYSTEM | {"model": "claude-sonnet-5"}, ONLY_ON_TOP),
        ({"messages": [{"role": "tool", "content": "x"}]}, 'messages: Unexpected role "tool". Allowed roles are "user" or "assistant". For instructions on how to use tools, see https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview.'),
        *(({name: value}, f"{name}: range: 0..1") for name in ("temperature", "top_p") for value in (-0.1, 1.1)),
        (thinking(budget=1023), at_least("thinking.enabled.budget_tokens", 1024)),
        (thinking("disabled"), tag("thinking", "disabled", "enabled")),
        (thinking("adaptive", model="claude-sonnet-5"), tag("thinking", "adaptive", "enabled")),
        (choice("none"), tag("tool_choice", "none", *CHOICES)),
        ({"n": 1}, "n: Extra inputs are not permitted"),
        ({"fallbacks": ["a"]}, "fallbacks: Extra inputs are not permitted"),
    ],
    "bifrost": [
        ({"fallbacks": "default"}, "fallbacks: Input should be a valid array"),
        ({"fallbacks": [{"model": "claude-sonnet-5"}]}, "fallbacks.0: Input should be a valid string"),
        ({"tools": [WEATHER_TOOL | {"display_width_px": 0}]}, at_least("tools.0.custom.display_width_px", 1)),
        ({"tools": [WEATHER_TOOL | {"max_uses": "3"}]}, "tools.0.custom.max_uses: Input should be a valid integer"),
        ({"tools": [WEATHER_TOOL | {"allowed_domains": [1]}]}, "tools.0.custom.allowed_domains.0: Input should be a valid string"),
        ({"tools": [WEATHER_TOOL | {"user_location": "here"}]}, "tools.0.custom.user_location: Input should be an object"),
        ({"tools": [WEATHER_TOOL | {"max_use": 3}]}, "tools.0.custom.max_use: Extra inputs are not permitted"),
        ({"mcp_servers": "x"}, "mcp_servers: Input should be a valid array"),
        ({"output_format": {"type": "text"}}, tag("output_format", "text", "json_schema")),
        ({"n": 1}, "n: Extra inputs are not permitted"),
    ],
    "apertis": [
        *(({"model": m}, (404, "not_found_error", f"model: {m}")) for m in ("gpt-4o", "gemini-3-pro", "x/claude-opus-5")),
        (thinking(budget=1023), at_least("thinking.enabled.budget_tokens", 1024)),
        (thinking(budget=32769), up_to("thinking.enabled.budget_tokens", 32768)),
        (thinking("adaptive"), tag("thinking", "adaptive", "enabled", "disabled")),
        ({"n": 0}, at_least("n", 1)),
        ({"stop": 5}, "stop: Input should be a valid string or array"),
        ({"stop": ["a", 5]}, "stop.1: Input should be a valid string"),
        ({"stop": list("abcde")}, "stop: List should have at most 4 items after validation, not 5"),
        *(({f"{n}_penalty": 2.1}, up_to(f"{n}_penalty", 2)) for n in ("presence", "frequency")),
        *(({f"{n}_penalty": -2.1}, at_least(f"{n}_penalty", -2)) for n in ("presence", "frequency")),
        *(({f"{n}_penalty": "1"}, f"{n}_penalty: Input should be a valid number") for n in ("presence", "frequency")),
        ({"logit_bias": {"1": 101}}, up_to("logit_bias.1", 100)),
        ({"logit_bias": {"1": -101}}, at_least("logit_bias.1", -100)),
        ({"logit_bias": [1]}, "logit_bias: Input should be an object"),
        ({"user": 7}, "user: Input should be a valid string"),
        ({"seed": 1.5}, "seed: Input should be a valid integer"),
        ({"response_format": "json"}, "response_format: Input should be an object"),
        (source("image", type="url", url="https://a.b/c.png"), tag("messages.0.content.0.image.source", "url", "base64")),
        (source("document", type="text", media_type="text/plain", data="x"), tag("messages.0.content.0.document.source", "text", "base64")),
        ({"messages": [user("Hi"), assistant([{"type": "tool_use", "id": "t", "name": "x", "input": {}}]), user([{"type": "tool_result", "tool_use_id": "t", "content": [{"type": "image", "source": {"type": "url", "url": "https://a.b"}}]}])]}, tag("messages.2.content.0.tool_result.content.0.image.source", "url", "base64")),
    ],
    "aggregator": [
        ({"model": "gpt-4o"}, (404, "not_found_error", "model: gpt-4o")),
        ({"messages": [user("Hi"), user("Hello?")]}, 'messages: roles must alternate between "user" and "assistant", but found multiple "user" roles in a row'),
        ({"messages": [user("Hi"), assistant("A"), assistant("B")]}, 'messages: roles must alternate between "user" and "assistant", but found multiple "assistant" roles in a row'),
        *(({"tools": [{k: v for k, v in WEATHER_TOOL.items() if k != name}]}, f"tools.0.custom.{name}: Field required") for name in ("name", "description", "input_schema")),
        ({"tools": [WEATHER_TOOL, {"type": "web_search_20250305", "name": "web_search"}]}, "tools.1.web_search_20250305.description: Field required"),
        (thinking(max_tokens=8000), "'claude-3-5-sonnet-20241022' does not support thinking."),
    ],
    "relay": [
        ({"model": "gpt-4o"}, (404, "not_found_error", "model: gpt-4o")),
        ({"max_tokens": 0}, at_least("max_tokens", 1)),
        ({"max_tokens": ABSENT}, "max_tokens: Field required"),
        ({"max_tokens": "5"}, "max_tokens: Input should be a valid integer"),
        (thinking("adaptive", model="claude-sonnet-5"), tag("thinking", "adaptive", "enabled", "disabled")),
        (choice("none"), tag("tool_choice", "none", *CHOICES)),
        (SYSTEM, ONLY_ON_TOP),
    ],
}  # fmt: skip
"""Dialect -> requests that its documentation does not allow, and what is said of them."""


@pytest.mark.parametrize(("name", "fields"), [(name, fields) for name, rows in ACCEPTED.items() for fields in rows])
def test_what_the_documentation_allows_is_taken_at_every_level(name, fields):
    for level, version in product(("strict", "lenient", "off"), (LEGACY, CURRENT)):
        assert said(name, {"anthropic-version": version}, level=level, **fields) is None


@pytest.mark.parametrize(("name", "fields", "words"), [(name, *row) for name, rows in REFUSED.items() for row in rows])
def test_what_the_documentation_does_not_allow_is_refused(name, fields, words):
    assert said(name, **fields) == words
    assert said(name, level="off", **fields) is None


def test_the_api_itself_takes_what_a_gateway_narrows():
    assert said("anthropic", **choice("none")) is None
    assert said("anthropic", messages=[user("Hi"), user("Hello?")]) is None
    assert said("anthropic", tools=[{k: v for k, v in WEATHER_TOOL.items() if k != "description"}]) is None
    assert said("anthropic", max_tokens=0) is None
    assert said("anthropic", fallbacks=["a"]) == "fallbacks: Extra inputs are not permitted"
    assert law_of(ANTHROPIC).bodies == BODIES
    assert (law_of(ANTHROPIC).betas, law_of(ANTHROPIC).foreign) == (frozenset(), frozenset())


def test_counting_is_judged_by_the_dialect_too():
    counted = {"path": COUNT, "max_tokens": ABSENT}
    assert said("bifrost", tools=[WEATHER_TOOL | {"max_uses": 3}], **counted) is None
    assert said("bifrost", fallbacks=["a"], **counted) == "fallbacks: Extra inputs are not permitted"


# -------------------------------------------------------------- one's own


def own(**fields):
    return dialect_of({"name": "own", **fields})


def test_a_missing_parameter_is_an_unknown_one():
    assert said(own(missing=["top_k"]), top_k=3) == "top_k: Extra inputs are not permitted"
    assert said(own(missing=["top_k"]), level="lenient", top_k=3) is None
    assert said(own(), top_k=3) is None


def test_what_is_missing_is_missing_also_where_more_is_said_of_it():
    without = own(missing=["tools", "thinking"], tools={"required": ["description"]})
    assert said(without) is None
    assert said(without, tools=[WEATHER_TOOL]) == "tools: Extra inputs are not permitted"
    assert said(without, **thinking()) == "thinking: Extra inputs are not permitted"


def test_a_name_may_be_narrowed_otherwise_than_by_a_list():
    assert said(own(parameters={"metadata.user_id": {"enum": ["a", "b"]}}), metadata={"user_id": "c"}) == (
        "metadata.user_id: Input should be 'a' or 'b'"
    )
    assert (
        said(
            own(parameters={"tools.max_uses": {"maximum": 3}}),
            tools=[{"type": "web_search_20250305", "name": "web_search", "max_uses": 4}],
        )
        == "tools.0.web_search_20250305.max_uses: Input should be less than or equal to 3"
    )
    assert said(own(parameters={"stop_sequences": {"max_items": 1}}), stop_sequences=["a", "b"]) == (
        "stop_sequences: List should have at most 1 item after validation, not 2"
    )


def test_a_parameter_may_be_needed_or_null():
    needed = own(
        parameters={"team": {"type": "string", "required": True}, "note": {"type": "string", "nullable": True}}
    )
    assert said(needed) == "team: Field required"
    assert said(needed, team="a", note=None) is None
    assert said(needed, team=None) == "team: Input should be a valid string"


def test_a_rule_that_is_waived_is_not_asked():
    blank = {"messages": [user([{"type": "text", "text": " "}])]}
    assert said(own(), **blank) == "messages: text content blocks must contain non-whitespace text"
    assert said(own(waives=["texts.blank_text"]), **blank) is None


def test_a_parameter_in_the_place_of_the_api_s_is_no_business_of_its_rules():
    for name, value in (("thinking", "deep"), ("tools", "all"), ("system", 5), ("tool_choice", "any"), ("top_k", "x")):
        replaced = own(parameters={name: {"type": ["string", "integer"]}})
        assert said(replaced, **{name: value}) is None


EXAMPLES = {
    "cache_control": {"cache_control": {"type": "ephemeral", "ttl": "5m"}},
    "container": {"container": {"id": "c"}, "tools": [{"type": "code_execution_20250825", "name": "code_execution"}]},
    "mcp_servers": {"mcp_servers": [{"type": "url", "url": "https://a.b", "name": "m"}]},
    "messages": {
        "messages": [
            user([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}, "cache_control": {"type": "ephemeral", "ttl": "5m"}}])
        ]
    },
    "metadata": {"metadata": {"user_id": "u"}},
    "output_config": {"output_config": {"effort": "high", "format": {"type": "json_schema", "schema": {"type": "object"}}, "task_budget": {"type": "tokens", "total": 30000}}},
    "system": {"system": [{"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral", "ttl": "5m"}}]},
    "thinking": {"thinking": {"type": "enabled", "budget_tokens": 1024, "display": "omitted"}},
    "tool_choice": choice("tool", name="get_weather", disable_parallel_tool_use=True),
    "tools": {"tools": [WEATHER_TOOL | {"type": "custom", "strict": True, "max_uses": 2, "cache_control": {"type": "ephemeral", "ttl": "5m"}}]},
}  # fmt: skip
"""Parameter -> requests with all that can be narrowed inside of it."""


@pytest.mark.parametrize("place", NESTED)
def test_every_place_that_can_be_narrowed_is_narrowed(place):
    """Where a place may hold one odd value alone, a request that has another is refused there, and nowhere else."""
    betas = {"anthropic-beta": "task-budgets-2026-03-13"}
    open_ = {"opens": ["mcp_servers"], "tools": {"fields": {"max_uses": {"type": "integer"}}}}
    example = EXAMPLES[place.partition(".")[0]]
    assert said(own(**open_), betas, level="lenient", **example) is None
    found = said(own(parameters={place: {"enum": ["odd"]}}, **open_), betas, **example)
    assert isinstance(found, str), found
    assert "odd" in found
    root, _, end = place.partition(".")
    assert found.startswith(root)
    assert end.rpartition(".")[2] in found


# -------------------------------------------------------------- ranges

NUMBERS = st.one_of(st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6))
PENALTIES = Parameter(type=("number",), minimum=-2, maximum=2)


@given(NUMBERS)
def test_a_number_is_taken_just_where_its_range_allows(number):
    fault = Limited(PENALTIES).check(number, Scope())
    assert (fault is None) == (-2 <= number <= 2)


RANGES = st.tuples(st.integers(-1000, 1000), st.integers(0, 1000)).map(lambda pair: (pair[0], sum(pair)))


@pytest.mark.unmeasured
@given(RANGES, NUMBERS, st.integers(0, 8), st.lists(st.text(max_size=3), max_size=10))
def test_whatever_a_parameter_s_limits_allow_is_accepted_and_all_else_refused(limits, number, most, texts):
    least, top = limits
    ranged = own(parameters={"x": {"type": "number", "minimum": least, "maximum": top}})
    assert (said(ranged, x=number) is None) == (least <= number <= top)
    listed = own(parameters={"y": {"type": "array", "items": {"type": "string"}, "max_items": most}})
    assert (said(listed, y=texts) is None) == (len(texts) <= most)
    within = own(parameters={"z": {"type": "object", "values": {"type": "integer", "minimum": least}}})
    whole = int(number)
    assert (said(within, z={"a": whole}) is None) == (whole >= least)


JSON = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)  # fmt: skip
HOLDS = {
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: type(v) is int,
    "number": lambda v: type(v) in (int, float),
    "boolean": lambda v: isinstance(v, bool),
    "array": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
}


@given(st.lists(st.sampled_from(sorted(HOLDS)), min_size=1, max_size=3, unique=True), JSON)
def test_a_value_is_of_one_of_the_types(types, value):
    fault = Limited(Parameter(type=tuple(types))).check(value, Scope())
    assert (fault is None) == any(HOLDS[kind](value) for kind in types)


@given(
    st.lists(st.sampled_from(["a", "b", 1, 2.5, True]), min_size=1, unique_by=repr),
    JSON | st.sampled_from(["a", 1, True, 2.5]),
)
def test_a_value_is_one_of_those_that_are_listed(options, value):
    fault = Limited(Parameter(enum=tuple(options))).check(value, Scope())
    assert (fault is None) == any(type(value) is type(option) and value == option for option in options)


def test_its_own_parameters_may_be_left_out_where_tokens_are_counted():
    """A client may send them everywhere; which gateway wants them there nobody documents."""
    own = dialect_of({"name": "own", "parameters": {"tenant": {"type": "string", "required": True}}})
    counting = {"path": COUNT, "max_tokens": ABSENT}
    assert said(own) == "tenant: Field required"
    assert said(own, **counting) is None
    assert said(own, tenant="a", **counting) is None
    assert said(own, tenant=1, **counting) == "tenant: Input should be a valid string"
