"""A header nobody knows: what its column most likely is, for a person to confirm."""

import pytest

from onshelf.catalog.readers.likely import likely


@pytest.mark.parametrize(
    ("header", "samples", "field"),
    [
        ("品名", ("爆款宽松圆领T恤",), "title"),
        ("含税进价", ("23.10",), "cost"),
        ("供货价", (), "price"),
        ("吊牌价(元)", ("99.0",), "list_price"),
        ("可用数量", ("3",), "stock"),
        ("供应商货号", ("A-1",), "outer_id"),
        ("图文", ("<p>好</p>",), "description"),
        ("商品主图链接", ("a.jpg",), "picture"),
        ("第七列", ("<p>一</p>", "<div>二</div>"), "description"),
        ("第八列", ("a.jpg", "b.png"), "picture"),
        ("备注", ("样品已寄", "断码不补"), ""),
        ("产地", ("浙江", "广东"), ""),
        ("重量", ("0.5", "1.2"), ""),
        ("Names", ("x", "y"), ""),
        ("", (), ""),
    ],
)
def test_a_column_is_guessed_by_its_header_then_by_its_cells(
    header: str, samples: tuple[str, ...], field: str
) -> None:
    assert likely(header, samples, set()) == field


def test_a_field_that_another_column_has_is_not_guessed_again() -> None:
    assert likely("含税进价", ("23.10",), {"cost"}) != "cost"
    assert likely("品名", (), {"title"}) == ""
