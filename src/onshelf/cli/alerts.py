"""`onshelf alerts`: who is told, through which channel, what stands, and what was delivered."""

from dataclasses import asdict
from pathlib import Path

import click

from onshelf import acts
from onshelf.alerts import answer, board, store
from onshelf.alerts.channels import KINDS
from onshelf.alerts.directory import ChannelRecord
from onshelf.alerts.render import beijing, cause_words, scope_words
from onshelf.alerts.route import Route
from onshelf.alerts.rules import Severity
from onshelf.alerts.silence import Scope, Silence, read_until
from onshelf.alerts.standing import Standing
from onshelf.cli.opened import CLI, choose_shop, noted, opens_app
from onshelf.cli.out import Out, moment
from onshelf.cli.wrong import Misused
from onshelf.errors import DeliveryError, SettingsError
from onshelf.ids import new_id
from onshelf.texts import text
from onshelf.wiring import App

"""Who acts here, as the audit log has it."""


@click.group("alerts")
def alerts() -> None: ...


@alerts.command("list")
@opens_app
async def list_(app: App, out: Out) -> None:
    standing = await board.firing(app.db)
    out.table(
        ["alert", "shop", "outer_id", "title", "severity", "state", "cause", "since"],
        [
            (
                one.alert.fingerprint,
                one.alert.shop_id,
                one.alert.outer_id,
                one.alert.title,
                text(f"alerts.badge.{one.alert.severity}", out.lang),
                text(f"alerts.standing.{one.state}", out.lang),
                cause_words(one.alert.cause, out.lang),
                moment(one.alert.since_us),
            )
            for one in standing
        ],
    )
    out.data([told(one) for one in standing])
    if not standing:
        out.say("alerts.none")


def told(one: Standing) -> dict[str, object]:
    """Shows an alert to programs: its facts, and what people have made of it."""
    answered = {"state": one.state, "acknowledged": one.acknowledged, "silence": one.silence_id}
    return {"fingerprint": one.alert.fingerprint, **asdict(one.alert), **answered}


@alerts.command("ack")
@click.argument("fingerprints", metavar="ALERT...", nargs=-1, required=True)
@click.option("--note", default="")
@opens_app
async def ack(app: App, out: Out, fingerprints: tuple[str, ...], note: str) -> None:
    answered = await answer.acknowledge(app.db, fingerprints, who=CLI, note=note, now_us=app.clock.now_us())
    found = {one.alert.fingerprint for one in answered}
    for fingerprint in fingerprints:
        if fingerprint not in found:
            raise Misused("no_firing_alert", alert=fingerprint)
        noted(app, acts.alert_acknowledged(fingerprint, note))
    out.say("alerts.acknowledged", count=len(found))
    out.data([told(one) for one in answered])


@alerts.command("silence")
@click.argument("until")
@click.option("--alert", "fingerprint", default="")
@click.option("--shop", default="")
@click.option("--rule", default="")
@click.option("--cause", default="")
@click.option("--code", "code_prefix", default="")
@click.option("--why", default="")
@opens_app
async def silence(app: App, out: Out, until: str, why: str, shop: str, **scope: str) -> None:
    if shop:
        await choose_shop(app, shop)
    now_us = app.clock.now_us()
    try:
        until_us = read_until(until, now_us)
        new = Silence(new_id(now_us, app.random), Scope(shop_id=shop, **scope), until_us, why, CLI, now_us)
        covered = await answer.silence(app.db, new)
    except SettingsError as error:
        wrong = error.context
        raise Misused("silence_field", field=wrong["name"], expected=wrong["expected"]) from None
    noted(app, acts.silence_begun(new))
    out.say("alerts.silenced", id=new.silence_id, until=beijing(until_us), count=covered)
    out.data({"silence": new.silence_id, "until_us": until_us, "covers": covered})


@alerts.command("silences")
@click.option("--limit", default=50, show_default=True)
@opens_app
async def silences(app: App, out: Out, limit: int) -> None:
    found = await board.silences(app.db, limit=limit)
    out.table(
        ["silence", "scope", "until", "by", "why", "ended"],
        [
            (
                one.silence_id,
                scope_words(one.scope, out.lang),
                moment(one.until_us),
                one.who,
                one.why,
                tried(one.ended_us),
            )
            for one in found
        ],
    )
    out.data(found)
    if not found:
        out.say("alerts.no_silences")


@alerts.command("unsilence")
@click.argument("silence_id", metavar="SILENCE")
@opens_app
async def unsilence(app: App, out: Out, silence_id: str) -> None:
    ended = await answer.end(app.db, silence_id, who=CLI, now_us=app.clock.now_us())
    if ended is None:
        raise Misused("no_silence", silence=silence_id)
    noted(app, acts.silence_ended(ended))
    out.say("alerts.silence_ended", id=silence_id)
    out.data(ended)


@alerts.command("deliveries")
@click.option("--limit", default=50, show_default=True)
@opens_app
async def deliveries(app: App, out: Out, limit: int) -> None:
    sent = await store.deliveries(app.db, limit=limit)
    out.table(
        ["delivery", "channel", "state", "changes", "attempt", "tried", "note"],
        [
            (
                one.delivery_id,
                one.receiver,
                text(f"jobs.state.{one.state}", out.lang),
                one.changes,
                one.attempt,
                tried(one.tried_us),
                one.note,
            )
            for one in sent
        ],
    )
    out.data(sent)
    if not sent:
        out.say("alerts.no_deliveries")


def tried(at_us: int) -> object:
    """Shows when the last try began; nothing when there was none."""
    return moment(at_us) if at_us else None


@alerts.command("channels")
@opens_app
async def channels(app: App, out: Out) -> None:
    records = await app.directory.records()
    out.table(
        ["channel", "kind", "least", "shops", "config", "stopped"],
        [
            (
                one.name,
                one.kind,
                text(f"alerts.badge.{one.route.least}", out.lang),
                "、".join(sorted(one.route.shops)),
                shown(one),
                one.stopped,
            )
            for one in records
        ],
    )
    out.data(records)
    if not records:
        out.say("alerts.no_channels")


def shown(record: ChannelRecord) -> str:
    """Puts a channel's configuration into one cell; secrets show as dots."""
    plain = [f"{name}={value}" for name, value in record.config.items() if value]
    return " ".join([*plain, *(f"{name}=•••" for name in record.secrets)])


async def choose_channel(app: App, name: str) -> ChannelRecord:
    """Returns a channel; says which there are when none has this name."""
    found = await app.directory.find(name)
    if found is None:
        known = [one.name for one in await app.directory.records()]
        raise Misused("unknown_channel", name=name, known="、".join(known) or "—")
    return found


@alerts.command("add")
@click.argument("kind", type=click.Choice(tuple(KINDS)))
@click.argument("name")
@click.argument("config", nargs=-1)
@click.option("--shop", "shops", multiple=True)
@click.option("--least", type=click.Choice([str(one) for one in Severity]), default=str(Severity.WARNING))
@click.option("--no-resolved", is_flag=True)
@click.option("--replace", is_flag=True)
@opens_app
async def add(
    app: App,
    out: Out,
    kind: str,
    name: str,
    config: tuple[str, ...],
    shops: tuple[str, ...],
    least: str,
    no_resolved: bool,
    replace: bool,
) -> None:
    route = Route(name, frozenset(shops), Severity(least), not no_resolved)
    for shop in shops:
        await choose_shop(app, shop)
    given = dict(map(entry, config))
    before = await app.directory.find(name) if replace else None
    try:
        record = await app.directory.add(route, kind, given, lang=out.lang, replace=replace)
    except SettingsError as error:
        wrong = error.context
        raise Misused("channel_field", field=wrong["name"], expected=wrong["expected"]) from None
    noted(app, acts.channel_changed(before, record, given) if before else acts.channel_added(record))
    out.say("alerts.added", name=name, kind=kind, config=shown(record))
    out.data(record)


def entry(given: str) -> tuple[str, str]:
    """Reads `name=value`; `name=@file` takes the value from a file, as secrets should come."""
    name, equals, value = given.partition("=")
    if not equals:
        raise Misused("channel_entry")  # what was given is not repeated: it may be a secret
    if not value.startswith("@"):
        return name, value
    try:
        return name, Path(value[1:]).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Misused("no_at_file", name=name, file=value[1:]) from None


@alerts.command("remove")
@click.argument("name")
@opens_app
async def remove(app: App, out: Out, name: str) -> None:
    found = await choose_channel(app, name)
    await app.directory.remove(name)
    noted(app, acts.channel_removed(found))
    out.say("alerts.removed", name=name)
    out.data({"channel": name, "removed": True})


@alerts.command("test")
@click.argument("name")
@opens_app
async def test(app: App, out: Out, name: str) -> None:
    await choose_channel(app, name)
    try:
        receipt = await app.directory.send_test(name)
    except DeliveryError:
        noted(app, acts.channel_tested(name, accepted=False))
        raise
    noted(app, acts.channel_tested(name, accepted=True))
    out.say("alerts.tested", name=name)
    out.data({"channel": name, "accepted": True, "note": receipt.note})


@alerts.command("resume")
@click.argument("name")
@opens_app
async def resume(app: App, out: Out, name: str) -> None:
    found = await choose_channel(app, name)
    await app.directory.resume(name)
    noted(app, acts.channel_resumed(found))
    out.say("alerts.resumed", name=name)
    out.data({"channel": name, "resumed": True})
