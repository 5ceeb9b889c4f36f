"""The listing room's tables on every backend: records come back as they were written, and only the first writer wins."""

import pytest
from msgspec.structs import replace

from onshelf.errors import Conflict
from onshelf.listing.choose import Absent, AdoptItem, GiveUp, settle, undecided
from onshelf.listing.intent import Doing, Intent, Look, Sighting, State
from onshelf.listing.store import (
    PictureState,
    StoredPicture,
    count_doubts,
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


async def test_what_nobody_knows_the_end_of_is_in_doubt(database: Database) -> None:
    intents = [replace(FULL, outer_id=state.value, state=state) for state in State]
    await database.commit([save(intent, None)[1] for intent in intents])
    await database.commit([save(replace(FULL, shop_id="other"), None)[1]])

    assert await count_doubts(database, "shop") == 4  # sending, unanswered, repeat, undecided
    assert await count_doubts(database, "nobody") == 0
