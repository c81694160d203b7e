"""The token estimate beside recorded usage. MESSAGES_CONFORMANCE names the folder with `conform.py` and `data/`."""

import importlib.util
import sys
from pathlib import Path

import pytest
from conforming import FOLDER, MARKS, scores

pytestmark = MARKS


@pytest.fixture
def benchmark():
    """The benchmark, whose reading of the recordings this is."""
    where = Path(__file__).parents[2] / "benchmarks" / "tokens.py"
    spec = importlib.util.spec_from_file_location("benchmark_of_tokens", where)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_input_tokens_are_near_the_real_ones(tmp_path):
    """Through a server, as the program that measures sends them."""
    found = scores("tokens", tmp_path, tmp_path)
    ((name, (passed, total, misses)),) = found.items()
    assert total > 1000
    assert passed >= 0.9 * total, (name, misses)


def test_the_estimate_keeps_its_bars(benchmark):
    cases = benchmark.read_cases(Path(FOLDER))
    for side, median, tenth, share in (("input", 0.015, 0.10, 0.90), ("output", 0.05, 0.25, 0.80)):
        found = benchmark.errors_of([case for case in cases if case.side == side])
        assert found.median <= median, side
        assert found.tenth <= tenth, side
        assert found.share >= share, side
