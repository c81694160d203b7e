"""The token estimate beside the usage of recorded exchanges: its error, and the table of pieces fitted again.

Takes the folder with the recordings (`data/exchanges.jsonl.gz`) as an argument or from MESSAGES_CONFORMANCE; says so
where there are none. `--fit` prints a table to paste into `reply/tokens/figures.py`, by coordinate descent from the
present one, and the error of fits that did not see the conversations they are measured on.
"""

import gzip
import json
import os
import statistics
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockserver.reply.tokens import count_input, count_output
from mockserver.reply.tokens.figures import PIECES
from mockserver.reply.tokens.texts import kind_of, pieces
from mockserver.wire.registry import STANDARD
from mockserver.wire.traits import Model

NOT_COUNTED = ("MASSIVE_TEXT", '"file_id"', '"type": "url"', '"mcp_servers"', '"compact', '"type": "web_', '"advisor',
               '"type": "code_execution', '"type": "mcp')  # fmt: skip
"""Marks of requests that do not hold what was counted: remote content, passes of the API's own tools."""
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Case:
    """A recorded count, and ours of the same; `kinds` are the pieces of a plain text."""

    side: str
    model: Model
    conversation: str
    real: int
    got: int
    kinds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Errors:
    """Relative errors: the median, the 90th percentile, and the share within 10 % or 2 tokens."""

    cases: int
    median: float
    tenth: float
    share: float


def folder() -> Path | None:
    """Return the folder with the recordings, if one is given."""
    given = [arg for arg in sys.argv[1:] if not arg.startswith("-")]
    name = os.environ.get("MESSAGES_CONFORMANCE") or (given[0] if given else None)
    return Path(name) if name else None


def read_cases(where: Path | None) -> list[Case]:
    """Return what can be compared of the recordings."""
    if where is None:
        return []
    with gzip.open(where / "data" / "exchanges.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [case for line in lines for case in _cases(json.loads(line))]


def _cases(exchange: dict[str, Any]) -> Iterator[Case]:
    request, answer = exchange.get("request"), _answer(exchange)
    known = exchange["url_path"] == "/v1/messages" and exchange["status"] == 200  # noqa: PLR2004
    if not known or not isinstance(request, dict) or not answer or exchange.get("synthetic") or exchange.get("altered"):
        return
    text = json.dumps(request)
    if any(mark in text for mark in NOT_COUNTED) or "server_tool_use" in json.dumps(answer.get("content")):
        return
    model, usage = STANDARD.find(request.get("model")), answer.get("usage") or {}
    conversation = exchange["id"].rsplit("#", 1)[0]
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    if real := sum(usage.get(name) or 0 for name in names):
        yield Case("input", model, conversation, real, count_input(request, model))
    content = answer.get("content") or []
    if answer.get("stop_reason") in ("end_turn", "tool_use") and _is_plain(content) and usage.get("output_tokens"):
        choice = (request.get("tool_choice") or {}).get("type", "")
        got = count_output(content, model, choice)
        yield Case("output", model, conversation, usage["output_tokens"], got, _kinds(content))


def _is_plain(content: list[dict[str, Any]]) -> bool:
    return bool(content) and all(block["type"] in ("text", "tool_use") for block in content)


def _kinds(content: list[dict[str, Any]]) -> dict[str, float]:
    """Count the kinds of pieces of a plain text; nothing for an answer that is more."""
    found: Counter[str] = Counter()
    if all(block["type"] == "text" for block in content):
        for block in content:
            for kind, times in map(kind_of, pieces(block["text"])):
                found[kind] += times  # type: ignore[assignment]
    return dict(found)


def _answer(exchange: dict[str, Any]) -> dict[str, Any]:
    """Return the message that was answered, streams put together; empty where it is none, or not whole."""
    if isinstance(exchange.get("response"), dict):
        return exchange["response"]
    lines = (exchange.get("sse") or "").splitlines()
    message: dict[str, Any] = {}
    try:
        for event in exchange.get("events") or [json.loads(line[5:]) for line in lines if line.startswith("data:")]:
            message = _folded(message, event)
        for block in message.get("content") or []:
            if partial := block.pop("partial", ""):
                block["input"] = json.loads(partial)
    except (ValueError, LookupError):
        return {}
    return message


def _folded(message: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    delta = event.get("delta") or {}
    if event["type"] == "message_start":
        return event["message"]
    if event["type"] == "content_block_start":
        message["content"].append(event["content_block"])
    elif event["type"] == "content_block_delta":
        block = message["content"][event["index"]]
        for key, into in (("text", "text"), ("thinking", "thinking"), ("partial_json", "partial")):
            if key in delta:
                block[into] = block.get(into, "") + delta[key]
    elif event["type"] == "message_delta":
        message = message | delta | {"usage": (message.get("usage") or {}) | (event.get("usage") or {})}
    return message


def errors_of(cases: Iterable[Case]) -> Errors:
    """Return the errors of cases."""
    return _errors([(case.got, case.real) for case in cases])


def _errors(pairs: list[tuple[float, int]]) -> Errors:
    found = sorted(abs(got - real) / real for got, real in pairs)
    near = sum(abs(got - real) <= max(2, 0.1 * real) for got, real in pairs)
    return Errors(len(pairs), statistics.median(found), found[int(0.9 * (len(found) - 1))], near / len(pairs))


def fit(cases: list[Case], start: dict[str, float], rounds: int = 30) -> dict[str, float]:
    """Return the table that fits plain texts best: ridge regression towards `start`, one figure after the other."""
    table = dict(start)
    using: dict[str, list[int]] = defaultdict(list)
    for index, case in enumerate(cases):
        for kind in case.kinds:
            using[kind].append(index)
    left = [case.real - 3 - sum(table[k] * n for k, n in case.kinds.items()) for case in cases]
    weights = [1 / max(case.real, 30) ** 2 for case in cases]
    for _ in range(rounds):
        for kind, where in using.items():
            times = [cases[i].kinds[kind] for i in where]
            slope = sum(weights[i] * n * left[i] for i, n in zip(where, times, strict=True))
            pull = PULL / start[kind] ** 2
            curve = sum(weights[i] * n * n for i, n in zip(where, times, strict=True))
            step = (slope + pull * (start[kind] - table[kind])) / (curve + pull)
            table[kind] += step
            for i, n in zip(where, times, strict=True):
                left[i] -= step * n
    return table


PULL = 0.05
"""How strongly a figure is held at where it was: rare kinds stay, usual ones follow the recordings."""


def refit(cases: list[Case]) -> None:
    """Print the table that fits the plain answers, and the error on folds that the fit did not see."""
    for tokenizer, start in PIECES.items():
        plain = [case for case in cases if case.kinds and case.model.tokenizer == tokenizer]
        pairs: list[tuple[float, int]] = []
        for fold in range(FOLDS):
            seen = [case for case in plain if zlib.crc32(case.conversation.encode()) % FOLDS != fold]
            table = fit(seen, start)
            unseen = [case for case in plain if zlib.crc32(case.conversation.encode()) % FOLDS == fold]
            pairs += [(3 + sum(table[k] * n for k, n in case.kinds.items()), case.real) for case in unseen]
        say(f"{tokenizer}: plain answers, fitted on other conversations", _errors(pairs))
        print({kind: round(tokens, 2) for kind, tokens in fit(plain, start).items()})


def say(name: str, found: Errors) -> None:
    """Print a line of errors."""
    told = (
        f"median {100 * found.median:.2f} %, 90th percentile {100 * found.tenth:.1f} %, near {100 * found.share:.1f} %"
    )
    print(f"{name:55} {found.cases:5}   {told}")


def main() -> int:
    """Print the errors by tokenizer and by model."""
    cases = read_cases(folder())
    if not cases:
        print("tokens: no recordings; name their folder, or set MESSAGES_CONFORMANCE")
        return 0
    for side in ("input", "output"):
        groups: dict[str, list[Case]] = defaultdict(list)
        for case in (case for case in cases if case.side == side):
            for name in ("all", f"{case.model.tokenizer} tokenizer", case.model.id):
                groups[name].append(case)
        for name, group in groups.items():
            say(f"{side}: {name}", errors_of(group))
    if "--fit" in sys.argv:
        refit(cases)
    return 0


if __name__ == "__main__":
    sys.exit(main())
