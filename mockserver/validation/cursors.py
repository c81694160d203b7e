"""The parameters of a list that goes on behind an opaque cursor, and the page that they ask for. Not here: `paging`.

Sources: the `anthropic` package and the documentation (what `page`, `limit` and `ids` mean, and what they exclude),
recorded pages (the form of a cursor). The words of all refusals are inferred.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from typing import Final

from mockserver.validation.paging import USUAL, Parameters, last_value, read_limit, read_paging, refuse
from mockserver.wire.encoding import JsonObject
from mockserver.wire.frozen import frozen

Placed = Sequence[tuple[int, JsonObject]]
"""The items of a list with their places, which fall from one to the next."""

MOST_IDS: Final = 100
_OLDER: Final = ("after_id", "before_id")
_CURSOR: Final = re.compile(r'{"a":"([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})"}', re.ASCII)
_PREFIX: Final = "page_"
_HALF: Final = 8
"""Bytes of a place in a cursor; as many behind them tell it from what nobody gave out."""


def page_of(parameters: Parameters, items: Placed) -> JsonObject:
    """Return the page that is asked for: `{data, next_page}`. Raises `ApiError` (400) for what cannot be asked."""
    for name in _OLDER:
        if name in parameters:
            refuse(f"{name}: Extra inputs are not permitted")
    return _read_excerpt(parameters).page(items)


def both_forms(parameters: Parameters, items: Placed) -> JsonObject:
    """Return the same with `has_more`, `first_id` and `last_id` behind it; the older cursors may be given instead."""
    excerpt = _read_excerpt(parameters)
    if any(last_value(parameters, name) for name in _OLDER):
        if excerpt.ids or excerpt.behind is not None:
            refuse("'after_id' and 'before_id' may not be given together with 'page' or 'ids'.")
        page = read_paging(parameters).page([item for _, item in items])
        return {"data": page["data"], "next_page": None} | page
    page = excerpt.page(items)
    first, last = (page["data"][0]["id"], page["data"][-1]["id"]) if page["data"] else (None, None)
    return page | {"has_more": page["next_page"] is not None, "first_id": first, "last_id": last}


@frozen
class _Excerpt:
    """Which part of a list is asked for: these `ids`, or so many items behind a place (None: from the beginning)."""

    limit: int = USUAL
    behind: int | None = None
    ids: tuple[str, ...] = ()

    def page(self, items: Placed) -> JsonObject:
        """Return the page; its cursor is the place of its last item, so what comes and goes meanwhile moves nothing."""
        if self.ids:
            return {"data": [item for _, item in items if item["id"] in self.ids], "next_page": None}
        rest = [placed for placed in items if self.behind is None or placed[0] < self.behind]
        shown = rest[: self.limit]
        return {
            "data": [item for _, item in shown],
            "next_page": _written(shown[-1][0]) if len(rest) > len(shown) else None,
        }


def _read_excerpt(parameters: Parameters) -> _Excerpt:
    """Return what a request asks for; an empty cursor is none."""
    given = (value for name in ("ids[]", "ids") for value in parameters.get(name, ()))
    ids = tuple(dict.fromkeys(given))
    page = last_value(parameters, "page")
    if ids and (page or "limit" in parameters):
        refuse("'ids' may not be given together with 'page' or 'limit'.")
    if len(ids) > MOST_IDS:
        refuse(f"ids: List should have at most {MOST_IDS} items after validation, not {len(ids)}")
    return _Excerpt(read_limit(parameters), _read(page) if page else None, ids)


def _written(place: int) -> str:
    """Return a cursor: `page_`, and `{"a":"<uuid>"}` in base64 without its padding (recorded)."""
    number = place.to_bytes(_HALF, "big")
    digits = (number + _seal(number)).hex()
    name = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    return _PREFIX + base64.b64encode(f'{{"a":"{name}"}}'.encode()).decode().rstrip("=")


def _read(cursor: str) -> int:
    text = cursor.removeprefix(_PREFIX)
    try:
        found = _CURSOR.fullmatch(base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode())
    except (binascii.Error, ValueError):
        found = None
    data = bytes.fromhex("".join(found.groups())) if found else b""
    number = data[:_HALF]
    if not (found and cursor.startswith(_PREFIX) and data[_HALF:] == _seal(number)):
        refuse("Invalid pagination cursor for 'page'")
    return int.from_bytes(number, "big")


def _seal(number: bytes) -> bytes:
    return hashlib.blake2b(number, key=_PREFIX.encode(), digest_size=_HALF).digest()
