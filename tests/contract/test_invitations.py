"""Links that let people in: what makes them void, and what two at the same moment come to, over every backend."""

import asyncio
from typing import Any

import pytest
from guarded import PASSWORD, Guard

from onshelf.errors import AccessError, Conflict
from onshelf.guard.names import name_of
from onshelf.guard.roles import Principal, Role
from onshelf.store.db import Database, Write
from onshelf.store.migrate import migrate, steps

EVERY = Role.ADMINISTRATOR


@pytest.fixture
async def guard(empty_database: Database) -> Guard:
    await migrate(empty_database)
    return Guard(empty_database)


async def accepted(guard: Guard, token: str, name: str) -> Principal | None:
    """Returns whom a link has made or let in; None: it is good for nothing."""
    try:
        return (await guard.invitations.accept(token, name, PASSWORD)).principal()
    except AccessError:
        return None


async def test_the_first_administrator_s_link_is_one(guard: Guard) -> None:
    """Whoever reads an old log finds the link of an earlier start in it."""
    before, now = await guard.invitations.first(), await guard.invitations.first()

    assert await accepted(guard, before, "mallory") is None
    assert await accepted(guard, now, "lin") is not None


async def test_a_first_link_is_void_once_there_is_anybody(guard: Guard) -> None:
    token = await guard.invitations.first()
    await guard.people.admit("https://id.example u-1", "chen", Role.VIEWER)

    assert await accepted(guard, token, "mallory") is None


async def test_two_first_links_at_once_make_one_administrator(guard: Guard) -> None:
    """Two processes that start at the same moment may each have left a link."""
    for _turn in range(5):
        tokens = [await guard.invitations.invite(role=EVERY, shops=None, made_by="terminal") for _ in "ab"]
        made = await asyncio.gather(*(accepted(guard, token, f"n{token}") for token in tokens))
        people = await guard.people.page("", 10)

        assert len([one for one in made if one]) == 1
        assert len(people) == 1
        await guard.forget_everybody()


async def test_a_link_used_by_two_at_once_lets_one_in(guard: Guard) -> None:
    token = await guard.invitations.invite(role=Role.VIEWER, shops=None, made_by="person:boss")
    made = await asyncio.gather(*(accepted(guard, token, name) for name in ("lin", "wang", "chen")))

    assert len([one for one in made if one]) == 1


async def test_a_link_for_somebody_who_has_risen_since_lets_nobody_in(guard: Guard) -> None:
    """An administrator of one shop made it; by now it would open every shop."""
    await guard.join("boss")
    lin = await guard.join("lin", Role.VIEWER, "a")
    link = await guard.invitations.let_in_again(lin, made_by="person:of-shop-a")
    await guard.people.change(lin.person_id, role=EVERY, shops=None)

    assert await accepted(guard, link, "lin") is None
    assert await guard.people.check_password("lin", PASSWORD) is not None


async def test_a_link_made_while_somebody_rises_lets_nobody_in(guard: Guard) -> None:
    """The rights it was made for are compared when it is used, whatever came in between."""
    await guard.join("boss")
    before = await guard.join("lin", Role.VIEWER, "a")
    await guard.people.change(before.person_id, role=EVERY, shops=None)
    link = await guard.invitations.let_in_again(before, made_by="person:of-shop-a")

    assert await accepted(guard, link, "lin") is None


async def test_who_is_ended_or_changed_has_invited_nobody(guard: Guard) -> None:
    """Else an administrator comes back by a link of its own."""
    await guard.join("boss")
    gone, changed = await guard.join("gone"), await guard.join("changed")
    links = [
        await guard.invitations.invite(role=EVERY, shops=None, made_by=one.principal().name)
        for one in (gone, changed)
    ]
    other = await guard.invitations.invite(role=Role.VIEWER, shops=None, made_by="person:boss")
    await guard.people.end(gone.person_id)
    await guard.people.change(changed.person_id, role=Role.VIEWER, shops=None)

    assert [await accepted(guard, link, "mallory") for link in links] == [None, None]
    assert await accepted(guard, other, "wang") is not None


async def test_an_ended_key_has_invited_nobody(guard: Guard) -> None:
    key, _ = await guard.keys.add("erp", role=EVERY, shops=None, made_by="person:boss")
    who = key.principal()
    link = await guard.invitations.invite(role=EVERY, shops=None, made_by=who.name, key_id=who.key_id)
    await guard.keys.end(key.key_id)

    assert await accepted(guard, link, "mallory") is None


async def test_an_ended_key_leaves_what_another_of_its_name_has_invited(guard: Guard) -> None:
    """Before names of keys were told apart there were several of one name: what they made is told apart by their ids."""
    keys = [
        (await guard.keys.add(name, role=EVERY, shops=None, made_by="person:boss"))[0]
        for name in ("erp", "shop")
    ]
    await guard.db.commit([Write("UPDATE api_key SET name = 'erp'")])
    links = [
        await guard.invitations.invite(role=EVERY, shops=None, made_by="key:erp", key_id=key.key_id)
        for key in keys
    ]
    await guard.keys.end(keys[0].key_id)

    assert await accepted(guard, links[0], "mallory") is None
    assert await accepted(guard, links[1], "wang") is not None


async def test_links_that_wait_while_keys_get_their_ids_end_with_their_key_or_at_once(
    empty_database: Database,
) -> None:
    """Of two keys of one name nobody can tell which made a link."""
    first = next(step.number for step in steps() if step.name == "invitation_key")
    await migrate(empty_database, upto=first - 1)
    key = (
        "INSERT INTO api_key (key_id, digest, name, role, shops, made_by, created_us, until_us) "
        "VALUES (?, ?, ?, 'viewer', NULL, 't', 0, 0)"
    )
    link = "INSERT INTO invitation (digest, name, role, shops, made_by, until_us) VALUES (?, '', 'viewer', NULL, ?, 1)"
    await empty_database.commit(
        [
            *(
                Write(key, (one, one.encode(), name))
                for one, name in (("1", "erp"), ("2", "two"), ("3", "two"))
            ),
            *(Write(link, (made_by.encode(), made_by)) for made_by in ("key:erp", "key:two", "person:boss")),
        ]
    )
    await migrate(empty_database)
    left = await empty_database.fetch("SELECT made_by, key_id FROM invitation ORDER BY made_by")

    assert left == [("key:erp", "1"), ("person:boss", "")]


ALIKE = ["erp", "ERP", "еrp", "ｅｒｐ", "e rp"]
"""The third has a Cyrillic е."""


@pytest.mark.parametrize("name", ALIKE)
async def test_no_key_is_named_as_another_looks_that_has_not_ended(guard: Guard, name: str) -> None:
    """In the log a program is known by its key's name alone."""
    key, _ = await guard.keys.add("erp", role=Role.VIEWER, shops=None, made_by="person:boss")
    with pytest.raises(Conflict):
        await guard.keys.add(name, role=Role.VIEWER, shops=None, made_by="person:boss")
    await guard.keys.end(key.key_id)

    again, _ = await guard.keys.add(name, role=Role.VIEWER, shops=None, made_by="person:boss")
    assert again.key_id != key.key_id


async def test_the_name_of_a_key_that_came_to_its_end_is_free_again(guard: Guard) -> None:
    until_us = guard.clock.now_us() + 1_000_000
    given: dict[str, Any] = {"role": Role.VIEWER, "shops": None, "made_by": "person:boss"}
    await guard.keys.add("erp", until_us=until_us, **given)
    with pytest.raises(Conflict):
        await guard.keys.add("erp", **given)
    guard.clock.jump(1)

    await guard.keys.add("erp", **given)


async def test_of_two_keys_of_one_name_made_at_once_there_is_one(guard: Guard) -> None:
    given: dict[str, Any] = {"role": Role.VIEWER, "shops": None, "made_by": "person:boss"}
    made = await asyncio.gather(*(guard.keys.add("erp", **given) for _ in range(4)), return_exceptions=True)

    assert len([one for one in made if isinstance(one, tuple)]) == 1
    assert {type(one) for one in made} == {tuple, Conflict}


async def test_a_new_password_of_one_s_own_makes_a_link_void_that_would_change_it(guard: Guard) -> None:
    lin = await guard.join("lin")
    link = await guard.invitations.let_in_again(lin, made_by="person:boss")
    assert await guard.people.set_password(lin, PASSWORD, "another-horse-9", keep=b"")

    assert await accepted(guard, link, "lin") is None
    assert await guard.people.check_password("lin", "another-horse-9") is not None


@pytest.mark.parametrize("copy", ["boss", "Boss", "bоss", "ＢＯＳＳ", "b0ss"])
async def test_nobody_is_named_as_somebody_else_looks(guard: Guard, copy: str) -> None:
    """In the log and on every page an administrator is known by its name alone."""
    await guard.join("boss")
    token = await guard.invitations.invite(role=Role.VIEWER, shops=None, made_by="person:boss")
    vouched = await guard.people.admit("https://id.example u-1", copy, Role.VIEWER)

    with pytest.raises(Conflict):
        await guard.invitations.accept(token, copy, PASSWORD)
    with pytest.raises(Conflict):
        await guard.invitations.invite(role=Role.VIEWER, shops=None, made_by="person:boss", name=copy)
    assert vouched.name.startswith(f"{name_of(copy)}-")


async def test_wide_letters_of_an_input_method_are_the_same_name(guard: Guard) -> None:
    await guard.join("lin")

    assert await guard.people.check_password(" ｌｉｎ ", PASSWORD) is not None
