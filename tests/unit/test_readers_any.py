"""Whatever bytes a file holds, a reader gives rows or says why not; nothing else comes out."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from onshelf.catalog.readers import READERS, open_source
from onshelf.errors import Unreadable

HEAD = "标题,价格\n".encode()
pieces = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [HEAD, "标题,价格\n".encode("gbk"), b"\xff\xfe", b"PK\x03\x04", b'{"title": 1}', b'"', b"\n", b"\x00"]
    ),
)


@pytest.mark.parametrize("suffix", READERS)
@settings(max_examples=60)
@given(parts=st.lists(pieces, min_size=1, max_size=8))
@example(parts=["标题,价格\n杯,1\n".encode("utf-16"), b"\x00"])
@example(parts=[HEAD, b"\xff" * 9])
def test_any_bytes_give_rows_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, parts: list[bytes]
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    Path(path).write_bytes(b"".join(parts))

    outcome = read(path)

    assert outcome == sorted(outcome) if isinstance(outcome, list) else outcome.strip()


def read(path: Path) -> list[int] | str:
    """Returns the numbers of the rows, or what the refusal says."""
    try:
        return [row.number for group in open_source(path).groups for row in group]
    except Unreadable as refused:
        return f"{refused.message('zh')} {refused.remedy('en')}"
