"""A webhook that is told nothing any more is an alert of its own, about no shop."""

from dataclasses import replace

from onshelf.alerts.channels.mail import plain
from onshelf.alerts.render import Letter, digest
from onshelf.alerts.route import Route, route
from onshelf.alerts.rules import AlertState, changes
from onshelf.events import HookTrouble

AT = 1_763_724_483_000_000
STOPPED = HookTrouble("5f0c2a9d1e7b", "erp.example.com", "failing", over=False, at_us=AT)
OTHER = replace(STOPPED, hook_id="aa0c2a9d1e7b", host="crm.example.com", at_us=AT + 1)
RESUMED = replace(STOPPED, why="resumed", over=True, at_us=AT + 2)


def test_each_webhook_has_an_alert_of_its_own() -> None:
    told = changes([STOPPED, OTHER, RESUMED], {})

    assert [one.state for one in told] == [AlertState.FIRING, AlertState.FIRING, AlertState.RESOLVED]
    assert told[0].fingerprint == told[2].fingerprint != told[1].fingerprint


def test_only_channels_of_every_shop_hear_of_it() -> None:
    (alert,) = changes([STOPPED], {})

    assert route(alert, [Route("all"), Route("one", frozenset({"shop-a"}))]) == ("all",)


def test_the_message_names_where_it_leads_and_what_to_do() -> None:
    words = digest(Letter("01jd0000000abcdefghj", AT, tuple(changes([STOPPED], {})), "zh"))

    assert words.subject == "【严重】Webhook 已停止推送：erp.example.com（onshelf）"
    assert "开发者" in plain(words, "zh")
