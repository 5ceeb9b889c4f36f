"""What the service is built of, and what each of its routes works with: the app, who is asking, in which language."""

from dataclasses import dataclass

from onshelf.guard.change import Act
from onshelf.guard.invitations import Invitations
from onshelf.guard.keys import Keys
from onshelf.guard.openid import OpenId
from onshelf.guard.people import People
from onshelf.guard.roles import Permission, Principal
from onshelf.guard.sessions import Sessions
from onshelf.guard.totp import Totp
from onshelf.hooks.hub import Hub
from onshelf.shops.shop import Shop
from onshelf.texts import Lang
from onshelf.web.problem import Problem
from onshelf.wiring import App


@dataclass(frozen=True, slots=True)
class House:
    """The opened app, the same app with a database that keeps nothing, and those who may come in."""

    app: App
    rehearsal: App
    people: People
    keys: Keys
    sessions: Sessions
    invitations: Invitations
    totp: Totp
    openid: OpenId | None  # None: people sign in by password alone
    hub: Hub  # hands events to whoever follows them live


@dataclass(frozen=True, slots=True)
class Door:
    """One request's way in."""

    house: House
    who: Principal
    permission: Permission  # what the route asks for; the principal has it
    lang: Lang
    dry_run: bool = False

    @property
    def app(self) -> App:
        """Returns the app to work on; in a dry run one that does everything and keeps nothing."""
        return self.house.rehearsal if self.dry_run else self.house.app

    @property
    def people(self) -> People:
        """Returns the verbs of people, to work on as `app`."""
        return self.house.people.over(self.app.db)

    @property
    def keys(self) -> Keys:
        """Returns the verbs of keys, to work on as `app`."""
        return self.house.keys.over(self.app.db)

    @property
    def invitations(self) -> Invitations:
        """Returns the verbs of invitations, to work on as `app`."""
        return self.house.invitations.over(self.app.db)

    async def shop(self, shop_id: str) -> Shop:
        """Returns a shop of the principal's. Raises Problem 404, for somebody else's shop too."""
        shop = await self.app.shops.get(shop_id) if self.who.sees(shop_id) else None
        if shop is None:
            raise Problem(404, "no_shop", shop=shop_id)
        return shop

    async def shops(self) -> list[Shop]:
        """Returns the principal's shops, by name."""
        return [shop for shop in await self.app.shops.list() if self.who.sees(shop.shop_id)]

    async def must_cover(self, app_key: str = "") -> None:
        """Lets on only who sees every shop that is touched: those of an app; without one every shop, those to come too.

        Raises Problem 403.
        """
        touched = [shop.shop_id for shop in await self.app.shops.list() if shop.app_key == app_key]
        if not all(map(self.who.sees, touched)) if app_key else self.who.shops is not None:
            raise Problem(403, "others_shops")

    def acted(self, act: Act) -> None:
        """Notes in the audit log what the principal did; a dry run did nothing."""
        if not self.dry_run:
            self.app.audit.acted(self.who.name, act)
