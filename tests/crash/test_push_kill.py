"""A process that receives pushed messages is killed (-9) and cut off: each message is kept, handled once and confirmed."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

HARNESS = Path(__file__).with_name("push.py")


def harness() -> ModuleType:
    """Loads the harness beside this file; tests are no package."""
    spec = importlib.util.spec_from_file_location("push_harness", HARNESS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
async def test_ten_kills_lose_none_of_10_000_messages_asked_for_over_http_and_handle_none_twice(
    tmp_path: Path,
) -> None:
    """Over HTTP a message that comes again cannot be known: one handled twice is one kept too many."""
    result = await harness().crash(tmp_path, messages=10_000, kills=10, seed=7, way="http")

    assert result["good"], result
    assert result["half_done"], "no kill came in the middle of the work"


@pytest.mark.slow
async def test_twenty_kills_and_ten_cuts_lose_none_of_100_000_messages_and_handle_none_twice(
    tmp_path: Path,
) -> None:
    result = await harness().crash(tmp_path, messages=100_000, kills=20, seed=7)

    assert result["good"], result
    assert result["delivered"] > result["messages"], "the sandbox had to push some again"
    assert result["half_done"], "no kill came in the middle of the work"
