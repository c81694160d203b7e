"""The streams that docs/streams.md shows are those of the program. Run as a program, this writes them there.

A stream is asked for in a comment, `<!-- stream: REQUEST -->`, where REQUEST is JSON: a whole body, or what differs
from `{"model": "claude-sonnet-5", "max_tokens": 1024, "messages": "the prompt"}`.
"""

import json
import re
from pathlib import Path

import pytest

from mockserver.engine import Engine
from mockserver.scenario.library import Library
from mockserver.settings import Settings
from mockserver.state.clock import Clock
from mockserver.validation.incoming import Incoming
from mockserver.wire.events import fold
from mockserver.wire.sse import Decoder

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "streams.md"
HEADERS = {"x-api-key": "test-key", "anthropic-version": "2023-06-01", "content-type": "application/json"}
USUAL = {"model": "claude-sonnet-5", "max_tokens": 1024}

SHOWN = re.compile(r"<!-- stream: (.*?) -->\n\n```text\n(.*?)```\n", re.DOTALL)


def served(asked, *, stream=True):
    """The gallery's answer to the first request of a server with seed 0, on its first day."""
    body = USUAL | json.loads(asked) | {"stream": stream}
    if isinstance(body["messages"], str):
        body["messages"] = [{"role": "user", "content": body["messages"]}]
    server = Engine(Library([ROOT / "scenarios"]), Settings(), Clock.frozen())
    handled = server.handle(Incoming("POST", "/v1/messages", HEADERS, json.dumps(body).encode()))
    assert handled.exchange.verdict == "answered", handled.exchange.reason
    return handled.reply.body


def written(text):
    """The page with its streams as they are."""

    def shown(found):
        return f"<!-- stream: {found[1]} -->\n\n```text\n{served(found[1]).decode().removesuffix(chr(10))}```\n"

    return SHOWN.sub(shown, text)


def test_the_streams_that_are_shown_are_those_that_are_sent():
    text = PAGE.read_text(encoding="utf-8")
    assert len(SHOWN.findall(text)) == text.count("<!-- stream") >= 6
    assert written(text) == text, "run `make docs`"


@pytest.mark.parametrize("asked", [asked for asked, _ in SHOWN.findall(PAGE.read_text(encoding="utf-8"))])
def test_each_of_them_folds_to_the_plain_answer(asked):
    events = [event for _, event in Decoder().feed(served(asked))]
    message = json.loads(served(asked, stream=False))
    assert fold(events) == message
    names = [event["type"] for event in events]
    is_open = names.count("content_block_start") > names.count("content_block_stop")
    assert is_open == (message["stop_reason"] == "max_tokens"), "the page says that this one is left open"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
