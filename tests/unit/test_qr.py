"""QR codes: the same squares as other people's encoders draw."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.web.qr import path_of, squares_of

ADDRESS = "otpauth://totp/onshelf:lin?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=onshelf"
# Drawn by the Python library qrcode 8 (level M, mask 0, byte mode), row by row as 0 and 1.
DRAWN = "c9f29186079671178d0dd2adf85aaffbc978abe4eee18326ec1fa2005e27b311"


def test_a_code_is_drawn_as_others_draw_it() -> None:
    rows = "\n".join("".join("01"[dark] for dark in row) for row in squares_of(ADDRESS))

    assert sha256(rows.encode()).hexdigest() == DRAWN


@given(st.text(max_size=100))
def test_any_name_has_its_code(text: str) -> None:
    squares = squares_of(text)

    assert len(squares) == len(squares[0])
    assert [row[0] for row in squares[:7]] == [True] * 7  # a finder in its corner
    assert path_of(squares).count("M") == sum(map(sum, squares))


def test_what_is_too_long_is_said() -> None:
    with pytest.raises(ValueError, match="too many"):
        squares_of("x" * 413)
