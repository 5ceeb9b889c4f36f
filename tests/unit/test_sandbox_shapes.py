"""Methods without known limits: arguments are checked by presence and type, the answer is empty in the right shape."""

import pytest
from msgspec import json

from onshelf.platforms.top import catalogue
from onshelf.platforms.top.catalogue import Param, example
from onshelf.sandbox.errors import InvalidArguments, InvalidMethod, MissingArguments
from onshelf.sandbox.launch import ask, in_process
from onshelf.sandbox.shapes import known

STRANGE = "taobao.simba.campaign.area.get"  # in the whole catalogue only; wants a number


def written(param: Param) -> str:
    """Writes a value as the client's own catalogue takes it: the two are made apart from one file."""
    value = example(param)
    if param.is_json:
        return json.encode([value] if param.list else value).decode()
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_every_method_either_side_knows_passes_with_what_the_other_calls_an_example() -> None:
    for name in catalogue.names():
        method = catalogue.describe(name)
        assert method
        text = {one.name: written(one) for one in method.params if one.type != "bytes"}
        files = {one.name: memoryview(b"GIF89a") for one in method.params if one.type == "bytes"}

        known(name).check(text, files)

        assert known(name).root == method.response.root_key


def test_a_missing_argument_and_one_of_the_wrong_type_are_refused() -> None:
    method = known(STRANGE)

    with pytest.raises(MissingArguments) as missing:
        method.check({}, {})
    with pytest.raises(InvalidArguments) as wrong:
        method.check({"campaign_id": "abc"}, {})

    assert missing.value.fields()["msg"] == "Missing required arguments:campaign_id"
    assert wrong.value.fields()["msg"] == "Invalid arguments:campaign_id"


def test_a_name_in_no_catalogue_is_no_method() -> None:
    with pytest.raises(InvalidMethod):
        known("taobao.trade.created.get")


async def test_the_answer_is_empty_and_needs_no_session() -> None:
    answer = await ask(in_process(), STRANGE, session="", campaign_id=1)

    assert list(answer) == ["request_id"]
