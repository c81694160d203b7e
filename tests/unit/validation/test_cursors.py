"""Lists behind opaque cursors: pages that follow each other, ids, and what cannot be asked."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.validation.cursors import both_forms, page_of
from mockserver.wire.errors import ApiError

ITEMS = [(place, {"id": f"file_{place}"}) for place in range(30, 0, -1)]


def ids(page):
    return [item["id"] for item in page["data"]]


@given(st.lists(st.integers(0, 10**9), unique=True, max_size=60), st.integers(1, 30))
def test_pages_follow_each_other_to_the_end(places, limit):
    items = [(place, {"id": str(place)}) for place in sorted(places, reverse=True)]
    found, cursor = [], ""
    for _ in range(len(places) + 2):
        page = page_of({"limit": [str(limit)], "page": [cursor]}, items)
        assert list(page) == ["data", "next_page"]
        assert len(page["data"]) <= limit
        found += ids(page)
        cursor = page["next_page"] or ""
        if not cursor:
            break
    assert found == [item["id"] for _, item in items]
    assert not cursor


def test_a_cursor_has_the_recorded_form():
    cursor = page_of({"limit": ["1"]}, ITEMS)["next_page"]
    text = cursor.removeprefix("page_")
    assert cursor.startswith("page_")
    assert "=" not in text
    told = base64.b64decode(text + "=" * (-len(text) % 4)).decode()
    assert re.fullmatch(r'{"a":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"}', told)


def test_a_page_is_of_twenty_and_a_cursor_survives_what_comes_and_goes():
    page = page_of({}, ITEMS)
    assert len(page["data"]) == 20
    later = [(40, {"id": "file_new"}), *(one for one in ITEMS if one[0] not in (11, 9))]
    following = page_of({"page": [page["next_page"]]}, later)
    assert ids(following) == [f"file_{place}" for place in (10, 8, 7, 6, 5, 4, 3, 2, 1)]
    assert following["next_page"] is None


@pytest.mark.parametrize("name", ["ids[]", "ids"])
def test_ids_are_a_single_page_without_those_that_are_unknown(name):
    page = page_of({name: ["file_3", "file_x", "file_29", "file_3"]}, ITEMS)
    assert (ids(page), page["next_page"]) == (["file_29", "file_3"], None)
    assert page_of({name: [f"file_{n % 100}" for n in range(300)]}, ITEMS)["next_page"] is None
    assert len(page_of({name: [f"file_{n}" for n in range(100)]}, ITEMS)["data"]) == 30


CURSOR = page_of({"limit": ["1"]}, ITEMS)["next_page"]
WRONG = [
    ({"page": ["page_"]}, "Invalid pagination cursor for 'page'"),
    ({"page": ["file_30"]}, "Invalid pagination cursor for 'page'"),
    ({"page": [CURSOR.removeprefix("page_")]}, "Invalid pagination cursor for 'page'"),
    ({"page": [CURSOR[:-1]]}, "Invalid pagination cursor for 'page'"),
    ({"page": [CURSOR.replace("I", "A")]}, "Invalid pagination cursor for 'page'"),
    ({"page": ["page_é"]}, "Invalid pagination cursor for 'page'"),
    ({"limit": ["0"]}, "limit: Input should be greater than or equal to 1"),
    ({"limit": ["1001"]}, "limit: Input should be less than or equal to 1000"),
    ({"limit": [""]}, "limit: Input should be a valid integer, unable to parse string as an integer"),
    ({"ids[]": ["a"], "limit": ["5"]}, "'ids' may not be given together with 'page' or 'limit'."),
    ({"ids[]": ["a"], "page": [CURSOR]}, "'ids' may not be given together with 'page' or 'limit'."),
    (
        {"ids[]": [str(n) for n in range(101)]},
        "ids: List should have at most 100 items after validation, not 101",
    ),
    ({"after_id": ["file_3"]}, "after_id: Extra inputs are not permitted"),
    ({"before_id": ["file_3"]}, "before_id: Extra inputs are not permitted"),
]


@pytest.mark.parametrize(("parameters", "words"), WRONG)
def test_what_cannot_be_asked_is_refused(parameters, words):
    with pytest.raises(ApiError) as told:
        page_of(parameters, ITEMS)
    assert (told.value.status, told.value.message) == (400, words)


def test_both_forms_together():
    page = both_forms({"limit": ["2"]}, ITEMS)
    assert list(page) == ["data", "next_page", "has_more", "first_id", "last_id"]
    assert (page["has_more"], page["first_id"], page["last_id"]) == (True, "file_30", "file_29")
    older = both_forms({"after_id": ["file_2"]}, ITEMS)
    assert list(older) == list(page)
    assert (ids(older), older["next_page"], older["has_more"]) == (["file_1"], None, False)
    empty = both_forms({}, [])
    assert list(empty.values()) == [[], None, False, None, None]
    for beside in ({"page": [CURSOR]}, {"ids[]": ["file_1"]}):
        with pytest.raises(ApiError, match="may not be given together with 'page' or 'ids'"):
            both_forms({"after_id": ["file_2"], **beside}, ITEMS)
