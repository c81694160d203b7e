"""A request's prompt as a chain of hashes: equal beginnings have equal keys. Not here: which keys are cached, or why.

Source: documentation of prompt caching, "What invalidates the cache": a change of a tool invalidates everything; of the
system prompt, the speed, web search or citations what comes behind the tools; of `tool_choice`, of thinking, effort,
structured output or the presence of images the messages. A value that is the default counts as one that is not given.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Final

from mockserver.reply.tokens.media import is_cited
from mockserver.wire.content import blocks_of
from mockserver.wire.encoding import JsonObject, encode
from mockserver.wire.parts import noted
from mockserver.wire.prefix import PromptBlock, Section
from mockserver.wire.traits import Model

_SIZE: Final = 16
"""Bytes of a key."""


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _mixed(key: bytes, *parts: bytes) -> bytes:
    return hashlib.blake2b(b"\0".join(parts), key=key, digest_size=_SIZE).digest()


@dataclass(frozen=True)
class Fingerprint:
    """What decides whether two prompts begin alike.

    `scope` is whose cache it is (credentials, workspace); `blocks` are the prompt's, in order.
    """

    body: JsonObject
    model: Model
    blocks: list[PromptBlock]
    scope: bytes = b""

    @cached_property
    def digests(self) -> list[bytes]:
        """A hash of each block alone."""
        return [noted(block.block, ("digest", block.role), partial(_digest, block)) for block in self.blocks]

    @cached_property
    def keys(self) -> list[bytes]:
        """A key for each block: of the prompt up to and with it."""
        key = _mixed(b"", self.scope, _encoded(self.model.id))
        keys: list[bytes] = []
        section = None
        for block, digest in zip(self.blocks, self.digests, strict=True):
            while section != block.section:
                section = _NEXT[section]
                key = _mixed(key, encode(_SETTINGS[section](self), sort_keys=True))
            with_block = hashlib.blake2b(digest, key=key, digest_size=_SIZE).digest()
            keys.append(key if section == "tools" and _is_deferred(block) else with_block)
            key = key if section == "tools" and _stands_apart(block) else with_block
        return keys

    def of(self, section: Section) -> list[PromptBlock]:
        """Return the blocks of one section."""
        return [block for block in self.blocks if block.section == section]

    def digest(self, section: Section) -> bytes:
        """Return a hash of one section alone."""
        return _mixed(b"", *(d for block, d in zip(self.blocks, self.digests, strict=True) if block.section == section))

    @property
    def message_digests(self) -> bytes:
        """The hashes of the messages, one behind the other."""
        digests: dict[int, bytes] = {}
        for block, digest in zip(self.blocks, self.digests, strict=True):
            if block.section == "messages":
                digests[block.message] = _mixed(digests.get(block.message, b""), digest)
        return b"".join(digests.values())

    @property
    def parameters_digest(self) -> bytes:
        """A hash of the parameters that decide how the messages are read."""
        return _mixed(b"", encode(_parameters(self.body, self.model), sort_keys=True))


def _digest(block: PromptBlock) -> bytes:
    return _mixed(b"", _encoded(block.role), canonical_block(block.block))


def canonical_block(block: JsonObject) -> bytes:
    """Return a block's JSON without marks: a text and one text block, null and no value are the same."""
    bare = _unmarked(block)
    if block.get("type") == "tool_result":
        bare["content"] = [_unmarked(inner) for inner in blocks_of(block.get("content"))]
    return encode(bare, sort_keys=True)


def _unmarked(block: JsonObject) -> JsonObject:
    return {key: value for key, value in block.items() if key != "cache_control" and value is not None}


def _is_deferred(block: PromptBlock) -> bool:
    """Whether it is a tool that is loaded later: no part of the prompt yet."""
    return block.section == "tools" and block.block.get("defer_loading") is True


def _stands_apart(block: PromptBlock) -> bool:
    """Whether what follows does not depend on it: a deferred tool, and web search, which changes the system prompt."""
    searches = block.section == "tools" and str(block.block.get("type")).startswith("web_search")
    return searches or _is_deferred(block)


def _of_tools(_prompt: Fingerprint) -> JsonObject:
    return {}


def _of_system(prompt: Fingerprint) -> JsonObject:
    tools = (block.block for block in prompt.of("tools"))
    searches = [canonical_block(tool).decode() for tool in tools if str(tool.get("type")).startswith("web_search")]
    return {
        "speed": prompt.body.get("speed") if prompt.body.get("speed") != "standard" else None,
        "web_search": searches,
        "citations": any(_cites(block.block) for block in prompt.of("messages")),
    }


def _of_messages(prompt: Fingerprint) -> JsonObject:
    images = any(_has_image(block.block) for block in prompt.of("messages"))
    return {"images": images, **_parameters(prompt.body, prompt.model)}


def _parameters(body: JsonObject, model: Model) -> JsonObject:
    config = _map(body.get("output_config"))
    return {
        "tool_choice": _tool_choice(body),
        "thinking": _thinking(body, model),
        "effort": config.get("effort") or model.effort,
        "format": config.get("format") or body.get("output_format"),
        "task_budget": config.get("task_budget"),
    }


_SETTINGS: Final[dict[Section, Callable[[Fingerprint], JsonObject]]] = {
    "tools": _of_tools,
    "system": _of_system,
    "messages": _of_messages,
}
"""Section, in prefix order -> what else is part of the prompt where it begins."""

_NEXT: Final[dict[Section | None, Section]] = {None: "tools", "tools": "system", "system": "messages"}
"""Section -> the one that follows it."""


def _map(value: Any) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _tool_choice(body: JsonObject) -> JsonObject | None:
    choice = _map(body.get("tool_choice"))
    given = {key: value for key, value in choice.items() if value not in (None, False)}
    return None if given in ({}, {"type": "auto"}) else given


def _thinking(body: JsonObject, model: Model) -> JsonObject:
    given = _map(body.get("thinking"))
    kind = given.get("type") or ("adaptive" if model.thinks_by_default else "disabled")
    return {"type": kind, "budget_tokens": given.get("budget_tokens")}


def _cites(block: JsonObject) -> bool:
    return noted(block, _cites, lambda: is_cited(block) or any(map(is_cited, _inner(block))))


def _has_image(block: JsonObject) -> bool:
    return noted(block, _has_image, lambda: any(b.get("type") == "image" for b in (block, *_inner(block))))


def _inner(block: JsonObject) -> list[JsonObject]:
    """Return the blocks inside a tool_result."""
    return blocks_of(block.get("content")) if block.get("type") == "tool_result" else []
