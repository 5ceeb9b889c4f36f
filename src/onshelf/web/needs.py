"""What needs a person now, in words, each with the page where it is dealt with. Joins what the rooms know."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from onshelf.alerts import board
from onshelf.alerts.render import cause_words
from onshelf.alerts.route import reaches, stays_within
from onshelf.alerts.rules import Severity
from onshelf.catalog.store import count_held
from onshelf.clock import BEIJING, DAY_US, SECOND_US, from_us
from onshelf.guard.roles import Principal
from onshelf.jobs import lists
from onshelf.jobs.job import JobState
from onshelf.listing.store import count_questions
from onshelf.platforms.port import Closure
from onshelf.shops.quota.outlook import Outlook
from onshelf.shops.shop import ShopState
from onshelf.shops.standing import Standing
from onshelf.texts import Lang, text
from onshelf.watch.figures import LastLook
from onshelf.wiring import App

KINDS = (
    "alerts", "authorisation", "paused", "looks", "quota", "undecided", "failed", "held", "channel", "no_channel",
)  # fmt: skip
"""What may need a person; the button of each says `web.today.act.<kind>`."""
FAILED_WITHIN_DAYS = 7
SCARCE = 0.1
"""The part of a day's calls below which what is left is told."""
STALE_ROUNDS, STALE_LEAST_US = 3, 60 * SECOND_US
"""A shop that was not looked at for so many rounds, and this long, is not watched."""
BLIND_WHY = frozenset({
    "quota_exceeded", "not_sent", "unanswered", "service_fault", "permission_refused", "session_expired", "signature_refused",
})  # fmt: skip
"""Codes of errors that have words for why a look saw nothing."""
_TOLD_OTHERWISE = frozenset({"authorisation_ends", "authorisation_ended"})
"""Causes of alerts that are a need of their own, with a page where they are mended."""
_FAILED_JOBS = 50  # the latest that are summed


@dataclass(frozen=True, slots=True)
class Need:
    """Something a person should see to."""

    kind: str  # of `KINDS`
    bad: bool  # work or sales stand still because of it
    words: str
    link: str  # the page where it is dealt with
    count: int = 1
    shop_id: str = ""  # empty: it is about no shop, or about several


def of_alerts(counts: Iterable[board.Count], lang: Lang) -> list[Need]:
    """Sums what fires by cause, over shops; leads to where it is mended when that is one page, else to the alerts."""
    by_cause: dict[str, list[board.Count]] = {}
    for one in counts:
        if one.cause not in _TOLD_OTHERWISE:
            by_cause.setdefault(one.cause, []).append(one)
    found = []
    for cause, several in by_cause.items():
        shops, count = {one.shop_id for one in several}, sum(one.count for one in several)
        shop = next(iter(shops)) if len(shops) == 1 else ""
        where = shop or text("alerts.shops", lang, count=len(shops))
        words = text("web.today.need.alerts", lang, cause=cause_words(cause, lang), count=count, where=where)
        bad = any(one.severity == Severity.CRITICAL for one in several)
        link = f"/alerts?{urlencode({'cause': cause, 'shop': shop} if shop else {'cause': cause})}"
        found.append(Need("alerts", bad, words, link, count, shop))
    return found


def of_authorisations(stand: Iterable[Standing], lang: Lang) -> list[Need]:
    """Tells of shops that are not authorised, or not for long."""
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


def of_pauses(stand: Iterable[Standing], lang: Lang) -> list[Need]:
    """Tells of shops that a person has paused, lest it be forgotten."""
    return [
        Need(
            "paused",
            False,
            text("web.today.need.paused", lang, shop=shop_id),
            f"/shops/{quote(shop_id)}",
            1,
            shop_id,
        )
        for shop_id in (one.shop.shop_id for one in stand if one.shop.state is ShopState.PAUSED)
    ]


def of_looks(
    stand: Iterable[Standing], looks: Mapping[str, LastLook], every_s: float, now_us: int, lang: Lang
) -> list[Need]:
    """Tells of shops at which nobody looks, or whose looks have failed for a whole round."""
    found = []
    for one in stand:
        shop, look = one.shop, looks[one.shop.shop_id]
        dead = one.authorisation is None or one.authorisation.dead
        if shop.state is not ShopState.AUTHORISED or dead:
            continue
        since_us = unseen_since(look, shop.created_us, round(every_s * SECOND_US), now_us)
        if since_us is None:
            continue
        at, minutes = beijing_minute(since_us), (now_us - since_us) // (60 * SECOND_US)
        why = blind_words(look.blind_why, lang)
        words = text("web.today.need.looks", lang, shop=shop.shop_id, at=at, minutes=minutes, why=why)
        page = (
            f"/quota/{quote(shop.app_key)}"
            if look.blind_why == "quota_exceeded"
            else f"/shops/{quote(shop.shop_id)}"
        )
        found.append(Need("looks", True, words, page, 1, shop.shop_id))
    return found


def unseen_since(look: LastLook, created_us: int, every_us: int, now_us: int) -> int | None:
    """Returns since when nobody sees what happens to a shop's shelf; None: somebody does."""
    if look.blind_since_us and now_us - look.blind_since_us >= every_us:
        return look.blind_since_us
    last_us = look.at_us or created_us
    return last_us if now_us - last_us > max(STALE_ROUNDS * every_us, STALE_LEAST_US) else None


def blind_words(code: str, lang: Lang) -> str:
    """Says why looks see nothing; `code`: of the error, empty: nobody looks at all."""
    known = code if code in BLIND_WHY else "other" if code else "nobody"
    return text(f"web.today.blind.{known}", lang)


def beijing_minute(at_us: int) -> str:
    """Writes a moment to the minute."""
    return from_us(at_us).astimezone(BEIJING).strftime("%m-%d %H:%M")


def of_quotas(quotas: Iterable[Outlook], now_us: int, lang: Lang) -> list[Need]:
    """Tells of apps whose calls of the day are gone, or nearly; and of closures that are on."""
    found: list[Need] = []
    shut: dict[str, Closure] = {}
    for one in quotas:
        shut |= {closure.name: closure for closure in one.closures if closure.from_us <= now_us}
        day = one.day
        if day is None or day.left is None or day.left > day.limit.limit * SCARCE:
            continue
        told = {"left": f"{day.left:,}"} if day.left else {}
        why = "scarce" if day.left else "gone"
        words = text(f"web.today.need.quota.{why}", lang, app=one.app_key, **told)
        found.append(Need("quota", not day.left, words, f"/quota/{quote(one.app_key)}"))
    for name, closure in shut.items():
        until = beijing_minute(closure.to_us)
        words = text("web.today.need.quota.closed", lang, name=name, until=until)
        found.append(Need("quota", False, words, "/calendar"))
    return found


async def of_products(app: App, shop_ids: Sequence[str], lang: Lang) -> list[Need]:
    """Tells of products whose outcome a person must settle, and of those a fault holds back."""
    found = []
    for shop_id, count in (await count_questions(app.db, shop_ids)).items():
        words = text("web.today.need.undecided", lang, shop=shop_id, count=count)
        found.append(Need("undecided", True, words, f"/shops/{quote(shop_id)}/undecided", count, shop_id))
    for shop_id, count in (await count_held(app.db, shop_ids)).items():
        words = text("web.today.need.held", lang, shop=shop_id, count=count)
        found.append(Need("held", False, words, f"/shops/{quote(shop_id)}/products?held=yes", count, shop_id))
    return found


async def of_jobs(app: App, shop_ids: Sequence[str], now_us: int, lang: Lang) -> list[Need]:
    """Sums what failed in a shop's latest jobs and has not succeeded since; several jobs are led to together."""
    since_us = now_us - FAILED_WITHIN_DAYS * DAY_US
    wanted = lists.Wanted(shop_ids=shop_ids, state=JobState.FAILED, since_us=since_us)
    latest = [one.job.job_id for one in await lists.jobs(app.db, wanted, limit=_FAILED_JOBS)]
    found = []
    for one in await lists.left_failed(app.db, latest, since_us=since_us):
        words = text("web.today.need.failed", lang, shop=one.shop_id, count=one.count)
        every = f"/jobs?state=failed&shop={quote(one.shop_id)}"
        link = every if one.jobs > 1 else f"/jobs/{one.job_id}"
        found.append(Need("failed", False, words, link, one.count, one.shop_id))
    return found


async def of_channels(app: App, who: Principal, lang: Lang) -> list[Need]:
    """Tells of channels that have stopped, and that none hears of these shops; those that hear of others' too are not named."""
    records = [one for one in await app.directory.records() if reaches(one.route, who.shops)]
    if not records:
        return [Need("no_channel", False, text("web.today.need.no_channel", lang), "/alerts/channels")]
    stopped = [one.route for one in records if one.stopped]
    own = [route.receiver for route in stopped if stays_within(route, who.shops)]
    found = [
        Need(
            "channel",
            True,
            text("web.today.need.channel", lang, name=name),
            f"/alerts/channels/{quote(name)}",
        )
        for name in own
    ]
    if others := len(stopped) - len(own):
        words = text("web.alerts.others_stopped", lang, count=others)
        found.append(Need("channel", True, words, "/alerts/channels", others))
    return found
