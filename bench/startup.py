"""How long `onshelf --help` and a TAB of the shell take over a bare interpreter: the two in turn, medians."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from time import perf_counter

from figures import Figure, say

ROUNDS = 15


ONSHELF = str(Path(sys.executable).with_name("onshelf"))
ASKED = {"onshelf <TAB>": ("onshelf ", "1"), "onshelf call tao<TAB>": ("onshelf call tao", "2")}
"""What a person has typed -> how bash hands it over: the words, and which of them is to be completed."""


def seconds(command: list[str], environment: Mapping[str, str]) -> float:
    started = perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **environment})
    return perf_counter() - started


def over_bare(command: list[str], environment: Mapping[str, str]) -> float:
    """Returns by how many milliseconds a command takes longer than an interpreter that does nothing."""
    bare = [sys.executable, "-c", "pass"]
    pairs = [(seconds(bare, {}), seconds(command, environment)) for _ in range(ROUNDS)]
    return round(median(own - base for base, own in pairs) * 1000, 1)


def main() -> None:
    note = f"median of {ROUNDS} pairs"
    help_ms = over_bare([ONSHELF, "--help"], {})
    say(Figure("start of `onshelf --help` over `python -c pass`", help_ms, "ms", "≤ 150", note))
    for typed, (words, place) in ASKED.items():
        shell = {"_ONSHELF_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": place}
        say(Figure(f"`{typed}` over `python -c pass`", over_bare([ONSHELF], shell), "ms", "≤ 200", note))


if __name__ == "__main__":
    main()
