"""How much of a limit was used, as the gateway sees it."""

from collections.abc import Sequence

from onshelf.platforms.window import Limit


def share_used(arrivals: Sequence[float], limit: Limit) -> float:
    """Returns the window over the mean time in which as many calls as the limit came; 1.0: not one more could have come.

    Counting calls in whole windows would flatter: a window's calls may come in its first second.
    """
    gaps = [later - first for first, later in zip(arrivals, arrivals[limit.limit :], strict=False)]
    assert gaps, "more than one window's calls are needed"
    return limit.window_s * len(gaps) / sum(gaps)
