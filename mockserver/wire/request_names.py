"""What a request may hold, by name, for whoever speaks of requests without judging them. Not here: judging.

The grammar (`validation`) says what each of them may be; tests compare it with these.
"""

from typing import Final

FIXED: Final = ("model", "messages", "max_tokens")
"""Parameters that every request has."""

FIELDS: Final = (
    *FIXED,
    *("tool_choice", "tools", "system", "thinking", "output_config", "cache_control", "metadata", "stop_sequences"),
    *("temperature", "service_tier", "top_k", "top_p", "stream", "container", "inference_geo", "diagnostics", "speed"),
    *("context_management", "compaction", "mcp_servers", "billing_policy", "output_format", "fallbacks"),
    *("fallback_credit_token", "thread"),
)
"""Every parameter of `POST /v1/messages`."""

NESTED: Final = (
    "cache_control.ttl",
    "cache_control.type",
    "container.id",
    "mcp_servers.name",
    "mcp_servers.type",
    "mcp_servers.url",
    "messages.content.cache_control.ttl",
    "messages.content.cache_control.type",
    "messages.content.source.media_type",
    "messages.content.source.type",
    "messages.content.type",
    "messages.role",
    "metadata.user_id",
    "output_config.effort",
    "output_config.format.type",
    "output_config.task_budget.total",
    "system.cache_control.ttl",
    "system.cache_control.type",
    "thinking.budget_tokens",
    "thinking.display",
    "thinking.type",
    "tool_choice.disable_parallel_tool_use",
    "tool_choice.name",
    "tool_choice.type",
    "tools.cache_control.ttl",
    "tools.cache_control.type",
    "tools.max_uses",
    "tools.name",
    "tools.strict",
    "tools.type",
)
"""Places inside of parameters at which a dialect may be narrower; what is in a list counts for each of its items."""

CLOSED: Final = (
    *("billing_policy", "compaction", "context_management", "fallback_credit_token", "fallbacks", "mcp_servers"),
    *("output_format", "thread"),
    *("advisor_20260301", "bash_20241022", "computer_20241022", "computer_20250124", "computer_20251124"),
    *("mcp_toolset", "text_editor_20241022"),
    *("advisor_tool_result", "fallback", "mcp_tool_listing", "mcp_tool_result", "mcp_tool_use"),
)
"""Parameters, types of tools and types of blocks that need a beta header."""
