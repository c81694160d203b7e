"""One named error. Not here: which there are."""

from typing import Any, Literal, NamedTuple

from mockserver.wire.errors import ApiError
from mockserver.wire.rates import Limit


class NamedError(NamedTuple):
    """One error: its type and words; `status` where it is not the type's own.

    `code` is `error.details.error_code`; `details` more of `error.details`. `retry_after` is in seconds; `exhausted`
    names the rate limit of which nothing remains (its headers say so). `bare` is the edge's body: the error alone,
    without `type` and `request_id`.
    """

    type: str
    message: str
    status: int | None = None
    code: str = ""
    details: dict[str, Any] | None = None
    retry_after: int | None = None
    exhausted: Limit | Literal[""] = ""
    evidence: Literal["quoted", "documented"] = "quoted"
    bare: bool = False

    @property
    def all_details(self) -> dict[str, Any] | None:
        """`error.details`, or None where the body has none."""
        if self.code:
            return {"error_code": self.code, **(self.details or {})}
        return self.details

    def refusal(self, more: str = "", **details: Any) -> ApiError:
        """Return it as an exception, with `more` words behind its own and further details."""
        return ApiError(
            self.type, self.message + more, status=self.status, details={**(self.all_details or {}), **details} or None
        )


def invalid(message: str) -> NamedError:
    """Return an `invalid_request_error`."""
    return NamedError("invalid_request_error", message)


def coded(code: str, message: str, kind: str = "invalid_request_error", status: int | None = None) -> NamedError:
    """Return an error that the package names by a code; the words are those of its documentation."""
    return NamedError(kind, message, status, code, evidence="documented")
