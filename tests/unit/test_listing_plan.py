"""What to do for one product: the plan, the content it compares, the read-back, and what a person's choice makes of it."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from onshelf.catalog.product import Product, Sku
from onshelf.ids import ItemId, SkuId
from onshelf.listing.choose import Absent, AdoptItem, GiveUp, chosen
from onshelf.listing.content import Glance, changed_fields, content_of, draft_of, glance, shown_by
from onshelf.listing.intent import Doing, Intent, Look, Sighting, State
from onshelf.listing.plan import Action, Kind, edited_fields, plan, plan_act, still_needed
from onshelf.listing.verify import Difference, differences, shelf_intended
from onshelf.platforms.forecast import forecast
from onshelf.platforms.port import Free, SeenItem, SeenSku, Shelf

OLD = {"title": "旧", "price": "1.00", "stock": "5"}
NEW = {"title": "新", "price": "1.00", "stock": "5"}
NONE = Intent("shop", "A", version=1, prior_ids=())
LIVE = structs.replace(
    NONE, state=State.PUBLISHED, item_id=1, attempt=1, sent=OLD, published=OLD, verified_us=9
)


@pytest.mark.parametrize(
    ("intent", "action"),
    [
        (None, Action(Kind.CREATE, "new")),
        (NONE, Action(Kind.CREATE, "new")),
        (structs.replace(NONE, state=State.REFUSED), Action(Kind.CREATE, "new")),
        (structs.replace(NONE, state=State.REFUSED, attempt=1), Action(Kind.LOOK, "unanswered")),
        (structs.replace(NONE, state=State.SENDING, attempt=1), Action(Kind.LOOK, "unanswered")),
        (structs.replace(NONE, state=State.UNANSWERED, attempt=1), Action(Kind.LOOK, "unanswered")),
        (structs.replace(NONE, state=State.REPEAT, item_id=2), Action(Kind.LOOK, "unanswered")),
        (structs.replace(NONE, item_id=2, doing=Doing.LIST, sent=OLD), Action(Kind.LOOK, "unanswered")),
        (structs.replace(NONE, state=State.UNDECIDED), Action(Kind.QUESTION, "undecided")),
        (structs.replace(LIVE, problem='{"code": "listing.differs"}'), Action(Kind.QUESTION, "undecided")),
        (structs.replace(LIVE, problem='{"code": "listing.gone"}'), Action(Kind.QUESTION, "gone")),
        (structs.replace(NONE, state=State.GIVEN_UP), Action(Kind.SKIP, "given_up")),
        (structs.replace(LIVE, sent=NEW, published=NEW), Action(Kind.SKIP, "unchanged")),
        (structs.replace(LIVE, sent=NEW, verified_us=0), Action(Kind.LOOK, "unverified")),
        (LIVE, Action(Kind.CHANGE, "changed", frozenset({"title"}))),
        (
            structs.replace(LIVE, state=State.UNANSWERED, doing=Doing.CHANGE, sent={**OLD, "price": "2.00"}),
            Action(Kind.CHANGE, "changed", frozenset({"title", "price"})),
        ),
        (
            structs.replace(NONE, item_id=7, prior_ids=(7,), doing=Doing.CHANGE),
            Action(Kind.CHANGE, "linked", frozenset(NEW)),
        ),
    ],
)
def test_each_record_has_its_plan(intent: Intent | None, action: Action) -> None:
    assert plan(NEW, intent) == action


@pytest.mark.parametrize(
    ("intent", "action"),
    [
        (LIVE, Action(Kind.QUESTION, "gone")),
        (structs.replace(LIVE, sent=NEW, published=NEW), Action(Kind.QUESTION, "gone")),
        (structs.replace(LIVE, state=State.REFUSED, problem='{"code": "x"}'), Action(Kind.QUESTION, "gone")),
        (structs.replace(NONE, item_id=1, doing=Doing.CHANGE), Action(Kind.QUESTION, "gone")),
        (structs.replace(LIVE, problem='{"code": "listing.differs"}'), Action(Kind.QUESTION, "gone")),
        (structs.replace(LIVE, state=State.UNDECIDED), Action(Kind.QUESTION, "undecided")),
        (structs.replace(LIVE, state=State.GIVEN_UP), Action(Kind.SKIP, "given_up")),
        (structs.replace(NONE, state=State.REPEAT, item_id=1), Action(Kind.LOOK, "unanswered")),
        (structs.replace(LIVE, sent=NEW, verified_us=0, doing=Doing.DELETE), Action(Kind.LOOK, "unverified")),
        (structs.replace(LIVE, item_id=2), Action(Kind.CHANGE, "changed", frozenset({"title"}))),
    ],
    ids=[
        "changed", "unchanged", "refused", "linked", "differs", "undecided", "given up", "in doubt", "we delete it", "another",
    ],
)  # fmt: skip
def test_an_item_our_record_holds_as_deleted_is_a_question(intent: Intent, action: Action) -> None:
    assert plan(NEW, intent, {1}) == action


def test_an_act_needs_an_item_and_no_open_question() -> None:
    assert plan_act(Doing.DELIST, None).kind is Kind.QUESTION
    assert plan_act(Doing.DELIST, NONE).kind is Kind.QUESTION
    assert plan_act(Doing.DELIST, structs.replace(NONE, state=State.UNANSWERED)).kind is Kind.LOOK
    assert plan_act(Doing.DELIST, LIVE) == Action(Kind.ACT, "delist", doing=Doing.DELIST)


def test_only_fields_of_ours_overwrite_what_a_seller_edited() -> None:
    shown = {"title": "卖家改的", "price": "1.00", "stock": "5"}

    assert edited_fields(OLD, shown) == {"title"}
    assert still_needed({"price"}, {**OLD, "price": "2.00"}, shown) == {"price"}
    assert still_needed({"price"}, OLD, shown) == set()


def product(**values: Any) -> Product:
    given = {
        "outer_id": "A",
        "title": "标题",
        "price": Decimal("12.30"),
        "stock": 6,
        "category_id": 1,
        "description": "长" * 500,
        "condition": "new",
        "province": "浙江",
        "city": "杭州",
    }
    return Product(**{**given, **values})


SKUS = (
    Sku("A-1", (), "20509:1;1627207:2", Decimal("12.30"), 2),
    Sku("A-2", (), "20509:2;1627207:2", Decimal("13.30"), 4),
)


def seen(whole: Product, **values: Any) -> SeenItem:
    """Shows a product as the platform would: pairs of properties and skus in another order."""
    skus = tuple(
        SeenSku(SkuId(n), ";".join(reversed(s.properties.split(";"))), s.price, s.stock, s.outer_id)
        for n, s in enumerate(reversed(whole.skus))
    )
    shown = SeenItem(
        ItemId(1),
        1,
        2,
        title=whole.title,
        price=whole.price,
        stock=whole.stock,
        shelf=Shelf.ONSALE,
        category_id=whole.category_id,
        created=datetime(2026, 1, 1, tzinfo=UTC),
        skus=skus,
    )
    return structs.replace(shown, **values)


@pytest.mark.parametrize("whole", [product(), product(skus=SKUS)])
def test_what_the_platform_shows_compares_equal_to_what_was_sent(whole: Product) -> None:
    shown = shown_by(seen(whole))

    assert changed_fields(shown, content_of(whole, ["h"])) == frozenset()


def test_a_field_the_reply_leaves_out_is_not_shown() -> None:
    shown = shown_by(SeenItem(ItemId(1), 1, 2, title="x"))

    assert not {"price", "stock", "category_id"} & set(shown)


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"title": "别的"}, {"title"}),
        ({"price": Decimal("9.00")}, {"price"}),
        ({"description": "短"}, {"description"}),
        ({"skus": SKUS[:1]}, {"price", "stock", "skus"}),
        ({"city": "宁波"}, {"city"}),
    ],
)
def test_a_change_of_the_product_names_its_fields(values: dict[str, Any], fields: set[str]) -> None:
    whole = product(skus=SKUS)

    changed = changed_fields(content_of(replace(whole, **values), []), content_of(whole, []))

    assert changed == fields


@given(st.text(max_size=400))
def test_equal_products_have_equal_content_and_no_text_is_long(description: str) -> None:
    content = content_of(product(description=description), ["h"])

    assert content == content_of(product(description=description), ["h"])
    assert max(map(len, content.values())) <= 240


def test_a_draft_says_what_the_product_says() -> None:
    draft = draft_of(product(skus=SKUS), ["p1", "p2"])

    assert (draft.title, draft.stock, draft.pictures) == ("标题", 6, ("p1", "p2"))
    assert [sku.outer_id for sku in draft.skus] == ["A-1", "A-2"]


MANY = tuple(
    Sku(f"A-{n}", (), f"20509:{28300 + n};1627207:{28300 + n}", Decimal("12.30") + n, n) for n in range(12)
)


@pytest.mark.parametrize("whole", [product(skus=SKUS), product(skus=MANY)], ids=["short", "long"])
def test_of_many_prices_and_stocks_the_lowest_and_the_total_are_read(whole: Product) -> None:
    content = content_of(whole, [])

    assert glance("price", content["price"]) == Glance("12.30", variants=True)
    assert glance("stock", content["stock"]) == Glance("6", variants=True)


def test_of_one_price_and_of_a_title_all_is_read() -> None:
    content = content_of(product(title="一 款"), [])

    assert [glance(field, content[field]) for field in ("price", "title")] == [
        Glance("12.30"),
        Glance("一 款"),
    ]


def test_a_digest_alone_is_not_shown_to_a_person() -> None:
    assert glance("description", content_of(product(), [])["description"]) is None
    assert glance("price", "#" + "0" * 24) is None


def test_a_record_from_before_prices_could_be_read_is_no_change() -> None:
    wanted = content_of(product(skus=MANY), [])
    old = {
        name: text.partition(" ")[2] if "#" in text and " " in text else text for name, text in wanted.items()
    }
    shown = shown_by(seen(product(skus=MANY)))
    published = structs.replace(LIVE, sent=old, published=old)

    assert old["price"].startswith("#")
    assert plan(wanted, published) == Action(Kind.SKIP, "unchanged")
    assert (edited_fields(old, shown), still_needed({"price", "stock"}, old, shown)) == (
        frozenset(),
        frozenset(),
    )
    assert differences(structs.replace(CREATED, sent=old), seen(product(skus=MANY))) == ()


CREATED = structs.replace(
    NONE, state=State.PUBLISHED, item_id=1, attempt=1, sent=content_of(product(skus=SKUS), [])
)


def test_a_read_back_names_every_difference_with_both_values() -> None:
    shown = seen(product(skus=SKUS), title="别的", shelf=Shelf.INSTOCK)

    assert differences(CREATED, seen(product(skus=SKUS))) == ()
    assert differences(CREATED, shown) == (
        Difference("title", "标题", "别的"),
        Difference("shelf", "onsale", "instock"),
    )


def test_a_change_is_not_held_to_what_it_did_not_touch() -> None:
    sent = content_of(product(price=Decimal(99)), [])
    changed = structs.replace(CREATED, doing=Doing.CHANGE, sent=sent, published=content_of(product(), []))

    assert differences(changed, seen(product(price=Decimal(99), title="卖家改的"))) == ()
    assert shelf_intended(changed) is None
    assert shelf_intended(structs.replace(changed, doing=Doing.DELIST)) is Shelf.INSTOCK


QUESTION = structs.replace(
    CREATED,
    state=State.UNDECIDED,
    version=5,
    item_id=None,
    prior_ids=(3,),
    looks=(Look(1, True, (Sighting(8, "A", "x", True, False, 1, 1),)),),
    problem='{"code": "listing.undecided.strangers", "item_ids": [8, 9]}',
)


def test_adopting_an_item_leads_to_its_read_back() -> None:
    adopted = chosen(QUESTION, AdoptItem(8))

    assert (adopted.state, adopted.item_id, adopted.problem) == (State.ADOPTED, 8, "")
    assert plan(QUESTION.sent, adopted) == Action(Kind.LOOK, "unverified")


def test_items_a_person_called_foreign_stay_foreign() -> None:
    absent = chosen(QUESTION, Absent())

    assert absent.prior_ids == (3, 8, 9)
    assert (absent.version, plan(NEW, absent)) == (5, Action(Kind.CREATE, "new"))


def test_an_item_that_is_gone_is_not_foreign_should_a_look_find_it_after_all() -> None:
    gone = structs.replace(
        LIVE, prior_ids=(1, 3), looks=QUESTION.looks, problem='{"code": "listing.gone", "item_id": 1}'
    )

    absent = chosen(gone, Absent())

    assert absent.prior_ids == (3, 8)
    assert plan(NEW, absent) == Action(Kind.CREATE, "new")


def test_an_item_adopted_after_its_deletion_failed_is_published_again() -> None:
    kept = structs.replace(LIVE, doing=Doing.DELETE, problem='{"code": "listing.not_deleted"}')

    adopted = chosen(kept, AdoptItem(1))

    assert (adopted.doing, plan(NEW, adopted).kind) == (Doing.CHANGE, Kind.CHANGE)


def test_giving_up_ends_it_until_a_person_chooses_again() -> None:
    assert plan(NEW, chosen(QUESTION, GiveUp())).kind is Kind.SKIP


@pytest.mark.parametrize(
    ("calls", "free", "expected"),
    [
        (600, Free(0, 10.0, None), 1.0),
        (600, Free(600, 10.0, None), 0.0),
        (600, Free(10, float("inf"), None), 0.0),
        (600, Free(0, 0.0, None), float("inf")),
    ],
)
def test_minutes_follow_from_what_the_quota_lets_go(calls: int, free: Free, expected: float) -> None:
    assert forecast(calls, free, 0).minutes == expected
