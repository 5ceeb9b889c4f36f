"""Frames of the message service: the worked ones byte by byte, and whatever bytes come, a frame or a plain no."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.platforms.top.tmc.frames import (
    BadFrame,
    Byte,
    Date,
    Frame,
    Int16,
    Int32,
    Int64,
    Kind,
    Type,
    Value,
    decode,
    encode,
)

# Source: top-protocol 6.5, decoded by a third party's decoder there.
TOKEN = "54e78da8-d636-44bb-b0fe-819ad2284793"
CONNECT = (
    "02000400010000000100070000006170705f6b65790108000000313233343536373801000a00000067726f75705f6e616d65010700000064"
    "656661756c7401000900000074696d657374616d70010d000000313435313632303830303030300100040000007369676e01200000003245"
    "303344313334384437423635413336364638444234424431343335393833010003000000"
    "73646b0115000000746f702d73646b2d6a6176612d323031373037303401000b000000696e7472616e65745f697001090000003132372e30"
    "2e302e310000"
)
CONNECTACK = (
    "020104000100000005002400000035346537386461382d643633362d343462622d623066652d3831396164323238343739330000"
)
CONNECTERR = "0201020019000000030011000000496e76616c6964207369676e61747572650400010000000000"
PULL = (
    "020205002400000035346537386461382d643633362d343462622d623066652d383139616432323834373933"
    "0100060000005f5f6b696e6402010000"
)
CONFIRM = (
    "020205002400000035346537386461382d643633362d343462622d623066652d383139616432323834373933"
    "0100060000005f5f6b696e640202010002000000696405f0a1346f378b97620000"
)
FAIL = (
    "020305002400000035346537386461382d643633362d343462622d623066652d383139616432323834373933"
    "0100060000005f5f6b696e640214010002000000696405f0a1346f378b97620100030000006d7367010500000072657472790000"
)
DATA = (
    "020205002400000035346537386461382d643633362d343462622d623066652d3831396164323238343739330100060000005f5f6b696e64"
    "0203010002000000696405f0a1346f378b9762010005000000746f706963011c00000074616f62616f5f6974656d5f4974656d53746f636b"
    "4368616e6765640100090000007075626c6973686572010800000031323439373931340100060000007573657269640515cd5b0700000000"
    "0100040000006e69636b0108000000757365726e69636b01000600000064617461696405873ac2940300000001000400000074696d650630"
    "fe8a86410100000100070000006f757474696d6506a8fe8a8641010000010007000000726574726965640200010007000000636f6e74656e"
    "7401580000007b226e69636b223a22757365726e69636b222c22696e6372656d656e74223a312c226e756d223a3530322c226368616e6765"
    "645f6669656c6473223a226e756d222c226e756d5f696964223a31353338303635383832337d0000"
)
ID = 7104300007405429232
CONTENT = '{"nick":"usernick","increment":1,"num":502,"changed_fields":"num","num_iid":15380658823}'

WORKED = {
    "connect": (
        CONNECT,
        Frame(
            Type.CONNECT,
            {
                "app_key": "12345678",
                "group_name": "default",
                "timestamp": "1451620800000",
                "sign": "2E03D1348D7B65A366F8DB4BD1435983",
                "sdk": "top-sdk-java-20170704",
                "intranet_ip": "127.0.0.1",
            },
            flag=1,
        ),
    ),
    "accepted": (CONNECTACK, Frame(Type.CONNECTACK, flag=1, token=TOKEN)),
    "refused": (CONNECTERR, Frame(Type.CONNECTACK, status=25, phrase="Invalid signature", flag=1)),
    "pull": (PULL, Frame(Type.SEND, {"__kind": Byte(Kind.PULL)}, token=TOKEN)),
    "confirm": (CONFIRM, Frame(Type.SEND, {"__kind": Byte(Kind.CONFIRM), "id": Int64(ID)}, token=TOKEN)),
    "failed": (
        FAIL,
        Frame(Type.SENDACK, {"__kind": Byte(Kind.FAILED), "id": Int64(ID), "msg": "retry"}, token=TOKEN),
    ),
    "data": (
        DATA,
        Frame(
            Type.SEND,
            {
                "__kind": Byte(Kind.DATA),
                "id": Int64(ID),
                "topic": "taobao_item_ItemStockChanged",
                "publisher": "12497914",
                "userid": Int64(123456789),
                "nick": "usernick",
                "dataid": Int64(15380658823),
                "time": Date(1380941758000),
                "outtime": Date(1380941758120),
                "retried": Byte(0),
                "content": CONTENT,
            },
            token=TOKEN,
        ),
    ),
}

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    TEXTS,
    st.binary(max_size=30),
    st.integers(-(2**7), 2**7 - 1).map(Byte),
    st.integers(-(2**15), 2**15 - 1).map(Int16),
    st.integers(-(2**31), 2**31 - 1).map(Int32),
    st.integers(-(2**63), 2**63 - 1).map(Int64),
    st.integers(-(2**63), 2**63 - 1).map(Date),
)
INTS = st.none() | st.integers(-(2**31), 2**31 - 1)
FRAMES = st.builds(
    Frame,
    st.sampled_from(Type),
    st.dictionaries(TEXTS, VALUES, max_size=6),
    INTS,
    st.none() | TEXTS,
    INTS,
    st.none() | TEXTS,
)


@pytest.mark.parametrize(("hexed", "frame"), WORKED.values(), ids=WORKED)
def test_a_worked_frame_reads_and_writes_byte_by_byte(hexed: str, frame: Frame) -> None:
    data = bytes.fromhex(hexed)

    assert decode(data) == frame
    assert encode(frame) == data


@given(FRAMES)
def test_a_frame_written_and_read_is_the_same_with_the_same_widths(frame: Frame) -> None:
    back = decode(encode(frame))

    assert back == frame
    assert [type(value) for value in back.customs.values()] == [
        type(value) for value in frame.customs.values()
    ]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_refused(data: bytes) -> None:
    for given_ in (data, b"\x02\x02" + data):
        try:
            decode(given_)
        except BadFrame:
            continue


@given(FRAMES, st.data())
def test_a_frame_with_one_byte_changed_is_a_frame_or_refused(frame: Frame, draw: Any) -> None:
    data = bytearray(encode(frame))
    data[draw.draw(st.integers(0, len(data) - 1))] ^= draw.draw(st.integers(1, 255))

    try:
        decode(bytes(data))
    except BadFrame:
        return


@pytest.mark.parametrize("hexed", [hexed for hexed, _ in WORKED.values()], ids=WORKED)
def test_a_frame_cut_anywhere_is_refused(hexed: str) -> None:
    data = bytes.fromhex(hexed)

    for length in range(len(data)):
        with pytest.raises(BadFrame):
            decode(data[:length])


def test_the_entries_of_a_frame_may_come_in_any_order() -> None:
    kind = b"\x01\x00" + struct.pack("<i", 6) + b"__kind" + b"\x05" + struct.pack("<q", 3)
    flag = b"\x04\x00" + struct.pack("<i", 7)

    frame = decode(b"\x02\x02" + kind + flag + b"\0\0")

    assert (frame.flag, frame.customs["__kind"]) == (7, Kind.DATA)


def test_bytes_that_are_no_text_survive_in_a_text() -> None:
    frame = Frame(Type.SEND, {"content": b"\xff\xfe{".decode("utf-8", "surrogateescape")})

    assert decode(encode(frame)) == frame
