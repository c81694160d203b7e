"""What the program knows, as tables for people."""

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.tables import TABLES, Table, filled


def test_a_table_as_text_and_as_markdown():
    table = Table(("name", "what"), [("a", "x|y"), ("long", "z")])
    assert table.written("text") == "name  what\na     x|y\nlong  z"
    assert table.written("markdown") == "| name | what |\n| --- | --- |\n| a | x\\|y |\n| long | z |"


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
