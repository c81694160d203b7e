"""The length of the answer, its end, who it is for."""

from unit.validation.judging import COUNT, OLD, Works, ask, block, enabled, tool

ZERO = "max_tokens: must be greater than or equal to 1 when "
BLANK = "stop_sequences: each stop sequence must contain non-whitespace"
ADDRESS = "metadata.user_id: user_id appears to contain an email address. Please send a uuid or hash value instead."
FORMAT = {"format": block("json_schema", schema={"type": "string"})}
ANY = {"tools": [tool()], "tool_choice": block("any")}

BUDGETS = "task-budgets-2026-03-13"


def _budgeted(total):
    return ask(output_config={"task_budget": block("tokens", total=total)}, betas=BUDGETS)


ROWS = {
    "prewarming": Works(
        refused=[
            (ask(max_tokens=0, stream=True), f"{ZERO}stream is true"),
            (ask(**enabled() | {"max_tokens": 0}), f"{ZERO}thinking is enabled"),
            (ask(max_tokens=0, output_config=FORMAT), f"{ZERO}output_config.format is set"),
            (ask(max_tokens=0, **ANY), f"{ZERO}tool_choice forces tool use"),
            (ask(max_tokens=0, stream=True, **ANY), f"{ZERO}stream is true"),
        ],
        accepted=[
            ask(max_tokens=0),
            ask(max_tokens=0, stream=False),
            ask(max_tokens=0, thinking=block("adaptive")),
            ask(max_tokens=0, tools=[tool()], tool_choice=block("auto")),
            ask(max_tokens=1, stream=True),
            ask(path=COUNT, **ANY),
        ],
    ),
    "stop_sequences": Works(
        refused=[(ask(stop_sequences=["a", wrong]), BLANK) for wrong in ("", " ", "\n\t")],
        accepted=[ask(stop_sequences=right) for right in (None, [], ["a"], ["\n#"])],
    ),
    "task_budget": Works(
        refused=[
            (
                _budgeted(19_999),
                "output_config.task_budget.total: Input should be greater than or equal to 20000",
            ),
        ],
        accepted=[_budgeted(20_000), ask(output_config={"task_budget": None}, betas=BUDGETS), ask(output_config={})],
    ),
    "user_id": Works(
        refused=[(ask(metadata={"user_id": "a@b.example"}), ADDRESS)],
        accepted=[
            *(ask(metadata={"user_id": right}) for right in (None, "", "a@b", "a b@c.example", "user-1")),
            ask(metadata=None),
            ask(metadata={}, model=OLD),
        ],
    ),
}
