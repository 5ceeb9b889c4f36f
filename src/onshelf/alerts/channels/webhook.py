"""A signed webhook (`platforms/webhook.py`); programs get every single change."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from onshelf.alerts.channels.kind import Channel, Field, Kind, Receipt, Tools, unsent, web_address
from onshelf.alerts.render import Letter
from onshelf.alerts.rules import Alert, AlertState
from onshelf.clock import from_us
from onshelf.errors import DeliveryError
from onshelf.platforms.transport import ConnectFailed, NoReply
from onshelf.platforms.webhook import checked_secrets, post


@dataclass(frozen=True, slots=True)
class Webhook:
    """One receiver of signed JSON."""

    name: str
    url: str
    secret: str
    tools: Tools

    async def send(self, letter: Letter) -> Receipt:
        tools = self.tools
        try:
            answered = await post(
                tools.transport, tools.clock, self.url, self.secret, letter.delivery_id, payload(letter)
            )
        except (ConnectFailed, NoReply) as error:
            raise unsent(self.name, error, str(error)) from error
        said = f"HTTP {answered.status} {answered.words}".strip()
        if not answered.accepted:
            raise DeliveryError(
                self.name,
                said,
                permanent=answered.gone,
                retry_after_s=answered.retry_after_s,
            )
        return Receipt(answer=said)


def payload(letter: Letter) -> bytes:
    """Writes a letter as JSON: counts, and every change in order. The same letter always gives the same bytes."""
    return msgspec.json.encode(
        {
            "type": "alert.test" if letter.test else "alert.changed",
            "timestamp": _iso(letter.created_us),
            "data": {
                "delivery_id": letter.delivery_id,
                "firing": sum(alert.state == AlertState.FIRING for alert in letter.alerts),
                "resolved": sum(alert.state == AlertState.RESOLVED for alert in letter.alerts),
                "items": [_item(alert, letter) for alert in letter.alerts],
            },
        }
    )


def _item(alert: Alert, letter: Letter) -> dict[str, object]:
    return {
        "change_id": alert.change_id,
        "fingerprint": alert.fingerprint,
        "rule": alert.rule,
        "state": alert.state,
        "severity": alert.severity,
        "shop_id": alert.shop_id,
        "item_id": alert.item_id,
        "outer_id": alert.outer_id,
        "title": alert.title,
        "from": alert.old,
        "to": alert.new,
        "cause": alert.cause,
        "since": _iso(alert.since_us),
        "happened_at": _iso(alert.happened_us),
        "seen_at": _iso(alert.seen_us),
        "item_url": letter.links.item.format(item_id=alert.item_id) if alert.item_id else "",
        "office_url": letter.links.office,
    }


def _iso(at_us: int) -> str:
    return from_us(at_us).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _build(name: str, config: Mapping[str, str], tools: Tools) -> Channel:
    return Webhook(name, config["url"], config["secret"], tools)


KIND = Kind(
    fields=(Field("url", web_address), Field("secret", checked_secrets, secret=True)),
    build=_build,
    folds=False,
    most_changes=200,  # about 100 kB of JSON
)
