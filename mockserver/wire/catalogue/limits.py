"""Errors of rates and of the server itself."""

from typing import Final

from mockserver.wire.catalogue.named import NamedError, coded
from mockserver.wire.rates import Limit

_LIMITS_GUIDE: Final = "For details, refer to: https://docs.claude.com/en/api/rate-limits."
_SALES: Final = (
    "contact sales at https://www.anthropic.com/contact-sales to discuss your options for a rate limit increase."
)


def exceeded(limit: Limit, amount: str) -> NamedError:
    """Return the 429 of a limit of so many per minute."""
    message = (
        f"This request would exceed your organization's rate limit of {amount} {limit.replace('-', ' ')} per minute "
        f"(org: {{org}}, model: {{model}}). {_LIMITS_GUIDE} You can see the response headers for current usage. Please "
        f"reduce the prompt length or the maximum tokens requested, or try again later. You may also {_SALES}"
    )
    return NamedError("rate_limit_error", message, retry_after=30, exhausted=limit)


RATES: Final = {
    "rate_limit_requests": exceeded("requests", "1,000"),
    "rate_limit_input_tokens": exceeded("input-tokens", "2,000,000"),
    "rate_limit_output_tokens": exceeded("output-tokens", "400,000"),
    "rate_limit_acceleration": NamedError(
        "rate_limit_error",
        "This request would exceed your organization's maximum usage increase rate for input tokens per minute (org: "
        "{org}, model: {model}). Please scale up your input tokens usage more gradually to stay within the "
        f"acceleration limit. {_LIMITS_GUIDE}",
        retry_after=30,
    ),
    "rate_limit_account": NamedError(
        "rate_limit_error",
        "This request would exceed your account's rate limit. Please try again later.",
        retry_after=30,
    ),
    "rate_limit_connections": NamedError(
        "rate_limit_error",
        f"Number of concurrent connections has exceeded your rate limit. Please try again later or {_SALES}",
    ),
    "rate_limit_bare": NamedError("rate_limit_error", "Error", evidence="documented"),
    "ramp_limit_exceeded": NamedError(
        "rate_limit_error",
        "The request would exceed a ramp limit, which caps how fast usage can grow.",
        code="ramp_limit_exceeded",
        retry_after=30,
        evidence="documented",
    ),
    "long_context_credits_required": NamedError(
        "rate_limit_error", "Extra usage is required for long context requests."
    ),
    "fast_mode_credits_required": NamedError("rate_limit_error", "Usage credits are required for fast mode."),
}

SERVER: Final = {
    "internal_server_error": NamedError("api_error", "Internal server error"),
    "compaction_unavailable": coded(
        "compaction_unavailable",
        "The compaction could not be completed for a transient server reason. Retry the request.",
        "overloaded_error",
    ),
    "cmek_key_unreachable": coded(
        "cmek_key_unreachable",
        "The workspace's customer-managed encryption key could not be reached.",
        "api_error",
        503,
    ),
    "cmek_context_unavailable": coded(
        "cmek_context_unavailable",
        "The workspace's encryption settings could not be read, so the request was refused. Retry in a few minutes.",
        "api_error",
        503,
    ),
    "cmek_key_disabled": coded(
        "cmek_key_disabled", "The workspace's customer-managed encryption key is disabled or revoked."
    ),
    "cmek_key_network_blocked": coded(
        "cmek_key_network_blocked",
        "The key management service's network access controls blocked the request to the workspace's customer-managed "
        "encryption key.",
    ),
}
