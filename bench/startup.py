"""How long `onshelf --help` takes over a bare interpreter: the two in turn, medians."""

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

from figures import Figure, say

ROUNDS = 15


def seconds(command: list[str]) -> float:
    started = perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - started


def main() -> None:
    bare = [sys.executable, "-c", "pass"]
    ours = [str(Path(sys.executable).with_name("onshelf")), "--help"]
    pairs = [(seconds(bare), seconds(ours)) for _ in range(ROUNDS)]
    over = median(own - base for base, own in pairs) * 1000
    say(
        Figure(
            "start of `onshelf --help` over `python -c pass`",
            round(over, 1),
            "ms",
            "≤ 150",
            f"median of {ROUNDS} pairs",
        )
    )


if __name__ == "__main__":
    main()
