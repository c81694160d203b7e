"""The parameters of lists, and the page that they ask for. Not here: what is listed.

Sources: the `anthropic` package (limits, what the cursors mean, which end a page has), recorded pages (the envelope),
the documentation of the Compliance API for the words about a limit that is too high, a cursor and a value that is none
of those permitted. The words of all other refusals are inferred.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NoReturn

from mockserver.wire.encoding import JsonObject
from mockserver.wire.errors import ApiError
from mockserver.wire.frozen import frozen

Parameters = Mapping[str, Sequence[str]]
"""Name -> the values that the query gives it; unknown names are nobody's business."""

MOST: Final = 1000
"""Items of a page."""
USUAL: Final = 20
"""The same where the request does not say."""


_WHOLE: Final = re.compile(r"[+-]?[0-9](_?[0-9]){0,17}")


@frozen
class Paging:
    """Which part of a list is asked for: so many items behind one, or before one, in the order of the list."""

    limit: int = USUAL
    after_id: str = ""
    before_id: str = ""

    def page(self, items: Sequence[JsonObject]) -> JsonObject:
        """Return the page of a list: `{data, has_more, first_id, last_id}`; `has_more` looks in the page's direction.

        Raises `ApiError` (400) for a cursor that is no item's id.
        """
        if self.before_id:
            end = _place("before_id", self.before_id, items)
            start = max(0, end - self.limit)
            return _envelope(items[start:end], has_more=start > 0)
        start = _place("after_id", self.after_id, items) + 1 if self.after_id else 0
        end = start + self.limit
        return _envelope(items[start:end], has_more=end < len(items))


def read_paging(parameters: Parameters) -> Paging:
    """Return what a request asks for; raises `ApiError` (400) for what it cannot. An empty cursor is none."""
    after_id, before_id = last_value(parameters, "after_id"), last_value(parameters, "before_id")
    if after_id and before_id:
        refuse("Only one of 'after_id' and 'before_id' may be given.")
    return Paging(read_limit(parameters), after_id, before_id)


def read_choices(parameters: Parameters, name: str, permitted: Collection[str]) -> list[str]:
    """Return the values of an array of names, which SDKs send as `name[]`; raises `ApiError` (400) for any other."""
    key = next((key for key in (f"{name}[]", name) if key in parameters), name)
    values = list(parameters.get(key, ()))
    if len(values) > len(permitted):
        refuse(f"{key}: List should have at most {len(permitted)} items after validation, not {len(values)}")
    for place, value in enumerate(values):
        if value not in permitted:
            refuse(f"{key}.{place}: Input is not one of the permitted values.")
    return values


def last_value(parameters: Parameters, name: str) -> str:
    """Return the value of a parameter; where it is given twice, the later one counts."""
    return parameters[name][-1] if name in parameters else ""


def read_limit(parameters: Parameters) -> int:
    """Return how many items a page has; raises `ApiError` (400) for a number that there is not."""
    text = last_value(parameters, "limit") if "limit" in parameters else str(USUAL)
    if not _WHOLE.fullmatch(text.strip()):
        refuse("limit: Input should be a valid integer, unable to parse string as an integer")
    limit = int(text)
    if limit < 1:
        refuse("limit: Input should be greater than or equal to 1")
    if limit > MOST:
        refuse(f"limit: Input should be less than or equal to {MOST}")
    return limit


def _place(name: str, id_: str, items: Sequence[JsonObject]) -> int:
    place = next((place for place, item in enumerate(items) if item["id"] == id_), None)
    return refuse(f"Invalid pagination cursor for '{name}'") if place is None else place


def _envelope(data: Sequence[JsonObject], *, has_more: bool) -> JsonObject:
    first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
    return {"data": list(data), "has_more": has_more, "first_id": first, "last_id": last}


def refuse(message: str) -> NoReturn:
    """Refuse a parameter."""
    raise ApiError("invalid_request_error", message)
