"""Cache breakpoints: how many, in which order, and where not."""

from helpers import assistant, tool_result, tool_use, user
from unit.validation.judging import Works, ask, mark, text, thought, tool

NESTED = "cache_control may not be specified within `tool_result.content`. Instead, place it directly on `tool_result`"
TTL = (
    "Top-level cache_control has ttl='{}' but the target block already has cache_control with ttl='{}'. "
    "When both are specified on the same block, they must have matching TTLs."
)
FOUND = "A maximum of 4 blocks with cache_control may be provided. Found {}."
ORDER = "cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block."


def _answer(content, **more):
    return ask("a", assistant([tool_use()]), user([tool_result(content, **more)]))


def _marked(*ttls, **more):
    return ask(user([text(**mark(ttl)) if ttl else text() for ttl in ttls]), **more)


ROWS = {
    "nested_marks": Works(
        refused=[
            (_answer([text(**mark())], **mark()), NESTED),
            (_answer([text(**mark()), text(**mark())]), NESTED),
        ],
        accepted=[_answer([text(**mark()), text()]), _answer([text()], **mark()), _answer("b", **mark())],
    ),
    "automatic_ttl": Works(
        refused=[
            (_marked("5m", **mark("1h")), TTL.format("1h", "5m")),
            (_marked("1h", **mark()), TTL.format("5m", "1h")),
        ],
        accepted=[
            _marked("5m", **mark()),
            _marked("1h", **mark("1h")),
            _marked("1h", None, **mark()),
            ask(user([text(**mark("1h"))]), "b", **mark()),
            ask("a", assistant([text(**mark()), thought()]), "b", **mark()),
            _marked("5m", cache_control=None),
        ],
    ),
    "mark_count": Works(
        refused=[
            (_marked(*["5m"] * 5), FOUND.format(5)),
            (ask(user([text(**mark())] * 2), tools=[tool(**mark())], system=[text(**mark())] * 2), FOUND.format(5)),
            (_marked(*["5m"] * 4, None, **mark()), FOUND.format(5)),
        ],
        accepted=[
            _marked(*["5m"] * 4, None),
            _marked(*["5m"] * 4, **mark()),
            _marked(*["5m"] * 3, None, **mark()),
            ask("a", **mark()),
        ],
    ),
    "ttl_order": Works(
        refused=[
            (_marked("5m", "1h"), f"messages.0.content.1.{ORDER}"),
            (_marked("1h", system=[text(), text(**mark())]), f"messages.0.content.0.{ORDER}"),
            (ask(tools=[tool(**mark())], system=[text(), text(**mark("1h"))]), f"system.1.{ORDER}"),
            (ask(tools=[tool("a", **mark()), tool("b", **mark("1h"))]), f"tools.1.{ORDER}"),
            (
                ask("a", assistant([text(**mark()), tool_use()]), user([tool_result([text(**mark("1h"))])])),
                f"messages.2.content.0.{ORDER}",
            ),
        ],
        accepted=[
            _marked("1h", "1h", None, "5m", "5m"),
            ask(user([text(**mark())]), tools=[tool(**mark("1h"))], system=[text(**mark("1h"))]),
        ],
    ),
}
