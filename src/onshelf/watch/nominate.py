"""Names the items worth an id read: rows of the lists that do not agree with our record. Decides no change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from onshelf.catalog.item import Item, Reason, State
from onshelf.clock import SECOND_US, to_us
from onshelf.platforms.port import Bucket, SeenItem
from onshelf.watch.compare import REASON_OF, Nomination, Verdict, first_sight, state_in
from onshelf.watch.plan import WAREHOUSE
from onshelf.watch.read import Reads
from onshelf.watch.walk import Walk, Window, after, wanted

_REASON_PAGES = 3  # pages of a list read for the reason of one batch


@dataclass(frozen=True, slots=True)
class Sifted:
    """What the rows of a list gave."""

    names: tuple[Nomination, ...] = ()
    first_sights: tuple[tuple[Nomination, Verdict], ...] = ()  # items nobody knew, recorded from the row


def sift(
    shop_id: str, rows: Sequence[SeenItem], known: Mapping[int, Item], *, bucket: Bucket, evidence: str
) -> Sifted:
    """Parts the rows of a list into items never seen, items to read by id, and those that agree with our record."""
    names, sights = [], []
    for row in {row.item_id: row for row in rows}.values():
        name = Nomination(row.item_id, evidence, bucket, to_us(row.modified) if row.modified else None)
        record = known.get(row.item_id)
        if record is None:
            sights.append((name, first_sight(shop_id, row, name, state_in(bucket))))
        elif not agrees(record, bucket):
            names.append(name)
    return Sifted(tuple(names), tuple(sights))


def agrees(record: Item, bucket: Bucket) -> bool:
    """Tells whether standing in a list is no news: same state, no doubt, and no cause that the record lacks."""
    if record.doubt or record.state is not state_in(bucket):
        return False
    punished = bucket is Bucket.VIOLATION and record.reason is not Reason.VIOLATION
    explained = record.state is State.INSTOCK and record.reason is Reason.UNKNOWN and bucket in REASON_OF
    return not punished and not explained


def merge(names: Sequence[Nomination]) -> list[Nomination]:
    """Keeps one nomination an item: the last one a warehouse list made, for it tells the reason, else the last."""
    kept: dict[int, Nomination] = {}
    for name in names:
        before = kept.get(name.item_id)
        if before is None or name.bucket in REASON_OF or before.bucket not in REASON_OF:
            failures = max(name.failures, before.failures if before else 0)
            gone = name.gone or (before is not None and before.gone)
            kept[name.item_id] = replace(name, failures=failures, gone=gone)
    return list(kept.values())


async def find_buckets(reads: Reads, items: Sequence[SeenItem]) -> dict[int, Bucket]:
    """Looks through the warehouse lists for items whose reason nothing tells, by their own modified times.

    Items the platform gave no such time for, and those in no list, are absent from the answer.
    """
    times = [to_us(item.modified) for item in items if item.modified]
    if not times:
        return {}
    span = Window(min(times) - SECOND_US, max(times) + SECOND_US)
    missing = {item.item_id for item in items}
    found: dict[int, Bucket] = {}
    for bucket in sorted(WAREHOUSE, key=_LIKELY.index):
        walk = Walk((span,))
        for _ in range(_REASON_PAGES):
            slice_ = wanted(walk, bucket)
            if slice_ is None or not missing:
                break
            page = await reads.page(slice_)
            found.update({row.item_id: bucket for row in page.items if row.item_id in missing})
            missing -= found.keys()
            walk = after(walk, page)
    return found


_LIKELY = (Bucket.TAKEN_OFF, Bucket.SOLD_OUT, Bucket.VIOLATION, Bucket.SCHEDULED, Bucket.NEVER_LISTED)
