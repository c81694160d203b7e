"""Sessions over real connections: many at once, one that is dropped while it answers, and clocks that stand apart."""

import asyncio
import json

import pytest
from aiohttp import ClientSession
from helpers import HEADERS, events_of, fold, request, texts

from mockserver import MockServer

pytestmark = pytest.mark.asyncio


@pytest.fixture
def server():
    with MockServer(speed="instant") as server:
        yield server


async def ask(client, base_url, **more):
    async with client.post(f"{base_url}/v1/messages", json=request("same", **more), headers=HEADERS) as response:
        raw = await response.read()
    message = fold(events_of(raw)) if more.get("stream") else json.loads(raw)
    return texts(message)[0]


async def until(condition):
    while not condition():  # noqa: ASYNC110 - the server is in another thread
        await asyncio.sleep(0)


async def test_sixty_four_at_once_with_one_prompt_and_different_scripts(server):
    sessions = [server.session(f"world {number}") for number in range(64)]
    for number, session in enumerate(sessions):
        session.when(user="same").attempts(
            *({"reply": f"{number}: {attempt}", "delay": f"{number}ms"} for attempt in range(3)),
            {"reply": f"{number} in a stream", "stream": {"chunk": "char", "interval": "5ms"}},
        )

    async def talk(session):
        return [
            *[await ask(client, session.base_url) for _ in range(3)],
            await ask(client, session.base_url, stream=True),
        ]

    async with ClientSession() as client:
        found = await asyncio.gather(*map(talk, sessions))
    assert found == [[*(f"{n}: {attempt}" for attempt in range(3)), f"{n} in a stream"] for n in range(64)]
    assert {len(session.requests) for session in sessions} == {4}
    assert len(server.requests) == 0


async def test_a_clock_that_stands_holds_up_nobody_else(server):
    frozen, other = server.session("frozen"), server.session("other")
    frozen.configure(freeze="2026-01-01")
    for session in (frozen, other):
        session.reply("Hi", delay="1h")
    async with ClientSession() as client:
        waiting = asyncio.create_task(ask(client, frozen.base_url))
        assert await ask(client, other.base_url) == "Hi"
        await until(lambda: frozen.requests)
        assert not waiting.done()
        frozen.clock.advance(3600)
        assert await waiting == "Hi"


async def test_a_session_that_is_reset_ends_its_answers_in_its_old_world(server):
    session = server.session("a")
    session.configure(freeze="2026-01-01")
    session.reply("Hi", delay="1h")
    clock = session.clock
    async with ClientSession() as client:
        waiting = asyncio.create_task(ask(client, session.base_url))
        await until(lambda: session.requests)
        session.reset()
        assert await waiting == "Hi"  # nobody moves its clock any more, so nobody waits for it
        session.reply("Ho")
        assert await ask(client, session.base_url) == "Ho"
        assert session.clock is not clock
    assert [one.text for one in session.requests] == ["Ho"]


async def test_what_went_out_is_in_the_journal_to_the_byte(server):
    server.reply("one two three", stream={"chunk": "word"}, fault={"after": {"bytes": 700}, "disconnect": "close"})
    got = b""
    async with (
        ClientSession() as client,
        client.post(f"{server.base_url}/v1/messages", json=request(stream=True), headers=HEADERS) as response,
    ):
        try:
            async for chunk in response.content.iter_any():
                got += chunk
        except Exception:  # noqa: BLE001 - it breaks off, which is what is asked for
            pass
    await until(lambda: server.requests.last.sent)
    last = server.requests.last
    assert (last.sent, last.sent_bytes, last.response_body) == ("cut", 700, got)
    assert (last.message, last.text) == (None, "")
