"""A call a person typed, on its way to the worker."""

import msgspec

from onshelf.platforms.top.protocol import File
from onshelf.shops.calls import CallRequest


def test_a_call_reaches_the_worker_with_its_files_byte_for_byte() -> None:
    asked = CallRequest(
        "taobao.picture.upload",
        {"picture_category_id": "0"},
        files={"img": File("红裙.png", bytes(range(256)), "image/png")},
    )

    assert msgspec.json.decode(msgspec.json.encode(asked), type=CallRequest) == asked


def test_a_call_written_before_files_were_known_is_still_read() -> None:
    old = b'{"method":"taobao.time.get","params":{}}'

    assert msgspec.json.decode(old, type=CallRequest) == CallRequest("taobao.time.get", {})
