"""What the program knows, as tables for people."""

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.tables import TABLES, Table, filled


def test_a_table_as_text_and_as_markdown():
    table = Table(("name", "what"), [("a", "x|y"), ("long", "z")])
    assert table.written("text") == "name  what\na     x|y\nlong  z"
    assert table.written("markdown") == "| name | what |\n| --- | --- |\n| a | x\\|y |\n| long | z |"


def test_a_wide_table_is_a_paragraph_a_row():
    table = Table(("name", "what", "else"), [("a", "x " * 60 + "x", "-"), ("long", "z", "y")], wide=True)
    first, second = table.written("text").split("\n\n")
    assert first.splitlines()[:2] == ["a", "  what  " + "x " * 45 + "x"]
    assert second == "long\n  what  z\n  else  y"
    assert max(map(len, first.splitlines())) <= 100


def test_the_dialects_fit_on_a_terminal():
    assert max(map(len, TABLES["dialects"]().written("text").splitlines())) <= 100


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_a_command(name):
    for form in ("text", "markdown"):
        assert CliRunner().invoke(main, [name, "--format", form]).output == f"{TABLES[name]().written(form)}\n"


def test_a_page_gets_its_tables():
    page = "a\n<!-- table: models -->\nold\n<!-- /table -->\nb"
    assert (
        filled(page) == f"a\n<!-- table: models -->\n\n{TABLES['models']().written('markdown')}\n\n<!-- /table -->\nb"
    )
    assert filled("a page without") == "a page without"
