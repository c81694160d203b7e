"""The journal as a file of scenarios that answers the same again. Not here: what each part of one is made of."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from mockserver import __version__
from mockserver.control.exports.grouping import Group, chains, groups
from mockserver.control.exports.outcomes import turn_of
from mockserver.control.exports.questions import Question, named_answers, questions
from mockserver.control.exports.telling_apart import told_apart
from mockserver.state.journal import Exchange
from mockserver.wire.encoding import JsonObject

_WORDS: Final = 6
_LONGEST: Final = 40
"""What a name has of a prompt, in words and characters."""


def scenarios(exchanges: Sequence[Exchange]) -> str:
    """Return the text of a scenario file: the same requests, in the same order, get the same answers from it."""
    from mockserver.scenario.documents import dump  # noqa: PLC0415 - YAML takes 15 ms to import

    asked = questions(exchanges)
    documents = list(_documents(asked, exchanges))
    return _head(len(documents), asked, exchanges) + (dump(documents) if documents else "")


def _documents(asked: list[Question], exchanges: Sequence[Exchange]) -> Iterator[JsonObject]:
    named = named_answers(exchanges)
    order = {id(question): number for number, question in enumerate(asked)}
    by_prompt: dict[tuple[str, str], list[tuple[Question, JsonObject]]] = {}
    for question in asked:
        by_prompt.setdefault(question.place, []).append((question, turn_of(question, named)))
    found = [told for answered in by_prompt.values() for told in told_apart(groups(chains(answered)))]
    found.sort(key=lambda told: min(order[id(question)] for question in told[0].questions))
    taken: set[str] = set()
    for group, match in found:
        name = _free(_name(group), taken)
        turns = [turn for _, turn in group.turns]
        # What matches more than its own prompt is asked last.
        last = {} if "equals" in match["user"] else {"priority": -1}
        yield {"name": name, "match": match, **last, **(turns[0] if len(turns) == 1 else {"turns": turns})}


def _name(group: Group) -> str:
    endpoint, prompt = group.questions[0].place
    words = re.findall(r"\w+", prompt.lower())[:_WORDS]
    told = "-".join(words)[:_LONGEST].strip("-") or "no-prompt"
    return told if endpoint == "messages" else f"{endpoint.replace('_', '-')}-{told}"


def _free(name: str, taken: set[str]) -> str:
    """Return the name, with a number where it is taken, and take it."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free)
    return free


def _head(count: int, asked: list[Question], exchanges: Sequence[Exchange]) -> str:
    """Return the file's first lines: what it holds, and what it does not."""
    held = {id(exchange) for question in asked for exchange in question.exchanges}
    left_out = Counter(exchange.verdict for exchange in exchanges if id(exchange) not in held)
    lines = [f"mockserver {__version__}: {_counted(count, 'scenario')} from {_counted(len(held), 'request')}"]
    if left_out:
        told = ", ".join(f"{number} {verdict}" for verdict, number in left_out.items())
        lines.append(f"not in it, since no scenario answered them: {told}")
    return "".join(f"# {line}\n" for line in lines)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
