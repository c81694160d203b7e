"""The bodies of requests, field by field in the order in which the API reports them. Not here: their parts.

The order was measured on the live API (2026-08 to 2026-09) for the first 18 fields; the newer ones and those of betas
follow them, since their places are not known. An absent required field is reported at its own place.
"""

from typing import Any, Final

from mockserver.validation.betas import (
    BILLING,
    COMPACTION_2026_09,
    CONTEXT_MANAGEMENT,
    FALLBACK_CREDIT,
    FALLBACKS,
    MCP,
    OUTPUT_FORMAT,
    SYSTEM_CLEAR_AT,
    SYSTEM_OUTPUT_CONFIG,
    THREADS,
)
from mockserver.validation.fault import EXTRA, NOT_OBJECT, ONLY_ON_TOP, Fault, unexpected_role
from mockserver.validation.grammar import common as c
from mockserver.validation.grammar import parameters as p
from mockserver.validation.grammar.blocks import BLOCKS
from mockserver.validation.grammar.containers import (
    Array,
    Dictionary,
    Field,
    Record,
    Tagged,
    TextOr,
    nullable,
    optional,
    required,
)
from mockserver.validation.grammar.kinds import Boolean, Integer, OneOf, Region, Share, Text
from mockserver.validation.grammar.tools import TOOLS
from mockserver.validation.scope import Scope

_TOOL_GUIDE: Final = ". For instructions on how to use tools, see https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview."
_ROLES: Final = ("user", "assistant")
_NOT_SUPPORTED: Final = "role 'system' is not supported on this model"


class Role:
    """`user` or `assistant`, and `system` on models that take it in the midst of a conversation."""

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Refuse every other role; the API reports it at `messages`, without the place."""
        if value in _ROLES:
            return None
        if value == "system":
            return self._system(scope)
        if not isinstance(value, str):
            return Fault("Input should be a valid string")
        if scope.lenient:
            return None
        guide = _TOOL_GUIDE if value == "tool" else ""
        return Fault(unexpected_role(value, _ROLES) + guide, ["messages"], is_absolute=True)

    @staticmethod
    def _system(scope: Scope) -> Fault | None:
        mode = scope.model.system_role if scope.model else "accepted"
        if mode == "accepted" or scope.lenient:
            return None
        words = ONLY_ON_TOP if mode == "unexpected" else _NOT_SUPPORTED
        return Fault(words, ["messages"], is_absolute=True)


CONTENT: Final = TextOr(Array(BLOCKS))

_TURN_FIELDS: Final = {
    "role": required(Role()),
    "content": required(CONTENT),
    "clear_at": nullable(OneOf("next_user_message", "never"), *SYSTEM_CLEAR_AT),
    "output_config": nullable(p.SYSTEM_OUTPUT_CONFIG, *SYSTEM_OUTPUT_CONFIG),
}
_TURN: Final = Record(_TURN_FIELDS, sentence=NOT_OBJECT)
_DIRECTIVE: Final = Record(_TURN_FIELDS | {"content": optional(CONTENT)}, sentence=NOT_OBJECT)


class Turn:
    """One entry of `messages`."""

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Look at a directive, which is a system message that need not say anything, by its own fields."""
        is_directive = isinstance(value, dict) and value.get("role") == "system" and "output_config" in value
        fault = (_DIRECTIVE if is_directive else _TURN).check(value, scope)
        if fault and is_directive and fault.sentence == EXTRA and fault.path == ["output_config"]:
            fault.is_absolute = True
        return fault


_SYSTEM_BLOCK: Final = Record(
    {
        "type": required(OneOf("text")),
        "text": required(c.STRING),
        **c.CACHE,
        "citations": nullable(Array(Tagged(c.CITATIONS))),
    }
)

_MODEL: Final = required(p.MODEL_NAME)
_MESSAGES: Final = required(Array(Turn(), most=100_000, none="at least one message is required"))
_TOOL_PARTS: Final = {"tool_choice": optional(p.TOOL_CHOICE), "tools": optional(Array(TOOLS))}
_PROMPT_PARTS: Final = {
    "system": optional(TextOr(Array(_SYSTEM_BLOCK))),
    "thinking": optional(p.THINKING),
    "output_config": optional(p.OUTPUT_CONFIG),
    "cache_control": nullable(c.CACHE_CONTROL),
}
_NEWER_PARTS: Final[dict[str, Field]] = {
    "speed": nullable(p.SPEED),
    "context_management": nullable(p.CONTEXT_MANAGEMENT, *CONTEXT_MANAGEMENT),
    "compaction": nullable(p.COMPACTION, COMPACTION_2026_09),
    "mcp_servers": optional(p.MCP_SERVERS, *MCP),
    "billing_policy": nullable(p.BILLING_POLICY, *BILLING),
    "output_format": nullable(p.JSON_FORMAT, *OUTPUT_FORMAT),
}

MESSAGES: Final = Record(
    {
        "model": _MODEL,
        **_TOOL_PARTS,
        "messages": _MESSAGES,
        **_PROMPT_PARTS,
        "max_tokens": required(Integer(least=0, bare=True)),
        "metadata": nullable(p.METADATA),
        "stop_sequences": nullable(Array(c.STRING)),
        "temperature": optional(Share(), legacy=True),
        "service_tier": optional(OneOf("auto", "standard_only")),
        "top_k": optional(Integer(), legacy=True),
        "top_p": optional(Share(), legacy=True),
        "stream": optional(Boolean()),
        "container": nullable(p.CONTAINER),
        "inference_geo": nullable(Region(("global", "us"))),
        "diagnostics": nullable(p.DIAGNOSTICS),
        **_NEWER_PARTS,
        "fallbacks": nullable(p.FALLBACKS, *FALLBACKS),
        "fallback_credit_token": nullable(p.FALLBACK_CREDIT, *FALLBACK_CREDIT),
        "thread": nullable(p.THREAD, *THREADS),
    }
)
"""`POST /v1/messages`."""

COUNT_TOKENS: Final = Record({"model": _MODEL, **_TOOL_PARTS, "messages": _MESSAGES, **_PROMPT_PARTS, **_NEWER_PARTS})
"""`POST /v1/messages/count_tokens`: what counts as input, and nothing else."""

_NOT_IN_ROWS: Final = ("speed", "fallbacks", "fallback_credit_token", "thread")

ROW: Final = Record(
    {name: field for name, field in MESSAGES.fields.items() if name not in _NOT_IN_ROWS}
    | {
        "max_tokens": required(Integer(least=1, bare=True)),
        "user_profile_id": nullable(c.STRING),
    }
)
"""`params` of a row of a batch (documentation; the words about `max_tokens` are captured)."""

BATCH: Final = Record(
    {
        "requests": required(
            Array(
                Record(
                    {
                        "custom_id": required(Text(least=1, most=64, pattern="^[a-zA-Z0-9_-]{1,64}$")),
                        "params": required(Dictionary()),
                    }
                ),
                least=1,
                most=100_000,
            )
        )
    }
)
"""`POST /v1/messages/batches`: the envelope; each `params` is judged when its row is run (documentation)."""
