"""Units committed together: one write to the database, yet each stands or falls by itself."""

import asyncio

import pytest

from onshelf.clock import SystemClock
from onshelf.errors import Conflict
from onshelf.listing.store import StoredPicture, load_pictures, save_picture
from onshelf.listing.together import Together
from onshelf.store.db import Database, Write


def insert(hash_: str) -> list[Write]:
    return [save_picture(StoredPicture("shop", hash_))[1]]


async def test_a_conflict_of_one_unit_leaves_the_others_standing(database: Database) -> None:
    together = Together(database, SystemClock())
    await together.commit(insert("taken"))

    ended = await asyncio.gather(
        *(together.commit(insert(one)) for one in ("a", "taken", "b", "c")), return_exceptions=True
    )

    assert [type(one) for one in ended] == [type(None), Conflict, type(None), type(None)]
    assert set(await load_pictures(database, "shop", {"a", "b", "c"})) == {"a", "b", "c"}


async def test_what_is_posted_is_durable_before_the_next_commit(database: Database) -> None:
    together = Together(database, SystemClock())

    together.post(insert("early"))
    together.post(insert("early"))  # its conflict is logged, and hurts nobody
    await together.commit(insert("late"))

    assert set(await load_pictures(database, "shop", {"early", "late"})) == {"early", "late"}


async def test_a_caller_that_gives_up_does_not_stop_the_others(database: Database) -> None:
    together = Together(database, SystemClock())
    first = asyncio.create_task(together.commit(insert("first")))
    second = asyncio.create_task(together.commit(insert("second")))
    await asyncio.sleep(0)
    first.cancel()

    await second

    with pytest.raises(asyncio.CancelledError):
        await first
    assert "second" in await load_pictures(database, "shop", {"second"})
