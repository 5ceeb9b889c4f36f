"""A shop's pictures over the API: kept when they can be published, named by products and by rows of uploaded files."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image
from service import Service

from onshelf.catalog.profile import Profile
from onshelf.catalog.store import get_products, save_profile
from onshelf.guard.roles import Role
from onshelf.listing.pictures import hash_files

PICTURES = "/shops/shop-a/pictures"
PROFILE = Profile(category_id=50010850, province="浙江", city="杭州", stock=5)
CUP = {"title": "搪瓷杯", "price": "12.50"}


@pytest.fixture
async def shop(service: Service) -> Service:
    await service.app.db.commit([save_profile("shop-a", PROFILE, 1)])
    return service


def jpeg(size: int = 800) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (size, size), "white").save(buffer, "JPEG")
    return buffer.getvalue()


def form(files: Mapping[str, bytes]) -> FormData:
    made = FormData(quote_fields=False)
    for name, content in files.items():
        made.add_field("file", BytesIO(content), filename=name)
    return made


async def add(shop: Service, files: Mapping[str, bytes], query: str = "") -> list[dict[str, Any]]:
    answer = await shop.api("POST", PICTURES + query, data=form(files))
    assert answer.status == 200, answer.text
    kept: list[dict[str, Any]] = answer.json
    return kept


async def names(shop: Service) -> list[str]:
    return [row["name"] for row in (await shop.api("GET", PICTURES)).json["items"]]


async def test_a_product_is_put_with_a_picture_that_was_sent_before(shop: Service) -> None:
    (kept,) = await add(shop, {"杯 1.jpg": jpeg()})
    put = await shop.api("PUT", "/shops/shop-a/products/A", json={**CUP, "pictures": [kept["name"]]})

    assert (kept["name"], kept["width"], kept["faults"]) == ("杯 1.jpg", 800, [])
    assert (put.status, put.json["pictures"]) == (200, ["杯 1.jpg"])
    stored = (await get_products(shop.app.db, "shop-a", ["A"]))["A"]
    assert (
        hash_files(stored.product.pictures)
        == hash_files([f"{shop.app.pictures.of('shop-a')}/杯 1.jpg"])
        != {}
    )


async def test_rows_of_an_uploaded_file_find_their_pictures_by_the_last_part_of_the_name(
    shop: Service,
) -> None:
    await add(shop, {"1.jpg": jpeg()})
    goods = (
        "商家编码,标题,价格,图片\nA,杯,1,图片/1.jpg\nB,碗,1,D:\\goods\\1.jpg\nC,盘,1,图片/2.jpg\n".encode()
    )

    answer = await shop.api("POST", "/shops/shop-a/imports", data=form({"goods.csv": goods}))

    assert answer.json["by_rule"] == {"picture_not_found": 1}


async def test_what_is_no_picture_that_can_be_published_is_not_kept_and_says_why(shop: Service) -> None:
    kept = await add(
        shop,
        {"a.jpg": b"<script>", "b.jpg": jpeg()[:-20], "c.jpg": b"x" * (4 << 20), "d.jpg": jpeg(100)},
    )

    assert [[fault["rule"] for fault in one["faults"]] for one in kept] == [
        *(["picture_unreadable"], ["picture_unreadable"], ["picture_large"], []),
    ]
    assert await names(shop) == ["d.jpg"]


async def test_a_name_cannot_lead_out_of_the_folder(shop: Service) -> None:
    await add(shop, {"../../../evil.jpg": jpeg()})

    assert await names(shop) == ["evil.jpg"]
    assert list((shop.app.settings.home / "pictures").iterdir()) == [
        shop.app.settings.home / "pictures" / "shop-a"
    ]
    assert (await shop.api("DELETE", f"{PICTURES}/..%2F..%2Fkey")).status == 404


async def test_a_dry_run_looks_and_keeps_nothing(shop: Service) -> None:
    (good, bad) = await add(shop, {"1.jpg": jpeg(), "2.jpg": b"x"}, "?dry_run=true")

    assert (good["faults"], bool(bad["faults"])) == ([], True)
    assert await names(shop) == []


async def test_pictures_are_deleted_and_replaced_by_name(shop: Service) -> None:
    await add(shop, {"1.jpg": jpeg(), "2.jpg": jpeg()})
    await add(shop, {"1.jpg": jpeg(900)})

    tried = await shop.api("DELETE", f"{PICTURES}/2.jpg?dry_run=true")
    before = await names(shop)
    gone = await shop.api("DELETE", f"{PICTURES}/2.jpg")
    again = await shop.api("DELETE", f"{PICTURES}/2.jpg")

    assert (tried.status, before, gone.status, again.status) == (204, ["1.jpg", "2.jpg"], 204, 404)
    page = (await shop.api("GET", PICTURES)).json["items"]
    assert [(row["name"], row["size_bytes"]) for row in page] == [("1.jpg", len(jpeg(900)))]


async def test_each_shop_has_pictures_of_its_own(shop: Service) -> None:
    await shop.add_shop("shop-b")
    await add(shop, {"1.jpg": jpeg()})

    other = await shop.api("GET", "/shops/shop-b/pictures", role=Role.OPERATOR, shops=("shop-b",))
    assert other.json["items"] == []
