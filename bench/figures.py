"""What a benchmark says: one JSON line a figure, so that `run.py` can gather them into a table."""

import json
import os
import resource
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure beside its aim; a ratio names its baseline, measured in the same run."""

    name: str
    value: float
    unit: str
    aim: str  # "≥ 300", "≤ 1.6", "" for none
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Tells whether the aim is reached; None without an aim."""
        if not self.aim:
            return None
        sign, bound = self.aim.split()
        return self.value >= float(bound) if sign == "≥" else self.value <= float(bound)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a process came to."""

    succeeded: int  # products, or calls of a loop that knows no products
    seconds: float
    cpu_s: float  # user and system, this process alone


def say(figure: Figure) -> None:
    """Prints a figure for `run.py`."""
    sys.stdout.write(json.dumps(asdict(figure), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def cpu_s() -> float:
    """Returns the CPU seconds of this process so far, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def process_cpu_s(pid: int) -> float:
    """Returns the CPU seconds of another process so far, user and system, in steps of 10 ms. Source: proc(5), stat."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND
