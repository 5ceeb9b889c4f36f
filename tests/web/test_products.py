"""Products over the API: lists that page and filter, writes held to the rules of a file's row and to what was seen before."""

import pytest
from aiohttp import FormData
from service import Service

from onshelf.catalog.item import Item, Reason, State
from onshelf.catalog.profile import Profile
from onshelf.catalog.store import add_item, get_products, save_profile
from onshelf.guard.roles import Role
from onshelf.store.db import Write

PRODUCTS = "/shops/shop-a/products"
PROFILE = Profile(category_id=50010850, province="浙江", city="杭州", stock=5, pictures_optional=True)
CUP = {"title": "搪瓷杯", "price": "12.50"}
SHIRT = {
    "title": "短袖",
    "skus": [
        {"outer_id": "T-R", "options": {"颜色": "红"}, "price": "59.00", "stock": 3},
        {"outer_id": "T-B", "options": {"颜色": "蓝"}, "price": "61.00", "stock": 4},
    ],
}


@pytest.fixture
async def shop(service: Service) -> Service:
    await service.app.db.commit([save_profile("shop-a", PROFILE, 1)])
    return service


async def put(shop: Service, code: str, **product: object) -> None:
    answer = await shop.api("PUT", f"{PRODUCTS}/{code}", json=product or {**CUP, "title": f"搪瓷杯 {code}"})
    assert answer.status == 200, answer.text


async def codes(shop: Service, query: str = "") -> list[str]:
    answer = await shop.api("GET", f"{PRODUCTS}?{query}")
    assert answer.status == 200, answer.text
    return [row["outer_id"] for row in answer.json["items"]]


async def test_a_whole_product_is_put_read_and_put_again_as_it_was_read(shop: Service) -> None:
    first = await shop.api("PUT", f"{PRODUCTS}/T-1", json=SHIRT)
    read = await shop.api("GET", f"{PRODUCTS}/T-1")
    kept = ("title", "category_id", "description", "condition", "province", "city", "pictures", "skus")
    again = await shop.api("PUT", f"{PRODUCTS}/T-1", json={name: read.json[name] for name in kept})

    assert (first.status, read.json, again.json["changed"]) == (200, first.json, first.json["changed"])
    assert (read.json["price"], read.json["stock"], read.json["source"]) == (
        "59.00",
        7,
        "key:administrator-0",
    )


async def test_a_product_that_breaks_rules_is_refused_with_all_its_faults(shop: Service) -> None:
    answer = await shop.api("PUT", f"{PRODUCTS}/A", json={"title": "长" * 40, "price": "-1", "stock": "无"})

    assert (answer.status, answer.json["code"]) == (422, "row_faults")
    assert {fault["rule"] for fault in answer.json["faults"]} >= {"title_width", "price_range", "stock_form"}
    assert all(fault["remedy"] for fault in answer.json["faults"])
    assert await codes(shop) == []


async def test_what_was_read_can_be_put_back_as_it_stands(shop: Service) -> None:
    """Programs read a product, change a field and put all of it back; what only we know of it is passed over."""
    await put(shop, "T-1", **SHIRT)
    await put(shop, "C-1")
    for code in ("T-1", "C-1"):
        read = (await shop.api("GET", f"{PRODUCTS}/{code}")).json
        back = await shop.api(
            "PUT", f"{PRODUCTS}/{code}", json={**read, "title": "新标题", "source": "mine", "held": True}
        )

        assert back.status == 200, back.text
        own = {"source": back.json["source"], "changed": back.json["changed"]}
        assert back.json == {**read, "title": "新标题", **own}
        assert back.json["source"] != "mine"
    slip = await shop.api("PATCH", f"{PRODUCTS}/C-1", json={"held": False})
    assert slip.json["faults"][0]["field"] == "body.held"


async def test_who_read_an_older_version_does_not_overwrite_a_newer_one(shop: Service) -> None:
    await put(shop, "A")
    seen = (await shop.api("GET", f"{PRODUCTS}/A")).headers["ETag"]
    first = await shop.api("PATCH", f"{PRODUCTS}/A", json={"price": "13"}, headers={"If-Match": seen})

    second = await shop.api("PATCH", f"{PRODUCTS}/A", json={"price": "14"}, headers={"If-Match": seen})
    third = await shop.api(
        "PATCH", f"{PRODUCTS}/A", json={"price": "15"}, headers={"If-Match": first.headers["ETag"]}
    )

    assert (first.json["price"], second.status, second.json["code"]) == ("13.00", 412, "changed_since")
    assert (third.status, third.json["price"]) == (200, "15.00")


@pytest.mark.parametrize("what", ["/products/A", "/profile"])
async def test_a_tag_that_a_proxy_marked_as_weak_still_names_what_was_read(shop: Service, what: str) -> None:
    """A proxy that packs answers writes `W/` before their tags."""
    path, change = f"/shops/shop-a{what}", {"stock": 7}
    await shop.api("PUT", f"{PRODUCTS}/A", json={"title": "连衣裙", "price": "12"})
    seen = (await shop.api("GET", path)).headers["ETag"]
    verb = "PATCH" if "products" in what else "PUT"
    changed = await shop.api(verb, path, json=change, headers={"If-Match": f'"x", W/{seen}'})
    late = await shop.api(verb, path, json=change, headers={"If-Match": f"W/{seen}"})

    assert (changed.status, late.status) == (200, 412), changed.text


async def test_a_change_of_some_fields_leaves_the_others(shop: Service) -> None:
    await put(shop, "T-1", **SHIRT)

    changed = await shop.api("PATCH", f"{PRODUCTS}/T-1", json={"title": "长袖", "city": "宁波"})

    assert (changed.json["title"], changed.json["city"]) == ("长袖", "宁波")
    assert [sku["price"] for sku in changed.json["skus"]] == ["59.00", "61.00"]


async def test_a_price_that_the_variants_would_hide_is_a_fault(shop: Service) -> None:
    await put(shop, "T-1", **SHIRT)

    answer = await shop.api("PATCH", f"{PRODUCTS}/T-1", json={"price": "1"})

    assert [fault["rule"] for fault in answer.json["faults"] if fault["field"] == "price"] == ["sku_amounts"]


async def test_a_dry_run_tells_faults_and_keeps_nothing(shop: Service) -> None:
    good = await shop.api("PUT", f"{PRODUCTS}/A?dry_run=true", json=CUP)
    bad = await shop.api("PUT", f"{PRODUCTS}/A?dry_run=true", json={"title": ""})

    assert (good.status, bad.status) == (200, 422)
    assert await codes(shop) == []


async def test_pages_follow_each_other_without_gap_or_repetition(shop: Service) -> None:
    for number in range(7):
        await put(shop, f"P{number}")
    seen, cursor = [], ""
    while True:
        page = (await shop.api("GET", f"{PRODUCTS}?limit=3&fields=outer_id{cursor}")).json
        seen += [row["outer_id"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert seen == [f"P{number}" for number in range(7)]


async def test_each_filter_finds_what_it_says(shop: Service) -> None:
    await put(shop, "CUP-1")
    await put(shop, "cup-2", title="100% 纯棉毛巾", price="3", category_id=50000671)
    await put(shop, "T-1", **SHIRT)
    item = Item("shop-a", 7, 1, State.ONSALE, Reason.OURS, "T-1", "短袖", None, None, 1, 1, 1)
    gone = Item("shop-a", 8, 1, State.DELETED, Reason.DELETED, "CUP-1", "杯", None, None, 1, 1, 1)
    await shop.app.db.commit(
        [add_item(item), add_item(gone), Write("UPDATE product SET held = 1 WHERE outer_id = 'CUP-1'")]
    )

    rows = (await shop.api("GET", f"{PRODUCTS}?fields=item_ids,deleted_item_ids")).json["items"]
    assert [(row["item_ids"], row["deleted_item_ids"]) for row in rows] == [([], [8]), ([7], []), ([], [])]
    assert await codes(shop, "q=CUP") == ["CUP-1", "cup-2"]
    assert await codes(shop, "q=100%25") == ["cup-2"]
    assert await codes(shop, "q=0_") == []
    assert await codes(shop, "q=毛巾") == ["cup-2"]
    assert await codes(shop, "category=50000671") == ["cup-2"]
    assert await codes(shop, "held=true") == ["CUP-1"]
    assert await codes(shop, "listed=true") == ["T-1"]
    assert await codes(shop, "listed=false") == ["CUP-1", "cup-2"]
    assert await codes(shop, "changed_since=2999-01-01T00:00:00Z") == []


async def test_a_deleted_product_leaves_its_item_on_the_platform_and_says_so(shop: Service) -> None:
    await put(shop, "T-1", **SHIRT)
    item = Item("shop-a", 7, 1, State.ONSALE, Reason.OURS, "T-1", "短袖", None, None, 1, 1, 1)
    await shop.app.db.commit([add_item(item)])

    answer = await shop.api("DELETE", f"{PRODUCTS}/T-1")

    assert answer.json == {"outer_id": "T-1", "item_ids": [7]}
    assert await codes(shop) == []
    assert (await shop.api("DELETE", f"{PRODUCTS}/T-1")).status == 404


async def test_a_product_that_a_job_works_on_is_not_deleted(shop: Service) -> None:
    await put(shop, "A")
    await shop.app.db.commit(
        [
            Write(
                "INSERT INTO job_line (job_id, number, kind, shop_id, key, state, run_at_us, payload, changed_us) "
                "VALUES ('j', 1, 'publish', 'shop-a', 'A', 'running', 1, '{}', 1)"
            )
        ]
    )

    answer = await shop.api("DELETE", f"{PRODUCTS}/A")

    assert (answer.status, answer.json["code"]) == (409, "product_busy")
    assert await codes(shop) == ["A"]


async def test_a_held_product_says_why(shop: Service) -> None:
    await put(shop, "A")
    form = FormData()
    form.add_field("file", "商家编码,标题,价格\nA,,1\n".encode(), filename="goods.csv")
    await shop.api("POST", "/shops/shop-a/imports", data=form)

    read = await shop.api("GET", f"{PRODUCTS}/A", headers={"Accept-Language": "en"})

    assert read.json["held"]
    assert "title_blank" in [fault["rule"] for fault in read.json["faults"]]


async def test_a_hold_is_lifted_by_what_its_row_got_wrong_and_by_nothing_else(shop: Service) -> None:
    await put(shop, "A")
    await put(shop, "B")
    form = FormData()
    content = "商家编码,标题,价格,库存\nA,搪瓷杯,面议,1.5\nB,搪瓷碗,面议,3\n"
    form.add_field("file", content.encode(), filename="goods.csv")
    await shop.api("POST", "/shops/shop-a/imports", data=form)

    other = await shop.api("PATCH", f"{PRODUCTS}/A", json={"title": "新杯"})
    half = await shop.api("PATCH", f"{PRODUCTS}/A", json={"price": "13.00"})
    both = await shop.api("PATCH", f"{PRODUCTS}/A", json={"price": "14.00", "stock": "7"})
    whole = await shop.api("PUT", f"{PRODUCTS}/B", json=CUP)

    assert [one.json["held"] for one in (other, half, both, whole)] == [True, True, False, False]
    assert "amount_form" in [fault["rule"] for fault in half.json["faults"]]


async def test_no_path_of_this_machine_is_told(shop: Service) -> None:
    await put(shop, "A")
    await shop.app.db.commit(
        [Write("UPDATE product SET pictures = '[\"/home/lin/goods/a.jpg\"]' WHERE outer_id = 'A'")]
    )

    assert (await shop.api("GET", f"{PRODUCTS}/A")).json["pictures"] == ["a.jpg"]
    changed = await shop.api("PATCH", f"{PRODUCTS}/A", json={"title": "新杯"})
    stored = await get_products(shop.app.db, "shop-a", ["A"])
    assert (changed.status, stored["A"].product.pictures) == (200, ("/home/lin/goods/a.jpg",))


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "..\\..\\onshelf.db", "key"])
async def test_a_picture_outside_the_shops_folder_is_a_fault(shop: Service, name: str) -> None:
    answer = await shop.api("PUT", f"{PRODUCTS}/A", json={**CUP, "pictures": [name]})

    assert (answer.status, [fault["rule"] for fault in answer.json["faults"]]) == (422, ["picture_not_found"])


@pytest.mark.parametrize("name", ["file:///etc/passwd", "http://127.0.0.1/x.jpg", "//10.0.0.1/x.jpg"])
async def test_an_address_is_never_fetched_as_a_picture(shop: Service, name: str) -> None:
    answer = await shop.api("PUT", f"{PRODUCTS}/A", json={**CUP, "pictures": [name]})

    assert answer.json["pictures"] == []


async def test_a_code_may_hold_any_sign(shop: Service) -> None:
    await put(shop, "A%2FB%20杯")

    assert await codes(shop) == ["A/B 杯"]
    assert (await shop.api("GET", f"{PRODUCTS}/A%2FB%20杯")).json["outer_id"] == "A/B 杯"


async def test_the_audit_log_has_before_and_after(shop: Service) -> None:
    await put(shop, "A")
    await shop.api("PATCH", f"{PRODUCTS}/A", json={"price": "13"}, role=Role.OPERATOR)

    await shop.app.audit.flush()
    rows = await shop.app.db.fetch("SELECT * FROM audit ORDER BY 1")
    assert any("product.changed" in str(row) for row in rows)
