"""The requests of a session, to be asked about. Not here: what is asserted of them (`asserting`)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, overload

from pydantic import ValidationError

from mockserver.queries.story import story
from mockserver.scenario.match import Match
from mockserver.scenario.matching import Matcher, Subject, compile_match
from mockserver.scenario.parts import nearest
from mockserver.state.journal import Exchange
from mockserver.wire.conversation import ToolResult
from mockserver.wire.encoding import JsonObject

MESSAGES: Final = "/v1/messages"

COUNTERS: Final = (
    "input_tokens",
    "output_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
)
"""What `usage` adds up."""

FIELDS: Final = (
    *("number", "session", "method", "path", "query", "prompt", "verdict", "scenario", "turn", "attempt", "status"),
    *("streamed", "reason", "note", "warning", "faults", "sent", "text", "batch", "custom_id", "outcome"),
)
"""What `where` compares as it is; its other names are keys of `match`."""


class QuestionError(TypeError):
    """A question about requests that makes no sense."""


class Requests(Sequence[Exchange]):
    """Exchanges, oldest first: a sequence, with questions.

    >>> mock_messages.requests.last.prompt
    >>> mock_messages.requests.where(model="claude-haiku*", verdict="answered").usage["output_tokens"]
    """

    def __init__(self, exchanges: Sequence[Exchange], forgotten: Mapping[str, int] = MappingProxyType({})) -> None:
        self._exchanges = tuple(exchanges)
        self.forgotten = dict(forgotten)
        """How many older ones the journal has forgotten, by verdict."""

    @classmethod
    def joined(cls, parts: Iterable["Requests"]) -> "Requests":
        """Return the requests of several sessions, one session after the other."""
        exchanges: list[Exchange] = []
        forgotten: Counter[str] = Counter()
        for part in parts:
            exchanges += part
            forgotten.update(part.forgotten)
        return cls(exchanges, forgotten)

    @overload
    def __getitem__(self, index: int) -> Exchange: ...
    @overload
    def __getitem__(self, index: slice) -> "Requests": ...
    def __getitem__(self, index: int | slice) -> "Exchange | Requests":
        if isinstance(index, slice):
            return Requests(self._exchanges[index], self.forgotten)
        return self._exchanges[index]

    def __len__(self) -> int:
        return len(self._exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._exchanges)

    def __repr__(self) -> str:
        return f"<{len(self)} request{'' if len(self) == 1 else 's'}:\n{self}>" if self._exchanges else "<0 requests>"

    def __str__(self) -> str:
        return story(self._exchanges)

    @property
    def last(self) -> Exchange:
        """The latest request. Raises `LookupError` where none came."""
        return self._one(-1)

    @property
    def first(self) -> Exchange:
        """The oldest request. Raises `LookupError` where none came."""
        return self._one(0)

    def _one(self, place: int) -> Exchange:
        if not self._exchanges:
            raise LookupError("mockserver: no such request came; does the program ask this server (its base URL)?")
        return self._exchanges[place]

    @property
    def messages(self) -> "Requests":
        """Those that asked for a message, also as a row of a batch: neither token counts nor anything else."""
        return self.where(lambda exchange: exchange.method == "POST" and exchange.path == MESSAGES)

    def where(self, predicate: Callable[[Exchange], bool] | None = None, /, **wanted: Any) -> "Requests":
        """Return the requests of which all of this holds: a function, fields of the exchange, keys of `match`.

        Fields (`status`, `verdict`, `scenario`, `prompt`, …) are compared as they are; keys of `match` (`user`,
        `model`, `tools`, `headers`, … and `not_` for `not`) as in a scenario. Raises `TypeError` for a name that is
        neither.
        """
        wanted = {"not" if name == "not_" else name: value for name, value in wanted.items()}
        fields = {name: value for name, value in wanted.items() if name in FIELDS}
        matcher = _matcher({name: value for name, value in wanted.items() if name not in FIELDS})
        found = (
            exchange
            for exchange in self._exchanges
            if (predicate is None or predicate(exchange))
            and all(getattr(exchange, name) == value for name, value in fields.items())
            and (matcher is None or matcher.holds(_subject(exchange)) is not None)
        )
        return Requests(tuple(found), self.forgotten)

    @property
    def prompts(self) -> list[str]:
        """The prompt of each."""
        return [exchange.prompt for exchange in self._exchanges]

    @property
    def tool_results(self) -> list[ToolResult]:
        """The tool results that they brought, in their order; one that is tried again brings them again."""
        return [result for exchange in self._exchanges for result in exchange.tool_results]

    @property
    def tool_calls(self) -> list[JsonObject]:
        """The `tool_use` blocks that were answered."""
        return [call for exchange in self._exchanges for call in exchange.tool_calls]

    @property
    def usage(self) -> dict[str, int]:
        """The tokens of all answers: `input_tokens`, `output_tokens`, and what the cache took and gave."""
        total: Counter[str] = Counter(dict.fromkeys(COUNTERS, 0))
        for exchange in self._exchanges:
            counted = exchange.usage or {}
            total.update({name: counted[name] for name in COUNTERS if isinstance(counted.get(name), int)})
        return dict(total)


def _matcher(wanted: dict[str, Any]) -> Matcher | None:
    if not wanted:
        return None
    known = {*Match.keys(), *FIELDS}
    for name in wanted:
        if name not in known:
            raise QuestionError(f"mockserver: requests have no {name!r}; {nearest(name, sorted(known))}")
    try:
        return compile_match(Match.model_validate(wanted))
    except ValidationError as error:
        told = error.errors()[0]
        raise QuestionError(f"mockserver: where({'.'.join(map(str, told['loc']))}): {told['msg']}") from None


def _subject(exchange: Exchange) -> Subject:
    return Subject(exchange.conversation, exchange.headers, _endpoint(exchange))


def _endpoint(exchange: Exchange) -> str:
    """Return what matchers know the request by; one that creates a batch is none of its rows."""
    if exchange.path == MESSAGES:
        return "batches" if exchange.custom_id else "messages"
    return exchange.path.removeprefix(f"{MESSAGES}/") if exchange.path == f"{MESSAGES}/count_tokens" else exchange.path
