"""What the program knows, as tables for people: errors, rules, models, dialects, operations, limits.

Not here: printing them (`cli`).

A page of the documentation has such a table between `<!-- table: NAME -->` and `<!-- /table -->`; `python -m
mockserver.tables PAGES` writes it there.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from pydantic import RootModel

from mockserver.validation.rules.rule import Rule
from mockserver.validation.rules.table import PHASES
from mockserver.wire.catalogue import CATALOGUE, NamedError
from mockserver.wire.dialect import Dialect
from mockserver.wire.dialect_parts import Parameter
from mockserver.wire.dialects import DIALECTS
from mockserver.wire.errors import ERRORS
from mockserver.wire.frozen import frozen
from mockserver.wire.messages import STOP_REASONS
from mockserver.wire.models import MODELS
from mockserver.wire.traits import Model, Sampling

if TYPE_CHECKING:
    from mockserver.control.operations import Operation


_WIDTH: Final = 100
"""Columns of a terminal that paragraphs fill."""


@frozen
class Table:
    """A head and rows of texts; a `wide` one is too wide for columns on a terminal."""

    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    wide: bool = False

    def written(self, form: str) -> str:
        """Return the table as `text` (columns, or a paragraph a row) or `markdown`."""
        if form == "markdown":
            return self._markdown()
        return "\n\n".join(map(self._paragraph, self.rows)) if self.wide else self._text()

    def _paragraph(self, row: tuple[str, ...]) -> str:
        """Return a row as a line a cell, below its first one."""
        width = max(map(len, self.head)) + 2
        lines = [row[0]]
        for name, cell in zip(self.head[1:], row[1:], strict=True):
            begin, below = f"  {name:<{width}}", " " * (width + 2)
            lines += wrap(cell, _WIDTH, initial_indent=begin, subsequent_indent=below) if cell != "-" else []
        return "\n".join(lines)

    def _text(self) -> str:
        lines = [self.head, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.head) - 1)]
        return "\n".join(_columns(line, widths) for line in lines)

    def _markdown(self) -> str:
        lines = (self.head, tuple("---" for _ in self.head), *self.rows)
        return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _columns(line: tuple[str, ...], widths: list[int]) -> str:
    cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
    return "  ".join([*cells, line[-1]]).rstrip()


def errors_table() -> Table:
    """Return every error that a scenario may name: types first, then the catalogue."""
    types = [(name.removesuffix("_error"), str(e.status), name, "", e.message) for name, e in ERRORS.items()]
    named = [
        (name, str(error.status or ERRORS[error.type].status), error.type, _beside(error), error.message)
        for name, error in CATALOGUE.items()
    ]
    return Table(("name", "status", "type", "with", "message"), types + named)


def _beside(error: NamedError) -> str:
    """Return what an error has beside its words."""
    parts = (
        error.retry_after is not None and "retry-after",
        error.exhausted and "rate-limit headers",
        error.code and f"code {error.code}",
        error.bare and "the edge's body",
    )
    return ", ".join(str(part) for part in parts if part)


def rules_table() -> Table:
    """Return every rule in the order of the checks, with how well it is known."""
    rows = [
        (phase, f"{module}.{rule.name}", rule.evidence, rule.seen, _told(rule))
        for phase, modules in PHASES
        for module, rules in modules
        for rule in rules
    ]
    return Table(("phase", "rule", "words", "seen", "what"), rows)


def _told(rule: Rule) -> str:
    what = (rule.check.__doc__ or "").strip().splitlines()[0].rstrip(".")
    return f"{what}; {rule.note}" if rule.note else what


def models_table() -> Table:
    """Return the models with what requests to them may hold."""
    head = (
        "model",
        "window",
        "output",
        "cached from",
        "thinking",
        "effort",
        "sampling",
        "prefill",
        "forced tool",
        "refused tools",
        "retires",
    )
    return Table(head, [_model_row(model) for model in MODELS])


def _model_row(model: Model) -> tuple[str, ...]:
    return (
        _listed((model.id, *model.aliases)),
        f"{model.context:,}",
        f"{model.max_output:,}",
        f"{model.cache_minimum:,}",
        _listed(model.thinking),
        _listed(model.efforts) or "-",
        _SAMPLING[model.sampling],
        _yes(model.prefill),
        _yes(model.forced_tools),
        _listed(model.refused_tools) or "-",
        model.retires or "-",
    )


_SAMPLING: Final[dict[Sampling, str]] = {
    "free": "any",
    "one": "temperature or top_p",
    "default": "default values",
}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def dialects_table() -> Table:
    """Return the dialects with what they change."""
    head = (
        "dialect",
        "prefix",
        "key",
        "anthropic-version",
        "serves",
        "models",
        "parameters",
        "tools",
        "usage",
        "stop reasons",
        "headers",
        "what",
    )
    return Table(head, [_dialect_row(dialect) for dialect in DIALECTS.values()], wide=True)


def _dialect_row(dialect: Dialect) -> tuple[str, ...]:
    return (
        dialect.name,
        dialect.prefix or "-",
        _key(dialect),
        f"{dialect.version}{dialect.version_from and f', from {dialect.version_from}'}",
        _listed(dialect.endpoints),
        _listed([*(dialect.models or ()), *dialect.other_models]) or "the API's",
        "; ".join(_changes(dialect)) or "-",
        "; ".join(_of_tools(dialect)) or "-",
        _listed(dialect.usage) or "all",
        "all" if dialect.stop_reasons == STOP_REASONS else _listed(dialect.stop_reasons),
        _listed(dialect.headers) or ("-" if dialect.drops else "the API's"),
        dialect.about,
    )


def _key(dialect: Dialect) -> str:
    told = {"either": "x-api-key or bearer", "none": "none needed"}
    asked = f" ({dialect.wanted} asked for)" if dialect.credentials == "either" else ""
    more = f"; also in {_listed(dialect.key_headers)}" if dialect.key_headers else ""
    return told.get(dialect.credentials, dialect.credentials) + asked + more


def _changes(dialect: Dialect) -> Iterator[str]:
    """Yield what a dialect has of its own about requests."""
    yield from (f"{name}: {limits_of(given)}" for name, given in dialect.parameters.items())
    yield from (f"{name}: unknown" for name in dialect.missing)
    if dialect.opens:
        yield f"no beta needed for {_listed(dialect.opens)}"
    if dialect.alternating_roles:
        yield "roles alternate"
    if dialect.media:
        yield f"images and documents: {_listed(dialect.media)}"
    if dialect.waives:
        yield f"without the rules {_listed(dialect.waives)}"


def _of_tools(dialect: Dialect) -> Iterator[str]:
    yield from (f"{name}: {limits_of(given)}" for name, given in dialect.tools.fields.items())
    if dialect.tools.required:
        yield f"needed: {_listed(dialect.tools.required)}"


def limits_of(parameter: Parameter) -> str:
    """Return what a parameter may be."""
    parts = [" or ".join(parameter.type), _listed(map(str, parameter.enum)), _range(parameter)]
    if parameter.max_items is not None:
        parts.append(f"at most {parameter.max_items}")
    if (inner := parameter.items or parameter.values) is not None:
        parts.append(f"of {limits_of(inner)}")
    return " ".join(filter(None, parts))


def _range(parameter: Parameter) -> str:
    least, most = parameter.minimum, parameter.maximum
    if least is None or most is None:
        return f"from {least}" if least is not None else f"up to {most}" if most is not None else ""
    return f"{least} to {most}"


def operations_table() -> Table:
    """Return the operations of the control API."""
    from mockserver.control import PREFIX  # noqa: PLC0415 - no other table needs an engine
    from mockserver.control.operations import OPERATIONS  # noqa: PLC0415

    rows = [
        (
            f"{operation.method} {PREFIX}/{operation.path}",
            operation.id,
            operation.summary,
            _takes(operation),
            "refused" if operation.needs else "each its own" if operation.shows else "",
        )
        for operation in OPERATIONS
    ]
    return Table(("request", "operation", "what", "takes", "of several workers"), rows)


def _takes(operation: "Operation") -> str:
    """Return what an operation takes: keys of its body, names of its query."""
    sent = operation.body or operation.query
    if sent is None:
        return ""
    if issubclass(sent, RootModel):
        return (sent.__doc__ or "").splitlines()[0].rstrip(".")
    return _listed(sent.model_fields)


def limits_table() -> Table:
    """Return every limit, what changes it, and what happens where it is reached."""
    from mockserver.limits import LIMITS  # noqa: PLC0415 - it needs the whole server, and no other table does

    return Table(("of what", "how much", "changed by", "beyond it"), LIMITS, wide=True)


TABLES: Final[dict[str, Callable[[], Table]]] = {
    "dialects": dialects_table,
    "errors": errors_table,
    "limits": limits_table,
    "models": models_table,
    "operations": operations_table,
    "rules": rules_table,
}
"""Name -> table."""

_MARKED: Final = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- /table -->)", re.DOTALL)


def filled(page: str) -> str:
    """Return a page with its tables as they are now."""
    return _MARKED.sub(lambda m: f"{m[1]}\n{TABLES[m[2]]().written('markdown')}\n\n{m[3]}", page)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        file = Path(name)
        file.write_text(filled(file.read_text(encoding="utf-8")), encoding="utf-8")
