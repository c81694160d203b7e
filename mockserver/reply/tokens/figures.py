"""The figures of the token estimate, one table a tokenizer. Not here: how they are used.

Recorded: fitted to the usage of about 2,000 recorded requests and as many answers (`benchmarks/tokens.py` fits the
pieces again); the older tokenizer's are good to 1 %, the newer one's rest on about 110 requests and are good to some
per cent. Documented: from the API's pages of vision, PDF support and tool use. What depends on the model's generation
is in `wire.models`.
"""

from typing import Final

from mockserver.wire.frozen import frozen
from mockserver.wire.traits import Tokenizer

LONGEST_WORD: Final = 16
"""Letters; a longer word is several pieces."""

_PIECES: Final[dict[str, tuple[float, float]]] = {
    " lower 1": (1.03, 1.03),
    " lower 2": (0.87, 1.05),
    " lower 3": (1.16, 1.34),
    " lower 4": (0.99, 0.99),
    " lower 5": (1.12, 1.26),
    " lower 7": (1.03, 2.05),
    " lower 9": (1.25, 2.65),
    " lower 11": (1.47, 2.6),
    " lower 13": (1.21, 2.49),
    " lower L": (1.74, 3.11),
    "lower 1": (0.73, 0.82),
    "lower 2": (0.64, 0.79),
    "lower 3": (1.03, 1.48),
    "lower 5": (1.31, 1.31),
    "lower 7": (1.35, 1.78),
    "lower 9": (1.51, 2.43),
    "lower L": (1.24, 1.59),
    " UPPER 1": (0.85, 0.9),
    "UPPER 1": (0.72, 1.08),
    " UPPER 2": (0.96, 1.58),
    "UPPER 2": (1.23, 1.54),
    " UPPER 3": (1.18, 1.58),
    "UPPER 3": (1.36, 1.78),
    " UPPER 5": (1.43, 1.78),
    "UPPER 5": (2.05, 3.04),
    " UPPER L": (2.32, 3.45),
    "UPPER L": (1.88, 2.66),
    " Title 4": (1.1, 1.29),
    " Title 7": (1.42, 3.47),
    " Title 9": (1.73, 2.26),
    " Title L": (1.8, 3.2),
    "Title 4": (1.39, 1.59),
    "Title 7": (1.36, 2.49),
    "Title 9": (1.95, 2.5),
    "Title L": (1.82, 2.96),
    "digits": (1.17, 0.99),
    "space": (1.23, 1.77),
    "run": (2.4, 2.16),
    "newline": (0.84, 0.71),
    "blank lines": (1.0, 0.9),
    "indentation": (1.61, 1.66),
    "accented": (1.64, 2.13),
    "cjk": (1.09, 1.42),
    "hangul": (1.3, 1.69),
    "greek": (0.8, 1.04),
    "letter": (1.5, 1.95),
    "emoji": (3.57, 4.96),
    "symbol": (0.56, 1.0),
    "repeated": (0.33, 0.43),
    "rule": (1.02, 1.33),
    "punct common": (0.85, 1.0),
    " punct common": (1.27, 1.75),
    "punct other": (0.77, 0.51),
    " punct other": (1.63, 1.9),
    "punct 2": (0.9, 1.2),
    " punct 2": (0.74, 1.31),
    "punct 3": (1.13, 1.92),
    " punct 3": (1.57, 2.23),
    "punct 4": (1.94, 3.38),
    " punct 4": (1.76, 2.49),
    "punct 5": (2.2, 3.18),
    " punct 5": (2.12, 3.09),
    "punct 6": (2.56, 3.71),
    " punct 6": (2.53, 3.52),
}
"""Kind of piece -> its tokens with the old and with the new tokenizer.

A kind that begins with a space has a space before it; a number is the most letters or signs, `L` what is longer. Other
scripts than Latin are in no recording; their figures are guesses.
"""

PIECES: Final[dict[Tokenizer, dict[str, float]]] = {
    "old": {kind: old for kind, (old, _) in _PIECES.items()},
    "new": {kind: new for kind, (_, new) in _PIECES.items()},
}

ANSWER: Final = 3
"""Output tokens of an answer beside those of its blocks (recorded)."""


@frozen
class Figures:
    """What stands in a prompt and in an answer beside the texts, in tokens. Recorded where nothing else is said.

    `start` stands before the first message, `turn` between two of different roles, `closing` after a message and
    `closing_result` after one that ends with a tool result: what a prompt has behind its last block. `system_block`:
    each block of the system prompt after the first.

    `tool` is a custom tool beside its JSON, `example` one of its `input_examples` beside its JSON, `deferred` once
    where a tool is loaded later, `tool_search` that tool's definition. `reference` and `addition` are the blocks that
    load a tool. `call` and `parameter` are a tool_use and one of its inputs, `result` a tool_result; their texts come
    on top.

    `enabled` is thinking of that type, `thinking` a block of thinking beside its text, `schema` and `per_schema` are
    structured output: once, and for each token of the schema. `budget`: a task budget.

    `image` comes on top of the image's patches, `page` is one page of a PDF beside its text, `document` a document of
    plain text, `search_result` one of those, `citations` once where any block has them enabled.

    The rest is in answers: `written_call`, the first call of an answer (`any_call` and `forced_call` where the request
    made it call one, so that its beginning was not written by the model), `next_call` and `written_parameter`.
    """

    start: float
    turn: float
    closing: float
    call: float
    parameter: float
    result: float
    deferred: float
    tool_search: float
    reference: float
    addition: float
    written_call: float
    next_call: float
    any_call: float
    forced_call: float
    written_parameter: float
    tool: float = 2.3
    example: float = 20
    closing_result: float = 1
    system_block: float = 0.4
    enabled: float = 29
    thinking: float = 7
    schema: float = 106
    per_schema: float = 1.2
    budget: float = 37
    image: float = 3
    page: float = 1600
    document: float = 38
    search_result: float = 20
    citations: float = 540


FIGURES: Final[dict[Tokenizer, Figures]] = {
    "old": Figures(
        start=4,
        turn=-0.2,
        closing=3,
        call=20.9,
        parameter=10.1,
        result=25.3,
        deferred=1,
        tool_search=192,
        reference=79.6,
        addition=115,
        written_call=30,
        next_call=16.2,
        any_call=15.4,
        forced_call=11.7,
        written_parameter=14.4,
    ),
    "new": Figures(
        start=5,
        turn=0.3,
        closing=2,
        call=18,
        parameter=12.8,
        result=16.7,
        deferred=94,
        tool_search=278,
        reference=88,
        addition=85,
        written_call=19.7,
        next_call=30,
        any_call=14.6,
        forced_call=10.6,
        written_parameter=22.3,
    ),
}

TYPED_TOOLS: Final = {
    "bash": 245,
    "text_editor_20250124": 708,
    "text_editor": 745,
    "computer": 1322,
    "browser": 1322,
    "memory": 1070,
    "mcp_toolset": 0,
}
"""Beginning of a tool's type -> its definition's tokens beside the tools' prompt; the first that fits. `browser` is a
guess; what an MCP server's tools weigh is not in a request."""

OTHER_TYPED_TOOL: Final = 300
"""A tool of the API of which nothing is known."""

UNREAD_IMAGE: Final = 1500
"""An image that is not in the request (a url, a file) or cannot be read: about the most of the standard tier."""

PATCH: Final = 28
"""Pixels a side of the square that is one token (documented)."""


@frozen
class Tier:
    """To what an image is scaled down before it is read: the longer edge in pixels, and tokens (documented)."""

    edge: int
    tokens: int


TIERS: Final[dict[Tokenizer, Tier]] = {"old": Tier(1568, 1568), "new": Tier(2576, 4784)}
"""The newer tokenizer and the tier of high resolution came with the same model, Opus 4.7."""
