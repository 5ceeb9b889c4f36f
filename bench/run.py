"""Runs every benchmark one after the other and prints all figures beside their aims; `run.py client publish` runs some."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from figures import Figure

FOLDER = Path(__file__).parent
BENCHMARKS = (
    "startup",
    "sandbox",
    "seeded",
    "messages",
    "client",
    "publish",
    "quota",
    "push",
    "events",
    "catalog_import",
    "web",
    "stream",
)


def main(chosen: list[str]) -> int:
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    missed = 0
    for name in chosen or BENCHMARKS:
        ended = subprocess.run(
            [sys.executable, FOLDER / f"{name}.py"], stdout=subprocess.PIPE, text=True, check=False
        )
        if ended.returncode:
            print(f"{name}: ended with {ended.returncode}")
            missed += 1
        for line in ended.stdout.splitlines():
            if line.startswith("{"):
                missed += show(Figure(**json.loads(line)))
    return min(missed, 1)


def show(figure: Figure) -> int:
    verdict = {True: "met", False: "MISSED", None: ""}[figure.met]
    print(
        f"{figure.name:<74} {figure.value:>10,.2f} {figure.unit:<12} {figure.aim:<9} {verdict:<7} {figure.note}",
        flush=True,
    )
    return figure.met is False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
