"""What a connection says, and what it makes of what it hears."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.errors import Refused, Unanswered
from onshelf.platforms.port import PushMessage
from onshelf.platforms.top.tmc.frames import Byte, Frame, Int32, Int64, Kind, Type, Value, decode, encode
from onshelf.platforms.top.tmc.session import MOST_CONTENT_BYTES, Session, Subscriber, acknowledged, connect

TOKEN = "54e78da8-d636-44bb-b0fe-819ad2284793"
JSON = '{"num_iid":15380658823,"title":"测试"}'


def accepted() -> Session:
    return acknowledged(encode(Frame(Type.CONNECTACK, flag=1, token=TOKEN)))


def data(**customs: Value) -> bytes:
    told: dict[str, Value] = {
        "__kind": Byte(Kind.DATA),
        "id": Int64(71),
        "topic": "taobao_item_ItemDownshelf",
        "userid": Int64(123456789),
        "nick": "小店",
        "data_id": Int64(9),
        "content": JSON,
    }
    kept = {name: value for name, value in {**told, **customs}.items() if value is not None}
    return encode(Frame(Type.SEND, kept, token=TOKEN))


def read(**customs: Value) -> PushMessage:
    message = accepted().read(data(**customs))
    assert message is not None
    return message


def test_a_connect_is_signed_over_key_group_and_time() -> None:
    """The vector of top-protocol 6.3."""
    frame = decode(connect(Subscriber("12345678", "default"), "helloworld", 1451620800000_999))

    assert frame.type == Type.CONNECT
    assert frame.flag == 1
    assert frame.customs["sign"] == "2E03D1348D7B65A366F8DB4BD1435983"
    assert frame.customs["timestamp"] == "1451620800000"


def test_a_token_of_the_app_goes_along_when_there_is_one() -> None:
    frames = [decode(connect(Subscriber("1", "g", token), "s", 0)) for token in ("", "from-auth-get")]

    assert [frame.customs.get("token") for frame in frames] == [None, "from-auth-get"]


def test_a_refused_connect_tells_the_words_of_the_service() -> None:
    answer = encode(Frame(Type.CONNECTACK, status=25, phrase="Invalid signature", flag=1))

    with pytest.raises(Refused, match="Invalid signature") as refused:
        acknowledged(answer)
    assert refused.value.platform_code == 25


@pytest.mark.parametrize(
    "answer",
    [
        Frame(Type.CONNECTACK, phrase="no such group"),
        Frame(Type.CONNECTACK, status=7),
    ],
    ids=["phrase alone", "status alone"],
)
def test_either_half_of_a_refusal_is_one(answer: Frame) -> None:
    with pytest.raises(Refused):
        acknowledged(encode(answer))


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP", encode(Frame(Type.CONNECTACK, flag=1)), encode(Frame(Type.SEND, token=TOKEN))],
    ids=["nothing", "no frame", "no token", "no acknowledgement"],
)
def test_an_answer_that_says_nothing_is_no_connection(answer: bytes) -> None:
    with pytest.raises(Unanswered):
        acknowledged(answer)


def test_pull_and_confirm_are_the_worked_frames() -> None:
    session = accepted()

    assert decode(session.pull) == Frame(Type.SEND, {"__kind": 1}, token=TOKEN)
    assert session.confirm(7104300007405429232).hex().endswith("02010002000000696405f0a1346f378b97620000")


def test_a_message_is_read_with_what_it_tells() -> None:
    assert read() == PushMessage(
        71, "9", "taobao_item_ItemDownshelf", JSON.encode(), user_id="123456789", nick="小店"
    )


@pytest.mark.parametrize("number", [Byte(9), Int32(9), Int64(9), "9"])
def test_numbers_may_be_of_any_width_or_texts(number: Value) -> None:
    assert read(data_id=number).data_id == "9"


def test_the_data_id_is_found_under_both_spellings() -> None:
    assert read(data_id=None, dataid=Int64(8)).data_id == "8"


def test_without_a_data_id_the_delivery_names_the_message() -> None:
    assert read(data_id=None).data_id == "id:71"


def test_a_compressed_content_is_unpacked() -> None:
    assert read(content=gzip.compress(JSON.encode())).content == JSON.encode()


@pytest.mark.parametrize(
    "packed",
    [
        b"\x1f\x8bno gzip",
        gzip.compress(JSON.encode())[:-9],
        gzip.compress(bytes(MOST_CONTENT_BYTES + 1)),
        b"",
    ],
    ids=["broken", "cut", "a bomb", "empty"],
)
def test_a_content_that_cannot_be_unpacked_stays_as_it_came(packed: bytes) -> None:
    assert read(content=packed).content == packed


def test_a_content_that_is_no_text_stays_as_it_came() -> None:
    assert read(content=b"\xff{\0".decode("utf-8", "surrogateescape")).content == b"\xff{\0"


def test_a_topic_no_database_keeps_is_made_one() -> None:
    assert read(topic="a\0b\udcff").topic == "a\ufffdb?"


def test_bytes_that_are_no_frame_are_a_message_nobody_can_confirm() -> None:
    message = accepted().read(b"\x02\x02\x09\x00")

    assert message is not None
    assert (message.delivery_id, message.topic, message.content) == (None, "", b"\x02\x02\x09\x00")


@pytest.mark.parametrize(
    "frame",
    [
        Frame(Type.SENDACK, {"__kind": Byte(Kind.DATA)}, flag=3),
        Frame(Type.SEND, {"__kind": Byte(Kind.NONE)}),
        Frame(Type.SEND),
    ],
)
def test_what_is_no_message_is_passed_over(frame: Frame) -> None:
    assert accepted().read(encode(frame)) is None


@given(
    st.dictionaries(
        st.sampled_from(["id", "topic", "content", "userid", "nick", "data_id", "dataid"]),
        st.none() | st.text() | st.binary() | st.integers(-(2**63), 2**63 - 1).map(Int64),
    )
)
def test_whatever_a_message_holds_it_can_be_kept(customs: dict[str, Value]) -> None:
    told = {
        name: v.encode("utf-8", "replace").decode() if isinstance(v, str) else v
        for name, v in customs.items()
    }

    message = accepted().read(encode(Frame(Type.SEND, {"__kind": Byte(Kind.DATA), **told}, token=TOKEN)))

    assert message is not None
    assert message.data_id
    for text in (message.data_id, message.topic, message.user_id, message.nick):
        assert "\0" not in text.encode().decode()
