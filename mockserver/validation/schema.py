"""The body's shape, reported as the API reports it: first failure only, `path: sentence`. Not here: semantics.

Sources: `messages: Field required`, `max_tokens: must be greater than or equal to 0` and the others are measured
sentences of the live API (2026-08 to 2026-10); they are mostly but not always pydantic's.
"""

from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mockserver.wire.encoding import JsonObject, decode
from mockserver.wire.errors import ApiError
from mockserver.wire.requests import AS_LIST, AS_TEXT, MessagesRequest

_SENTENCES: Final = {
    "model_type": "Input should be an object",
    "list_type": "Input should be a valid array",
    "greater_than_equal": "must be greater than or equal to {ge}",
}
"""pydantic's error type -> the API's sentence where it is another one."""

_OWN_SHAPE: Final = "Input does not match the expected shape."


def parse(body: bytes) -> Any:
    """Return the body's JSON value, or refuse it in the parser's words."""
    try:
        return decode(body)
    except ValueError as error:
        raise ApiError("invalid_request_error", f"The request body is not valid JSON: {error}") from error


def check_object(value: Any) -> JsonObject:
    """Refuse a body that is no object."""
    if not isinstance(value, dict):
        raise ApiError("invalid_request_error", "Input should be an object")
    return value


def check_shape(body: JsonObject) -> None:
    """Refuse a body whose fields are not of the kinds that the API takes."""
    try:
        MessagesRequest.model_validate(body)
    except ValidationError as error:
        raise ApiError("invalid_request_error", sentence(error.errors()[0])) from error
    if not body["messages"]:
        raise ApiError("invalid_request_error", "messages: at least one message is required")


def sentence(error: ErrorDetails) -> str:
    """Return `path: sentence` of one pydantic error."""
    path = ".".join(str(part) for part in error["loc"] if part not in (AS_LIST, AS_TEXT))
    words = _SENTENCES.get(error["type"], error["msg"]).format(**error.get("ctx", {}))
    if error["type"] == "model_type" and error["loc"][0] == "system":
        words = _OWN_SHAPE
    return f"{path}: {words}"
