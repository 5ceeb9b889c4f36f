"""Methods without behaviour, asked by hand-made requests: what is missing or mistyped is named, what is right is answered empty.

The catalogue is read here as text, apart from the sandbox's reading of it and the client's.
"""

import gzip
import re
from importlib.resources import files
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import msgspec
import pytest

from onshelf.sandbox.launch import in_process, request, signed
from onshelf.sandbox.methods import HANDLERS
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.wire import Json

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "sandbox-methods.md"
GOOD = {"Number": "1", "byte": "1", "BigDecimal": "1.5", "Date": "2026-01-01 00:00:00", "Boolean": "true"}
GOOD |= {"String": "a", "Price": "9.90", "String[]": "a,b", "Number[]": "1,2"}
BAD = {"Number": "x", "Date": "2026", "Boolean": "maybe", "Price": "1.999", "Number[]": "1,x"}


def sample() -> list[str]:
    """Returns 100 methods of the whole catalogue that the sandbox has no behaviour for."""
    return Random(20261121).sample(sorted(whole().keys() - HANDLERS.keys()), 100)


def whole() -> dict[str, Json]:
    packed = files("onshelf.reference").joinpath("all-methods.json.gz").read_bytes()
    found: dict[str, Json] = msgspec.json.decode(gzip.decompress(packed))
    return found


CATALOGUE = whole()
SANDBOX = in_process()


def limited() -> dict[str, Json]:
    found: dict[str, Json] = msgspec.json.decode(
        files("onshelf.reference").joinpath("methods.json").read_bytes()
    )
    return found


LIMITED = limited()


async def reply(sandbox: Sandbox, method: str, given: dict[str, str], uploads: list[str]) -> Json:
    """Makes a call, as multipart when it carries files; returns the whole reply."""
    fields = signed(sandbox, method, given)
    if not uploads:
        answer = await request(sandbox, "POST", "/router/rest", urlencode(fields).encode())
        return msgspec.json.decode(answer[2])  # type: ignore[no-any-return]
    parts = "".join(
        f'--B\r\nContent-Disposition: form-data; name="{name}"; filename="a.gif"\r\n\r\nGIF89a\r\n'
        for name in uploads
    )
    kind = {"content-type": "multipart/form-data; boundary=B"}
    url = f"/router/rest?{urlencode(fields)}"
    return msgspec.json.decode((await request(sandbox, "POST", url, f"{parts}--B--".encode(), kind))[2])  # type: ignore[no-any-return]


def filled(params: list[Json]) -> tuple[dict[str, str], list[str]]:
    """Returns texts and files for all required parameters."""
    needed = [one for one in params if one.get("required")]
    texts = {one["name"]: _good(one) for one in needed if one["type"] != "byte[]"}
    return texts, [one["name"] for one in needed if one["type"] == "byte[]"]


def _good(param: Json) -> str:
    value = GOOD.get(param["type"])
    if value is None:
        return "[{}]" if param["type"].endswith("[]") else "{}"
    least = param.get("minValue")
    return str(least) if least is not None and param["type"] == "Number" else value


@pytest.mark.parametrize("method", [name for name in sample() if name not in LIMITED])
async def test_a_method_of_the_whole_catalogue_checks_what_comes_and_answers_empty(method: str) -> None:
    entry = CATALOGUE[method]
    texts, uploads = filled(entry["params"])

    answer = await reply(SANDBOX, method, texts, uploads)

    root = re.sub(r"^taobao\.", "", method).replace(".", "_") + "_response"
    assert list(answer) == [root], answer
    assert answer[root].pop("request_id")
    assert answer[root].keys() <= {one["name"] for one in entry["response"]}
    assert set(answer[root].values()) <= {0}
    for name in [*texts, *uploads]:
        rest = {other: value for other, value in texts.items() if other != name}
        missed = await reply(SANDBOX, method, rest, [one for one in uploads if one != name])
        assert missed["error_response"]["msg"] == f"Missing required arguments:{name}"
        assert missed["error_response"]["code"] == 40
    for one in entry["params"]:
        if one["type"] in BAD:
            wrong = await reply(SANDBOX, method, {**texts, one["name"]: BAD[one["type"]]}, uploads)
            assert wrong["error_response"]["msg"] == f"Invalid arguments:{one['name']}"
            assert wrong["error_response"]["code"] == 41


TYPED = sorted(LIMITED.keys() - {"_meta"})


def fine(param: Json) -> str:
    """Returns a value within the limits of a parameter whose limits are known."""
    if "enum" in param:
        return str(param["enum"][0])
    if "enum_columns" in param:
        return str(param["enum_columns"][0])
    if param.get("wire") == "JSON" or param["type"] == "json":
        return "{}"
    kinds = {"datetime": "2026-01-01 00:00:00", "boolean": "true", "price": "9.90", "string": "a"}
    return kinds.get(param["type"]) or str(param.get("min", param.get("max", 1)))


def beyond(param: Json) -> list[str]:
    """Returns values outside each limit of a parameter."""
    if param["type"] == "bytes" or param.get("wire") == "JSON" or param["type"] == "json":
        return []
    bad = {
        "integer": ["x", "1.5"],
        "number": ["x"],
        "datetime": ["2026"],
        "boolean": ["1"],
        "price": ["-1", "1.999"],
    }
    wrong = list(bad.get(param["type"], []))
    if "enum" in param:
        wrong.append("none-of-them")
    if "min" in param and param["type"] != "string":
        wrong.append(str(int(param["min"]) - 1))
    if "max" in param and param["type"] != "string":
        wrong.append(str(int(param["max"]) + 1))
    if "max_length" in param and param["type"] == "string":
        wrong.append("a" * (int(param["max_length"]) + 1))
    if "max_list_size" in param:
        wrong.append(",".join(["1"] * (int(param["max_list_size"]) + 1)))
    return wrong


@pytest.mark.parametrize("method", TYPED)
async def test_a_method_whose_limits_are_known_holds_its_callers_to_each(method: str) -> None:
    entry = LIMITED[method]
    params = entry.get("params", [])
    needed = [one for one in params if one["required"]]
    texts = {one["name"]: fine(one) for one in needed if one["type"] != "bytes"}
    uploads = [one["name"] for one in needed if one["type"] == "bytes"]

    if method not in HANDLERS:
        answer = await reply(SANDBOX, method, texts, uploads)
        assert list(answer) == [entry["response"]["root_key"]], answer
    for name in texts:
        missed = await reply(SANDBOX, method, {**texts, name: " "}, uploads)
        assert missed["error_response"]["msg"] == f"Missing required arguments:{name}"
    for one in params:
        for value in beyond(one):
            wrong = await reply(SANDBOX, method, {**texts, one["name"]: value}, uploads)
            told = wrong.get("error_response", {}).get("msg")
            assert told == f"Invalid arguments:{one['name']}", (one, value)
    if entry["session"] == "yes":
        strange = await reply(SANDBOX, method, {**texts, "session": ""}, uploads)
        assert strange["error_response"]["code"] == 26


def test_the_page_tells_which_methods_only_check() -> None:
    text = PAGE.read_text("utf-8")
    works, _, checks = text.partition("\n## checks\n")

    rows = set(re.findall(r"^\| `([\w.]+)` \|", works, re.MULTILINE))
    named = set(re.findall(r"`([\w.]+)`", checks))

    assert rows == set(HANDLERS)
    assert named == set(LIMITED) - {"_meta"} - set(HANDLERS)
    assert f"{len(set(CATALOGUE) - set(LIMITED)):,}" in text
