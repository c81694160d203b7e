"""Text files as documents: values with the line and column of each. Not here: what the values mean.

YAML is read by the 1.2 rules of JSON's own types: `2023-06-01`, `no`, `12:30` and `007` are text, only `true`,
`false`, `null` and JSON numbers are not, and a key that stands twice is an error.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path as FilePath
from typing import Any

import yaml

from mockserver.scenario.positions import Document, DocumentError, Path, Position
from mockserver.wire.encoding import decode

MOST_BYTES = 64 * 1024 * 1024
"""Of a file, of scenarios, settings or a dialect."""


def text_of(file: FilePath) -> str:
    """Return the text of a file. Raises `DocumentError` where it is too large, `UnicodeDecodeError` and `OSError`."""
    size = file.stat().st_size
    if size > MOST_BYTES:
        raise DocumentError(f"{size:,} bytes; a file has at most {MOST_BYTES:,}: split it", (1, 1))
    return file.read_text(encoding="utf-8-sig")


def read_yaml(text: str) -> Iterator[Document]:
    """Yield the documents of a YAML text; empty ones are left out."""
    try:
        _check_depth(text)
        for node in yaml.compose_all(text, Loader=_Loader):
            document = Document()
            document.value = _Construct(document).value(node, ())
            if document.value is not None:
                yield document
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DocumentError(_hint(str(error.problem or error.context), text, mark), _position(mark)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise DocumentError(f"a character that YAML does not allow: {error.reason}", (line, 1)) from error


MAX_DEPTH = 64
MAX_NODES = 200_000
"""What no scenario needs: beyond it, reading could exhaust memory or time."""


def _check_depth(text: str) -> None:
    """Refuse a text that is nested so deeply that composing it would fail without a word."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise DocumentError(f"nested more than {MAX_DEPTH} levels deep", _position(event.start_mark))


def _hint(problem: str, text: str, mark: Any) -> str:
    lines = text.splitlines()
    if mark and mark.line < len(lines) and "\t" in lines[mark.line][: mark.column + 1]:
        return "a tab; YAML is indented with spaces"
    hint = next((advice for words, advice in _HINTS.items() if words in problem), "")
    return f"{problem}; {hint}" if hint else problem


_QUOTES = "a text that begins with a special character, holds ': ' or has quotes inside needs quotes around it"

_HINTS = {
    "cannot start any token": _QUOTES,
    "expected <block end>": f"the line is indented wrongly, or {_QUOTES}",
    "did not find expected key": f"the line is indented wrongly, or {_QUOTES}",
    "mapping values": f"the line is indented wrongly, or {_QUOTES}",
}
"""What PyYAML says -> what to do."""


def read_json(text: str) -> Document:
    """Return the document of a JSON text."""
    try:
        value = decode(text)
        json.loads(text, object_pairs_hook=_no_key_twice)
    except _KeyTwiceError as twice:
        raise _placed(text, f"the key {twice.args[0]!r} stands twice") from None
    except RecursionError:
        raise DocumentError("nested too deeply", (1, 1)) from None
    except ValueError as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        raise DocumentError(f"not JSON: {getattr(error, 'msg', error)}", (line, column)) from error
    return Document(value)


class _KeyTwiceError(Exception):
    """A JSON object with a key that stands twice."""


def _no_key_twice(pairs: list[tuple[str, Any]]) -> None:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise _KeyTwiceError(next(key for key in keys if keys.count(key) > 1))


def _placed(text: str, words: str) -> DocumentError:
    """Return the error with its place, which YAML finds unless the text is JSON that it reads otherwise."""
    try:
        _Construct(Document()).value(yaml.compose(text, Loader=_Loader), ())
    except DocumentError as error:
        return error
    except yaml.YAMLError:
        pass
    return DocumentError(words, (1, 1))


def locate_json(text: str, document: Document) -> None:
    """Fill in a JSON document's positions; asked for only when an error needs them."""
    try:
        node = yaml.compose(text, Loader=_Loader)
        _Construct(document).value(node, ())
    except (yaml.YAMLError, DocumentError):
        return  # JSON that YAML reads otherwise: the error is told without a line of its own


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Composes nodes; its resolvers know JSON's types only."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - yaml's own attribute


_INT = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")}
"""What a node without a tag of its own has."""


def _plain(text: str) -> Any:
    """Return the value of a scalar that stands without quotes."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text) and len(text) <= _MAX_DIGITS:
        return int(text)
    # A number that is too large for JSON stays the text it is.
    return float(text) if _FLOAT.fullmatch(text) and math.isfinite(float(text)) else text


_MAX_DIGITS = 1000


def _position(mark: Any) -> Position:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


class _Construct:
    """Turns nodes into values and notes where each stands."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._within: list[int] = []
        self._nodes = 0

    def value(self, node: Any, path: Path) -> Any:
        position = _position(node.start_mark)
        self._document.values.setdefault(path, position)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise DocumentError(f"more than {MAX_NODES} values; aliases count each time", position)
        if node.tag not in _TAGS:
            raise DocumentError(f"tags such as {node.tag!r} are not used here; remove it", position)
        if isinstance(node, yaml.ScalarNode):
            return node.value if node.style else _plain(node.value)
        if id(node) in self._within:
            raise DocumentError("an alias that contains itself", position)
        self._within.append(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
            return self._map(node, path)
        finally:
            self._within.pop()

    def _map(self, node: Any, path: Path) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key_node, value_node in node.value:
            position = _position(key_node.start_mark)
            if not isinstance(key_node, yaml.ScalarNode):
                raise DocumentError('a key must be a text; a template needs quotes: "{{ … }}"', position)
            key = key_node.value
            if key == "<<" and not key_node.style:
                merged |= self._merge(value_node, path)
                continue
            if key in own:
                line = self._document.keys[(*path, key)][0]
                raise DocumentError(f"the key {key!r} stands twice; it is already in line {line}", position)
            self._document.keys[(*path, key)] = position
            self._document.values[(*path, key)] = _position(value_node.start_mark)
            own[key] = self.value(value_node, (*path, key))
        return merged | own

    def _merge(self, node: Any, path: Path) -> dict[str, Any]:
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for source in reversed(sources):
            if not isinstance(source, yaml.MappingNode):
                raise DocumentError("'<<' takes a map, or a list of maps", _position(node.start_mark))
            merged |= self.value(source, path)
        return merged


# ------------------------------------------------------------------ writing


def dump(values: Iterable[Any]) -> str:
    """Return a YAML text whose documents are these JSON values; `read_yaml` gives them back."""
    return yaml.dump_all(
        values, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDTH, explicit_start=False
    ).removeprefix("---\n")


_WIDTH = 110
_SHORT = 90
"""Columns of a line, and of a map or list that stands in one."""


class _Dumper(yaml.SafeDumper):
    """Writes what a person would: texts of several lines as blocks, short maps and lists in one line."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True

    def serialize(self, node: Any) -> None:
        _set_in_lines(node)
        super().serialize(node)

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def text(self, value: str) -> Any:
        return self.represent_scalar("tag:yaml.org,2002:str", value, style=_style(value))


def _style(text: str) -> str | None:
    """Return how a text is written: None where it may stand without quotes."""
    if _ODD_BREAK.search(text):
        return '"'
    if "\n" in text:
        return "|"
    return "'" if _plain(text) != text else None  # what looks like a number to us may be a text to YAML


_ODD_BREAK = re.compile("[\r\x85\u2028\u2029]")


_Dumper.add_representer(str, _Dumper.text)
_Dumper.add_multi_representer(dict, _Dumper.represent_dict)  # a part of a body is one, too


def _set_in_lines(node: Any, *, within: str = "") -> int:
    """Let the maps and lists of scalars that are short stand in one line; return the length, 0 where it is none.

    A map in a list begins a line of its own.
    """
    if isinstance(node, yaml.ScalarNode):
        return 0 if "\n" in node.value else len(node.value) + 2
    is_map = isinstance(node, yaml.MappingNode)
    nodes = [part for pair in node.value for part in pair] if is_map else node.value
    lengths = [_set_in_lines(part, within="map" if is_map else "list") for part in nodes]
    length = sum(lengths) + 2
    node.flow_style = not node.value or (within == "map" and all(lengths) and length <= _SHORT)
    return length if node.flow_style else 0
