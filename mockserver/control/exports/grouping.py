"""Requests with one prompt become scenarios: conversations, and what is answered alike. Not here: telling two apart.

A chain is a conversation behind the prompt: each request follows on the one before. Chains whose answers agree are
one group, and a group is one scenario.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from mockserver.control.exports.questions import Question
from mockserver.wire.encoding import JsonObject


@dataclass(frozen=True)
class Chain:
    """A conversation behind one prompt, as far as it was asked: its requests, and the turn that answers each."""

    questions: tuple[Question, ...]
    turns: dict[int, JsonObject]

    def joined(self, other: "Chain") -> "Chain":
        """Return both as one."""
        return Chain((*self.questions, *other.questions), self.turns | other.turns)

    def parts(self) -> list["Chain"]:
        """Return a chain for each of its requests, whose turns all differ."""
        return [Chain((question,), {question.turn: self.turns[question.turn]}) for question in self.questions]


@dataclass(frozen=True)
class Group:
    """What one scenario answers: chains whose answers agree."""

    chains: tuple[Chain, ...]

    @cached_property
    def turns(self) -> list[tuple[int, JsonObject]]:
        """The turns of all of them by their number."""
        return sorted({number: turn for chain in self.chains for number, turn in chain.turns.items()}.items())

    @cached_property
    def questions(self) -> list[Question]:
        """The requests of all of them."""
        return [question for chain in self.chains for question in chain.questions]

    def agrees(self, chain: Chain) -> bool:
        """Whether a chain is answered as these are, as far as both were asked."""
        return all(chain.turns.get(number, turn) == turn for number, turn in self.turns)

    def parts(self) -> Iterator["Group"]:
        """Yield what it is taken apart into: its chains; of one chain, its turns."""
        parts = self.chains if len(self.chains) > 1 else self.chains[0].parts()
        for part in parts:
            yield from Group((part,)).without_gaps()

    def without_gaps(self) -> Iterator["Group"]:
        """Yield it, taken apart where it has several turns and leaves one out: those are no list of turns."""
        if len(self.turns) > 1 and self.turns[-1][0] >= len(self.turns):
            yield from self.parts()
        else:
            yield self


def chains(answered: Iterable[tuple[Question, JsonObject]]) -> list[Chain]:
    """Return the conversations of requests with one prompt, and the turns that answer them, both in their order."""
    found: list[Chain] = []
    for question, turn in answered:
        one = Chain((question,), {question.turn: turn})
        before = [i for i, chain in enumerate(found) if question.follows(chain.questions[-1])]
        place = min(before, key=lambda i: question.differs(found[i].questions[-1]), default=None)
        if place is None:
            found.append(one)
        else:
            found[place] = found[place].joined(one)
    return found


def groups(found: Iterable[Chain]) -> list[Group]:
    """Return the chains with those that are answered alike; such as leave a turn out are taken apart."""
    joined: list[Group] = []
    for chain in found:
        place = next((i for i, group in enumerate(joined) if group.agrees(chain)), None)
        if place is None:
            joined.append(Group((chain,)))
        else:
            joined[place] = Group((*joined[place].chains, chain))
    return [part for group in joined for part in group.without_gaps()]
