"""The sandbox's refusals beside recorded replies of the platform: same fields, same order, same texts.

Source: recorded bodies of 2012 to 2026 (public repositories); only request_id and serving host differ.
"""

import re
from urllib.parse import urlencode

import pytest

from onshelf.sandbox.launch import control, in_process, request, signed
from onshelf.sandbox.server import Sandbox

READ = {"method": "taobao.item.seller.get", "fields": "title", "num_iid": "11223344"}
SDK_11 = {"app_key": "12345678", "app_secret": "helloworld", "denied": ["taobao.item.*"]}


async def refusal(sandbox: Sandbox, change: dict[str, str], drop: str = "") -> str:
    """Returns the reply with a fixed request_id and host."""
    fields = signed(sandbox, READ["method"], {**READ, **change}) | ({"sign": "0"} if drop == "sign" else {})
    fields = {name: value for name, value in fields.items() if name != drop or name == "sign"}
    body = (await request(sandbox, "POST", "/router/rest", urlencode(fields).encode()))[2].decode()
    return re.sub(r"<!--.*-->", "<!--HOST-->", re.sub(r'(request_id"?[:>]"?)[0-9a-z]{12,13}', r"\1ID", body))


@pytest.mark.parametrize(
    ("change", "drop", "recorded"),
    [
        # error.21__1.json
        (
            {},
            "method",
            '{"code":21,"msg":"Missing method","sub_msg":"http传入的参数加入method字段","request_id":"ID"}',
        ),
        # error.22__1.json, of 2012, before there was a request_id
        ({"method": "no.such"}, "", '{"code":22,"msg":"Invalid method","request_id":"ID"}'),
        # error.25__1.json
        ({}, "sign", '{"code":25,"msg":"Invalid signature","request_id":"ID"}'),
        # error.29__1.json
        (
            {"app_key": "1"},
            "",
            '{"code":29,"msg":"Invalid app Key","sub_code":"isv.appkey-not-exists","request_id":"ID"}',
        ),
        # error.40__1.json, error.41__1.json: the same texts with other parameters
        ({"num_iid": ""}, "", '{"code":40,"msg":"Missing required arguments:num_iid","request_id":"ID"}'),
        ({"num_iid": "x"}, "", '{"code":41,"msg":"Invalid arguments:num_iid","request_id":"ID"}'),
    ],
)
async def test_a_refusal_reads_as_recorded(change: dict[str, str], drop: str, recorded: str) -> None:
    assert await refusal(in_process(), change, drop) == f'{{"error_response":{recorded}}}'


async def test_a_missing_permission_reads_as_recorded() -> None:
    """error.11__5.json, with two of its six scope ids."""
    sandbox = in_process()
    await control(sandbox, "apps", SDK_11)

    assert await refusal(sandbox, {}) == (
        '{"error_response":{"code":11,"msg":"Insufficient isv permissions","sub_code":"isv.permission-api-package-limit",'
        '"sub_msg":"scope ids is 381 11655","request_id":"ID"}}'
    )


async def test_a_dynamic_ban_reads_as_recorded() -> None:
    """error.7__3.json."""
    sandbox = in_process()
    await control(sandbox, "quota", {"per_second": 0})

    assert await refusal(sandbox, {}) == (
        '{"error_response":{"code":7,"msg":"App Call Limited","sub_code":"accesscontrol.limited-by-dynamic-access-count",'
        '"sub_msg":"This ban will last for 86400 more seconds","request_id":"ID"}}'
    )


async def test_an_xml_refusal_reads_as_recorded() -> None:
    """error.25__2.xml."""
    assert await refusal(in_process(), {"format": "xml"}, "sign") == (
        '<?xml version="1.0" encoding="utf-8" ?><error_response><code>25</code><msg>Invalid signature</msg>'
        "<request_id>ID</request_id></error_response><!--HOST-->"
    )
