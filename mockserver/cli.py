"""The command line: a function a command. Not here: what they do; it is imported when it is asked for."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from mockserver import __version__
from mockserver.settings import PREFIX, Settings, SettingsError, unknown_variables

_PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))


def _described(name: str) -> str:
    """Return a setting's own description as the help of its flag."""
    return f"{Settings.model_fields[name].description} [{PREFIX}{name.upper()}]"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, message="mockserver %(version)s")
def main() -> None:
    """Run a local mock of the Anthropic Messages API."""


@main.command()
@_PATHS
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar=f"{PREFIX}HOST",
    show_envvar=True,
    help="Address to listen on.",
)
@click.option(
    "--port",
    default=8080,
    show_default=True,
    envvar=f"{PREFIX}PORT",
    show_envvar=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes any free one.",
)
@click.option("--seed", type=int, help=_described("seed"))
@click.option("--on-unmatched", type=click.Choice(["error", "fallback"]), help=_described("on_unmatched"))
@click.option("--api-key", multiple=True, help=_described("api_key"))
@click.option("--validation", type=click.Choice(["strict", "lenient", "off"]), help=_described("validation"))
@click.option("--session-validation", multiple=True, metavar="SESSION=LEVEL", help=_described("session_validation"))
@click.option("--retired-models", type=click.Choice(["answer", "reject"]), help=_described("retired_models"))
@click.option("--objects", type=click.Choice(["any", "strict"]), help=_described("objects"))
@click.option("--edge-headers", type=click.Choice(["on", "off"]), help=_described("edge_headers"))
@click.option("--model", multiple=True, metavar="NAME[=LIKE]", help=_described("model"))
@click.option("--freeze", metavar="TIME", help=_described("freeze"))
@click.option("--speed", metavar="NUMBER|instant", help=_described("speed"))
@click.option("--limits", multiple=True, metavar="LIMIT=NUMBER", help=_described("limits"))
@click.option("--session-limits", multiple=True, metavar="SESSION:LIMIT=NUMBER", help=_described("session_limits"))
@click.option("--chaos", type=click.Choice(["off", "mild", "rough"]), help=_described("chaos"))
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    envvar=f"{PREFIX}LOG_LEVEL",
    show_envvar=True,
    help="`info` is one line per request; `debug` adds the traceback of a bug.",
)
def serve(paths: tuple[Path, ...], host: str, port: int, log_level: str, **settings: Any) -> None:
    """Serve the scenarios of PATHS, files or folders (./scenarios where none is given and it is there).

    Requests that no scenario answers get an answer made by Faker, unless --on-unmatched says otherwise.
    """
    from mockserver.serving.standalone import run  # noqa: PLC0415 - `check` needs no server

    for warning in unknown_variables(os.environ):
        click.echo(f"mockserver: {warning}", err=True)
    if not paths and Path("scenarios").is_dir():
        paths = (Path("scenarios"),)
    given = {name: list(value) or None if isinstance(value, tuple) else value for name, value in settings.items()}
    _or_exit(lambda: run(paths, host, port, given, log_level))


@main.command()
@_PATHS
@click.option("--strict", is_flag=True, help="Fail on warnings, too.")
def check(paths: tuple[Path, ...], *, strict: bool) -> None:
    """Check the scenarios of PATHS without serving them; exit code 1 where something is wrong."""
    from mockserver.scenario.loading import load  # noqa: PLC0415
    from mockserver.scenario.problems import Problem  # noqa: PLC0415
    from mockserver.scenario.settings_file import read_settings  # noqa: PLC0415
    from mockserver.settings import resolve  # noqa: PLC0415

    if not paths:
        raise click.UsageError("name files or folders, such as: mockserver check scenarios/")
    _or_exit(lambda: resolve(read_settings(paths)))
    loaded = load(paths)
    if not (loaded.scripts or loaded.problems):
        where = ", ".join(map(str, paths))
        loaded.problems.append(Problem("there is no scenario file (.yaml, .yml, .json) here", where))
    for kind, found in (("error", loaded.problems), ("warning", loaded.warnings)):
        for problem in found:
            click.echo(f"{kind}: {problem}")
    counts = ((loaded.scripts, "scenario"), (loaded.problems, "error"), (loaded.warnings, "warning"))
    click.echo(", ".join(f"{len(things)} {noun}{'' if len(things) == 1 else 's'}" for things, noun in counts))
    sys.exit(int(bool(loaded.problems or (strict and loaded.warnings))))


@main.command()
@click.option(
    "--format",
    "format_",
    type=click.Choice(["json", "markdown"]),
    default="json",
    show_default=True,
    help="`json`: a JSON Schema for editors; `markdown`: the reference of every key.",
)
def schema(format_: str) -> None:
    """Print the scenario format."""
    from mockserver.scenario.reference import as_json_schema, as_markdown  # noqa: PLC0415

    text = json.dumps(as_json_schema(), indent=2, ensure_ascii=False) if format_ == "json" else as_markdown()
    click.echo(text.rstrip("\n"))


_AS_TABLE = click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "markdown"]),
    default="text",
    show_default=True,
    help="`text`: columns for a terminal; `markdown`: a table.",
)


@main.command()
@_AS_TABLE
def errors(format_: str) -> None:
    """List the errors that a scenario can answer with by name (error: NAME)."""
    _print_table("errors", format_)


@main.command()
@_AS_TABLE
def rules(format_: str) -> None:
    """List what --validation strict checks behind a request's schema, in the order of the checks."""
    _print_table("rules", format_)


@main.command()
@_AS_TABLE
def models(format_: str) -> None:
    """List the models, their limits and modes."""
    _print_table("models", format_)


def _print_table(name: str, form: str) -> None:
    from mockserver.tables import TABLES  # noqa: PLC0415 - other commands need none

    click.echo(TABLES[name]().written(form))


def _or_exit(action: Any) -> None:
    """Run an action; tell what it refuses in a line each, without a traceback."""
    from mockserver.scenario.problems import ScenarioError  # noqa: PLC0415

    try:
        action()
    except (ScenarioError, SettingsError) as error:
        for line in str(error).splitlines():
            click.echo(f"error: {line}", err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"error: {error.strerror or error}", err=True)
        sys.exit(1)
