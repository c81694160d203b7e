"""How a text is told to a person: without secrets, on one line. Not here: where it is told."""

import re
from typing import Final

_SECRET: Final = re.compile(
    r"(sk-ant-[a-z0-9]{1,8}-)[\w-]+"  # the API's own keys: their kind may be read
    r"|((?:x-api-key|authorization)[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|basic)\s+)?)[^\s\"',;&]+"
    r"|(bearer\s+)[\w.~+/=-]{12,}"
    r"|((?:api[_-]?key|token|key)=)[^\s&\"']+",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Return `text` with keys and tokens replaced by `***`."""
    return _SECRET.sub(lambda m: f"{next(filter(None, m.groups()))}***", text)


def printable(text: str) -> str:
    """Return a text in which nothing can begin a line or move a cursor: such characters are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
