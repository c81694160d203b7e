"""Which script answers? Not here: comparing (`matching`), answering (`reply`)."""

import difflib
import heapq
import re
from collections.abc import Sequence

from mockserver.scenario.matching import Difference, Subject
from mockserver.scenario.scripts import Script
from mockserver.scenario.texts import Groups
from mockserver.wire.frozen import frozen


@frozen
class Chosen:
    """The script that answers, the number of the turn, and the named groups of its match."""

    script: Script
    turn: int
    groups: Groups


@frozen
class NearMiss:
    """A script that did not match, and every key that kept it from it."""

    script: Script
    differences: list[Difference]

    @property
    def share(self) -> float:
        """The share of the keys that differ."""
        return len(self.differences) / max(1, len(self.script.matcher.keys))

    @property
    def rough(self) -> float:
        """The same, less for each word that wanted and found text share."""
        words = (set(_WORD.findall(d.want.lower())) & set(_WORD.findall(d.got.lower())) for d in self.differences)
        return self.share - max(map(len, words), default=0)

    @property
    def distance(self) -> tuple[float, str]:
        """The share of the keys that differ, less for a text that is nearly right; then the name."""
        likeness = max((_likeness(d) for d in self.differences), default=0.0)
        return self.share - likeness / max(1, len(self.script.matcher.keys)), self.script.name


def _likeness(difference: Difference) -> float:
    return difflib.SequenceMatcher(None, difference.want[-200:], difference.got[:200]).ratio() / 2


def select(scripts: Sequence[Script], subject: Subject) -> Chosen | None:
    """Return the first script, in the order of their rank, whose match holds."""
    for script in scripts:
        groups = script.matcher.holds(subject, script.anchor)
        if groups is not None:
            return Chosen(script, subject.conversation.turn(script.anchor), groups)
    return None


def nearest(scripts: Sequence[Script], subject: Subject, limit: int = 3) -> list[NearMiss]:
    """Return the scripts that came closest, the closest first."""
    misses = [NearMiss(s, s.matcher.differences(subject, s.anchor)[0]) for s in scripts]
    # How alike two texts are is slow to tell: it is asked of those alone that the number of differences leaves.
    fewest = heapq.nsmallest(_CANDIDATES, misses, key=lambda miss: miss.rough)
    return sorted(fewest, key=lambda miss: miss.distance)[:limit]


_CANDIDATES = 25
_WORD = re.compile(r"\w+")


def told(misses: Sequence[NearMiss]) -> list[str]:
    """Return a line for each script that came close: where it stands, and the first key that failed, and how."""
    return [f"{_named(miss.script)}: {miss.differences[0]}" for miss in misses]


def explain_miss(scripts: Sequence[Script], subject: Subject, closest: Sequence[str]) -> str:
    """Return one sentence: what was asked, and which scenario came closest."""
    prompt = subject.conversation.prompt
    asked = f"user {prompt[:100]!r}" if prompt else "a request without a prompt"
    if not scripts:
        return f"no scenario matches {asked}: none is loaded"
    return f"no scenario matches {asked}; the closest is {closest[0]}"


def _named(script: Script) -> str:
    return f"{script.name!r}{f' ({script.source})' if script.source else ''}"
