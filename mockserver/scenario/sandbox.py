"""What a template may do: read, compute within bounds, and nothing that another run would do differently.

Not here: which texts are templates, and what they may name (`templates`).
"""

import functools
from collections.abc import Iterable, Iterator, Mapping, Sized
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment


@functools.cache
def environment() -> "SandboxedEnvironment":
    """Return Jinja2 as templates meet it."""
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

    made = Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True, finalize=told)
    # Both draw from a generator that nobody seeds; `fake.random_element(...)` and `fake.text()` are ours.
    del made.filters["random"], made.globals["lipsum"]
    return made


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


def told(value: Any) -> Any:
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
            told(item)
    elif "__repr__" not in {name for kind in type(value).__mro__[:-1] for name in vars(kind)}:
        raise TypeError("this is no value that can be told; name one of its attributes")
    return value


def json_value(value: Any) -> Any:
    """Return what JSON knows of a value: times and dates as ISO 8601, other things as their text."""
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
