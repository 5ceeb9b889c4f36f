"""The register of shops: one is added, its details are changed, it is removed; what the command line and the service both do."""

from dataclasses import dataclass

import msgspec

from onshelf.errors import InDoubt, SettingsError, expected
from onshelf.events import ShopRemoved
from onshelf.ids import AppKey, ShopId
from onshelf.jobs import of_shop
from onshelf.jobs.schedule import Schedules
from onshelf.platforms.top.auth import Token
from onshelf.settings import Secret
from onshelf.shops.shop import Shop, ShopState, check_shop, session_only
from onshelf.shops.store import ShopStore
from onshelf.shops.tokens.sessions import ShopSessions
from onshelf.store.log import append

GATEWAY = "https://eco.taobao.com/router/rest"
OAUTH = "https://oauth.taobao.com"
LONGEST_SECRET = 4096


def read_secret(given: str, name: str) -> Secret:
    """Returns a secret that a person or a program gave, without the blanks around it.

    Raises SettingsError that names the field and never tells the value.
    """
    secret = given.strip()
    if not secret or len(secret) > LONGEST_SECRET or not secret.isprintable():
        raise SettingsError(
            name,
            value="•••" if secret else "",
            origin="shop",
            expected=expected("length", count=LONGEST_SECRET),
        )
    return Secret(secret)


def new_shop(name: str, app_key: str, *, gateway: str, oauth: str, tmc: str, now_us: int) -> Shop:
    """Returns a shop as it begins. Raises SettingsError naming what is not well formed."""
    begun = Shop(ShopId(name), "taobao", AppKey(app_key), gateway, oauth, tmc, "", ShopState.NEW, now_us)
    return check_shop(begun)


async def add(store: ShopStore, shop: Shop, secret: Secret | None) -> None:
    """Stores a new shop; durable. `secret`: of its app, for all the app's shops; None: the app is known already.

    Raises Conflict when the name is taken, SettingsError when the app has no secret yet.
    """
    if secret is None:
        secret = await store.secret(shop.app_key)
    await store.db.commit(store.add(shop, secret))


async def change(store: ShopStore, shop: Shop, secret: Secret | None) -> Shop:
    """Replaces a shop's details; durable. `secret`: as in `add`. An app that no shop uses any more is forgotten.

    Raises SettingsError for what is ill-formed or an app without a secret, Conflict when the shop is gone.
    """
    checked, before = check_shop(shop), await store.get(shop.shop_id)
    if secret is None:
        await store.secret(checked.app_key)
    writes = [store.update(checked)]
    if secret is not None:
        writes.append(store.put_secret(checked.app_key, secret))
    if before is not None and before.app_key != checked.app_key:
        writes.append(store.remove_unused_app(before.app_key))
    await store.db.commit(writes)
    return checked


async def put_session(sessions: ShopSessions, shop: Shop, session: Secret) -> Token:
    """Takes a session that came another way than by a link; durable. Its end is not known, and it cannot be refreshed."""
    token = session_only(session.reveal())
    await sessions.accept(shop.shop_id, token)
    return token


@dataclass(frozen=True, slots=True)
class Leaving:
    """What goes with a shop. Its products, items and history stay, so that one added again lists nothing twice."""

    authorisation: bool  # there is one, and it goes
    schedules: tuple[str, ...]  # looks that end
    jobs: int  # that are open, and are cancelled
    lines: int  # of those jobs
    app_secret: bool  # goes too, for no other shop uses the app
    in_doubt: int  # products of which nobody knows what their last write came to


async def leaving(store: ShopStore, schedules: Schedules, shop: Shop, in_doubt: int) -> Leaving:
    """Tells what goes with a shop; changes nothing. `in_doubt`: as `Leaving` has it, for products are another room's."""
    others = [one for one in await store.list() if one.shop_id != shop.shop_id]
    looks = [
        entry.name
        for entry in await schedules.entries()
        if msgspec.json.decode(entry.payload).get("shop_id") == shop.shop_id
    ]
    jobs, lines = await of_shop.open_work(store.db, shop.shop_id)
    return Leaving(
        authorisation=await store.token(shop.shop_id) is not None,
        schedules=tuple(looks),
        jobs=jobs,
        lines=lines,
        app_secret=all(one.app_key != shop.app_key for one in others),
        in_doubt=in_doubt,
    )


async def remove(
    store: ShopStore,
    schedules: Schedules,
    sessions: ShopSessions,
    shop: Shop,
    gone: Leaving,
    *,
    now_us: int,
    force: bool = False,
) -> None:
    """Takes a shop out of the register, with all that `leaving` told, as one unit.

    Raises InDoubt while writes of it are in doubt, unless forced; Conflict when it is gone already.
    """
    if gone.in_doubt and not force:
        raise InDoubt(shop.shop_id, gone.in_doubt)
    await store.db.commit(
        [
            *store.remove(shop.shop_id),
            store.remove_unused_app(shop.app_key),
            *of_shop.cancel(shop.shop_id, now_us),
            *(schedules.remove(name) for name in gone.schedules),
            append(ShopRemoved(shop.shop_id, now_us), now_us),
        ]
    )
    sessions.forget(shop.shop_id)
