"""Files to scripts. Every error says file, line, column, what is wrong and what to do. Not here: the format."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Final

from pydantic import ValidationError

from mockserver.scenario.documents import locate_json, read_json, read_yaml, text_of
from mockserver.scenario.match import Match
from mockserver.scenario.parts import nearest
from mockserver.scenario.patterns import takes_for_ever
from mockserver.scenario.positions import Document, DocumentError, Path
from mockserver.scenario.problems import EMPTY, Problem, placed, problems_of, validate
from mockserver.scenario.scripts import PreparationError, Script, prepare
from mockserver.scenario.texts import patterns
from mockserver.wire.content import KNOWN_TYPES
from mockserver.wire.encoding import encode

SUFFIXES = (".yaml", ".yml", ".json")
SETTINGS_NAMES = ("mockserver.yaml", "mockserver.yml")
"""In a folder of scenarios: the settings of the server, no scenario."""


@dataclass(slots=True)
class Loaded:
    """What a set of paths holds."""

    scripts: list[Script] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def load(paths: Iterable[str | FilePath]) -> Loaded:
    """Load every scenario of the files and folders. Raises nothing: what is wrong stands in `problems`."""
    loaded = Loaded()
    seen: set[FilePath] = set()
    for root, file in scenario_files(paths, loaded.problems):
        if (real := file.resolve()) not in seen:
            seen.add(real)
            _load_file(root, file, loaded)
    _check_names(loaded)
    _warn_of_rivals(loaded)
    loaded.scripts.sort(key=lambda s: s.rank)
    loaded.problems.sort(key=lambda p: (p.file, p.line, p.column))
    return loaded


def scenario_files(
    paths: Iterable[str | FilePath], problems: list[Problem], folders: list[str] | None = None
) -> Iterator[tuple[FilePath, FilePath]]:
    """Yield (root, file) of every scenario file; hidden files, JSON Schemas and the settings file are none.

    `folders` takes the folders that were looked into.
    """
    seen: list[str] = [] if folders is None else folders
    for path in map(FilePath, paths):
        if path.is_dir():
            yield from ((path, FilePath(file)) for file in sorted(_walk(str(path), problems, seen)))
        elif path.name in SETTINGS_NAMES:
            problems.append(Problem("these are settings, no scenario; name the folder they are in", str(path)))
        elif path.is_file():
            yield path.parent, path
        else:
            problems.append(Problem("there is no such file or folder", str(path)))


def _walk(folder: str, problems: list[Problem], seen: list[str], above: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the scenario files of a folder and its folders; written for speed, since every edit is looked for.

    A link to a folder is followed, unless it leads to one of those that it lies in (`above`).
    """
    above = (*above, os.path.realpath(folder))
    seen.append(folder)
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        problems.append(Problem(error.strerror or str(error), folder))
        return
    for entry in found:
        if entry.is_dir():
            if not entry.is_symlink() or os.path.realpath(entry.path) not in above:
                yield from _walk(entry.path, problems, seen, above)
        elif _is_scenario(entry.name.lower()):
            yield entry.path
        elif len(above) > 1 and entry.name in SETTINGS_NAMES:
            problems.append(Problem("settings are read from the folder that is named; move them there", entry.path))


def _is_scenario(name: str) -> bool:
    return name.endswith(SUFFIXES) and not name.endswith(".schema.json") and name not in SETTINGS_NAMES


def _load_file(root: FilePath, file: FilePath, loaded: Loaded) -> None:
    base = file.relative_to(root).with_suffix("").as_posix()
    for number, document in enumerate(_documents(file, loaded.problems), 1):
        name = base if number == 1 else f"{base}#{number}"
        script = _load_document(document, name, str(file), loaded.problems)
        if script is not None:
            loaded.scripts.append(script)
            loaded.warnings += _oddities(script, document, str(file))


def _documents(file: FilePath, problems: list[Problem]) -> list[Document]:
    """Return the file's documents; none where it cannot be read."""
    documents: list[Document] = []
    try:
        text = text_of(file)
        documents = [read_json(text)] if file.suffix == ".json" else list(read_yaml(text))
        if not documents:
            problems.append(Problem(EMPTY, str(file), 1, 1))
    except DocumentError as error:
        problems.append(Problem(str(error), str(file), *error.position))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problems.append(Problem(f"not UTF-8 text (byte {error.start} of the file)", str(file), line, 1))
    except OSError as error:
        problems.append(Problem(error.strerror or str(error), str(file)))
    return documents


def _load_document(document: Document, name: str, file: str, problems: list[Problem]) -> Script | None:
    try:
        scenario = validate(document.value)
        line = document.position(())[0]
        return prepare(scenario, scenario.name or name, f"{file}:{line}")
    except RecursionError:
        problems.append(Problem("nested too deeply", file, *document.position(())))
        return None
    except (ValidationError, PreparationError, DocumentError) as error:
        if not document.values:
            locate_json(text_of(FilePath(file)), document)
        problems += problems_of(error, document, file)
        return None


def _check_names(loaded: Loaded) -> None:
    first: dict[str, Script] = {}
    for script in loaded.scripts:
        if other := first.get(script.name):
            file, _, line = script.source.rpartition(":")
            words = f"the name {script.name!r} is taken by {other.source}; give one of them another 'name'"
            loaded.problems.append(Problem(words, file, int(line), 1))
        first.setdefault(script.name, script)


def _warn_of_rivals(loaded: Loaded) -> None:
    """Warn where two scenarios have the same match at the same priority: only the first by name is ever asked."""
    seen: dict[tuple[int, bytes], Script] = {}
    for script in sorted(loaded.scripts, key=lambda s: s.rank):
        match = script.spec.match.model_dump(mode="json", by_alias=True, exclude_unset=True)
        winner = seen.setdefault((script.priority, encode(match, sort_keys=True)), script)
        if winner.name != script.name:
            file, _, line = script.source.rpartition(":")
            alike = "have the same match" if script.matcher.keys else "both match every request"
            words = (
                f"{script.name!r} and {winner.name!r} ({winner.source}) {alike} at priority "
                f"{script.priority}: {winner.name!r} always answers; give one a{'nother' * bool(script.matcher.keys)} "
                "'match' or a 'priority'"
            )
            loaded.warnings.append(Problem(words, file, int(line), 1))


def _oddities(script: Script, document: Document, file: str) -> Iterator[Problem]:
    """Yield a warning for what is allowed and probably not meant."""
    for path, words in _idle(script):
        yield placed(words, path, document.position(path, of_key=True), file)
    for path, words in _endless(script):
        yield placed(words, path, document.position(path, of_key=True), file)
    for path, kind in _block_kinds(script):
        if kind not in KNOWN_TYPES:
            words = f"unknown block type {kind!r}: it is sent as it stands; {nearest(kind, KNOWN_TYPES)}"
            yield placed(words, path, document.position(path, of_key=True), file)


_IDLE: Final[dict[str, tuple[str, ...]]] = {
    "batches": ("delay", "fault", "headers", "stream"),
    "messages": ("batch_delay",),
    "count_tokens": ("batch_delay",),
}
"""Endpoint -> keys of a turn that say nothing there: rows of batches have no connection of their own."""


def _idle(script: Script) -> Iterator[tuple[Path, str]]:
    """Yield keys that change nothing at the endpoint that the scenario is for, with words."""
    endpoint = script.spec.match.endpoint
    if endpoint == "batches" and script.spec.match.stream:
        yield ("match", "stream"), "no row of a batch asks for a stream, so this scenario never answers"
    idle = _IDLE.get(endpoint or "", ())
    for number, turn in enumerate(script.spec.turns or [script.spec]):
        place: Path = ("turns", number) if script.spec.turns is not None else ()
        for key in (key for key in idle if getattr(turn, key) is not None):
            yield (*place, key), f"{key!r} changes nothing at the endpoint {endpoint!r}; remove it"


def _endless(script: Script) -> Iterator[tuple[Path, str]]:
    """Yield regular expressions that may keep the server busy for ever, with words."""
    matches: list[tuple[Path, Match]] = [(("match",), script.spec.match)]
    for number, turn in enumerate(script.spec.turns or [script.spec]):
        if turn.expect is not None:
            matches.append(((*(("turns", number) if script.spec.turns is not None else ()), "expect"), turn.expect))
    for path, match in matches:
        for pattern in filter(takes_for_ever, patterns(match, negated=True)):
            words = (
                f"the regex {pattern!r} repeats what is nothing but repeated, so some texts would keep the server busy "
                "for ever; repeat it once, or write the inner repeat without a way back: a++ for a+"
            )
            yield path, words


def _block_kinds(script: Script) -> Iterator[tuple[Path, str]]:
    for number, step in enumerate(script.steps):
        base: Path = ("turns", number) if script.spec.turns is not None else ()
        if isinstance(step.spec.reply, list):
            yield from (((*base, "reply", i, entry.kind), entry.kind) for i, entry in enumerate(step.spec.reply))
