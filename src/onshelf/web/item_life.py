"""The time line of one item: what watching saw, what we did to it, and who was alarmed. Joins what three rooms know."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from onshelf.alerts.board import history
from onshelf.alerts.render import Links, cause_words, state_words
from onshelf.alerts.rules import AlertState
from onshelf.catalog.item import Item
from onshelf.clock import SECOND_US
from onshelf.events import ItemChanged
from onshelf.listing.intent import Intent
from onshelf.listing.store import load_intents
from onshelf.shops.shop import Shop
from onshelf.texts import Lang, text
from onshelf.watch.changes import changes_of_item
from onshelf.wiring import App

RULE = "left_the_shelf"
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to an item."""

    at_us: int
    kind: str  # "change", "sent", "verified", "alert" or "alert_over"
    words: str  # what happened, for people
    note: str = ""  # the evidence, for people
    state: str = ""  # catalog.item.State value after it; "" when it did not change
    job_id: str = ""  # of ours that did it


async def life_of(app: App, item: Item, lang: Lang) -> list[Moment]:
    """Tells the life of an item as far as it is known, newest first; at most 200 changes of it."""
    changes = await changes_of_item(app.db, item.shop_id, item.item_id)
    intents = await load_intents(app.db, item.shop_id, [item.outer_id]) if item.outer_id else {}
    moments = [_change(change, lang) for change in changes]
    for intent in intents.values():
        if intent.item_id == item.item_id:
            moments += _ours(intent, lang)
    return sorted([*moments, *await _alarms(app, item, lang)], key=lambda one: one.at_us, reverse=True)


def page_of_item(shop: Shop, item_id: int, environment: str) -> str:
    """Returns the address of an item's page on the platform: of a sandbox on this machine its own, else Taobao's."""
    gateway = urlsplit(shop.gateway)
    if environment != "production" and gateway.hostname in _HERE:
        return f"{gateway.scheme}://{gateway.netloc}/item.htm?id={item_id}"
    return Links().item.format(item_id=item_id)


def shown_seconds(took_us: int, lang: Lang) -> str:
    """Writes how long something took, in the unit people would say it in."""
    seconds = max(0, took_us) / SECOND_US
    if seconds < 60:
        return text("web.seconds", lang, count=f"{seconds:.1f}")
    if seconds < 3600:
        return text("web.minutes", lang, count=round(seconds / 60))
    return text("web.hours", lang, count=f"{seconds / 3600:.1f}")


def _change(change: ItemChanged, lang: Lang) -> Moment:
    first = not change.old
    words = text(
        "web.item.first_seen" if first else "web.item.changed",
        lang,
        old=state_words(change.old, lang),
        new=state_words(change.new, lang),
        cause=cause_words(change.reason, lang),
    )
    note = text(f"web.evidence.{change.evidence}", lang)
    if not first and not change.ours and change.seen_us > change.happened_us:
        took = shown_seconds(change.seen_us - change.happened_us, lang)
        note = text("web.item.detected", lang, evidence=note, took=took)
    return Moment(change.happened_us, "change", words, note, change.new)


def _ours(intent: Intent, lang: Lang) -> list[Moment]:
    """Tells what the record of our writes knows: the first and the last one, and the read-back."""
    found = []
    if intent.first_sent_us:
        found.append(Moment(intent.first_sent_us, "sent", text("web.item.sent.create", lang)))
    if intent.sent_us and intent.sent_us != intent.first_sent_us:
        words = text(f"web.item.sent.{intent.doing.value}", lang)
        found.append(Moment(intent.sent_us, "sent", words, job_id=intent.job_id))
    if intent.verified_us:
        found.append(Moment(intent.verified_us, "verified", text("web.item.verified", lang)))
    return found


async def _alarms(app: App, item: Item, lang: Lang) -> list[Moment]:
    """Tells when somebody was alarmed and when that was over."""
    found = []
    for alert in await history(app.db, f"{item.shop_id}:{item.item_id}:{RULE}"):
        if alert.state == AlertState.RESOLVED:
            found.append(Moment(alert.seen_us, "alert_over", text("web.item.alert_over", lang)))
        else:
            badge, rule = (
                text(f"alerts.badge.{alert.severity}", lang),
                text(f"alerts.rule.{alert.rule}", lang),
            )
            words = text("web.item.alert", lang, badge=badge, rule=rule)
            found.append(Moment(alert.seen_us, "alert", words))
    return found
