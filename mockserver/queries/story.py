"""What a server saw, told to whoever reads a failed test. Not here: what is wrong about it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from mockserver.state.journal import Exchange
from mockserver.wire.telling import printable, redact

_MOST = 300


def story(exchanges: Iterable[Exchange]) -> str:
    """Return a few words for each exchange: what was asked and what became of it; equal ones are told once."""
    told = Counter("\n".join(_lines(exchange)) for exchange in exchanges)
    return "\n".join(_counted(words, times) for words, times in told.items()) or "no request came"


def _counted(words: str, times: int) -> str:
    first, newline, rest = words.partition("\n")
    return f"{first}{f' ({times} times)' if times > 1 else ''}{newline}{rest}"


def _lines(exchange: Exchange) -> Iterator[str]:
    parts = (
        "" if exchange.session == "default" else f"[{exchange.session}]",
        f"{exchange.method} {exchange.path} {exchange.status or 'no status'} {exchange.verdict}",
        f"(row {exchange.custom_id!r} of {exchange.batch}: {exchange.outcome})" if exchange.batch else "",
        f"by scenario {exchange.scenario!r} turn {exchange.turn}" if exchange.verdict == "answered" else "",
        f"!! {', '.join(exchange.faults)}" if exchange.faults else "",
        exchange.reason,
        exchange.note,
        f"[{exchange.warning}]" if exchange.warning else "",
    )
    yield printable(redact(" ".join(part for part in parts if part)))
    if exchange.body is not None:
        results = "".join(f" [{result.tool} said {_short(result.text)}]" for result in exchange.tool_results)
        yield f"    asked: {_short(exchange.prompt)}{results}"
    if exchange.text or exchange.tool_calls:
        calls = "".join(f" [{call.get('name')} {call.get('input')}]" for call in exchange.tool_calls)
        yield f"    answered: {_short(exchange.text)}{printable(redact(calls))[:_MOST]}"
    yield from (f"    near: {printable(redact(near))}" for near in exchange.nearest[1:])


def _short(text: str) -> str:
    return repr(redact(text if len(text) <= _MOST else text[:_MOST] + "…"))
