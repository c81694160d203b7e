"""The command line: a function a command. Not here: what they do; it is imported when it is asked for."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from mockserver import __version__
from mockserver.settings import PREFIX, Settings, SettingsError, unknown_variables

_Result = TypeVar("_Result")

_MOST_WORKERS = 64
"""Workers of one server: each takes the memory of a server, and a core."""

_PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))


def _described(name: str) -> str:
    """Return a setting's own description as the help of its flag."""
    return f"{Settings.model_fields[name].description} [{PREFIX}{name.upper()}]"


_SETTINGS = (
    click.option("--seed", type=int, help=_described("seed")),
    click.option("--on-unmatched", type=click.Choice(["error", "fallback"]), help=_described("on_unmatched")),
    click.option("--api-key", multiple=True, help=_described("api_key")),
    click.option("--validation", type=click.Choice(["strict", "lenient", "off"]), help=_described("validation")),
    click.option("--session-validation", multiple=True, metavar="SESSION=LEVEL", help=_described("session_validation")),
    click.option("--retired-models", type=click.Choice(["answer", "reject"]), help=_described("retired_models")),
    click.option("--objects", type=click.Choice(["any", "strict"]), help=_described("objects")),
    click.option("--edge-headers", type=click.Choice(["on", "off"]), help=_described("edge_headers")),
    click.option("--model", multiple=True, metavar="NAME[=LIKE]", help=_described("model")),
    click.option("--dialect", metavar="NAME|FILE", help=_described("dialect")),
    click.option("--session-dialect", multiple=True, metavar="SESSION=NAME", help=_described("session_dialect")),
    click.option("--freeze", metavar="TIME", help=_described("freeze")),
    click.option("--speed", metavar="NUMBER|instant", help=_described("speed")),
    click.option("--limits", multiple=True, metavar="LIMIT=NUMBER", help=_described("limits")),
    click.option("--session-limits", multiple=True, metavar="SESSION:LIMIT=NUMBER", help=_described("session_limits")),
    click.option("--chaos", type=click.Choice(["off", "mild", "rough"]), help=_described("chaos")),
    click.option("--batch-delay", metavar="DURATION", help=_described("batch_delay")),
    click.option("--max-sessions", type=int, help=_described("max_sessions")),
    click.option("--max-exchanges", type=int, help=_described("max_exchanges")),
    click.option("--max-connections", type=int, help=_described("max_connections")),
    click.option("--request-timeout", metavar="DURATION", help=_described("request_timeout")),
    click.option("--file-quota", metavar="BYTES", help=_described("file_quota")),
    click.option("--files-folder", metavar="FOLDER", help=_described("files_folder")),
    click.option("--control-token", metavar="TOKEN", help=_described("control_token")),
)
"""The flags of the settings."""


def _with_settings(command: Any) -> Any:
    """Give a command the flags of the settings."""
    for option in reversed(_SETTINGS):
        command = option(command)
    return command


def _given(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that flags give, None for the others; tell of variables that nothing reads."""
    for warning in unknown_variables(os.environ):
        click.echo(f"mockserver: {warning}", err=True)
    return {name: list(value) or None if isinstance(value, tuple) else value for name, value in settings.items()}


def _usual(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return the paths, or ./scenarios where none is given and it is there."""
    return paths or tuple(path for path in (Path("scenarios"),) if path.is_dir())


def _also_variable(flag: str, **more: Any) -> Callable[[Any], Any]:
    """Return a flag of a command that a variable gives, too."""
    variable = f"{PREFIX}{flag.removeprefix('--').replace('-', '_').upper()}"
    return click.option(flag, envvar=variable, show_envvar=True, **more)


def _sensible(_context: click.Context, _option: click.Parameter, workers: int) -> int:
    """Return a number of workers that a machine may have."""
    if 1 <= workers <= _MOST_WORKERS:
        return workers
    words = f"{workers} processes cannot serve one port: say a number from 1 to {_MOST_WORKERS}"
    raise click.BadParameter(f"{words}; more than this machine has cores ({os.cpu_count()}) make nothing faster.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, message="mockserver %(version)s")
def main() -> None:
    """Run a local mock of the Anthropic Messages API."""


@main.command()
@_PATHS
@_also_variable("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@_also_variable(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes any free one.",
)
@_also_variable(
    "--workers",
    default=1,
    show_default=True,
    callback=_sensible,
    help="Processes that serve the port, for load that keeps one of them busy; each has its own state.",
)
@_with_settings
@_also_variable(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="`info` is one line per request; `debug` adds the traceback of a bug.",
)
@_also_variable(
    "--ready-json",
    is_flag=True,
    help="Print one line of JSON (base_url, port, pid, ...) instead of the banner, when requests are accepted.",
)
@_also_variable(
    "--exit-with-parent",
    is_flag=True,
    help="End when standard input ends, a pipe from the process that started the server, or when that is gone.",
)
def serve(
    paths: tuple[Path, ...],
    host: str,
    port: int,
    workers: int,
    log_level: str,
    *,
    ready_json: bool,
    exit_with_parent: bool,
    **settings: Any,
) -> None:
    """Serve the scenarios of PATHS, files or folders (./scenarios where none is given and it is there).

    Requests that no scenario answers get an answer made by Faker, unless --on-unmatched says otherwise.
    """
    from mockserver.serving.standalone import run  # noqa: PLC0415 - `check` needs no server

    given = _given(settings)
    life = {"ready_json": ready_json, "exit_with_parent": exit_with_parent}
    _or_exit(lambda: run(_usual(paths), (host, port), given, log_level, workers=workers, **life))


@main.command()
@click.argument("request")
@_PATHS
@_with_settings
@click.option("--all", "every", is_flag=True, help="Tell of every scenario all that differs.")
@click.option(
    "--answer",
    type=click.Choice(["short", "full"]),
    default="short",
    show_default=True,
    help="`short`: without the rest of long texts, lists and streams; `full`: the whole answer.",
)
def explain(request: str, paths: tuple[Path, ...], *, every: bool, answer: str, **settings: Any) -> None:
    """Explain what the server would do with REQUEST, a file (- is standard input), and the scenarios of PATHS.

    REQUEST is JSON: a body, or {"method", "path", "headers", "body"}, or a line of the exported journal. Exit code 1
    where the request would be refused or no scenario matches, 2 where there is nothing to explain.
    """
    from mockserver.control.explaining import explain as explained  # noqa: PLC0415
    from mockserver.control.explaining import world_of  # noqa: PLC0415
    from mockserver.control.explaining.reading import RequestError, read_request  # noqa: PLC0415
    from mockserver.control.explaining.telling import told  # noqa: PLC0415
    from mockserver.serving.app import make_engine  # noqa: PLC0415
    from mockserver.settings import FLAGS  # noqa: PLC0415

    def run() -> bool:
        engine = make_engine(_usual(paths), _given(settings), origin=FLAGS, defaults={"on_unmatched": "fallback"})
        try:
            data = sys.stdin.buffer.read() if request == "-" else Path(request).read_bytes()
        except OSError as error:
            raise RequestError(f"{request}: {error.strerror}; name a file, or - for standard input") from None
        incoming = read_request(data, engine.settings, "standard input" if request == "-" else request)
        explanation = explained(world_of(engine, incoming), incoming, every=every)
        click.echo(told(explanation, every=every, full=answer == "full"))
        return explanation.answered

    try:
        sys.exit(int(not _or_exit(run, code=2)))
    except RequestError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)


@main.command()
@_PATHS
@click.option("--strict", is_flag=True, help="Fail on warnings, too.")
def check(paths: tuple[Path, ...], *, strict: bool) -> None:
    """Check the scenarios of PATHS (./scenarios where none is given); exit code 1 where something is wrong."""
    from mockserver.scenario.loading import load  # noqa: PLC0415
    from mockserver.scenario.problems import Problem  # noqa: PLC0415
    from mockserver.scenario.settings_file import read_settings  # noqa: PLC0415
    from mockserver.settings import resolve  # noqa: PLC0415

    paths = _usual(paths)
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


_TABLES = {
    "errors": "List the errors that a scenario can answer with by name (error: NAME).",
    "rules": "List what --validation strict checks behind a request's schema, in the order of the checks.",
    "models": "List the models, their limits and modes.",
    "dialects": "List the dialects: the API as gateways speak it (--dialect).",
    "limits": "List what is bounded: connections, times, sizes, books; and what happens where a limit is reached.",
    "operations": "List the operations of the control API, under /_mock/.",
}
"""Table -> what the command of its name does."""


def _add_table(name: str, words: str) -> None:
    @main.command(name, help=words)
    @_AS_TABLE
    def listed(format_: str) -> None:
        from mockserver.tables import TABLES  # noqa: PLC0415 - other commands need none

        click.echo(TABLES[name]().written(format_))


for _name, _words in _TABLES.items():
    _add_table(_name, _words)


def _or_exit(action: Callable[[], _Result], code: int = 1) -> _Result:
    """Run an action; tell what it refuses in a line each, without a traceback, and exit with that code."""
    from mockserver.scenario.problems import ScenarioError  # noqa: PLC0415

    try:
        return action()
    except (ScenarioError, SettingsError) as error:
        for line in str(error).splitlines():
            click.echo(f"error: {line}", err=True)
    except OSError as error:
        click.echo(f"error: {error.strerror or error}", err=True)
    sys.exit(code)
