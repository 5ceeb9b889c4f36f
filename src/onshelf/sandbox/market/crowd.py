"""A market that runs by itself: who buys next, when, how much, and what they do afterwards; all from the seed. Pure."""

import random

import msgspec

from onshelf.sandbox.market.buyers import CROWD

_COMMENTS = ("很好，和描述一致。", "物流很快。", "质量不错，会再来。", "一般般。", "")
REASONS = ("拍错/多拍/不想要", "质量问题", "少件/漏发", "尺码不合适")


class Market(msgspec.Struct):
    """How the market stands."""

    trades_per_minute: float = 0.0  # 0: nobody comes by themselves
    count: int = 0  # trades it has begun so far, sold out shelves included
    # the sellers ship by themselves so long after payment; None: they do not
    ship_after_s: float | None = None
    tid_digits: int = 18  # 18, or 16: the older, shorter ids
    last_tid: int = 0  # serial of the last trade, order or refund id
    run: int = 0  # which start this is; an older one's next buyer stays away


class Plan(msgspec.Struct, frozen=True):
    """What one buyer of the market is going to do; seconds after the trade was placed, or after it was shipped."""

    buyer: int
    shop: float  # 0 to 1: which shop
    pick: float  # 0 to 1: which item of those on sale
    sku: float  # 0 to 1: which of its skus
    num: int
    message: str
    pay_s: float | None  # None: never pays
    cancel_s: float | None  # None: leaves an unpaid trade to its timeout
    refund_s: float | None  # None: is content; counts from the payment
    returns: bool
    confirm_s: float  # after the last parcel
    answer_s: float  # after the seller agreed to or refused a refund: sends back, or gives in
    rate_s: float | None  # after that; None: says nothing
    result: str
    comment: str


def plan(seed: int, count: int) -> Plan:
    """Returns what the buyer of trade `count` does: 9 of 10 pay, 1 of 20 wants money back, half of the others rate."""
    chance = random.Random(f"{seed}/market/{count}")
    pays, asks, rates = chance.random() < 0.9, chance.random() < 0.05, chance.random() < 0.5
    return Plan(
        buyer=chance.randrange(CROWD),
        shop=chance.random(),
        pick=chance.random(),
        sku=chance.random(),
        num=chance.choices((1, 2, 3), (85, 12, 3))[0],
        message=chance.choices(("", "请尽快发货"), (95, 5))[0],
        pay_s=chance.uniform(5, 600) if pays else None,
        cancel_s=chance.uniform(60, 3600) if not pays and chance.random() < 0.5 else None,
        refund_s=chance.uniform(600, 172_800) if asks else None,
        returns=chance.random() < 0.5,
        confirm_s=chance.uniform(86_400, 6 * 86_400),
        answer_s=chance.uniform(3_600, 2 * 86_400),
        rate_s=chance.uniform(60, 86_400) if rates else None,
        result=chance.choices(("good", "neutral", "bad"), (92, 5, 3))[0],
        comment=chance.choice(_COMMENTS),
    )


def gap_s(seed: int, count: int, trades_per_minute: float) -> float:
    """Returns how long after trade `count` the next one comes."""
    return random.Random(f"{seed}/gap/{count}").expovariate(trades_per_minute / 60)
