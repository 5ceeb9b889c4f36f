"""What the API and the console both ask of the alerts room, each for the shops of whoever asks."""

from collections.abc import Mapping

from onshelf import acts
from onshelf.alerts import answer, board
from onshelf.alerts.channels.kind import Receipt
from onshelf.alerts.directory import ChannelRecord
from onshelf.alerts.route import Route, reaches, stays_within
from onshelf.alerts.rules import AlertState
from onshelf.alerts.silence import Scope, Silence
from onshelf.alerts.standing import Standing
from onshelf.errors import DeliveryError, SettingsError
from onshelf.ids import new_id
from onshelf.texts import Lang
from onshelf.web.house import Door
from onshelf.web.problem import Problem


async def alert_of(door: Door, fingerprint: str) -> Standing:
    """Returns an alert. Raises Problem 404, for one of somebody else's shop too."""
    found = (await board.standing(door.app.db, [fingerprint])).get(fingerprint)
    if found is None or not door.who.sees(found.alert.shop_id):
        raise Problem(404, "no_alert", alert=fingerprint[:80])
    return found


async def acknowledge(door: Door, fingerprint: str, note: str) -> Standing:
    """Notes that whoever asks has an alert. Raises Problem 404, and 409 when its cause is over."""
    await alert_of(door, fingerprint)
    try:
        answered = await answer.acknowledge(
            door.app.db, [fingerprint], who=door.who.name, note=note, now_us=door.app.clock.now_us()
        )
    except SettingsError as error:
        raise wrong_field(error) from None
    if not answered:
        raise Problem(409, "alert_over", alert=fingerprint[:80])
    door.acted(acts.alert_acknowledged(fingerprint, note))
    return answered[0]


async def acknowledge_group(door: Door, shop_id: str, cause: str) -> int:
    """Acknowledges the alerts of a shop and cause that nobody has, and returns how many. Raises Problem 404.

    shop_id: empty for any, which only whoever has every shop may ask for.
    """
    if shop_id:
        await door.shop(shop_id)
    elif door.who.shops is not None:
        raise Problem(404, "no_shop", shop="")
    fitting = await board.matching(door.app.db, Scope(shop_id=shop_id, cause=cause))
    free = [one.alert.fingerprint for one in fitting if one.state == AlertState.FIRING]
    answered = await answer.acknowledge(
        door.app.db, free, who=door.who.name, note="", now_us=door.app.clock.now_us()
    )
    door.acted(acts.alerts_acknowledged(shop_id, cause, len(answered)))
    return len(answered)


async def give_back(door: Door, fingerprint: str) -> Standing:
    """Takes an acknowledgement back. Raises Problem 404. Harmless to repeat."""
    before = await alert_of(door, fingerprint)
    after = await answer.give_back(door.app.db, fingerprint)
    door.acted(acts.alert_given_back(fingerprint))
    return after or before


async def begin_silence(door: Door, scope: Scope, until_us: int, why: str) -> tuple[Silence, int]:
    """Begins a silence; returns it and how many alerts it covers. Whoever has some shops only silences those.

    Raises Problem 404 (no such shop or alert) and 422.
    """
    if scope.fingerprint:
        await alert_of(door, scope.fingerprint)
    if scope.shop:
        await door.shop(scope.shop)
    elif door.who.shops is not None:
        raise Problem(422, "silence_shop")
    now_us = door.app.clock.now_us()
    new = Silence(new_id(now_us, door.app.random), scope, until_us, why, door.who.name, now_us)
    try:
        covers = await answer.silence(door.app.db, new)
    except SettingsError as error:
        raise wrong_field(error) from None
    door.acted(acts.silence_begun(new))
    return new, covers


async def end_silence(door: Door, silence_id: str) -> Silence:
    """Ends a silence early. Raises Problem 404, for one that reaches beyond the shops of whoever asks too."""
    found = await board.silence(door.app.db, silence_id)
    if found is None or not ends(door, found):
        raise Problem(404, "no_silence", silence=silence_id[:40])
    now_us = door.app.clock.now_us()
    ended = await answer.end(door.app.db, silence_id, who=door.who.name, now_us=now_us)
    door.acted(acts.silence_ended(found))
    door.app.wakers.alerts.wake()
    return ended or found


def sees(door: Door, silence: Silence) -> bool:
    """Tells whether a silence can concern whoever asks."""
    return not silence.scope.shop or door.who.sees(silence.scope.shop)


def ends(door: Door, silence: Silence) -> bool:
    """Tells whether a silence concerns nobody else's shops."""
    return door.who.shops is None or (bool(silence.scope.shop) and door.who.sees(silence.scope.shop))


async def channels_of(door: Door) -> list[ChannelRecord]:
    """Returns the channels that hear of no other shops than those of whoever asks, by name."""
    return [one for one in await door.app.directory.records() if owns(door, one)]


async def others_of(door: Door) -> list[ChannelRecord]:
    """Returns the channels that hear of shops of whoever asks and of others' too: they are counted to them, never named."""
    records = await door.app.directory.records()
    return [one for one in records if reaches(one.route, door.who.shops) and not owns(door, one)]


async def channel_of(door: Door, name: str) -> ChannelRecord:
    """Returns a channel. Raises Problem 404, for one that hears of other shops too."""
    found = await door.app.directory.find(name)
    if found is None or not owns(door, found):
        raise Problem(404, "no_channel", channel=name[:40])
    return found


async def add_channel(
    door: Door, route: Route, kind: str, config: Mapping[str, str], lang: Lang
) -> ChannelRecord:
    """Adds a channel. Raises SettingsError naming the field."""
    added = await door.app.directory.add(route, kind, config, lang=lang)
    door.acted(acts.channel_added(added))
    return added


async def change_channel(
    door: Door, before: ChannelRecord, route: Route, config: Mapping[str, str], lang: Lang
) -> ChannelRecord:
    """Changes a channel; what `config` does not name stays. Raises SettingsError naming the field."""
    changed = await door.app.directory.change(before, route, config, lang)
    door.acted(acts.channel_changed(before, changed, config))
    return changed


async def remove_channel(door: Door, name: str) -> None:
    """Removes a channel. Raises Problem 404."""
    found = await channel_of(door, name)
    await door.app.directory.remove(name)
    door.acted(acts.channel_removed(found))


async def try_channel(door: Door, name: str) -> Receipt:
    """Sends a test message at once. Raises DeliveryError when the channel does not accept it."""
    try:
        receipt = await door.app.directory.send_test(name)
    except DeliveryError:
        door.acted(acts.channel_tested(name, accepted=False))
        raise
    door.acted(acts.channel_tested(name, accepted=True))
    return receipt


async def resume_channel(door: Door, name: str) -> None:
    """Lets a stopped channel go on. Raises Problem 404. Harmless to repeat."""
    found = await channel_of(door, name)
    await door.app.directory.resume(name)
    door.acted(acts.channel_resumed(found))
    door.app.wakers.alerts.wake()


def owns(door: Door, channel: ChannelRecord) -> bool:
    """Tells whether a channel hears of nobody else's shops."""
    return stays_within(channel.route, door.who.shops)


async def own_shops(door: Door, names: list[str]) -> frozenset[str]:
    """Returns the shops a channel is to hear of; none: all. Raises Problem 404, and 422 where all are not one's own."""
    for name in names:
        await door.shop(name)
    if not names and door.who.shops is not None:
        raise Problem(422, "channel_shops")
    return frozenset(names)


def wrong_field(error: SettingsError) -> Problem:
    """Says which field of a silence or a channel cannot be used, and what was expected."""
    name, expected = error.context["name"], error.context["expected"]
    if name == "scope":
        return Problem(422, "silence_scope")
    if name == "until":
        return Problem(422, "silence_until", expected=expected)
    return Problem(422, "alert_field", field=name, expected=expected)
