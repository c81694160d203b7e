"""THE order of the checks behind the schema. Each phase is run to its end before the next; the first failure wins.

The order of the phases and of what is inside `SHAPE` is measured; inside the others only a few pairs are (a final
assistant's whitespace before its refusal as a prefill; a temperature beside thinking before its refusal by the model;
a cache mark on an empty text before the empty text), and the rest is ours.
"""

from functools import lru_cache
from typing import Final

from mockserver.validation.rules import (
    caching,
    citations,
    context,
    conversation,
    limits,
    media,
    models,
    objects,
    output,
    pairing,
    placement,
    rows,
    structured,
    texts,
    thinking,
    tools,
)
from mockserver.validation.rules.rule import Rule

PHASES: Final[tuple[tuple[str, tuple[tuple[str, tuple[Rule, ...]], ...]], ...]] = (
    ("shape of the conversation", (("conversation", conversation.RULES),)),
    (
        "semantics",
        (
            ("rows", rows.RULES),
            ("output", output.RULES),
            ("placement", placement.RULES),
            ("texts", texts.RULES),
            ("tools", tools.RULES),
            ("thinking", thinking.RULES),
            ("pairing", pairing.RULES),
            ("citations", citations.RULES),
            ("caching", caching.RULES),
            ("context", context.RULES),
            ("structured", structured.RULES),
            ("media", media.RULES),
        ),
    ),
    ("model", (("models", models.RULES),)),
    ("objects", (("objects", objects.RULES),)),
    ("limits", (("limits", limits.RULES),)),
)
"""(phase, ((module, its rules), ...)) in the order of the checks."""


@lru_cache(maxsize=1024)
def rules_for(fields: frozenset[str], blocks: frozenset[str]) -> tuple[Rule, ...]:
    """Return the rules, in order, that concern a body with these fields and types of blocks."""
    return tuple(rule for rule in RULES if rule.concerns(fields, blocks))


@lru_cache(maxsize=1024)
def rules_of_attempts(fields: frozenset[str], blocks: frozenset[str]) -> tuple[Rule, ...]:
    """Return those that a fallback's attempt is held to: all but the limits, of which that is not known."""
    return tuple(rule for rule in rules_for(fields, blocks) if rule not in limits.RULES)


RULES: Final[tuple[Rule, ...]] = tuple(rule for _, modules in PHASES for _, rules in modules for rule in rules)
