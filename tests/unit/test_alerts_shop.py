"""Trouble of a shop as an alert: when it fires, when it is over, and how it reads beside the alerts of items."""

from dataclasses import replace

import msgspec
import pytest

from onshelf.alerts.channels.dingtalk import markdown
from onshelf.alerts.channels.mail import html, plain
from onshelf.alerts.channels.webhook import payload
from onshelf.alerts.render import Letter, digest
from onshelf.alerts.rules import SHOP_CAUSES, Alert, AlertState, Severity, changes, match
from onshelf.events import ShopTrouble
from onshelf.texts import LANGS, Lang, text

AT = 1_763_724_483_000_000
ENDS = ShopTrouble("旗舰店", "authorisation", "authorisation_ends", False, False, "2025-12-21 19:28", AT)
SOON = replace(ENDS, loud=True, at_us=AT + 1)
ENDED = replace(ENDS, cause="authorisation_ended", loud=True, what="", at_us=AT + 2)
OVER = replace(ENDS, over=True, what="", at_us=AT + 3)
PROBE = ShopTrouble("旗舰店", "probe", "probe_failed", False, False, "taobao.picture.get", AT)


def alert(event: ShopTrouble) -> Alert:
    (found,) = match(event)
    return found


def letter(*events: ShopTrouble, lang: Lang = "zh") -> Letter:
    return Letter("01jd0000000abcdefghj", AT, tuple(map(alert, events)), lang)


def test_each_step_is_news_and_the_last_ones_are_loud() -> None:
    told = changes([ENDS, SOON, ENDED, OVER], {})

    assert [one.severity for one in told[:3]] == [Severity.WARNING, Severity.CRITICAL, Severity.CRITICAL]
    assert [one.state for one in told] == [*[AlertState.FIRING] * 3, AlertState.RESOLVED]
    assert len({one.change_id for one in told}) == 4


def test_the_end_of_what_never_fired_is_no_news() -> None:
    assert changes([OVER], {}) == []


def test_a_probe_and_an_authorisation_are_two_alerts() -> None:
    assert alert(PROBE).fingerprint != alert(ENDS).fingerprint
    assert alert(PROBE).group != alert(ENDS).group


def test_a_message_says_what_when_and_what_to_do_and_names_no_item() -> None:
    words = digest(letter(ENDS))

    for told in (plain(words, "zh"), html(words, "zh"), markdown(words, "zh")):
        assert "店铺授权即将到期" in told
        assert "2025-12-21 19:28" in told
        assert "onshelf shop auth" in told
        assert "离开货架" not in told
        assert "item.taobao.com" not in told
    assert text("alerts.label.item", "zh") not in plain(words, "zh")
    assert words.subject == "【警告】店铺授权即将到期：2025-12-21 19:28（旗舰店）"


def test_an_alert_without_a_fact_is_called_by_its_shop() -> None:
    assert digest(letter(ENDED)).entries[0].title == "旗舰店"


def test_several_matters_of_one_shop_are_counted_as_such() -> None:
    words = digest(letter(ENDED, replace(ENDED, shop_id="二店")))

    assert words.subject == "【严重】店铺有 2 件事要处理（2 个店铺）"


def test_programs_are_told_that_there_is_no_item() -> None:
    (item,) = msgspec.json.decode(payload(letter(PROBE)))["data"]["items"]

    assert (item["item_id"], item["item_url"], item["cause"]) == (0, "", "probe_failed")


@pytest.mark.parametrize("cause", sorted(SHOP_CAUSES))
@pytest.mark.parametrize("lang", LANGS)
def test_every_cause_has_its_words(cause: str, lang: Lang) -> None:
    assert text(f"alerts.cause.{cause}", lang)
    assert text(f"alerts.remedy.{cause}", lang)
