"""What the documents show is run: every Python block, every scenario; and they name all that there is."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from anthropic import Anthropic, BadRequestError
from inner import open_ends, run_inside

import mockserver
from mockserver import Exchange, MockServer, MockSession, Requests, pytest_plugin
from mockserver.cli import main
from mockserver.queries import asserting
from mockserver.scenario.loading import load
from mockserver.settings import Settings
from mockserver.tables import filled
from mockserver.testing.backend import SessionClock
from mockserver.testing.scripted import Scripted, When
from mockserver.wire.dialect import Dialect
from mockserver.wire.dialect_parts import Parameter, Tools

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = {page: page.read_text(encoding="utf-8") for page in PAGES}


def blocks(language):
    return [
        pytest.param(page, code, id=f"{page.name}-{number}")
        for page, text in TEXT.items()
        for number, code in enumerate(re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    ]


@pytest.fixture
def folder(tmp_path):
    """An empty folder with the gallery in it, as in a checkout."""
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    return tmp_path


@pytest.mark.unmeasured
@pytest.mark.parametrize(("page", "code"), [b for b in blocks("python") if "def test_" in b.values[1]])
def test_every_test_that_is_shown_passes(page, code, pytester):
    (pytester.path / "scenarios").symlink_to(ROOT / "scenarios")
    pytester.makepyfile(test_shown=code)
    assert run_inside(pytester).ret == 0


@pytest.mark.unmeasured
@pytest.mark.parametrize(("page", "code"), [b for b in blocks("python") if "def test_" not in b.values[1]])
def test_every_program_that_is_shown_runs(page, code, folder, monkeypatch, capsys):
    """In this process, which has the SDK already: to import it takes seconds."""
    (folder / "shown").mkdir()
    for number, (_, scenario) in enumerate(b.values for b in blocks("yaml") if b.values[0] == page):
        (folder / "shown" / f"{number}.yaml").write_text(scenario, encoding="utf-8")
    monkeypatch.chdir(folder)
    with MockServer("shown") as server, open_ends():
        exec(code.replace("http://127.0.0.1:8080", server.base_url), {"__name__": "__main__"})
    if page == ROOT / "README.md":
        assert f"It prints `{capsys.readouterr().out}`" in TEXT[page]


@pytest.mark.parametrize(("page", "scenario"), blocks("yaml"))
def test_every_scenario_that_is_shown_loads(page, scenario, tmp_path):
    (tmp_path / "shown.yaml").write_text(scenario, encoding="utf-8")
    assert load([tmp_path]).problems == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#]+)", TEXT[page]):
        assert link.startswith("http") or (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_tables_are_those_of_the_program(page):
    assert filled(TEXT[page]) == TEXT[page], "run `make docs`"


def test_the_settings_of_a_session_are_listed_where_it_is_configured():
    page = TEXT[ROOT / "docs" / "testing.md"]
    (listed,) = re.findall(r"`configure\(\*\*settings\)` changes .*?A wrong one", page, re.DOTALL)
    assert [name for name in pytest_plugin.SETTINGS if f"`{name}`" not in listed] == []


def test_every_setting_flag_and_command_is_documented():
    page = TEXT[ROOT / "docs" / "command-line.md"]
    for name in Settings.model_fields:
        assert f"| `{name}` |" in page
        assert f"MOCKSERVER_{name.upper()}" in page
    for command in main.commands.values():
        assert f"mockserver {command.name}" in page
        for option in command.params:
            assert option.param_type_name == "argument" or option.opts[0] in page


def test_the_stable_surface_is_documented():
    page = "".join(TEXT.values())
    for name in mockserver.__all__:
        assert name in page or name in ("Settings", "__version__")


def public(cls):
    """Names of methods and properties that users call."""
    return {name for name in dir(cls) if not name.startswith("_")} - set(dir(Sequence) if cls is Requests else ())


TEST_NAMES = {
    "fixtures": {"mock_messages", "mock_messages_session", "mock_messages_server"},
    "ini options": {name for name, _, _ in pytest_plugin._OPTIONS},
    "variables": {"MOCKSERVER_URL", "MOCKSERVER_CONTROL_TOKEN", "MOCKSERVER_API_KEY"},
    "what fails a test": set(asserting.STRICTEST),
    "MockSession": public(MockSession),
    "MockServer": public(MockServer) - {"engine"},
    "Requests": public(Requests),
    "Scripted": public(Scripted) | public(When),
    "Exchange": public(Exchange) - {"trial", "pieces", "limited", "rendered", "conversation", "went_wrong", "size"},
    "SessionClock": public(SessionClock),
    "MockMessagesTestCase": {"mock_paths", "mock_settings", "mock_strict"},
}


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, names in TEST_NAMES.items() for name in sorted(names)]
)
def test_everything_that_a_test_can_name_is_documented(kind, name):
    assert re.search(rf"\b{name}\b", TEXT[ROOT / "docs" / "testing.md"])


def test_every_page_is_in_the_index():
    index = TEXT[ROOT / "docs" / "README.md"]
    for page in PAGES:
        assert page.parent != ROOT / "docs" or page.name == "README.md" or f"({page.name})" in index


def test_the_changelog_s_first_entry_is_this_version():
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first[1] == mockserver.__version__


def test_the_dialect_that_is_shown_does_what_the_page_says(tmp_path):
    """The file is read as it stands, and its page names every field that there is."""
    page = TEXT[ROOT / "docs" / "dialects.md"]
    (shown,) = re.findall(r"^```yaml dialect\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    (tmp_path / "acme.yaml").write_text(shown, encoding="utf-8")
    asked = {"model": "fast", "max_tokens": 50, "messages": [{"role": "user", "content": "Hi"}]}
    with MockServer(dialect=str(tmp_path / "acme.yaml"), model=[]) as server:
        server.reply("One, two, three")
        with Anthropic(base_url=server.base_url, api_key="k", max_retries=0) as client:
            with pytest.raises(BadRequestError, match="team: Field required"):
                client.messages.create(**asked)
            answer = client.messages.with_raw_response.create(**asked, extra_body={"team": "a", "stop": "two"})
    assert server.engine.settings.dialect.name == "acme"
    assert (answer.parse().model, answer.parse().stop_sequence) == ("fast", "two")
    assert (answer.headers["x-served-by"], answer.headers["x-requests-left"]) == ("acme", "999")
    for field in (*Dialect.model_fields, *Parameter.model_fields, *Tools.model_fields, "like"):
        assert f"`{field}`" in page or f"`{field}: " in page, field
