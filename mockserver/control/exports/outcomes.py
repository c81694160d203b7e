"""What was answered, as a turn of a scenario: the shortest one that says the same again. Not here: who asks.

Each way of writing is tried on the request itself, in an engine of its own, from the shortest to the most verbatim;
the last one is taken as it is.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from mockserver.control.exports.questions import Question
from mockserver.control.exports.seeing import INPUT, Seen, seen_in
from mockserver.control.exports.trying import Trial
from mockserver.control.exports.verbatim import as_stream, no_answer, page
from mockserver.scenario.answers import Usage
from mockserver.scenario.templates import is_template
from mockserver.state.journal import Exchange
from mockserver.wire.catalogue import CATALOGUE
from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import ERRORS
from mockserver.wire.signatures import sign

_DECIDING: Final = ("model", "stop_reason")
_DERIVED: Final = ("stop_sequence", "stop_details", "container")
"""Keys of a turn that win over what is derived, those first from which others follow; beside them `usage`."""
_OWN_HEADERS: Final = ("retry-after", "anthropic-ratelimit-", "x-mock-", "server-timing")
"""Beginnings of the headers that the server writes by itself where there is reason to."""


def turn_of(question: Question, named: set[Any]) -> JsonObject:
    """Return the turn that answers a request as it was; `named` are ids of answers that must be the same again."""
    outcomes = [_outcome(question, exchange, named) for exchange in question.exchanges]
    while len(outcomes) > 1 and outcomes[-1] == outcomes[-2]:
        outcomes.pop()
    return outcomes[0] if len(outcomes) == 1 else {"attempts": outcomes}


def _outcome(question: Question, exchange: Exchange, named: set[Any]) -> JsonObject:
    late: JsonObject = {"batch_delay": "24h"} if exchange.outcome == "expired" else {}
    return _answer(question, exchange, named) | late


def _answer(question: Question, exchange: Exchange, named: set[Any]) -> JsonObject:
    seen, trial = seen_in(exchange), Trial(question, exchange)
    best: JsonObject = {"reply": ""}
    for outcome in _candidates(question, exchange, trial, named):
        tried = trial.of(outcome)
        if tried is not None and tried.content == seen.content:
            return outcome | ({} if "fault" in outcome else _headers(seen, tried))
        if tried is not None:
            best = outcome
    return best


def _candidates(question: Question, exchange: Exchange, trial: Trial, named: set[Any]) -> Iterator[JsonObject]:
    """Yield ways to write an answer, the shortest first; each is tried before the next one is asked for."""
    seen = seen_in(exchange)
    if seen.message is not None:
        yield from _replies(seen, seen.message, trial, named)
        yield {"message": seen.message}
    elif seen.error is not None:
        yield from _errors(seen.error, seen)
    elif question.endpoint == "count_tokens" and isinstance(seen.json, dict):
        yield {"reply": "", "usage": {"input_tokens": seen.json.get("input_tokens")}}
    if not seen.status:
        yield no_answer(exchange)
    elif not seen.streamed or (stream := as_stream(exchange, seen.body)) is None:
        yield page(seen)
    else:
        yield stream


def _replies(seen: Seen, message: JsonObject, trial: Trial, named: set[Any]) -> Iterator[JsonObject]:
    """Yield the answer as blocks; where that is not enough, with what of it cannot be derived."""
    reply: JsonObject = {"reply": _blocks(message)}
    if message.get("id") in named:
        reply["id"] = message["id"]
    yield reply
    for keys in (_DECIDING, _DERIVED):
        tried = trial.last
        if tried is None or tried.message is None or tried.message.get("content") != message["content"]:
            return
        derived = tried.message
        reply = reply | {key: message[key] for key in keys if key in message and message[key] != derived.get(key)}
        if keys is _DERIVED and (usage := _usage(seen, tried)):
            reply = reply | {"usage": usage}
        yield reply


def _usage(seen: Seen, tried: Seen) -> JsonObject:
    """Return the counters that are not those that would be derived; of the input, where its sum is another."""
    own, derived = (((one.message or {}).get("usage") or {}) for one in (seen, tried))
    left_out, needed = (INPUT, ()) if seen.input_tokens == tried.input_tokens else ((), INPUT)
    if not any(derived.get(key) for key in ("cache_creation_input_tokens", "cache_read_input_tokens")):
        needed = ()  # nothing is cached, so that what differs is all there is
    keys = (key for key in Usage.model_fields if key in own and key not in left_out)
    return {key: own[key] for key in keys if own[key] != derived.get(key) or key in needed}


def _blocks(message: JsonObject) -> Any:
    entries = [_ENTRIES.get(block["type"], _whole)(block, message) for block in message["content"]]
    alone = len(entries) == 1 and isinstance(entries[0].get("text"), str)
    return _raw(entries[0]["text"] if alone else entries)


def _raw(value: Any) -> Any:
    """Return a value of a turn in which braces are no templates."""
    if isinstance(value, str):
        return f"{{% raw %}}{value}{{% endraw %}}" if is_template(value) else value
    if isinstance(value, dict):
        return {key: _raw(item) for key, item in value.items()}
    return [_raw(item) for item in value] if isinstance(value, list) else value


def _whole(block: JsonObject, _message: JsonObject) -> JsonObject:
    return {block["type"]: {key: value for key, value in block.items() if key != "type"}}


def _text(block: JsonObject, message: JsonObject) -> JsonObject:
    return {"text": block["text"]} if set(block) == {"type", "text"} else _whole(block, message)


def _thinking(block: JsonObject, message: JsonObject) -> JsonObject:
    derived = block["thinking"] and block.get("signature") == sign(block["thinking"], str(message.get("model")))
    return {"thinking": block["thinking"]} if derived else _whole(block, message)


def _tool_use(block: JsonObject, _message: JsonObject) -> JsonObject:
    first = {key: block[key] for key in ("name", "input", "id") if block.get(key)}
    usual = {"type": "tool_use", "caller": {"type": "direct"}}
    return {"tool_use": first | {k: v for k, v in block.items() if k not in first and v and v != usual.get(k)}}


_ENTRIES: Final[dict[str, Callable[[JsonObject, JsonObject], JsonObject]]] = {
    "text": _text,
    "thinking": _thinking,
    "tool_use": _tool_use,
}
"""Type of a block -> its entry in a reply; every other one has its fields as they are."""


def _errors(error: JsonObject, seen: Seen) -> Iterator[JsonObject]:
    """Yield the error by its name, by a name of the catalogue, and with all that it says."""
    kind, message = error["type"], error.get("message")
    usual = ERRORS.get(kind)
    given: JsonObject = {"type": kind.removesuffix("_error") if usual else kind, "message": message}
    given |= {"status": seen.status, "retry_after": _seconds(seen), "details": error.get("details")}
    if usual is not None:
        left_out = {"message": usual.message, "status": usual.status}
        given = {key: value for key, value in given.items() if key not in left_out or value != left_out[key]}
    given = {key: value for key, value in given.items() if value is not None}
    if len(given) == 1:
        yield {"error": given["type"]}
    yield from ({"error": name} for name, named in CATALOGUE.items() if (named.type, named.message) == (kind, message))
    yield {"error": _raw(given)}


def _seconds(seen: Seen) -> float | int | None:
    try:
        number = float(seen.headers["retry-after"])
    except (KeyError, ValueError):
        return None
    return int(number) if number.is_integer() else number


def _headers(seen: Seen, tried: Seen) -> JsonObject:
    """Return the headers that the answer had and that do not come by themselves."""
    more = {k: v for k, v in seen.headers.items() if k not in tried.headers and not k.startswith(_OWN_HEADERS)}
    return {"headers": more} if more else {}
