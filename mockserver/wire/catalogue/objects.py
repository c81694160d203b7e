"""Errors of things that live on the server: batches, files, threads, compactions."""

from typing import Final

from mockserver.wire.catalogue.named import NamedError, coded

OBJECTS: Final = {
    "batch_not_found": NamedError("not_found_error", "Message Batch msgbatch_01MockServer not found."),
    "batch_without_results": NamedError(
        "not_found_error", "Message Batch msgbatch_01MockServer has no available results."
    ),
    "file_not_found": NamedError("not_found_error", "File not found: file_011MockServer", evidence="documented"),
    "file_expired": coded(
        "file_expired",
        "The file's `expires_at` has passed, so its content is no longer available.",
        "not_found_error",
    ),
    "file_not_downloadable": coded("file_not_downloadable", "The file has `downloadable: false`."),
    "storage_quota_exceeded": coded("storage_quota_exceeded", "The organization's file storage quota is exhausted."),
    "skill_undecryptable": coded(
        "skill_read_blocked_undecryptable",
        "A custom skill the request names is stored under an encryption key state the workspace cannot currently "
        "decrypt.",
        "conflict_error",
    ),
    "thread_not_found": coded(
        "thread_not_found", "No usable Thread state was found for `previous_message_id`.", "not_found_error"
    ),
    "thread_already_continued": coded(
        "thread_already_continued",
        "The response that `previous_message_id` names has already been continued, and each response can be continued "
        "only once.",
    ),
    "thread_continue_in_flight": coded(
        "thread_continue_in_flight", "Another request is still continuing from the same `previous_message_id`."
    ),
    "thread_fingerprint_mismatch": coded(
        "thread_fingerprint_mismatch",
        "A field that must stay the same across a Thread's turns differs from the value stored with the Thread.",
    ),
    "thread_unsupported_request": coded(
        "thread_unsupported_request",
        "The request combines `thread` with a request field or an organization setting that Threads do not support.",
    ),
    "compaction_block_ambiguous": coded(
        "compaction_block_ambiguous", "`messages` holds more than one `compaction` block with content."
    ),
    "compaction_block_misplaced": coded(
        "compaction_block_misplaced",
        "The `compaction` block is not the first block of the conversation, or is in a `system` message.",
    ),
    "compaction_content_mismatch": coded(
        "compaction_content_mismatch",
        "The `compaction` block's `content` differs from the text its `signature` recorded.",
    ),
    "compaction_incomplete_turn": coded(
        "compaction_incomplete_turn", "The compaction request ends on an `assistant` turn that is not finished."
    ),
    "compaction_nothing_to_summarize": coded(
        "compaction_nothing_to_summarize",
        "`messages` holds no `user` or `assistant` content to summarize or adopt.",
    ),
    "compaction_signature_invalid": coded(
        "compaction_signature_invalid", "The `compaction` block's `signature` does not verify."
    ),
    "compaction_too_many_tool_references": coded(
        "compaction_too_many_tool_references",
        "The conversation references more distinct tools than a `compaction` block can record.",
    ),
    "compaction_tool_changes_mismatch": coded(
        "compaction_tool_changes_mismatch",
        "The `compaction` block's `tool_changes` differs from what was returned with the block.",
    ),
}
