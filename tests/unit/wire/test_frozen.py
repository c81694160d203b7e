"""`@frozen`: what an instance is, beside a frozen dataclass of the same fields."""

import copy
import pickle
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import pytest

from mockserver.wire.frozen import frozen


@frozen
class Ours:
    """As it is written in the package."""

    name: str
    size: int = 3
    seen: list[int] = field(default_factory=list, compare=False)
    inner: Any = field(default=None, repr=False)

    @property
    def double(self) -> int:
        return 2 * self.size


@dataclass(frozen=True, slots=True)
class Theirs:
    """The same with what Python has."""

    name: str
    size: int = 3
    seen: list[int] = field(default_factory=list, compare=False)
    inner: Any = field(default=None, repr=False)


@frozen
class Nothing:
    """Says all by its class."""


@frozen
class Said:
    """Has methods of its own where others are given some."""

    text: str

    def __repr__(self):
        return "said"

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 7


def test_it_is_shown_compared_and_hashed_as_a_frozen_dataclass_is():
    made = [(kind("a"), kind("a", 3, [1]), kind("a", inner=2), kind("b")) for kind in (Ours, Theirs)]
    ours, theirs = made
    assert [repr(one).replace("Ours", "Theirs") for one in ours] == [repr(one) for one in theirs]
    assert [[a == b for a in one] for one, b in zip(made, (ours[0], theirs[0]), strict=True)] == [
        [True, True, False, False]
    ] * 2
    assert [hash(one) for one in ours] == [hash(one) for one in theirs]
    assert ours[0] != theirs[0]
    assert Ours("a") != ("a", 3, None)
    assert (Nothing() == Nothing(), hash(Nothing()) == hash(Nothing()), repr(Nothing())) == (True, True, "Nothing()")


def test_a_class_keeps_the_methods_that_it_has():
    assert (repr(Said("a")), Said("a") == Said("b"), hash(Said("a"))) == ("said", True, 7)


def test_whatever_works_on_dataclasses_works_on_it():
    one = Ours("a", 4, [1], {"b": 2})
    assert replace(one, size=5) == Ours("a", 5, inner={"b": 2})
    assert asdict(one) == {"name": "a", "size": 4, "seen": [1], "inner": {"b": 2}}
    assert one == copy.deepcopy(one) == pickle.loads(pickle.dumps(one))
    assert one.double == 8
    match one:
        case Ours(name, size):
            assert (name, size) == ("a", 4)


def test_it_has_slots_and_knows_its_parameters():
    with pytest.raises(AttributeError):
        Ours("a").other = 1
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
        Ours()


def test_one_that_holds_itself_is_shown():
    seen: list[Any] = []
    one = Ours("a", seen=seen)
    seen.append(one)
    assert repr(one) == f"Ours(name='a', size=3, seen=[{'...'}])"
