"""The Python of the how-to pages runs as it stands, against a sandbox."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from onshelf.sandbox.launch import running

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
WRITTEN = "http://127.0.0.1:8080/router/rest"
BLOCKS = [
    pytest.param(block, id=f"{page.stem}-{number}")
    for page in sorted(HOW_TO.glob("*.md"))
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL))
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway() -> AsyncIterator[str]:
    async with running() as info:
        yield info["gateway"]


@pytest.mark.parametrize("block", BLOCKS)
async def test_an_example_runs(block: str, gateway: str) -> None:
    names: dict[str, Any] = {"__name__": "example"}

    await asyncio.to_thread(exec, block.replace(WRITTEN, gateway), names)
