"""The small modules of the wire: JSON, errors, headers, models, content."""

import logging
from datetime import date

import pytest

from mockserver.serving.logs import Redacting
from mockserver.wire.content import blocks_of, in_order, is_server_block, text_of
from mockserver.wire.encoding import decode, encode, spaced
from mockserver.wire.errors import ERRORS, ApiError, full_name, own_refusal
from mockserver.wire.headers import KEY_HEADERS, betas, redact_headers
from mockserver.wire.models import MODELS
from mockserver.wire.registry import STANDARD, Registry, UnknownLikeError
from mockserver.wire.telling import redact, redact_bytes, redact_json

JSON = [
    ({"b": 1, "a": "ü\n"}, '{"b":1,"a":"ü\\n"}', '{"b": 1, "a": "ü\\n"}'),
    ([], "[]", "[]"),
    ({"big": 2**70}, '{"big":1180591620717411303424}', '{"big": 1180591620717411303424}'),
]


@pytest.mark.parametrize(("value", "compact", "model"), JSON)
def test_json_is_compact_on_the_wire_and_spaced_from_a_model(value, compact, model):
    assert encode(value).decode() == compact
    assert spaced(value) == model


def test_json_errors_carry_line_and_column_as_the_api_quotes_them():
    with pytest.raises(ValueError, match=r"line 1 column 2 \(char 1\)"):
        decode(b"{")


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_type_has_the_api_s_envelope(kind):
    error = ApiError(kind)
    body = error.body("req_1")
    assert list(body) == ["type", "error", "request_id"]
    assert list(body["error"]) == ["type", "message"]
    assert 400 <= error.status <= 529
    assert full_name(kind.removesuffix("_error")) == kind


def test_details_come_last_in_an_error():
    assert list(ApiError("api_error", details={"error_code": "x"}).body("r")["error"]) == ["type", "message", "details"]


def test_our_own_refusals_say_so_and_are_not_retried():
    error = own_refusal("not_found_error", "no scenario")
    assert (error.message, error.headers) == ("mockserver: no scenario", {"x-should-retry": "false"})


SECRETS = [
    ("sk-ant-api03-abc_DEF-123", "sk-ant-api03-***"),
    ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
    ("x-api-key: topsecret", "x-api-key: ***"),
    ("authorization: Basic dXNlcg==", "authorization: Basic ***"),
    ("{'x-api-key': 'topsecret'}", "{'x-api-key': '***'}"),
    ("a bearer eyJhbGciOiJIUzI1NiJ9 came", "a bearer *** came"),
    ("x-api-key header is required", "x-api-key header is required"),
    ("bearer token abc", "bearer token abc"),
    ("sk-bf-0a1b-2c", "sk-bf-***"),
    ("key=sk-sub-AbC_9", "key=***"),
    ("'sk-sub-AbC_9'", "'sk-sub-***'"),
    ("INFERENCE_KEY is inf-01234567-89ab", "INFERENCE_KEY is inf-***"),
    ("x-bf-vk: topsecret", "x-bf-vk: ***"),
    (
        "a task-sub-agent, disk-bf-1, conf-inf-12345678, inf-inite",
        "a task-sub-agent, disk-bf-1, conf-inf-12345678, inf-inite",
    ),
    ("GET /v1/messages?api_key=topsecret&x=1", "GET /v1/messages?api_key=***&x=1"),
    ("no scenario matches user 'hello'", "no scenario matches user 'hello'"),
]


@pytest.mark.parametrize(("text", "redacted"), SECRETS)
def test_keys_and_tokens_are_taken_out(text, redacted):
    assert redact(text) == redacted


def test_every_log_line_is_redacted():
    record = logging.LogRecord("mockserver", logging.INFO, "", 0, "key %s", ("sk-ant-api03-secret",), None)
    assert Redacting().format(record).endswith(" key sk-ant-api03-***")


def test_credentials_are_redacted_in_recorded_headers():
    assert redact_headers(
        {"x-api-key": "a", "authorization": "b", "accept": "c"} | dict.fromkeys(KEY_HEADERS, "d")
    ) == {
        "x-api-key": "***",
        "authorization": "***",
        "accept": "c",
        **dict.fromkeys(KEY_HEADERS, "***"),
    }


@pytest.mark.parametrize("secret", ["sk-bf-0a1b2c", "sk-sub-AbC", "inf-01234567-89ab", '"x-bf-vk: abcdef"'])
def test_a_body_with_a_gateway_s_key_is_read_for_secrets(secret):
    """Bodies are looked through only where a sign of a secret stands in their bytes."""
    raw = encode({"text": secret})
    assert "***" in redact_json(decode(raw), raw)["text"]
    assert b"***" in redact_bytes(raw)


def test_betas_are_split_and_trimmed():
    assert betas({"anthropic-beta": "a, b,,c"}) == ["a", "b", "c"]
    assert betas({}) == []


def test_model_names_are_unique_and_aliases_resolve():
    names = [name for model in MODELS for name in (model.id, *model.aliases)]
    assert len(names) == len(set(names))
    assert STANDARD.find("claude-haiku-4-5").id == "claude-haiku-4-5-20251001"
    assert STANDARD.find("gpt-x").id == "gpt-x"
    assert STANDARD.find(None).id == ""
    assert STANDARD.known("gpt-x") is None


def test_a_model_is_added_in_the_likeness_of_another():
    models = Registry(["mine=claude-haiku-4-5", "new"])
    assert models.known("mine").prefill
    assert models.known("mine").id == "mine"
    assert not models.known("new").prefill
    assert Registry(["a=claude-sonnet-4-5"]).known("a").retires == "", "a model of one's own is not retired"
    assert Registry(["a=claude-sonnet-4-5"]).known("a").deprecated == ""
    with pytest.raises(UnknownLikeError, match="no model 'claude-9' that 'x' could be like"):
        Registry(["x=claude-9"])


def test_the_table_of_models_is_in_order_and_its_dates_are_dates():
    released = [m.released for m in MODELS if m.released]
    assert released == sorted(released, reverse=True)
    for model in MODELS:
        for day in (model.released[:10], model.deprecated, model.retires):
            assert not day or date.fromisoformat(day)
        assert model.released
        assert bool(model.deprecated) == bool(model.retires)
        assert not model.retires or model.released < model.deprecated < model.retires
        assert model.effort in (*model.efforts, "high")


def test_content_reads_strings_blocks_and_nonsense():
    assert text_of("a") == "a"
    assert (
        text_of(
            [
                {"type": "text", "text": "a"},
                {"type": "image"},
                {"type": "text", "text": "b"},
                {"type": "text", "text": 5},
            ]
        )
        == "a\nb"
    )
    assert text_of(None) == text_of(7) == ""
    assert blocks_of([1, {"type": "x"}]) == [{"type": "x"}]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("server_tool_use", True),
        ("web_search_tool_result", True),
        ("mcp_tool_use", True),
        ("tool_use", False),
        ("text", False),
        ("tool_result", False),
    ],
)
def test_server_blocks(kind, expected):
    assert is_server_block(kind) is expected


def test_keys_of_a_block_come_in_wire_order_and_unknown_ones_last():
    assert list(in_order({"x": 1, "input": {}, "name": "n", "type": "tool_use", "id": "i"})) == [
        "type",
        "id",
        "name",
        "input",
        "x",
    ]
    assert list(in_order({"content": [], "tool_use_id": "i", "type": "code_execution_tool_result"})) == [
        "type",
        "tool_use_id",
        "content",
    ]
    assert list(in_order({"a": 1, "type": "new"})) == ["type", "a"]
