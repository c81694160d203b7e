"""The official Python SDK makes batches, polls, pages, cancels and deletes them, and reads their results."""

import asyncio

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic
from anthropic.types import Message
from anthropic.types.beta.messages import BetaMessageBatch, BetaMessageBatchIndividualResponse
from anthropic.types.messages import DeletedMessageBatch, MessageBatch, MessageBatchIndividualResponse

from mockserver import MockServer

WEATHER = {"match": {"user": "weather"}, "reply": "Sunny."}
SLOW = {"match": {"user": "slow"}, "reply": "never", "batch_delay": "24h"}


def row(name, text="the weather?", **fields):
    messages = [{"role": "user", "content": text}]
    return {
        "custom_id": name,
        "params": {"model": "claude-haiku-4-5", "max_tokens": 64, "messages": messages, **fields},
    }


@pytest.fixture
def server():
    with MockServer(freeze="2026-11-20T12:00:00Z", batch_delay="10s") as running:
        running.add(WEATHER)
        running.add(SLOW)
        yield running


@pytest.fixture
def client(server):
    with Anthropic(base_url=server.base_url, api_key=server.api_key, max_retries=0) as made:
        yield made


@pytest.mark.parametrize(
    ("namespace", "kind", "response"),
    [
        ("messages", MessageBatch, MessageBatchIndividualResponse),
        ("beta.messages", BetaMessageBatch, BetaMessageBatchIndividualResponse),
    ],
)
def test_a_batch_from_its_creation_to_its_results(server, client, namespace, kind, response):
    resource = client
    for name in namespace.split("."):
        resource = getattr(resource, name)
    batches = resource.batches

    batch = batches.create(requests=[row("a"), row("b", max_tokens=0), row("c", "slow")])
    assert isinstance(batch, kind)
    assert (batch.processing_status, batch.request_counts.processing) == ("in_progress", 3)
    assert batches.retrieve(batch.id) == batch

    server.clock.advance(24 * 3600)
    ended = batches.retrieve(batch.id)
    assert (ended.processing_status, ended.ended_at) == ("ended", ended.expires_at)
    counts = ended.request_counts
    assert (counts.succeeded, counts.errored, counts.expired, counts.canceled, counts.processing) == (1, 1, 1, 0, 0)
    assert ended.results_url == f"{server.base_url}/v1/messages/batches/{batch.id}/results"

    results = {told.custom_id: told for told in batches.results(batch.id)}
    assert all(isinstance(told, response) for told in results.values())
    assert {name: told.result.type for name, told in results.items()} == {
        "a": "succeeded",
        "b": "errored",
        "c": "expired",
    }
    message = results["a"].result.message
    assert (message.content[0].text, message.usage.service_tier) == ("Sunny.", "batch")
    assert results["b"].result.error.error.message == "max_tokens: must be greater than or equal to 1"
    for told in (batch, ended, *results.values()):
        as_sent = told.to_dict(mode="json")
        kind_of = type(told)
        assert kind_of.model_validate(as_sent).to_dict(mode="json") == as_sent


def test_results_before_the_end_are_not_there(client):
    batch = client.messages.batches.create(requests=[row("a")])
    with pytest.raises(anthropic.AnthropicError, match="No `results_url` for the given batch"):
        client.messages.batches.results(batch.id)
    with pytest.raises(anthropic.NotFoundError) as refused:
        client.get(f"/v1/messages/batches/{batch.id}/results", cast_to=object)
    assert refused.value.body["error"]["message"] == f"Message Batch {batch.id} has no available results."


def test_one_that_does_not_exist(client):
    for ask in (client.messages.batches.retrieve, client.messages.batches.cancel, client.messages.batches.delete):
        with pytest.raises(anthropic.NotFoundError, match=r"Message Batch msgbatch_x not found\."):
            ask("msgbatch_x")


def test_cancel_right_after_create(server, client):
    batch = client.messages.batches.create(requests=[row("a"), row("b")])
    canceling = client.messages.batches.cancel(batch.id)
    assert (canceling.processing_status, canceling.cancel_initiated_at) == ("canceling", batch.created_at)
    assert client.messages.batches.retrieve(batch.id).processing_status == "canceling"
    server.clock.advance(1)
    ended = client.messages.batches.retrieve(batch.id)
    assert (ended.processing_status, ended.request_counts.canceled) == ("ended", 2)
    assert {told.result.type for told in client.messages.batches.results(batch.id)} == {"canceled"}


def test_delete_before_and_after_the_end(server, client):
    batch = client.messages.batches.create(requests=[row("a")])
    with pytest.raises(anthropic.BadRequestError, match="In progress batches cannot be deleted"):
        client.messages.batches.delete(batch.id)
    server.clock.advance(10)
    gone = client.messages.batches.delete(batch.id)
    assert isinstance(gone, DeletedMessageBatch)
    assert (gone.id, gone.type) == (batch.id, "message_batch_deleted")
    with pytest.raises(anthropic.NotFoundError):
        client.messages.batches.retrieve(batch.id)


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pages_follow_each_other(client, limit):
    made = [client.messages.batches.create(requests=[row("a")]).id for _ in range(4)]
    assert [batch.id for batch in client.messages.batches.list(limit=limit)] == made[::-1]
    page = client.messages.batches.list(limit=2, before_id=made[0])
    assert [batch.id for batch in page.data] == [made[2], made[1]]


def test_a_bad_batch_is_refused_as_a_whole(client):
    with pytest.raises(anthropic.BadRequestError, match="List should have at least 1 item after validation, not 0"):
        client.messages.batches.create(requests=[])
    with pytest.raises(anthropic.BadRequestError, match="Duplicate custom_id found: a"):
        client.messages.batches.create(requests=[row("a"), row("a")])


def test_an_async_client_polls_where_waits_take_no_time():
    async def ask(server):
        async with AsyncAnthropic(base_url=server.base_url, api_key=server.api_key, max_retries=0) as client:
            batch = await client.messages.batches.create(requests=[row("a")])
            assert batch.processing_status == "in_progress"
            batch = await client.messages.batches.retrieve(batch.id)
            assert batch.processing_status == "ended"
            return [told async for told in await client.messages.batches.results(batch.id)]

    with MockServer(speed="instant", batch_delay="1h") as server:
        server.add(WEATHER)
        (told,) = asyncio.run(ask(server))
    assert isinstance(told.result.message, Message)
    assert told.result.message.content[0].text == "Sunny."


@pytest.mark.parametrize("way", ["header", "path"])
def test_results_stay_in_their_session(server, way):
    """`results_url` leads back to the session, however the client named it."""
    more = {"default_headers": {"x-mock-session": "mine"}} if way == "header" else {}
    base = server.base_url if way == "header" else f"{server.base_url}/_s/mine"
    mine = server.session("mine")
    mine.configure(batch_delay=0)
    with Anthropic(base_url=base, api_key=server.api_key, max_retries=0, **more) as client:
        batch = client.messages.batches.create(requests=[row("a")])
        assert client.messages.batches.retrieve(batch.id).results_url.startswith(f"{base}/v1/")
        assert [told.custom_id for told in client.messages.batches.results(batch.id)] == ["a"]
    assert [asked.custom_id for asked in mine.requests.where(endpoint="batches")] == ["a"]


@pytest.mark.parametrize(
    ("proto", "host", "origin"),
    [
        ("https", "gateway.example", "https://gateway.example"),
        ("https, http", "gateway.example, inner.example", "https://gateway.example"),
        ("javascript", "gateway.example", "http://gateway.example"),
        ("", "", None),
    ],
)
def test_proxies_in_front_are_named(server, client, proto, host, origin):
    forwarded = {"x-forwarded-proto": proto, "x-forwarded-host": host}
    batch = client.messages.batches.create(requests=[row("a")])
    server.clock.advance(10)
    url = client.messages.batches.retrieve(batch.id, extra_headers=forwarded).results_url
    assert url == f"{origin or server.base_url}/v1/messages/batches/{batch.id}/results"
