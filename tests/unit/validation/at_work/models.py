"""What one model takes and another does not."""

from helpers import assistant, user
from unit.validation.judging import (
    CURRENT,
    OLD,
    Works,
    ask,
    block,
    enabled,
    search_result,
    searched,
    system,
    text,
    thought,
    tool,
)

from mockserver.validation.pipeline import Court
from mockserver.wire.registry import Registry

USE_ADAPTIVE = 'Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
LEVELS = "This model does not support effort level '{}'. Supported levels: {}."
QUIET = (
    "output_config.effort '{}' is not supported when thinking is disabled on this model. "
    "Use effort 'high' or below, or enable thinking."
)
DIFFERS = (
    "messages.1: output_config.effort '{}' differs from the '{}' in effect before it; "
    "effort cannot change within a conversation when thinking.type is between_tools"
)
BOTH = "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
PREFILL = "This model does not support assistant message prefill. The conversation must end with a user message."
FORCED = 'tool_choice: type "tool" and "any" are not supported for this model.'
DISPLAY = {"display_width_px": 1, "display_height_px": 1}
COMPUTER = block("computer_20251124", name="computer", **DISPLAY)
COMPUTERS = "computer-use-2025-11-24"
SEARCH = block("web_search_20260209", name="web_search")
STRING = {"format": block("json_schema", schema={"type": "string"})}
RETIRED = "claude-opus-4-1-20250805"
STRICT = Court(rejects_retired=True)


def _most(asked, most, name):
    return f"max_tokens: {asked} > {most}, which is the maximum allowed number of output tokens for {name}"


def _thinking(model, mode, **more):
    return ask(model=model, thinking=block(mode, **more))


def _effort(model, level, mode=""):
    return ask(model=model, output_config={"effort": level}, **({"thinking": block(mode)} if mode else {}))


def _effort_in_midst(mode, level, **more):
    turn = system([], output_config={"effort": level})
    return ask("a", turn, model="claude-sonnet-5-5", thinking=block(mode), betas="per-turn-control-2026-07-01", **more)


def _forcing(model, kind="any", **more):
    return ask(model=model, tools=[tool()], tool_choice=block(kind, **more))


def _programmatic(name):
    return (
        "'claude-haiku-4-5-20251001' does not support programmatic tool calling. The following tools have "
        f'`allowed_callers` that require it: {name}. Explicitly set `allowed_callers=["direct"]` on these tools, or '
        "use a model that supports programmatic tool calling."
    )


SEEN = user([block("image", source=block("url", url="https://a.example/a.png"))])
READ = user([block("document", source=block("url", url="https://a.example/a.pdf"))])

ROWS = {
    "known": Works(
        refused=[
            (ask(model="claude-nope"), (404, "not_found_error", "model: claude-nope")),
            (ask(model=" "), (404, "not_found_error", "model:  ")),
            (ask(model=RETIRED, court=STRICT), (404, "not_found_error", f"model: {RETIRED}")),
            (ask(model="claude-opus-4-1", court=STRICT), (404, "not_found_error", "model: claude-opus-4-1")),
        ],
        accepted=[
            ask(model="claude-sonnet-5", court=STRICT),
            ask(model=RETIRED),
            ask(model="claude-nope", court=Court(models=Registry(["claude-nope"]))),
            ask(model="old", court=Court(models=Registry([f"old={RETIRED}"]), rejects_retired=True)),
        ],
    ),
    "thinking": Works(
        refused=[
            (
                ask(model="claude-mythos-preview", thinking=block("disabled")),
                '"thinking.type.disabled" is not supported for this model. Thinking defaults to adaptive mode when not '
                'specified; use "thinking.type.enabled" with "budget_tokens" for extended thinking.',
            ),
            (_thinking(OLD, "adaptive"), "adaptive thinking is not supported on this model"),
            (_thinking("claude-3-haiku-20240307", "adaptive"), "adaptive thinking is not supported on this model"),
            (ask(**enabled() | {"model": "claude-3-haiku-20240307"}), "'claude-3-haiku-20240307' does not support thinking."),
            (ask(**enabled() | {"model": "claude-sonnet-5"}), f'"thinking.type.enabled" is not supported for this model. {USE_ADAPTIVE}'),
            (_thinking("claude-opus-5-5", "disabled"), f'"thinking.type.disabled" is not supported for this model. {USE_ADAPTIVE}'),
            (_thinking("claude-opus-5", "between_tools"), '"thinking.type.between_tools" is not supported for this model.'),
            (
                _thinking("claude-sonnet-5-5", "disabled"),
                '"thinking.type.disabled" is not supported for this model. Use "thinking.type.between_tools" for the '
                'lowest thinking setting, or "thinking.type.adaptive" and "output_config.effort" to control thinking '
                "behavior.",
            ),
        ],
        accepted=[
            ask(**enabled()),
            _thinking(OLD, "disabled"),
            _thinking("claude-3-haiku-20240307", "disabled"),
            _thinking("claude-sonnet-5", "adaptive"),
            _thinking("claude-sonnet-5", "disabled"),
            _thinking("claude-opus-5-5", "adaptive"),
            _thinking("claude-sonnet-5-5", "between_tools"),
            ask(**enabled() | {"model": "claude-opus-4-6"}),
        ],
    ),
    "effort": Works(
        refused=[
            (_effort(OLD, "low"), "This model does not support the effort parameter."),
            (_effort("claude-opus-4-5", "max"), LEVELS.format("max", "high, low, medium")),
            (_effort("claude-opus-4-6", "xhigh"), LEVELS.format("xhigh", "high, low, max, medium")),
            (_effort("claude-opus-5", "xhigh", "disabled"), QUIET.format("xhigh")),
            (_effort("claude-sonnet-5-5", "max", "between_tools"), QUIET.format("max")),
        ],
        accepted=[
            _effort(OLD, None),
            _effort("claude-opus-4-5", "high"),
            _effort("claude-opus-4-6", "max"),
            _effort("claude-opus-5", "high", "disabled"),
            _effort("claude-opus-5", "max", "adaptive"),
            _effort("claude-sonnet-5", "max", "disabled"),
            _effort("claude-sonnet-5-5", "high", "between_tools"),
        ],
    ),
    "message_effort": Works(
        refused=[
            (_effort_in_midst("between_tools", "low"), DIFFERS.format("low", "high")),
            (_effort_in_midst("between_tools", "high", output_config={"effort": "low"}), DIFFERS.format("high", "low")),
        ],
        accepted=[
            _effort_in_midst("between_tools", "high"),
            _effort_in_midst("between_tools", None),
            _effort_in_midst("between_tools", "low", output_config={"effort": "low"}),
            _effort_in_midst("adaptive", "low"),
        ],
    ),
    "sampling": Works(
        refused=[
            (ask(temperature=0.5), "`temperature` is deprecated for this model."),
            (ask(top_p=0.98), "`top_p` is deprecated for this model."),
            (ask(top_k=5), "`top_k` is deprecated for this model."),
            (ask(model=OLD, temperature=1, top_p=1), BOTH),
        ],
        accepted=[
            ask(temperature=1, top_p=1),
            ask(top_p=0.99, top_k=-1),
            ask(temperature=1.0),
            ask(model=OLD, temperature=0.5),
            ask(model=OLD, temperature=0),
            ask(model=OLD, top_p=0.5, top_k=5),
            ask(model="claude-sonnet-4-20250514", temperature=0.5, top_p=0.5, top_k=5),
        ],
    ),
    "max_tokens": Works(
        refused=[
            (ask(model=OLD, max_tokens=64001), _most(64001, 64000, "claude-haiku-4-5-20251001")),
            (ask(max_tokens=128001), _most(128001, 128000, "claude-sonnet-5")),
            (ask(model="claude-3-haiku-20240307", max_tokens=4097), _most(4097, 4096, "claude-3-haiku-20240307")),
        ],
        accepted=[ask(model=OLD, max_tokens=64000), ask(max_tokens=128000)],
    ),
    "prefill": Works(
        refused=[
            (ask("a", assistant("b")), PREFILL),
            (ask("a", assistant([text("b")])), PREFILL),
            (ask("a", assistant([thought()])), PREFILL),
        ],
        accepted=[
            ask("a", assistant("b"), model=OLD),
            ask("a", assistant("")),
            ask("a", assistant([])),
            ask("a", assistant([searched(), search_result()])),
            ask("a", assistant("b"), "c"),
        ],
    ),
    "forced_tool": Works(
        refused=[
            (_forcing("claude-fable-5-1"), FORCED),
            (_forcing("claude-sonnet-5-5", "tool", name="get_weather"), FORCED),
        ],
        accepted=[
            _forcing("claude-fable-5"),
            _forcing("claude-haiku-5-5", "tool", name="get_weather"),
            _forcing("claude-fable-5-1", "auto"),
        ],
    ),
    "tool_types": Works(
        refused=[
            (
                ask(model="claude-opus-5-5", tools=[tool(), COMPUTER], betas=COMPUTERS),
                "'claude-opus-5-5' does not support tool types: computer_20251124. Did you mean one of bash_20250124, "
                "browser_toolset_20260801, computer_toolset_20260801, text_editor_20250728?",
            ),
            (
                ask(model=OLD, tools=[block("browser_toolset_20260801")]),
                "'claude-haiku-4-5-20251001' does not support tool types: browser_toolset_20260801. Did you mean one of "
                "bash_20250124, computer_20250124, text_editor_20250728?",
            ),
        ],
        accepted=[
            ask(model="claude-opus-5", tools=[tool(), COMPUTER], betas=COMPUTERS),
            ask(model="claude-opus-5-5", tools=[block("computer_toolset_20260801")]),
        ],
    ),
    "programmatic_calling": Works(
        refused=[
            (ask(model=OLD, tools=[SEARCH]), _programmatic("web_search")),
            (ask(model=OLD, tools=[SEARCH | {"allowed_callers": ["direct", "code_execution_20260120"]}]), _programmatic("web_search")),
            (
                ask(model=OLD, tools=[SEARCH, tool(), block("web_fetch_20260318", name="web_fetch")]),
                _programmatic("web_search, web_fetch"),
            ),
        ],
        accepted=[
            ask(model=OLD, tools=[SEARCH | {"allowed_callers": ["direct"]}]),
            ask(model=OLD, tools=[block("web_search_20250305", name="web_search")]),
            ask(tools=[SEARCH]),
        ],
    ),
    "region": Works(
        refused=[
            (
                ask(model=OLD, inference_geo="us"),
                "inference_geo: 'claude-haiku-4-5-20251001' does not support the `inference_geo` parameter.",
            ),
        ],
        accepted=[ask(inference_geo="us"), ask(model=OLD, inference_geo=None)],
    ),
    "speed": Works(
        refused=[
            (
                ask(speed="fast"),
                "'claude-sonnet-5' does not support the `speed` parameter. "
                "This feature is only available on supported models.",
            ),
        ],
        accepted=[
            ask(speed="standard"),
            ask(model="claude-opus-5", speed="fast"),
            ask(model="mine", speed="fast", court=Court(models=Registry(["mine=claude-opus-5"]))),
            ask(model="new", speed="fast", court=Court(models=Registry(["new"]))),
        ],
    ),
    "media": Works(
        refused=[
            (ask(SEEN, model="claude-2.1"), "'claude-2.1' does not support image input."),
            (ask(READ, model="claude-3-haiku-20240307"), "'claude-3-haiku-20240307' does not support PDF input."),
        ],
        accepted=[ask(SEEN, model="claude-3-haiku-20240307"), ask(READ)],
    ),
    "structured_output": Works(
        refused=[
            (
                ask(model="claude-sonnet-4-20250514", output_config=STRING),
                "'claude-sonnet-4-20250514' does not support output format.",
            ),
        ],
        accepted=[ask(model=RETIRED, output_config=STRING), ask(version=CURRENT, output_config=STRING)],
    ),
}  # fmt: skip
