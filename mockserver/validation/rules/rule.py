"""One rule: its name, its check, and how well it is known. Not here: the rules.

A check returns None where all is well; the message, where the API answers 400 `invalid_request_error`; or an `ApiError`
where it answers otherwise.
"""

from collections.abc import Callable
from typing import Literal

from mockserver.validation.subject import Subject
from mockserver.wire.errors import ApiError
from mockserver.wire.frozen import frozen

Refusal = str | ApiError | None
Check = Callable[[Subject], Refusal]

Evidence = Literal["recorded", "quoted", "documented", "inferred"]
"""The words stand in a recording; in a quoted live answer; in the documentation; only the refusal is known."""


@frozen
class Rule:
    """A rule of the API. `seen` is the month of its newest evidence; `note` is for the page about fidelity.

    `fields` and `blocks`: it is asked only where the body has one of these fields, or its messages one of these types
    of blocks; where neither is named, always.
    """

    name: str
    check: Check
    evidence: Evidence
    seen: str
    note: str = ""
    fields: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Its name behind that of its module, as the tables list it."""
        return f"{self.check.__module__.rpartition('.')[2]}.{self.name}"

    def concerns(self, fields: frozenset[str], blocks: frozenset[str]) -> bool:
        """Whether a body with these fields and blocks has what the rule is about."""
        if not (self.fields or self.blocks):
            return True
        return not (fields.isdisjoint(self.fields) and blocks.isdisjoint(self.blocks))
