"""The `container` of an answer for which code ran. Not here: containers that outlive their answer.

Every recorded answer with the result of code names its container, and no other does (41 answers, 2025-08 to 2026-08).
"""

from datetime import datetime, timedelta
from typing import Final

from mockserver.reply.identifiers import Source
from mockserver.wire.conversation import Conversation
from mockserver.wire.encoding import JsonObject

LIFETIME: Final = timedelta(hours=1)
"""From the answer that uses it (one recorded date of 2026-07 beside its `expires_at`)."""


def container_of(
    blocks: list[JsonObject], conversation: Conversation, source: Source, now: datetime
) -> JsonObject | None:
    """Return the request's container, or a new one, where code ran for these blocks; None where none did."""
    if not any(block["type"].endswith("code_execution_tool_result") for block in blocks):
        return None
    asked = conversation.body.get("container")
    given = asked if isinstance(asked, dict) else {"id": asked}
    made: JsonObject = {
        "id": given.get("id") or source.block_id("container_", 0),
        "expires_at": f"{(now + LIFETIME).replace(tzinfo=None).isoformat(timespec='microseconds')}Z",
    }
    return made | {"skills": given["skills"]} if given.get("skills") else made
