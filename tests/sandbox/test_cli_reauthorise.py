"""An authorisation that dies while a job runs: its work pauses, a person authorises again, and the work goes on."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from command_line import Cli, wait_until, write_csv
from seller import authorise


def job_state(shop: Cli) -> str:
    """Returns the state of the shop's one job; "" before there is one."""
    return "".join(str(one["state"]) for one in shop.good("jobs", "list") if one["shop"] == shop.name)


@contextmanager
def running(shop: Cli, *words: str) -> Iterator[None]:
    """Runs a command beside the block, and stops it as a person does."""
    child = shop.start(*words)
    try:
        yield
    finally:
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=60)


def test_a_job_pauses_when_the_session_dies_and_goes_on_after_a_new_authorisation(
    shop: Cli, tmp_path: Path
) -> None:
    codes = [f"{shop.name}-{number}" for number in range(30)]
    rows = [(code, f"纯棉T恤 {code}", "T恤", "39.90", 5, "") for code in codes]
    assert shop.run("import", write_csv(tmp_path / "p.csv", rows), "--shop", shop.name).code == 0
    shop.control("faults", {"kind": "expire_session", "method": "taobao.item.add", "at": 5})
    with running(shop, "up"):
        with running(shop, "publish", "--go", "--shop", shop.name):
            wait_until(lambda: job_state(shop) == "paused", "the job pauses")
        state = {row["shop"]: row["state"] for row in shop.good("shop", "list")}[shop.name]

        authorise(shop)
        wait_until(lambda: job_state(shop) == "succeeded", "the job goes on by itself")

    assert state == "expired"
    assert [len(shop.shelf(code)) for code in codes] == [1] * len(codes)
