"""What the first page shows: what needs a person, the shops, the day's shelf, work under way. Joins the verbs of the rooms."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from onshelf.alerts import board
from onshelf.alerts.render import cause_words
from onshelf.alerts.rules import AlertState, Severity
from onshelf.catalog.item_list import count_on_sale
from onshelf.catalog.store import count_held
from onshelf.guard.roles import Principal
from onshelf.jobs import lists
from onshelf.jobs.job import JobState
from onshelf.jobs.pace import Progress, progress_of
from onshelf.listing.store import count_questions
from onshelf.shops.quota.outlook import Outlook
from onshelf.shops.shop import Shop, ShopState
from onshelf.shops.standing import Standing, standings
from onshelf.texts import Lang, text
from onshelf.watch.figures import DAY_US, Day, LastLook, day_of, figures_of, last_looks
from onshelf.wiring import App

FAILED_WITHIN_DAYS = 7
SHOWN_JOBS = 5
_FAILED_JOBS = 50  # the latest that are summed
_MOST_NEEDS = 30
_LIVELY = (JobState.RUNNING, JobState.QUEUED, JobState.WAITING, JobState.PAUSED)


@dataclass(frozen=True, slots=True)
class Need:
    """Something a person should see to."""

    kind: str  # "alerts", "authorisation", "undecided", "failed", "held", "channel" or "no_channel"
    bad: bool  # work or sales stand still because of it
    words: str
    link: str  # the page where it is dealt with
    count: int = 1
    shop_id: str = ""  # empty: it is about no shop, or about several


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
    counts = await board.counts(app.db, None if who.shops is None else frozenset(ids))
    unanswered = [one for one in counts if one.state == AlertState.FIRING]
    needs = [
        *_of_alerts(unanswered, lang),
        *_of_authorisations(stand, lang),
        *await _of_products(app, ids, lang),
        *await _of_jobs(app, ids, now_us, lang),
        *await _of_channels(app, lang),
    ]
    return Today(
        needs=tuple(sorted(needs, key=lambda need: not need.bad)[:_MOST_NEEDS]),
        on_sale=await count_on_sale(app.db, ids),
        day=await figures_of(app.db, ids, day_of(now_us)),
        alerts=sum(one.count for one in unanswered),
        shops=tuple(
            ShopToday(one, looks[one.shop.shop_id], quotas[one.shop.app_key].free.today) for one in stand
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


def _of_alerts(counts: Iterable[board.Count], lang: Lang) -> list[Need]:
    """Sums what fires by cause, over shops."""
    by_cause: dict[str, list[board.Count]] = {}
    for one in counts:
        by_cause.setdefault(one.cause, []).append(one)
    found = []
    for cause, several in by_cause.items():
        shops, count = {one.shop_id for one in several}, sum(one.count for one in several)
        shop = next(iter(shops)) if len(shops) == 1 else ""
        where = shop or text("alerts.shops", lang, count=len(shops))
        words = text("web.today.need.alerts", lang, cause=cause_words(cause, lang), count=count, where=where)
        bad = any(one.severity == Severity.CRITICAL for one in several)
        found.append(Need("alerts", bad, words, f"/alerts?cause={quote(cause)}", count, shop))
    return found


def _of_authorisations(stand: Iterable[Standing], lang: Lang) -> list[Need]:
    found = []
    for one in stand:
        shop, until = one.shop, one.authorisation
        days = None if until is None or until.days_left is None else max(0, int(until.days_left))
        if shop.state is ShopState.NEW or until is None:
            why = "new"
        elif until.dead or shop.state is ShopState.EXPIRED or days == 0:
            why = "ended"
        elif until.warn_days is not None:
            why = "ends"
        else:
            continue
        told = {"days": days} if why == "ends" else {}
        words = text(f"web.today.need.authorisation.{why}", lang, shop=shop.shop_id, **told)
        found.append(
            Need("authorisation", why != "ends", words, f"/shops/{quote(shop.shop_id)}", 1, shop.shop_id)
        )
    return found


async def _of_products(app: App, shop_ids: Sequence[str], lang: Lang) -> list[Need]:
    """Tells of products whose outcome a person must settle, and of those a fault holds back."""
    found = []
    for shop_id in shop_ids:
        if count := await count_questions(app.db, shop_id):
            words = text("web.today.need.undecided", lang, shop=shop_id, count=count)
            link = f"/shops/{quote(shop_id)}/undecided"
            found.append(Need("undecided", True, words, link, count, shop_id))
    for shop_id, count in (await count_held(app.db, shop_ids)).items():
        words = text("web.today.need.held", lang, shop=shop_id, count=count)
        found.append(Need("held", False, words, f"/shops/{quote(shop_id)}/products?held=yes", count, shop_id))
    return found


async def _of_jobs(app: App, shop_ids: Sequence[str], now_us: int, lang: Lang) -> list[Need]:
    """Sums the failed lines of a shop's latest jobs; several jobs are led to together."""
    since_us = now_us - FAILED_WITHIN_DAYS * DAY_US
    wanted = lists.Wanted(shop_ids=shop_ids, state=JobState.FAILED, since_us=since_us)
    by_shop: dict[str, list[lists.Listed]] = {}
    for one in await lists.jobs(app.db, wanted, limit=_FAILED_JOBS):
        by_shop.setdefault(one.job.shop_id, []).append(one)
    found = []
    for shop_id, several in by_shop.items():
        count = sum(one.counts[JobState.FAILED] for one in several)
        words = text("web.today.need.failed", lang, shop=shop_id, count=count)
        every = f"/jobs?state=failed&shop={quote(shop_id)}"
        link = every if len(several) > 1 else f"/jobs/{several[0].job.job_id}"
        found.append(Need("failed", False, words, link, count, shop_id))
    return found


async def _of_channels(app: App, lang: Lang) -> list[Need]:
    records = await app.directory.records()
    if not records:
        return [Need("no_channel", False, text("web.today.need.no_channel", lang), "/alerts/channels")]
    return [
        Need(
            "channel", True, text("web.today.need.channel", lang, name=one.route.receiver), "/alerts/channels"
        )
        for one in records
        if one.stopped
    ]
