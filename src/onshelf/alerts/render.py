"""Turns the changes of a message into words: one digest, in Chinese or English, that each channel lays out its way. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from onshelf.alerts.mending import mend_of
from onshelf.alerts.rules import RANK, RULES, SHOP_CAUSES, Alert, AlertState, Severity
from onshelf.alerts.silence import Scope
from onshelf.catalog.item import Reason, State
from onshelf.clock import BEIJING, SECOND_US, from_us
from onshelf.texts import Lang, text

TOP = 10  # items named one by one in a message for people
_TITLE_CHARS = 60  # a title in a list
_SUBJECT_TITLE_CHARS = 24


@dataclass(frozen=True, slots=True)
class Links:
    """Where a message leads. `office` is the seller's back office; both may be set for another region or platform.

    `console`: the service's public address, without a slash at its end; empty: it has none, and none is told.
    """

    item: str = "https://item.taobao.com/item.htm?id={item_id}"
    office: str = "https://myseller.taobao.com/home.htm/SellManage/all"
    console: str = ""

    def of(self, alert: Alert) -> str:
        """Returns the page where an alert is dealt with: the item's own, else the console's, else the back office."""
        if alert.item_id:
            return self.item.format(item_id=alert.item_id)
        mend = mend_of(alert.cause, alert.shop_id, outer_id=alert.outer_id)
        return self.console + mend.path if self.console else self.office


@dataclass(frozen=True, slots=True)
class Letter:
    """One message before it is put into words."""

    delivery_id: str  # the same at every try; the receiver tells a repeat by it
    created_us: int
    alerts: tuple[Alert, ...]  # every change, oldest first; an item may occur more than once
    lang: Lang
    links: Links = Links()
    only: tuple[str, ...] = ()  # recipients still to be reached; empty: all
    test: bool = False

    @property
    def short_id(self) -> str:
        """The part of the delivery id people can compare by eye."""
        return self.delivery_id[-8:].upper()


@dataclass(frozen=True, slots=True)
class Entry:
    """One item in words."""

    title: str
    code: str  # the seller's own code, or a dash
    item_id: int  # 0: it is about the shop
    shop: str
    url: str
    change: str  # from → to (cause)
    happened: str  # Beijing time
    seen: str
    remedy: str
    badge: str  # severity or recovery in words
    firing: bool
    loud: bool


@dataclass(frozen=True, slots=True)
class Digest:
    """A whole message in words, plain text; each channel escapes it for its own markup."""

    subject: str  # one line
    summary: str  # how many, by cause
    entries: tuple[Entry, ...]  # the gravest first
    more: str  # how many are not named; empty when all are
    office: str  # words of the link
    office_url: str
    footer: str
    colour: str  # "#rrggbb" of the gravest entry


def digest(letter: Letter, top: int = TOP) -> Digest:
    """Puts a letter into words, naming at most `top` items, each once, as it now stands."""
    alerts = latest(letter.alerts)
    named = alerts[:top]
    firing = [alert for alert in alerts if alert.state == AlertState.FIRING]
    subject = text("alerts.test.subject", letter.lang) if letter.test else _subject(alerts, letter.lang)
    summary = text("alerts.test.summary", letter.lang) if letter.test else _summary(alerts, letter.lang)
    return Digest(
        subject=one_line(subject),
        summary=summary,
        entries=tuple(_entry(alert, letter) for alert in named),
        more=text("alerts.more", letter.lang, count=len(alerts) - len(named)) if alerts[top:] else "",
        office=text("alerts.office", letter.lang),
        office_url=letter.links.office,
        footer=text("alerts.footer", letter.lang, id=letter.short_id),
        colour=_COLOURS[firing[0].severity] if firing else _RECOVERED,
    )


def latest(alerts: Iterable[Alert]) -> list[Alert]:
    """Returns each alert once, as it last stood: firing before resolved, the loud ones first, then oldest first."""
    last = {alert.fingerprint: alert for alert in alerts}
    return sorted(last.values(), key=lambda a: (a.state != AlertState.FIRING, -RANK[a.severity], a.seen_us))


def cause_words(cause: str, lang: Lang) -> str:
    """Names a cause; one this version does not know counts as unknown."""
    return text(f"alerts.cause.{_known(cause)}", lang)


def scope_words(scope: Scope, lang: Lang) -> str:
    """Says which alerts a silence keeps quiet."""
    named = {
        "alert": _named(scope.fingerprint, lang),
        "shop": scope.shop_id,
        "rule": text(f"alerts.rule.{scope.rule}", lang) if scope.rule in RULES else scope.rule,
        "cause": cause_words(scope.cause, lang) if scope.cause else "",
        "code": scope.code_prefix,
    }
    parts = [text(f"alerts.scope.{name}", lang, value=value) for name, value in named.items() if value]
    return text("alerts.comma", lang).join(parts)


def _named(fingerprint: str, lang: Lang) -> str:
    """Names one alert as people do, by what its fingerprint is made of: shop, item or code if any, rule."""
    shop_id, _, rest = fingerprint.partition(":")
    about, _, rule = rest.rpartition(":")
    what = " ".join(part for part in (shop_id, about.removeprefix("0").removeprefix(".")) if part)
    return f"{what} · {text(f'alerts.rule.{rule}', lang)}" if rule in RULES else fingerprint


def cause_remedy(cause: str, lang: Lang) -> str:
    """Says what to do about a cause."""
    return text(f"alerts.remedy.{_known(cause)}", lang)


def remedy_words(alert: Alert, lang: Lang) -> str:
    """Says what to do about an alert as it stands."""
    return cause_remedy(alert.cause, lang) if alert.state == AlertState.FIRING else _after(alert, lang)


def state_words(state: str, lang: Lang) -> str:
    """Names a state of an item; one this version does not know stands as it is, none as a dash."""
    return text(f"alerts.state.{state}", lang) if state in set(State) else state or "—"


def one_line(words: str) -> str:
    """Drops every control character, line ends among them: a title must not write headers of its own."""
    return "".join(" " if c.isspace() else c for c in words if c.isprintable() or c.isspace()).strip()


def beijing(at_us: int) -> str:
    """Writes a moment in the platform's own time."""
    return from_us(at_us).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


HOUSE = "onshelf"
"""Stands where a shop's name does, for what is about no shop."""
_COLOURS = {Severity.CRITICAL: "#c62828", Severity.WARNING: "#b26a00"}
_RECOVERED = "#2e7d32"


def _subject(alerts: Sequence[Alert], lang: Lang) -> str:
    firing = [alert for alert in alerts if alert.state == AlertState.FIRING]
    news = firing or alerts
    shops = sorted({alert.shop_id for alert in news})
    shop = (shops[0] or HOUSE) if len(shops) == 1 else text("alerts.shops", lang, count=len(shops))
    badge = _badge(news[0], lang)
    if len(news) > 1:
        about = "shop" if news[0].cause in SHOP_CAUSES else "firing" if firing else "resolved"
        return text(f"alerts.subject.{about}", lang, badge=badge, count=len(news), shop=shop)
    cause = cause_words(news[0].cause, lang) if firing else text("alerts.recovered", lang)
    title = _title(news[0], lang, _SUBJECT_TITLE_CHARS)
    return text("alerts.subject.one", lang, badge=badge, cause=cause, title=title, shop=shop)


def _summary(alerts: Sequence[Alert], lang: Lang) -> str:
    """Counts by cause: "3 off the shelf: violation 2, sold out 1; 1 back on sale"."""
    causes = Counter(_known(alert.cause) for alert in alerts if alert.state == AlertState.FIRING)
    recovered = len(alerts) - causes.total()
    parts = []
    if causes:
        counted = [f"{cause_words(cause, lang)} {count}" for cause, count in causes.most_common()]
        joined = text("alerts.comma", lang).join(counted)
        about = "shop" if SHOP_CAUSES & causes.keys() else "firing"
        parts.append(text(f"alerts.summary.{about}", lang, count=causes.total(), causes=joined))
    if recovered:
        parts.append(text("alerts.summary.resolved", lang, count=recovered))
    return text("alerts.semicolon", lang).join(parts)


def _entry(alert: Alert, letter: Letter) -> Entry:
    lang = letter.lang
    firing = alert.state == AlertState.FIRING
    return Entry(
        title=_title(alert, lang, _TITLE_CHARS),
        code=one_line(alert.outer_id) or "—",
        item_id=alert.item_id,
        shop=one_line(alert.shop_id) or HOUSE,
        url=letter.links.of(alert),
        change=_change(alert, lang),
        happened=beijing(alert.happened_us),
        seen=beijing(alert.seen_us),
        remedy=_remedy(alert, lang),
        badge=_badge(alert, lang),
        firing=firing,
        loud=alert.severity == Severity.CRITICAL,
    )


def _remedy(alert: Alert, lang: Lang) -> str:
    """Says what to do, and how from the console and from the terminal: a message is read far from either."""
    if alert.state != AlertState.FIRING or alert.cause not in SHOP_CAUSES or not alert.shop_id:
        return remedy_words(alert, lang)
    how = text(f"alerts.how.{alert.cause}", lang, shop=one_line(alert.shop_id))
    return f"{remedy_words(alert, lang)} {how}"


def _change(alert: Alert, lang: Lang) -> str:
    cause = cause_words(alert.cause, lang)
    if alert.cause in SHOP_CAUSES:
        return cause
    states = {"old": state_words(alert.old, lang), "new": state_words(alert.new, lang)}
    return text("alerts.change", lang, cause=cause, **states)


def _title(alert: Alert, lang: Lang, most: int) -> str:
    """Names what an alert is about; of a shop that is the fact itself, else the shop."""
    untitled = one_line(alert.shop_id) if alert.cause in SHOP_CAUSES else text("alerts.untitled", lang)
    return _cut(alert.title, most) or untitled


def _after(alert: Alert, lang: Lang) -> str:
    minutes = max(0, alert.happened_us - alert.since_us) / (60 * SECOND_US)
    return text("alerts.remedy.resolved", lang, minutes=f"{minutes:.1f}")


def _badge(alert: Alert, lang: Lang) -> str:
    known = alert.severity if alert.state == AlertState.FIRING else AlertState.RESOLVED
    return text(f"alerts.badge.{known}", lang)


def _known(cause: str) -> str:
    return cause if cause in {*Reason, *SHOP_CAUSES} else Reason.UNKNOWN.value


def _cut(words: str, most: int) -> str:
    line = one_line(words)
    return line if len(line) <= most else line[: most - 1] + "…"
