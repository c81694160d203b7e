"""A request in a file: a body, a request with path and headers, or a record of the journal. Not here: explaining it."""

from typing import Any, Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError

from mockserver.control.records import Bytes
from mockserver.scenario.parts import nearest
from mockserver.settings import Settings
from mockserver.state.sessions import DEFAULT_SESSION, SESSION_PREFIX
from mockserver.validation.incoming import Incoming
from mockserver.validation.transport import FILES
from mockserver.wire.encoding import JsonObject, decode, encode
from mockserver.wire.headers import CREDENTIALS, JSON_TYPE

_FORMS: Final = (
    'a request is its body, {"model": …, "messages": …}, or {"method": …, "path": …, "headers": …, "body": …}, '
    "or a line of the exported journal"
)
_HIDDEN: Final = "***"
"""What the journal has instead of a key."""


class RequestError(ValueError):
    """A file that holds no request; the text says where, what is wrong and what to do."""


class _Sent(BaseModel):
    """A request with what stands around its body. `raw`, `session` and `prefix` are those of a record."""

    model_config = ConfigDict(extra="forbid")

    method: str = "POST"
    path: str = ""
    query: str = ""
    headers: dict[str, str] | None = None
    body: Any = None
    raw: Bytes | None = None
    session: str = DEFAULT_SESSION
    prefix: str = ""


_KEYS: Final = ("method", "path", "query", "headers", "body")


def _usual_path(settings: Settings) -> str:
    return f"{settings.dialect.prefix}/v1/messages"


def usual_headers(settings: Settings) -> dict[str, str]:
    """Return the headers that a client of the server would send."""
    key = _keys(settings)[settings.dialect.wanted]
    return {settings.dialect.wanted: key, "anthropic-version": "2023-06-01", "content-type": JSON_TYPE}


def read_request(data: bytes, settings: Settings, source: str = "the request") -> Incoming:
    """Return the request that a file holds; what is left out is as a client of the server would send it.

    Raises `RequestError`, which names the `source`.
    """
    try:
        return _read(data, settings)
    except RequestError as error:
        raise RequestError(f"{source}:{error}") from None


def _read(data: bytes, settings: Settings) -> Incoming:
    value = _value(data)
    if "verdict" in value and (value.get("method"), value.get("path")) == ("POST", FILES):
        raise RequestError("1:1: this is an upload, and the journal keeps no bytes of a file; give the request itself")
    if "verdict" in value and value.get("custom_id"):
        return _incoming(_of_row(value), settings)
    if "verdict" in value and "method" in value:
        return _incoming(_sent({key: value[key] for key in _Sent.model_fields if key in value}), settings)
    if "messages" not in value and "model" not in value and value.keys() & set(_KEYS):
        return _incoming(_sent(value), settings)
    return Incoming("POST", _usual_path(settings), usual_headers(settings), data.removeprefix(_BOM).strip())


def _of_row(record: JsonObject) -> _Sent:
    """Return the request that makes a batch of the one row that a record tells of."""
    sent = _sent({key: record[key] for key in _Sent.model_fields if key in record})
    row = {"custom_id": record["custom_id"], "params": sent.body}
    return sent.model_copy(update={"path": f"{sent.path}/batches", "body": {"requests": [row]}})


_BOM: Final = "\ufeff".encode()


def _value(data: bytes) -> JsonObject:
    data = data.removeprefix(_BOM)
    if not data.strip():
        raise RequestError(f"1:1: it is empty; {_FORMS}")
    try:
        value = decode(data)
    except ValueError as error:
        if _is_lines(data):
            raise RequestError("2:1: these are several lines of JSON; give one of them") from None
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        raise RequestError(f"{line}:{column}: not JSON: {getattr(error, 'msg', error)}; {_FORMS}") from None
    if not isinstance(value, dict):
        raise RequestError(f"1:1: this is no map; {_FORMS}")
    if isinstance(value.get("log"), dict):
        raise RequestError("1:1: this is a HAR log; export the journal as 'jsonl', and give one of its lines")
    return value


def _is_lines(data: bytes) -> bool:
    """Whether the first line is JSON by itself."""
    try:
        decode(data.strip().splitlines()[0])
    except ValueError:
        return False
    return True


def _sent(value: JsonObject) -> _Sent:
    try:
        return _Sent.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            raise RequestError(f"1:1: unknown key {where!r}; {nearest(where, list(_KEYS))}") from None
        raise RequestError(f"1:1: {where}: {first['msg']}") from None


def _incoming(sent: _Sent, settings: Settings) -> Incoming:
    spoken = settings.of_session(sent.session).dialect
    if sent.prefix and sent.prefix != spoken.prefix:
        words = f"it was asked under {sent.prefix}, and the dialect {spoken.name!r} has another prefix; add --dialect"
        raise RequestError(f"1:1: {words}")
    path, _, query = (sent.path or _usual_path(settings.of_session(sent.session))).partition("?")
    path = sent.prefix + path
    if sent.session != DEFAULT_SESSION and not path.startswith(SESSION_PREFIX):
        path = f"{SESSION_PREFIX}{quote(sent.session, safe='')}{path}"
    given = {name.lower(): value for name, value in (sent.headers or {}).items()}
    headers = usual_headers(settings) if sent.headers is None else _with_key(given, settings)
    body = sent.raw.data if sent.raw is not None else _bytes(sent.body)
    return Incoming(sent.method, path, headers, body, query=query or sent.query)


def _with_key(headers: dict[str, str], settings: Settings) -> dict[str, str]:
    """Return the headers of a record with a key of the server in the place of the one that was taken out."""
    hidden = {name for name in CREDENTIALS & headers.keys() if headers[name] == _HIDDEN}
    keys = _keys(settings)
    return {name: keys.get(name, "") if name in hidden else value for name, value in headers.items()}


def _keys(settings: Settings) -> dict[str, str]:
    """Return a valid key as each header carries it."""
    key = next(iter(settings.api_key), "any")
    return {"x-api-key": key, "authorization": f"Bearer {key}"}


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else encode(body)
