"""A request to the control API becomes an answer. Not here: what operations there are (`operations`).

Whoever can reach the server could otherwise read and change everything, so on another address than loopback a token is
needed. On loopback there is none, but a page in a browser is refused: it may not be this machine's user who asks.
"""

import hmac
import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from mockserver.control import PREFIX, models
from mockserver.control.call import Call, RefusedError, Text
from mockserver.control.local import FileError, Local, UnknownScenarioError
from mockserver.control.operations import OPERATIONS, Operation
from mockserver.control.reach import check_reach, warning, worker_headers
from mockserver.control.records import as_json
from mockserver.engine import Engine, locate
from mockserver.engine.asking import WARNING_HEADER
from mockserver.reply.steps import Data, Head, Reply, whole
from mockserver.scenario.parts import nearest
from mockserver.scenario.problems import ScenarioError
from mockserver.settings import SettingsError
from mockserver.validation.incoming import Incoming
from mockserver.wire.encoding import decode
from mockserver.wire.telling import redact

_JSON: Final = "application/json"
_ANYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - what a client asks for, which is this machine
_OWN_WORDS: Final = "mockserver: "


def answer(engine: Engine, incoming: Incoming, address: str) -> Reply:
    """Return the answer of the control API; `address` is the server's, as this client reached it. Never raises."""
    session, located = locate(incoming)
    path, store = located.path, engine.sessions.store
    by = worker_headers(store)
    try:
        operation, name = _operation(incoming.method, path)
        if not operation.open:
            _admit(engine.settings.control_token, incoming, address)
        check_reach(operation, store)
        call = Call(
            Local(engine, session),
            f"http://{incoming.headers.get('host', '')}",
            name,
            _query(operation, incoming),
            _body(operation, incoming),
        )
        return _reply(operation.status, operation.handler(call), by, warning(operation, store))
    except Exception as error:  # noqa: BLE001 - the one border where a failure becomes an answer
        return _failed(error, by)


# -------------------------------------------------------------- which operation


def _operation(method: str, path: str) -> tuple[Operation, str]:
    """Return the operation, and the name in its path. Raises `RefusedError`."""
    found = list(_at(path.removeprefix(PREFIX).removeprefix("/")))
    if not found:
        raise RefusedError(404, "not_found", f"there is no {path}; `mockserver operations` lists what there is")
    for operation, name in found:
        if operation.method == method or (method == "HEAD" and operation.method == "GET"):
            return operation, name
    methods = ", ".join(operation.method for operation, _ in found)
    words = f"{method} {path}: this takes {methods}"
    raise RefusedError(405, "method_not_allowed", words, {"allow": methods})


def _at(place: str) -> Iterator[tuple[Operation, str]]:
    for operation in OPERATIONS:
        fixed, brace, _ = operation.path.partition("{")
        if not brace and place == fixed:
            yield operation, ""
        elif brace and place.startswith(fixed) and place != fixed:
            yield operation, place.removeprefix(fixed)


# -------------------------------------------------------------- who asks


def _admit(token: str | None, incoming: Incoming, address: str) -> None:
    """Let the caller in, or raise `RefusedError`."""
    if token is not None and hmac.compare_digest(_given(incoming).encode(), token.encode()):
        return
    if not _is_loopback(address):
        words = "send the control token as a bearer token, in the header 'authorization'"
        if token is None:
            words = "at another address than loopback the control API needs a token: start it with --control-token"
        elif "authorization" in incoming.headers:
            words = "this is not the control token of the server; it was started with another (--control-token)"
        raise RefusedError(401, "unauthorized", words)
    for name in ("host", "origin"):
        host = _host(incoming.headers.get(name, ""))
        if host and not _is_loopback(host) and host not in _ANYWHERE:
            words = f"the header {name!r} names {host!r}, so this may be a page in a browser; send the control token"
            raise RefusedError(403, "forbidden", words)


def _given(incoming: Incoming) -> str:
    scheme, _, token = incoming.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _host(value: str) -> str:
    try:
        return urlsplit(value if "://" in value else f"//{value}").hostname or value
    except ValueError:  # it is none
        return value


def _is_loopback(address: str) -> bool:
    if address == "localhost" or address.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


# -------------------------------------------------------------- what is sent


def _query(operation: Operation, incoming: Incoming) -> Any:
    if operation.open:
        return None  # who looks whether the server lives may add what keeps caches away
    given = incoming.parameters
    if twice := next((name for name, values in given.items() if len(values) > 1), None):
        raise RefusedError(400, "invalid_request", f"query: {twice!r} is given twice")
    values = {name: texts[0] for name, texts in given.items()}
    if operation.query is None:
        if values:
            raise RefusedError(400, "invalid_request", f"query: {operation.method} {operation.path} takes none")
        return None
    return _validated(operation.query, values)


def _body(operation: Operation, incoming: Incoming) -> Any:
    if incoming.body_size > len(incoming.body):
        raise RefusedError(413, "too_large", f"body: {incoming.body_size:,} bytes; send less at once")
    if incoming.unreadable:
        raise RefusedError(400, "invalid_request", f"body: {incoming.unreadable}")
    if operation.body is None:
        if incoming.body.strip() not in (b"", b"{}"):
            raise RefusedError(400, "invalid_request", f"body: {operation.method} {operation.path} takes none")
        return None
    try:
        value = decode(incoming.body) if incoming.body.strip() else {}
    except ValueError as error:
        raise RefusedError(400, "invalid_request", f"body: no JSON: {error}") from None
    return _validated(operation.body, value)


def _validated(model: type[BaseModel], value: Any) -> BaseModel:
    """Return what was sent. Raises `RefusedError`, which names the key that was probably meant."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        words = "; ".join(_sentence(details, model) for details in error.errors())
        raise RefusedError(400, "invalid_request", words) from None


def _sentence(details: Any, model: type[BaseModel]) -> str:
    place = ".".join(str(part) for part in details["loc"]) or "body"
    if details["type"] == "extra_forbidden":
        return f"unknown key {place!r}; {nearest(place, list(model.model_fields))}"
    return f"{place}: {str(details['msg']).removeprefix('Value error, ')}"


# -------------------------------------------------------------- what comes back


def _reply(status: int, answered: BaseModel | Text, more: Mapping[str, str], warned: str = "") -> Reply:
    """Return an answer; what is to be known of it stands in a header, and first in JSON, where it is read."""
    warnings = {"warning": warned} if warned else {}
    if isinstance(answered, Text):
        kind, body = answered.content_type, answered.text.encode("utf-8", "replace")
    else:
        kind, body = _JSON, as_json(answered, warnings)
    more = {**more, **({WARNING_HEADER: warned} if warned else {})}
    return whole(Head(status, {"content-type": kind, "cache-control": "no-store", **more}, len(body)), Data(body))


def _failed(error: Exception, by: Mapping[str, str]) -> Reply:
    status, kind, words, problems = _told(error)
    words = redact(words.removeprefix(_OWN_WORDS))
    failure = models.Failure(type=kind, message=f"{_OWN_WORDS}{words}", problems=problems)
    more = error.headers if isinstance(error, RefusedError) else {}
    return _reply(status, models.Failed(error=failure), {**by, **more})


def _told(error: Exception) -> tuple[int, str, str, list[models.Problem]]:
    """Return the status, the type, the words and the problems of a failure."""
    if isinstance(error, RefusedError):
        return error.status, error.kind, str(error), []
    if isinstance(error, UnknownScenarioError):
        return 404, "not_found", f"{error}; {PREFIX}/scenarios lists them", []
    if isinstance(error, ScenarioError):
        problems = [models.Problem(message=one.message, path=one.path) for one in error.problems]
        return 400, "scenario_error", str(error), problems
    if isinstance(error, SettingsError):
        return 400, "settings_error", str(error), []
    if isinstance(error, FileError):
        return 400, "file_error", str(error), []
    return 500, "bug", f"a bug of the mock server, please report it: {type(error).__name__}: {error}", []
