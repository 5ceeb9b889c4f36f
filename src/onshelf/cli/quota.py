"""`onshelf quota`: what may be called now and what that means for people; what an app is permitted; the calendar of closures."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from onshelf import acts
from onshelf.cli.opened import choose_shop, noted, opens_app, rest, stopped_by_signal
from onshelf.cli.out import Out, cell, moment
from onshelf.cli.wrong import Misused
from onshelf.clock import BEIJING, to_us
from onshelf.platforms.forecast import DAY_S, products_of
from onshelf.platforms.port import Closure
from onshelf.platforms.quota import Limit
from onshelf.shops.quota import calendar, permits
from onshelf.shops.quota.outlook import Origin, Window
from onshelf.shops.quota.permits import Permit, Source
from onshelf.watch.plan import detection_s, tell_detection
from onshelf.wiring import App, pace
from onshelf.working import expected_lanes

WATCH_EVERY_S = 2.0
SHOPS_SHOWN = 2
WINDOWS_S = {"second": 1.0, "minute": 60.0, "day": DAY_S}
TIMES = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")


class Defaulted(click.Group):
    """A group that means its first command when none is named."""

    @property
    def default(self) -> str:
        return next(iter(self.commands))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else [self.default, *args])


@click.group("quota", cls=Defaulted)
def quota() -> None: ...


@quota.command("show")
@click.option("--watch", is_flag=True)
@opens_app
async def show(app: App, out: Out, watch: bool) -> None:
    async with stopped_by_signal() as stop:
        while not stop.is_set():
            if watch and not out.as_json and out.console.is_terminal:
                out.console.clear()
            await show_once(app, out)
            if not watch:
                break
            await rest(app, stop, WATCH_EVERY_S)


async def show_once(app: App, out: Out) -> None:
    """Shows how each app stands now, as the record of calls tells."""
    told = [await standing(app, app_key, shops) for app_key, shops in (await shops_by_app(app)).items()]
    out.table(
        ["app_key", "shops", "what", "limit", "used_24h", "left_today"],
        [row for one in told for row in limit_rows(out, one)],
        right=("limit", "used_24h", "left_today"),
    )
    for one in told:
        say_meaning(app, out, one)
    for closure in await calendar.closures(app.db, app.clock.now_us()):
        say_closure(out, closure)
    out.data([{**one, "shop": shop} for one in told for shop in one["shops"]])


async def standing(app: App, app_key: str, shops: Sequence[str]) -> dict[str, Any]:
    """Gives the quota of one app for programs."""
    found = await app.outlooks.of(app_key, await expected_lanes(app))
    free = found.free
    return {
        "app_key": app_key,
        "shops": shops,
        "limits": [limit_data(one.limit) for one in found.windows if one.limit.limit],
        "used_24h": found.used_24h,
        "used_1h": found.used_1h,
        "day_lasts_until": optional_moment(found.until_us),
        "per_day": free.per_day,
        "left_today": free.today,
        "per_second": None if math.isinf(free.per_second) else round(free.per_second, 3),
        "products_today": None if free.today is None else products_of(free.today),
        "products_per_day": None if free.per_day is None else products_of(free.per_day),
        "detection_s": round(detection_s(pace(app.settings), free.per_day), 1),
        "told": [told_data(one) for one in found.windows if one.origin is not Origin.DEFAULT],
    }


def limit_rows(out: Out, one: dict[str, Any]) -> list[tuple[object, ...]]:
    """Gives a row for each limit of an app; its shops and the day's use stand in the first."""
    limits = [(scope_word(out, limit["scope"]), limit_words(out, limit)) for limit in one["limits"]]
    shops = "、".join(one["shops"][:SHOPS_SHOWN]) + (" …" if len(one["shops"]) > SHOPS_SHOWN else "")
    app, used = (one["app_key"], shops), (one["used_24h"], one["left_today"])
    (what, limit), *more = limits or [("", out.word("quota", "unlimited"))]
    return [(*app, what, limit, *used), *(("", "", *words, "", "") for words in more)]


def limit_words(out: Out, limit: dict[str, Any]) -> str:
    """Says a limit as people do: calls a day, a minute, a second, or in so many seconds."""
    per = next((name for name, window_s in WINDOWS_S.items() if window_s == limit["window_s"]), "")
    window = out.word("per", per) if per else f"{limit['window_s']:g} s"
    return f"{limit['calls']:,} / {window}"


def scope_word(out: Out, scope: str) -> str:
    """Names a scope for people; a method's name stands for itself."""
    kind, _, name = scope.partition(":")
    return name if kind == "method" else out.word("scope", name or kind)


def limit_data(limit: Limit) -> dict[str, object]:
    """Gives a limit for programs."""
    return {"scope": limit.scope, "calls": limit.limit, "window_s": limit.window_s}


def say_meaning(app: App, out: Out, one: dict[str, Any]) -> None:
    """Puts the figures of one app into sentences."""
    if one["per_day"] is not None:
        out.say(
            "quota.day",
            app_key=one["app_key"],
            calls=f"{one['per_day']:,}",
            products=f"{one['products_per_day']:,}",
            left=f"{one['left_today']:,}",
            now=f"{one['products_today']:,}",
        )
    if one["day_lasts_until"] is not None:
        out.say("quota.lasts", per_hour=f"{one['used_1h']:,}", until=cell(one["day_lasts_until"]))
    out.plain(tell_detection(pace(app.settings), one["per_day"], out.lang))
    for told in one["told"]:
        if told["source"] == Origin.LEARNED:
            what, limit = scope_word(out, told["scope"]), limit_words(out, told)
            out.say("quota.learned", what=what, limit=limit, at=cell(told["at"]))


async def shops_by_app(app: App) -> dict[str, list[str]]:
    """Names the shops of each app."""
    found: dict[str, list[str]] = {}
    for shop in await app.shops.list():
        found.setdefault(shop.app_key, []).append(shop.shop_id)
    return found


@quota.command("permit")
@click.argument("calls", type=click.IntRange(min=0), required=False)
@click.option("--per", type=click.Choice(list(WINDOWS_S)), default="day", show_default=True)
@click.option("--method", default="")
@click.option("--shop")
@click.option("--forget", is_flag=True)
@opens_app
async def permit(
    app: App, out: Out, calls: int | None, per: str, method: str, shop: str | None, forget: bool
) -> None:
    if (calls is None) != forget:
        raise Misused("permit")
    app_key = (await choose_shop(app, shop)).app_key
    limit = Limit(calls or 0, WINDOWS_S[per], f"method:{method}" if method else "app")
    told = Permit(app_key, limit, Source.TOLD, app.clock.now_us())
    write = permits.forget(app_key, limit.scope, limit.window_s) if forget else permits.put(told)
    before = await permits.permits(app.db, app_key)
    await app.db.commit([write])
    noted(app, acts.quota_permitted(app_key, before, await permits.permits(app.db, app_key)))
    words = {"what": scope_word(out, limit.scope), "limit": limit_words(out, limit_data(limit))}
    out.say("quota.forgotten" if forget else "quota.permitted", app_key=app_key, **words)
    out.data({**permit_data(told), "app_key": app_key, "forgotten": forget})


@quota.group("calendar", cls=Defaulted)
def calendar_() -> None: ...


@calendar_.command("list")
@opens_app
async def list_(app: App, out: Out) -> None:
    kept = await calendar.closures(app.db)
    out.table(
        ["name", "from", "to", "methods", "per_minute"],
        [
            (one.name, moment(one.from_us), moment(one.to_us), ", ".join(one.methods), one.per_minute)
            for one in kept
        ],
        right=("per_minute",),
    )
    out.data([closure_data(one) for one in kept])
    if not kept:
        out.say("quota.no_closure")


@calendar_.command("add")
@click.argument("name")
@click.option("--from", "begins", required=True, type=click.DateTime(TIMES))
@click.option("--to", "ends", required=True, type=click.DateTime(TIMES))
@click.option("--method", "methods", multiple=True, required=True)
@click.option("--per-minute", "per_minute", type=click.IntRange(min=0), default=0, show_default=True)
@opens_app
async def add(
    app: App,
    out: Out,
    name: str,
    begins: datetime,
    ends: datetime,
    methods: tuple[str, ...],
    per_minute: int,
) -> None:
    from_us, to_us_ = (to_us(one.replace(tzinfo=BEIJING)) for one in (begins, ends))
    if to_us_ <= from_us:
        raise Misused("closure_ends", name=name)
    closure = Closure(name, from_us, to_us_, methods, per_minute)
    before = await calendar.find(app.db, name)
    await app.db.commit([calendar.put(closure)])
    noted(app, acts.closure_put(before, closure))
    say_closure(out, closure)
    out.data(closure_data(closure))


@calendar_.command("remove")
@click.argument("name")
@opens_app
async def remove(app: App, out: Out, name: str) -> None:
    before = await calendar.find(app.db, name)
    if before is None:
        known = "、".join(one.name for one in await calendar.closures(app.db)) or "—"
        raise Misused("no_closure", name=name, known=known)
    await app.db.commit([calendar.remove(name)])
    noted(app, acts.closure_removed(before))
    out.say("quota.closure_removed", name=name)
    out.data({"removed": name})


def say_closure(out: Out, closure: Closure) -> None:
    """Tells of a closure in a sentence; times are Beijing's."""
    out.say(
        "quota.slowed" if closure.per_minute else "quota.shut",
        name=closure.name,
        begins=cell(moment(closure.from_us)),
        ends=cell(moment(closure.to_us)),
        methods=", ".join(closure.methods),
        calls=closure.per_minute,
    )


def closure_data(closure: Closure) -> dict[str, object]:
    """Gives a closure for programs."""
    return {
        "name": closure.name,
        "from": moment(closure.from_us),
        "to": moment(closure.to_us),
        "methods": list(closure.methods),
        "per_minute": closure.per_minute,
    }


def told_data(one: Window) -> dict[str, object]:
    """Gives a limit that was told or learned for programs."""
    return {**limit_data(one.limit), "source": one.origin, "at": optional_moment(one.at_us)}


def permit_data(one: Permit) -> dict[str, object]:
    """Gives what was told or learned for programs."""
    return {
        **limit_data(one.limit),
        "source": one.source,
        "at": moment(one.at_us),
    }


def optional_moment(us: int | None) -> datetime | None:
    """Turns stored microseconds into a time to show; None stays None."""
    return None if us is None else moment(us)
