"""Runs other people's clients against the sandbox, and writes which checks each passed, in which version and when.

The run is kept as data, which the sandbox shows too, and as docs/reference/conformance.md. `--check` only compares the two.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests" / "clients"
WANTED = "test_*.py all_methods.py"  # the second takes minutes, so its name keeps it out of `make test`
DATA = ROOT / "src" / "onshelf" / "reference" / "conformance.json"
PAGE = ROOT / "docs" / "reference" / "conformance.md"
PINS = (ROOT / "constraints.txt", TESTS / "python" / "requirements.txt")

INTRO = """# Conformance · 一致性

<!-- made by `make clients`; run it, do not edit this page -->

沙箱由别人写的客户端检验：下表列出每项检查、客户端及版本、日期。
Clients that nobody here wrote, each in a process of its own, against `python -m onshelf.sandbox`.
Last run on {date} with {runtimes}: {passed} checks passed, 0 failed.
`make clients` repeats it and writes this page again; `make test` runs all but the 5,200 methods.
The sandbox shows the data at `/_sandbox/conformance`.

"""

BY_HAND = TESTS / "by_hand.json"
"""What no test installs, as no registry publishes it, it is past mending, or it would stand in the way of another."""


@dataclass
class Outcomes:
    """A pytest plugin that keeps how each check ended: file → check → client → outcome."""

    files: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps the outcome of the call, or of a setup that skipped or failed."""
        if report.when != "call" and report.outcome == "passed":
            return
        path, _, test = report.nodeid.partition("::")
        check, _, client = test.rstrip("]").partition("[")
        sentence = check.removeprefix("test_").replace("_", " ")
        self.files.setdefault(Path(path).name, {}).setdefault(sentence, {})[client] = report.outcome

    @property
    def bad(self) -> list[str]:
        """Returns the checks that did not pass."""
        return [
            f"{check} [{client}]: {outcome}"
            for checks in self.files.values()
            for check, by in checks.items()
            for client, outcome in by.items()
            if outcome != "passed"
        ]


def run() -> dict[str, Any]:
    """Runs all checks and returns the run as data. Ends the program when one did not pass."""
    outcomes = Outcomes()
    pytest.main(
        ["-q", "-p", "no:cacheprovider", "-o", f"python_files={WANTED}", str(TESTS)], plugins=[outcomes]
    )
    if outcomes.bad or not outcomes.files:
        sys.exit("nothing written, these did not pass:\n" + "\n".join(outcomes.bad))
    sections = [
        {
            "title": title(TESTS / name),
            "checks": [{"check": check, "passed": sorted(by)} for check, by in checks.items()],
        }
        for name, checks in outcomes.files.items()
    ]
    today = datetime.now(UTC).date().isoformat()
    return {"date": today, "runtimes": runtimes(), "clients": list(clients()), "sections": sections}


def title(file: Path) -> str:
    """Returns the first line of a test file's docstring."""
    return (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").splitlines()[0].rstrip(".")


def runtimes() -> dict[str, str]:
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return {"Python": ".".join(map(str, sys.version_info[:3])), "Node.js": node.strip().removeprefix("v")}


def clients() -> Iterator[dict[str, Any]]:
    """Yields each client with its version, as pinned."""
    sys.path.insert(0, str(ROOT / "tests" / "support"))
    from strangers import NEWMAN, OAUTH, STRANGERS  # noqa: PLC0415 lies with the tests

    pins = dict(line.split("==") for file in PINS for line in file.read_text("utf-8").split())
    npm = json.loads((TESTS / "node" / "package.json").read_text("utf-8"))["dependencies"]
    for one in (*STRANGERS, *OAUTH, NEWMAN):
        version = (npm if one.registry == "npm" else pins)[one.package]
        about = {"name": one.name, "package": one.package, "registry": one.registry, "version": version}
        yield {**about, "cannot": dict(one.cannot)}


def page(data: dict[str, Any]) -> str:
    """Writes the page of a run."""
    passed = sum(len(check["passed"]) for section in data["sections"] for check in section["checks"])
    runtimes = ", ".join(f"{name} {version}" for name, version in data["runtimes"].items())
    parts = [INTRO.format(date=data["date"], runtimes=runtimes, passed=passed), "## Clients\n\n"]
    head = ["client", "package", "version", "what no user of it can do"]
    rows = [
        [
            one["name"],
            f"{one['package']} ({one['registry']})",
            one["version"],
            "; ".join(f"{what}: {why}" for what, why in one["cannot"].items()),
        ]
        for one in data["clients"]
    ]
    parts.append(table(head, rows))
    parts += [section_page(section, data["clients"]) for section in data["sections"]]
    return "".join(parts) + by_hand_page(json.loads(BY_HAND.read_text("utf-8")))


def section_page(section: dict[str, Any], known: list[dict[str, Any]]) -> str:
    """Writes one table: a row a check, a column a client; – where the client cannot do it."""
    seen = {name for check in section["checks"] for name in check["passed"]}
    names = [one["name"] for one in known if one["name"] in seen]
    rows = [
        [check["check"], *("✓" if name in check["passed"] else "–" for name in names)]
        for check in section["checks"]
    ]
    return f"\n## {section['title']}\n\n" + table(["check", *names], rows)


def by_hand_page(tried: list[dict[str, str]]) -> str:
    """Writes what was tried by hand; where client and sandbox differ the facts known of the platform decide."""
    head = {
        "date": "date",
        "client": "client",
        "worked": "what worked",
        "differed": "what did not, by its own doing",
    }
    rows = [[one[name] for name in head] for one in tried]
    return "\n## Tried by hand\n\n" + table(list(head.values()), rows)


def table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]) + "\n"


def main() -> None:
    """Runs and writes both files; with --check tells whether the page shows the data."""
    if "--check" in sys.argv:
        current = page(json.loads(DATA.read_text("utf-8")))
        sys.exit(
            None if PAGE.read_text("utf-8") == current else "docs/reference/conformance.md: make clients"
        )
    data = run()
    DATA.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
    PAGE.write_text(page(data), "utf-8")


if __name__ == "__main__":
    main()
