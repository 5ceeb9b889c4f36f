"""Puts a picture into the shop's picture space once, whatever happens on the way, and tells its path there.

Its content hash begins its title, so that an unanswered upload can be looked up by it. Lines of several batches that
show the same picture take turns; the first one uploads it.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from weakref import WeakValueDictionary

from msgspec.structs import replace

from onshelf.clock import Clock
from onshelf.errors import NotSent, Refused, Unanswered
from onshelf.listing.decide import Timing
from onshelf.listing.store import PictureState, StoredPicture, save_picture
from onshelf.listing.together import Together
from onshelf.platforms.port import Picture, Pictures, Send

_HASH_DIGITS = 32
_TITLE_CHARACTERS = 50
"""Source: the platform cuts picture titles there (never-twice, point 10)."""


class PictureWaits(Exception):
    """An upload is unanswered: not before `at_us` can be told whether it was done."""

    def __init__(self, at_us: int) -> None:
        super().__init__(at_us)
        self.at_us = at_us


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture's bytes, read once."""

    source: str
    hash: str
    content: bytes


@dataclass(slots=True, weakref_slot=True)
class _Slot:
    """One picture of one shop while any batch uses it."""

    record: StoredPicture
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


def read_files(sources: Iterable[str]) -> dict[str, PictureFile | OSError]:
    """Reads and hashes files; blocks, so it belongs into a thread."""
    read: dict[str, PictureFile | OSError] = {}
    for source in sources:
        try:
            content = Path(source).read_bytes()
        except OSError as error:
            read[source] = error
        else:
            read[source] = PictureFile(source, sha256(content).hexdigest()[:_HASH_DIGITS], content)
    return read


def hash_files(sources: Iterable[str]) -> dict[str, str]:
    """Hashes files one by one without keeping them; those that cannot be read are absent. Blocks, like `read_files`."""
    found: dict[str, str] = {}
    for source in sources:
        file = read_files([source])[source]
        if isinstance(file, PictureFile):
            found[source] = file.hash
    return found


class PictureSpace:
    """The picture spaces of all shops, as this process sees them."""

    def __init__(self, db: Together, clock: Clock, timing: Timing) -> None:
        self._db = db
        self._clock = clock
        self._timing = timing
        self._slots: WeakValueDictionary[tuple[str, str], _Slot] = WeakValueDictionary()

    async def path(
        self,
        port: Pictures,
        file: PictureFile,
        known: StoredPicture,
        *,
        not_after_us: int,
        wire: Callable[[bool], None],
    ) -> str:
        """Returns the picture's path in the picture space, uploading it when it is surely not there.

        `wire` is told when an upload begins and when it has ended. The fence is the record's own version: of two
        workers only one can mark an upload as sent.
        Raises: PictureWaits, Conflict (another worker was faster), and what the upload raises.
        """
        slot = self._slots.setdefault((known.shop_id, known.hash), _Slot(known))
        async with slot.turn:
            if slot.record.version < known.version:
                slot.record = known
            if slot.record.state is PictureState.SENDING:
                await self._look(port, slot)
            if slot.record.state is PictureState.ABSENT:
                await self._upload(port, file, slot, not_after_us, wire)
            return slot.record.path

    async def _look(self, port: Pictures, slot: _Slot) -> None:
        """Looks for an unanswered upload; absent after enough spaced looks means it may be repeated."""
        record = slot.record
        now_us = self._clock.now_us()
        due_us = max(
            record.sent_us + self._timing.rest_us,
            record.looked_us + self._timing.spacing_us if record.absent else 0,
        )
        if now_us < due_us:
            raise PictureWaits(due_us)
        found = await port.find_pictures(record.hash)
        if found:
            await self._save(slot, _stored(record, found[0]))
            return
        absent = record.absent + 1
        state = PictureState.ABSENT if absent >= self._timing.looks else PictureState.SENDING
        await self._save(slot, replace(record, state=state, looked_us=now_us, absent=absent))
        if state is PictureState.SENDING:
            raise PictureWaits(now_us + self._timing.spacing_us)

    async def _upload(
        self,
        port: Pictures,
        file: PictureFile,
        slot: _Slot,
        not_after_us: int,
        wire: Callable[[bool], None],
    ) -> None:
        before = slot.record

        async def mark() -> None:
            now_us = self._clock.now_us()
            marked, write = save_picture(
                replace(slot.record, state=PictureState.SENDING, sent_us=now_us, absent=0)
            )
            await self._db.commit([write])
            slot.record = marked
            wire(True)
            in_time(self._clock, not_after_us)

        path = Path(file.source)
        try:
            picture = await port.upload(
                file.content,
                title=f"{file.hash} {path.stem}"[:_TITLE_CHARACTERS],
                file_name=path.name,
                send=Send(not_after_us=not_after_us, before_send=mark),
            )
        except Unanswered as error:
            raise PictureWaits(slot.record.sent_us + self._timing.rest_us) from error
        except (NotSent, Refused):
            if slot.record is not before:
                await self._save(slot, replace(slot.record, state=PictureState.ABSENT))
            raise
        finally:
            wire(False)
        slot.record, write = save_picture(_stored(slot.record, picture))
        self._db.post([write])

    async def _save(self, slot: _Slot, record: StoredPicture) -> None:
        record, write = save_picture(record)
        await self._db.commit([write])
        slot.record = record


def in_time(clock: Clock, not_after_us: int) -> None:
    """Raises NotSent when the commit of the fence took so long that the write might outlive the lease."""
    if clock.now_us() > not_after_us:
        raise NotSent("publish", "the lease is too short for another write")


def _stored(record: StoredPicture, picture: Picture) -> StoredPicture:
    return replace(record, state=PictureState.STORED, picture_id=picture.picture_id, path=picture.path)
