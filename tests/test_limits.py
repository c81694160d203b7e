"""The table of limits: what it quotes is what is answered, and each setting that it names is one."""

import json
import re

import pytest
from helpers import engine, post, request

from mockserver.limits import LIMITS
from mockserver.scenario import budget
from mockserver.settings import Settings
from mockserver.validation.transport import MAX_BODY

TOLD = "\n".join(limit.reached for limit in LIMITS)


def nested(depth):
    return json.dumps(request()).replace('"max_tokens"', f'"x": {"[" * depth}{"]" * depth}, "max_tokens"').encode()


def form(parts):
    one = '--b\r\ncontent-disposition: form-data; name="x"\r\n\r\n\r\n'
    return (one * parts + "--b--\r\n").encode()


def schema(**limits):
    tool = {"name": "t", "input_schema": {"type": "object", "properties": {"a": {"type": "array"} | limits}}}
    tool["input_schema"]["required"] = ["a"]
    return request(tools=[tool], tool_choice={"type": "tool", "name": "t"})


FORM = {"content-type": "multipart/form-data; boundary=b"}
REFUSED = {
    "a body that is too large": ("x", b" " * (MAX_BODY + 1), {}, "/v1/messages"),
    "a body that is nested too deeply": ("x", nested(300), {}, "/v1/messages"),
    "an upload of too many parts": ("x", form(101), FORM, "/v1/files"),
    "a schema that asks for too much": ("x", schema(minItems=10**6), {}, "/v1/messages"),
    "a template that makes too much": ("{{ 'x' * 10 ** 9 }}", request(), {}, "/v1/messages"),
    "a template that fakes too much": ("{{ fake.words(10 ** 9) }}", request(), {}, "/v1/messages"),
    "a template with a large power": ("{{ 9 ** 9999 }}", request(), {}, "/v1/messages"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_the_table_quotes_is_what_is_answered(kind):
    reply, body, headers, path = REFUSED[kind]
    scenarios = [] if "schema" in kind else [{"reply": reply}]
    answer = post(engine(*scenarios, on_unmatched="fallback"), body, headers, path).reply
    error = json.loads(answer.body)["error"]
    (row,) = {limit for limit in LIMITS for words in quoted(limit.reached) if words.search(error["message"])}
    if "the same" not in row.reached:
        assert row.reached.startswith(f"{answer.head.status} `{error['type']}`")


def quoted(told):
    """What stands in quotes, as a pattern; `…` is anything."""
    found = re.findall(r'"(.*?)"(?=$|[;,:)]| )', told)
    return [re.compile("^" + ".*".join(map(re.escape, words.split("…"))) + "$") for words in found]


def test_each_setting_that_is_named_is_one():
    named = re.findall(r"setting `(\w+)`", " ".join(limit.change for limit in LIMITS))
    assert set(named) <= set(Settings.model_fields)
    assert {"max_connections", "request_timeout", "max_sessions", "max_exchanges", "file_quota"} <= set(named)


def test_every_limit_says_what_happens_beyond_it():
    assert [limit.what for limit in LIMITS if not all(limit)] == []
    assert len({limit.what for limit in LIMITS}) == len(LIMITS)
    assert f"{budget.MOST_STEPS:,} steps" in TOLD
