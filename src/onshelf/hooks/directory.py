"""Verbs over webhooks: add, change, pause, rotate the secret, test, replay. Their secrets are sealed and shown once."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, replace
from random import Random

import msgspec

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import Conflict, SettingsError, expected
from onshelf.events import HookTrouble
from onshelf.guard.vault import Vault
from onshelf.hooks import messages, store
from onshelf.hooks.hook import Hook, HookState, checked_url
from onshelf.hooks.messages import Delivery, New
from onshelf.hooks.told import TEST, TYPES, body, told
from onshelf.ids import new_id
from onshelf.jobs.job import JobState
from onshelf.platforms.transport import ConnectFailed, NoReply, Transport
from onshelf.platforms.webhook import Answered, new_secret, post
from onshelf.store import log
from onshelf.store.db import Database

READER = "hooks"
"""Our place in the event log."""
OVERLAP_S = 24 * 3600.0
"""How long an old secret signs beside the new one."""
_BATCH = 500
_SET_BACK_US = 60 * SECOND_US  # a clock that was set back by less hides no event from a replay


@dataclass(frozen=True, slots=True)
class Tools:
    """What webhooks are reached with."""

    transport: Transport
    clock: Clock
    production: bool  # plain http is refused
    inside: bool = True  # an address may lead into this machine or its network


class _Secret(msgspec.Struct):
    """A secret and how long it signs."""

    secret: str
    until_us: int = 0  # 0: no end


class HookDirectory:
    """Verbs over webhooks. Those that name one raise SettingsError when there is none."""

    def __init__(self, db: Database, vault: Vault, tools: Tools, random: Random) -> None:
        self._db = db
        self._vault = vault
        self.tools = tools
        self._random = random

    def over(self, db: Database) -> "HookDirectory":
        """Returns the same verbs on another database."""
        return HookDirectory(db, self._vault, self.tools, self._random)

    async def add(
        self,
        url: str,
        *,
        types: Collection[str] = (),
        shops: Collection[str] | None = None,
        about: str = "",
        made_by: str,
    ) -> tuple[Hook, str]:
        """Stores a webhook that is told of what happens from now on; returns it and its secret, kept sealed.

        types: empty means all. shops: None means every shop. Raises SettingsError naming the field.
        """
        now_us = self.tools.clock.now_us()
        hook = Hook(
            self._random.randbytes(6).hex(),
            self._checked(url),
            about,
            _types(types),
            None if shops is None else frozenset(shops),
            HookState.ACTIVE,
            "",
            made_by,
            now_us,
        )
        secret = new_secret(self._random)
        sealed = self._seal(hook.hook_id, [_Secret(secret)])
        await self._db.commit([store.add(hook, sealed), log.begin(READER, await log.end(self._db))])
        return hook, secret

    async def hooks(self) -> list[Hook]:
        """Returns every webhook by id."""
        return await store.hooks(self._db)

    async def hook(self, hook_id: str) -> Hook:
        """Returns one webhook."""
        found = await store.hook(self._db, hook_id)
        if found is None:
            raise SettingsError("webhook", value=hook_id[:80], expected=expected("webhook_id"))
        return found

    async def change(
        self,
        old: Hook,
        *,
        url: str | None = None,
        types: Collection[str] | None = None,
        shops: Collection[str] | None = None,
        every_shop: bool = False,
        about: str | None = None,
    ) -> Hook:
        """Changes what is given of a webhook, and nothing else; None leaves it as it is. Returns it as it is then.

        old: as whoever changes it read it, for by its shops it was decided that it may be changed. Messages about shops it hears
        of no more are forgotten, those that wait too. Raises SettingsError naming the field, Conflict when it hears of other
        shops by now, or is gone.
        """
        wish = store.Wish(
            url=None if url is None else self._checked(url),
            types=None if types is None else _types(types),
            shops=None if shops is None else frozenset(shops),
            every_shop=every_shop,
            about=about,
        )
        if wish == store.Wish():
            return old
        new = wish.granted(old)
        narrower = [] if new.shops in (None, old.shops) else [messages.keep_only(old.hook_id, new.shops)]
        rows, *_ = await self._db.commit([store.change(old, wish), *narrower])
        return store.changed(rows) or new  # a rehearsal returns no rows

    async def pause(self, hook_id: str) -> Hook:
        """Tells a webhook nothing until it is resumed; what happens meanwhile is kept. Harmless to repeat."""
        hook = await self.hook(hook_id)
        if hook.state is HookState.ACTIVE:
            await self._db.commit([store.pause(hook_id)])
        return replace(hook, state=HookState.PAUSED) if hook.state is HookState.ACTIVE else hook

    async def resume(self, hook_id: str) -> Hook:
        """Tells a webhook again, first what waits. Harmless to repeat."""
        hook = await self.hook(hook_id)
        if hook.state is HookState.ACTIVE:
            return hook
        now_us = self.tools.clock.now_us()
        writes = [store.resume(hook), messages.release(hook_id)]
        if hook.state in (HookState.STOPPED, HookState.ENDED):
            over = HookTrouble(hook_id, hook.host, "resumed", over=True, at_us=now_us)
            writes.append(log.append(over, now_us))
        await self._db.commit(writes)
        return replace(hook, state=HookState.ACTIVE, why="", misses=0, failing_us=0, rest_until_us=0)

    async def remove(self, hook_id: str) -> None:
        """Forgets a webhook and its messages."""
        await self.hook(hook_id)
        await self._db.commit(store.remove(hook_id))

    async def rotate(self, hook_id: str, *, overlap_s: float = OVERLAP_S) -> str:
        """Makes a new secret and returns it; the one before signs beside it for a while, older ones no more.

        Raises Conflict when somebody else made one at the same moment.
        """
        sealed = await self._sealed(hook_id)
        known = self._opened(hook_id, sealed)
        secret = new_secret(self._random)
        until_us = self.tools.clock.now_us() + round(overlap_s * SECOND_US)
        both = [_Secret(secret), _Secret(known[0].secret, until_us)]
        await self._db.commit([store.put_secrets(hook_id, sealed, self._seal(hook_id, both))])
        return secret

    async def signing(self, hook_id: str) -> str:
        """Returns the secrets that sign now, newest first, blanks between them."""
        now_us = self.tools.clock.now_us()
        known = self._opened(hook_id, await self._sealed(hook_id))
        return " ".join(one.secret for one in known if not one.until_us or one.until_us > now_us)

    async def send(self, hook: Hook, message_id: str, text: str) -> Answered:
        """Sends a message once. Raises ConnectFailed or NoReply."""
        tools = self.tools
        secrets = await self.signing(hook.hook_id)
        return await post(tools.transport, tools.clock, hook.url, secrets, message_id, text.encode())

    async def send_test(self, hook_id: str) -> Delivery:
        """Sends a test at once, to a paused webhook too, and keeps it among the messages; returns what was answered.

        When it is accepted the rest of the webhook ends, and what waits is due.
        """
        hook, now_us = await self.hook(hook_id), self.tools.clock.now_us()
        message_id = f"{hook_id}-test-{new_id(now_us, self._random)}"
        text = body(TEST, now_us, {"webhook": hook_id})
        status, note = 0, ""
        try:
            answered = await self.send(hook, message_id, text)
            status, note = answered.status, "" if answered.accepted else f"HTTP {answered.status}"
        except (ConnectFailed, NoReply) as error:
            note = str(error)
        state = JobState.FAILED if note else JobState.SUCCEEDED
        ended_us = self.tools.clock.now_us()
        test = Delivery(
            0, message_id, hook_id, TEST, "", text, state, now_us, now_us, now_us, 1, now_us, now_us, ended_us,
            status, note,
        )  # fmt: skip
        works = [] if note else [messages.release(hook_id), store.accepted(hook_id, ended_us)]
        await self._db.commit([messages.keep_test(test), *works])
        return test

    async def find_delivery(self, hook_id: str, delivery_id: str) -> Delivery | None:
        """Returns one message of a webhook; None: there is none."""
        return await messages.delivery(self._db, hook_id, delivery_id)

    async def delivery(self, hook_id: str, delivery_id: str) -> Delivery:
        """Returns one message. Raises SettingsError when there is none."""
        found = await self.find_delivery(hook_id, delivery_id)
        if found is None:
            raise SettingsError("delivery", value=delivery_id[:80], expected=expected("delivery_id"))
        return found

    async def deliveries(
        self, hook_id: str, *, state: JobState | None = None, before: int | None = None, limit: int
    ) -> list[Delivery]:
        """Returns messages of a webhook, newest first, those made before the place `before`, of one state when named."""
        return await messages.deliveries(self._db, hook_id, state=state, before=before, limit=limit)

    async def counts(self, hook_id: str, most: int = 10_000) -> dict[JobState, int]:
        """Counts the messages of a webhook by state, each up to `most`."""
        return await messages.counts(self._db, hook_id, most)

    async def replay(self, hook_id: str, delivery_id: str) -> Delivery:
        """Sends a message again, under its id, and ends the rest of its webhook; one that is under way stays as it is."""
        found = await self.delivery(hook_id, delivery_id)
        now_us = self.tools.clock.now_us()
        again = [messages.replay(hook_id, delivery_id, now_us)] if found.at_rest else []
        try:
            await self._db.commit([*again, store.end_rest(hook_id)])
        except Conflict:  # it has got under way meanwhile
            return await self.delivery(hook_id, delivery_id)
        if not again:
            return found
        return replace(
            found, state=JobState.QUEUED, run_at_us=now_us, first_us=0, ended_us=0, note="", anew_after=found.attempt
        )  # fmt: skip

    async def replay_since(self, hook: Hook, since_us: int) -> int:
        """Sends everything again that happened since a time, those before the webhook was made too; ends its rest.

        hook: as whoever asks read it. Repeats carry the ids of the first time. What is under way or about to be stays as it is;
        returns how many are not. Durable batch by batch. Raises Conflict when the webhook hears of other shops by now.
        """
        count = 0
        async for found in self._since(hook, since_us):
            made = messages.post(found, self.tools.clock.now_us(), again=True)
            rows = await self._db.commit([*made, store.unchanged(hook), store.end_rest(hook.hook_id)])
            count += sum(map(len, rows[: len(made)]))
        return count

    async def would_replay(self, hook: Hook, since_us: int) -> int:
        """Returns how many messages `replay_since` would send again as things are."""
        count = 0
        async for found in self._since(hook, since_us):
            count += len(found) - await messages.on_the_way(self._db, [one.delivery_id for one in found])
        return count

    async def _since(self, hook: Hook, since_us: int) -> AsyncIterator[list[New]]:
        place = await log.before(self._db, since_us - _SET_BACK_US)
        while entries := await log.read_from(self._db, place, _BATCH):
            place = entries[-1].cursor
            found = [
                New(hook.hook_id, entry.cursor.id, what, entry.at_us)
                for entry in entries
                if entry.at_us >= since_us and hook.wants((what := told(entry)).type, what.shop_id)
            ]
            if found:
                yield found

    def _checked(self, url: str) -> str:
        return checked_url(url, production=self.tools.production, inside=self.tools.inside)

    async def _sealed(self, hook_id: str) -> bytes:
        sealed = await store.secrets(self._db, hook_id)
        if sealed is None:
            raise SettingsError("webhook", value=hook_id[:80], expected=expected("webhook_id"))
        return sealed

    def _opened(self, hook_id: str, sealed: bytes) -> list[_Secret]:
        return msgspec.json.decode(self._vault.open(sealed, _context(hook_id)), type=list[_Secret])

    def _seal(self, hook_id: str, secrets: list[_Secret]) -> bytes:
        return self._vault.seal(msgspec.json.encode(secrets), _context(hook_id))


def _types(wanted: Collection[str]) -> frozenset[str]:
    unknown = sorted(set(wanted) - set(TYPES))
    if unknown:
        raise SettingsError("types", value=unknown[0][:80], origin="webhook", expected=" | ".join(TYPES))
    return frozenset(wanted)


def _context(hook_id: str) -> str:
    return f"hook/secrets/{hook_id}"
