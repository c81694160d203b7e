"""Texts: none is empty, none is only whitespace."""

from helpers import assistant, user
from unit.validation.judging import OLD, Works, ask, mark, system, text

CACHED = "text: cache_control cannot be set for empty text blocks"
EMPTY = "text content blocks must be non-empty"
BLANK = "text content blocks must contain non-whitespace text"
TRAILING = "messages: final assistant content cannot end with trailing whitespace"

ROWS = {
    "cached_empty_text": Works(
        refused=[
            (ask(user([text(), text("", **mark())])), f"messages.0.content.1.{CACHED}"),
            (ask("a", assistant([text("", **mark())]), "b"), f"messages.1.content.0.{CACHED}"),
            (ask(system=[text(), text("", **mark())]), f"system.1.{CACHED}"),
        ],
        accepted=[
            ask(user([text("a", **mark())])),
            ask(user([text(), text("a", cache_control=None)])),
            ask(system=[text("a", **mark())]),
        ],
    ),
    "empty_text": Works(
        refused=[
            (ask(user([text("a"), text("")])), f"messages: {EMPTY}"),
            (ask("a", assistant([text("")])), f"messages: {EMPTY}"),
        ],
        accepted=[ask(user([text("a"), text("b")]))],
    ),
    "blank_text": Works(
        refused=[
            (ask(" "), f"messages: {BLANK}"),
            (ask("a", user([text("b"), text("\n")])), f"messages: {BLANK}"),
            (ask("a", assistant("\t"), "b"), f"messages: {BLANK}"),
        ],
        accepted=[ask(" a"), ask(user([text("b"), text("\nc")])), ask("a", system("b"), assistant("c"), "d")],
    ),
    "system_text": Works(
        refused=[
            (ask(system=" "), f"system: {BLANK}"),
            (ask(system=[text(" ")]), f"system: {BLANK}"),
            (ask(system=[text("a"), text("")]), f"system: {EMPTY}"),
        ],
        accepted=[ask(system="a"), ask(system=""), ask(system=[]), ask(system=[text(" a")])],
    ),
    "trailing_whitespace": Works(
        refused=[
            (ask("a", assistant("b "), model=OLD), TRAILING),
            (ask("a", assistant(" "), model=OLD), TRAILING),
            (ask("a", assistant([text("b"), text("c\n")]), model=OLD), TRAILING),
        ],
        accepted=[
            ask("a", assistant(" b"), model=OLD),
            ask("a", assistant(""), model=OLD),
            ask("a", assistant([text("b\n"), text("c")]), model=OLD),
            ask("a", assistant([text("b ")]), "c"),
            ask("a "),
        ],
    ),
}
