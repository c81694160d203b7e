"""The body as JSON, and by the tables of the grammar. Not here: the tables; what the parts mean together."""

import contextlib
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from mockserver.validation.fault import EXTRA, NOT_OBJECT, Fault
from mockserver.validation.grammar.containers import Record
from mockserver.validation.grammar.requests import BATCH, COUNT_TOKENS, MESSAGES, ROW
from mockserver.validation.scope import Scope
from mockserver.wire.encoding import MOST_DEPTH, JsonObject, decode, is_too_deep
from mockserver.wire.errors import ApiError, own_refusal
from mockserver.wire.parts import noted, split

BODIES: Final[dict[str, Record]] = {
    "messages": MESSAGES,
    "count_tokens": COUNT_TOKENS,
    "batches.create": BATCH,
    "batches": ROW,
}
"""Operation -> its body; `batches`: a row of one."""

_DEPRECATED: Final = "This field is deprecated. Use 'output_config.format' instead."


def parse(body: bytes) -> Any:
    """Return the body's JSON value, or refuse it in the parser's words."""
    try:
        return decode(body)
    except ValueError as error:
        raise ApiError("invalid_request_error", f"The request body is not valid JSON: {error}") from error


def check_depth(value: Any) -> None:
    """Refuse in our own words what is too deep to be kept; a part that is known by now is asked once."""
    parts, rest = split(value) if isinstance(value, dict) else ([], value)
    if is_too_deep(rest) or any(noted(part, _nests_too_deep, partial(_nests_too_deep, part)) for part in parts):
        raise too_deep()


def _nests_too_deep(part: JsonObject) -> bool:
    return is_too_deep([[part]])  # it stands in a list in the body


def too_deep() -> ApiError:
    """Return the refusal of a body in which too much stands in each other."""
    words = f"the request body is nested too deeply: {MOST_DEPTH} arrays and objects may stand in each other"
    return own_refusal("invalid_request_error", words)


def readable(body: bytes) -> JsonObject | None:
    """Return the body where it is a JSON object that can be written again; for the journal of what was refused."""
    with contextlib.suppress(ValueError):
        value = decode(body)
        return value if isinstance(value, dict) and not is_too_deep(value) else None
    return None


def check_object(value: Any) -> JsonObject:
    """Refuse a body that is no object."""
    if not isinstance(value, dict):
        raise ApiError("invalid_request_error", NOT_OBJECT)
    return value


def check_shape(body: JsonObject, operation: str, scope: Scope, bodies: Mapping[str, Record] = BODIES) -> None:
    """Refuse a body that is not what the operation takes; only the first fault is reported."""
    fault = bodies[operation].check(body, scope)
    if fault is not None:
        raise ApiError("invalid_request_error", str(_renamed(fault)))


def _renamed(fault: Fault) -> Fault:
    """Say of the old spelling of structured output, where no beta opens it, where it went."""
    if fault.sentence == EXTRA and fault.path == ["output_format"]:
        return Fault(_DEPRECATED, fault.path)
    return fault


def opening_betas(field: str) -> list[str]:
    """Return the values of `anthropic-beta` any of which opens a field of a request; none where it needs none."""
    known = BODIES["messages"].fields.get(field)
    return sorted(known.betas) if known else []
