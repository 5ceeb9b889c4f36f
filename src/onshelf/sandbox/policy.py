"""How strict the platform's house rules are; what the real ones leave open can be switched, for all shops at once."""

import msgspec

from onshelf.sandbox.categories import categories

BANNED_WORDS = (
    "国家级",
    "世界级",
    "最高级",
    "全网最低价",
    "全网第一",
    "第一品牌",
    "驰名商标",
    "高仿",
    "A货",
    "精仿",
)


class Policy(msgspec.Struct, forbid_unknown_fields=True):
    """The switches; the defaults are what is known of the platform."""

    # a title with one of them is refused; the platform's own list is not public
    banned_words: tuple[str, ...] = BANNED_WORDS
    # taobao.item.add asks for invented properties too, not for recorded ones only
    required_props: bool = False
    # an item like one on sale (title, code, price) is refused; the platform mostly lets it pass
    refuse_doubles: bool = False
    # with all below them: sellers have no permission to publish there
    closed_categories: tuple[int, ...] = ()
    space_bytes: int = 30 * 1024**3  # of a shop's picture space
    # methods (exact, prefix with *) that need tier r2 or w2; no text lists them
    high_risk: tuple[str, ...] = ()
    batch_calls: int = 20  # most calls of one batch, often stated and nowhere documented; 0 any number

    def banned(self, title: str) -> str:
        """Returns the first banned word in a title; "" none."""
        return next((word for word in self.banned_words if word in title), "")

    def closed(self, cid: int) -> bool:
        """Tells whether a category or one above it is closed."""
        shut = frozenset(self.closed_categories)
        while cid and shut:
            if cid in shut:
                return True
            above = categories().get(cid)
            cid = above.parent_cid if above is not None else 0
        return False
