"""What the first page shows: what needs a person, the shops, the day's shelf, work under way. Joins the verbs of the rooms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from onshelf.alerts import board
from onshelf.alerts.rules import AlertState
from onshelf.catalog.item_list import count_left, count_on_sale
from onshelf.guard.roles import Principal
from onshelf.jobs import lists
from onshelf.jobs.job import JobState
from onshelf.jobs.pace import Progress, progress_of
from onshelf.shops.quota.outlook import Outlook
from onshelf.shops.shop import Shop
from onshelf.shops.standing import Standing, standings
from onshelf.store import log as event_log
from onshelf.texts import Lang
from onshelf.watch.figures import Day, LastLook, begin_of, day_of, figures_of, last_looks
from onshelf.web import needs
from onshelf.web.needs import Need
from onshelf.wiring import App

SHOWN_JOBS = 5
_MOST_NEEDS = 30
_LIVELY = (JobState.RUNNING, JobState.QUEUED, JobState.WAITING, JobState.PAUSED)


@dataclass(frozen=True, slots=True)
class ShopToday:
    """How one shop stands."""

    standing: Standing
    look: LastLook
    left_today: int | None  # calls; None: no daily limit


@dataclass(frozen=True, slots=True)
class JobToday:
    """A job under way."""

    listed: lists.Listed
    progress: Progress


@dataclass(frozen=True, slots=True)
class Today:
    """The first page as values."""

    needs: tuple[Need, ...]  # the gravest first
    on_sale: int
    day: Day
    left: Mapping[str, int]  # shop -> items that left its shelf today and are still off it, the most first
    alerts: int  # that fire and nobody has answered
    shops: tuple[ShopToday, ...]
    jobs: tuple[JobToday, ...]
    quotas: tuple[Outlook, ...]  # of the apps of these shops


async def today_of(app: App, who: Principal, shops: Sequence[Shop], lang: Lang) -> Today:
    """Gathers the first page for whoever asks, over the shops they see."""
    now_us, ids = app.clock.now_us(), [shop.shop_id for shop in shops]
    stand = await standings(app.shops, app.queue, shops, now_us)
    looks = await last_looks(app.db, ids)
    quotas = {key: await app.outlooks.of(key) for key in dict.fromkeys(shop.app_key for shop in shops)}
    day = day_of(now_us)
    left = {shop_id: n.total() for shop_id, n in (await count_left(app.db, ids, begin_of(day))).items()}
    counts = await board.counts(app.db, None if who.shops is None else frozenset(ids))
    unanswered = [one for one in counts if one.state == AlertState.FIRING]
    found = [  # what stops everything of a shop before what stops some of it
        *needs.of_authorisations(stand, lang),
        *needs.of_looks(stand, looks, app.settings["watch_every_s"], now_us, lang),
        *needs.of_quotas(quotas.values(), now_us, lang),
        *await needs.of_channels(app, who, lang),
        *needs.of_alerts(unanswered, lang),
        *await needs.of_products(app, ids, lang),
        *await needs.of_jobs(app, ids, now_us, lang),
        *needs.of_pauses(stand, lang),
    ]
    return Today(
        needs=tuple(sorted(found, key=lambda need: not need.bad)[:_MOST_NEEDS]),
        on_sale=await count_on_sale(app.db, ids),
        day=await figures_of(app.db, ids, day),
        left=dict(sorted(left.items(), key=lambda one: (-one[1], one[0]))),
        alerts=sum(one.count for one in unanswered),
        shops=tuple(
            ShopToday(one, looks[one.shop.shop_id], quotas[one.shop.app_key].left_today) for one in stand
        ),
        jobs=tuple(await jobs_under_way(app, ids)),
        quotas=tuple(quotas.values()),
    )


async def jobs_under_way(app: App, shop_ids: Sequence[str]) -> list[JobToday]:
    """Lists the jobs that have not ended, the liveliest first, newest before older; at most a handful."""
    found: list[lists.Listed] = []
    for state in _LIVELY:
        if len(found) < SHOWN_JOBS:
            wanted = lists.Wanted(shop_ids=shop_ids, state=state)
            found += await lists.jobs(app.db, wanted, limit=SHOWN_JOBS - len(found))
    return [JobToday(one, progress_of(one.counts)) for one in found]


async def pulse_of(app: App) -> str:
    """Returns a word that changes with every event and whenever a person answers an alert; cheap to ask for again and again."""
    place, turn = await event_log.end(app.db), await board.turn(app.db)
    return f"{place.xid}-{place.id}-{turn}"
