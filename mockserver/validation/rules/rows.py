"""What only a row of a message batch may not ask for. Not here: parameters that rows do not have (`grammar`)."""

from typing import Final

from mockserver.validation.rules.rule import Rule
from mockserver.validation.subject import Subject


def no_stream(subject: Subject) -> str | None:
    """Refuse a stream, for which nobody waits."""
    if subject.endpoint != "batches" or not subject.body["stream"]:
        return None
    return "`stream=True` is not supported in the Message Batches API"


RULES: Final = (Rule("no_stream", no_stream, "quoted", "2026-09", "in rows of batches", fields=("stream",)),)
