"""What the command line prints in a narrow window: words wrap, ids and codes stay whole, nothing is cut off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from onshelf.cli.out import Out, kept_whole

METHOD, TITLE = "alitrip.ticket.skus.batch.upload", "【门票API2.0】门票价格库存同步接口（多票种批量更新）"


def printed(capsys: pytest.CaptureFixture[str], width: int, *row: str) -> list[str]:
    out = Out("en", as_json=False)
    out.console.width = width
    out.table(["method", "title", "state"], [row])
    return capsys.readouterr().out.splitlines()


def test_a_name_stays_whole_while_its_title_wraps(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, 80, METHOD, TITLE, "parameters known")

    assert any(line.startswith(f"{METHOD} ") for line in lines)
    assert all(cell_len(line) <= 80 for line in lines)


def test_a_name_longer_than_the_window_is_wrapped_and_not_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, 40, "x" * 60, TITLE, "ok")

    assert sum(line.count("x") for line in lines) == 60


def test_where_all_fits_nothing_is_forced() -> None:
    assert kept_whole(["method", "left today"], [["a.b", "12"]], 80) == set()


@given(
    cells=st.lists(st.text("ab 字", max_size=40), min_size=1, max_size=8),
    width=st.integers(20, 120),
)
def test_columns_kept_whole_always_fit(cells: list[str], width: int) -> None:
    kept = kept_whole(["n"] * len(cells), [cells], width)

    assert sum(cell_len(cells[place]) for place in kept) <= width
