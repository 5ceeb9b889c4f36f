"""Decides what a look at a shop's shelf may ask for within the quota, and what the lists' totals call for. Pure.

`Memory` is what a shop's looks know from one to the next; it is kept as one record (`store.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil, inf

from onshelf.catalog.item import State
from onshelf.clock import SECOND_US
from onshelf.platforms.port import Bucket, Free
from onshelf.texts import Lang, text
from onshelf.watch.compare import state_in
from onshelf.watch.walk import Walk, Window

LOOK_CALLS = 10
"""What a quiet look should be able to afford: a page of each of the six lists, id reads and a share of a sweep."""
DAY_S = 86_400
WAREHOUSE = tuple(bucket for bucket in Bucket if bucket is not Bucket.ONSALE)
LISTS_OF: dict[State, tuple[Bucket, ...]] = {State.ONSALE: (Bucket.ONSALE,), State.INSTOCK: WAREHOUSE}
_BURST_SHARE = 8  # news may take an eighth of what is left of the day at once; sweeps keep to the even share
_SWEEP_CALLS = 200  # pages of sweeps in one look at most, so that the next look is not held up
_COUNT_EVERY_LOOKS = 6  # warehouse totals cost five calls: with a daily limit they are read less often


@dataclass(frozen=True, slots=True)
class Pace:
    """The settings of watching, as values."""

    every_s: float = 300.0  # rest between two looks
    overlap_s: float = 120.0  # how far slices reach back, against lists that lag
    skew_s: float = 600.0  # difference allowed between the platform's clock and ours
    absent_looks: int = 2
    absent_spacing_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Sweep:
    """A reading of all the lists of one state that is under way."""

    evidence: str  # "sweep" or "count": what called for it
    began_us: int
    walks: dict[Bucket, Walk]  # still to read
    counted: int = 0  # rows of the lists read so far


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a shop besides its items."""

    round: int = 0  # looks remembered; 0: the shop was never looked at
    looked: dict[Bucket, int] = field(default_factory=dict)  # us of the last good look at each list
    sweeps: dict[State, Sweep] = field(default_factory=dict)
    swept: dict[State, int] = field(default_factory=dict)  # us when the last whole sweep began
    gap: dict[State, int] = field(default_factory=dict)  # listed minus known, unexplained by two sweeps
    suspect: dict[State, int] = field(default_factory=dict)  # the same, as the last sweep left it
    counted_us: int = 0  # when the warehouse was last counted
    blind_since_us: int = 0  # 0: the last look saw all it meant to see
    blind_why: str = ""  # code of the error


@dataclass(frozen=True, slots=True)
class Plan:
    """What one look may do."""

    lists: tuple[Bucket, ...]  # changed slices to read, the one not seen for longest first
    calls: int  # of the whole look
    sweep_calls: int  # of these at most for sweeps
    count_warehouse: bool


def plan_look(free: Free, memory: Memory, pace: Pace, now_us: int) -> Plan:
    """Gives the slices first, then id reads, then the sweep its even share of the day."""
    soon = free.now + free.per_second * pace.every_s
    even = inf if free.today is None else free.today * pace.every_s / DAY_S
    burst = inf if free.today is None else max(even, free.today / _BURST_SHARE)
    calls = _whole(min(soon, burst))
    share = even if len(memory.swept) == len(LISTS_OF) else burst  # a new shop is learned quickly
    stalest = sorted(Bucket, key=lambda bucket: memory.looked.get(bucket, 0))
    rest_us = 0 if free.today is None else round(_COUNT_EVERY_LOOKS * pace.every_s * SECOND_US)
    counts = State.INSTOCK not in memory.sweeps and now_us >= memory.counted_us + rest_us
    return Plan(
        lists=tuple(stalest[:calls]),
        calls=calls,
        sweep_calls=min(_SWEEP_CALLS, max(1, _whole(min(soon, share)) - len(Bucket))),
        count_warehouse=counts and calls >= len(Bucket) + len(WAREHOUSE),
    )


def detection_s(pace: Pace, calls_a_day: int | None) -> float:
    """Returns within how many seconds polls alone notice a change: the rest between looks, or what the quota allows."""
    if not calls_a_day:
        return pace.every_s
    return max(pace.every_s, ceil(LOOK_CALLS * DAY_S / calls_a_day))


def tell_detection(pace: Pace, calls_a_day: int | None, lang: Lang) -> str:
    """Says so to people."""
    seconds = f"{detection_s(pace, calls_a_day):g}"
    if not calls_a_day:
        return text("watch.detection.unlimited", lang, seconds=seconds)
    return text("watch.detection", lang, seconds=seconds, calls=calls_a_day)


def window(memory: Memory, bucket: Bucket, pace: Pace, now_us: int) -> Window:
    """Returns the modified times to ask for, both clocks' difference allowed for. The list on sale is read newest first."""
    end_us = now_us + round(pace.skew_s * SECOND_US)
    if bucket is Bucket.ONSALE:
        return Window(None, end_us)
    back_us = round((pace.overlap_s + pace.skew_s) * SECOND_US)
    return Window(memory.looked.get(bucket, now_us) - back_us, end_us)


def begin_sweep(memory: Memory, state: State, evidence: str, pace: Pace, now_us: int) -> Memory:
    """Orders a sweep of the lists of a state; one already under way goes on instead."""
    if state in memory.sweeps:
        return memory
    whole_list = Window(None, now_us + round(pace.skew_s * SECOND_US))
    walks = {bucket: Walk((whole_list,)) for bucket in LISTS_OF[state]}
    return replace(memory, sweeps={**memory.sweeps, state: Sweep(evidence, now_us, walks)})


def begin_first(memory: Memory, pace: Pace, now_us: int) -> Memory:
    """Orders the sweeps that learn a shop never swept before."""
    for state in LISTS_OF:
        if state not in memory.swept:
            memory = begin_sweep(memory, state, "sweep", pace, now_us)
    return memory


def walked(memory: Memory, bucket: Bucket, walk: Walk) -> Memory:
    """Notes how far a sweep has come in a list; a list that is over is counted and dropped."""
    state = state_in(bucket)
    sweep = memory.sweeps[state]
    if walk.windows:
        sweep = replace(sweep, walks={**sweep.walks, bucket: walk})
    else:
        rest = {other: left for other, left in sweep.walks.items() if other is not bucket}
        sweep = replace(sweep, walks=rest, counted=sweep.counted + walk.counted)
    return replace(memory, sweeps={**memory.sweeps, state: sweep})


def end_sweep(memory: Memory, state: State, known: int, *, clean: bool) -> Memory:
    """Closes a sweep whose lists are all read.

    A difference left over is taken as given only when two sweeps running, all of whose items were decided (`clean`),
    left the same one: taken too early, it would hide the next deletion.
    """
    sweep = memory.sweeps[state]
    left = sweep.counted - known
    accepted = left == 0 or (clean and memory.suspect.get(state) == left)
    return replace(
        memory,
        sweeps={other: going for other, going in memory.sweeps.items() if other is not state},
        swept={**memory.swept, state: sweep.began_us},
        gap={**memory.gap, state: left} if accepted else memory.gap,
        suspect={**memory.suspect, state: left if clean else 0},
    )


def differs(memory: Memory, state: State, listed: int, known: Mapping[State, int]) -> bool:
    """Tells whether a list's total says that something came or went which no slice showed."""
    return state not in memory.sweeps and listed - known.get(state, 0) != memory.gap.get(state, 0)


def looked(memory: Memory, bucket: Bucket, at_us: int) -> Memory:
    """Moves the cursor of a list on; only after what it named was decided or put off durably."""
    return replace(memory, looked={**memory.looked, bucket: at_us})


def blinded(memory: Memory, why: str, now_us: int) -> Memory:
    """Notes that a look did not see all it meant to; the first such look counts until a good one (`why` empty)."""
    if not why:
        return replace(memory, blind_since_us=0, blind_why="")
    return replace(memory, blind_since_us=memory.blind_since_us or now_us, blind_why=why)


def _whole(calls: float) -> int:
    """Rounds down; without a limit a look may take as many calls as the largest shop could need."""
    return int(min(calls, 100_000))
