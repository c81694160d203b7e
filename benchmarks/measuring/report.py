"""What was measured, as a table for people, in a page, and for programs. Not here: measuring."""

import json
import os
import platform
import re
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

COLUMNS = ("mockserver", "aiohttp", "raw")
"""Whose numbers have a column, before those of others that were measured; the first is judged."""

BEGIN, END = "<!-- speed -->", "<!-- /speed -->"
"""Between them a page keeps the table."""


@dataclass(frozen=True)
class Bar:
    """What is to be reached."""

    kind: Literal["at least", "at most"]
    limit: float

    def met(self, value: float) -> bool:
        """Whether a value reaches it."""
        return value >= self.limit if self.kind == "at least" else value <= self.limit

    def __str__(self) -> str:
        return f"{self.kind} {_number(self.limit)}"


@dataclass(frozen=True)
class Row:
    """One thing that was measured: what each server has, and the ratios of ours to another, one a round."""

    case: str
    measured: str
    values: dict[str, float]
    ratios: list[float] = field(default_factory=list)
    to: str = "aiohttp"
    bar: Bar | None = None
    """For the median of the ratios where there are any, else for our value."""

    @property
    def judged(self) -> float:
        """What the bar is for."""
        return statistics.median(self.ratios) if self.ratios else self.values[COLUMNS[0]]

    @property
    def missed(self) -> str:
        """Which bar is missed, and by what; empty where none is."""
        if self.bar is None or self.bar.met(self.judged):
            return ""
        of = f" of {self.to}" if self.ratios else ""
        return f"{self.case}: {self.measured}: {_number(self.judged)}{of}, which is not {self.bar}"

    def cells(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Return the row as texts, with the numbers of these servers."""
        numbers = (_number(self.values[name]) if name in self.values else "" for name in columns)
        met = "" if self.bar is None else "missed" if self.missed else "met"
        return (self.case, self.measured, *numbers, self._ratio(), "" if self.bar is None else str(self.bar), met)

    def _ratio(self) -> str:
        if not self.ratios:
            return ""
        spread = f" ({_number(min(self.ratios))} to {_number(max(self.ratios))})" if len(self.ratios) > 1 else ""
        return f"{_number(self.judged)} of {self.to}{spread}"


def table(rows: Sequence[Row]) -> str:
    """Return all rows as a Markdown table, whose columns are aligned so that it can be read as it is."""
    columns = list(dict.fromkeys((*COLUMNS, *(name for row in rows for name in row.values))))
    lines = [("case", "measured", *columns, "ratio", "bar", ""), *(row.cells(columns) for row in rows)]
    widths = [max(3, *map(len, cells)) for cells in zip(*lines, strict=True)]
    told = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    rule = " | ".join("-" * width for width in widths)
    return "\n".join(f"| {line} |" for line in (told[0], rule, *told[1:]))


def machine(load: str, kind: str) -> dict[str, str]:
    """Return where, when and by what was measured."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": f"{cores()} cores of {_processor()}",
        "system": f"{platform.system()} {platform.release()}",
        "software": f"{platform.python_implementation()} {platform.python_version()}, {_versions()}",
        "load": load,
        "run": kind,
    }


def written(page: str, rows: Sequence[Row], where: dict[str, str]) -> str:
    """Return a page with the table in it. Raises `ValueError` where it has no place for it."""
    if BEGIN not in page or END not in page.partition(BEGIN)[2]:
        raise ValueError(f"the page has no place for the table: it needs the lines {BEGIN} and {END}")
    told = f"Measured on {where['date']}: " + "; ".join(text for name, text in where.items() if name != "date") + "."
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{told}\n\n{table(rows)}\n\n{END}{rest.partition(END)[2]}"


def as_json(rows: Iterable[Row], where: dict[str, str]) -> str:
    """Return everything for a program: one object."""
    told: list[dict[str, Any]] = [{**asdict(row), "judged": row.judged, "missed": row.missed} for row in rows]
    return json.dumps({"machine": where, "rows": told}, indent=2)


def _number(value: float) -> str:
    """Return a number with three digits, or more where it is larger."""
    if value and abs(value) < 100:  # noqa: PLR2004 - from here on, digits behind the point say nothing
        return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"  # noqa: PLR2004
    return f"{value:,.0f}"


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", told.read_text(encoding="utf-8")) if told.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


def _versions() -> str:
    return ", ".join(f"{name} {_version(name)}" for name in ("aiohttp", "uvloop", "pydantic"))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(missing)"
