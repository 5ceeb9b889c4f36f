"""The page of other people's clients shows a whole run: every client in the version it is pinned at, every check there is."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec import json
from strangers import NEWMAN, OAUTH, STRANGERS

from onshelf.sandbox.launch import control, in_process

ROOT = Path(__file__).parents[2]
RUN: dict[str, Any] = json.decode((ROOT / "src/onshelf/reference/conformance.json").read_bytes())
CHECKS = [
    (file.name, node.name)
    for file in sorted(ROOT.joinpath("tests/clients").glob("*.py"))
    for node in ast.parse(file.read_text("utf-8")).body
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
]
SHOWN = {check["check"] for section in RUN["sections"] for check in section["checks"]}


def test_the_page_shows_the_run() -> None:
    command = [sys.executable, str(ROOT / "scripts/conformance.py"), "--check"]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("file", "check"), CHECKS)
def test_every_check_is_on_the_page(file: str, check: str) -> None:
    assert check.removeprefix("test_").replace("_", " ") in SHOWN, f"{file} is newer: make clients"


async def test_the_sandbox_shows_the_same_run() -> None:
    assert await control(in_process(), "conformance") == RUN


def test_every_client_is_on_the_page_in_the_version_it_is_pinned_at() -> None:
    pins = "\n".join(
        ROOT.joinpath(path).read_text("utf-8")
        for path in (
            "constraints.txt",
            "tests/clients/python/requirements.txt",
            "tests/clients/node/package.json",
        )
    )

    assert {one.name for one in (*STRANGERS, *OAUTH, NEWMAN)} == {one["name"] for one in RUN["clients"]}
    for one in RUN["clients"]:
        pin = (
            f'"{one["package"]}": "{one["version"]}"'
            if one["registry"] == "npm"
            else f"{one['package']}=={one['version']}"
        )
        assert pin in pins, "make clients"
