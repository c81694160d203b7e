"""The aiohttp application, and the engine that it shows. Not here: how a request is answered (`shell`)."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from aiohttp import web

from mockserver import settings as settings_of
from mockserver.engine import Engine
from mockserver.scenario.dialect_files import with_files
from mockserver.scenario.library import Library
from mockserver.serving.shell import Shell
from mockserver.state.clock import Clock

ENGINE: Final = web.AppKey("engine", Engine)
"""Where an application keeps its engine."""


def create_app(*paths: str | Path, clock: Clock | None = None, **settings: Any) -> web.Application:
    """Return an application that answers as the Messages API; it can be mounted with `add_subapp`.

    `paths` are scenario files and folders; `settings` are the fields of `Settings` (`seed`, `on_unmatched`,
    `api_key`, `validation`, `model`, `freeze`, `speed`, `limits`, `chaos` and so on). Raises `ScenarioError` and
    `SettingsError`.
    """
    return application(make_engine(paths, settings, clock))


def make_engine(
    paths: Iterable[str | Path],
    settings: dict[str, Any],
    clock: Clock | None = None,
    origin: str = settings_of.ARGUMENTS,
    defaults: Mapping[str, Any] = MappingProxyType({}),
) -> Engine:
    """Return an engine with its scenarios loaded and its settings resolved; `origin` says where they were given.

    `defaults` hold where nothing else is given; a `speed` only where nothing else says what time it is.
    """
    if clock is not None and not isinstance(clock, Clock):
        raise settings_of.SettingsError(f"clock = {clock!r}: a Clock is needed, such as Clock.frozen()")
    for name in ("freeze", "speed"):
        if clock is not None and settings.get(name) is not None:
            raise settings_of.SettingsError(f"{name!r} and 'clock' both say what time it is; give one of them")
    paths = tuple(paths)
    from_files: dict[str, Any] = {}
    file = ""
    if any(Path(path).is_dir() for path in paths):
        # YAML takes 15 ms to import; a server without files never does.
        from mockserver.scenario.settings_file import read_settings  # noqa: PLC0415

        file, from_files = read_settings(paths)
    layers = (
        (file, from_files),
        (settings_of.ENVIRONMENT, with_files(settings_of.from_environment(os.environ))),
        (origin, with_files(settings)),
    )
    timed = clock is not None or any(layer.get(name) is not None for _, layer in layers for name in ("freeze", "speed"))
    weak = {name: value for name, value in defaults.items() if not (timed and name == "speed")}
    resolved = settings_of.resolve(("defaults", weak), *layers)
    return Engine(Library(paths), resolved, clock)


def application(engine: Engine) -> web.Application:
    """Return the application that shows an engine to the world."""
    shell = Shell(engine)
    # Size is judged by the API's own rule, with the API's own words.
    app = web.Application(client_max_size=0, middlewares=[shell.catch])
    app[ENGINE] = engine
    app.router.add_route("*", "/{path:(?s:.*)}", shell.handle, expect_handler=_expected)
    app.on_shutdown.append(shell.stop)
    return app


async def _expected(_request: web.Request) -> None:
    """Do nothing yet: whoever reads the body tells a client that waits to go on."""
