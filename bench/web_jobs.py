"""Jobs for the benchmark's home: a thousand of a thousand lines, one of a hundred thousand, and open questions."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import apsw
import msgspec

from onshelf.clock import SECOND_US

JOBS, LINES, LARGE, QUESTIONS = 1_000, 1_000, 100_000, 500
LARGE_JOB = "01zzzzzzzzlargejob00"
ENDED = msgspec.json.encode({"code": "listing.created", "item_id": 700_000_000_000}).decode()
CAUSES = ("isv.title-too-long", "isv.item-num-limit", "listing.differs", "isv.category-closed")
_INDEXES = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = 'job_line'"
)


def fill_jobs(file: Path, shop_id: str, now_us: int) -> None:
    """Writes the jobs into a database that has none; else does nothing."""
    db = apsw.Connection(str(file))
    if not db.execute("SELECT 1 FROM job LIMIT 1").fetchall():
        indexes = db.execute(_INDEXES).fetchall()
        with db:  # an index is built faster than it is kept
            for name, _ in indexes:
                db.execute(f"DROP INDEX {name}")
            db.executemany(
                "INSERT INTO job (job_id, kind, shop_id, held, created_us, payload, started_by) VALUES (?, 'publish', ?, '', "
                """?, '{"do": "publish"}', 'person:lin')""",
                ((job_id, shop_id, at_us) for job_id, _, at_us in _jobs(now_us)),
            )
            db.executemany(
                "INSERT INTO job_line (job_id, number, kind, shop_id, key, state, run_at_us, fence, attempt, payload, outcome, "
                "changed_us, cause) VALUES (?, ?, 'publish', ?, ?, ?, 0, 1, 1, '{}', ?, ?, ?)",
                _lines(Random(12), shop_id, now_us),
            )
            db.executemany(
                "INSERT INTO intent VALUES (?, ?, 1, 'undecided', 'create', NULL, '[]', 1, ?, ?, 1, '[]', ?, '{}', '', '[]', "
                """'[]', 0, 0, '{"code": "listing.undecided.strangers"}', '')""",
                ((shop_id, f"B-{n:07}", now_us, now_us, '{"title": "连衣裙"}') for n in range(QUESTIONS)),
            )
            for _, sql in indexes:
                db.execute(str(sql))
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def _jobs(now_us: int) -> Iterator[tuple[str, int, int]]:
    """Yields (id, lines, when it was created) of each job; the large one is the newest and still runs."""
    for number in range(JOBS):
        yield f"01{number:018}", LINES, now_us - (JOBS - number) * 3600 * SECOND_US
    yield LARGE_JOB, LARGE, now_us


def _lines(random: Random, shop_id: str, now_us: int) -> Iterator[tuple[object, ...]]:
    for job_id, count, at_us in _jobs(now_us):
        for number in range(1, count + 1):
            state, cause = _state(random, job_id, number)
            outcome = ENDED if state == "succeeded" else _failed(cause) if cause else "{}"
            yield job_id, number, shop_id, f"B-{number:07}", state, outcome, at_us, cause


def _state(random: Random, job_id: str, number: int) -> tuple[str, str]:
    if job_id == LARGE_JOB and number > LARGE // 2:
        return "queued", ""
    if random.random() < 0.01:
        return "failed", random.choice(CAUSES)
    return "succeeded", ""


def _failed(cause: str) -> str:
    told = {"zh": "平台规则不允许", "en": "A rule of the platform forbids it."}
    return msgspec.json.encode(
        {"code": "errors.business_fault", "sub_code": cause, "message": told, "remedy": told}
    ).decode()
