"""The law of the house: imports go downwards only, some modules belong to one place, and nothing grows large."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import mockserver

pytestmark = pytest.mark.unmeasured

ROOT = Path(mockserver.__file__).parent

LAYERS = {
    "wire": set(),
    "setting_values": {"wire"},
    "settings": {"wire", "setting_values"},
    "validation": {"wire", "settings"},
    "state": {"wire"},
    "scenario": {"wire", "settings", "setting_values"},
    "reply": {"wire", "scenario"},
    "engine": {"wire", "settings", "validation", "state", "scenario", "reply"},
    "queries": {"wire", "state", "scenario"},
    "control": {"wire", "settings", "validation", "state", "scenario", "reply", "engine", "queries"},
    "testing": {"wire", "settings", "state", "scenario", "queries", "control"},
    "serving": {
        "wire",
        "settings",
        "validation",
        "state",
        "scenario",
        "reply",
        "engine",
        "queries",
        "control",
        "testing",
    },
    "limits": {"wire", "settings", "setting_values", "validation", "state", "scenario", "reply", "engine", "serving"},
    "tables": {"wire", "validation", "control", "limits"},
    "cli": {"settings", "scenario", "control", "serving", "tables"},
    "pytest_plugin": {"settings", "scenario", "queries", "testing", "serving"},
    "unittest_case": {"queries", "testing", "serving"},
    "__main__": {"cli"},
    "__init__": {"settings", "scenario", "state", "queries", "testing", "serving", "unittest_case"},
}
"""Package or module -> what else of ours it may import."""

RESERVED = {
    "aiohttp": {"serving"},
    "asyncio": {"serving"},
    "yaml": {"scenario/documents.py"},
    "time": {"state/clock.py", "scenario/watching.py", "serving"},
    "uuid": set(),
    "random": {"reply"},
    "jinja2": {"scenario/templates.py", "scenario/sandbox.py"},
    "faker": {"reply"},
    "click": {"cli.py"},
    "python_multipart": {"validation/uploads.py"},
    "pytest": {"pytest_plugin.py"},
}
"""Module -> the only places that may import it."""

FILES = sorted(ROOT.rglob("*.py"))


def place(file):
    return file.relative_to(ROOT).as_posix()


def imports(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(name):
    return name.split(".")[1] if "." in name else "__init__"


@pytest.mark.parametrize("file", FILES, ids=place)
def test_imports_go_downwards_only(file):
    own = place(file).split("/")[0].removesuffix(".py")
    used = {layer(name) for name in imports(file) if name.split(".")[0] == "mockserver"} - {
        own,
        "__version__",
        "__init__",
    }
    assert used <= LAYERS[own]


@pytest.mark.parametrize("file", FILES, ids=place)
def test_some_modules_are_imported_in_one_place(file):
    for name in imports(file):
        allowed = RESERVED.get(name.split(".")[0])
        if allowed is not None:
            assert place(file) in allowed or place(file).split("/")[0] in allowed, f"{place(file)} imports {name}"


def test_the_layers_name_every_module():
    assert {place(file).split("/")[0].removesuffix(".py") for file in FILES} == set(LAYERS)


@pytest.mark.parametrize("file", FILES, ids=place)
def test_modules_and_functions_stay_small(file):
    text = file.read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno <= 45, f"{place(file)}: {node.name}"


@pytest.mark.parametrize("file", FILES, ids=place)
def test_every_module_says_what_it_is(file):
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))


HEAVY = ["faker", "jinja2", "yaml", "aiohttp", "pydantic", "click", "pytest", "python_multipart"]
LIGHT = {
    "import mockserver": HEAVY,
    "import mockserver.pytest_plugin": ["faker", "jinja2", "yaml", "aiohttp", "pydantic", "click"],
    "from mockserver import MockServer; MockServer().start().stop()": [
        "faker",
        "jinja2",
        "yaml",
        "click",
        "pytest",
        "python_multipart",
    ],
    "import mockserver.cli": ["faker", "jinja2", "yaml", "aiohttp", "pytest"],
}


@pytest.mark.parametrize("code", LIGHT)
def test_heavy_modules_are_imported_when_they_are_needed(code):
    check = f"import sys; {code}; print([m for m in {LIGHT[code]!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_all_names_the_stable_surface():
    assert [name for name in mockserver.__all__ if getattr(mockserver, name) is None] == []
    assert dir(mockserver) == sorted(mockserver.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Nope'"):
        _ = mockserver.Nope
