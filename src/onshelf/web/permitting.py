"""What is told of quotas and the promotion calendar, as the API and the console both tell it; each noted once."""

from collections.abc import Sequence

from onshelf import acts
from onshelf.errors import Conflict
from onshelf.platforms.port import Closure
from onshelf.platforms.window import Limit
from onshelf.shops.quota import calendar, permits
from onshelf.shops.quota.permits import Permit, Source
from onshelf.web.house import Door
from onshelf.web.problem import Problem


async def permit(door: Door, app_key: str, limit: Limit) -> None:
    """Keeps one limit that the platform granted an app."""
    before = await permits.permits(door.app.db, app_key)
    await door.app.db.commit([permits.put(Permit(app_key, limit, Source.TOLD, door.app.clock.now_us()))])
    await _note(door, app_key, before)


async def forget(door: Door, app_key: str, scope: str, window_s: float) -> None:
    """Lets the setting of one limit hold again."""
    before = await permits.permits(door.app.db, app_key)
    await door.app.db.commit([permits.forget(app_key, scope, window_s)])
    await _note(door, app_key, before)


async def replace(door: Door, app_key: str, limits: Sequence[Limit], *, learned_too: bool) -> None:
    """Puts these limits in place of all that people told of an app. `learned_too`: of the rest as well."""
    before, now_us = await permits.permits(door.app.db, app_key), door.app.clock.now_us()
    wished = [Permit(app_key, limit, Source.TOLD, now_us) for limit in limits]
    await permits.replace_told(door.app.db, app_key, wished, learned_too=learned_too)
    await _note(door, app_key, before)


async def _note(door: Door, app_key: str, before: Sequence[Permit]) -> None:
    door.acted(acts.quota_permitted(app_key, before, await permits.permits(door.app.db, app_key)))


async def put_closure(door: Door, closure: Closure) -> None:
    """Puts a closure on the calendar, in place of the one of its name."""
    before = await calendar.find(door.app.db, closure.name)
    await door.app.db.commit([calendar.put(closure)])
    door.acted(acts.closure_put(before, closure))


async def remove_closure(door: Door, name: str) -> None:
    """Takes a closure off the calendar. Raises Problem 404."""
    before = await calendar.find(door.app.db, name)
    try:
        await door.app.db.commit([calendar.remove(name)])
    except Conflict:
        before = None
    if before is None:
        raise Problem(404, "no_closure", name=name)
    door.acted(acts.closure_removed(before))
