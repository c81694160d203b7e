"""The parameters of a request beside messages and tools. Source: the API reference (2026-11)."""

from typing import Any, Final

from mockserver.validation.betas import BLOCK_BINDING, COMPACTION_2026_01, DISPLAY_UPDATES, TASK_BUDGET
from mockserver.validation.fault import Fault
from mockserver.validation.grammar import common as c
from mockserver.validation.grammar.containers import (
    Array,
    Dictionary,
    Record,
    Tagged,
    TextOr,
    nullable,
    optional,
    required,
)
from mockserver.validation.grammar.kinds import Boolean, Integer, OneOf, Text
from mockserver.validation.scope import Scope

MODEL_NAME: Final = Text(least=1, most=256)

_PARALLEL: Final = {"disable_parallel_tool_use": optional(Boolean())}
TOOL_CHOICE: Final = Tagged(
    {
        "auto": Record({"type": c.TYPE, **_PARALLEL}),
        "any": Record({"type": c.TYPE, **_PARALLEL}),
        "tool": Record({"type": c.TYPE, "name": required(Text(least=1, most=200)), **_PARALLEL}),
        "none": Record({"type": c.TYPE}),
    },
    listed_as=("auto", "any", "tool", "none"),
)
"""The order of its tags is measured."""

_BINDING: Final = nullable(Record({"prefix_mismatch_behavior": nullable(OneOf("error", "drop_block"))}), *BLOCK_BINDING)


class _Display:
    """`summarized` or `omitted`; a beta adds `updates`."""

    _usual: Final = OneOf("summarized", "omitted")
    _more: Final = OneOf("summarized", "omitted", "updates")

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Ask the list that the betas give."""
        return (self._usual if scope.betas.isdisjoint(DISPLAY_UPDATES) else self._more).check(value, scope)


_SHOWN: Final = {"display": nullable(_Display()), "block_binding": _BINDING}
THINKING: Final = Tagged(
    {
        "adaptive": Record({"type": c.TYPE, **_SHOWN}),
        "between_tools": Record({"type": c.TYPE}),
        "disabled": Record({"type": c.TYPE}),
        "enabled": Record({"type": c.TYPE, "budget_tokens": required(Integer(least=1024)), **_SHOWN}),
    }
)

_EFFORT: Final = nullable(OneOf("low", "medium", "high", "xhigh", "max"))
JSON_FORMAT: Final = Tagged({"json_schema": Record({"type": c.TYPE, "schema": required(Dictionary())})}, tagged=False)
OUTPUT_CONFIG: Final = Record(
    {
        "effort": _EFFORT,
        "format": nullable(JSON_FORMAT),
        "task_budget": nullable(
            Tagged(
                {
                    "tokens": Record(
                        {
                            "type": c.TYPE,
                            "total": required(Integer(least=1024)),
                            "remaining": nullable(Integer(least=0)),
                        }
                    )
                },
                tagged=False,
            ),
            *TASK_BUDGET,
        ),
    }
)
SYSTEM_OUTPUT_CONFIG: Final = Record({"effort": _EFFORT})

METADATA: Final = Record({"user_id": nullable(Text(most=512))})

CONTAINER: Final = TextOr(
    Record(
        {
            "id": nullable(c.STRING),
            "skills": nullable(
                Array(
                    Record(
                        {
                            "skill_id": required(Text(least=1, most=64)),
                            "type": required(OneOf("anthropic", "custom")),
                            "version": nullable(Text(least=1, most=64)),
                        }
                    ),
                    most=20,
                )
            ),
        }
    ),
    segment="ContainerParams",
)

DIAGNOSTICS: Final = Record({"previous_message_id": nullable(Text(most=256))})


def _amount(kind: str, least: int) -> Tagged:
    return Tagged({kind: Record({"type": c.TYPE, "value": required(Integer(least=least))})}, tagged=False)


class _ClearedInputs:
    """`clear_tool_inputs`: a switch, or the names of tools."""

    _names: Final = Array(c.STRING)

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Look at a list as names, at everything else as a switch."""
        return (self._names if isinstance(value, list) else Boolean()).check(value, scope)


_TRIGGERS: Final = Tagged(
    {kind: Record({"type": c.TYPE, "value": required(Integer(least=1))}) for kind in ("input_tokens", "tool_uses")},
    tagged=False,
)
CONTEXT_MANAGEMENT: Final = Record(
    {
        "edits": optional(
            Array(
                Tagged(
                    {
                        "clear_thinking_20251015": Record(
                            {
                                "type": c.TYPE,
                                "keep": optional(
                                    TextOr(
                                        Tagged(
                                            {
                                                "all": Record({"type": c.TYPE}),
                                                "thinking_turns": Record(
                                                    {"type": c.TYPE, "value": required(Integer(least=1))}
                                                ),
                                            },
                                            tagged=False,
                                        ),
                                        text=OneOf("all"),
                                    )
                                ),
                            }
                        ),
                        "clear_tool_uses_20250919": Record(
                            {
                                "type": c.TYPE,
                                "trigger": optional(_TRIGGERS),
                                "keep": optional(_amount("tool_uses", 0)),
                                "clear_at_least": nullable(_amount("input_tokens", 0)),
                                "exclude_tools": nullable(Array(c.STRING)),
                                "clear_tool_inputs": nullable(_ClearedInputs()),
                            }
                        ),
                        "compact_20260112": Record(
                            {
                                "type": c.TYPE,
                                "trigger": nullable(_amount("input_tokens", 50_000)),
                                "pause_after_compaction": optional(Boolean()),
                                "instructions": nullable(c.STRING),
                            }
                        ),
                    },
                    tagged=False,
                    betas={"compact_20260112": frozenset([COMPACTION_2026_01])},
                )
            )
        )
    }
)

COMPACTION: Final = Tagged({"summarize": Record({"type": c.TYPE, "instructions": nullable(c.STRING)})}, tagged=False)

SPEED: Final = OneOf("standard", "fast")

_FALLBACK: Final = Record(
    {
        "model": required(MODEL_NAME),
        "max_tokens": nullable(Integer(least=1)),
        "thinking": nullable(THINKING),
        "output_config": nullable(OUTPUT_CONFIG),
        "speed": nullable(SPEED),
    }
)
FALLBACKS: Final = TextOr(Array(_FALLBACK, most=3), text=OneOf("default"))

FALLBACK_CREDIT: Final = TextOr(
    Record({"token": required(Text(least=1, most=2048)), "mode": optional(OneOf("strict", "best_effort"))}),
    text=Text(least=1, most=2048),
)

MCP_SERVERS: Final = Array(
    Record(
        {
            "type": required(OneOf("url")),
            "url": required(c.STRING),
            "name": required(c.STRING),
            "authorization_token": nullable(c.STRING),
            "tool_configuration": nullable(
                Record({"allowed_tools": nullable(Array(c.STRING)), "enabled": nullable(Boolean())})
            ),
        }
    ),
    most=20,
)

THREAD: Final = Tagged(
    {
        "continue": Record({"type": c.TYPE, "previous_message_id": required(c.STRING)}),
        "create": Record({"type": c.TYPE}),
    }
)

BILLING_POLICY: Final = Tagged(
    {"billing_policy": Record({"type": c.TYPE, "bill_to": optional(OneOf("self", "user_profile"))})}, tagged=False
)
