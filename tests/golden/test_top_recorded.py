"""Recorded replies of the platform (2010 to 2026, JSON and XML) decode as typed replies without losing a field.

Source: the outside data folder, `real/replies/index.json` tells where each comes from. Read from there, never shipped.
"""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lossless import lost

from onshelf.platforms.top.generated import REQUESTS
from onshelf.platforms.top.protocol import Format, Refusal, parse_reply, read_xml, root_name

pytestmark = pytest.mark.data

NO_REPLIES = {"itemRule"}  # rules of a Tmall schema, which travel inside a reply as a text


@pytest.fixture(scope="module")
def recorded(data_folder: Path) -> list[tuple[Path, str]]:
    """Returns the recorded bodies, each with its method's whole name."""
    folder = data_folder / "real" / "replies"
    rows = json.loads((folder / "index.json").read_text("utf-8"))
    return [(folder / row["file"], whole_name(row["method"])) for row in rows]


def whole_name(method: str) -> str:
    return method if method in REQUESTS else f"taobao.{method}"


def format_of(file: Path) -> Format:
    return "xml" if file.suffix == ".xml" else "json"


def raw_of(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = (
        read_xml(file.read_bytes()) if file.suffix == ".xml" else json.loads(file.read_bytes())
    )
    return found


def reply_type(method: str) -> Any:
    module, name = REQUESTS[method]
    return getattr(import_module(f"onshelf.platforms.top.generated.{module}"), name).REPLY


def under_its_root(file: Path, method: str) -> bytes:
    """Returns a body under the root of its method: nine samples of 2010 stand under the name of another one."""
    body = file.read_bytes()
    (root,) = raw_of(file)
    return body.replace(root.encode(), root_name(method).encode())


def test_every_recorded_answer_of_a_typed_method_is_read_whole(recorded: list[tuple[Path, str]]) -> None:
    missing: list[str] = []
    count = 0
    for file, method in recorded:
        if file.name.startswith("error.") or method not in REQUESTS or NO_REPLIES & raw_of_or_none(file):
            continue
        found = parse_reply(under_its_root(file, method), method, reply_type(method), format_of(file))
        assert not isinstance(found, Refusal), file.name
        (raw,) = raw_of(file).values()
        missing += lost(raw, found, file.name)
        count += 1

    assert missing == []
    assert count == 108


def raw_of_or_none(file: Path) -> set[str]:
    """Returns the root of a body; a request kept beside its rules has another suffix and counts as no reply."""
    return set(raw_of(file)) if file.suffix in (".xml", ".json") else NO_REPLIES


def test_every_recorded_refusal_is_read_whole(recorded: list[tuple[Path, str]]) -> None:
    errors = [file for file, _ in recorded if file.name.startswith("error.")]

    for file in errors:
        found = parse_reply(file.read_bytes(), "taobao.item.seller.get", dict, format_of(file))
        raw = raw_of(file)["error_response"]
        assert isinstance(found, Refusal), file.name
        written = {name: value for name, value in msgspec.structs.asdict(found).items() if name in raw}
        assert {name: str(value) for name, value in written.items()} == {
            name: str(value) for name, value in raw.items() if name != "args"
        }, file.name
    assert len(errors) == 37
