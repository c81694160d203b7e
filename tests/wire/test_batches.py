"""Large batches over real connections: others are served meanwhile, and a client that leaves does not end one."""

import asyncio
import json
import socket

import pytest
from aiohttp import ClientSession
from helpers import HEADERS, request

from mockserver import MockServer

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


@pytest.mark.asyncio
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


@pytest.mark.asyncio
async def test_a_batch_whose_client_leaves_is_run_all_the_same(server):
    async with ClientSession() as client:
        creating = asyncio.create_task(create(client, server, rows(ROWS)))
        await until(lambda: len(server.requests) > 1)
        creating.cancel()
        await asyncio.wait([creating])
        await until(lambda: server.requests[0].note)
        assert server.requests[0].sent == "client gone"
        async with client.get(f"{server.base_url}/v1/messages/batches", headers=HEADERS) as response:
            (batch,) = (await response.json())["data"]
        assert batch["request_counts"]["succeeded"] == ROWS
        async with client.get(batch["results_url"], headers=HEADERS) as response:
            assert len([json.loads(line) async for line in response.content]) == ROWS


@pytest.mark.asyncio
async def test_others_are_answered_when_the_client_of_a_large_batch_has_left(server):
    other = server.session("other")
    async with ClientSession() as client:
        creating = asyncio.create_task(create(client, server, rows(ROWS)))
        await until(lambda: len(server.requests) > 1)
        creating.cancel()
        await asyncio.wait([creating])
        async with client.post(f"{other.base_url}/v1/messages", json=request(), headers=HEADERS) as response:
            assert response.status == 200
        assert not server.requests[0].note, "the batch is still being worked at"


def test_a_server_that_is_stopped_does_not_wait_for_a_batch():
    """What is left of it is never asked for."""
    with MockServer(batch_delay=0) as server:
        server.reply("Hi")
        host, port = server.base_url.removeprefix("http://").split(":")
        raw = json.dumps(rows(20 * ROWS)).encode()
        head = "POST /v1/messages/batches HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\nanthropic-version: 2023-06-01\r\n"
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(f"{head}content-length: {len(raw)}\r\n\r\n".encode() + raw)
            while len(server.requests) < 2:
                pass
            server.stop()
            assert len(server.requests) < 20 * ROWS
