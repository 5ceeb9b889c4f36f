"""What fields and parameters mean that mean the same wherever they stand; others say it themselves."""

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "alert": "id of the alert",
    "app_key": "key of the app at the platform",
    "channel": "name of the channel",
    "city": "place the goods are sent from; empty: the profile's",
    "created": "when it was made",
    "delivery": "id of the message",
    "delivery_template_id": "id of a delivery template (运费模板); null: the seller pays, or the profile's",
    "invitation": "id of the invitation",
    "item_id": "the platform's id of the item (num_iid)",
    "job": "id of the job",
    "key": "id of the key",
    "made_by": "who made it, as the audit log names them",
    "name": "its name",
    "outer_id": "商家编码: the seller's own code; empty: none",
    "person": "id of the person",
    "province": "place the goods are sent from; empty: the profile's",
    "remedy": "what to do about it, for people; empty: nothing",
    "role": "what may be done; `GET /me` lists the permissions of yours",
    "shop": "your name of the shop",
    "silence": "id of the silence",
    "size_bytes": "bytes",
    "title": "its title",
    "webhook": "id of the webhook",
}
"""Name → meaning."""
