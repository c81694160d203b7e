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

SOURCES: Final = ("base64", "url", "file", "text", "content")
"""Where images and documents may come from."""

TOOL_FIELDS: Final = (
    *("allowed_callers", "allowed_domains", "blocked_domains", "cache_control", "caching", "citations", "configs"),
    *("default_config", "defer_loading", "description", "display_height_px", "display_number", "display_width_px"),
    *("eager_input_streaming", "enable_zoom", "input_examples", "input_schema", "max_characters"),
    *("max_content_tokens", "max_tokens", "max_uses", "mcp_server_name", "model", "name", "response_inclusion"),
    *("strict", "tools", "type", "url_sources", "use_cache", "user_location"),
)
"""Every field of some tool."""

RULES: Final = (
    *("conversation.system_messages", "conversation.empty_user_turn", "conversation.empty_assistant_turn"),
    *("conversation.container",),
    "rows.no_stream",
    *("output.prewarming", "output.stop_sequences", "output.task_budget", "output.user_id"),
    *("placement.user_blocks", "placement.assistant_blocks", "placement.thinking_blocks"),
    *("placement.no_media_of_assistants", "placement.tool_changes", "placement.user_citations"),
    *("texts.cached_empty_text", "texts.empty_text", "texts.blank_text", "texts.system_text"),
    *("texts.trailing_whitespace",),
    *("tools.toolset_names", "tools.no_top_level_combinators", "tools.property_keys", "tools.valid_schemas"),
    *("tools.valid_examples", "tools.unique_names", "tools.known_choice", "tools.some_tool_loaded"),
    *("tools.no_cached_deferred_tool", "tools.known_references", "tools.referenced_servers"),
    *("tools.one_domain_list",),
    *("thinking.budget", "thinking.no_forced_tool", "thinking.sampling", "thinking.leading_block"),
    *("thinking.leading_thinking", "thinking.signatures", "thinking.cleared_thinking"),
    *("pairing.unique_calls", "pairing.asked_results", "pairing.single_results", "pairing.answered_calls"),
    *("pairing.asked_server_results", "pairing.answered_server_calls", "pairing.container_of_code"),
    *("pairing.browser_states",),
    "citations.within_document",
    *("caching.nested_marks", "caching.automatic_ttl", "caching.mark_count", "caching.ttl_order"),
    *("context.each_edit_once", "context.thinking_edit_first", "context.one_compaction"),
    *("context.compaction_blocks", "context.different_fallbacks", "context.supported_fallbacks"),
    *("structured.strict_count", "structured.compilable", "structured.optional_count", "structured.union_count"),
    *("structured.no_citations", "structured.no_prefill"),
    *("media.count", "media.image_data", "media.document_urls", "media.pdf_data"),
    *("models.known", "models.thinking", "models.effort", "models.message_effort", "models.sampling"),
    *("models.max_tokens", "models.prefill", "models.forced_tool", "models.tool_types"),
    *("models.programmatic_calling", "models.region", "models.speed", "models.media", "models.structured_output"),
    *("objects.file_ids", "objects.no_files_to_count", "objects.known_objects", "objects.fitting_files"),
    *("limits.prompt_length", "limits.window"),
)
"""The rules about what parts of a request mean together, in the order in which they are asked."""
