"""Large batches over real connections: others are served meanwhile, and a client that leaves does not end one."""

import asyncio
import json

import pytest
from aiohttp import ClientSession
from helpers import HEADERS, request

from mockserver import MockServer

pytestmark = pytest.mark.asyncio

ROWS = 300


@pytest.fixture
def server():
    with MockServer(batch_delay=0) as server:
        server.reply("Hi")
        yield server


def rows(number):
    return {"requests": [{"custom_id": f"r{n}", "params": request(f"hello {n}")} for n in range(number)]}


async def create(client, server, body):
    async with client.post(f"{server.base_url}/v1/messages/batches", json=body, headers=HEADERS) as response:
        return await response.json()


async def until(condition):
    while not condition():  # noqa: ASYNC110 - the server is in another thread
        await asyncio.sleep(0)


async def test_others_are_answered_while_a_large_batch_is_worked_at(server):
    other = server.session("other")
    async with ClientSession() as client:
        creating = asyncio.create_task(create(client, server, rows(ROWS)))
        await until(lambda: len(server.requests) > 1)
        async with client.post(f"{other.base_url}/v1/messages", json=request(), headers=HEADERS) as response:
            assert response.status == 200
        assert not creating.done()
        batch = await creating
        async with client.get(f"{server.base_url}/v1/messages/batches/{batch['id']}", headers=HEADERS) as response:
            assert (await response.json())["request_counts"]["succeeded"] == ROWS


async def test_a_batch_whose_client_leaves_is_run_all_the_same(server):
    async with ClientSession() as client:
        creating = asyncio.create_task(create(client, server, rows(ROWS)))
        await until(lambda: len(server.requests) > 1)
        creating.cancel()
        await asyncio.wait([creating])
        await until(lambda: server.requests[0].sent)
        async with client.get(f"{server.base_url}/v1/messages/batches", headers=HEADERS) as response:
            (batch,) = (await response.json())["data"]
        assert batch["request_counts"]["succeeded"] == ROWS
        async with client.get(batch["results_url"], headers=HEADERS) as response:
            assert len([json.loads(line) async for line in response.content]) == ROWS
