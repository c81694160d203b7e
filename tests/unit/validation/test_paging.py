"""Parameters of lists, and their pages: examples in both directions, and that walking sees everything once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.validation.incoming import Incoming
from mockserver.validation.paging import MOST, USUAL, Paging, read_choices, read_paging
from mockserver.wire.errors import ApiError


def parameters(query):
    return Incoming("GET", "/v1/models", query=query).parameters


def items(number):
    return [{"id": f"id_{place}"} for place in range(number)]


READ = [
    ("", Paging()),
    ("limit=1", Paging(1)),
    (f"limit={MOST}", Paging(MOST)),
    ("limit=5&limit=7", Paging(7)),
    ("limit=%207", Paging(7)),
    ("after_id=a%2Fb", Paging(after_id="a/b")),
    ("before_id=b&limit=2", Paging(2, before_id="b")),
    ("after_id=&before_id=b", Paging(before_id="b")),
    ("beta=true&page=3&;&%FF=%zz", Paging()),
]
REFUSED = [
    ("limit=0", "limit: Input should be greater than or equal to 1"),
    ("limit=-3", "limit: Input should be greater than or equal to 1"),
    ("limit=1001", "limit: Input should be less than or equal to 1000"),
    ("limit=many", "limit: Input should be a valid integer, unable to parse string as an integer"),
    ("limit=", "limit: Input should be a valid integer, unable to parse string as an integer"),
    ("limit=1.5", "limit: Input should be a valid integer, unable to parse string as an integer"),
    ("limit=" + "9" * 5000, "limit: Input should be a valid integer, unable to parse string as an integer"),
    ("after_id=a&before_id=b", "Only one of 'after_id' and 'before_id' may be given."),
    ("limit=0&after_id=a&before_id=b", "Only one of 'after_id' and 'before_id' may be given."),
]


@pytest.mark.parametrize(("query", "paging"), READ)
def test_what_a_query_asks_for(query, paging):
    assert read_paging(parameters(query)) == paging


@pytest.mark.parametrize(("query", "message"), REFUSED)
def test_what_a_query_cannot_ask_for(query, message):
    with pytest.raises(ApiError) as refusal:
        read_paging(parameters(query))
    assert (refusal.value.status, refusal.value.kind, refusal.value.message) == (400, "invalid_request_error", message)


CHOICES = [
    ("", []),
    ("kind[]=a", ["a"]),
    ("kind%5B%5D=a&kind%5B%5D=b", ["a", "b"]),
    ("kind=b", ["b"]),
    ("kind[]=a&kind=b", ["a"]),
]


@pytest.mark.parametrize(("query", "values"), CHOICES)
def test_an_array_of_names(query, values):
    assert read_choices(parameters(query), "kind", ("a", "b")) == values


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("kind[]=a&kind[]=c", "kind[].1: Input is not one of the permitted values."),
        ("kind=", "kind.0: Input is not one of the permitted values."),
        ("kind[]=a&kind[]=a&kind[]=a", "kind[]: List should have at most 2 items after validation, not 3"),
    ],
)
def test_an_array_of_other_names(query, message):
    with pytest.raises(ApiError) as refusal:
        read_choices(parameters(query), "kind", ("a", "b"))
    assert refusal.value.message == message


PAGES = [
    (Paging(), 0, [], False),
    (Paging(), 20, range(20), False),
    (Paging(), 21, range(20), True),
    (Paging(2), 5, [0, 1], True),
    (Paging(2, after_id="id_1"), 5, [2, 3], True),
    (Paging(2, after_id="id_2"), 5, [3, 4], False),
    (Paging(2, after_id="id_4"), 5, [], False),
    (Paging(2, before_id="id_3"), 5, [1, 2], True),
    (Paging(2, before_id="id_2"), 5, [0, 1], False),
    (Paging(2, before_id="id_0"), 5, [], False),
]


@pytest.mark.parametrize(("paging", "number", "places", "has_more"), PAGES)
def test_a_page(paging, number, places, has_more):
    ids = [f"id_{place}" for place in places]
    assert paging.page(items(number)) == {
        "data": [{"id": id_} for id_ in ids],
        "has_more": has_more,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
    }


@pytest.mark.parametrize("name", ["after_id", "before_id"])
def test_a_cursor_that_is_no_item(name):
    with pytest.raises(ApiError, match=f"400 invalid_request_error: Invalid pagination cursor for '{name}'"):
        Paging(**{name: "id_9"}).page(items(3))


@given(st.integers(0, 50), st.integers(1, MOST) | st.integers(1, 5))
def test_walking_forwards_gives_everything_once(number, limit):
    everything, seen, paging = items(number), [], Paging(limit)
    while True:
        page = paging.page(everything)
        seen += page["data"]
        if not page["has_more"]:
            break
        paging = Paging(limit, after_id=page["last_id"])
    assert seen == everything


@given(st.integers(1, 50), st.integers(1, MOST) | st.integers(1, 5))
def test_walking_backwards_gives_everything_before_once(number, limit):
    everything, seen, paging = items(number), [], Paging(limit, before_id=f"id_{number - 1}")
    while True:
        page = paging.page(everything)
        seen = page["data"] + seen
        if not page["has_more"]:
            break
        paging = Paging(limit, before_id=page["first_id"])
    assert seen == everything[:-1]


def test_the_usual_page():
    assert Paging().limit == USUAL == 20
