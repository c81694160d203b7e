"""What one model takes and another does not. The traits are data of the registry (`wire.models`)."""

from collections.abc import Callable
from typing import Final

from mockserver.validation.betas import LONG_OUTPUT
from mockserver.validation.rules.rule import Refusal, Rule
from mockserver.validation.subject import UNSET, Subject, tool_kind
from mockserver.wire.content import THINKING_TYPES
from mockserver.wire.errors import ApiError

_USE_ADAPTIVE: Final = 'Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
_PROGRAMMATIC: Final = ("web_search_2026", "web_fetch_2026")
"""What the types of web tools begin with that code may call."""
_HARMLESS_TOP_P: Final = 0.99


def known(subject: Subject) -> Refusal:
    """Refuse a model that does not exist; one that is retired, where the server is told so."""
    model = subject.scope.model
    if model is None or (subject.rejects_retired and model.is_retired(subject.today)):
        return ApiError("not_found_error", f"model: {subject.body['model']}")
    return None


def thinking(subject: Subject) -> str | None:
    """Refuse a mode of thinking that the model does not have."""
    mode, modes = subject.thinking, subject.model.thinking
    if not mode or mode in modes:
        return None
    if mode == "adaptive":
        return "adaptive thinking is not supported on this model"
    if modes == ("disabled",):
        return f"'{subject.model.id}' does not support thinking."
    refusal = f'"thinking.type.{mode}" is not supported for this model.'
    if mode == "between_tools":
        return refusal
    if mode == "disabled" and "enabled" in modes:
        return (
            f'{refusal} Thinking defaults to adaptive mode when not specified; use "thinking.type.enabled" with '
            '"budget_tokens" for extended thinking.'
        )
    if mode == "disabled" and "between_tools" in modes:
        return (
            f'{refusal} Use "thinking.type.between_tools" for the lowest thinking setting, or "thinking.type.adaptive" '
            'and "output_config.effort" to control thinking behavior.'
        )
    return f"{refusal} {_USE_ADAPTIVE}"


def effort(subject: Subject) -> str | None:
    """Refuse a level of effort that the model does not have, or not without thinking."""
    level = subject.output_config.get("effort")
    if level is None:
        return None
    model = subject.model
    if not model.efforts:
        return "This model does not support the effort parameter."
    if level not in model.efforts:
        levels = ", ".join(sorted(model.efforts))
        return f"This model does not support effort level '{level}'. Supported levels: {levels}."
    if model.is_too_much_effort(level, subject.thinking):
        return (
            f"output_config.effort '{level}' is not supported when thinking is disabled on this model. "
            f"Use effort '{model.quiet_effort}' or below, or enable thinking."
        )
    return None


def message_effort(subject: Subject) -> str | None:
    """Refuse, under `between_tools`, a system message that changes the effort."""
    if subject.thinking != "between_tools":
        return None
    before = subject.output_config.get("effort") or subject.model.effort
    for index, message in enumerate(subject.messages):
        level = (message.get("output_config") or {}).get("effort") or before
        if level != before:
            return (
                f"messages.{index}: output_config.effort '{level}' differs from the '{before}' in effect before it; "
                "effort cannot change within a conversation when thinking.type is between_tools"
            )
    return None


_DEFAULTS: Final[dict[str, Callable[[float], bool]]] = {
    "temperature": lambda value: value == 1,
    "top_p": lambda value: value >= _HARMLESS_TOP_P,
    "top_k": lambda value: value == UNSET,
}
"""Parameter -> whether a value of it changes nothing; such values are taken for backwards compatibility."""


def sampling(subject: Subject) -> str | None:
    """Refuse sampling parameters that the model does not take."""
    body = subject.body
    if subject.model.sampling == "default":
        for name, is_default in _DEFAULTS.items():
            if name in body and not is_default(body[name]):
                return f"`{name}` is deprecated for this model."
    if subject.model.sampling == "one" and "temperature" in body and "top_p" in body:
        return "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
    return None


def max_tokens(subject: Subject) -> str | None:
    """Refuse more output than the model can write; the sentence names the model's own id."""
    asked, most = subject.body.get("max_tokens", 0), _most_output(subject)
    if asked <= most:
        return None
    return f"max_tokens: {asked} > {most}, which is the maximum allowed number of output tokens for {subject.model.id}"


def _most_output(subject: Subject) -> int:
    """Return how many tokens the model may write; rows of batches may ask for more (documentation)."""
    long = subject.endpoint == "batches" and LONG_OUTPUT in subject.scope.betas
    return subject.model.batch_output if long else subject.model.max_output


def prefill(subject: Subject) -> str | None:
    """Refuse a final assistant message; a resumed turn that ends in a server tool's block is none."""
    last = subject.messages[-1]
    if subject.model.prefill or last["role"] != "assistant" or not last["content"]:
        return None
    content = last["content"]
    if isinstance(content, list) and content[-1]["type"] not in ("text", *THINKING_TYPES):
        return None
    return "This model does not support assistant message prefill. The conversation must end with a user message."


def forced_tool(subject: Subject) -> str | None:
    """Refuse a forced tool."""
    if subject.forces_tool and not subject.model.forced_tools:
        return 'tool_choice: type "tool" and "any" are not supported for this model.'
    return None


_CLIENT_TOOLS: Final = (
    "bash_20250124",
    "browser_toolset_20260801",
    "computer_20250124",
    "computer_20251124",
    "computer_toolset_20260801",
    "text_editor_20250728",
)
"""What the refusal of a tool's type may propose."""


def tool_types(subject: Subject) -> str | None:
    """Refuse tools of a type that the model does not take: one too old or too new for it."""
    refused = [tool_kind(t) for t in subject.tools if tool_kind(t) in subject.model.refused_tools]
    if not refused:
        return None
    taken = ", ".join(kind for kind in _CLIENT_TOOLS if kind not in subject.model.refused_tools)
    return f"'{subject.model.id}' does not support tool types: {', '.join(refused)}. Did you mean one of {taken}?"


def programmatic_calling(subject: Subject) -> str | None:
    """Refuse, where code cannot call tools, web tools that it may call unless they say that only the model does."""
    if subject.model.programmatic_calling:
        return None
    names = [
        str(tool["name"])
        for tool in subject.tools
        if tool_kind(tool).startswith(_PROGRAMMATIC) and tool.get("allowed_callers") != ["direct"]
    ]
    if not names:
        return None
    return (
        f"'{subject.model.id}' does not support programmatic tool calling. The following tools have `allowed_callers` "
        f'that require it: {", ".join(names)}. Explicitly set `allowed_callers=["direct"]` on these tools, or use a '
        "model that supports programmatic tool calling."
    )


def media(subject: Subject) -> str | None:
    """Refuse images or PDFs on models that cannot read them."""
    for kind, name in (("image", "image"), ("document", "PDF")):
        if kind in subject.model.unread and subject.media(kind):
            return f"'{subject.model.id}' does not support {name} input."
    return None


def region(subject: Subject) -> str | None:
    """Refuse a region on models that know none."""
    if subject.body.get("inference_geo") and subject.model.inference_geo != "global":
        return f"inference_geo: '{subject.model.id}' does not support the `inference_geo` parameter."
    return None


def speed(subject: Subject) -> str | None:
    """Refuse the fast mode on models without it."""
    if subject.body.get("speed") != "fast" or subject.model.fast:
        return None
    return (
        f"'{subject.model.id}' does not support the `speed` parameter. "
        "This feature is only available on supported models."
    )


def structured_output(subject: Subject) -> str | None:
    """Refuse structured output on models without it."""
    if subject.output_config.get("format") and not subject.model.structured_outputs:
        return f"'{subject.model.id}' does not support output format."
    return None


RULES: Final = (
    Rule("known", known, "recorded", "2026-08"),
    Rule("thinking", thinking, "quoted", "2026-10", fields=("thinking",)),
    Rule("effort", effort, "quoted", "2026-10", fields=("output_config",)),
    Rule(
        "message_effort",
        message_effort,
        "documented",
        "2026-09",
        "the end of the sentence is inferred",
        fields=("thinking",),
    ),
    Rule("sampling", sampling, "quoted", "2026-11", fields=("temperature", "top_p", "top_k")),
    Rule("max_tokens", max_tokens, "quoted", "2026-09"),
    Rule("prefill", prefill, "recorded", "2026-11"),
    Rule("forced_tool", forced_tool, "quoted", "2026-09", fields=("tool_choice",)),
    Rule(
        "tool_types",
        tool_types,
        "quoted",
        "2026-10",
        "which types older models take is documented and quoted for some",
        fields=("tools",),
    ),
    Rule("programmatic_calling", programmatic_calling, "quoted", "2026", fields=("tools",)),
    Rule(
        "region",
        region,
        "inferred",
        "2026-11",
        "the refusal is documented, its words are not",
        fields=("inference_geo",),
    ),
    Rule("speed", speed, "quoted", "2026-09", "which models are fast is inferred", fields=("speed",)),
    Rule("media", media, "quoted", "2025", blocks=("image", "document", "tool_result")),
    Rule("structured_output", structured_output, "inferred", "2025-12", fields=("output_config",)),
)
