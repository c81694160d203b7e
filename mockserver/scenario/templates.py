"""Templates: Jinja2 in a sandbox, compiled once at load. Not here: which texts are templates.

A text without `{{`, `{%` or `{#` never meets Jinja2, which is imported with its sandbox when the first template is
compiled.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from mockserver.scenario.budget import begin, charge
from mockserver.scenario.parts import nearest

if TYPE_CHECKING:
    from jinja2 import TemplateSyntaxError, nodes
    from jinja2.sandbox import SandboxedEnvironment

NAMES: Final = frozenset(
    {"match", "vars", "request", "headers", "prompt", "turn", "attempt", "tool_result", "fake", "now"}
)
"""What a template may name."""

Context = Mapping[str, Any]
Render = Callable[[Context], Any]

_MARKS: Final = re.compile(r"\{[{%#]")


class TemplateError(ValueError):
    """A template that cannot be compiled or rendered; the text says why."""


def is_template(text: str) -> bool:
    """Whether a text has anything for Jinja2 in it."""
    return _MARKS.search(text) is not None


def compile_text(text: str, members: Mapping[str, set[str]], *, native: bool = False) -> Render | None:
    """Compile one text; None where it is no template.

    `members` holds the names that `match` and `vars` have. `native`: a text that is nothing but one `{{ }}` keeps
    the type of its value. Raises `TemplateError` for bad syntax and for names that nothing defines.
    """
    if not is_template(text):
        return None
    from mockserver.scenario.sandbox import environment  # noqa: PLC0415 - see the module's docstring

    jinja = environment()
    begin()  # what is constant is worked out when a template is compiled
    try:
        _check_names(jinja.parse(text), members)
        expression = _only_expression(jinja, text) if native else None
        if expression is not None:
            return _native(jinja.compile_expression(expression, undefined_to_none=False), text)
        return _texts(jinja.from_string(text), text)
    except _syntax_error() as error:
        line = f" in line {error.lineno}" if "\n" in text else ""
        words = str(error).splitlines()[0].rstrip(".")
        raise TemplateError(f"not a template{line}: {words}; {_RAW}") from None


_RAW: Final = "braces that are no template go between {% raw %} and {% endraw %}"


def uses(value: Any, name: str) -> bool:
    """Whether a template in any of the texts of a JSON value names `name`."""
    if isinstance(value, str):
        return is_template(value) and re.search(rf"\b{name}\b", value) is not None
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(uses(item, name) for item in items)


def _syntax_error() -> "type[TemplateSyntaxError]":
    from jinja2 import TemplateSyntaxError  # noqa: PLC0415

    return TemplateSyntaxError


def _check_names(tree: "nodes.Template", members: Mapping[str, set[str]]) -> None:
    from jinja2 import meta, nodes  # noqa: PLC0415

    wrong = [
        f"{name!r} is undefined; {nearest(name, NAMES)}"
        for name in sorted(meta.find_undeclared_variables(tree))
        if name not in NAMES
    ]
    allowed = set(_with_default(tree))
    for node in tree.find_all(nodes.Getattr):
        owner = node.node.name if isinstance(node.node, nodes.Name) else ""
        if owner in members and node.attr not in members[owner] and node not in allowed:
            hint = nearest(node.attr, members[owner]) if members[owner] else _NO_MEMBERS[owner]
            wrong.append(f"'{owner}.{node.attr}' is undefined; {hint}")
    if wrong:
        raise TemplateError("; ".join(wrong))


def _with_default(tree: "nodes.Template") -> "Iterator[nodes.Node]":
    """Yield what may be undefined: what has a default or is asked whether it is defined; and methods of maps."""
    from jinja2 import nodes  # noqa: PLC0415

    for kind, names in ((nodes.Filter, ("default", "d")), (nodes.Test, ("defined", "undefined"))):
        yield from (node.node for node in tree.find_all(kind) if node.name in names and node.node is not None)
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Getattr) and call.node.attr in ("items", "keys", "values", "get"):
            yield call.node


_NO_MEMBERS: Final = {
    "match": "no regex of this scenario's match has a named group such as (?P<city>…)",
    "vars": "this scenario has no vars",
}


def _only_expression(jinja: "SandboxedEnvironment", text: str) -> str | None:
    """Return what stands in the braces of a text that is nothing but one `{{ }}`."""
    kinds = [kind for _, kind, value in jinja.lex(text.strip())]
    one = kinds[:1] == ["variable_begin"] and kinds[-1:] == ["variable_end"] and kinds.count("variable_begin") == 1
    return re.sub(r"^\{\{[-+]?|[-+]?\}\}$", "", text.strip()) if one else None


def _guard(render: Render, text: str) -> Render:
    """Turn whatever a template raises into a `TemplateError` that quotes it."""

    def guarded(context: Context) -> Any:
        begin()
        try:
            return render(context)
        except Exception as error:  # a template runs the author's own expressions
            words = str(error).replace("'dict object' has no attribute", "there is no key")
            raise TemplateError(f"{text.strip()!r}: {words}") from error

    return guarded


def _texts(template: Any, text: str) -> Render:
    return _guard(lambda context: charge(template.render(context)), text)


def _native(expression: Callable[..., Any], text: str) -> Render:
    from jinja2 import Undefined  # noqa: PLC0415

    from mockserver.scenario.sandbox import json_value  # noqa: PLC0415

    def render(context: Context) -> Any:
        value = expression(**context)
        if isinstance(value, Undefined):
            value._fail_with_undefined_error()
        return json_value(value)

    return _guard(render, text)


# ------------------------------------------------------------------ values that hold templates


def compile_value(value: Any, members: Mapping[str, set[str]], path: tuple[str | int, ...] = ()) -> Render | None:
    """Compile every text of a JSON value; None where none is a template, so the value can be used as it is.

    Below a key `input` of a reply, a text that is nothing but one `{{ }}` keeps the type of its value. Raises
    `TemplateError` with `path` as its second argument.
    """
    if isinstance(value, str):
        try:
            return compile_text(value, members, native={"reply", "input"} <= set(path))
        except TemplateError as error:
            raise TemplateError(str(error), path) from error
    if isinstance(value, dict):
        return _compile_items(value, list(value), members, path)
    if isinstance(value, list):
        return _compile_items(value, list(range(len(value))), members, path)
    return None


def _compile_items(
    value: Any, keys: list[Any], members: Mapping[str, set[str]], path: tuple[str | int, ...]
) -> Render | None:
    compiled = [(key, render) for key in keys if (render := compile_value(value[key], members, (*path, key)))]
    if not compiled:
        return None

    def render_items(context: Context) -> Any:
        copy = value.copy()
        for key, render in compiled:
            copy[key] = render(context)
        return copy

    return render_items
