"""Errors of the API: one exception and one table. Not here: who raises which (that is `validation`).

Source of statuses and names: the API's error page and the `anthropic` package; of the words: recordings.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mockserver.wire.encoding import JsonObject


class ErrorClass(NamedTuple):
    """What is fixed for one error type."""

    status: int
    message: str
    should_retry: bool | None


ERRORS: dict[str, ErrorClass] = {
    "invalid_request_error": ErrorClass(400, "Invalid request", False),
    "authentication_error": ErrorClass(401, "invalid x-api-key", False),
    "billing_error": ErrorClass(
        402, "There is an issue with your organization's billing. Please check your billing settings.", False
    ),
    "permission_error": ErrorClass(403, "Your API key does not have permission to use the specified resource", False),
    "not_found_error": ErrorClass(404, "Not Found", False),
    "conflict_error": ErrorClass(409, "The request conflicts with the current state of the resource.", False),
    "request_too_large": ErrorClass(413, "Request exceeds the maximum size", False),
    "rate_limit_error": ErrorClass(
        429,
        "This request would exceed your organization's rate limit. For details, refer to: "
        "https://docs.claude.com/en/api/rate-limits.",
        True,
    ),
    "api_error": ErrorClass(500, "Internal server error", None),
    "timeout_error": ErrorClass(504, "Request timed out", None),
    "overloaded_error": ErrorClass(529, "Overloaded", True),
}
"""Error type -> HTTP status, the usual words, and the value of `x-should-retry` (None: not sent)."""


_SHOULD_RETRY: dict[int, bool] = {4: False}
"""The same by class of status, for an error whose status an author changed: every 4xx says false (recorded)."""


def full_name(name: str) -> str | None:
    """Return the error type that `name` means, with or without `_error`; None where there is none."""
    return next((n for n in (name, f"{name}_error") if n in ERRORS), None)


class ApiError(Exception):
    """A refusal in the API's own form. `headers` are added to the response's; `bare`: the edge refuses, not the API.

    `rule` names the rule that refused, for journal and log.
    """

    rule = ""

    def __init__(
        self,
        kind: str,
        message: str | None = None,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        details: Any = None,
        bare: bool = False,
    ) -> None:
        usual = ERRORS.get(kind, ErrorClass(status or 500, kind, None))
        self.kind = kind
        self.message = usual.message if message is None else message
        self.status = usual.status if status is None else status
        should_retry = usual.should_retry if self.status == usual.status else _SHOULD_RETRY.get(self.status // 100)
        retry = {} if should_retry is None else {"x-should-retry": str(should_retry).lower()}
        self.headers = retry | dict(headers or {})
        self.details = details
        self.bare = bare
        super().__init__(f"{self.status} {kind}: {self.message}")

    def body(self, request_id: str) -> JsonObject:
        """Return the response body: `{"type":"error","error":{type,message[,details]},"request_id":…}`.

        A bare one, which the edge sends before the API is reached, has `error` alone.
        """
        error: JsonObject = {"type": self.kind, "message": self.message}
        if self.details is not None:
            error["details"] = self.details
        return {"error": error} if self.bare else {"type": "error", "error": error, "request_id": request_id}

    def event(self, request_id: str) -> JsonObject:
        """Return the `error` event of a stream: its details come first (recorded)."""
        error = {"details": self.details, "type": self.kind, "message": self.message}
        return {"type": "error", "error": error, "request_id": request_id}


def own_refusal(kind: str, message: str) -> ApiError:
    """Return an error that the real API does not know: its words begin `mockserver:`, and no SDK retries it."""
    return ApiError(kind, f"mockserver: {message}", headers={"x-should-retry": "false"})
