"""Files in a request as if their contents stood in it. Not here: where contents come from, which blocks take a file.

What is counted, cached and cited is what the model reads, and that is the content. Nothing here raises on a malformed
body: what names no known file stays as it is.
"""

import base64
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from mockserver.wire.encoding import JsonObject
from mockserver.wire.files import FITTING

MOST_BYTES: Final = 32 * 1024 * 1024
"""What is larger could not stand in a request; it stays a file's id, which weighs a usual amount."""


class Content(NamedTuple):
    """What a file holds, and its type."""

    mime_type: str
    data: bytes


Read = Callable[[str], Content | None]
"""Returns the content of a file by its id; None where it is not known, or too large."""


def inlined(body: JsonObject, read: Read, *, named: bool = False) -> JsonObject:
    """Return the body with contents in place of files' ids; the body itself where there are none.

    `named`: the ids stay beside them, which no real request could say, for citations.
    """
    messages = body.get("messages")
    if not isinstance(messages, list):
        return body
    inliner = _Inliner(read, named=named)
    changed = [inliner.within(message, "content") for message in messages]
    return body | {"messages": changed} if any(a is not b for a, b in zip(changed, messages, strict=True)) else body


class _Inliner:
    """Puts contents into blocks; what does not change is not copied."""

    def __init__(self, read: Read, *, named: bool) -> None:
        self._read = read
        self._named = named

    def within(self, holder: Any, key: str) -> Any:
        """Return what holds a list of blocks under that key, with contents in them."""
        blocks = holder.get(key) if isinstance(holder, dict) else None
        if not isinstance(blocks, list):
            return holder
        changed = [self._block(block) for block in blocks]
        return holder | {key: changed} if any(a is not b for a, b in zip(changed, blocks, strict=True)) else holder

    def _block(self, block: Any) -> Any:
        kind = block.get("type") if isinstance(block, dict) else None
        if kind == "tool_result":
            return self.within(block, "content")
        if kind not in ("image", "document"):
            return block
        source = block.get("source")
        changed = self._source(kind, source) if isinstance(source, dict) else source
        return block if changed is source else block | {"source": changed}

    def _source(self, kind: str, source: JsonObject) -> JsonObject:
        if source.get("type") == "content":
            changed: JsonObject = self.within(source, "content")
            return changed
        name = source.get("file_id")
        content = self._read(name) if source.get("type") == "file" and isinstance(name, str) else None
        if content is None or content.mime_type not in FITTING[kind]:
            return source
        return _inline(content) | ({"file_id": name} if self._named else {})


def _inline(content: Content) -> JsonObject:
    if content.mime_type == "text/plain":
        return {"type": "text", "media_type": "text/plain", "data": content.data.decode("utf-8", "replace")}
    data = base64.b64encode(content.data).decode("ascii")
    return {"type": "base64", "media_type": content.mime_type, "data": data}
