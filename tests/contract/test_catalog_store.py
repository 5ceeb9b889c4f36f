"""Products, profiles and item records in every database: what is written is read back, and versions guard it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from onshelf.catalog.imports.runs import Run, open_run
from onshelf.catalog.imports.staging import finish, stage
from onshelf.catalog.item import Expected, Item, Reason, State
from onshelf.catalog.product import Product, Sku
from onshelf.catalog.profile import Profile
from onshelf.catalog.store import (
    add_item,
    count_items,
    count_products,
    expect,
    get_products,
    items_by_code,
    known_items,
    list_items,
    list_products,
    load_profile,
    product_values,
    save_profile,
    write_item,
)
from onshelf.errors import Conflict
from onshelf.store.db import Database

ITEM = Item(
    shop_id="s",
    item_id=2**40,
    version=1,
    state=State.ONSALE,
    reason=Reason.FIRST_SEEN,
    outer_id="A-1",
    title="夏季短袖",
    price=Decimal("19.90"),
    stock=3,
    seen_us=20,
    asked_us=10,
    changed_us=5,
)
PRODUCT = Product(
    outer_id="A-1",
    title="夏季短袖",
    price=Decimal("19.90"),
    stock=7,
    category_id=50000671,
    description="<p>好看</p>",
    condition="new",
    province="浙江",
    city="杭州",
    delivery_template_id=77,
    properties="1627207:-1001",
    property_alias="1627207:-1001:红",
    skus=(Sku("A-1-R", (("颜色", "红"),), "1627207:-1001", Decimal("19.90"), 7),),
    pictures=("/shop/a.jpg",),
    source="a.csv:2",
    outer_id_derived=True,
)


async def keep(db: Database, *products: Product, import_id: str = "i1", at_us: int = 1) -> None:
    """Puts products into the shop "s" by an import of their own."""
    await db.commit(open_run(Run(import_id, "s", "a.csv", "reading", at_us, 0, 0, 0, 0, 0, 0)))
    await stage(db, import_id, products, [])
    await db.commit(finish(Run(import_id, "s", "a.csv", "reading", at_us, at_us, 1, 1, 0, 0, 0)))


async def test_an_item_comes_back_as_it_was_written(database: Database) -> None:
    bare = replace(ITEM, item_id=7, price=None, stock=None, outer_id="", doubt=2)

    await database.commit([write_item(ITEM, expect_version=None), write_item(bare, expect_version=None)])

    assert await known_items(database, "s", [ITEM.item_id, 7, 8]) == {ITEM.item_id: ITEM, 7: bare}
    assert await known_items(database, "other", [7]) == {}


async def test_a_record_is_only_overwritten_at_the_version_that_was_read(database: Database) -> None:
    await database.commit([write_item(ITEM, expect_version=None)])
    newer = replace(ITEM, version=2, state=State.INSTOCK, reason=Reason.SOLD_OUT, stock=0)

    await database.commit([write_item(newer, expect_version=1)])

    with pytest.raises(Conflict):
        await database.commit([write_item(replace(ITEM, version=2), expect_version=1)])
    assert (await known_items(database, "s", [ITEM.item_id]))[ITEM.item_id] == newer


async def test_two_first_records_of_an_item_are_a_conflict(database: Database) -> None:
    await database.commit([write_item(ITEM, expect_version=None)])

    with pytest.raises(Conflict):
        await database.commit([write_item(ITEM, expect_version=None)])


async def test_adding_an_item_that_is_known_leaves_its_record(database: Database) -> None:
    await database.commit([add_item(ITEM)])

    await database.commit([add_item(replace(ITEM, title="another"))])

    assert (await known_items(database, "s", [ITEM.item_id]))[ITEM.item_id].title == ITEM.title


async def test_an_expectation_survives_an_update_and_can_be_taken_back(database: Database) -> None:
    wanted = Expected(State.INSTOCK, "job", 99)
    await database.commit([add_item(ITEM), expect("s", ITEM.item_id, wanted)])

    await database.commit([write_item(replace(ITEM, version=2), expect_version=1)])
    kept = (await known_items(database, "s", [ITEM.item_id]))[ITEM.item_id].expected
    await database.commit([expect("s", ITEM.item_id, None)])

    assert kept == wanted
    assert (await known_items(database, "s", [ITEM.item_id]))[ITEM.item_id].expected is None


async def test_items_are_found_by_code_page_state_and_doubt(database: Database) -> None:
    items = [replace(ITEM, item_id=number, outer_id=f"C{number % 2}") for number in range(1, 6)]
    gone = replace(ITEM, item_id=9, state=State.DELETED, doubt=3, outer_id="")
    doubtful = replace(ITEM, item_id=8, doubt=1, outer_id="")

    await database.commit([add_item(item) for item in [*items, gone, doubtful]])

    by_code = await items_by_code(database, "s", ["C0", "C1", "none"])
    assert {code: [item.item_id for item in found] for code, found in by_code.items()} == {
        "C0": [2, 4],
        "C1": [1, 3, 5],
    }
    assert [item.item_id for item in await list_items(database, "s", after=3, limit=3)] == [4, 5, 8]
    assert [item.item_id for item in await list_items(database, "s", state=State.DELETED)] == [9]
    assert await count_items(database, "s") == {State.ONSALE: 6, State.DELETED: 1}


async def test_more_ids_than_one_statement_holds_are_read_in_portions(database: Database) -> None:
    await database.commit([add_item(replace(ITEM, item_id=number)) for number in range(1, 1202)])

    assert len(await known_items(database, "s", range(1, 1300))) == 1201


async def test_a_product_comes_back_as_it_was_imported(database: Database) -> None:
    plain = replace(
        PRODUCT, outer_id="B", skus=(), pictures=(), delivery_template_id=None, outer_id_derived=False
    )

    await keep(database, PRODUCT, plain)

    stored = await get_products(database, "s", ["A-1", "B", "none"])
    assert {code: one.product for code, one in stored.items()} == {"A-1": PRODUCT, "B": plain}
    assert await get_products(database, "other", ["A-1"]) == {}


async def test_products_are_paged_in_the_order_of_their_codes(database: Database) -> None:
    await keep(database, *(replace(PRODUCT, outer_id=f"P{number}") for number in range(5)))

    page = await list_products(database, "s", after="P1", limit=2)

    assert [stored.product.outer_id for stored in page] == ["P2", "P3"]
    assert await list_products(database, "s", held=True) == []
    assert (await count_products(database, "s")).ready == 5


def test_equal_content_has_an_equal_digest_wherever_it_stood_in_the_file() -> None:
    moved = replace(PRODUCT, source="a.csv:9")

    assert product_values(moved)[-1] == product_values(PRODUCT)[-1]
    assert product_values(replace(PRODUCT, stock=8))[-1] != product_values(PRODUCT)[-1]


async def test_a_profile_is_kept_and_replaced(database: Database) -> None:
    assert await load_profile(database, "s") == Profile()

    await database.commit([save_profile("s", Profile(city="杭州"), 1)])
    await database.commit([save_profile("s", Profile(city="苏州"), 2)])

    assert await load_profile(database, "s") == Profile(city="苏州")
