"""What can be done with one session of a server in this process. Not here: who asks (`operations`, `testing`)."""

__tracebackhide__ = True  # pytest shows the line of the test, and not ours

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, Field

from mockserver.engine import Engine, World
from mockserver.engine.contents import files_of
from mockserver.engine.filing import described, keep
from mockserver.queries.requests import Requests
from mockserver.reply.identifiers import Source
from mockserver.scenario.problems import Problem, ScenarioError
from mockserver.scenario.scripts import Script
from mockserver.settings import SERVER_ONLY, Settings
from mockserver.state.clock import Clock
from mockserver.state.files import FullError
from mockserver.state.journal import separate
from mockserver.validation.uploads import Upload, named, read_lifetime
from mockserver.wire.encoding import JsonObject, encode
from mockserver.wire.errors import ApiError
from mockserver.wire.files import file_info
from mockserver.wire.frozen import frozen


class Told(BaseModel):
    """A scenario that a session has."""

    name: str
    origin: str = Field(description="`file`, `server` (written in code for every session) or `session`")
    source: str = Field(description="file and line; empty where it was written in code")
    place: str = Field(description="the name, and the file and line, or else what it matches")
    priority: int
    turns: int
    own: bool = Field(description="whether it is of this session alone")
    used: int = Field(description="requests of this session that it answered")
    scenario: dict[str, Any] = Field(description="as it was written")


class UnknownScenarioError(ScenarioError):
    """There is no scenario of this name that can be changed."""

    def __init__(self, words: str) -> None:
        super().__init__([Problem(words)])


class FileError(ValueError):
    """A file that a session does not take; the text says why."""


_FILE_ID: Final = re.compile(r"file_[A-Za-z0-9_-]{1,100}", re.ASCII)


@frozen
class GivenFile:
    """A file that a session is to have, as if a tool had written it.

    A type that is not given is detected; without an `id` it gets one. `expires_in_seconds` is 3600 to 7776000.
    """

    content: bytes
    filename: str
    mime_type: str | None = None
    id: str | None = None
    downloadable: bool = True
    expires_in_seconds: int | None = None

    def read(self) -> Upload:
        """Return it as if it were uploaded. Raises `ApiError` for what no upload may be."""
        data = memoryview(self.content)
        name, kind = named(self.filename, self.mime_type or "", data)
        life = None if self.expires_in_seconds is None else read_lifetime(self.expires_in_seconds)
        return Upload(name, kind, data, life)


class Local:
    """One session of an engine."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name

    @property
    def world(self) -> World:
        """The session as it is now; it is made where there is none."""
        return self.engine.sessions.get(self.name)

    # -------------------------------------------------------------- scenarios

    def scenarios(self) -> list[Told]:
        """Return its scenarios, in the order in which they are asked."""
        world = self.world
        return [self._told(world, script) for script in world.scripts]

    def scenario(self, name: str) -> Told:
        """Return one of them. Raises `UnknownScenarioError`."""
        world = self.world
        return self._told(world, _found(world.scripts, name))

    def has(self, name: str) -> bool:
        """Return whether it has a scenario of this name."""
        return any(script.name == name for script in self.world.scripts)

    def add(self, scenario: Mapping[str, Any]) -> str:
        """Add a scenario, a map as in a file; return its name. Raises `ScenarioError`."""
        return self.world.own.add(scenario).name

    def add_all(self, scenarios: list[dict[str, Any]]) -> list[str]:
        """Add several, or none where one is wrong; return their names. Raises `ScenarioError`."""
        own = self.world.own
        added: list[Script] = []
        try:
            added += (own.add(scenario) for scenario in scenarios)
        except ScenarioError:
            for script in added:
                own.remove(script)
            raise
        return [script.name for script in added]

    def put(self, name: str, scenario: Mapping[str, Any]) -> None:
        """Put a scenario in the place of the one of this name, or add it. Raises `ScenarioError`."""
        own = self.world.own
        old = own.find(name)
        if scenario.get("name", name) != name:
            raise ScenarioError(
                [Problem(f"the scenario says {scenario['name']!r}, and its place {name!r}", path="name")]
            )
        named = {**scenario, "name": name}
        if old is None:
            own.add(named, rivals=True)
            return
        if not own.is_written(old):
            raise ScenarioError([Problem(f"{name!r} comes from a file ({old.source}); change it there")])
        own.replace(old, named)

    def load(self, paths: Iterable[str | Path]) -> None:
        """Give the session the scenarios of files. Raises `ScenarioError`."""
        self.world.load(paths)

    def remove(self, name: str) -> None:
        """Take out a scenario that was written in code. Raises `UnknownScenarioError`."""
        own = self.world.own
        script = _found(own.scripts, name)
        if not own.is_written(script):
            raise UnknownScenarioError(f"{name!r} comes from a file ({script.source}); remove it there")
        own.remove(script)

    def remove_all(self) -> None:
        """Take out every scenario that was written in code for this session."""
        self.world.own.clear()

    def _told(self, world: World, script: Script) -> Told:
        spec = script.spec.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return Told(
            name=script.name,
            origin="file" if script.source else "session" if world.is_own(script) else "server",
            source=script.source,
            place=script.place,
            priority=script.priority,
            turns=len(script.steps),
            own=world.is_own(script),
            used=world.used.get(script.key, 0),
            scenario=spec,
        )

    # -------------------------------------------------------------- requests

    def requests(self) -> Requests:
        """Return what was asked and answered, oldest first."""
        journal = self.world.journal
        exchanges = journal.exchanges
        for exchange in exchanges:  # a test may change what it reads, and no later request shall meet that
            separate(exchange)
        return Requests(exchanges, dict(journal.forgotten))

    def forget(self) -> None:
        """Forget every exchange."""
        self.world.journal.clear()

    # -------------------------------------------------------------- files

    def add_file(self, given: GivenFile) -> JsonObject:
        """Put a file there; return what the API tells of it. Raises `FileError`."""
        world = self.world
        if given.id is not None and not _FILE_ID.fullmatch(given.id):
            raise FileError(f"{given.id!r} is no id of a file, which is 'file_' and letters, digits, '_' or '-'")
        now = world.clock.now()
        if given.id is not None and files_of(world, now).find(given.id) is not None:
            raise FileError(f"the session has a file {given.id!r} already; delete that, or choose another id")
        try:
            upload = given.read()
            request = encode({**described(upload), "added": True}, sort_keys=True)
            source = Source(world.settings.seed, world.name, request, world.files.added)
            file = keep(world, upload, source, now, name=given.id, downloadable=given.downloadable)
        except ApiError as error:
            raise FileError(error.message) from None
        except FullError as error:
            raise FileError(str(error)) from None
        except OSError as error:
            raise FileError(f"the file cannot be kept in 'files_folder': {error}") from None
        return file_info(file)

    # -------------------------------------------------------------- the session

    @property
    def clock(self) -> Clock:
        """Its clock."""
        return self.world.clock

    @property
    def prefix(self) -> str:
        """What stands in the base URL of its clients, behind the session: that of its dialect."""
        return self.engine.sessions.prefix_of(self.name)

    def settings(self) -> dict[str, Any]:
        """Return its settings, as JSON."""
        return settings_of(self.world.settings)

    def configure(self, values: Mapping[str, Any]) -> None:
        """Change settings of this session alone. Raises `SettingsError`."""
        self.world.configure(values)

    def reset(self) -> None:
        """Let it begin anew."""
        self.engine.sessions.reset(self.name)

    def drop(self) -> None:
        """Forget it."""
        self.engine.sessions.drop(self.name)


def settings_of(settings: Settings) -> dict[str, Any]:
    """Return the settings that a session may have of its own, as JSON, without keys."""
    told = settings.model_dump(mode="json", exclude=set(SERVER_ONLY))
    return {**told, "api_key": ["***" for _ in settings.api_key]}


def _found(scripts: tuple[Script, ...], name: str) -> Script:
    script = next((script for script in scripts if script.name == name), None)
    if script is None:
        raise UnknownScenarioError(f"there is no scenario {name!r}")
    return script
