"""A call of the control API, and what can come of it. Not here: which calls there are (`operations`)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from mockserver.control.local import Local
from mockserver.wire.frozen import frozen


@frozen
class Call:
    """What is asked of a session: the `name` in the path, the query and the body, read."""

    session: Local
    base_url: str
    name: str = ""
    query: Any = None
    body: Any = None


@frozen
class Text:
    """An answer that is no JSON of ours."""

    content_type: str
    text: str


class RefusedError(Exception):
    """What was asked is not done: the status, the type of the failure, words, and headers."""

    def __init__(self, status: int, kind: str, words: str, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        super().__init__(words)
        self.status = status
        self.kind = kind
        self.headers = headers


Handler = Callable[[Call], BaseModel | Text]
