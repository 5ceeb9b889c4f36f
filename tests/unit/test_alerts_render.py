"""The words of a message: what people read, in both languages, and nothing a title could break."""

from dataclasses import replace
from email import message_from_bytes, policy
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.alerts.channels.dingtalk import escape, markdown
from onshelf.alerts.channels.email import compose
from onshelf.alerts.channels.mail import html, plain
from onshelf.alerts.render import Letter, Links, beijing, cause_remedy, digest
from onshelf.alerts.rules import SHOP_CAUSES, Alert, AlertState, Severity
from onshelf.catalog.item import Reason, State
from onshelf.texts import LANGS, Lang

AT = 1_763_724_483_000_000  # 2025-11-21 19:28:03 in Beijing
ALERT = Alert(
    rule="left_the_shelf",
    state=AlertState.FIRING,
    severity=Severity.CRITICAL,
    shop_id="旗舰店",
    item_id=673_000_000_001,
    version=2,
    outer_id="SKU-1",
    title="连衣裙夏季新款",
    old=State.ONSALE,
    new=State.INSTOCK,
    cause=Reason.VIOLATION,
    happened_us=AT,
    seen_us=AT + 12_000_000,
    since_us=AT,
)
BACK = replace(
    ALERT,
    state=AlertState.RESOLVED,
    version=3,
    old=State.INSTOCK,
    new=State.ONSALE,
    cause=Reason.LISTED,
    happened_us=AT + 90_000_000,
)


def letter(*alerts: Alert, lang: Lang = "zh") -> Letter:
    return Letter("01jd0000000abcdefghj", AT, alerts, lang)


def many(count: int) -> list[Alert]:
    causes = [Reason.SOLD_OUT, Reason.VIOLATION, Reason.DELETED]
    return [
        replace(ALERT, item_id=number, title=f"商品{number}", cause=causes[number % 3])
        for number in range(count)
    ]


def test_a_message_of_one_item_says_what_where_when_and_what_to_do() -> None:
    words = digest(letter(ALERT))
    text = plain(words, "zh")

    assert words.subject == "【严重】违规下架：连衣裙夏季新款（旗舰店）"
    for part in (
        "在架 → 仓库中（违规下架）",
        "SKU-1",
        "2025-11-21 19:28:03",
        "2025-11-21 19:28:15",
        "https://item.taobao.com/item.htm?id=673000000001",
        "https://myseller.taobao.com",
        "整改或申诉",
        letter().short_id,
    ):
        assert part in text


def test_the_same_message_in_english() -> None:
    words = digest(letter(ALERT, lang="en"))

    assert words.subject == "[Critical] violation: 连衣裙夏季新款 (旗舰店)"
    assert "on sale → in the warehouse (violation)" in plain(words, "en")


def test_a_mass_delisting_is_one_message_with_counts_the_gravest_and_how_many_more() -> None:
    words = digest(letter(*many(500)), top=10)

    assert words.subject == "【严重】500 件商品离开货架（旗舰店）"
    assert words.summary == "离开货架 500 件：售罄 167，违规下架 167，商品被删除 166"
    assert len(words.entries) == 10
    assert "490" in words.more


def test_an_item_that_left_and_came_back_is_shown_once_as_it_stands() -> None:
    words = digest(letter(ALERT, BACK))

    assert [entry.badge for entry in words.entries] == ["恢复"]
    assert words.subject == "【恢复】预警已解除：连衣裙夏季新款（旗舰店）"
    assert "1.5 分钟" in words.entries[0].remedy


def test_firing_items_come_before_recovered_ones_and_loud_before_quiet() -> None:
    quiet = replace(ALERT, item_id=1, severity=Severity.WARNING, cause=Reason.SOLD_OUT)
    loud = replace(ALERT, item_id=2)
    over = replace(BACK, item_id=3)

    words = digest(letter(over, quiet, loud))

    assert [entry.badge for entry in words.entries] == ["严重", "警告", "恢复"]
    assert words.summary == "离开货架 2 件：违规下架 1，售罄 1；解除 1 件"


def test_a_test_message_says_in_its_first_line_that_it_is_one() -> None:
    words = digest(replace(letter(ALERT), test=True))

    assert words.subject == "【测试】预警渠道工作正常"
    assert "测试" in words.summary


def test_a_cause_or_state_this_version_does_not_know_is_still_told() -> None:
    words = digest(letter(replace(ALERT, cause="frozen_by_court", new="frozen")))

    assert "平台未给出原因" in words.subject
    assert "在架 → frozen" in words.entries[0].change


def test_links_lead_where_the_operator_set_them() -> None:
    there = replace(
        letter(ALERT), links=Links(item="https://t.example/{item_id}", office="https://o.example")
    )

    words = digest(there)

    assert words.entries[0].url == "https://t.example/673000000001"
    assert words.office_url == "https://o.example"


@pytest.mark.parametrize("lang", LANGS)
@given(title=st.text(max_size=80), code=st.text(max_size=20), shop=st.text(min_size=1, max_size=20))
def test_no_title_writes_headers_tags_or_markup(lang: Lang, title: str, code: str, shop: str) -> None:
    wild = replace(ALERT, title=title + "\r\nBcc: x@y <script>", outer_id=code, shop_id=shop)

    words = digest(letter(wild, lang=lang))
    mail = compose(letter(wild, lang=lang), sender="a@b.example", to=("c@d.example",))

    assert "\n" not in words.subject
    assert "\r" not in words.subject
    assert "<script>" not in html(words, lang)
    assert "<script>" not in markdown(words, lang)
    assert "Bcc" not in message_from_bytes(mail.as_bytes(), policy=policy.default)


def test_markdown_of_a_title_stays_text() -> None:
    assert escape("[点我](http://x) *a* <b>_1") == "［点我］(http://x) ＊a＊ ＜b＞_1"


def test_times_are_told_in_beijing() -> None:
    assert beijing(0) == "1970-01-01 08:00:00"


SHOP_ALERT = replace(
    ALERT,
    rule="authorisation",
    cause="authorisation_ended",
    item_id=0,
    outer_id="",
    title="",
    old="",
    new="",
)


def test_a_shops_alert_tells_the_way_by_the_console_and_by_the_terminal() -> None:
    (entry,) = digest(letter(SHOP_ALERT)).entries

    assert "控制台" in entry.remedy
    assert f"onshelf shop auth {ALERT.shop_id}" in entry.remedy
    assert "onshelf" not in cause_remedy("authorisation_ended", "zh")


def test_a_shops_alert_leads_to_the_console_once_it_has_an_address() -> None:
    public = replace(letter(SHOP_ALERT), links=Links(console="https://onshelf.example.com"))

    assert digest(public).entries[0].url == f"https://onshelf.example.com/shops/{quote(ALERT.shop_id)}"
    assert digest(letter(SHOP_ALERT)).entries[0].url == Links().office


@pytest.mark.parametrize("cause", sorted(SHOP_CAUSES))
@pytest.mark.parametrize("lang", LANGS)
def test_every_shops_alert_can_be_put_into_a_message(cause: str, lang: Lang) -> None:
    shop = "" if cause == "webhook_stopped" else ALERT.shop_id
    (entry,) = digest(letter(replace(SHOP_ALERT, cause=cause, shop_id=shop), lang=lang)).entries

    assert entry.remedy
