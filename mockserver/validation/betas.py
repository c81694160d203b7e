"""The values of `anthropic-beta` that the API knows. Not here: which fields they open (`grammar`).

Sources: the `anthropic` package's list of betas, the documentation's beta page, and values that recordings show
accepted. An unknown value is a 400, so a new one has to be added here.
"""

from collections.abc import Iterable
from typing import Final

from mockserver.wire.errors import ApiError

COMPACTION_2026_01: Final = "compact-2026-01-12"
COMPACTION_2026_09: Final = "compact-2026-09-04"
COMPACTION: Final = (COMPACTION_2026_01, COMPACTION_2026_09)
CONTEXT_MANAGEMENT: Final = ("context-management-2025-06-27", COMPACTION_2026_01)
MCP: Final = ("mcp-client-2025-04-04", "mcp-client-2025-11-20", "mcp-client-2026-09-15")
FALLBACKS: Final = ("server-side-fallback-2026-06-01", "server-side-fallback-2026-07-01")
FALLBACK_CREDIT: Final = ("fallback-credit-2026-06-01", "fallback-credit-2026-07-01")
TASK_BUDGET: Final = ("task-budgets-2026-03-13",)
OUTPUT_FORMAT: Final = ("structured-outputs-2025-11-13",)
ADVISOR: Final = ("advisor-tool-2026-03-01",)
COMPUTER_2024: Final = ("computer-use-2024-10-22",)
COMPUTER_2025_01: Final = ("computer-use-2025-01-24",)
COMPUTER_2025_11: Final = ("computer-use-2025-11-24",)
SYSTEM_OUTPUT_CONFIG: Final = ("mid-conversation-output-config-2026-07-01", "per-turn-control-2026-07-01")
SYSTEM_CLEAR_AT: Final = ("mid-conversation-system-clear-at-2026-08-21",)
DISPLAY_UPDATES: Final = ("thinking-display-updates-2026-08-18",)
BLOCK_BINDING: Final = ("thinking-binding-controls-2026-08-01",)
THREADS: Final = ("message-threads-2026-08-12",)
BILLING: Final = ("user-profiles-billing-2026-10-01",)
CACHE_SCOPE: Final = ("prompt-caching-scope-2026-01-05",)
INTERLEAVED: Final = "interleaved-thinking-2025-05-14"
LONG_OUTPUT: Final = "output-300k-2026-03-24"
"""Betas that change what a request may hold."""

KNOWN: Final = frozenset(
    [
        *(COMPACTION + CONTEXT_MANAGEMENT + MCP + FALLBACKS + FALLBACK_CREDIT + TASK_BUDGET + OUTPUT_FORMAT + ADVISOR),
        *(COMPUTER_2024 + COMPUTER_2025_01 + COMPUTER_2025_11 + SYSTEM_OUTPUT_CONFIG + SYSTEM_CLEAR_AT),
        *(DISPLAY_UPDATES + BLOCK_BINDING + THREADS + BILLING + CACHE_SCOPE),
        INTERLEAVED,
        LONG_OUTPUT,
        "admin-user-sign-out-2026-10-08",
        "advanced-tool-use-2025-11-20",
        "agent-memory-2026-07-22",
        "analytics-usage-cost-2026-08-24",
        "cache-diagnosis-2026-04-07",
        "ce-claude-code-managed-settings-2026-10-06",
        "ce-plugins-2026-09-01",
        "ce-user-management-2026-07-13",
        "claude-code-20250219",
        "code-execution-2025-05-22",
        "code-execution-2025-08-25",
        "context-1m-2025-08-07",
        "dev-full-thinking-2025-05-14",
        "dreaming-2026-04-21",
        "effort-2025-11-24",
        "efs-2026-10-01",
        "experimental-claude-tag-2026-10-21",
        "extended-cache-ttl-2025-04-11",
        "fast-mode-2026-02-01",
        "files-api-2025-04-14",
        "fine-grained-tool-streaming-2025-05-14",
        "google-managed-data-controls-2026-09-01",
        "inline-tools-2026-09-15",
        "managed-agents-2026-04-01",
        "max-tokens-3-5-sonnet-2024-07-15",
        "mcp-tunnels-2026-06-22",
        "message-batches-2024-09-24",
        "mid-conversation-system-2026-04-07",
        "mid-conversation-tool-changes-2026-07-01",
        "model-context-window-exceeded-2025-08-26",
        "oauth-2025-04-20",
        "output-128k-2025-02-19",
        "pdfs-2024-09-25",
        "prompt-caching-2024-07-31",
        "redact-thinking-2026-02-12",
        "skills-2025-10-02",
        "spend-limit-reads-2026-09-26",
        "telemetry-destinations-2026-08-11",
        "thinking-token-count-2026-05-13",
        "token-counting-2024-11-01",
        "token-efficient-tools-2025-02-19",
        "tool-examples-2025-10-29",
        "tool-search-tool-2025-10-19",
        "tool-search-tool-regex-20251119",
        "tools-2024-04-04",
        "tools-2024-05-16",
        "user-profiles-2026-03-24",
        "user-profiles-2026-08-18",
        "user-profiles-2026-09-04",
        "web-fetch-2025-09-10",
        "web-search-2025-03-05",
        "webhooks-2026-10-07",
    ]
)
"""Every value that is accepted."""


def check_betas(betas: Iterable[str]) -> None:
    """Refuse the values that the API does not know, all of them in one sentence."""
    unknown = [beta for beta in betas if beta not in KNOWN]
    if unknown:
        values = ", ".join(f"`{beta}`" for beta in unknown)
        raise ApiError(
            "invalid_request_error",
            f"Unexpected value(s) {values} for the `anthropic-beta` header. Please consult our documentation at "
            "platform.claude.com/docs or try again without the header.",
        )
