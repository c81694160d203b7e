"""The official Python SDK asks for models and counts tokens: pages, aliases, betas, types."""

import anthropic
import pytest
from anthropic import Anthropic
from anthropic.types import MessageTokensCount, ModelInfo
from anthropic.types.beta import BetaMessageTokensCount, BetaModelInfo

from mockserver import MockServer

ASK = {"model": "claude-sonnet-5", "messages": [{"role": "user", "content": "How many tokens are these?"}]}
TOOL = {"name": "get_time", "input_schema": {"type": "object", "properties": {}}}


@pytest.fixture(scope="module")
def server():
    with MockServer(freeze="2026-11-20T12:00:00Z", model=["mine"]) as running:
        yield running


@pytest.fixture
def client(server):
    with Anthropic(base_url=server.base_url, api_key=server.api_key, max_retries=0) as made:
        yield made


@pytest.fixture
def everything(client):
    return [model.id for model in client.models.list(limit=1000)]


def test_a_page_is_of_twenty(client):
    page = client.models.list(lifecycle=["active", "deprecated", "retired"])
    assert (len(page.data), page.has_more) == (20, True)
    assert (page.first_id, page.last_id) == (page.data[0].id, page.data[19].id)
    assert len(page.get_next_page().data) > 0


@pytest.mark.parametrize("limit", [1, 7])
def test_pages_follow_each_other(client, everything, limit):
    assert [model.id for model in client.models.list(limit=limit)] == everything


def test_pages_go_backwards(client, everything):
    page = client.models.list(before_id=everything[-1], limit=3)
    pages = [page]
    while page.has_next_page():
        page = page.get_next_page()
        pages.append(page)
    assert [model.id for page in reversed(pages) for model in page.data] == everything[:-1]


def test_a_page_behind_a_model(client, everything):
    page = client.models.list(after_id=everything[0], limit=2)
    assert [model.id for model in page.data] == everything[1:3]


def test_stages_are_chosen(client):
    assert {model.lifecycle for model in client.models.list(lifecycle=["retired", "deprecated"], limit=1000)} == {
        "retired",
        "deprecated",
    }


def without_none(value):
    if isinstance(value, dict):
        return {key: without_none(inner) for key, inner in value.items() if inner is not None}
    return value


@pytest.mark.parametrize(("listed", "kind"), [("models", ModelInfo), ("beta.models", BetaModelInfo)])
def test_every_model_is_of_the_type_of_the_sdk(client, listed, kind):
    resource = client
    for name in listed.split("."):
        resource = getattr(resource, name)
    for model in resource.list(limit=1000, lifecycle=["active", "deprecated", "retired"]):
        assert isinstance(model, kind)
        as_sent = model.to_dict(mode="json")
        checked = kind.model_validate(as_sent, extra="forbid").model_dump(mode="json", exclude_unset=True)
        assert without_none(checked) == without_none(as_sent)


def test_one_model_by_its_alias(client):
    model = client.models.retrieve("claude-sonnet-4-5")
    assert (model.id, model.display_name) == ("claude-sonnet-4-5-20250929", "Claude Sonnet 4.5")
    assert (model.lifecycle, model.retires_at.date().isoformat()) == ("deprecated", "2026-11-30")
    assert model._request_id.startswith("req_011C")


def test_a_beta_shows_the_models_to_fall_back_to(client):
    plain = client.beta.models.retrieve("claude-opus-5")
    beta = client.beta.models.retrieve("claude-opus-5", betas=["server-side-fallback-2026-07-01"])
    assert plain.allowed_fallback_models is None
    assert beta.allowed_fallback_models == ["claude-opus-4-8"]
    listed = client.beta.models.list(betas=["server-side-fallback-2026-07-01", "compact-2026-09-04"], limit=1000)
    assert all(isinstance(model.allowed_fallback_models, list) for model in listed)
    assert all(model.capabilities.compaction is not None for model in listed)


def test_a_model_that_is_not_there(client):
    with pytest.raises(anthropic.NotFoundError, match="model: claude-9"):
        client.models.retrieve("claude-9")


def test_a_limit_that_is_too_high(client):
    with pytest.raises(anthropic.BadRequestError, match="limit: Input should be less than or equal to 1000"):
        client.models.list(limit=1001)


def test_tokens_are_counted(client):
    count = client.messages.count_tokens(
        **ASK, system="Be brief.", tools=[TOOL], tool_choice={"type": "auto"}, thinking={"type": "disabled"}
    )
    assert isinstance(count, MessageTokensCount)
    assert count.input_tokens > client.messages.count_tokens(**ASK).input_tokens > 0


def test_tokens_are_counted_with_betas(client):
    count = client.beta.messages.count_tokens(
        **ASK,
        betas=["context-management-2025-06-27"],
        context_management={"edits": [{"type": "clear_tool_uses_20250919"}]},
    )
    assert isinstance(count, BetaMessageTokensCount)
    assert count.input_tokens == client.messages.count_tokens(**ASK).input_tokens


FOREIGN = {
    "max_tokens": 10,
    "stream": True,
    "metadata": {"user_id": "a"},
    "stop_sequences": ["a"],
    "service_tier": "auto",
    "temperature": 1,
    "container": "container_1",
}


@pytest.mark.parametrize("field", FOREIGN)
def test_what_only_messages_have_is_refused(client, field):
    with pytest.raises(anthropic.BadRequestError, match=f"{field}: Extra inputs are not permitted"):
        client.messages.count_tokens(**ASK, extra_body={field: FOREIGN[field]})
