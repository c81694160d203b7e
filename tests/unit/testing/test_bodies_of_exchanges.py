"""What a test reads of a request is the test's own: changing it changes nothing that the server knows."""

import json
import urllib.request

from mockserver import MockServer
from mockserver.wire.parts import Part


def ask(server, *texts):
    roles = ("user", "assistant")
    messages = [{"role": roles[place % 2], "content": text} for place, text in enumerate(texts)]
    body = json.dumps({"model": "claude-sonnet-5", "max_tokens": 10, "messages": messages}).encode()
    headers = {"x-api-key": "k", "anthropic-version": "2023-06-01", "content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{server.base_url}/v1/messages", body, headers)) as answer:
        return json.load(answer)


def test_a_body_that_a_test_changes_is_no_other_request_s():
    """Neither of one with the same messages, nor of one that repeats it."""
    with MockServer() as server:
        server.when(user="one").reply("First.")
        server.reply("Other.")
        for _ in range(4):
            assert ask(server, "Hello", "Hi", "one")["content"][0]["text"] == "First."
            for exchange in server.requests:
                exchange.body["messages"][0]["content"] = "changed"
                exchange.body["messages"][2]["content"] = "two"
        ask(server, "Hello", "Hi", "three")
        assert [m["content"] for m in server.requests[-1].body["messages"]] == ["Hello", "Hi", "three"]
        assert server.requests[0].body["messages"][2]["content"] == "two", "what it changed stays, to it"
        assert not isinstance(server.requests[0].body["messages"][0], Part)
