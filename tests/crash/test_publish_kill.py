"""A publishing process is killed (-9) ten times over one catalogue: each row stands on the shelf once, or waits for a person."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

HARNESS = Path(__file__).with_name("crash.py")


def harness() -> ModuleType:
    """Loads the harness beside this file; tests are no package."""
    spec = importlib.util.spec_from_file_location("crash_harness", HARNESS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
async def test_ten_kills_leave_each_row_on_the_shelf_once_or_undecided(tmp_path: Path) -> None:
    result = await harness().crash(tmp_path, rows=60, kills=10, seed=7)

    assert result["good"], result
    assert result["once"] + len(result["undecided"]) == 60
    assert result["uploads"] == result["pictures"]
