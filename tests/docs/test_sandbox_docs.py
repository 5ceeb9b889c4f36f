"""The sandbox's page names every control, fault and seller's action there is."""

from pathlib import Path

import pytest
from starlette.routing import Route

from onshelf.sandbox.faults import KINDS
from onshelf.sandbox.launch import in_process
from onshelf.sandbox.pages import routes
from onshelf.sandbox.receivers import inbox

PAGE = Path(__file__).parents[2].joinpath("docs/reference/sandbox.md").read_text("utf-8")
CONTROLS = [
    route.path.removeprefix("/_sandbox/")
    for route in routes(in_process()).routes
    if isinstance(route, Route) and route.path.startswith("/_sandbox/")
]


@pytest.mark.parametrize("path", [one for one in CONTROLS if one not in ("dingtalk/robot/send", "webhook")])
def test_every_control_is_in_the_table(path: str) -> None:
    assert f" {path}`" in PAGE


@pytest.mark.parametrize("kind", sorted(KINDS | set(inbox.KINDS)))
def test_every_kind_of_fault_is_named(kind: str) -> None:
    assert f"`{kind}`" in PAGE or f" {kind}" in PAGE
