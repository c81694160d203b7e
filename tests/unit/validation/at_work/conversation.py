"""Where system messages stand, and that nobody says nothing."""

from helpers import assistant, user
from unit.validation.judging import Works, ask, block, search_result, searched, system, text

BRIEF = system("Be brief.")
_DIRECTIVE = "; the directive-only form (content: [] with output_config) is accepted at any position"
FIRST = "messages.0: use the top-level 'system' parameter for the initial system prompt" + _DIRECTIVE
FOLLOW = (
    "messages.2: role 'system' must follow a 'user' message or an 'assistant' message ending in a server tool result"
    + _DIRECTIVE
)
PRECEDE = "role 'system' must precede an 'assistant' message or end the array" + _DIRECTIVE
NO_BLOCK = "system content must contain at least one block"
KINDS = "role 'system' supports text, tool_addition, and tool_removal blocks only"
TURN_SCOPED = "a turn-scoped system message supports text blocks only (clear_at: 'next_user_message')"
CLEAR_AT = "mid-conversation-system-clear-at-2026-08-21"
GONE = block("tool_removal", tool=block("tool_reference", name="c"))
BLANK = "system text blocks must contain non-whitespace text"
NO_CONTENT = "user messages must have non-empty content"
ONLY_LAST = "all messages must have non-empty content except for the optional final assistant message"
NO_CODE = "container: Container identifier can only be provided when using the code execution tool"
NO_SKILLS = "container: skills can only be used when a code execution tool is enabled"
CODE = [block("code_execution_20250825", name="code_execution")]
SKILLS = {"skills": [block("anthropic", skill_id="pdf")]}
REDACTED = [block("redacted_thinking", data="a")]

ROWS = {
    "system_messages": Works(
        refused=[
            (ask("a", system("")), f"messages.1: {NO_BLOCK}"),
            (ask(system([]), "a"), f"messages.0: {NO_BLOCK}"),
            (ask("a", system(REDACTED)), f"messages.1: {KINDS}"),
            (ask(system(REDACTED), "a"), f"messages.0: {KINDS}"),
            (ask("a", system([GONE], clear_at="next_user_message"), betas=CLEAR_AT), f"messages.1: {TURN_SCOPED}"),
            (ask(BRIEF, "a"), FIRST),
            (ask(system(" "), "a"), FIRST),
            (ask("a", assistant("b"), BRIEF), FOLLOW),
            (ask("a", assistant([]), BRIEF), FOLLOW),
            (ask("a", assistant([text()]), BRIEF), FOLLOW),
            (ask("a", assistant("b"), BRIEF, BRIEF), FOLLOW),
            (ask("a", assistant("b"), BRIEF, "c"), FOLLOW),
            (ask("a", assistant("b"), system(" ")), FOLLOW),
            (ask("a", BRIEF, "b"), f"messages.1: {PRECEDE}"),
            (ask("a", BRIEF, BRIEF, "b"), f"messages.2: {PRECEDE}"),
            (ask("a", system(" "), BRIEF, "b"), f"messages.1: {BLANK}"),
            (ask("a", system(" ")), f"messages.1: {BLANK}"),
            (ask("a", system([text("b"), text("\n")])), f"messages.1: {BLANK}"),
        ],
        accepted=[
            ask("a", BRIEF),
            ask("a", BRIEF, assistant("b"), "c"),
            ask("a", BRIEF, BRIEF, assistant("b"), "c"),
            ask("a", assistant([searched(), search_result()]), BRIEF),
            ask("a", system([text("b"), GONE])),
            ask("a", system([GONE], clear_at="never"), betas=CLEAR_AT),
            ask("a", system([text("b")], clear_at="next_user_message"), betas=CLEAR_AT),
            ask("a", system("b", clear_at="next_user_message"), betas=CLEAR_AT),
            ask(system([], output_config={"effort": "low"}), "a", betas="per-turn-control-2026-07-01"),
            ask({"role": "system", "output_config": {"effort": "low"}}, "a", betas="per-turn-control-2026-07-01"),
        ],
    ),
    "empty_user_turn": Works(
        refused=[
            (ask(user("")), f"messages.0: {NO_CONTENT}"),
            (ask(user([])), f"messages.0: {NO_CONTENT}"),
            (ask("a", assistant("b"), user([]), user("")), f"messages.2: {NO_CONTENT}"),
            (ask(user(""), assistant("b"), "c"), f"messages.0: {NO_CONTENT}"),
        ],
        accepted=[
            ask(user("a")),
            ask(user(""), "a"),
            ask("a", user("")),
            ask(user(""), "a", user([])),
        ],
    ),
    "empty_assistant_turn": Works(
        refused=[
            (ask("a", assistant(""), "b"), f"messages.1: {ONLY_LAST}"),
            (ask("a", assistant([]), "b"), f"messages.1: {ONLY_LAST}"),
        ],
        accepted=[
            ask("a", assistant("b"), "c"),
            ask("a", assistant("")),
            ask("a", assistant([])),
        ],
    ),
    "container": Works(
        refused=[
            (ask(container="container_1"), NO_CODE),
            (ask(container={"id": "container_1"}), NO_CODE),
            (ask(container={"id": "container_1", **SKILLS}), NO_CODE),
            (ask(container=SKILLS), NO_SKILLS),
            (ask(container=SKILLS, tools=[block("web_search_20250305", name="web_search")]), NO_SKILLS),
        ],
        accepted=[
            ask(container="container_1", tools=CODE),
            ask(container={"id": "container_1", **SKILLS}, tools=CODE),
            ask(container=None),
            ask(container={}),
            ask(container={"id": None, "skills": []}),
        ],
    ),
}
