"""The dialects as data: the table, one's own, the models of a gateway, and the names that a dialect may use."""

import re
import subprocess
import sys

import pytest
from pydantic import ValidationError

from mockserver.scenario.answers import CacheCreation, Usage
from mockserver.validation.grammar.blocks import BLOCKS
from mockserver.validation.grammar.requests import MESSAGES
from mockserver.validation.grammar.tools import TOOLS
from mockserver.validation.rules.table import RULES as TABLE
from mockserver.validation.scope import Scope
from mockserver.wire.dialect import Dialect
from mockserver.wire.dialect_models import registry_of
from mockserver.wire.dialect_parts import Parameter
from mockserver.wire.dialects import ANTHROPIC, DIALECTS, dialect_of, problems, told
from mockserver.wire.messages import STOP_REASONS, USAGE_NAMES
from mockserver.wire.registry import STANDARD
from mockserver.wire.request_names import CLOSED, FIELDS, FIXED, NESTED, RULES, SOURCES, TOOL_FIELDS


def test_the_table_has_the_documented_dialects_and_the_api_is_the_one_without_fields():
    assert list(DIALECTS) == ["anthropic", "heroku", "bifrost", "apertis", "aggregator", "relay"]
    left = {"name": "anthropic", "about": ANTHROPIC.about, "source": ANTHROPIC.source}
    assert Dialect.model_validate(left) == ANTHROPIC
    assert all(dialect.about and dialect.source for dialect in DIALECTS.values())


def test_the_model_of_dialects_is_built_when_one_is_read():
    """A server that speaks the API itself does without; threads that read one at the same time get the same."""
    code = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from mockserver.settings import Settings, resolve
from mockserver.wire.dialect import Dialect
settings = Settings()
print(settings.dialect.name, settings.of_session("a").dialect.tools.required, Dialect.__pydantic_complete__)
together = Barrier(8)
def read(number):
    together.wait()
    return resolve(("code", {"dialect": {"name": "mine", "prefix": f"/{number}", "like": "bifrost"}})).dialect.prefix
with ThreadPoolExecutor(8) as pool:
    print(*pool.map(read, range(8)), Dialect.__pydantic_complete__)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "anthropic () False\n/0 /1 /2 /3 /4 /5 /6 /7 True\n"


def test_the_names_are_those_of_the_grammar():
    """What a dialect may name, and what validation knows, are the same."""
    assert set(FIELDS) == set(MESSAGES.fields)
    assert {name for name, field in MESSAGES.fields.items() if field.required} == set(FIXED)
    gated = {name for name, field in MESSAGES.fields.items() if field.betas}
    assert set(CLOSED) == gated | set(TOOLS.betas) | set(BLOCKS.betas)
    assert list(NESTED) == sorted(set(NESTED))
    assert {name.partition(".")[0] for name in NESTED} <= set(FIELDS)
    assert list(TOOL_FIELDS) == sorted({field for tool in TOOLS.members.values() for field in tool.fields})
    assert list(RULES) == [rule.full_name for rule in TABLE]


def test_the_names_of_usage_are_those_that_an_author_may_give():
    assert {name for name in USAGE_NAMES if "." not in name} == set(Usage.model_fields)
    assert {f"cache_creation.{part}" for part in CacheCreation.model_fields} <= set(USAGE_NAMES)


SOURCES_OF = {
    "image": {"base64", "file", "url"},
    "document": {"base64", "content", "file", "text", "url"},
}


@pytest.mark.parametrize("kind", SOURCES_OF)
def test_the_sources_are_those_of_the_grammar(kind):
    """Each is another union's tag: a request that has none of them is told which there are."""
    fault = BLOCKS.check({"type": kind, "source": {"type": "?"}}, Scope())
    assert set(re.findall("'([a-z0-9]+)'", str(fault).partition("expected tags")[2])) == SOURCES_OF[kind]
    assert set().union(*SOURCES_OF.values()) == set(SOURCES)


PLAIN = {"prefix", "credentials", "version", "version_from", "endpoints", "stop_reasons", "usage", "model_list"}
ROWS = {
    "anthropic": ("", "either", "required", "", 5, len(STOP_REASONS), 0, "anthropic"),
    "heroku": ("", "either", "optional", "", 1, 4, 2, "anthropic"),
    "bifrost": ("/anthropic", "none", "optional", "", 5, 7, 6, "anthropic"),
    "apertis": ("", "either", "ignored", "", 2, len(STOP_REASONS), 2, "openai"),
    "aggregator": ("", "either", "required", "2023-06-01", 2, len(STOP_REASONS), 0, "anthropic"),
    "relay": ("", "either", "required", "", 2, 4, 4, "anthropic"),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_a_row_says_what_the_documentation_says(name):
    one = DIALECTS[name]
    found = (one.prefix, one.credentials, one.version, one.version_from)
    counts = (len(one.endpoints), len(one.stop_reasons), len(one.usage))
    assert (*found, *counts, one.model_list) == ROWS[name]


def test_stop_reasons_of_bifrost():
    more = {"pause_turn", "refusal", "model_context_window_exceeded"}
    assert set(DIALECTS["bifrost"].stop_reasons) == {*DIALECTS["heroku"].stop_reasons, *more}
    assert DIALECTS["heroku"].stop_reasons == ("end_turn", "max_tokens", "stop_sequence", "tool_use")


# -------------------------------------------------------------- models

IDS = [
    ("heroku", "claude-4-5-sonnet", "claude-sonnet-4-5-20250929"),
    ("heroku", "claude-4-5-haiku", "claude-haiku-4-5-20251001"),
    ("heroku", "claude-opus-4-5", "claude-opus-4-5-20251101"),
    ("heroku", "claude-4-sonnet", "claude-sonnet-4-20250514"),
    ("heroku", "claude-4-6-sonnet", "claude-sonnet-4-6"),
    ("heroku", "claude-3-haiku", "claude-3-haiku-20240307"),
    ("apertis", "claude-sonnet-4.5", "claude-sonnet-4-5-20250929"),
    ("apertis", "claude-haiku-4.5", "claude-haiku-4-5-20251001"),
    ("apertis", "claude-3.5-sonnet", "claude-3-5-sonnet-20241022"),
    ("relay", "claude-3-opus-20240229", "claude-3-opus-20240229"),
    ("relay", "claude-sonnet-4-6", "claude-sonnet-4-6"),
    ("bifrost", "anthropic/claude-sonnet-4-20250514", "claude-sonnet-4-20250514"),
    ("bifrost", "vertex/claude-3-5-haiku@20241022", "claude-3-5-haiku-20241022"),
    ("bifrost", "claude-3-sonnet-20240229", "claude-3-sonnet-20240229"),
]


@pytest.mark.parametrize(("name", "id_", "like"), IDS)
def test_an_id_is_the_model_that_it_spells_and_never_retired(name, id_, like):
    found, meant = registry_of(DIALECTS[name]).known(id_), STANDARD.known(like)
    assert found.id == id_
    assert (found.retires, found.deprecated) == ("", "")
    assert (found.text_deltas, found.thinking, found.sampling) == (meant.text_deltas, meant.thinking, meant.sampling)


def test_a_model_of_another_maker_takes_whatever_a_request_may_hold():
    found = registry_of(DIALECTS["bifrost"]).known("openai/gpt-4o")
    assert (found.id, found.sampling, found.prefill) == ("openai/gpt-4o", "free", True)
    assert set(found.thinking) == {"adaptive", "between_tools", "disabled", "enabled"}


UNKNOWN = [
    ("heroku", "gpt-4o"),
    ("heroku", "claude-4.5-sonnet"),
    ("heroku", "claude-sonnet-4.6"),
    ("apertis", "anthropic/claude-sonnet-4.5"),
    ("relay", ""),
    ("relay", None),
]


@pytest.mark.parametrize(("name", "id_"), UNKNOWN)
def test_an_id_that_the_gateway_does_not_have_is_unknown(name, id_):
    registry = registry_of(DIALECTS[name])
    assert registry.known(id_) is None
    assert registry.find(id_).id == (id_ or "")


def test_what_a_gateway_lists():
    assert [m.id for m in registry_of(DIALECTS["apertis"]).models] == [
        "claude-opus-4-5-20251101",
        "claude-haiku-4.5",
        "claude-sonnet-4.5",
    ]
    assert registry_of(DIALECTS["bifrost"]).names == STANDARD.names
    assert registry_of(ANTHROPIC).names == STANDARD.names


def test_models_that_a_user_adds_are_beside_the_gateway_s():
    registry = registry_of(DIALECTS["heroku"], ["mine=claude-haiku-4-5", "his=claude-4-sonnet", "new"])
    assert registry.known("mine").context == STANDARD.known("claude-haiku-4-5").context
    assert registry.known("his").max_output == STANDARD.known("claude-sonnet-4-20250514").max_output
    assert registry.known("new").id == "new"
    assert registry.names[-3:] == ["mine", "his", "new"]


# -------------------------------------------------------------- one's own


def test_a_dialect_that_is_like_another_begins_with_its_fields():
    own = dialect_of({"name": "own", "like": "heroku", "prefix": "/v", "parameters": {"n": {"type": "integer"}}})
    heroku = DIALECTS["heroku"]
    assert (own.prefix, own.models, own.usage, own.drops) == ("/v", heroku.models, heroku.usage, heroku.drops)
    assert own.parameters == {**heroku.parameters, "n": Parameter(type=("integer",))}
    assert (own.about, own.source) == ("", "")


def test_what_is_missing_takes_away_what_the_other_dialect_says_of_it():
    own = dialect_of({"name": "own", "like": "heroku", "missing": "thinking"})
    assert set(own.parameters) == {"messages.role", "tool_choice.type"}
    assert dialect_of(told(own)) == own


def test_null_takes_an_entry_away():
    own = dialect_of(
        {"name": "own", "like": "heroku", "parameters": {"messages.role": None}, "models": {"claude-4-sonnet": None}}
    )
    assert set(own.parameters) == {"tool_choice.type", "thinking.type"}
    assert set(own.models) == {"claude-4-5-sonnet", "claude-4-5-haiku", "claude-opus-4-5"}


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_is_told_by_its_name_or_by_fields_that_make_it_again(name):
    assert told(DIALECTS[name]) == name
    if name != "anthropic":
        own = dialect_of({"name": "own", "like": name})
        assert dialect_of(told(own)) == own
        assert isinstance(told(own), dict)
        assert hash(own) == hash(dialect_of(told(own)))


WRONG = [
    ({}, ("name", "Field required")),
    ({"name": "heroku"}, ("name", "there is a dialect 'heroku' already; give yours another name")),
    ({"like": "heruko"}, ("like", "there is no dialect 'heruko' to be like; did you mean 'heroku'?")),
    ({"like": 5}, ("like", "there is no dialect 5 to be like; there are: aggregator, anthropic, apertis, bifrost, heroku, relay")),
    ({"credentails": "none"}, ("credentails", "unknown key 'credentails'; did you mean 'credentials'?")),
    ({"credentials": "some"}, ("credentials", "Input should be 'x-api-key', 'bearer', 'either' or 'none'")),
    ({"credentials": None}, ("credentials", "'credentials' has no value; write one, or remove the key")),
    ({"prefix": "v1"}, ("prefix", "'v1' is no path such as /anthropic")),
    ({"prefix": "/x/"}, ("prefix", "'/x/' is no path such as /anthropic")),
    ({"prefix": "/a b"}, ("prefix", "'/a b' is no path such as /anthropic")),
    ({"prefix": "/_mock/x"}, ("prefix", "'/_mock/x' is a path of this server's own; choose another")),
    ({"prefix": "/_s"}, ("prefix", "'/_s' is a path of this server's own; choose another")),
    ({"version_from": "June 2023"}, ("version_from", "'June 2023' is no date such as 2023-06-01")),
    ({"endpoints": ["messages", "complete"]}, ("endpoints.1", "Input should be 'messages', 'count_tokens', 'models', 'batches' or 'files'")),
    ({"missing": ["top_q"]}, ("missing", "[0] 'top_q' is no parameter that can be missing; did you mean 'top_p'?")),
    ({"missing": ["stream", "messages"]}, ("missing", "[1] 'messages' is no parameter that can be missing; ")),
    ({"opens": ["output_formt"]}, ("opens", "[0] 'output_formt' is nothing that a beta header opens; did you mean 'output_format'?")),
    ({"models": {"mine": "claude-sonet-5"}}, ("models.mine", "there is no model 'claude-sonet-5' that 'mine' could be like; did you mean 'claude-sonnet-5'?")),
    ({"models": {"mine": "gpt"}}, ("models.mine", "there is no model 'gpt' that 'mine' could be like; `mockserver models` lists them")),
    ({"parameters": {"n": {}}}, ("parameters.n", "it says nothing: give a type, or without one what the API's own is narrowed to")),
    ({"parameters": {"n": 5}}, ("parameters.n", "expected a map with keys such as type, minimum, maximum, max_items")),
    ({"parameters": {"n": {"typ": "integer"}}}, ("parameters.n.typ", "unknown key 'typ'; did you mean 'type'?")),
    ({"parameters": {"n": {"type": "int"}}}, ("parameters.n.type.0", "Input should be 'string', 'integer', 'number', 'boolean', 'array' or 'object'")),
    ({"parameters": {"n": {"type": "integer", "minimum": "1"}}}, ("parameters.n.minimum", "expected a number")),
    ({"parameters": {"n": {"type": "integer", "minimum": 3, "maximum": 2}}}, ("parameters.n.minimum", "the minimum 3 is above the maximum 2")),
    ({"parameters": {"n": {"type": "string", "maximum": 2}}}, ("parameters.n.maximum", "'maximum' says something of integer and number, which the type is not")),
    ({"parameters": {"n": {"type": "object", "items": {"type": "string"}}}}, ("parameters.n.items", "'items' says something of array, which the type is not")),
    ({"parameters": {"n": {"type": "integer", "means": "stop_sequences"}}}, ("parameters.n.means", "what means stop sequences is a string or an array of strings")),
    ({"parameters": {"n": {"type": "string", "enum": [[]]}}}, ("parameters.n.enum", "expected a list of texts or numbers")),
    ({"parameters": {"top_k": {"minimum": 1, "required": True}}}, ("parameters.top_k", "'required', 'nullable' and 'means' are said of a parameter with a 'type'")),
    ({"parameters": {"n": {"minimum": 1}}}, ("parameters.n", "'n' is none of the API's: give it a 'type'; there are: ")),
    ({"parameters": {"messages": {"type": "array"}}}, ("parameters.messages", "'messages' is what the API has it; leave out the 'type', and it is narrowed")),
    ({"parameters": {"thinking.tpye": {"enum": ["enabled"]}}}, ("parameters.thinking.tpye", "'thinking.tpye' is no place that can be narrowed; did you mean 'thinking.type'?")),
    ({"parameters": {"thinking.type": {"type": "string"}}}, ("parameters.thinking.type", "'thinking.type' stands inside of another parameter and is narrowed, without a 'type'")),
    ({"tools": {"fields": {"a": {"type": "text"}}}}, ("tools.fields.a.type.0", "Input should be 'string', 'integer', 'number', 'boolean', 'array' or 'object'")),
    ({"tools": {"required": ["name", "descripton"]}}, ("tools.required", "[1] 'descripton' is no field that a tool can have; did you mean 'description'?")),
    ({"tools": {"fields": {"x": {"enum": [1]}}}}, ("tools.fields.x", "'x' needs a 'type': what the API's own fields may be is not narrowed")),
    ({"tools": {"fields": {"type": {"type": "integer"}}}}, ("tools.fields.type", "'type' is nothing that a dialect can say of every tool")),
    ({"media": ["base46"]}, ("media", "[0] 'base46' is no source of images and documents; did you mean 'base64'?")),
    ({"stop_reasons": ["end_turn", "end"]}, ("stop_reasons", "[1] 'end' is no stop reason; ")),
    ({"stop_reasons": []}, ("stop_reasons", "it is empty; name at least one, or remove the key")),
    ({"endpoints": []}, ("endpoints", "it is empty; name at least one, or remove the key")),
    ({"waives": ["thinking.bugdet"]}, ("waives", "[0] 'thinking.bugdet' is no rule; did you mean 'thinking.budget'?")),
    ({"key_headers": ["x-mine"]}, ("key_headers", "[0] 'x-mine' is no header in which a key could come and stay out of the journal; there are: api-key, x-auth-token, x-bf-vk, x-goog-api-key")),
    ({"usage": ["foo"]}, ("usage", "[0] 'foo' is nothing that the usage of an answer has; there are: ")),
    ({"usage": ["input_token"]}, ("usage", "[0] 'input_token' is nothing that the usage of an answer has; did you mean 'input_tokens'?")),
    ({"usage": ["input_tokens", ""]}, ("usage", "[1] '' is nothing that the usage of an answer has; there are: ")),
    ({"usage": ["cache_creation.a.b"]}, ("usage", "[0] 'cache_creation.a.b' is nothing that the usage of an answer has; ")),
    ({"usage": ["input_tokens.x"]}, ("usage", "[0] 'input_tokens.x' is nothing that the usage of an answer has; did you mean 'input_tokens'?")),
    ({"usage": ["cache_creation.ephemeral_5m_input_tokens", "cache_creation"]}, ("usage", "[0] 'cache_creation.ephemeral_5m_input_tokens' is a part of 'cache_creation', which is listed as a whole")),
    ({"models": {"": "claude-sonnet-5"}}, ("models.", "'' is no id of a model")),
    ({"other_models": ["claude-*", "claude ["]}, ("other_models", "[1] 'claude [' is no pattern of ids such as claude-*, or !*.* for what is none")),
    ({"other_models": "["}, ("other_models", "[0] '[' is no pattern of ids such as claude-*, or !*.* for what is none")),
    ({"other_models": "!*.*"}, ("other_models", "it says only which ids there are not; add a pattern of those that there are")),
    ({"drops": ["cf-*", "["]}, ("drops", "[1] '[' matches no response header of the API; there are: ")),
    ({"drops": ["X-Robots-Tag"]}, ("drops", "[0] 'X-Robots-Tag' matches no response header of the API; did you mean 'x-robots-tag'?")),
    ({"drops": "content-length"}, ("drops", "[0] 'content-length' matches no response header of the API; ")),
    ({"headers": {"x": "a\nb"}}, ("headers.x", "the value of the header 'x' holds a line break")),
    ({"headers": {"bad name": "x"}}, ("headers.bad name", "'bad name' is no name of an HTTP header")),
    ({"headers": {"": "x"}}, ("headers.", "'' is no name of an HTTP header")),
    ({"headers": {"Content-Length": "5"}}, ("headers.Content-Length", "'Content-Length' is set by the server, which knows how long the body is")),
    ({"headers": {"transfer-encoding": "chunked"}}, ("headers.transfer-encoding", "'transfer-encoding' is set by the server, which knows how long the body is")),
    ({"headers": {"connection": "close"}}, ("headers.connection", "'connection' is set by the server, which knows how long the body is")),
    ({"headers": {"content-encoding": "gzip"}}, ("headers.content-encoding", "'content-encoding' would say of every body what it is not")),
    ({"headers": {"x": "a {request_id} b"}}, ("headers.x", "'{request_id}' is the value of no response header of the API; did you mean 'request-id'?")),
    ({"missing": ["top_k", "temperature"], "parameters": {"temperature": {"maximum": 1}}}, ("missing", "'temperature' is missing, so 'parameters' can say nothing of 'temperature'; keep one")),
    ({"missing": "thinking", "parameters": {"thinking.type": {"enum": ["enabled"]}}}, ("missing", "'thinking' is missing, so 'parameters' can say nothing of 'thinking.type'; keep one")),
    ({"parameters": {"": {"type": "string"}}}, ("parameters.", "'' is no name of a parameter")),
    ({"parameters": {"x": None}}, ("parameters.x", "'anthropic' has no 'x' that null could take away; it has none")),
    ({"like": "heroku", "parameters": {"thinking.tpye": None}}, ("parameters.thinking.tpye", "'heroku' has no 'thinking.tpye' that null could take away; did you mean 'thinking.type'?")),
    ({"like": "relay", "models": {"a": None}}, ("models.a", "'relay' has no 'a' that null could take away; there are: ")),
    ({"like": "apertis", "headers": {"x-ratelimit-reset": None}}, ("headers.x-ratelimit-reset", "'apertis' has no 'x-ratelimit-reset' that null could take away; did you mean ")),
    ({"prefix": "//x"}, ("prefix", "'//x' is no path such as /anthropic")),
    ({"prefix": "/a\nb"}, ("prefix", "'/a\\nb' is no path such as /anthropic")),
    ({"prefix": "/a/../b"}, ("prefix", "'/a/../b' is no path such as /anthropic")),
    ({"prefix": "/a/."}, ("prefix", "'/a/.' is no path such as /anthropic")),
    ({"prefix": "/{path}"}, ("prefix", "'/{path}' is no path such as /anthropic")),
    ({"prefix": "/é"}, ("prefix", "'/é' is no path such as /anthropic")),
    ({"name": "a\nb"}, ("name", "'a\\nb' is no name: it is one line, without blanks at its ends")),
    ({"name": " a"}, ("name", "' a' is no name: it is one line, without blanks at its ends")),
    ({"parameters": {"n": {"type": "number", "minimum": float("nan")}}}, ("parameters.n.minimum", "expected a number")),
    ({"parameters": {"n": {"type": "number", "enum": [float("inf")]}}}, ("parameters.n.enum", "expected a list of texts or numbers")),
    ({"tools": {"need": []}}, ("tools.need", "unknown key 'need'; there are: fields, required")),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "expected"), WRONG)
def test_what_is_wrong_with_a_dialect_is_said_with_its_place(fields, expected):
    given = {"name": "own", **fields} if fields else {}
    with pytest.raises(ValidationError) as error:
        dialect_of(given)
    (place, words), *more = problems(error.value)
    assert (place, more) == (expected[0], [])
    assert words.startswith(expected[1])


VERSIONS = ["2026-10-21", "2023-06-01", "2025-01-01", "2023-05-31", "2023-6-1", "x", ""]


def test_versions_from_a_date_on():
    older, newer = (
        dialect_of({"name": "a", "version_from": "2020-01-01"}),
        dialect_of({"name": "b", "version_from": "2026-01-01"}),
    )
    taken = [[one.takes_version(version) for version in VERSIONS] for one in (ANTHROPIC, older, newer)]
    assert taken == [
        [True, True, False, False, False, False, False],
        [True, True, True, True, False, False, False],
        [True, False, False, False, False, False, False],
    ]
