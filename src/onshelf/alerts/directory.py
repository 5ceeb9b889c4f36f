"""The channels of a home: who is told, of what, and how. Their secrets are sealed in the database and never shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import cast

import msgspec

from onshelf.alerts import store
from onshelf.alerts.channels import KINDS
from onshelf.alerts.channels.kind import Channel, Receipt, Tools, check_config
from onshelf.alerts.render import Letter, Links
from onshelf.alerts.route import Route
from onshelf.alerts.rules import Alert, AlertState, Severity
from onshelf.catalog.item import Reason, State
from onshelf.errors import Conflict, SettingsError, expected
from onshelf.guard.vault import Vault
from onshelf.ids import new_id
from onshelf.store.db import Database, Row, Value, Write
from onshelf.texts import Lang, text

_COLUMNS = "name, kind, lang, shops, least, resolved, config, secrets, stopped"
_NAME = re.compile(r"[\w.-]{1,40}")


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """A channel as people see it."""

    name: str
    kind: str
    lang: Lang
    route: Route
    config: Mapping[str, str]  # without secrets
    secrets: tuple[str, ...]  # names of the secret fields that are set
    stopped: str  # why it takes no messages until it is mended; empty: it works


class Directory:
    """Verbs over channels."""

    def __init__(
        self, db: Database, vault: Vault, tools: Tools, random: Random, links: Links | None = None
    ) -> None:
        self._db = db
        self._vault = vault
        self._tools = tools
        self._random = random
        self.links = links or Links()

    def over(self, db: Database) -> "Directory":
        """Returns the same verbs on another database."""
        return Directory(db, self._vault, self._tools, self._random, self.links)

    async def add(
        self,
        route: Route,
        kind: str,
        config: Mapping[str, str],
        *,
        lang: Lang = "zh",
        replace: bool = False,
    ) -> ChannelRecord:
        """Stores the channel `route.receiver`; durable. With `replace` an old one is changed, and goes on if it was stopped.

        A replaced channel keeps the secrets that are not given anew.
        Raises SettingsError naming the field; also for a name that is taken, unless `replace`.
        """
        name = route.receiver
        if not _NAME.fullmatch(name):
            raise SettingsError("name", value=name, expected=expected("channel_name"))
        if kind not in KINDS:
            raise SettingsError("kind", value=kind, origin=name, expected=" | ".join(KINDS))
        old = await self._row(name) if replace else None
        kept = self._secrets(old) if old is not None and old[1] == kind else {}
        checked = check_config(
            name,
            KINDS[kind],
            {**kept, **config},
            production=self._tools.production,
            inside=self._tools.inside,
        )
        secret_names = {field.name for field in KINDS[kind].fields if field.secret}
        secrets = {field: value for field, value in checked.items() if field in secret_names and value}
        shown = {field: value for field, value in checked.items() if field not in secret_names}
        await self._save(route, kind, lang, shown, secrets, replace=old is not None)
        return ChannelRecord(name, kind, lang, route, shown, tuple(sorted(secrets)), "")

    async def find(self, name: str) -> ChannelRecord | None:
        """Returns one channel; None when there is none of this name."""
        row = await self._row(name)
        return None if row is None else self._record(row)

    async def change(
        self, before: ChannelRecord, route: Route, config: Mapping[str, str], lang: Lang
    ) -> ChannelRecord:
        """Changes a channel; durable. What `config` does not name stays; it goes on if it was stopped.

        Raises SettingsError naming the field.
        """
        return await self.add(route, before.kind, {**before.config, **config}, lang=lang, replace=True)

    async def records(self) -> list[ChannelRecord]:
        """Returns every channel by name."""
        rows = await self._db.fetch(f"SELECT {_COLUMNS} FROM channel ORDER BY name")  # noqa: S608
        return [self._record(row) for row in rows]

    async def routes(self) -> tuple[Route, ...]:
        """Returns what each channel wants to hear; needs no secret, so one that cannot be opened stops nobody."""
        rows = await self._db.fetch("SELECT name, shops, least, resolved FROM channel ORDER BY name")
        return tuple(_route(*row) for row in rows)

    async def remove(self, name: str) -> None:
        """Forgets a channel and drops what it was still to be told. Raises SettingsError when there is none."""
        await self._known(name)
        gone = Write("DELETE FROM channel WHERE name = ?", (name,))
        await self._db.commit([gone, *store.cancel(name, self._tools.clock.now_us())])

    async def open(self, name: str) -> tuple[Channel, ChannelRecord]:
        """Builds a channel ready to send. Raises SettingsError when there is none."""
        row = await self._known(name)
        record = self._record(row)
        kind = KINDS[record.kind]
        config = {field.name: field.default or "" for field in kind.fields}
        return kind.build(name, {**config, **record.config, **self._secrets(row)}, self._tools), record

    async def send_test(self, name: str) -> Receipt:
        """Sends a test message through a channel at once; one that was stopped goes on when it is accepted.

        Raises DeliveryError when the channel does not accept it, SettingsError when there is no such channel.
        """
        channel, record = await self.open(name)
        now_us = self._tools.clock.now_us()
        letter = Letter(
            new_id(now_us, self._random),
            now_us,
            (_sample(now_us, record.lang),),
            record.lang,
            self.links,
            test=True,
        )
        receipt = await channel.send(letter)
        if record.stopped:
            await self.resume(name)
        return receipt

    async def resume(self, name: str) -> None:
        """Starts a stopped channel again; what it had refused is sent once more under its old ids."""
        await self._known(name)
        await self._db.commit(store.resume(name, self._tools.clock.now_us()))

    async def _save(
        self,
        route: Route,
        kind: str,
        lang: Lang,
        config: Mapping[str, str],
        secrets: Mapping[str, str],
        *,
        replace: bool,
    ) -> None:
        name, now_us = route.receiver, self._tools.clock.now_us()
        sealed = self._vault.seal(msgspec.json.encode(secrets), _context(name))
        row: tuple[Value, ...] = (
            name,
            kind,
            lang,
            _text(sorted(route.shops)),
            route.least,
            int(route.resolved),
            _text(config),
            sealed,
            now_us,
        )
        insert = Write(
            "INSERT INTO channel (name, kind, lang, shops, least, resolved, config, secrets, changed_us)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        before = [Write("DELETE FROM channel WHERE name = ?", (name,))] if replace else []
        after = store.resume(name, now_us) if replace else []
        try:
            await self._db.commit([*before, insert, *after])
        except Conflict as error:
            raise SettingsError("name", value=name, expected=expected("free_name")) from error

    async def _row(self, name: str) -> Row | None:
        rows = await self._db.fetch(f"SELECT {_COLUMNS} FROM channel WHERE name = ?", (name,))  # noqa: S608
        return rows[0] if rows else None

    async def _known(self, name: str) -> Row:
        row = await self._row(name)
        if row is None:
            names = [
                str(known) for (known,) in await self._db.fetch("SELECT name FROM channel ORDER BY name")
            ]
            raise SettingsError(
                "channel", value=name, expected=" | ".join(names) or expected("a_channel_first")
            )
        return row

    def _record(self, row: Row) -> ChannelRecord:
        name, kind, lang, shops, least, resolved, config, _, stopped = row
        return ChannelRecord(
            name=str(name),
            kind=str(kind),
            lang=cast("Lang", lang),
            route=_route(name, shops, least, resolved),
            config=msgspec.json.decode(cast("str", config), type=dict[str, str]),
            secrets=tuple(sorted(self._secrets(row))),
            stopped=str(stopped),
        )

    def _secrets(self, row: Row) -> dict[str, str]:
        opened = self._vault.open(cast("bytes", row[7]), _context(str(row[0])))
        return msgspec.json.decode(opened, type=dict[str, str])


def _route(name: Value, shops: Value, least: Value, resolved: Value) -> Route:
    wanted = frozenset(msgspec.json.decode(cast("str", shops), type=list[str]))
    return Route(str(name), wanted, Severity(str(least)), bool(resolved))


def _context(name: str) -> str:
    return f"channel/secrets/{name}"


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _sample(now_us: int, lang: Lang) -> Alert:
    return Alert(
        rule="left_the_shelf",
        state=AlertState.FIRING,
        severity=Severity.WARNING,
        shop_id="onshelf",
        item_id=0,
        version=0,
        outer_id="",
        title=text("alerts.test.title", lang),
        old=State.ONSALE,
        new=State.INSTOCK,
        cause=Reason.SOLD_OUT,
        happened_us=now_us,
        seen_us=now_us,
        since_us=now_us,
    )
