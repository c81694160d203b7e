"""How large will it be? What a template is about to make is known before it is made, and refused where it is too much.

Only what makes much of little is looked at: a text that is repeated, padded, joined, put into many places; a large
power; many values of Faker. Everything else grows by what it is given. Not here: what all of it may cost (`budget`).
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import Any, Final

from mockserver.scenario.budget import MOST_ITEMS, TooMuchError, check, step, written

Arguments = tuple[Any, ...]
Named = Mapping[str, Any]

MOST_FAKED: Final = 100_000
"""Words, rows, characters and the like that one call of `fake` may be asked for."""
MOST_BITS: Final = 4096
"""Bits of a whole number: 1,233 digits."""

_MOST_PLACES: Final = 1000
"""Decimal places that a number is rounded to."""
_MOST_INDENT: Final = 100
_ITEMS_OF_A_LIST: Final = 100
"""What a list weighs that may be empty."""
_COST_OF_FAKE: Final = 10
"""Steps that a call of Faker counts for."""


# ------------------------------------------------------------------ operations


def check_operation(operator: str, left: Any, right: Any) -> None:
    """Refuse `'x' * 10 ** 10` and the like. Raises `TooMuchError`."""
    if operator == "*":
        _check_product(left, right)
    elif operator == "**":
        _check_power(left, right)
    elif operator == "+" and isinstance(left, Sized) and isinstance(right, Sized):
        check(len(left) + len(right))
    elif operator == "%" and isinstance(left, str | bytes):
        _check_percent(left, right)


def _check_product(left: Any, right: Any) -> None:
    for value, times in ((left, right), (right, left)):
        if isinstance(value, Sized) and isinstance(times, int):
            check(len(value) * times)
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > MOST_BITS:
        raise TooMuchError("a product that is too large: a number of more than a thousand digits")


def _check_power(left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > MOST_BITS:
        raise TooMuchError(f"a power that is too large: ** {right if right.bit_length() < MOST_BITS else '…'}")


_PERCENT: Final = re.compile(r"%(?:\([^)]*\))?[-+ #0]*(\*|\d*)(?:\.(\*|\d*))?")


def _check_percent(text: str | bytes, values: Any) -> None:
    found = _PERCENT.findall(text if isinstance(text, str) else text.decode("latin-1"))
    _check_places(len(text), (part for widths in found for part in widths), len(found), values)


def _check_places(length: int, widths: Iterable[str], places: int, values: Any) -> None:
    """Refuse a text with so many places, filled with values and up to their widths; `*` takes one of the values."""
    given = [number for width in widths for number in (_numbers(values) if width == "*" else _number(width))]
    check(length + places * max([written(values), *given]))


def _number(text: str) -> Iterator[int]:
    """Yield the number of a width, if it is one; more digits than any number here has are a large one."""
    if text.isdecimal():
        yield int(text) if len(text) < len(str(MOST_ITEMS)) else MOST_ITEMS


def _numbers(values: Any) -> Iterator[int]:
    """Yield the whole numbers among values, also inside of lists and maps."""
    if isinstance(values, int):
        yield abs(values)
    elif isinstance(values, Mapping):
        for value in values.values():
            yield from _numbers(value)
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _numbers(value)


_FIELD: Final = re.compile(r"\{([^{}]*)(\{)?")
_DIGITS: Final = re.compile(r"\d+")


def check_format(text: str, args: Arguments, kwargs: Named) -> None:
    """Refuse what `text.format(…)` would make too large. Raises `TooMuchError`."""
    fields = _FIELD.findall(text)
    widths = [number for field, _ in fields for number in _DIGITS.findall(field.partition(":")[2])]
    nested = ["*" for _, inner in fields if inner]
    _check_places(len(text), [*widths, *nested], len(fields), [args, kwargs])


# ------------------------------------------------------------------ calls


def settled(values: Any) -> Any:
    """Return a series of values as a list, counted: else it could be looked at only once."""
    if not isinstance(values, Iterator):
        return values
    found: list[Any] = []
    for value in values:
        step(made=1)
        found.append(value)
    return found


def check_call(function: Any, args: Arguments, kwargs: Named) -> None:
    """Refuse a call of a text's or number's own method, or of Faker, that makes too much. Raises `TooMuchError`."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, str | bytes | int):
        grown = _METHODS.get(function.__name__)
        if grown is not None:
            _check_grown(grown, owner, args, kwargs)
    elif _is_of_faker(function, owner):
        step(steps=_COST_OF_FAKE)
        _check_faked(function, args, kwargs)


def _check_grown(grown: Callable[..., int], value: Any, args: Arguments, kwargs: Named) -> None:
    try:
        size = grown(value, *args, **kwargs)
    except TypeError:  # it is called in a wrong way, which the call itself will say
        return
    check(size)


def _is_of_faker(function: Any, owner: Any) -> bool:
    modules = (str(getattr(thing, "__module__", "")) for thing in (function, type(owner)))
    return any(module.startswith(("faker.", "random")) for module in modules)


_AMOUNT: Final = re.compile(r"nb|num|count|length|chars|digits|rows|size|args|^[kn]$")
"""What parameters are called that say how much Faker is to make; `args` are those that have no names."""


def _check_faked(function: Any, args: Arguments, kwargs: Named) -> None:
    if max(_numbers([args, kwargs]), default=0) <= MOST_FAKED // 100:
        return
    try:
        given = inspect.signature(function).bind(*args, **kwargs).arguments
    except (TypeError, ValueError):  # the call itself says what is wrong
        return
    for name, value in given.items():
        amounts = value if name == "kwargs" else {name: value}
        for amount, number in ((a, n) for a, v in amounts.items() for n in _numbers(v) if _AMOUNT.search(a)):
            if number > MOST_FAKED:
                raise TooMuchError(f"fake makes at most {MOST_FAKED:,} at once ({amount})")
            step(steps=number)


def _padded(_text: Any, width: Any = 0, *_fill: Any) -> int:
    return int(width) if isinstance(width, int) else 0


def _tabs(text: Any, tabsize: Any = 8) -> int:
    return int(len(text) + text.count("\t" if isinstance(text, str) else b"\t") * _padded(text, tabsize))


def _replaced(text: Any, old: Any = None, new: Any = "", *_count: Any) -> int:
    alike = type(old) is type(new) and isinstance(text, str | bytes)
    return int(len(text) + text.count(old) * len(new)) if alike and isinstance(old, str | bytes) else 0


def _joined(between: Any, parts: Any = ()) -> int:
    return written(parts) + len(between) * len(parts) if isinstance(parts, Sized) else 0


def _translated(text: Any, table: Any = None, *_delete: Any) -> int:
    return len(text) * max(map(written, table.values()), default=1) if isinstance(table, Mapping) else 0


_METHODS: Final[dict[str, Callable[..., int]]] = {
    **dict.fromkeys(("center", "ljust", "rjust", "zfill"), _padded),
    "to_bytes": lambda _, length=1, *__, **___: _padded("", length),
    "expandtabs": _tabs,
    "replace": _replaced,
    "join": _joined,
    "translate": _translated,
}
"""Method of a text or a number -> how large its result will be; 0 where it fails by itself."""


# ------------------------------------------------------------------ filters


def check_filter(name: str, value: Any, args: Arguments, kwargs: Named) -> None:
    """Refuse a filter that makes too much of a value. Raises `TooMuchError`."""
    grown = _FILTERS.get(name)
    if grown is not None:
        _check_grown(grown, value, args, kwargs)


def _indented(text: Any, width: Any = 4, *_flags: Any, **_more: Any) -> int:
    size = width if isinstance(width, int) else written(width)
    return (str(text).count("\n") + 2) * size


def _wrapped(text: Any, _width: Any = 79, _breaks: Any = True, wrapstring: Any = "", *_more: Any, **__: Any) -> int:
    return len(str(text)) * (1 + written(wrapstring or ""))


def _joined_by_filter(parts: Any, d: Any = "", *_attribute: Any, **_more: Any) -> int:
    return _joined(str(d), parts)


def _replaced_by_filter(text: Any, old: Any = "", new: Any = "", *_count: Any, **_more: Any) -> int:
    return _replaced(str(text), str(old), str(new))


def _filled(text: Any, *args: Any, **kwargs: Any) -> int:
    _check_percent(str(text), kwargs or args)
    return 0


def _rounded(_number: Any, precision: Any = 0, *_method: Any, **_more: Any) -> int:
    if isinstance(precision, int) and abs(precision) > _MOST_PLACES:
        raise TooMuchError(f"round to more than {_MOST_PLACES:,} places")
    return 0


def _as_json(value: Any, indent: Any = None) -> int:
    if isinstance(indent, int) and indent > _MOST_INDENT:
        raise TooMuchError(f"tojson indents by at most {_MOST_INDENT}")
    return written(value)


def _in_parts(_value: Any, *args: Any, **kwargs: Any) -> int:
    return _ITEMS_OF_A_LIST * max(_numbers([args, kwargs]), default=0)


def _linked(text: Any, *args: Any, **kwargs: Any) -> int:
    return len(str(text)) * (1 + written([args, kwargs]))


_FILTERS: Final[dict[str, Callable[..., int]]] = {
    "center": _padded,
    "indent": _indented,
    "wordwrap": _wrapped,
    "join": _joined_by_filter,
    "replace": _replaced_by_filter,
    "format": _filled,
    "round": _rounded,
    "tojson": _as_json,
    "batch": _in_parts,
    "slice": _in_parts,
    "urlize": _linked,
    **dict.fromkeys(("string", "pprint", "xmlattr", "urlencode", "escape", "e", "forceescape"), written),
}
"""Filter -> how large its result will be; 0 where it fails by itself."""
