"""What is done to a shop, as the API and the console both do it: added, changed, paused, probed, removed; each noted once."""

from dataclasses import replace

from onshelf import acts
from onshelf.catalog.profile import Profile
from onshelf.catalog.store import replace_profile
from onshelf.retiring import retire
from onshelf.settings import Secret
from onshelf.shops import register, upkeep
from onshelf.shops.register import Leaving
from onshelf.shops.shop import Shop, ShopState
from onshelf.web.consents import PROBE_PATIENCE_S
from onshelf.web.house import Door
from onshelf.web.problem import Problem


async def add(door: Door, shop: Shop, secret: Secret | None, session: Secret | None = None) -> Shop:
    """Adds a shop, with its session where it is known; returns it as it stands then.

    Raises Problem 403 (beyond the shops of whoever asks), Conflict (the name is taken), SettingsError.
    """
    if not door.who.sees(shop.shop_id):
        raise Problem(403, "shop_not_yours", shop=shop.shop_id)
    await register.add(door.app.shops, shop, secret)
    door.acted(acts.shop_added(shop))
    return shop if session is None else await put_session(door, shop, session)


async def change(door: Door, before: Shop, after: Shop, secret: Secret | None) -> Shop:
    """Changes a shop's details. Raises as `register.change`."""
    changed = await register.change(door.app.shops, after, secret)
    door.acted(acts.shop_changed(before, changed, secret=secret is not None))
    return changed


async def put_session(door: Door, shop: Shop, session: Secret) -> Shop:
    """Takes a session that came another way; returns the shop as it stands then."""
    await register.put_session(door.app.sessions, shop, session)
    door.acted(acts.shop_authorised(shop, "session"))
    return shop if shop.state is ShopState.PAUSED else replace(shop, state=ShopState.AUTHORISED)


async def probe(door: Door, shop: Shop) -> None:
    """Probes a shop now."""
    app = door.app
    found = await upkeep.probe_now(app.shops, app.client, shop, app.clock, within_s=PROBE_PATIENCE_S)
    door.acted(acts.shop_probed(shop, found))


async def pause(door: Door, shop: Shop) -> Shop:
    """Pauses all jobs of a shop. Harmless to repeat."""
    await upkeep.pause(door.app.shops, door.app.queue, shop.shop_id)
    door.acted(acts.shop_paused(shop))
    return replace(shop, state=ShopState.PAUSED)


async def resume(door: Door, shop: Shop) -> Shop:
    """Lets the work for a shop go on. Harmless to repeat."""
    state = await upkeep.resume(door.app.shops, door.app.queue, shop.shop_id)
    door.acted(acts.shop_resumed(shop, state))
    return replace(shop, state=state)


async def remove(door: Door, shop: Shop, *, force: bool) -> Leaving:
    """Removes a shop. Raises as `retire`."""
    gone = await retire(door.app, shop, force=force)
    door.acted(acts.shop_removed(shop))
    return gone


async def set_profile(door: Door, shop_id: str, before: Profile, after: Profile) -> None:
    """Puts a profile in place of the one there was. Raises Conflict: it is no longer that one."""
    await door.app.db.commit(replace_profile(shop_id, before, after, door.app.clock.now_us()))
    door.acted(acts.profile_set(shop_id, before, after))
