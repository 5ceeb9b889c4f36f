"""The typed requests: one for each method of the catalogue, current, checked before the call, and read back whole."""

import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from top_requests import filled, request_type

from onshelf.platforms.top.catalogue import typed
from onshelf.platforms.top.generated import REQUESTS
from onshelf.platforms.top.generated.items import ItemAdd
from onshelf.platforms.top.generated.lists import ItemsInventoryGet, ItemsSellerListGet
from onshelf.platforms.top.generated.picture_space import PictureUpload
from onshelf.platforms.top.generated.tmall_items import TmallItemPriceUpdate, UpdateSkuPrice
from onshelf.platforms.top.protocol import File
from onshelf.platforms.top.request import Listing, WrongArguments, checked

ROOT = Path(__file__).parents[2]


def test_the_generated_files_are_as_the_catalogue_makes_them() -> None:
    made = subprocess.run(
        [sys.executable, ROOT / "scripts" / "generate_methods.py", "--check"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert made.returncode == 0, made.stderr


def test_every_method_of_the_catalogue_has_a_request() -> None:
    assert list(REQUESTS) == list(typed())


@pytest.mark.parametrize("method", REQUESTS)
def test_a_request_has_the_parameters_of_its_method_and_its_reply_the_fields(method: str) -> None:
    row, made = typed()[method], request_type(method)

    assert method == made.METHOD
    assert {field.encode_name for field in msgspec.structs.fields(made)} == {one.name for one in row.params}
    assert {one.name for one in row.response.fields} <= {
        field.encode_name for field in msgspec.structs.fields(made.REPLY)
    }


@pytest.mark.parametrize("method", REQUESTS)
def test_a_request_with_all_its_required_arguments_passes_the_check(method: str) -> None:
    required = {param.name for param in typed()[method].params if param.required}

    params, files, doubts = checked(filled(method))

    assert params.keys() | files.keys() == required
    assert bool(doubts) is (typed()[method].status != "current")


@pytest.mark.parametrize("method", [one for one in REQUESTS if issubclass(request_type(one), Listing)])
def test_a_walk_names_fields_there_are(method: str) -> None:
    made = request_type(method)
    assert issubclass(made, Listing)
    walk = made.WALK
    asked = {field.name for field in msgspec.structs.fields(made)} | {""}

    assert {walk.ids, walk.page, walk.start, walk.end} <= asked
    assert not walk.page or walk.size in asked
    assert {walk.rows, walk.total} <= {field.name for field in msgspec.structs.fields(made.REPLY)} | {""}
    assert walk.page or walk.most_ids


def test_all_faults_are_told_at_once_and_before_the_call() -> None:
    wrong = ItemsInventoryGet(fields="num_iid", page_no=102, page_size=500, banner="gone")  # type: ignore[arg-type]

    with pytest.raises(WrongArguments) as caught:
        checked(wrong)

    assert {fault.facts["name"] for fault in caught.value.faults} == {"page_no", "page_size", "banner"}
    assert "the most is 101" in str(caught.value)


def test_more_ids_than_a_call_takes_are_a_fault() -> None:
    with pytest.raises(WrongArguments, match="the most is 20"):
        checked(ItemsSellerListGet(fields="num_iid", num_iids=list(range(1, 22))))


def test_arguments_are_written_as_the_platform_reads_them() -> None:
    params, _, _ = checked(
        ItemAdd(
            type="fixed",
            cid=50010850,
            desc="<p>裙</p>",
            num=5,
            stuff_status="new",
            title="裙",
            location_state="浙江",
            location_city="杭州",
            price=Decimal("99.90"),
            has_invoice=True,
            seller_cids=[1, 2],
            list_time=datetime(2026, 1, 1, 12, tzinfo=UTC),
        )
    )

    assert params["location.state"] == "浙江"
    assert params["price"] == "99.90"
    assert params["has_invoice"] == "true"
    assert params["seller_cids"] == "1,2"
    assert params["list_time"] == "2026-01-01 20:00:00"
    assert "outer_id" not in params


def test_a_time_without_a_zone_is_not_guessed_but_told_with_the_other_faults() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001

    with pytest.raises(WrongArguments, match="has no time zone") as caught:
        checked(ItemsInventoryGet(fields="num_iid", start_modified=naive, end_modified=naive, page_no=102))

    assert [fault.facts["name"] for fault in caught.value.faults] == [
        "start_modified",
        "end_modified",
        "page_no",
    ]


def test_objects_travel_as_json_without_what_was_not_given() -> None:
    params, _, _ = checked(
        TmallItemPriceUpdate(item_id=1, sku_prices=[UpdateSkuPrice(sku_id=2, price="9.90")])
    )

    assert params["sku_prices"] == '[{"sku_id":2,"price":"9.90"}]'


def test_files_are_kept_apart() -> None:
    params, files, _ = checked(
        PictureUpload(picture_category_id=0, img=File("a.jpg", b"x"), image_input_title="a.jpg")
    )

    assert set(params) == {"picture_category_id", "image_input_title"}
    assert files["img"].content == b"x"
