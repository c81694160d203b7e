"""How a text is told to a person: without secrets, on one line. Not here: where it is told."""

import re
from typing import Any, Final

from mockserver.wire.encoding import JsonObject, encode
from mockserver.wire.parts import changed

_SECRET: Final = re.compile(
    r"(sk-ant-[a-z0-9]{1,8}-)[\w-]+"  # the API's own keys: their kind may be read
    r"|(?<![\w-])(sk-(?:bf|sub)-|inf-(?=[\w-]{8}))[\w-]+"  # those of Bifrost, Apertis and Heroku
    r"|((?:x-api-key|x-bf-vk|authorization)[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|basic)\s+)?)[^\s\"',;&]+"
    r"|(bearer\s+)[\w.~+/=-]{12,}"
    r"|((?:authorization_token|access_token|api_key)[\"']?\s*:\s*[\"']?)[^\s\"',;&]+"
    r"|((?:api[_-]?key|token|key)=)[^\s&\"']+",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Return `text` with keys and tokens replaced by `***`."""
    return _SECRET.sub(lambda m: f"{next(filter(None, m.groups()))}***", text)


def redact_bytes(data: bytes) -> bytes:
    """Return bytes with keys and tokens replaced by `***`; the bytes themselves where they hold none."""
    if not any(sign in data for sign in _SIGNS):
        return data
    return redact(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


_SECRET_KEYS: Final = frozenset({"authorization_token", "api_key", "access_token"})
"""Keys of a body whose values nobody may read, such as the token of an MCP server."""
_SIGNS: Final = (
    *(b"sk-ant-", b"ccess_token", b"api_key", b"earer ", b"uthorization", b"-api-key", b"oken="),
    *(b"sk-bf-", b"sk-sub-", b"inf-", b"-bf-vk"),
)
"""What a body holds that may hold a secret."""


def redact_json(value: Any, raw: bytes) -> Any:
    """Return a JSON value without keys and tokens; the value itself where its bytes hold none."""
    return _redacted(value) if any(sign in raw for sign in _SIGNS) else value


def redact_body(body: JsonObject) -> JsonObject:
    """Return a body without keys and tokens; the body itself where it holds none."""
    secrets = [name for name in _SECRET_KEYS.intersection(body) if isinstance(body[name], str)]
    shown = changed(body, _told)
    return shown | dict.fromkeys(secrets, "***") if secrets else shown


def _told(value: Any) -> Any:
    return redact_json(value, encode(value))


def _redacted(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: "***" if key in _SECRET_KEYS and isinstance(found, str) else _redacted(found)
            for key, found in value.items()
        }
    if isinstance(value, list):
        return [_redacted(found) for found in value]
    return redact(value) if isinstance(value, str) else value


def printable(text: str) -> str:
    """Return a text in which nothing can begin a line or move a cursor: such characters are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
