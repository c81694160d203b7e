"""Dialects over HTTP: the example requests of each gateway's documentation, unmodified but for address and key.

The curl commands stand here as the documentation shows them and are read as a shell reads them; the programs use the
official SDK. Sources: Heroku AI `inference-api/messages`; Bifrost's Anthropic integration; Apertis
`text-generation/messages`; of the relay a site made with New API; of the aggregator the pages of such gateways.
"""

import base64
import http.client
import json
import shlex
from urllib.parse import urlsplit

import anthropic
import pytest
from anthropic import Anthropic
from helpers import HEADERS, events_of

from mockserver import MockServer, SettingsError, connect
from mockserver.wire.dialects import DIALECTS
from mockserver.wire.events import fold
from mockserver.wire.messages import STOP_REASONS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

GATEWAYS = ["heroku", "bifrost", "apertis", "aggregator", "relay"]
MODEL = {
    "anthropic": "claude-sonnet-5",
    "heroku": "claude-4-5-sonnet",
    "bifrost": "claude-3-sonnet-20240229",
    "apertis": "claude-sonnet-4.5",
    "aggregator": "claude-3-5-sonnet-20241022",
    "relay": "claude-3-opus-20240229",
}

CURL = {
    "heroku": [
        """\
curl --request POST \\
  --url https://us.inference.heroku.com/v1/messages \\
  --header 'Content-Type: application/json' \\
  --header 'x-api-key: <api-key>' \\
  --data '
{
  "model": "claude-4-sonnet",
  "max_tokens": 1024,
  "messages": [
    {
      "role": "user",
      "content": "Hello, what should I build today?"
    }
  ]
}
'
"""
    ],
    "bifrost": [
        """curl -X POST "http://localhost:8080/anthropic/v1/messages" -H "Content-Type: application/json" -d '{"model": "claude-3-opus-20240229","max_tokens": 0,"messages": [{"role": "user","content": "string"}]}'"""
    ],
    "apertis": [
        """\
curl https://api.apertis.ai/v1/messages \\
    -H "Content-Type: application/json" \\
    -H "x-api-key: <APERTIS_API_KEY>" \\
    -d '{
        "model": "claude-sonnet-4.5",
        "max_tokens": 1024,
        "messages": [
            {"role": "user", "content": "Hello, Claude!"}
        ]
    }'
""",
        """\
curl https://api.apertis.ai/v1/messages \\
  -H "x-api-key: <APERTIS_API_KEY>" \\
  -H "Content-Type: application/json" \\
  -H "anthropic-version: 2023-06-01" \\
  -d '{
    "model": "claude-opus-4-5-20251101",
    "max_tokens": 100,
    "stream": true,
    "messages": [{"role": "user", "content": "Hello!"}]
  }'
""",
    ],
    "aggregator": [
        """\
curl https://gateway.bud.studio/v1/messages \\
  -H "Authorization: Bearer YOUR_API_KEY" \\
  -H "anthropic-version: 2023-06-01" \\
  -H "Content-Type: application/json" \\
  -d '{"model":"claude-3-5-sonnet-20241022","max_tokens":1024,"messages":[{"role":"user","content":"Hello, please introduce yourself"}]}'
"""
    ],
    "relay": [
        """\
curl -X POST "https://api.applerouter.ai/v1/messages" \\
  -H "x-api-key: sk-your-api-key" \\
  -H "anthropic-version: 2023-06-01" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "claude-3-5-sonnet-20241022",
    "max_tokens": 1024,
    "messages": [
      {"role": "user", "content": "Hello, Claude!"}
    ]
  }'
"""
    ],
}
"""Dialect -> the curl commands of its documentation."""


def read_curl(command):
    """What a curl command asks for: method, path, headers, body."""
    words = iter(shlex.split(command.replace("\\\n", " "))[1:])
    method, url, headers, body = "", "", {}, None
    for word in words:
        if word in ("-X", "--request"):
            method = next(words)
        elif word in ("-H", "--header"):
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word in ("-d", "--data", "--data-raw"):
            body = next(words)
        else:
            url = next(words) if word == "--url" else word
    return method or ("POST" if body else "GET"), urlsplit(url).path, headers, body


def ask(server, method, path, headers=None, body=None):
    """The status, the headers and the body of an answer."""
    where = urlsplit(server.base_url)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    finally:
        connection.close()


@pytest.fixture
def server(request):
    with MockServer(dialect=request.param) as running:
        running.reply("Hello! How can I help you today?")
        yield running


by_gateway = pytest.mark.parametrize("server", GATEWAYS, indirect=True, ids=GATEWAYS)
EXAMPLES = [(name, command) for name, commands in CURL.items() for command in commands]


@pytest.mark.parametrize(("server", "command"), EXAMPLES, indirect=["server"])
def test_the_documentation_s_curl_commands_are_answered(server, command):
    method, path, headers, body = read_curl(command)
    status, _, answered = ask(server, method, path, headers, body)
    assert status == 200, answered
    message = fold(events_of(answered)) if json.loads(body).get("stream") else json.loads(answered)
    asked = json.loads(body)
    assert message["model"] == asked["model"]
    assert message["stop_reason"] == ("max_tokens" if not asked["max_tokens"] else "end_turn")
    assert server.requests.last.warning == ""


def client_of(server, **more):
    return Anthropic(base_url=server.base_url, max_retries=0, **({"api_key": "sk-your-api-key"} | more))


def bifrost_python(client):
    response = client.messages.create(
        model="claude-3-sonnet-20240229", max_tokens=1000, messages=[{"role": "user", "content": "Hello!"}]
    )
    return response.content[0].text


def apertis_python(client):
    message = client.messages.create(
        model="claude-sonnet-4.5",
        max_tokens=1024,
        messages=[{"role": "user", "content": "What is the meaning of life?"}],
    )
    return message.content[0].text


def apertis_thinking(client):
    message = client.messages.create(
        model="claude-sonnet-4.5",
        max_tokens=4096,
        thinking={"type": "enabled", "budget_tokens": 10240},
        messages=[{"role": "user", "content": "Solve this complex math problem step by step..."}],
    )
    return message.content[-1].text


def apertis_stream(client):
    asked = [{"role": "user", "content": "Tell me a short story"}]
    with client.messages.stream(model="claude-sonnet-4.5", max_tokens=1024, messages=asked) as stream:
        return "".join(stream.text_stream)


def heroku_python(client):
    asked = [{"role": "user", "content": "Hello, what should I build today?"}]
    return client.messages.create(model="claude-4-sonnet", max_tokens=1024, messages=asked).content[0].text


PROGRAMS = [
    ("heroku", heroku_python),
    ("bifrost", bifrost_python),
    ("apertis", apertis_python),
    ("apertis", apertis_thinking),
    ("apertis", apertis_stream),
]


@pytest.mark.parametrize(("server", "program"), PROGRAMS, indirect=["server"])
def test_the_documentation_s_programs_run(server, program):
    with client_of(server) as client:
        assert program(client) == "Hello! How can I help you today?"


@by_gateway
def test_the_sdk_works_with_every_dialect_by_the_server_s_base_url(server):
    """Plain, streamed, and with the key in either header: nothing but base URL and key changes."""
    name = server.engine.settings.dialect.name
    asked = {"model": MODEL[name], "max_tokens": 100, "messages": [{"role": "user", "content": "Hi"}]}
    for key in ({"api_key": "k"}, {"api_key": None, "auth_token": "t"}):
        with client_of(server, **key) as client:
            plain = client.messages.create(**asked)
            with client.messages.stream(**asked) as stream:
                streamed = stream.get_final_message()
        assert plain.content[0].text == streamed.content[0].text == "Hello! How can I help you today?"
        assert streamed.usage == plain.usage
    assert len(server.requests.messages) == 4
    server.assert_called(4, user="Hi")
    assert server.requests.last.prefix == DIALECTS[name].prefix


OLD_SDK = HEADERS
NEW_SDK = {"authorization": "Bearer k", "anthropic-version": "2026-10-21", "content-type": "application/json"}


@pytest.mark.parametrize("headers", [OLD_SDK, NEW_SDK], ids=["0.70", "2.14"])
@by_gateway
def test_what_either_sdk_sends_is_taken_by_every_dialect(server, headers):
    """The older one sends x-api-key and version 2023-06-01, the newer one a bearer token and version 2026-10-21."""
    name = server.engine.settings.dialect.name
    body = {"model": MODEL[name], "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}], "temperature": 0.3}
    status, *_ = ask(server, "POST", f"{DIALECTS[name].prefix}/v1/messages", headers, json.dumps(body))
    assert status == 200


# -------------------------------------------------------------- what is answered

TWO = {"input_tokens", "output_tokens"}
FOUR = TWO | {"cache_creation_input_tokens", "cache_read_input_tokens"}
USAGE = {"heroku": TWO, "apertis": TWO, "relay": FOUR, "bifrost": FOUR | {"cache_creation"}}
"""Dialect -> the fields of its usage; the aggregator's are the API's."""


def counters(events):
    """The usage of `message_start` and of `message_delta`."""
    start = next(e for e in events if e["type"] == "message_start")
    delta = next(e for e in events if e["type"] == "message_delta")
    return start["message"]["usage"], delta["usage"]


@pytest.mark.parametrize("server", USAGE, indirect=True)
def test_usage_has_the_dialect_s_fields_plain_and_streamed(server):
    name = server.engine.settings.dialect.name
    body = {"model": MODEL[name], "max_tokens": 100, "messages": [{"role": "user", "content": "Hi"}]}
    path = f"{DIALECTS[name].prefix}/v1/messages"
    usage = json.loads(ask(server, "POST", path, HEADERS, json.dumps(body))[2])["usage"]
    assert set(usage) == USAGE[name]
    start, delta = counters(events_of(ask(server, "POST", path, HEADERS, json.dumps(body | {"stream": True}))[2]))
    assert set(start) == USAGE[name]
    assert set(delta) == USAGE[name] - {"cache_creation"}
    assert server.requests.last.usage == usage
    if name == "bifrost":
        assert set(usage["cache_creation"]) == {"ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"}


def test_cache_counters_of_a_relay_are_there_and_zero_where_unused():
    with MockServer(dialect="relay") as server:
        server.when(user="none").reply("Hi", cache="off")
        server.when(user="given").reply("Hi", usage={"cache_read_input_tokens": 7})
        with client_of(server) as client:
            for prompt, read in (("none", 0), ("given", 7)):
                asked = [{"role": "user", "content": prompt}]
                usage = client.messages.create(model=MODEL["relay"], max_tokens=9, messages=asked).usage
                assert (usage.cache_creation_input_tokens, usage.cache_read_input_tokens) == (0, read)


@pytest.mark.parametrize("name", DIALECTS)
def test_a_stop_reason_that_the_dialect_never_returns_is_warned_of(name):
    dialect = DIALECTS[name]
    with MockServer(dialect=name) as server, client_of(server) as client:
        for reason in STOP_REASONS:
            server.when(user=reason).reply("Hi", stop_reason=reason)
        for reason in STOP_REASONS:
            asked = [{"role": "user", "content": reason}]
            message = client.messages.create(model=MODEL[name], max_tokens=9, messages=asked)
            assert message.stop_reason == reason
            expected = "" if reason in dialect.stop_reasons else (
                f"the answer's stop_reason is {reason!r}, which the dialect {name!r} never returns; "
                f"it has: {', '.join(dialect.stop_reasons)}"
            )  # fmt: skip
            warning = server.requests.last.warning
            assert warning == expected or (name == "anthropic" and "retired" in warning)


def test_a_verbatim_message_stays_as_it_is_and_is_warned_of():
    usage = {"input_tokens": 3, "output_tokens": 4, "cache_read_input_tokens": 0}
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4.5", "stop_reason": "end_turn",
        "stop_sequence": None, "content": [{"type": "text", "text": "Hi"}], "usage": usage,
    }  # fmt: skip
    with MockServer(dialect="apertis") as server, client_of(server) as client:
        server.add({"message": message})
        asked = [{"role": "user", "content": "Hi"}]
        answered = client.messages.create(model="claude-sonnet-4.5", max_tokens=9, messages=asked)
        assert answered.usage.model_dump(exclude_unset=True) == usage
        assert server.requests.last.warning == (
            "the answer's usage has cache_read_input_tokens, which the dialect 'apertis' never returns"
        )


def test_a_counter_that_an_author_gives_in_vain_is_warned_of():
    with MockServer(dialect="heroku") as server, client_of(server) as client:
        server.reply("Hi", usage={"cache_read_input_tokens": 7, "output_tokens": 3})
        asked = [{"role": "user", "content": "Hi"}]
        usage = client.messages.create(model="claude-4-sonnet", max_tokens=9, messages=asked).usage
        assert (usage.output_tokens, usage.cache_read_input_tokens) == (3, None)
        assert server.requests.last.warning == (
            "the answer's usage has cache_read_input_tokens, which the dialect 'heroku' never returns"
        )


NOT_SENT = ("anthropic-", "cf-", "traceresponse", "server", "strict-transport", "content-security", "x-robots", "vary")


@by_gateway
def test_headers_are_the_gateway_s(server):
    name = server.engine.settings.dialect.name
    body = json.dumps({"model": MODEL[name], "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]})
    for sent in (body, body.replace('"max_tokens": 9', '"max_tokens": 9, "stream": true'), "{}"):
        _, headers, _ = ask(server, "POST", f"{DIALECTS[name].prefix}/v1/messages", HEADERS, sent)
        assert not [header for header in headers if header.startswith(NOT_SENT)]
        assert headers["request-id"].startswith("req_")
        limits = {header for header in headers if header.startswith("x-ratelimit")}
        assert limits == (set(DIALECTS[name].headers) if sent != "{}" else set())


def test_the_values_of_rate_limits_are_those_that_are_counted():
    with MockServer(dialect="heroku", limits={"requests": 50, "input_tokens": 1000, "output_tokens": 1000}) as server:
        server.reply("Hi")
        body = json.dumps({"model": MODEL["heroku"], "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]})
        _, headers, _ = ask(server, "POST", "/v1/messages", HEADERS, body)
    assert headers["x-ratelimit-limit-requests"] == "50"
    assert headers["x-ratelimit-remaining-requests"] == "49"
    assert headers["x-ratelimit-limit-tokens"] == "2000"


def test_stop_of_apertis_stops_the_answer():
    with MockServer(dialect="apertis") as server, client_of(server) as client:
        server.reply("One. Two. END Three.")
        asked = {"model": MODEL["apertis"], "max_tokens": 100, "messages": [{"role": "user", "content": "Count"}]}
        for stop, more, text, found in (
            ("END", {}, "One. Two. ", "END"),
            (["zzz", "Two"], {}, "One. ", "Two"),
            (["zzz"], {"stop_sequences": ["One"]}, "", "One"),
        ):
            message = client.messages.create(**asked, **more, extra_body={"stop": stop})
            assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", found)
            assert "".join(block.text for block in message.content) == text
            with client.messages.stream(**asked, **more, extra_body={"stop": stop}) as stream:
                assert stream.get_final_message().stop_sequence == found
        assert "stop_sequences" not in server.requests[0].body


# -------------------------------------------------------------- models


def test_models_of_the_aggregator_and_others():
    listed = {}
    for name in ("aggregator", "relay", "apertis", "bifrost"):
        with MockServer(dialect=name, model=["mine"]) as server, client_of(server) as client:
            listed[name] = [model.id for model in client.models.list(limit=100)]
            assert client.models.retrieve("mine").id == "mine"
            if name == "bifrost":
                assert client.models.retrieve("gpt-4o").id == "gpt-4o"
            else:
                with pytest.raises(anthropic.NotFoundError, match="model: gpt-4o"):
                    client.models.retrieve("gpt-4o")
    claude_3 = ["claude-3-5-sonnet-20241022", "claude-3-5-haiku-20241022", "claude-3-opus-20240229", "mine"]
    assert listed["aggregator"] == listed["relay"] == claude_3
    assert listed["apertis"] == ["claude-opus-4-5-20251101", "claude-haiku-4.5", "claude-sonnet-4.5", "mine"]
    assert "claude-sonnet-5" in listed["bifrost"]


def test_the_list_of_apertis_is_in_openai_s_form():
    with MockServer(dialect="apertis") as server:
        listed = json.loads(ask(server, "GET", "/v1/models", {"authorization": "Bearer k"})[2])
        one = json.loads(ask(server, "GET", "/v1/models/claude-sonnet-4.5", {"authorization": "Bearer k"})[2])
    assert (listed["object"], set(listed)) == ("list", {"object", "data"})
    assert one == {
        "id": "claude-sonnet-4.5",
        "object": "model",
        "created": 1759104000,
        "owned_by": "Anthropic",
        "root": "claude-sonnet-4.5",
        "parent": None,
    }
    assert one in listed["data"]


@pytest.mark.parametrize("name", ["heroku", "apertis", "aggregator", "relay"])
def test_no_model_of_another_maker(name):
    asked = {"max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    with MockServer(dialect=name) as server, client_of(server) as client:
        server.reply("Hi")
        assert client.messages.create(model="claude-sonnet-4-6", **asked).model == "claude-sonnet-4-6"
        with pytest.raises(anthropic.NotFoundError) as error:
            client.messages.create(model="gpt-4o", **asked)
    assert error.value.body["error"]["message"] == "model: gpt-4o"


def test_a_model_that_retired_answers_without_a_warning_where_a_gateway_has_it():
    with MockServer(dialect="aggregator", retired_models="reject") as server, client_of(server) as client:
        server.reply("Hi")
        client.messages.create(
            model="claude-3-opus-20240229", max_tokens=9, messages=[{"role": "user", "content": "Hi"}]
        )
        assert server.requests.last.warning == ""


# -------------------------------------------------------------- sessions, control API, elsewhere


def test_each_session_may_speak_its_own():
    with MockServer(session_dialect={"gate": "bifrost"}) as server:
        server.reply("Hi")
        gate, third = server.session("gate"), server.session("third")
        third.configure(dialect={"name": "acme", "like": "relay", "prefix": "/acme"})
        assert server.session_url("gate") == gate.base_url == f"{server.base_url}/_s/gate/anthropic"
        assert third.base_url.endswith("/_s/third/acme")
        for session, model in ((server, "claude-sonnet-5"), (gate, "openai/gpt-4o"), (third, "claude-3-opus-20240229")):
            with client_of(session) as client:
                asked = [{"role": "user", "content": "Hi"}]
                assert client.messages.create(model=model, max_tokens=9, messages=asked).content[0].text == "Hi"
            assert len(session.requests.messages) == 1
        third.configure(dialect=None)
        assert third.base_url.endswith("/_s/third")
        with pytest.raises(SettingsError, match="belongs to the whole server"):
            third.configure(session_dialect={"a": "relay"})


@pytest.mark.parametrize("name", ["bifrost", "heroku", "anthropic"])
def test_the_control_api_is_reached_with_and_without_the_prefix(name):
    with MockServer(dialect=name) as server:
        server.reply("Hi")
        other = server.session("a/b")
        with client_of(other) as client:
            client.messages.create(model=MODEL[name], max_tokens=9, messages=[{"role": "user", "content": "Hi"}])
        root = server.base_url.removesuffix(DIALECTS[name].prefix)
        for base in (root, server.base_url, other.base_url, f"{root}/_s/a%2Fb"):
            status, _, body = ask(server, "GET", f"{urlsplit(base).path}/_mock/settings")
            assert (status, json.loads(body)["settings"]["dialect"]) == (200, name)
        assert len(server.requests) == 0
        for base, requests in ((root, 0), (server.base_url, 0), (other.base_url, 1)):
            session = connect(base)
            assert session.base_url == (other.base_url if requests else server.base_url)
            assert len(session.requests.messages) == requests
        assert connect(server.base_url, session="a/b").base_url == other.base_url
        assert len(server.requests) == 0


def test_a_session_may_stand_before_or_behind_the_prefix():
    """As `base_url` ends in the prefix, `base_url/_s/NAME` is a session's, too; it has the prefix once, wherever."""
    body = json.dumps({"model": "claude-sonnet-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]})
    with MockServer(dialect="bifrost") as server:
        server.reply("Hi")
        for path in ("/_s/x/anthropic", "/anthropic/_s/x", "/anthropic/_s/x/anthropic"):
            assert ask(server, "POST", f"{path}/v1/messages", HEADERS, body)[0] == 200
        assert {(one.prefix, one.path) for one in server.session("x").requests} == {("/anthropic", "/v1/messages")}
        assert len(server.session("x").requests) == 3
        assert ask(server, "POST", "/_s/x/v1/messages", HEADERS, body)[0] == 404
        server.session("y").configure(dialect="anthropic")
        assert ask(server, "POST", "/anthropic/_s/y/v1/messages", HEADERS, body)[0] == 200


def test_a_session_elsewhere_takes_a_file_and_a_dialect_of_one_s_own(tmp_path):
    """The file is read where the test runs, and its fields are sent."""
    (tmp_path / "acme.yaml").write_text("like: heroku\nprefix: /acme\n")
    with MockServer() as server:
        session = connect(server.base_url, session="x")
        session.configure(dialect=str(tmp_path / "acme.yaml"))
        session.reply("Hi")
        assert session.base_url == f"{server.base_url}/_s/x/acme"
        with client_of(session) as client:
            client.messages.create(model="claude-4-sonnet", max_tokens=9, messages=[{"role": "user", "content": "Hi"}])
        assert session.requests.last.prefix == "/acme"
        assert '"url": "' in (har := session.export("har"))
        assert f"{server.base_url}/acme/v1/messages" in har
        status, _, body = ask(
            server, "PATCH", "/_mock/settings", {}, json.dumps({"dialect": str(tmp_path / "acme.yaml")})
        )
        assert status == 400
        assert "the file of a dialect is not read here" in json.loads(body)["error"]["message"]


def test_the_environment_points_at_the_prefix(monkeypatch):
    with MockServer(dialect="bifrost") as server, server.environment(), Anthropic() as client:
        server.reply("Hi")
        assert bifrost_python(client) == "Hi"


def test_a_client_without_the_prefix_is_told():
    with MockServer(dialect="bifrost") as server:
        root = server.base_url.removesuffix("/anthropic")
        with (
            Anthropic(base_url=root, api_key="k", max_retries=0) as client,
            pytest.raises(anthropic.NotFoundError) as error,
        ):
            bifrost_python(client)
    assert "serves the API under /anthropic, as /anthropic/v1/messages, not /v1/messages" in str(error.value)


def test_the_bytes_are_the_same_every_time():
    body = json.dumps(
        {
            "model": "claude-sonnet-4.5",
            "max_tokens": 99,
            "stream": True,
            "messages": [{"role": "user", "content": "Hi"}],
        }
    )
    answers = []
    for _ in range(2):
        with MockServer(dialect="apertis", freeze="2026-11-20", on_unmatched="fallback") as server:
            answers.append(ask(server, "POST", "/v1/messages", HEADERS, body))
    assert answers[0] == answers[1]


def test_images_and_documents_of_apertis():
    png = base64.standard_b64encode(
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00"
    ).decode()
    block = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": png}}
    elsewhere = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
    with MockServer(dialect="apertis") as server, client_of(server) as client:
        server.reply("A dot.")
        asked = {"model": "claude-sonnet-4.5", "max_tokens": 9}
        for content in (block, {"type": "text", "text": "What is in this image?"}), (elsewhere,):
            messages = [{"role": "user", "content": [*content]}]
            if content[0] is block:
                assert client.messages.create(**asked, messages=messages).content[0].text == "A dot."
            else:
                with pytest.raises(anthropic.BadRequestError, match="expected tags: 'base64'"):
                    client.messages.create(**asked, messages=messages)
