"""What the benchmarks make of their numbers: medians, bars, the table in a page. The numbers themselves are no test."""

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report():
    """The module that makes the report; it needs no other of the benchmarks."""
    spec = importlib.util.spec_from_file_location("benchmark_report", ROOT / "benchmarks" / "measuring" / "report.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("values", "ratios", "kind", "limit", "missed"),
    [
        ({"mockserver": 5}, [], "at least", 5, False),
        ({"mockserver": 4.9}, [], "at least", 5, True),
        ({"mockserver": 5}, [], "at most", 5, False),
        ({"mockserver": 5.1}, [], "at most", 5, True),
        ({"mockserver": 9, "aiohttp": 10}, [0.1, 0.7, 0.6], "at least", 0.6, False),
        ({"mockserver": 9, "aiohttp": 10}, [0.9, 0.5, 0.1], "at least", 0.6, True),
        ({"mockserver": float("inf")}, [], "at most", 25, True),
    ],
)
def test_a_bar_is_for_the_median_ratio_or_else_for_our_value(report, values, ratios, kind, limit, missed):
    row = report.Row("case", "things", values, ratios, bar=report.Bar(kind, limit))
    assert bool(row.missed) is missed
    assert row.cells(report.COLUMNS)[-1] == ("missed" if missed else "met")


def test_what_is_missed_is_named(report):
    """Case, what was measured, the value, the bar."""
    row = report.Row(
        "plain-32", "answers a second", {"mockserver": 1, "aiohttp": 2}, [0.5], bar=report.Bar("at least", 0.6)
    )
    assert row.missed == "plain-32: answers a second: 0.50 of aiohttp, which is not at least 0.60"


def test_the_table_has_a_column_for_everybody_who_was_measured(report):
    """The usual ones first, in their order; an empty cell where one has no number."""
    rows = [
        report.Row("a", "x", {"raw": 31234.5, "mockserver": 0.5}),
        report.Row("b", "y", {"mockserver": 12.34, "aiohttp": 100, "2 workers": 7}, [0.1, 0.3, 0.2]),
    ]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in report.table(rows).splitlines()]
    assert lines[0] == ["case", "measured", "mockserver", "aiohttp", "raw", "2 workers", "ratio", "bar", ""]
    assert lines[2] == ["a", "x", "0.50", "", "31,234", "", "", "", ""]
    assert lines[3] == ["b", "y", "12.3", "100", "", "7.00", "0.20 of aiohttp (0.10 to 0.30)", "", ""]


def test_a_page_keeps_the_table_between_its_marks(report):
    """What stands around it stays; writing twice is writing once; date and machine stand above it."""
    rows, where = (
        [report.Row("a", "x", {"mockserver": 1})],
        {"date": "2026-01-02", "processor": "2 cores", "run": "quick"},
    )
    page = report.written("before\n<!-- speed -->\nold\n<!-- /speed -->\nbehind\n", rows, where)
    assert page.startswith("before\n<!-- speed -->\n\nMeasured on 2026-01-02: 2 cores; quick.\n\n| case")
    assert page.endswith("|\n\n<!-- /speed -->\nbehind\n")
    assert "old" not in page
    assert report.written(page, rows, where) == page


@pytest.mark.parametrize("page", ["", "<!-- speed -->", "<!-- /speed --> <!-- speed -->"])
def test_a_page_without_a_place_is_refused(report, page):
    with pytest.raises(ValueError, match="needs the lines <!-- speed --> and <!-- /speed -->"):
        report.written(page, [], {"date": "2026-01-02"})


def test_a_program_gets_everything(report):
    row = report.Row("a", "x", {"mockserver": 3}, [2.0, 4.0], bar=report.Bar("at most", 3))
    (told,) = json.loads(report.as_json([row], report.machine("wrk", "quick")))["rows"]
    assert (told["judged"], told["missed"], told["bar"]) == (3.0, "", {"kind": "at most", "limit": 3})


def test_the_page_of_the_documents_has_a_place_and_names_every_case_and_server(report):
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    cases = re.findall(
        r'^    "([a-z0-9-]+)": ', (ROOT / "benchmarks" / "speed.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert report.written(page, [], {"date": "2026-01-02"}).count(report.BEGIN) == 1
    assert len(cases) >= 9
    assert [name for name in (*cases, *report.COLUMNS) if f"`{name}`" not in page] == []


@pytest.mark.parametrize(
    ("there", "asking", "others", "limit"),
    [(8, 0.5, 0.0, 1.70), (4, 0.5, 1.5, 1.70), (2, 0.5, 0.0, 1.275), (2, 0.5, 0.5, 0.85)],
)
def test_of_two_workers_so_much_is_asked_as_cores_are_left_to_them(there, asking, others, limit, monkeypatch):
    """1.70 of what one answers where each has a core; what asks them, and whatever else is at work, leaves them less."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    measuring = importlib.import_module("measuring.workers")
    found = {
        "mockserver": [measuring.Spell(100, 1.0, 0.3, 0.0)],
        "2 workers": [measuring.Spell(160, 1.5, asking, others)],
    }
    first, per_core, *shares = measuring.rows(found, there)
    assert first.bar.limit == pytest.approx(limit)
    assert (first.judged, first.to) == (1.6, "one worker")
    assert bool(first.missed) is (limit > 1.6)
    assert (per_core.judged, per_core.bar.limit) == (pytest.approx(160 / 1.5 / 100), 0.85)
    assert [row.values["2 workers"] for row in shares] == [1.5, asking, others]
