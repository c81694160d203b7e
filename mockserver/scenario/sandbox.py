"""What a template may do: read, compute within bounds, and nothing that another run would do differently.

Not here: which texts are templates, and what they may name (`templates`).
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from mockserver.scenario.budget import CALL, charge, check, step, written
from mockserver.scenario.growth import check_call, check_filter, check_format, check_operation, settled

if TYPE_CHECKING:
    from jinja2.compiler import CodeGenerator
    from jinja2.sandbox import SandboxedEnvironment


@functools.cache
def environment() -> "SandboxedEnvironment":
    """Return Jinja2 as templates meet it."""
    from jinja2 import StrictUndefined  # noqa: PLC0415 - a server without templates starts without Jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    class Environment(ImmutableSandboxedEnvironment):
        """Looks for a key before a method: `match.items` is the group of that name. Counts what a template does."""

        code_generator_class = _generator()

        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, Mapping) and attribute in obj:
                return obj[attribute]
            return super().getattr(obj, attribute)

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            wall_clock = isinstance(obj, date) and attr in _WALL_CLOCK
            return not wall_clock and super().is_safe_attribute(obj, attr, value)

        intercepted_binops = frozenset(ImmutableSandboxedEnvironment.default_binop_table)

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            check_operation(operator, left, right)
            return charge(super().call_binop(context, operator, left, right))

        def call(self, context: Any, function: Any, /, *args: Any, **kwargs: Any) -> Any:
            args = tuple(map(settled, args))
            check_call(function, args, {name: value for name, value in kwargs.items() if name not in _JINJA_S_OWN})
            return charge(super().call(context, function, *args, **kwargs), CALL)

        def wrap_str_format(self, value: Any) -> Any:
            made = super().wrap_str_format(value)
            return made and _formatting(value.__self__, made)

        step = staticmethod(step)

        def together(self, *parts: Any) -> str:
            """Return texts as one: what `~` does."""
            check(written(parts))
            return str(charge("".join(map(str, parts))))

    made = Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True, finalize=told)
    # Both draw from a generator that nobody seeds; `fake.random_element(...)` and `fake.text()` are ours.
    del made.filters["random"], made.globals["lipsum"]
    made.filters = {name: _counted(name, function) for name, function in made.filters.items()}
    return made


def _generator() -> "type[CodeGenerator]":
    """Return what turns a template into Python: each round of a loop counts itself, with the text that stands in it."""
    from jinja2 import nodes  # noqa: PLC0415 - as above
    from jinja2.compiler import CodeGenerator, Frame  # noqa: PLC0415

    class Generator(CodeGenerator):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._loops: dict[int, int] = {}

        def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802 - named by Jinja2, as below
            texts = (text.data for part in node.body for text in part.find_all(nodes.TemplateData))
            self._loops[id(node.body)] = sum(map(len, texts))
            super().visit_For(node, frame)

        def blockvisit(self, body: Iterable[nodes.Node], frame: Frame) -> None:
            if (length := self._loops.get(id(body))) is not None:
                self.writeline(f"environment.step({length})")
            super().blockvisit(body, frame)

        def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
            together = nodes.EnvironmentAttribute("together")
            self.visit(nodes.Call(together, node.nodes, [], None, None), frame)

    return Generator


def _counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that counts; one that takes the context is never used while a template is compiled."""
    from jinja2 import pass_context  # noqa: PLC0415 - as above

    wants = getattr(getattr(function, "jinja_pass_arg", None), "name", "")

    @pass_context
    def filter_(context: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        value = settled(value)
        check_filter(name, value, args, kwargs)
        own = [_PASSED[wants](context)] if wants else []
        return charge(function(*own, value, *args, **kwargs), CALL)

    return filter_


_PASSED: Final[dict[str, Callable[[Any], Any]]] = {
    "context": lambda context: context,
    "eval_context": lambda context: context.eval_ctx,
    "environment": lambda context: context.environment,
}
"""What a filter wants to be given -> what it is."""


def _formatting(text: str, function: Callable[..., str]) -> Callable[..., str]:
    @functools.wraps(function)
    def format_(*args: Any, **kwargs: Any) -> str:
        check_format(text, args, kwargs)
        return function(*args, **kwargs)

    return format_


_JINJA_S_OWN: Final = ("_loop_vars", "_block_vars")
"""What a call in a loop or block is given beside its own arguments."""

_WALL_CLOCK: Final = frozenset({"now", "today", "utcnow", "fromtimestamp", "utcfromtimestamp"})
"""What a `datetime` would answer with the real time."""

_IS_FUNCTION: Final = "{} is a function; call it with ()"


def told(value: Any) -> Any:
    """Refuse to print what would show an address in memory: functions, generators and other objects."""
    from jinja2 import Undefined  # noqa: PLC0415 - which is callable, and raises by itself

    if not isinstance(value, Undefined):
        _check_told(value)
    return value


def _check_told(value: Any) -> None:
    step(len(value) if isinstance(value, str) else 0)
    if isinstance(value, _PLAIN):
        return
    if callable(value):
        raise TypeError(_IS_FUNCTION.format(getattr(value, "__name__", "this")))
    if isinstance(value, _LISTS):
        for item in value:
            _check_told(item)
    elif isinstance(value, Mapping):
        for item in [*value, *value.values()]:
            _check_told(item)
    elif isinstance(value, Iterator):
        raise TypeError("this is a series of values; write '| list' or '| join' behind it")
    elif "__repr__" not in {name for kind in type(value).__mro__[:-1] for name in vars(kind)}:
        raise TypeError("this is no value that can be told; name one of its attributes")


_PLAIN: Final = (str, int, float)
_LISTS: Final = (list, tuple, set, frozenset)
"""Asked for first, as tuples: it is faster, and there may be millions of values."""


def json_value(value: Any) -> Any:
    """Return what JSON knows of a value: times and dates as ISO 8601, other things as their text."""
    step(len(value) if isinstance(value, str) else 0)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): json_value(item) for key, item in value.items()}
    if callable(value):
        raise TypeError(_IS_FUNCTION.format(getattr(value, "__name__", "this")))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Iterable):
        return [json_value(item) for item in value]
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no value that JSON knows")
