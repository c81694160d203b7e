"""One rule: its name, its check, and how well it is known. Not here: the rules.

A check returns None where all is well; the message, where the API answers 400 `invalid_request_error`; or an `ApiError`
where it answers otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mockserver.validation.subject import Subject
from mockserver.wire.errors import ApiError

Refusal = str | ApiError | None
Check = Callable[[Subject], Refusal]

Evidence = Literal["recorded", "quoted", "documented", "inferred"]
"""The words stand in a recording; in a quoted live answer; in the documentation; only the refusal is known."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the API. `seen` is the month of its newest evidence; `note` is for the page about fidelity."""

    name: str
    check: Check
    evidence: Evidence
    seen: str
    note: str = ""
