"""What people do with alerts: acknowledge them, silence them for a while, end a silence. Each is one durable unit.

Whoever changes how alerts stand takes a turn (`board.take`), so that no change that comes at the same time is missed.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from onshelf.alerts import board
from onshelf.alerts.rules import AlertState
from onshelf.alerts.silence import Silence, check_silence, covering
from onshelf.alerts.standing import Acknowledgement, Standing, goes_out
from onshelf.errors import Conflict, SettingsError, expected
from onshelf.store.db import Database, Write
from onshelf.store.sql import marks, portions

LONGEST_NOTE = 500
_TURNS = 50  # times others may come first before something is wrong
T = TypeVar("T")


async def acknowledge(
    db: Database, fingerprints: Sequence[str], *, who: str, note: str, now_us: int
) -> list[Standing]:
    """Notes that a person has these alerts, and returns those that fire, as they stand now.

    Who was first stays, and a note given later replaces the earlier one. Raises SettingsError for an endless note.
    """
    if len(note) > LONGEST_NOTE:
        raise SettingsError("note", value=note[:20] + "…", expected=expected("at_most", count=LONGEST_NOTE))

    async def plan() -> tuple[list[Standing], list[Write]]:
        found = (await board.standing(db, fingerprints)).values()
        firing = [one for one in found if one.alert.state == AlertState.FIRING]
        answered = [replace(one, acknowledged=_joined(one, who, note, now_us)) for one in firing]
        return answered, board.stand(answered)

    return await _in_turn(db, plan)


async def give_back(db: Database, fingerprint: str) -> Standing | None:
    """Takes an acknowledgement back, and returns how the alert stands now; None when there is no such alert."""

    async def plan() -> tuple[Standing | None, list[Write]]:
        found = (await board.standing(db, [fingerprint])).get(fingerprint)
        if found is None or found.acknowledged is None:
            return found, []
        free = replace(found, acknowledged=None)
        return free, board.stand([free])

    return await _in_turn(db, plan)


async def silence(db: Database, new: Silence) -> int:
    """Begins a silence; returns how many alerts that fire it covers. News that has not gone out yet is held back.

    A message that is on its way to a channel goes on. Raises SettingsError for a scope or an end that makes no sense.
    """
    check_silence(new.scope, new.until_us, new.why, new.created_us)

    async def plan() -> tuple[int, list[Write]]:
        fitting = await board.matching(db, new.scope)
        others = {one.silence_id: one for one in await board.in_force(db)}
        longer = [one for one in fitting if _covered(one, new, others) == new.silence_id]
        quiet = [replace(one, silence_id=new.silence_id) for one in longer]
        return len(fitting), [board.add_silence(new), *board.stand(quiet), *_hold(quiet)]

    return await _in_turn(db, plan)


async def end(db: Database, silence_id: str, *, who: str, now_us: int) -> Silence | None:
    """Ends a silence; None when there is none. who: empty when its time has come. Harmless to repeat.

    Its alerts go over to another silence that covers them. Of the rest each receiver is told how they stand, unless it knows.
    """

    async def plan() -> tuple[Silence | None, list[Write]]:
        found = await board.silence(db, silence_id)
        if found is None or found.ended_us:
            return found, []
        ended = replace(found, ended_us=now_us, ended_by=who)
        others = [one for one in await board.in_force(db) if one.silence_id != silence_id]
        after = [
            replace(one, silence_id=covering(others, one.alert))
            for one in await board.silenced_by(db, silence_id)
        ]
        heard = [one for one in after if not one.silence_id]
        news = await _let_go(db, heard)
        return ended, [board.end_silence(silence_id, who=who, now_us=now_us), *board.stand(after), *news]

    return await _in_turn(db, plan)


async def _in_turn(db: Database, plan: Callable[[], Awaitable[tuple[T, list[Write]]]]) -> T:
    """Reads, plans and commits until nobody came between. Raises Conflict when somebody always does."""
    for _ in range(_TURNS):
        number = await board.turn(db)
        result, writes = await plan()
        if not writes:
            return result
        try:
            await db.commit([board.take(number), *writes])
        except Conflict:
            continue
        return result
    raise Conflict("alerts: others keep changing them")


def _joined(one: Standing, who: str, note: str, now_us: int) -> Acknowledgement:
    if one.acknowledged is None:
        return Acknowledgement(who, now_us, note)
    return replace(one.acknowledged, note=note or one.acknowledged.note)


def _covered(one: Standing, new: Silence, others: Mapping[str, Silence]) -> str:
    present = [others[one.silence_id]] if one.silence_id in others else []
    return covering([*present, new], one.alert)


def _hold(quiet: Sequence[Standing]) -> list[Write]:
    sql = "UPDATE notice SET held = 1 WHERE delivery_id = '' AND held = 0 AND fingerprint IN"
    fingerprints = [one.alert.fingerprint for one in quiet]
    return [Write(f"{sql} ({marks(portion)})", portion) for portion in portions(fingerprints)]


async def _let_go(db: Database, after: Sequence[Standing]) -> list[Write]:
    """Lets held news go out, or drops it, for each receiver by what it knows."""
    now = {one.alert.fingerprint: one.alert.state for one in after}
    told: dict[tuple[str, str], AlertState] = {}
    held: set[tuple[str, str]] = set()
    for receiver, fingerprint, is_held, state in await board.heard(db, now):
        if is_held:
            held.add((receiver, fingerprint))
        else:
            told[receiver, fingerprint] = state
    writes = []
    for goes in (True, False):
        for receiver in sorted({receiver for receiver, _ in held}):
            chosen = sorted(
                f for r, f in held if r == receiver and goes_out(told.get((r, f)), now[f]) is goes
            )
            sql = "UPDATE notice SET held = 0" if goes else "DELETE FROM notice"
            writes += [
                Write(
                    f"{sql} WHERE receiver = ? AND held = 1 AND fingerprint IN ({marks(portion)})",
                    (receiver, *portion),
                )
                for portion in portions(chosen)
            ]
    return writes
