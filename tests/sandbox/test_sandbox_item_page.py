"""An item's own page in the sandbox."""

import pytest

from onshelf.sandbox.launch import ask, in_process, request


async def test_an_item_is_shown_as_it_stands_and_a_stranger_is_not_there() -> None:
    sandbox = in_process()
    await ask(sandbox, "taobao.item.update", num_iid="11223344", title="<b>裙</b>")

    status, _, page = await request(sandbox, "GET", "/item.htm?id=11223344")

    assert status == 200
    assert "&lt;b&gt;裙&lt;/b&gt;" in page.decode()
    assert "在架" in page.decode()
    assert (await request(sandbox, "GET", "/item.htm?id=1"))[0] == 404


@pytest.mark.parametrize("given", ["", "x", "²", "-1"])
async def test_what_is_no_id_is_no_item(given: str) -> None:
    assert (await request(in_process(), "GET", f"/item.htm?id={given}"))[0] == 404
