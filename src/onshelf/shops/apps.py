"""The secrets of apps for the platform's client, kept in memory for a short while."""

from onshelf.clock import SECOND_US, Clock
from onshelf.shops.store import ShopStore

_KEPT_US = 60 * SECOND_US  # a secret changed by another process is in use after a minute


class AppSecrets:
    """Implements the client's port `Apps`."""

    def __init__(self, store: ShopStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._kept: dict[str, tuple[str, int]] = {}

    async def secret(self, app_key: str) -> str:
        """Returns the secret of an app; raises SettingsError when the app is not known."""
        kept = self._kept.get(app_key)
        now_us = self._clock.now_us()
        if kept is None or now_us >= kept[1]:
            secret = await self._store.secret(app_key)
            kept = self._kept[app_key] = secret.reveal(), now_us + _KEPT_US
        return kept[0]
