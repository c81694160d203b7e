"""Templates: Jinja2 in a sandbox, compiled once at load. Not here: which texts are templates.

A text without `{{`, `{%` or `{#` never meets Jinja2, which is imported when the first template is compiled.
"""

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

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
    environment = _environment()
    try:
        _check_names(environment.parse(text), members)
        expression = _only_expression(environment, text) if native else None
        if expression is not None:
            return _native(environment.compile_expression(expression, undefined_to_none=False), text)
        return _texts(environment.from_string(text), text)
    except _syntax_error() as error:
        line = f" in line {error.lineno}" if "\n" in text else ""
        words = str(error).splitlines()[0].rstrip(".")
        raise TemplateError(f"not a template{line}: {words}; {_RAW}") from None


_RAW: Final = "braces that are no template go between {% raw %} and {% endraw %}"


def uses(texts: str, name: str) -> bool:
    """Whether any of the texts, joined, names `name` inside a template."""
    return is_template(texts) and re.search(rf"\b{name}\b", texts) is not None


@functools.cache
def _environment() -> "SandboxedEnvironment":
    from jinja2 import StrictUndefined  # noqa: PLC0415 - a server without templates starts without Jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    class Environment(ImmutableSandboxedEnvironment):
        """Looks for a key before a method: `match.items` is the group of that name."""

        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, Mapping) and attribute in obj:
                return obj[attribute]
            return super().getattr(obj, attribute)

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            wall_clock = isinstance(obj, date) and attr in _WALL_CLOCK
            return not wall_clock and super().is_safe_attribute(obj, attr, value)

        intercepted_binops = frozenset({"*", "**"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            _check_size(operator, left, right)
            return super().call_binop(context, operator, left, right)

    environment = Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True, finalize=_told)
    # Both draw from a generator that nobody seeds; `fake.random_element(...)` and `fake.text()` are ours.
    del environment.filters["random"], environment.globals["lipsum"]
    return environment


_WALL_CLOCK: Final = frozenset({"now", "today", "utcnow", "fromtimestamp", "utcfromtimestamp"})
"""What a `datetime` would answer with the real time."""

_IS_FUNCTION: Final = "{} is a function; call it with ()"

_LARGE: Final = 10_000_000


def _check_size(operator: str, left: Any, right: Any) -> None:
    """Refuse a product that would stall the server: `'x' * 10 ** 10`."""
    numbers = [n for n in (left, right) if isinstance(n, int | float)]
    lengths = [len(x) for x in (left, right) if isinstance(x, Sized)]
    if operator == "**" and len(numbers) == 2 and abs(right) > 64:  # noqa: PLR2004 - beyond 64 bits
        raise OverflowError(f"{left} ** {right} is too large")
    if operator == "*" and lengths and numbers and lengths[0] * numbers[0] > _LARGE:
        raise OverflowError(f"a text or list of more than {_LARGE} items")


def _told(value: Any) -> Any:
    """Refuse to print what would show an address in memory: functions, generators and other objects."""
    from jinja2 import Undefined  # noqa: PLC0415 - which is callable, and raises by itself

    if isinstance(value, str | int | float | Undefined):
        return value
    if callable(value):
        raise TypeError(_IS_FUNCTION.format(getattr(value, "__name__", "this")))
    if isinstance(value, Iterator):
        raise TypeError("this is a series of values; write '| list' or '| join' behind it")
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        for item in [*value, *value.values()] if isinstance(value, Mapping) else value:
            _told(item)
    elif "__repr__" not in {name for kind in type(value).__mro__[:-1] for name in vars(kind)}:
        raise TypeError("this is no value that can be told; name one of its attributes")
    return value


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
        raise TemplateError(" ".join(wrong))


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


def _only_expression(environment: "SandboxedEnvironment", text: str) -> str | None:
    """Return what stands in the braces of a text that is nothing but one `{{ }}`."""
    kinds = [kind for _, kind, value in environment.lex(text.strip())]
    one = kinds[:1] == ["variable_begin"] and kinds[-1:] == ["variable_end"] and kinds.count("variable_begin") == 1
    return re.sub(r"^\{\{[-+]?|[-+]?\}\}$", "", text.strip()) if one else None


def _guard(render: Render, text: str) -> Render:
    """Turn whatever a template raises into a `TemplateError` that quotes it."""

    def guarded(context: Context) -> Any:
        try:
            return render(context)
        except Exception as error:  # a template runs the author's own expressions
            words = str(error).replace("'dict object' has no attribute", "there is no key")
            raise TemplateError(f"{text.strip()!r}: {words}") from error

    return guarded


def _texts(template: Any, text: str) -> Render:
    return _guard(template.render, text)


def _native(expression: Callable[..., Any], text: str) -> Render:
    from jinja2 import Undefined  # noqa: PLC0415

    def render(context: Context) -> Any:
        value = expression(**context)
        if isinstance(value, Undefined):
            value._fail_with_undefined_error()
        return _json_value(value)

    return _guard(render, text)


def _json_value(value: Any) -> Any:
    """Return what JSON knows of a value: times and dates as ISO 8601, other things as their text."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _json_value(item) for key, item in value.items()}
    if callable(value):
        raise TypeError(_IS_FUNCTION.format(getattr(value, "__name__", "this")))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Iterable):
        return [_json_value(item) for item in value]
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no value that JSON knows")


# ------------------------------------------------------------------ values that hold templates


def compile_value(value: Any, members: Mapping[str, set[str]], path: tuple[str | int, ...] = ()) -> Render | None:
    """Compile every text of a JSON value; None where none is a template, so the value can be used as it is.

    Below a key `input`, a text that is nothing but one `{{ }}` keeps the type of its value. Raises `TemplateError`
    with `path` as its second argument.
    """
    if isinstance(value, str):
        try:
            return compile_text(value, members, native="input" in path)
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
