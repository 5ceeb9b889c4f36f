"""The message service's frames: the worked bytes of the protocol, any integer width, and no input that crashes or hangs."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.sandbox.tmc import frames
from onshelf.sandbox.tmc.frames import Format, Frame, Kind, Malformed, Value, byte, date, int64, text

TOKEN = "54e78da8-d636-44bb-b0fe-819ad2284793"
ID = 7104300007405429232

# Source of the bytes: reference/top-protocol.md 6.5, decoded there by another program's decoder.
CONNECT = bytes.fromhex(
    "02000400010000000100070000006170705f6b65790108000000313233343536373801000a00000067726f75705f6e616d65"
    "010700000064656661756c7401000900000074696d657374616d70010d000000313435313632303830303030300100040000"
    "007369676e012000000032453033443133343844374236354133363646384442344244313433353938330100030000007364"
    "6b0115000000746f702d73646b2d6a6176612d323031373037303401000b000000696e7472616e65745f6970010900000031"
    "32372e302e302e310000"
)
ACK = bytes.fromhex(
    "020104000100000005002400000035346537386461382d643633362d343462622d623066652d3831396164323238343739330000"
)
REFUSED = bytes.fromhex("0201020019000000030011000000496e76616c6964207369676e61747572650400010000000000")
PULL = bytes.fromhex(
    "020205002400000035346537386461382d643633362d343462622d623066652d383139616432323834373933010006000000"
    "5f5f6b696e6402010000"
)
CONFIRM = bytes.fromhex(
    "020205002400000035346537386461382d643633362d343462622d623066652d383139616432323834373933010006000000"
    "5f5f6b696e640202010002000000696405f0a1346f378b97620000"
)
FAIL = bytes.fromhex(
    "020305002400000035346537386461382d643633362d343462622d623066652d383139616432323834373933010006000000"
    "5f5f6b696e640214010002000000696405f0a1346f378b97620100030000006d7367010500000072657472790000"
)
DATA = bytes.fromhex(
    "020205002400000035346537386461382d643633362d343462622d623066652d383139616432323834373933010006000000"
    "5f5f6b696e640203010002000000696405f0a1346f378b9762010005000000746f706963011c00000074616f62616f5f6974"
    "656d5f4974656d53746f636b4368616e6765640100090000007075626c697368657201080000003132343937393134010006"
    "0000007573657269640515cd5b07000000000100040000006e69636b0108000000757365726e69636b010006000000646174"
    "61696405873ac2940300000001000400000074696d650630fe8a86410100000100070000006f757474696d6506a8fe8a8641"
    "010000010007000000726574726965640200010007000000636f6e74656e7401580000007b226e69636b223a22757365726e"
    "69636b222c22696e6372656d656e74223a312c226e756d223a3530322c226368616e6765645f6669656c6473223a226e756d"
    "222c226e756d5f696964223a31353338303635383832337d0000"
)
CONTENT = '{"nick":"usernick","increment":1,"num":502,"changed_fields":"num","num_iid":15380658823}'
WORKED = {
    "connect": (
        CONNECT,
        Frame(
            Kind.CONNECT,
            flag=1,
            customs={
                "app_key": text("12345678"),
                "group_name": text("default"),
                "timestamp": text("1451620800000"),
                "sign": text("2E03D1348D7B65A366F8DB4BD1435983"),
                "sdk": text("top-sdk-java-20170704"),
                "intranet_ip": text("127.0.0.1"),
            },
        ),
    ),
    "ack": (ACK, Frame(Kind.CONNECTACK, flag=1, token=TOKEN)),
    "refused": (REFUSED, Frame(Kind.CONNECTACK, status=25, phrase="Invalid signature", flag=1)),
    "pull": (PULL, Frame(Kind.SEND, token=TOKEN, customs={"__kind": byte(1)})),
    "confirm": (CONFIRM, Frame(Kind.SEND, token=TOKEN, customs={"__kind": byte(2), "id": int64(ID)})),
    "fail": (
        FAIL,
        Frame(Kind.SENDACK, token=TOKEN, customs={"__kind": byte(20), "id": int64(ID), "msg": text("retry")}),
    ),
    "data": (
        DATA,
        Frame(
            Kind.SEND,
            token=TOKEN,
            customs={
                "__kind": byte(3),
                "id": int64(ID),
                "topic": text("taobao_item_ItemStockChanged"),
                "publisher": text("12497914"),
                "userid": int64(123456789),
                "nick": text("usernick"),
                "dataid": int64(15380658823),
                "time": date(1380941758.000),
                "outtime": date(1380941758.120),
                "retried": byte(0),
                "content": text(CONTENT),
            },
        ),
    ),
}


@pytest.mark.parametrize("name", WORKED)
def test_a_worked_frame_is_written_and_read_to_the_byte(name: str) -> None:
    raw, frame = WORKED[name]

    assert frames.encode(frame) == raw
    assert frames.decode(raw) == frame


@pytest.mark.parametrize("form", [Format.BYTE, Format.INT16, Format.INT32, Format.INT64, Format.DATE])
def test_a_number_may_come_in_any_width(form: Format) -> None:
    raw = frames.encode(Frame(Kind.SEND, customs={"__kind": Value(form, 2), "id": Value(form, 100)}))

    read = frames.decode(raw)

    assert (read.number("__kind"), read.number("id")) == (2, 100)


def test_entries_may_come_in_any_order() -> None:
    body = PULL[2:-2]
    token, kind = body[: 2 + 4 + 36], body[2 + 4 + 36 :]

    assert frames.decode(PULL[:2] + kind + token + PULL[-2:]) == WORKED["pull"][1]


def test_a_void_entry_counts_as_absent() -> None:
    raw = frames.encode(Frame(Kind.CONNECT, customs={"token": Value(Format.VOID, None)}))

    assert frames.decode(raw).word("token") == ""


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x02",
        b"\x03\x00\x00\x00",
        b"\x02\x04\x00\x00",
        b"{}",
        PULL[:-2],
        CONFIRM[:-5],
        b"\x02\x00\x63\x00",
        b"\x02\x00\x05\x00\xff\xff\xff\x7f",
        b"\x02\x00\x05\x00\xff\xff\xff\xff\x00\x00",
        b"\x02\x02\x01\x00\x01\x00\x00\x00a\x09\x00\x00",
    ],
)
def test_bytes_that_are_no_frame_are_named_so(raw: bytes) -> None:
    with pytest.raises(Malformed):
        frames.decode(raw)


def test_a_number_that_does_not_fit_is_not_cut() -> None:
    with pytest.raises(ValueError, match="300 does not fit BYTE"):
        frames.encode(Frame(Kind.SEND, customs={"retried": byte(300)}))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        frames.decode(b"\x02\x02" + raw)
    except Malformed:
        return


@given(st.sampled_from([raw for raw, _ in WORKED.values()]), st.data())
def test_a_damaged_frame_is_read_or_refused(raw: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(raw) - 1))
    damaged = raw[:at] + data.draw(st.binary(max_size=6)) + raw[at + data.draw(st.integers(0, 4)) :]
    try:
        frames.decode(damaged)
    except Malformed:
        return


def whole(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


NUMBERS = [(Format.BYTE, 8), (Format.INT16, 16), (Format.INT32, 32), (Format.INT64, 64), (Format.DATE, 64)]
VALUES = st.one_of(
    st.text().map(text),
    st.binary().map(frames.packed),
    st.just(Value(Format.VOID, None)),
    *(st.builds(Value, st.just(form), whole(bits)) for form, bits in NUMBERS),
)
FRAMES = st.builds(
    Frame,
    kind=st.sampled_from(Kind),
    version=st.sampled_from(frames.VERSIONS),
    status=st.none() | whole(32),
    phrase=st.text(),
    flag=st.none() | whole(32),
    token=st.text(),
    customs=st.dictionaries(st.text(), VALUES),
)


@given(FRAMES)
def test_what_is_written_is_read_back(frame: Frame) -> None:
    assert frames.decode(frames.encode(frame)) == frame


def test_an_entry_of_the_largest_claimed_size_takes_no_memory() -> None:
    claim = struct.pack("<hi", 3, 2**31 - 1)

    with pytest.raises(Malformed, match="2147483647 bytes where 0 are left"):
        frames.decode(b"\x02\x01" + claim)
