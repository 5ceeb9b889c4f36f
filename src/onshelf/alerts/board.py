"""Tables and SQL of how alerts stand: lists, counts, histories, silences. What goes out to receivers is in `store.py`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import cast

import msgspec

from onshelf.alerts.rules import Alert, AlertState, Severity
from onshelf.alerts.silence import Scope, Silence
from onshelf.alerts.standing import Acknowledgement, Standing
from onshelf.alerts.store import alert_of, insert
from onshelf.jobs.job import JobState
from onshelf.store.db import Database, Row, Value, Write
from onshelf.store.sql import marks, portions

Place = tuple[int, str]
"""Where a page of alerts begins: time of the last change and fingerprint of the last one shown."""
_STANDING = "alert, acknowledged, silence_id"
_COLUMNS = (
    "fingerprint", "group_key", "state", "changed_us", "alert", "shop_id", "rule", "cause", "severity",
    "standing", "silence_id", "acknowledged",
)  # fmt: skip
_REPLACED = "ON CONFLICT (fingerprint) DO UPDATE SET " + ", ".join(
    f"{column} = excluded.{column}" for column in _COLUMNS[2:]
)
_SCOPE = "fingerprint, shop_id, rule, cause, code_prefix"
_SILENCE = f"silence_id, {_SCOPE}, until_us, why, who, created_us, ended_us, ended_by"


async def turn(db: Database) -> int:
    """Returns the turn that whoever changes how alerts stand must take."""
    ((number,),) = await db.fetch("SELECT turn FROM alert_turn")
    return cast("int", number)


def take(number: int) -> Write:
    """Takes a turn, as a write of the unit it stands for. A Conflict: others have changed alerts since, so read again."""
    return Write("UPDATE alert_turn SET turn = turn + 1 WHERE turn = ?", (number,), 1)


async def standing(db: Database, fingerprints: Sequence[str]) -> dict[str, Standing]:
    """Returns how the named alerts stand; an alert that never fired is absent."""
    found: dict[str, Standing] = {}
    for portion in portions(sorted(set(fingerprints))):
        rows = await db.fetch(
            f"SELECT {_STANDING} FROM alert WHERE fingerprint IN ({marks(portion)})",  # noqa: S608
            portion,
        )
        found |= {one.alert.fingerprint: one for one in map(_standing, rows)}
    return found


async def firing(db: Database) -> list[Standing]:
    """Returns every alert whose cause still stands, oldest first."""
    rows = await db.fetch(
        f"SELECT {_STANDING} FROM alert WHERE state = 'firing' ORDER BY changed_us, fingerprint"  # noqa: S608
    )
    return list(map(_standing, rows))


def keep(kept: Sequence[Standing]) -> list[Write]:
    """Stores how alerts stand after each change, in order. A change kept before is a Conflict."""
    latest = {one.alert.fingerprint: one for one in kept}
    changes = [(one.alert.change_id, one.alert.fingerprint, _json(one.alert)) for one in kept]
    return [
        *insert("alert", _COLUMNS, list(map(_row, latest.values())), _REPLACED),
        *insert("alert_change", ("change_id", "fingerprint", "alert"), changes),
    ]


def end_all(ended: Sequence[Standing]) -> list[Write]:
    """Stores alerts that are over without a change of their own: their history ends with what was last known."""
    return list(insert("alert", _COLUMNS, list(map(_row, ended)), _REPLACED))


def stand(changed: Sequence[Standing]) -> list[Write]:
    """Writes what people have made of alerts; alike ones in one statement."""
    alike: dict[tuple[Value, ...], list[str]] = {}
    for one in changed:
        answered = (one.state, one.silence_id, _acknowledged(one.acknowledged))
        alike.setdefault(answered, []).append(one.alert.fingerprint)
    sql = "UPDATE alert SET standing = ?, silence_id = ?, acknowledged = ? WHERE fingerprint IN"
    return [
        Write(f"{sql} ({marks(portion)})", (*answered, *portion))
        for answered, fingerprints in alike.items()
        for portion in portions(fingerprints)
    ]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts of a list are wanted; None: any."""

    shops: frozenset[str] | None = None
    state: AlertState | None = None
    severity: Severity | None = None
    cause: str | None = None
    since_us: int | None = None  # changed then or later


async def alerts(db: Database, wanted: Wanted, after: Place | None, limit: int) -> list[Standing]:
    """Returns the alerts changed last, newest first. after: the place of the last one seen, None for the first page."""
    if wanted.shops is None:
        return await _page(db, wanted, None, after, limit)
    pages = [await _page(db, wanted, shop, after, limit) for shop in sorted(wanted.shops)]
    return list(islice(merge(*pages, key=place_of, reverse=True), limit))


def place_of(one: Standing) -> Place:
    """Returns where in a list an alert stands."""
    return one.alert.seen_us, one.alert.fingerprint


async def _page(
    db: Database, wanted: Wanted, shop_id: str | None, after: Place | None, limit: int
) -> list[Standing]:
    given: dict[str, Value] = {
        "standing = ?": wanted.state,
        "shop_id = ?": shop_id,
        "severity = ?": wanted.severity,
        "cause = ?": wanted.cause,
        "changed_us >= ?": wanted.since_us,
    }
    where = [condition for condition, value in given.items() if value is not None]
    args = [value for value in given.values() if value is not None]
    if after is not None:
        where.append("(changed_us < ? OR (changed_us = ? AND fingerprint < ?))")
        where.append("changed_us <= ?")  # what an index can begin at
        args += [after[0], after[0], after[1], after[0]]
    only = f"WHERE {' AND '.join(where)}" if where else ""
    rows = await db.fetch(
        f"SELECT {_STANDING} FROM alert {only} ORDER BY changed_us DESC, fingerprint DESC LIMIT ?",  # noqa: S608
        (*args, limit),
    )
    return list(map(_standing, rows))


@dataclass(frozen=True, slots=True)
class Count:
    """How many alerts whose cause stands are alike."""

    shop_id: str
    cause: str
    state: AlertState
    severity: Severity
    count: int


async def counts(db: Database, shops: frozenset[str] | None = None) -> list[Count]:
    """Counts the alerts whose cause stands, silenced and acknowledged ones too. shops: None for all."""
    rows = await db.fetch(
        "SELECT shop_id, cause, standing, severity, COUNT(*) FROM alert WHERE state = 'firing'"
        " GROUP BY shop_id, cause, standing, severity ORDER BY shop_id, cause"
    )
    found = [
        Count(str(shop), str(cause), AlertState(str(state)), Severity(str(severity)), cast("int", count))
        for shop, cause, state, severity, count in rows
    ]
    return [one for one in found if shops is None or one.shop_id in shops]


async def matching(db: Database, scope: Scope) -> list[Standing]:
    """Returns the alerts that fire and fit a scope."""
    named = {"fingerprint": scope.fingerprint, "shop_id": scope.shop_id, "cause": scope.cause}
    where = "".join(f" AND {column} = ?" for column, value in named.items() if value)
    rows = await db.fetch(
        f"SELECT {_STANDING} FROM alert WHERE state = 'firing'{where}",  # noqa: S608
        [value for value in named.values() if value],
    )
    return [one for one in map(_standing, rows) if scope.fits(one.alert)]


async def silenced_by(db: Database, silence_id: str) -> list[Standing]:
    """Returns the alerts whose news a silence holds back, those that have recovered meanwhile too."""
    rows = await db.fetch(f"SELECT {_STANDING} FROM alert WHERE silence_id = ?", (silence_id,))  # noqa: S608
    return list(map(_standing, rows))


async def history(db: Database, fingerprint: str, limit: int = 200) -> list[Alert]:
    """Returns the latest changes of an alert, newest first."""
    rows = await db.fetch(
        "SELECT alert FROM alert_change WHERE fingerprint = ? ORDER BY place DESC LIMIT ?",
        (fingerprint, limit),
    )
    return [alert_of(told) for (told,) in rows]


@dataclass(frozen=True, slots=True)
class Telling:
    """One change of an alert on its way to one receiver."""

    change_id: str
    receiver: str
    held: bool  # a silence holds it back
    delivery_id: str  # empty: it still gathers
    state: JobState | None  # of the delivery
    tried_us: int  # 0: never
    note: str  # what the channel last said against it
    stopped: str  # why the channel takes no messages; empty: it does


async def tellings(db: Database, fingerprint: str, limit: int = 200) -> list[Telling]:
    """Returns who was told of an alert, newest first, and why not."""
    rows = await db.fetch(
        "SELECT n.change_id, n.receiver, n.held, n.delivery_id, d.state, d.tried_us, d.note, c.stopped"
        " FROM notice n JOIN alert_change a ON a.change_id = n.change_id"
        " LEFT JOIN delivery d ON d.delivery_id = n.delivery_id LEFT JOIN channel c ON c.name = n.receiver"
        " WHERE n.fingerprint = ? ORDER BY a.place DESC, n.receiver LIMIT ?",
        (fingerprint, limit),
    )
    return [
        Telling(
            str(change_id),
            str(receiver),
            bool(held),
            str(delivery_id),
            JobState(str(state)) if state else None,
            cast("int", tried_us or 0),
            str(note or ""),
            str(stopped or ""),
        )
        for change_id, receiver, held, delivery_id, state, tried_us, note, stopped in rows
    ]


async def in_force(db: Database) -> list[Silence]:
    """Returns the silences that have not ended, the one that ends first at the front."""
    rows = await db.fetch(
        f"SELECT {_SILENCE} FROM silence WHERE ended_us = 0 ORDER BY until_us, silence_id"  # noqa: S608
    )
    return list(map(_silence, rows))


async def silences(
    db: Database,
    *,
    before: str | None = None,
    in_force: bool | None = None,
    sees: Callable[[Silence], bool] = lambda _: True,
    limit: int,
) -> list[Silence]:
    """Returns silences, ended ones too, the latest first. before: the id of the last one seen; in_force: None for both."""
    only = {None: "", True: " AND ended_us = 0", False: " AND ended_us <> 0"}[in_force]
    found: list[Silence] = []
    while len(found) < limit:
        rows = await db.fetch(
            f"SELECT {_SILENCE} FROM silence WHERE silence_id < ?{only} ORDER BY silence_id DESC LIMIT ?",  # noqa: S608
            (before or "~", limit),
        )
        page = list(map(_silence, rows))
        found += filter(sees, page)
        if len(page) < limit:
            break
        before = page[-1].silence_id
    return found[:limit]


async def silence(db: Database, silence_id: str) -> Silence | None:
    """Returns one silence; None when there is none of this id."""
    rows = await db.fetch(f"SELECT {_SILENCE} FROM silence WHERE silence_id = ?", (silence_id,))  # noqa: S608
    return _silence(rows[0]) if rows else None


def add_silence(one: Silence) -> Write:
    """Stores a silence."""
    s = one.scope
    row = (s.fingerprint, s.shop_id, s.rule, s.cause, s.code_prefix, one.until_us, one.why, one.who)
    return Write(
        f"INSERT INTO silence ({_SILENCE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')",  # noqa: S608
        (one.silence_id, *row, one.created_us),
    )


def end_silence(silence_id: str, *, who: str, now_us: int) -> Write:
    """Marks a silence as ended. Conflict: it has ended already."""
    return Write(
        "UPDATE silence SET ended_us = ?, ended_by = ? WHERE silence_id = ? AND ended_us = 0",
        (now_us, who, silence_id),
        1,
    )


async def heard(db: Database, fingerprints: Iterable[str]) -> list[tuple[str, str, bool, AlertState]]:
    """Returns all news of alerts, of each alert oldest first: (receiver, fingerprint, held, state)."""
    rows: list[Row] = []
    for portion in portions(sorted(fingerprints)):
        rows += await db.fetch(
            "SELECT n.receiver, n.fingerprint, n.held, n.state FROM notice n JOIN alert_change c"  # noqa: S608
            f" ON c.change_id = n.change_id WHERE n.fingerprint IN ({marks(portion)}) ORDER BY c.place",
            portion,
        )
    return [(str(r), str(f), bool(held), AlertState(str(state))) for r, f, held, state in rows]


def _row(one: Standing) -> tuple[Value, ...]:
    a = one.alert
    told = (a.fingerprint, a.group, a.state, a.seen_us, _json(a), a.shop_id, a.rule, a.cause, a.severity)
    return (*told, one.state, one.silence_id, _acknowledged(one.acknowledged))


def _standing(row: Sequence[Value]) -> Standing:
    told, acknowledged, silence_id = row
    known = msgspec.json.decode(str(acknowledged), type=Acknowledgement) if acknowledged else None
    return Standing(alert_of(told), known, str(silence_id))


def _acknowledged(given: Acknowledgement | None) -> str:
    return msgspec.json.encode(given).decode() if given else ""


def _json(alert: Alert) -> str:
    return msgspec.json.encode(alert).decode()


def _silence(row: Sequence[Value]) -> Silence:
    silence_id, fingerprint, shop_id, rule, cause, code_prefix, until_us, why, who, *times, ended_by = row
    created_us, ended_us = (cast("int", at_us) for at_us in times)
    scope = Scope(str(fingerprint), str(shop_id), str(rule), str(cause), str(code_prefix))
    return Silence(
        str(silence_id),
        scope,
        cast("int", until_us),
        str(why),
        str(who),
        created_us,
        ended_us,
        str(ended_by),
    )
