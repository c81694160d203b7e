"""The recipes for other languages: CI runs each; those that need Docker are taken apart and run without it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from helpers import UNTRACED

from mockserver import MockServer
from mockserver.cli import main
from mockserver.scenario.loading import load
from mockserver.settings import unknown_variables

ROOT = Path(__file__).parent.parent.parent
RECIPES = ROOT / "recipes"
COMPOSED = RECIPES / "docker-compose"
COMPOSE = yaml.safe_load((COMPOSED / "compose.yaml").read_text(encoding="utf-8"))
SERVER, APP = COMPOSE["services"]["mockserver"], COMPOSE["services"]["app"]
RUN_BY_MAKE = {"node-test", "vitest", "go", "shell"}


def dockerfile(path):
    """The instructions of a Dockerfile: (name, what follows it)."""
    text = path.read_text(encoding="utf-8").replace("\\\n", "")
    return [tuple(line.split(" ", 1)) for line in text.splitlines() if line and not line.startswith("#")]


def instruction(path, name):
    return next(rest for found, rest in dockerfile(path) if found == name)


def serving(command):
    """The options of a `serve` command line, as the command line reads them."""
    name, *args = command
    return main.commands[name].make_context(name, args).params


def test_every_recipe_is_run_by_make_and_ci():
    assert {folder.name for folder in RECIPES.iterdir() if folder.is_dir()} == {
        *RUN_BY_MAKE,
        "docker-compose",
        "scenarios",
    }
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^recipes: (.+)$", makefile, re.MULTILINE)[1].split()
    run = {
        re.search(rf"^{target}:.*\n\t\$\(call IN_RECIPE,([\w-]+)\)", makefile, re.MULTILINE)[1] for target in targets
    }
    assert run == RUN_BY_MAKE
    assert "\nmake recipes\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_recipes_scenarios_load_without_a_warning():
    loaded = load([RECIPES / "scenarios"])
    assert [*loaded.problems, *loaded.warnings] == []


def shown():
    text = (ROOT / "docs" / "other-languages.md").read_text(encoding="utf-8")
    found = re.findall(r"\]\(\.\./(recipes/[\w./-]+)\):\n\n```\w+\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert len(found) == len(re.findall(r"^```(?!console)\w", text, re.MULTILINE))
    return found


@pytest.mark.parametrize(("file", "code"), shown())
def test_what_the_page_shows_stands_in_the_recipe(file, code):
    assert code in (ROOT / file).read_text(encoding="utf-8")


def test_the_image_runs_a_command_line_that_there_is():
    file = COMPOSED / "Dockerfile"
    assert json.loads(instruction(file, "ENTRYPOINT")) == ["mockserver"]
    options = serving(json.loads(instruction(file, "CMD")))
    assert (options["host"], options["port"]) == ("0.0.0.0", int(instruction(file, "EXPOSE")))


def test_the_image_is_made_of_what_there_is():
    file = COMPOSED / "Dockerfile"
    assert COMPOSED / SERVER["build"]["context"] / SERVER["build"][
        "dockerfile"
    ] == COMPOSED / "../.." / file.relative_to(ROOT)
    kept = re.findall(r"^!(.+)$", (COMPOSED / "Dockerfile.dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    copied = [source for name, rest in dockerfile(file) if name == "COPY" for source in rest.split()[:-1]]
    assert sorted(kept) == sorted(copied)
    assert all((ROOT / source).exists() for source in copied)
    assert instruction(file, "FROM").startswith("python:3.")
    assert instruction(file, "USER") == instruction(COMPOSED / "app" / "Dockerfile", "USER") == "nobody"


def test_the_service_serves_its_volume_to_other_containers_and_asks_for_a_token():
    options = serving(SERVER["command"])
    (volume,) = SERVER["volumes"]
    source, target, mode = volume.split(":")
    assert [str(path) for path in options["paths"]] == [target]
    assert (COMPOSED / source).is_dir()
    assert mode == "ro"
    assert options["host"] == "0.0.0.0"
    assert APP["environment"]["ANTHROPIC_BASE_URL"] == f"http://mockserver:{options['port']}"
    assert unknown_variables(SERVER["environment"]) == []
    for service in (SERVER, APP):
        assert service["environment"]["MOCKSERVER_CONTROL_TOKEN"].startswith("${MOCKSERVER_CONTROL_TOKEN:?")


def test_the_app_waits_until_the_service_is_healthy():
    assert APP["depends_on"] == {"mockserver": {"condition": "service_healthy"}}
    assert (COMPOSED / APP["build"] / "Dockerfile").is_file()


def checked(base_url):
    """Run the health check as the container does, but against this server; return the exit code."""
    kind, python, *rest = SERVER["healthcheck"]["test"]
    assert (kind, python) == ("CMD", "python")
    here = f"http://127.0.0.1:{serving(SERVER['command'])['port']}"
    assert f"{here}/_mock/health" in rest[-1]
    command = [sys.executable, *(word.replace(here, base_url) for word in rest)]
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False, timeout=30).returncode


def test_the_health_check_tells_a_server_from_none():
    with MockServer(control_token="secret") as server:
        assert checked(server.base_url) == 0
        gone = server.base_url
    assert checked(gone) == 1


def app(server, token):
    """Run the app as its container does, but against this server."""
    command = json.loads(instruction(COMPOSED / "app" / "Dockerfile", "CMD"))[1:]
    variables = {
        "ANTHROPIC_BASE_URL": server.base_url,
        "ANTHROPIC_API_KEY": APP["environment"]["ANTHROPIC_API_KEY"],
        "MOCKSERVER_CONTROL_TOKEN": token,
    }
    environment = {name: value for name, value in UNTRACED.items() if not name.startswith("ANTHROPIC_")}
    return subprocess.run(
        [sys.executable, *command], cwd=COMPOSED / "app", env=environment | variables,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_the_app_gets_its_answer_and_verifies():
    with MockServer(RECIPES / "scenarios", host="0.0.0.0", control_token="secret") as server:
        done = app(server, "secret")
    assert (done.returncode, done.stdout) == (0, "Hello! How can I help?\nverified: True\n"), done.stderr


def test_the_app_fails_where_the_mock_saw_something_else():
    with MockServer(RECIPES / "scenarios", host="0.0.0.0", control_token="secret") as server:
        assert app(server, "secret").returncode == 0
        done = app(server, "secret")
    assert done.returncode == 1
    assert "409" in done.stderr


def test_a_flag_that_there_is_not_would_be_noticed():
    with pytest.raises(click.NoSuchOption):
        serving(["serve", "--prot", "1"])
