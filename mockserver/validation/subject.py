"""A request body as the rules see it: its shape is known to be right, and each part is found once. Not here: the rules.

Positions are the client's own, except where a merged turn says otherwise: consecutive messages of one role are one turn
to the rules about tools (measured).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any, Final, Literal, NamedTuple

from mockserver.validation.scope import Scope
from mockserver.wire.encoding import JsonObject
from mockserver.wire.registry import STANDARD, Registry
from mockserver.wire.traits import Model

Endpoint = Literal["messages", "count_tokens", "batches"]
"""What a body is for; `batches`: a row of a batch."""

UNSET: Final = -1
"""A `top_k` that counts as none (measured)."""

_NO_BLOCKS: Final[list[JsonObject]] = []


class Place(NamedTuple):
    """A block and where it stands: `messages.{message}.content.{position}`."""

    message: int
    position: int
    role: str
    block: JsonObject

    @property
    def path(self) -> str:
        """The path as the later checks write it: without tags."""
        return f"messages.{self.message}.content.{self.position}"


_NO_PLACES: Final[list[Place]] = []


@dataclass(frozen=True, slots=True)
class Turn:
    """Consecutive messages of one role as one: blocks at their merged positions, and the same by type."""

    index: int
    role: str
    places: list[Place] = field(default_factory=list)
    by_type: dict[str, list[Place]] = field(default_factory=dict)

    def of(self, kind: str) -> list[Place]:
        """Return the blocks of one type."""
        return self.by_type.get(kind, _NO_PLACES)

    def add(self, places: list[Place]) -> None:
        """Put the blocks of one more message behind those that are there."""
        offset = len(self.places)
        for place in places:
            if offset or place.message != self.index:
                place = Place(self.index, offset + place.position, self.role, place.block)  # noqa: PLW2901
            self.places.append(place)
            self.by_type.setdefault(place.block["type"], []).append(place)


class Mark(NamedTuple):
    """A `cache_control` in prefix order, and its lifetime."""

    path: str
    ttl: str


class Medium(NamedTuple):
    """An image or document, and its path, which ends in its type."""

    path: str
    block: JsonObject

    @property
    def data(self) -> str | None:
        """Its base64 text, where it has one."""
        source = self.block["source"]
        return str(source["data"]) if source["type"] == "base64" else None


@dataclass(eq=False)
class Subject:
    """A request body with what else decides about it.

    `estimate` counts its input tokens; `exists` says whether the server knows an object (kind, id), and is None where
    every well-formed id is taken; `file_type` is that of a file that it knows, expired or not; `resumed`: the
    conversation of its thread is there. `places` is every block of every message that is written as blocks, `kinds` the
    types among them.
    """

    body: JsonObject
    scope: Scope
    endpoint: Endpoint = "messages"
    today: date = date.max
    rejects_retired: bool = False
    estimate: Callable[[JsonObject, Model], int] | None = None
    exists: Callable[[str, str], bool] | None = None
    file_type: Callable[[str], str | None] | None = None
    size: int = 0
    models: Registry = STANDARD
    resumed: bool = False

    def __post_init__(self) -> None:
        """Find what nearly every rule asks for; the rest is found where it is first asked for."""
        self.messages: list[JsonObject] = self.body["messages"]
        self.tools: list[JsonObject] = self.body.get("tools") or []
        self._by_message = [
            [Place(i, j, message["role"], block) for j, block in enumerate(_blocks(message))]
            for i, message in enumerate(self.messages)
        ]
        self.places = list(chain.from_iterable(self._by_message))
        self._by_type: dict[str, list[Place]] = {}
        for place in self.places:
            self._by_type.setdefault(place.block["type"], []).append(place)
        self.kinds = frozenset(self._by_type)

    @property
    def model(self) -> Model:
        """The model; one without limits of its own where the registry has none of that name."""
        return self.scope.model or Model(str(self.body["model"]))

    def of(self, *kinds: str) -> list[Place]:
        """Return the blocks of these types, in order."""
        found = [self._by_type[kind] for kind in kinds if kind in self._by_type]
        if len(found) > 1:
            return sorted(chain.from_iterable(found))
        return found[0] if found else _NO_PLACES

    @cached_property
    def turns(self) -> list[Turn]:
        """User and assistant messages, consecutive ones of one role merged; system messages are left out."""
        turns: list[Turn] = []
        for index, (message, places) in enumerate(zip(self.messages, self._by_message, strict=True)):
            role = message["role"]
            if role == "system":
                continue
            content = message["content"]
            if not turns or turns[-1].role != role:
                turns.append(Turn(len(turns), role))
            text = [Place(index, 0, role, {"type": "text", "text": content})] if isinstance(content, str) else None
            turns[-1].add(text or places)
        return turns

    def media(self, kind: str) -> list[Medium]:
        """Return the images, or the documents, wherever they stand."""
        return self._media.get(kind, [])

    @cached_property
    def _media(self) -> dict[str, list[Medium]]:
        found: dict[str, list[Medium]] = {}
        for place in self.of("image", "document", "tool_result"):
            _gather(place.path, place.block, found)
        return found

    @cached_property
    def latest_assistant(self) -> int:
        """The index of the last assistant message; -1 where there is none."""
        return max((i for i, m in enumerate(self.messages) if m["role"] == "assistant"), default=-1)

    @cached_property
    def tool_names(self) -> frozenset[str]:
        """The names of the tools that have one, also of those that system messages add."""
        added = [p.block["tool"]["definition"] for p in self.of("tool_addition") if "definition" in p.block["tool"]]
        return frozenset(tool["name"] for tool in (*self.tools, *added) if "name" in tool)

    @property
    def has_unlisted_tools(self) -> bool:
        """Whether there are tools whose names the request does not say: those of an MCP server."""
        return any(tool_kind(tool) == "mcp_toolset" for tool in self.tools) or bool(self.body.get("mcp_servers"))

    @cached_property
    def input_tokens(self) -> int:
        """The estimate of the body's tokens; 0 where nothing estimates."""
        return self.estimate(self.body, self.model) if self.estimate else 0

    @cached_property
    def marks(self) -> list[Mark]:
        """The explicit `cache_control` marks in prefix order: tools, system, messages."""
        return list(_marks(self))

    @property
    def thinking(self) -> str:
        """The type that `thinking` names; empty where it is absent."""
        return str(self.body.get("thinking", {}).get("type", ""))

    @property
    def forces_tool(self) -> bool:
        """Whether `tool_choice` forces a tool."""
        return self.body.get("tool_choice", {}).get("type") in ("any", "tool")

    @property
    def output_config(self) -> JsonObject:
        """`output_config`, empty where it is absent."""
        found: JsonObject = self.body.get("output_config") or {}
        return found

    @property
    def output_schema(self) -> tuple[str, Any] | None:
        """The path and value of structured output's schema, in either spelling."""
        if found := self.output_config.get("format"):
            return "output_config.format.schema", found["schema"]
        if found := self.body.get("output_format"):
            return "output_format.schema", found["schema"]
        return None

    @property
    def continues_thread(self) -> bool:
        """Whether the beginning of the conversation stands in a thread and not here."""
        return (self.body.get("thread") or {}).get("type") == "continue" and not self.resumed


def tool_kind(tool: JsonObject) -> str:
    """Return the type of a tool; one that names none is custom."""
    return str(tool.get("type") or "custom")


def _blocks(message: JsonObject) -> list[JsonObject]:
    content = message.get("content")
    return content if isinstance(content, list) else _NO_BLOCKS


def _gather(path: str, block: JsonObject, found: dict[str, list[Medium]]) -> None:
    kind = block["type"]
    if kind in ("image", "document"):
        found.setdefault(kind, []).append(Medium(f"{path}.{kind}", block))
    if kind == "tool_result":
        inner, where = block.get("content"), "tool_result.content"
    elif kind == "document":
        inner, where = block["source"].get("content"), "document.source.content.content"
    else:
        return
    for index, child in enumerate(inner if isinstance(inner, list) else _NO_BLOCKS):
        _gather(f"{path}.{where}.{index}", child, found)


def _marks(subject: Subject) -> Iterator[Mark]:
    for i, tool in enumerate(subject.tools):
        yield from _mark(tool, f"tools.{i}")
    system = subject.body.get("system")
    for i, block in enumerate(system if isinstance(system, list) else _NO_BLOCKS):
        yield from _mark(block, f"system.{i}")
    for place in subject.places:
        if place.block.get("cache_control"):
            yield from _mark(place.block, place.path)
        elif place.block["type"] == "tool_result" and (inner := inner_marks(place.block)):
            yield Mark(place.path, inner[0])


def _mark(block: JsonObject, path: str) -> Iterator[Mark]:
    if control := block.get("cache_control"):
        yield Mark(path, control.get("ttl", "5m"))


def inner_marks(result: JsonObject) -> list[str]:
    """Return the lifetimes of the marks inside a tool_result's content; one of them counts as its own (probed)."""
    content = result.get("content")
    blocks = content if isinstance(content, list) else _NO_BLOCKS
    return [b["cache_control"].get("ttl", "5m") for b in blocks if b.get("cache_control")]
