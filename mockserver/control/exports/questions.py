"""What was asked: each distinct request with all exchanges that it met. Not here: what was answered (`outcomes`).

A request that continues a thread is read as the whole conversation, as matchers see it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

from mockserver.control.exports.seeing import seen_in
from mockserver.engine.asking import canonical
from mockserver.scenario.matching import Subject
from mockserver.state.journal import Exchange, Verdict
from mockserver.validation.transport import find_route
from mockserver.wire.conversation import Conversation
from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import ApiError

ANSWERED: Final[tuple[Verdict, ...]] = ("answered", "fallback", "limited", "chaos")
"""Verdicts of the exchanges that a scenario can repeat; the others the server decides by itself."""
_ENDPOINTS: Final = ("messages", "count_tokens", "batches")
_APART: Final = ("stream", "metadata", "thread")
"""Fields that do not make a request another one, when attempts are counted."""


@dataclass
class Question:
    """One request, and every exchange in which it was sent."""

    endpoint: str
    body: JsonObject
    headers: dict[str, str]
    exchanges: list[Exchange] = field(default_factory=list)

    @cached_property
    def subject(self) -> Subject:
        """The request as matchers see it."""
        return Subject(Conversation(self.body), self.headers, self.endpoint)

    @cached_property
    def place(self) -> tuple[str, str]:
        """Its endpoint and its prompt: what a scenario answers at least."""
        return self.endpoint, self._conversation.prompt

    @cached_property
    def turn(self) -> int:
        """The number of the turn that answers it."""
        return self._conversation.turn("prompt")

    @cached_property
    def system(self) -> str:
        """The text of its system prompt."""
        return self._conversation.system

    @cached_property
    def thinking(self) -> str:
        """The type of its `thinking`."""
        return self._conversation.thinking

    @cached_property
    def tools(self) -> list[str]:
        """The names of its tools."""
        return self._conversation.tool_names

    @cached_property
    def results(self) -> list[str]:
        """The texts of the tool results that it brings."""
        return [result.text for result in self._conversation.tool_results]

    @property
    def messages(self) -> list[Any]:
        """Its messages as they came."""
        return self.body.get("messages") or []

    def has_tools(self, names: list[str]) -> bool:
        """Whether it has all of these tools; without names, whether it has none."""
        return set(names) <= set(self.tools) if names else not self.tools

    @property
    def _conversation(self) -> Conversation:
        return self.subject.conversation

    @cached_property
    def said(self) -> list[tuple[str, list[JsonObject]]]:
        """Its messages, without the marks of the cache, which move when a conversation grows."""
        messages = self._conversation.messages
        return [(m.role, [{k: v for k, v in b.items() if k != "cache_control"} for b in m.blocks]) for m in messages]

    def follows(self, other: "Question") -> bool:
        """Whether it is the next request of the same conversation."""
        before = other.said
        return self.turn == other.turn + 1 and len(before) < len(self.said) and self.said[: len(before)] == before

    def differs(self, other: "Question") -> int:
        """Return in how many fields beside the messages it is another request."""
        keys = (self.body.keys() | other.body.keys()) - {"messages", *_APART}
        return sum(self.body.get(key) != other.body.get(key) for key in keys)


def questions(exchanges: Sequence[Exchange]) -> list[Question]:
    """Return the distinct requests that were answered, in the order in which they first came."""
    found: dict[tuple[str, bytes], Question] = {}
    for exchange, endpoint, body in _whole(exchanges):
        key = endpoint, canonical(body, without=_APART)
        question = found.setdefault(key, Question(endpoint, body, exchange.headers))
        question.exchanges.append(exchange)
    return list(found.values())


def named_answers(exchanges: Sequence[Exchange]) -> set[Any]:
    """Return the ids of the answers that later requests name, so that they must be the same again."""
    bodies = [exchange.body or {} for exchange in exchanges]
    parts = [body.get(key) for body in bodies for key in ("thread", "diagnostics")]
    return {part.get("previous_message_id") for part in parts if isinstance(part, dict)} - {None}


class _Thread(NamedTuple):
    """A conversation that the server holds: its fixed fields, and its messages with the answer."""

    fields: JsonObject
    messages: list[JsonObject]


def _whole(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, str, JsonObject]]:
    """Yield the answered exchanges with their endpoint and the whole conversation."""
    threads: dict[Any, _Thread] = {}
    for exchange in exchanges:
        endpoint = _endpoint(exchange)
        if exchange.body is None or exchange.verdict not in ANSWERED or endpoint not in _ENDPOINTS:
            continue
        body = exchange.body
        if isinstance(asked := body.get("thread"), dict):
            body = _resumed(body, threads.get(asked.get("previous_message_id")))
            _hold(threads, body, seen_in(exchange).message)
        yield exchange, endpoint, body


def _resumed(body: JsonObject, thread: _Thread | None) -> JsonObject:
    if thread is None:
        return body
    return {**thread.fields, **body, "messages": [*thread.messages, *body["messages"]]}


def _hold(threads: dict[Any, _Thread], body: JsonObject, answer: JsonObject | None) -> None:
    if answer is None:
        return
    said = [{"role": "assistant", "content": answer["content"]}] if answer.get("content") else []
    fields: JsonObject = {key: body[key] for key in ("system", "tools") if key in body}
    threads[answer.get("id")] = _Thread(fields, [*body["messages"], *said])


def _endpoint(exchange: Exchange) -> str:
    """Return what matchers know a request by."""
    if exchange.batch:
        return "batches"
    try:
        return find_route(exchange.method, exchange.path).operation
    except ApiError:
        return ""
