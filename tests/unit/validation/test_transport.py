"""Before the body: size, routes, credentials, version, betas; and that an earlier stage's fault is told first."""

from dataclasses import replace
from itertools import combinations

import pytest
from unit.validation.judging import ABSENT, BATCHES, COUNT, CURRENT, EVERYONE, TODAY, Asked, ask, block, said

from mockserver.validation.incoming import Incoming
from mockserver.validation.pipeline import Court, judge
from mockserver.wire.errors import ApiError

MEGABYTE = 1024 * 1024
MESSAGES = "/v1/messages"
ROUTES = [
    ("POST", MESSAGES, "messages", ""),
    ("POST", COUNT, "count_tokens", ""),
    ("GET", BATCHES, "batches.list", ""),
    ("POST", BATCHES, "batches.create", ""),
    ("GET", f"{BATCHES}/msgbatch_1", "batches.retrieve", "msgbatch_1"),
    ("DELETE", f"{BATCHES}/msgbatch_1", "batches.delete", "msgbatch_1"),
    ("POST", f"{BATCHES}/msgbatch_1/cancel", "batches.cancel", "msgbatch_1"),
    ("GET", f"{BATCHES}/msgbatch_1/results", "batches.results", "msgbatch_1"),
    ("GET", "/v1/models", "models.list", ""),
    ("GET", "/v1/models/claude-sonnet-5", "models.retrieve", "claude-sonnet-5"),
    ("GET", "/v1/files", "files.list", ""),
    ("POST", "/v1/files", "files.upload", ""),
    ("GET", "/v1/files/file_1", "files.retrieve", "file_1"),
    ("DELETE", "/v1/files/file_1", "files.delete", "file_1"),
    ("GET", "/v1/files/file_1/content", "files.download", "file_1"),
]
BODIES = {
    "messages": ask().body,
    "count_tokens": ask(path=COUNT).body,
    "batches.create": {"requests": [{"custom_id": "a", "params": {}}]},
}


def judged(asked, level="strict"):
    return judge(asked.incoming, level, asked.court, TODAY)


def refusal(asked):
    with pytest.raises(ApiError) as refused:
        judged(asked)
    return refused.value


@pytest.mark.parametrize("level", ["strict", "lenient", "off"])
@pytest.mark.parametrize(("method", "path", "operation", "name"), ROUTES)
def test_a_path_and_method_are_an_operation(method, path, operation, name, level):
    body = BODIES.get(operation, {})
    found = judged(Asked(body, path=path, method=method), level)
    assert (found.route.operation, found.route.id) == (operation, name)
    assert found.body == body


ALLOWED = {path: [method for method, other, *_ in ROUTES if other == path] for _, path, *_ in ROUTES}
NOT_ALLOWED = [
    (path, method)
    for path, allowed in ALLOWED.items()
    for method in ("GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "post", "")
    if method not in allowed
]


@pytest.mark.parametrize(("path", "method"), NOT_ALLOWED)
def test_another_method_is_not_allowed(path, method):
    error = refusal(Asked({}, path=path, method=method))
    assert (error.status, error.kind, error.message) == (405, "invalid_request_error", "Method Not Allowed")
    assert error.headers["allow"] == ", ".join(ALLOWED[path])


NOWHERE = [
    "", "/", "/v1", "/v1/", "/v1/messages/", "/V1/messages", "/v1/v1/messages", "/v1/messages/other",
    f"{BATCHES}/", f"{BATCHES}/a/b", f"{BATCHES}/a/results/b", f"{BATCHES}//results", "/v1/models/", "/v1/models/a/b",
    "/v1/files/a/b", "/v1/messages\n", "/v1/files/a/content/",
]  # fmt: skip


@pytest.mark.parametrize("path", NOWHERE)
def test_another_path_is_not_found(path):
    assert said(Asked({}, path=path)) == (404, "not_found_error", "Not Found")


EDGE = (413, "request_too_large", "Request exceeds the maximum size")
DECODED = (413, "invalid_request_error", "The compressed request body exceeds the request size limit once decoded.")
LARGE = [
    (replace(ask(), size=32 * MEGABYTE), None),
    (replace(ask(), size=32 * MEGABYTE + 1), EDGE),
    (replace(ask(path=COUNT), size=32 * MEGABYTE + 1), EDGE),
    (replace(ask(), size=32 * MEGABYTE + 1, headers={"content-encoding": "gzip"}), DECODED),
    (Asked(BODIES["batches.create"], path=BATCHES, size=256 * MEGABYTE), None),
    (Asked(BODIES["batches.create"], path=BATCHES, size=256 * MEGABYTE + 1), EDGE),
    (Asked({}, path="/v1/files", size=500 * MEGABYTE), None),
    (Asked({}, path="/v1/files", size=501 * MEGABYTE), EDGE),
    (Asked({}, path="/v1/files", size=33 * MEGABYTE, method="PUT"), EDGE),
]


@pytest.mark.parametrize(("asked", "words"), LARGE)
def test_a_body_has_a_largest_size(asked, words):
    assert said(asked) == words


def test_a_body_that_is_too_large_once_decoded_has_a_code():
    error = refusal(replace(ask(), size=32 * MEGABYTE + 1, headers={"content-encoding": "gzip"}))
    assert error.details == {"error_code": "request_body_too_large_after_decoding"}


UNREADABLE = [
    ({"content-encoding": "gzip"}, {"error_code": "request_body_encoding_invalid"}),
    ({}, None),
]


@pytest.mark.parametrize(("headers", "details"), UNREADABLE)
def test_a_body_that_cannot_be_read_is_refused(headers, details):
    with pytest.raises(ApiError) as refused:
        judge(Incoming("POST", MESSAGES, headers, unreadable="it ended early"), "off", EVERYONE, TODAY)
    error = refused.value
    assert (error.status, error.kind) == (400, "invalid_request_error")
    assert error.message.endswith("the request body cannot be read: it ended early")
    assert error.headers["x-should-retry"] == "false"
    assert error.details == details


NO_KEY = "x-api-key header is required"
BAD_KEY, BAD_TOKEN, BAD_API_KEY = "invalid x-api-key", "Invalid bearer token", "API key is invalid."
CORS = "CORS requests must set 'anthropic-dangerous-direct-browser-access' header"
BROWSER = {"anthropic-dangerous-direct-browser-access": "true"}
BEARER = {"x-api-key": ABSENT, "authorization": "Bearer good"}
ONE = Court(accepted_keys=["good"])

CREDENTIALS = [
    (EVERYONE, {"x-api-key": ABSENT}, NO_KEY),
    (EVERYONE, {"x-api-key": ""}, NO_KEY),
    (EVERYONE, {"x-api-key": "", "authorization": "Bearer good"}, NO_KEY),
    (EVERYONE, {"x-api-key": ABSENT, "authorization": ""}, NO_KEY),
    (EVERYONE, {"x-api-key": ABSENT, "authorization": "Bearer"}, NO_KEY),
    (EVERYONE, {"x-api-key": ABSENT, "authorization": "Bearer  "}, NO_KEY),
    (EVERYONE, {"x-api-key": ABSENT, "authorization": "Basic good"}, NO_KEY),
    (EVERYONE, {"x-api-key": ABSENT, "authorization": "good"}, NO_KEY),
    (EVERYONE, {"x-api-key": "any"}, None),
    (EVERYONE, BEARER, None),
    (EVERYONE, BEARER | {"authorization": "bearer any"}, None),
    (EVERYONE, {"origin": "https://a.example"}, CORS),
    (EVERYONE, {"origin": "https://a.example"} | dict.fromkeys(BROWSER, "false"), CORS),
    (EVERYONE, {"origin": "https://a.example", "x-api-key": ""}, NO_KEY),
    (EVERYONE, {"origin": "https://a.example"} | BROWSER, None),
    (ONE, {"x-api-key": "good"}, None),
    (ONE, BEARER, None),
    (ONE, {"x-api-key": "good", "authorization": "Bearer bad"}, None),
    (ONE, {"x-api-key": "bad"}, BAD_KEY),
    (ONE, {"x-api-key": "bad", "authorization": "Bearer good"}, BAD_KEY),
    (ONE, {"x-api-key": "sk-ant-api03-bad"}, BAD_API_KEY),
    (ONE, {"x-api-key": "sk-bad"}, BAD_API_KEY),
    (ONE, {"x-api-key": "sk-ant-oat01-bad"}, BAD_API_KEY),
    (ONE, BEARER | {"authorization": "Bearer bad"}, BAD_TOKEN),
    (ONE, BEARER | {"authorization": "Bearer sk-ant-oat01-bad"}, BAD_TOKEN),
    (ONE, BEARER | {"authorization": "Bearer sk-ant-api03-bad"}, BAD_TOKEN),
]


@pytest.mark.parametrize(("court", "headers", "words"), CREDENTIALS)
def test_credentials(court, headers, words):
    asked = Asked(ask().body, headers, court=court)
    assert said(asked) == (words and (401, "authentication_error", words))
    assert said(asked, "off") == (words and (401, "authentication_error", words))


MISSING = "anthropic-version: header is required"
VERSIONS = [
    (ABSENT, MISSING, MISSING),
    ("", MISSING, MISSING),
    ("2023-01-01", 'anthropic-version: "2023-01-01" is not a valid version', None),
    ("2023-06-01 ", 'anthropic-version: "2023-06-01 " is not a valid version', None),
    ("2023-06-01", None, None),
    (CURRENT, None, None),
]


@pytest.mark.parametrize(("version", "strict", "lenient"), VERSIONS)
def test_versions(version, strict, lenient):
    asked = Asked(ask().body, {"anthropic-version": version})
    assert [said(asked, level) for level in ("strict", "lenient", "off")] == [strict, lenient, None]


def test_a_version_is_asked_of_every_operation():
    asked = Asked(b"", {"anthropic-version": ABSENT}, path="/v1/models", method="GET")
    assert said(asked) == MISSING


GUIDE = "Please consult our documentation at platform.claude.com/docs or try again without the header."
BETAS = [
    ("nope", f"Unexpected value(s) `nope` for the `anthropic-beta` header. {GUIDE}"),
    ("nope,skills-2025-10-02, no ", f"Unexpected value(s) `nope`, `no` for the `anthropic-beta` header. {GUIDE}"),
    ("Skills-2025-10-02", f"Unexpected value(s) `Skills-2025-10-02` for the `anthropic-beta` header. {GUIDE}"),
    ("skills-2025-10-02 ,claude-code-20250219", None),
    (",", None),
]


@pytest.mark.parametrize(("betas", "words"), BETAS)
def test_betas(betas, words):
    asked = ask(betas=betas)
    assert said(asked) == words
    assert said(asked, "lenient") is None


STAGES = {
    "size": ({"size": 32 * MEGABYTE + 1}, EDGE[2]),
    "path": ({"path": "/v1/nope"}, "Not Found"),
    "method": ({"method": "PUT"}, "Method Not Allowed"),
    "credentials": ({"x-api-key": ABSENT}, NO_KEY),
    "version": ({"anthropic-version": ABSENT}, MISSING),
    "betas": ({"anthropic-beta": "nope"}, f"Unexpected value(s) `nope` for the `anthropic-beta` header. {GUIDE}"),
    "JSON": ({"body": b"{"}, "The request body is not valid JSON: unexpected end of data: line 1 column 2 (char 1)"),
    "object": ({"body": []}, "Input should be an object"),
    "schema": ({"body": {"messages": 5, "nope": 1} | ask().body}, "nope: Extra inputs are not permitted"),
    "shape": ({"body": ask("a", container="a").body}, "container: Container identifier can only be provided when"),
    "meaning": ({"body": ask(" ").body}, "messages: text content blocks must contain non-whitespace text"),
    "model": ({"body": ask(model="claude-nope").body}, "model: claude-nope"),
}
NEIGHBOURS = [
    (first, second)
    for first, second in combinations(STAGES, 2)
    if not set(STAGES[first][0]) & set(STAGES[second][0]) and (first, second) != ("path", "method")
]


def faulty(*stages):
    changes = {"body": ask().body} | {name: value for stage in stages for name, value in STAGES[stage][0].items()}
    own = {name: changes.pop(name) for name in ("body", "size", "path", "method") if name in changes}
    return Asked(headers=changes, **own)


def words_of(found):
    return found if isinstance(found, str) else found[2]


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_refuses(stage):
    assert words_of(said(faulty(stage))).startswith(STAGES[stage][1])


@pytest.mark.parametrize(("first", "second"), NEIGHBOURS)
def test_the_fault_of_the_earlier_stage_is_told(first, second):
    assert words_of(said(faulty(first, second))).startswith(STAGES[first][1])


def test_a_request_may_be_looked_at_under_another_path():
    incoming = ask().incoming
    assert incoming.at(MESSAGES) is incoming
    assert incoming.at(COUNT) == replace(incoming, path=COUNT)
    assert incoming.body_size == len(incoming.body)


def test_rows_of_a_batch_are_not_judged_with_it():
    row = {"custom_id": "a", "params": ask(" ", model="claude-nope", thinking=block("x")).body}
    assert said(Asked({"requests": [row]}, path=BATCHES)) is None
