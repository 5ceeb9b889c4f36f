"""The Python of the how-to pages runs as it stands, against a sandbox."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from onshelf.sandbox.launch import running

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
WRITTEN = "http://127.0.0.1:8080/router/rest"
BLOCKS = [
    pytest.param(block, id=f"{page.stem}-{number}")
    for page in sorted(HOW_TO.glob("*.md"))
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL))
]


@pytest.mark.parametrize("block", BLOCKS)
async def test_an_example_runs(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "example"}

    async with running() as info:
        await asyncio.to_thread(exec, block.replace(WRITTEN, info["gateway"]), names)

    assert capsys.readouterr().out.count("\n") >= 2
