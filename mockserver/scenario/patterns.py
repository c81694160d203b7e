"""Regular expressions that may take for ever: a repeated part that is nothing but repeated again. Not here: matching.

Python's `re` tries every way in which `(a+)+` can divide a text, and nothing can stop it. Only what is certain to be
so is told: not every pattern that is slow.
"""

from re import _parser
from typing import Any, Final

_REPEATS: Final = ("MAX_REPEAT", "MIN_REPEAT")


def takes_for_ever(pattern: str) -> bool:
    """Whether there is a text on which a valid pattern takes time that doubles with each further character."""
    return _is_nested(_parser.parse(pattern), within=False)


def _is_nested(sequence: Any, *, within: bool) -> bool:
    """Whether an endless repeat, `within` one that begins and ends where it does, is in a sequence, at any depth."""
    least, _ = sequence.getwidth()
    for number, (operator, argument) in enumerate(sequence):
        # Where all that stands beside it may be empty, that divides nothing.
        alone = within and sequence[number : number + 1].getwidth()[0] == least
        if str(operator) in _REPEATS:
            _, most, inner = argument
            endless = most is _parser.MAXREPEAT
            if (endless and alone) or _is_nested(inner, within=endless or alone):
                return True
        elif str(operator) == "SUBPATTERN":
            if _is_nested(argument[-1], within=alone):
                return True
        elif str(operator) == "BRANCH" and any(_is_nested(branch, within=alone) for branch in argument[1]):
            return True
    return False
