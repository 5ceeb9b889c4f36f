"""`onshelf shop`: add shops, authorise them, keep their publishing profile, and see how they fare."""

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import msgspec

from onshelf import acts
from onshelf.catalog.profile import Profile, encode_profile
from onshelf.catalog.store import load_profile, save_profile
from onshelf.cli.door import records
from onshelf.cli.main import ENDED_WELL, FAILED
from onshelf.cli.opened import choose_shop, first_of, noted, opens_app, stopped_by_signal
from onshelf.cli.out import Out, moment
from onshelf.cli.products import read_profile
from onshelf.cli.shop_state import authorisation, ends_cell, last_probe, say_authorisation, told_of
from onshelf.cli.wrong import Misused
from onshelf.errors import Unreadable
from onshelf.retiring import leaving, retire
from onshelf.settings import Secret
from onshelf.shops import register, upkeep
from onshelf.shops.push import feeds
from onshelf.shops.register import GATEWAY, OAUTH, Leaving
from onshelf.shops.shop import Shop, ShopState
from onshelf.shops.standing import standings
from onshelf.shops.tokens import consent
from onshelf.shops.tokens.callback import Address, CallbackPage, local_address
from onshelf.texts import text
from onshelf.wiring import App

HERE = "http://127.0.0.1:8917/authorised"
"""The page that waits for the code; an app must have it registered as its redirect address."""
SECRET_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("shop")
def shop() -> None: ...


@shop.command("add")
@click.argument("name")
@click.option("--gateway", default=GATEWAY, show_default=True)
@click.option("--oauth", default=OAUTH, show_default=True)
@click.option("--tmc", default="")
@click.option("--app-key", required=True)
@click.option("--app-secret-file", type=SECRET_FILE, required=True)
@click.option("--session-file", type=SECRET_FILE)
@opens_app
async def add(
    app: App,
    out: Out,
    name: str,
    gateway: str,
    oauth: str,
    tmc: str,
    app_key: str,
    app_secret_file: Path,
    session_file: Path | None,
) -> None:
    now_us = app.clock.now_us()
    new = register.new_shop(name, app_key, gateway=gateway, oauth=oauth, tmc=tmc, now_us=now_us)
    if await app.shops.get(name) is not None:
        raise Misused("shop_taken", name=name)
    await register.add(app.shops, new, Secret(read_secret(app_secret_file)))
    noted(app, acts.shop_added(new))
    if session_file is not None:
        await register.put_session(app.sessions, new, Secret(read_secret(session_file)))
        noted(app, acts.shop_authorised(new, "session"))
    out.say("shop.added", name=name)
    if session_file is None:
        out.say("shop.authorise_next", name=name)
    out.data({"shop": name, "authorised": session_file is not None})


def read_secret(file: Path) -> str:
    """Reads a secret from a file, without its line end; an empty one is refused."""
    try:
        secret = file.read_text("utf-8").strip()
    except UnicodeDecodeError:
        raise Misused("binary_secret", file=file) from None
    if not secret:
        raise Misused("empty_secret", file=file)
    return secret


@shop.command("list")
@opens_app
async def list_(app: App, out: Out) -> None:
    now_us = app.clock.now_us()
    shops = await standings(app.shops, app.queue, await app.shops.list(), now_us)
    lasts = {one.shop.shop_id: told_of(one.authorisation) for one in shops}
    out.table(
        ["shop", "nick", "state", "ends", "push", "app_key", "gateway", "added"],
        [
            (
                one.shop.shop_id,
                one.shop.nick,
                out.word("shop_state", one.shop.state),
                ends_cell(lasts[one.shop.shop_id]),
                out.word("push_state", one.push),
                one.shop.app_key,
                urlsplit(one.shop.gateway).netloc,
                moment(one.shop.created_us),
            )
            for one in shops
        ],
    )
    out.data(
        [
            {
                **_plain(one.shop),
                "push": _told(one.push, one.link),
                "authorisation": lasts[one.shop.shop_id],
                "probe": last_probe(one.probed, out.lang),
            }
            for one in shops
        ]
    )
    if not shops:
        out.say("shop.none")


def _told(state: feeds.Standing, link: feeds.Link | None) -> dict[str, Any]:
    """Tells how a shop's messages come: since when, why not, and when the last one came."""
    if link is None:
        return {"state": state, "since": None, "why": "", "last": None}
    last = moment(link.last_us) if link.last_us else None
    return {"state": state, "since": moment(link.since_us), "why": link.why, "last": last}


def _plain(one: Shop) -> dict[str, Any]:
    return {
        "shop": one.shop_id,
        "nick": one.nick,
        "state": one.state,
        "app_key": one.app_key,
        "gateway": one.gateway,
        "added": moment(one.created_us),
    }


@shop.command("auth")
@click.argument("name")
@click.option("--code")
@click.option("--session-file", type=SECRET_FILE)
@click.option("--redirect-uri", default=HERE, show_default=True)
@click.option("--wait", "wait_s", type=click.FloatRange(min=1), default=600.0, show_default=True)
@opens_app
async def auth(
    app: App,
    out: Out,
    name: str,
    code: str | None,
    session_file: Path | None,
    redirect_uri: str,
    wait_s: float,
) -> int:
    one = await choose_shop(app, name)
    by = "session" if session_file is not None else "code" if code is not None else "link"
    if session_file is not None:
        await register.put_session(app.sessions, one, Secret(read_secret(session_file)))
    elif code is not None:
        await take_code(app, one, code, redirect_uri)
    elif (address := local_address(redirect_uri)) is None:
        show_link(app, out, one, redirect_uri, secrets.token_urlsafe(16))
        return ENDED_WELL
    elif not await wait_for_seller(app, out, one, address, wait_s):
        return FAILED
    noted(app, acts.shop_authorised(one, by))
    out.say("shop.authorised", name=name)
    out.data({"shop": name, "authorised": True})
    return ENDED_WELL


async def take_code(app: App, shop: Shop, code: str, redirect_uri: str) -> None:
    """Turns a code into a stored token; the shop's work goes on."""
    await consent.take_code(app.shops, app.authoriser, app.sessions, shop, code, redirect_uri=redirect_uri)


def show_link(app: App, out: Out, shop: Shop, redirect_uri: str, state: str) -> None:
    """Prints the page the seller opens."""
    link = app.authoriser.link(shop, redirect_uri=redirect_uri, state=state)
    out.say("shop.open_link", name=shop.shop_id)
    out.plain(link)
    out.data({"shop": shop.shop_id, "link": link})


async def wait_for_seller(app: App, out: Out, shop: Shop, address: Address, wait_s: float) -> bool:
    """Shows the link, and waits until the seller's browser brings the code to a page here; false when nobody came."""
    state = secrets.token_urlsafe(16)

    async def take(code: str) -> None:
        await take_code(app, shop, code, here.uri)

    page = CallbackPage(address, state, take, name=shop.shop_id, lang=out.lang)
    try:
        async with page.listening() as here, stopped_by_signal() as stop:
            show_link(app, out, shop, here.uri, state)
            out.say("shop.waiting", seconds=f"{wait_s:g}", name=shop.shop_id)
            if await first_of(page.taken(), stop.wait(), app.clock.sleep(wait_s)) == 0:
                return True
    except OSError as error:
        raise Misused("callback", address=address.uri, why=error.strerror) from error
    out.complain(text("cli.shop.nobody_came", out.lang, name=shop.shop_id))
    return False


@shop.command("profile")
@click.argument("name", required=False)
@click.option("--file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--set", "changes", multiple=True)
@opens_app
async def profile(app: App, out: Out, name: str | None, file: Path | None, changes: tuple[str, ...]) -> None:
    one = await choose_shop(app, name)
    before = wanted = await load_profile(app.db, one.shop_id)
    if file is not None:
        wanted = read_profile(file)
    for change in changes:
        wanted = changed(wanted, change)
    if file is not None or changes:
        await app.db.commit([save_profile(one.shop_id, wanted, app.clock.now_us())])
        noted(app, acts.profile_set(one.shop_id, before, wanted))
        out.say("shop.profile_saved", name=one.shop_id)
    out.plain(msgspec.json.format(encode_profile(wanted), indent=2))
    out.data(msgspec.to_builtins(wanted))


def changed(profile: Profile, change: str) -> Profile:
    """Sets one entry of a profile: `province=浙江`, `categories.T恤=50000671`, `price_rule.markup=0.4`; empty removes it."""
    name, equals, value = change.partition("=")
    if not equals:
        raise Misused("no_equals", given=change)
    tree = msgspec.to_builtins(profile)
    *path, last = name.split(".")
    place = tree
    for step in path:
        if not isinstance(place.get(step), dict):
            place[step] = {}
        place = place[step]
    if value:
        place[last] = _typed(value)
    else:
        place.pop(last, None)
    try:
        return msgspec.convert(tree, Profile, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        raise Unreadable(f"--set {change}", "profile", detail=str(error)) from None


def _typed(value: str) -> Any:
    """Reads lists, numbers and truth values as JSON means them; all else is text."""
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value


@shop.command("probe")
@click.argument("name", required=False)
@records
@opens_app
async def probe_(app: App, out: Out, name: str | None) -> int:
    one = await choose_shop(app, name)
    found = await upkeep.probe_now(app.shops, app.client, one, app.clock)
    noted(app, acts.shop_probed(one, found))
    now_us = app.clock.now_us()
    lasts = authorisation(await app.shops.token(one.shop_id), now_us)
    offset_s = None if found.offset_us is None else round(found.offset_us / 1_000_000, 1) + 0.0  # no -0.0
    out.say(
        "shop.probed",
        nick=found.nick or "?",
        allowed=len(found.allowed),
        offset_s="?" if offset_s is None else offset_s,
    )
    say_authorisation(out, lasts)
    for method, error in found.faults:
        out.complain(f"{method}: {error.message(out.lang)} {error.remedy(out.lang)}")
    out.data(
        {
            "nick": found.nick,
            "offset_s": offset_s,
            "allowed": found.allowed,
            "faults": {method: error.message(out.lang) for method, error in found.faults},
            "authorisation": lasts,
        }
    )
    return ENDED_WELL if found.is_well else FAILED


@shop.command("remove")
@click.argument("name")
@click.option("--confirm")
@click.option("--force", is_flag=True)
@opens_app
async def remove(app: App, out: Out, name: str, confirm: str | None, force: bool) -> int:
    one = await choose_shop(app, name)
    if confirm not in (None, name):
        raise Misused("not_confirmed", name=name, given=confirm)
    gone = await (leaving(app, one) if confirm is None else retire(app, one, force=force))
    if confirm is not None:
        noted(app, acts.shop_removed(one))
    say_leaving(out, one, gone, removed=confirm is not None)
    out.data({"shop": name, "removed": confirm is not None, **msgspec.to_builtins(gone)})
    return ENDED_WELL


def say_leaving(out: Out, shop: Shop, gone: Leaving, *, removed: bool) -> None:
    """Says what goes with a shop, or went; and how to go on while it is still there."""
    out.say("shop.removed" if removed else "shop.would_go", name=shop.shop_id)
    out.say("shop.goes", jobs=gone.jobs, lines=gone.lines, looks=len(gone.schedules), app_key=shop.app_key)
    if gone.app_secret:
        out.say("shop.goes_secret", app_key=shop.app_key)
    if not removed:
        if gone.in_doubt:
            out.say("shop.in_doubt", count=gone.in_doubt, name=shop.shop_id)
        out.say("shop.remove_next", name=shop.shop_id)


@shop.command("pause")
@click.argument("name")
@opens_app
async def pause(app: App, out: Out, name: str) -> None:
    one = await choose_shop(app, name)
    await upkeep.pause(app.shops, app.queue, one.shop_id)
    noted(app, acts.shop_paused(one))
    out.say("shop.paused", name=name)
    out.data({"shop": name, "state": ShopState.PAUSED})


@shop.command("resume")
@click.argument("name")
@opens_app
async def resume(app: App, out: Out, name: str) -> None:
    one = await choose_shop(app, name)
    state = await upkeep.resume(app.shops, app.queue, one.shop_id)
    noted(app, acts.shop_resumed(one, state))
    out.say("shop.resumed", name=name)
    out.data({"shop": name, "state": state})
