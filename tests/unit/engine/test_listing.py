"""`GET /v1/models` and `GET /v1/models/{id}`: which models there are when, refusals, headers, the documented example."""

import json
import re
from pathlib import Path

import pytest
from helpers import HEADERS, engine

from mockserver.serving.lines import line
from mockserver.state.clock import Clock
from mockserver.validation.incoming import Incoming
from mockserver.wire.models import MODELS

PAGE = Path(__file__).parents[3] / "docs" / "models.md"


def get(server, path="/v1/models", headers=None):
    path, _, query = path.partition("?")
    return server.handle(Incoming("GET", path, {**HEADERS, **(headers or {})}, query=query))


def told(server, path="/v1/models", headers=None):
    return json.loads(get(server, path, headers).reply.body)


def at(day, **settings):
    server = engine(**settings)
    server.sessions.get("default").clock = Clock.frozen(f"{day}T12:00:00Z")
    return server


def ids(server, query="limit=1000"):
    return [model["id"] for model in told(server, f"/v1/models?{query}")["data"]]


def test_a_page_of_the_newest_models():
    page = told(at("2026-11-20"), "/v1/models?limit=2")
    assert list(page) == ["data", "has_more", "first_id", "last_id"]
    assert [model["id"] for model in page["data"]] == ["claude-fable-5-2", "claude-mythos-5-2"]
    assert (page["has_more"], page["first_id"], page["last_id"]) == (True, "claude-fable-5-2", "claude-mythos-5-2")


DAYS = [
    ("2026-11-29", "claude-sonnet-4-5-20250929", True),
    ("2026-11-30", "claude-sonnet-4-5-20250929", False),
    ("2026-06-14", "claude-opus-4-20250514", True),
    ("2026-06-15", "claude-opus-4-20250514", False),
]


@pytest.mark.parametrize(("day", "name", "is_listed"), DAYS)
def test_a_retired_model_is_not_listed(day, name, is_listed):
    assert (name in ids(at(day))) is is_listed


def test_stages_can_be_chosen():
    server = at("2026-11-20")
    assert ids(server, "lifecycle[]=deprecated") == ["claude-sonnet-4-5-20250929"]
    retired = ids(server, "limit=1000&lifecycle%5B%5D=retired")
    assert "claude-2.0" in retired
    assert "claude-opus-5" not in retired
    everything = "limit=1000&lifecycle[]=active&lifecycle[]=deprecated&lifecycle[]=retired"
    assert ids(server, everything) == [model.id for model in MODELS]
    assert sorted([*ids(server), *retired]) == sorted(model.id for model in MODELS)


def test_models_of_ones_own_are_listed_by_their_likeness_day_or_last():
    listed = ids(at("2026-11-20", model=["mine", "claude-opus-5-copy=claude-opus-5"]))
    assert listed[-1] == "mine"
    assert listed.index("claude-opus-5-copy") == listed.index("claude-opus-5") + 1


RETRIEVED = [
    ("claude-opus-5-5", "claude-opus-5-5", "active"),
    ("claude-haiku-4-5", "claude-haiku-4-5-20251001", "active"),
    ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929", "deprecated"),
    ("claude-3-opus-latest", "claude-3-opus-20240229", "retired"),
    ("mine", "mine", "active"),
]


@pytest.mark.parametrize(("name", "id_", "stage"), RETRIEVED)
def test_one_model_by_id_or_alias(name, id_, stage):
    model = told(at("2026-11-20", model=["mine"]), f"/v1/models/{name}?beta=true")
    assert (model["id"], model["lifecycle"]) == (id_, stage)


UNKNOWN = [("claude-9", {}), ("claude-2.1", {"retired_models": "reject"}), ("claude-9", {"validation": "off"})]


@pytest.mark.parametrize(("name", "settings"), UNKNOWN)
def test_a_model_that_is_not_there(name, settings):
    handled = get(at("2026-11-20", **settings), f"/v1/models/{name}")
    assert handled.reply.head.status == 404
    assert json.loads(handled.reply.body)["error"] == {"type": "not_found_error", "message": f"model: {name}"}


@pytest.mark.parametrize("query", ["limit=0", "after_id=claude-9", "before_id=claude-haiku-4-5", "lifecycle=dead"])
@pytest.mark.parametrize("validation", ["strict", "off"])
def test_parameters_are_judged_whatever_the_level(query, validation):
    handled = get(at("2026-11-20", validation=validation), f"/v1/models?{query}")
    assert handled.reply.head.status == 400
    assert handled.exchange.verdict == "refused"


@pytest.mark.parametrize("query", ["limit=0", "limit=1", "after_id=claude-9", "lifecycle=dead", "page=2"])
def test_a_list_in_openai_s_form_is_one_page_whatever_the_query(query):
    server = at("2026-11-20", dialect="apertis")
    assert told(server, f"/v1/models?{query}") == told(server)
    assert len(told(server)["data"]) == 3


def test_retired_models_are_told_of_where_requests_to_them_pass():
    server = at("2026-11-20", retired_models="reject", validation="lenient")
    assert told(server, "/v1/models/claude-2.1")["lifecycle"] == "retired"


def test_what_else_the_query_holds_is_ignored():
    server = at("2026-11-20")
    assert told(server, "/v1/models?beta=true&page=page_x&colour=red") == told(server)


def test_betas_show_what_belongs_to_them():
    server = at("2026-11-20")
    plain = told(server, "/v1/models/claude-opus-5")
    assert "allowed_fallback_models" not in plain
    assert "compaction" not in plain["capabilities"]
    for beta in ("server-side-fallback-2026-06-01", "server-side-fallback-2026-07-01"):
        shown = told(server, "/v1/models/claude-opus-5", {"anthropic-beta": f"context-1m-2025-08-07,{beta}"})
        assert shown == plain | {"allowed_fallback_models": ["claude-opus-4-8"]}
    compacting = told(server, "/v1/models/claude-opus-5", {"anthropic-beta": "compact-2026-09-04"})
    assert compacting["capabilities"]["compaction"]["supported"]


def test_headers_and_journal():
    handled = get(at("2026-11-20"))
    headers = handled.reply.head.headers
    assert headers["request-id"].startswith("req_011C")
    assert headers["content-type"] == "application/json"
    assert not any(name.startswith("anthropic-ratelimit") for name in headers)
    assert handled.exchange.path == "/v1/models"
    assert line(handled.exchange, 0).endswith(" <- the models of this server")


def test_the_example_of_the_documents_is_what_is_answered():
    text = PAGE.read_text(encoding="utf-8")
    request, answer = re.search(r"`GET (\S+)`[^\n]*\n\n```json\n(.*?)```", text, re.DOTALL).groups()
    assert told(at("2026-11-20"), request) == json.loads(answer)
