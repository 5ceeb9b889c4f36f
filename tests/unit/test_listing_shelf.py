"""Which items may be listed or delisted from here, decided without effects."""

from dataclasses import replace as changed

import pytest

from onshelf.catalog.item import Item, Reason
from onshelf.catalog.item import State as ItemState
from onshelf.listing.intent import Doing, Intent, State
from onshelf.listing.plan import Kind, plan_act
from onshelf.listing.shelf import Refusal, linked, refusal

ITEM = Item("s", 7, 3, ItemState.INSTOCK, Reason.SOLD_OUT, "A", "裙", None, 0, 1, 1, 1)
OURS = Intent("s", "A", item_id=7, state=State.PUBLISHED, doing=Doing.CREATE, version=4)
TWIN = changed(ITEM, item_id=8)


@pytest.mark.parametrize(
    ("item", "intent", "same_code", "why"),
    [
        (ITEM, OURS, [ITEM], None),
        (ITEM, OURS, [ITEM, TWIN], None),  # ours is known, whatever else carries the code
        (ITEM, None, [ITEM], None),  # nobody published it from here, and it is the only one
        (ITEM, None, [ITEM, changed(TWIN, state=ItemState.DELETED)], None),
        (ITEM, None, [ITEM, TWIN], Refusal.SEVERAL),
        (None, None, [], Refusal.UNKNOWN),
        (changed(ITEM, state=ItemState.DELETED), OURS, [], Refusal.DELETED),
        (changed(ITEM, state=ItemState.ONSALE), OURS, [], Refusal.ALREADY),
        (changed(ITEM, outer_id=""), None, [], Refusal.NO_CODE),
        (TWIN, OURS, [ITEM, TWIN], Refusal.OTHER_ITEM),
        (ITEM, Intent("s", "A", prior_ids=(7,)), [ITEM], Refusal.OTHER_ITEM),  # a person said so
        (ITEM, Intent("s", "A", state=State.UNDECIDED), [ITEM], Refusal.UNDECIDED),
        (ITEM, Intent("s", "A", state=State.UNANSWERED, attempt=1), [ITEM], Refusal.UNDECIDED),
    ],
    ids=str,
)
def test_an_item_may_be_listed_or_is_refused_for_a_reason(
    item: Item | None, intent: Intent | None, same_code: list[Item], why: Refusal | None
) -> None:
    assert refusal(item, intent, same_code, Doing.LIST) is why


def test_what_is_on_sale_may_be_taken_off() -> None:
    on_sale = changed(ITEM, state=ItemState.ONSALE)

    assert refusal(on_sale, OURS, [on_sale], Doing.DELIST) is None
    assert refusal(ITEM, OURS, [ITEM], Doing.DELIST) is Refusal.ALREADY


def test_an_item_that_is_linked_can_be_acted_on_and_stays_known_as_not_made_by_us() -> None:
    intent = linked("s", ITEM, Intent("s", "A", prior_ids=(3,)))

    assert plan_act(Doing.LIST, intent).kind is Kind.ACT
    assert (intent.item_id, intent.prior_ids, intent.attempt) == (7, (3, 7), 0)
