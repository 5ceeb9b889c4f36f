"""What code 11 asks for is read from the method and from the platform's own text."""

from importlib.resources import files

import msgspec
import pytest

from onshelf.errors import PermissionRefused
from onshelf.platforms.top.outcomes import Kind, judge
from onshelf.platforms.top.permissions import AllowList, allow_list, package_of, permission_remedy, scope_ids
from onshelf.platforms.top.protocol import Refusal

ADDRESS = "The appkey 1012339314 is only allowed to call from 10.232.1.247,10.232.1.248, but your ip is 10.232.1.249"


@pytest.mark.parametrize(
    ("method", "package"),
    [
        ("taobao.item.add", "商品"),
        ("alibaba.item.publish.submit", "商品"),
        ("taobao.trades.sold.get", "交易"),
        ("taobao.refunds.receive.get", "退款与售后"),
        ("taobao.logistics.offline.send", "物流"),
        ("taobao.picture.upload", "图片空间与多媒体"),
        ("taobao.tmc.messages.consume", "消息服务"),
        ("taobao.simba.rpt.custbase.get", "营销推广（直通车、万相台）"),
        ("taobao.itemcats.get", "类目与店铺"),
    ],
)
def test_a_method_names_its_package(method: str, package: str) -> None:
    found = package_of(method)

    assert found is not None
    assert found.name("zh") == package


def test_nearly_every_method_of_the_catalogue_has_a_package() -> None:
    catalogue = msgspec.json.decode((files("onshelf") / "reference" / "methods.json").read_bytes())
    methods = [name for name in catalogue if not name.startswith("_")]

    without = [method for method in methods if package_of(method) is None]

    assert len(without) <= len(methods) * 0.03, without


def test_the_numbers_of_packages_are_read_from_the_refusal() -> None:
    assert scope_ids("scope ids is 381 11655 13168") == ("381", "11655", "13168")
    assert scope_ids("no permission") == ()


def test_an_allow_list_is_read_from_the_refusal() -> None:
    assert allow_list(ADDRESS) == AllowList("1012339314", ("10.232.1.247", "10.232.1.248"), "10.232.1.249")
    assert allow_list("scope ids is 381") is None


def test_the_error_names_the_package_and_its_numbers() -> None:
    refusal = Refusal(
        11, "Insufficient isv permissions", "isv.permission-api-package-limit", "scope ids is 381", "r1"
    )

    error = judge("taobao.trades.sold.get", Kind.READ, refusal, 0)

    assert isinstance(error, PermissionRefused)
    assert "trades" in error.remedy("en")
    assert "381" in error.remedy("en")
    assert "交易" in error.remedy("zh")


def test_the_error_names_the_address_to_allow() -> None:
    refusal = Refusal(11, "Insufficient isv permissions", "isv.permission-ip-whitelist-limit", ADDRESS, "r1")

    error = judge("taobao.time.get", Kind.READ, refusal, 0)

    assert "adds 10.232.1.249" in error.remedy("en")


def test_a_user_without_permission_is_no_matter_of_packages() -> None:
    error = judge(
        "taobao.item.add", Kind.CREATE, Refusal(12, "Insufficient user permissions", "", "", "r1"), 0
    )

    assert isinstance(error, PermissionRefused)
    assert error.advice == {}
    assert error.remedy("en")


def test_an_unknown_method_is_sent_to_its_own_page() -> None:
    assert "x.y.z" in permission_remedy("x.y.z", "", "en")
    assert permission_remedy("", "", "en") == ""
