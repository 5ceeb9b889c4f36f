"""The listing room's tables on every backend: records come back as they were written, and only the first writer wins."""

from dataclasses import replace as replace_item
from decimal import Decimal

import pytest
from msgspec.structs import replace

from onshelf.catalog.item import Item, Reason
from onshelf.catalog.item import State as ItemState
from onshelf.catalog.product import Product
from onshelf.catalog.store import PRODUCT_COLUMNS, add_item, product_values
from onshelf.errors import Conflict
from onshelf.listing.choose import Absent, AdoptItem, GiveUp, question, settle, undecided
from onshelf.listing.intent import Doing, Intent, Look, Sighting, State
from onshelf.listing.plan import Kind, plan
from onshelf.listing.store import (
    PictureState,
    StoredPicture,
    count_doubts,
    count_questions,
    deleted_items,
    load_intents,
    load_pictures,
    save,
    save_picture,
)
from onshelf.store.db import Database

FULL = Intent(
    "shop",
    "编码-1",
    state=State.UNDECIDED,
    doing=Doing.REPEAT,
    item_id=600_000_000_001,
    prior_ids=(1, 2),
    attempt=2,
    first_sent_us=3,
    sent_us=4,
    fence=5,
    looks=(Look(6, True, (Sighting(7, "编码-1", "标题", False, None, None, 8),)),),
    sent={"title": "标题"},
    published={"title": "旧"},
    before="{}",
    surplus=(9,),
    removed=(10,),
    reads=1,
    verified_us=11,
    problem='{"code": "listing.undecided.strangers", "item_ids": [7]}',
    job_id="job",
)


async def test_an_intent_comes_back_as_it_was_written(database: Database) -> None:
    first, write = save(FULL, None)
    await database.commit([write])

    assert await load_intents(database, "shop", ["编码-1", "other"]) == {"编码-1": first}
    assert await load_intents(database, "other", ["编码-1"]) == {}


async def test_an_update_writes_what_changed_and_nothing_else(database: Database) -> None:
    first, write = save(FULL, None)
    await database.commit([write])
    second, write = save(replace(first, state=State.PUBLISHED, surplus=()), first)

    await database.commit([write])

    assert (second.version, "sent = ?" in write.sql) == (2, False)
    assert await load_intents(database, "shop", ["编码-1"]) == {"编码-1": second}


async def test_of_two_writers_from_one_version_the_second_conflicts(database: Database) -> None:
    first, write = save(FULL, None)
    await database.commit([write])
    _, mine = save(replace(first, fence=6), first)
    _, theirs = save(replace(first, fence=7), first)
    await database.commit([mine])

    with pytest.raises(Conflict):
        await database.commit([theirs])
    with pytest.raises(Conflict):
        await database.commit([save(FULL, None)[1]])


async def test_a_picture_is_marked_by_one_worker_only(database: Database) -> None:
    first, write = save_picture(StoredPicture("shop", "hash", state=PictureState.SENDING, sent_us=1))
    await database.commit([write])
    stored, mine = save_picture(
        replace(first, state=PictureState.STORED, picture_id=1 << 60, path="i1/a.png")
    )
    await database.commit([mine])

    assert await load_pictures(database, "shop", {"hash"}) == {"hash": stored}
    with pytest.raises(Conflict):
        await database.commit([save_picture(StoredPicture("shop", "hash"))[1]])
    with pytest.raises(Conflict):
        await database.commit([save_picture(first)[1]])


async def test_a_question_is_listed_with_its_evidence_until_a_person_settles_it(database: Database) -> None:
    gone = replace(FULL, outer_id="B", state=State.PUBLISHED, problem='{"code": "listing.gone"}')
    fine = replace(FULL, outer_id="C", state=State.PUBLISHED, problem="")
    await database.commit([save(intent, None)[1] for intent in (FULL, gone, fine)])

    questions = await undecided(database, "shop")
    assert [(one.outer_id, one.why) for one in questions] == [
        ("B", "listing.gone"),
        ("编码-1", "listing.undecided.strangers"),
    ]
    assert (questions[1].item_ids, questions[1].attempts, questions[1].title) == ((7,), 2, "标题")

    await settle(database, "shop", "编码-1", AdoptItem(7))
    await settle(database, "shop", "B", GiveUp())
    assert await undecided(database, "shop") == []
    with pytest.raises(Conflict):
        await settle(database, "shop", "编码-1", Absent())
    await settle(database, "shop", "B", Absent())
    assert (await load_intents(database, "shop", ["B"]))["B"].state is State.PLANNED


GONE = Item(
    "shop", 600_000_000_001, 1, ItemState.DELETED, Reason.DELETED, "编码-1", "标题", None, None, 1, 1, 99
)  # fmt: skip
PUBLISHED = replace(FULL, state=State.PUBLISHED, doing=Doing.CREATE, problem="")


async def put_product(database: Database, code: str) -> None:
    product = Product(code, "标题", Decimal(1), 1, 1, "", "new", "浙江", "杭州")
    row = ("shop", *product_values(product), 0, 0)
    await database.upsert_many(
        "product",
        key=("shop_id", "outer_id"),
        columns=("shop_id", *PRODUCT_COLUMNS, "held", "changed_us"),
        rows=[row],
    )


@pytest.mark.parametrize(
    "intent",
    [
        PUBLISHED,
        replace(PUBLISHED, problem='{"code": "listing.differs"}'),
        replace(PUBLISHED, problem='{"code": "listing.gone"}'),
        replace(PUBLISHED, state=State.REFUSED, problem='{"code": "errors.business_fault"}'),
        replace(PUBLISHED, state=State.PLANNED, doing=Doing.CHANGE),
        FULL,
        replace(FULL, state=State.GIVEN_UP),
        replace(PUBLISHED, state=State.PLANNED, doing=Doing.LIST, published={}),
        replace(PUBLISHED, state=State.UNANSWERED),
        replace(PUBLISHED, doing=Doing.DELETE),
        replace(PUBLISHED, item_id=5),
    ],
)
@pytest.mark.parametrize("record", [GONE, replace_item(GONE, outer_id="改过"), None])
async def test_every_page_asks_exactly_what_the_plan_asks(
    database: Database, intent: Intent, record: Item | None
) -> None:
    await put_product(database, "编码-1")
    await database.commit([save(intent, None)[1], *([add_item(record)] if record else [])])
    deleted = await deleted_items(database, "shop", [intent])

    asked = [one.outer_id for one in await undecided(database, "shop")]

    wanted = plan({"title": "新"}, intent, deleted)
    assert asked == (["编码-1"] if wanted.kind is Kind.QUESTION else [])
    assert await count_questions(database, ["shop", "other"]) == ({"shop": 1} if asked else {})
    assert await undecided(database, "shop", after="编码-1") == []


async def test_a_deleted_item_is_a_question_while_there_is_its_product(database: Database) -> None:
    await database.commit([save(PUBLISHED, None)[1], add_item(GONE)])
    assert (await undecided(database, "shop"), await count_questions(database, ["shop"])) == ([], {})

    await put_product(database, "编码-1")
    (asked,) = await undecided(database, "shop")
    await settle(database, "shop", "编码-1", GiveUp())
    again = await question(database, "shop", "编码-1")
    await settle(database, "shop", "编码-1", Absent())

    assert (asked.why, asked.gone, asked.deleted_us) == ("listing.gone", True, 99)
    assert 600_000_000_001 not in asked.choices
    assert again is not None
    assert (again.gone, again.given_up) == (True, True)
    left = (await load_intents(database, "shop", ["编码-1"]))["编码-1"]
    assert (left.item_id, left.prior_ids) == (None, (1, 2, 7))
    assert await question(database, "shop", "编码-1") is None


async def test_what_nobody_knows_the_end_of_is_in_doubt(database: Database) -> None:
    intents = [replace(FULL, outer_id=state.value, state=state) for state in State]
    await database.commit([save(intent, None)[1] for intent in intents])
    await database.commit([save(replace(FULL, shop_id="other"), None)[1]])

    assert await count_doubts(database, "shop") == 4  # sending, unanswered, repeat, undecided
    assert await count_doubts(database, "nobody") == 0
