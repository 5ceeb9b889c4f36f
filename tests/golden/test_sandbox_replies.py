"""The sandbox's answers beside recorded ones of the same method: the same keys, in the same order, of the same kinds.

Source: the outside data folder, `real/replies/index.json` tells where each comes from. Read from there, never shipped.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import pytest_asyncio
from scene import FILES, scene, send

from onshelf.sandbox.methods import HANDLERS
from onshelf.sandbox.wire import Json

pytestmark = pytest.mark.data

RULES = {"itemRule"}  # a schema's rules, which travel inside a reply as a text

# What recorded replies have and the sandbox does not, by reason.
OLD = "iid uid increment is_prepay sorts gmt_create gmt_modified totalResults success"
PRIVATE = (
    "email birthday last_visit alipay_account alipay_no alipay_id buyer_alipay_no buyer_email seller_alipay_no "
    "seller_email seller_mobile seller_name seller_phone receiver_phone location address country district zip"
)
NO_SUCH_THING = (
    "promotion_details shop_score buyer_credit part_mjz_discount store_code videos child_template template_id "
    "with_hold_quantity auto_repost after_sale_id"
)
GAPS = set(f"{OLD} {PRIVATE} {NO_SUCH_THING}".split())
LEFT_OUT = {  # what today's catalogue does not have any more, or one text alone has
    "user.buyer.get__1.json": {"/user/has_shop", "/user/vip_info"},
    "user.seller.get__1.json": {"/user/created"},
    "user.get__1.xml": {"/user/created"},
    "itemcats.get__2.xml": {"/last_modified"},
    "items.list.get__1.xml": {"/total_results"},
    "trades.sold.increment.get__1.xml": {
        f"/trades/trade/{name}"
        for name in ("buyer_obtain_point_fee", "cod_fee", "point_fee", "real_point_fee", "sid")
    },
}
# Made-up values show that somebody wrote these over.
EDITED = {"picture.get__1.json", "traderates.get__1.json"}
BRIEF = {
    "taobao.item.add",
    "taobao.item.update",
    "taobao.item.quantity.update",
}  # once they answered the whole item
EITHER = {"created", "modified"}  # which of the two a write answers differs between the texts


def of_xml(element: ET.Element) -> Any:
    """Returns an element as JSON would hold it; every leaf is a text, of repeated children the last counts."""
    return {child.tag: of_xml(child) for child in element} if len(element) else (element.text or "").strip()


def read(file: Path) -> Any:
    """Returns what stands inside a recorded reply's root, whatever the root is called; None when it is no reply."""
    if file.suffix == ".xml":
        root = ET.fromstring(file.read_text("utf-8"))
        return None if root.tag in RULES else of_xml(root)
    ((_, inner),) = json.loads(file.read_text("utf-8")).items()
    return inner


def keys(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yields the path and name of every key; the rows of a list share theirs."""
    for row in value if isinstance(value, list) else [value]:
        if isinstance(row, dict):
            for name, inner in row.items():
                yield path, name
                yield from keys(inner, f"{path}/{name}")


def missing(recorded: Any, given: Any, method: str) -> set[str]:
    """Returns the recorded keys that the sandbox's answer lacks for no reason known here."""
    have = set(keys(given))
    return {
        f"{path}/{name}"
        for path, name in set(keys(recorded)) - have
        if name != "request_id"
        and not GAPS.intersection(f"{path}/{name}".split("/"))
        and not (method in BRIEF and path)
        and not (name in EITHER and any((path, other) in have for other in EITHER))
    }


def disordered(recorded: Any, given: Any, path: str = "") -> Iterator[str]:
    """Yields the objects whose common keys stand in another order."""
    if isinstance(recorded, list) and isinstance(given, list) and recorded and given:
        recorded, given = recorded[0], given[0]
    if isinstance(recorded, dict) and isinstance(given, dict):
        common = [name for name in recorded if name in given]
        if common != [name for name in given if name in recorded]:
            yield f"{path}: {common}"
        for name in common:
            yield from disordered(recorded[name], given[name], f"{path}/{name}")


def other_kinds(recorded: Any, given: Any, path: str = "") -> Iterator[str]:
    """Yields the values that are of another kind; ids come in both forms (top-protocol.md 14)."""
    if isinstance(recorded, list) and isinstance(given, list):
        recorded, given = (recorded or [""])[0], (given or [""])[0]
    if isinstance(recorded, dict) and isinstance(given, dict):
        for name in recorded.keys() & given.keys():
            yield from other_kinds(recorded[name], given[name], f"{path}/{name}")
    elif type(recorded) is not type(given) and path.rpartition("/")[2] not in ("tid", "oid"):
        yield f"{path}: {recorded!r} and {given!r}"


Compared = list[tuple[Path, str, str, Any, Json]]  # file, method, label, recorded, ours


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def compared(data_folder: Path) -> Compared:
    """Returns every recorded answer of a method the sandbox has beside its own; each write has a world of its own."""
    folder, found, place = data_folder / "real" / "replies", [], await scene()
    for row in json.loads((folder / "index.json").read_text("utf-8")):
        file, name = folder / row["file"], row["method"]
        method = name if name in HANDLERS else f"taobao.{name}"
        recorded = read(file) if row["result"] == "success" and file.suffix in (".json", ".xml") else None
        if recorded is None or method not in HANDLERS:
            continue
        writing = method in place.writes()
        here = await scene() if writing else place
        arguments = (here.writes() if writing else here.reads()).get(method, {})
        wanted = {inner for _, inner in keys(recorded)} - {"request_id"} or {"name"}
        asked = {"fields": ",".join(sorted(wanted)), **arguments}
        given = await send(here.sandbox, method, asked, FILES.get(method, ""))
        found.append((file, method, row["label"], recorded, given))
    return found


def test_the_sandbox_answers_with_the_recorded_keys(compared: Compared) -> None:
    gaps = {file.name: missing(recorded, given, method) for file, method, _, recorded, given in compared}

    assert {name: gap for name, gap in gaps.items() if gap} == LEFT_OUT
    assert len(compared) >= 104


def test_real_answers_have_the_same_order_and_kinds(compared: Compared) -> None:
    real = [
        row for row in compared if row[0].suffix == ".json" and "real" in row[2] and row[0].name not in EDITED
    ]

    differences = {
        file.name: [*disordered(recorded, given), *other_kinds(recorded, given)]
        for file, _, _, recorded, given in real
    }

    assert {name: one for name, one in differences.items() if one} == {}
    assert len(real) >= 44


def without(value: Any, path: str, name: str, at: str = "") -> Any:
    """Returns an answer that lacks one key, in every row of a list."""
    if isinstance(value, list):
        return [without(row, path, name, at) for row in value]
    if not isinstance(value, dict):
        return value
    return {
        key: without(inner, path, name, f"{at}/{key}")
        for key, inner in value.items()
        if (at, key) != (path, name)
    }


def test_a_key_that_went_missing_or_moved_or_changed_its_kind_would_be_noticed(compared: Compared) -> None:
    """The comparison is tried on our own answers, spoilt one key at a time."""
    tried = 0
    for file, method, _, _, given in compared:
        for path, name in set(keys(given)) - {("", "request_id")}:
            if GAPS.intersection(f"{path}/{name}".split("/")) or name in EITHER or (method in BRIEF and path):
                continue
            assert f"{path}/{name}" in missing(given, without(given, path, name), method), file.name
            tried += 1
        if len(given) > 1:
            assert list(disordered(given, dict(reversed(given.items())))), file.name
        assert list(other_kinds(given, {**given, "request_id": 1})), file.name
    assert tried > 1000
