"""What a role may call of the platform by name."""

import pytest

from onshelf.guard.roles import Principal, Role

READERS = (Role.OPERATOR, Role.APPROVER)


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize(
    "method",
    ["taobao.item.seller.get", "taobao.items.onsale.get", "taobao.itemcats.authorize.get", "taobao.simba.keywords.changed.get"],
)  # fmt: skip
def test_who_operates_reads_the_shop(role: Role, method: str) -> None:
    assert Principal("person:lin", role).may_call(method)


@pytest.mark.parametrize("role", [Role.VIEWER, *READERS])
@pytest.mark.parametrize(
    "method",
    [
        "taobao.top.secret.get", "taobao.jst.secret.get", "taobao.tmc.auth.get", "taobao.top.once.token.get",
        "taobao.mtop.upload.token.get", "taobao.openlink.session.get", "taobao.simba.login.authsign.get",
        "alibaba.wt.cif.coop.osstoken.get", "taobao.top.Secret.get", "taobao.item.delete", "taobao.item.add",
    ],
)  # fmt: skip
def test_who_only_reads_is_given_no_way_in(role: Role, method: str) -> None:
    """Some reads answer with what opens other doors: the key of buyers' data, tokens, sessions."""
    assert not Principal("person:lin", role).may_call(method)
    assert Principal("key:erp", Role.DEVELOPER).may_call(method)
