"""The first words of the server: the command that they show works, whatever dialect is spoken."""

import json
import re
import shlex

import pytest
from helpers import engine

from mockserver.serving.banner import banner
from mockserver.validation.incoming import Incoming
from mockserver.wire.dialects import DIALECTS

OWN = {
    "name": "own",
    "prefix": "/own",
    "credentials": "bearer",
    "parameters": {
        "tenant": {"type": "string", "required": True},
        "tier": {"type": "string", "enum": ["gold"], "required": True},
        "share": {"type": "number", "minimum": 3, "required": True},
        "flag": {"type": "boolean", "required": True},
        "tags": {"type": "array", "required": True},
        "left": {"type": "string"},
    },
}


@pytest.mark.parametrize("dialect", [*DIALECTS, OWN], ids=str)
def test_the_command_that_is_shown_works(dialect):
    server = engine({"reply": "Hi."}, dialect=dialect, api_key=["mine"])
    words = shlex.split(re.search(r"curl .*", banner(server, "http://127.0.0.1:1"))[0])
    url, body = words[2], words[words.index("-d") + 1]
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    path = url.removeprefix("http://127.0.0.1:1")
    reply = server.handle(Incoming("POST", path, headers, body.encode())).reply
    assert (reply.head.status, reply.events[-1]["type"]) == (200, "message_stop")
    assert "left" not in json.loads(body)
