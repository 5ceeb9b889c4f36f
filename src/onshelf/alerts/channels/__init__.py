"""The registry of channels: one line a kind."""

from collections.abc import Mapping

from onshelf.alerts.channels import dingtalk, email, webhook
from onshelf.alerts.channels.kind import Kind

KINDS: Mapping[str, Kind] = {
    "email": email.KIND,
    "dingtalk": dingtalk.KIND,
    "webhook": webhook.KIND,
}
