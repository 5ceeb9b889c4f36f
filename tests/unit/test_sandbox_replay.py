"""Which recorded reply answers a call."""

from pathlib import Path

import pytest

from onshelf.sandbox.errors import ApiError
from onshelf.sandbox.replay import Line, Recording, UnreadableRecording
from onshelf.sandbox.wire import Json

READ = "taobao.item.seller.get"


def reply(title: str) -> Json:
    return {"item_seller_get_response": {"item": {"title": title}, "request_id": "r1"}}


def test_equal_parameters_are_answered_and_others_are_not() -> None:
    recording = Recording([Line(READ, {"num_iid": "1"}, reply("A"))])

    assert recording.answer(READ, {"num_iid": "1", "sign": "x", "session": "y"}) == {"item": {"title": "A"}}
    assert recording.answer(READ, {"num_iid": "2"}) is None
    assert recording.answer(READ, {"num_iid": "1", "fields": "title"}) is None
    assert recording.answer("taobao.item.get", {"num_iid": "1"}) is None


def test_equal_calls_are_answered_in_their_order_and_the_last_answer_stays() -> None:
    recording = Recording([Line(READ, {"num_iid": "1"}, reply(title)) for title in "AB"])

    titles = [(recording.answer(READ, {"num_iid": "1"}) or {})["item"]["title"] for _ in range(3)]

    assert titles == ["A", "B", "B"]


def test_a_hidden_parameter_matches_any_value() -> None:
    recording = Recording([Line(READ, {"num_iid": "1", "buyer_nick": "•••"}, reply("A"))])

    assert recording.answer(READ, {"num_iid": "1", "buyer_nick": "小明"})


@pytest.mark.parametrize(
    ("recorded", "asked", "fits"),
    [
        ('{"nick":"•••","tid":1}', '{"tid": 1, "nick": "小明"}', True),
        ('{"nick":"•••","tid":1}', '{"tid": 2, "nick": "小明"}', False),
        ('[{"phone":0,"name":"•••"}]', '[{"phone":5712345678,"name":"小明"}]', True),
        ("打给 138****5678 小明", "打给 13812345678 小明", True),
        ("session=•••&x=1", "session=6100e2&x=1", True),
        ("session=•••&x=1", "session=6100e2&x=2", False),
        ('{"a":1}', '{"a": 1}', False),
    ],
)
def test_what_was_hidden_inside_a_text_matches_any_value(recorded: str, asked: str, fits: bool) -> None:
    recording = Recording([Line(READ, {"q": recorded}, reply("A"))])

    assert (recording.answer(READ, {"q": asked}) is not None) is fits


def test_a_recorded_refusal_is_a_refusal_again() -> None:
    refusal = {"code": 15, "msg": "Remote service error", "sub_code": "isv.x", "sub_msg": "没有"}
    recording = Recording([Line(READ, {}, {"error_response": refusal})])

    with pytest.raises(ApiError) as caught:
        recording.answer(READ, {})

    assert caught.value.fields() == refusal


def test_what_had_no_reply_answers_nothing() -> None:
    assert Recording([Line(READ, {}, None), Line(READ, None, None)]).answer(READ, {}) is None


def test_a_line_that_is_no_call_is_named(tmp_path: Path) -> None:
    file = tmp_path / "calls.ndjson"
    file.write_text('{"method": "taobao.time.get"}\nnonsense\n')

    with pytest.raises(UnreadableRecording) as caught:
        Recording.load(file)

    assert caught.value.line == 2
