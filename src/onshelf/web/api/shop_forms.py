"""What programs are told of a shop, and what they give to add one or to change it. Secrets come in and never go out."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, SecretStr

from onshelf.clock import SECOND_US, from_us
from onshelf.settings import Secret
from onshelf.shops.health import Probed
from onshelf.shops.push import feeds
from onshelf.shops.register import GATEWAY, OAUTH, Leaving, read_secret
from onshelf.shops.shop import ShopState
from onshelf.shops.standing import Authorisation, Standing
from onshelf.texts import Lang, text
from onshelf.web.paging import Row
from onshelf.web.sent import Sent

Address = Annotated[str, Field(max_length=300)]
AppKeyText = Annotated[
    str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$", description="key of the app at the platform")
]


class TiersOut(BaseModel):
    """Until when each level of the calls is permitted; null: as the session itself, as far as is known."""

    r1: datetime | None = Field(description="reads")
    r2: datetime | None = Field(description="high-risk reads")
    w1: datetime | None = Field(description="writes")
    w2: datetime | None = Field(description="high-risk writes")


class AuthorisationOut(BaseModel):
    """How long a shop is authorised, as far as the platform said."""

    dead: bool = Field(description="the platform refused it for good: the seller must agree again")
    expires: datetime | None = Field(description="end of the session in use; null: not told")
    ends: datetime | None = Field(description="when only the seller can renew it; null: not told")
    days_left: int | None = Field(description="whole days until `ends`; below zero after it")
    refreshable: bool = Field(description="renewed unattended until `ends`")
    sub_account: str = Field(description="sub-account that agreed; empty: the seller's own")
    tiers: TiersOut = Field(description="until when each level of the calls is permitted")

    @classmethod
    def of(cls, found: Authorisation) -> "AuthorisationOut":
        return cls(
            dead=found.dead,
            expires=_time(found.expires_us),
            ends=_time(found.ends_us),
            days_left=None if found.days_left is None else int(found.days_left // 1),
            refreshable=found.refreshable,
            sub_account=found.sub_nick,
            tiers=TiersOut(**{name: _time(until_us) for name, until_us in found.tiers.items()}),
        )


class ProbeFaultOut(BaseModel):
    """What a probe found wrong with one method."""

    method: str = Field(description="the method that was asked")
    code: str = Field(description="stable, for programs")
    message: str = Field(description="what is wrong and what to do about it")


class ProbeOut(BaseModel):
    """What a probe found: whether the session, the permissions and the clock are as they should be."""

    at: datetime | None = Field(description="null: a dry run, nothing was asked")
    well: bool = Field(description="everything that was asked was answered")
    offset_s: float | None = Field(description="the platform's clock minus ours; null: it did not answer")
    allowed: list[str] = Field(description="methods that answered; in a dry run those that would be asked")
    faults: list[ProbeFaultOut] = Field(description="what is wrong; empty: nothing")

    @classmethod
    def of(cls, found: Probed, lang: Lang) -> "ProbeOut":
        return cls(
            at=from_us(found.at_us),
            well=not found.faults,
            offset_s=None if found.offset_us is None else round(found.offset_us / SECOND_US, 1) + 0.0,
            allowed=list(found.allowed),
            faults=[
                ProbeFaultOut(method=one.method, code=one.code, message=one.message[lang])
                for one in found.faults
            ],
        )


class PushOut(BaseModel):
    """Whether the platform's messages come."""

    state: feeds.Standing = Field(
        description="off: no message service is named; ended: nobody receives; down: tried in vain; else how they come"
    )
    since: datetime | None = Field(description="when that began; null: not known")
    why: str = Field(description="why they do not come, in the words of whoever tried; empty: they do")
    last: datetime | None = Field(description="when the last message came; null: none yet")

    @classmethod
    def of(cls, standing: Standing) -> "PushOut":
        link = standing.link
        return cls(
            state=standing.push,
            since=None if link is None else from_us(link.since_us),
            why="" if link is None else link.why,
            last=None if link is None or not link.last_us else from_us(link.last_us),
        )


class HeldOut(BaseModel):
    """One reason why a shop's jobs wait."""

    why: str = Field(description="stable, for programs")
    message: str = Field(description="the reason, for people")


class ShopOut(Row):
    """A shop an operator added and how it stands; its secrets are never told."""

    shop: str = Field(description="the operator's name for it")
    platform: str = Field(description="`taobao`")
    app_key: str
    gateway: str = Field(description="where calls go")
    oauth: str = Field(description="where sellers agree; empty: sessions come another way")
    tmc: str = Field(description="where messages come from; empty: from nowhere")
    nick: str = Field(description="the seller's name on the platform; empty until it is known")
    state: ShopState = Field(
        description="`paused` by a person; `new`: never authorised; `expired`: the seller must agree again"
    )
    created: datetime
    authorisation: AuthorisationOut | None = Field(description="null: never authorised")
    probe: ProbeOut | None = Field(description="what the last probe found; null: there was none")
    push: PushOut = Field(description="whether the platform's messages come")
    held: list[HeldOut] = Field(description="why its jobs wait; empty: they go on")

    @classmethod
    def of(cls, standing: Standing, lang: Lang) -> "ShopOut":
        shop, lasts, probed = standing.shop, standing.authorisation, standing.probed
        return cls(
            shop=shop.shop_id,
            platform=shop.platform,
            app_key=shop.app_key,
            gateway=shop.gateway,
            oauth=shop.oauth,
            tmc=shop.tmc,
            nick=shop.nick,
            state=shop.state,
            created=from_us(shop.created_us),
            authorisation=AuthorisationOut.of(lasts) if lasts else None,
            probe=ProbeOut.of(probed, lang) if probed else None,
            push=PushOut.of(standing),
            held=[HeldOut(why=why, message=text(why, lang)) for why in standing.held],
        )


class ShopIn(Sent):
    """A shop to add."""

    shop: str = Field(
        max_length=64, description="your name for it: letters, digits, Chinese characters, - and _"
    )
    app_key: AppKeyText
    app_secret: SecretStr | None = Field(
        default=None, description="secret of the app; leave out for a further shop of an app that is known"
    )
    session: SecretStr | None = Field(
        default=None,
        description="a session that came another way than by a link; leave out to authorise later",
    )
    gateway: Address = Field(default=GATEWAY, description="where calls go")
    oauth: Address = Field(default=OAUTH, description="up to `/authorize`; empty: sessions come another way")
    tmc: Address = Field(default="", description="message service, ws://… or wss://…; empty: none")


class ShopChange(Sent):
    """What is to change of a shop; what is left out stays."""

    app_key: AppKeyText | None = None
    app_secret: SecretStr | None = Field(default=None, description="of the app, for all its shops")
    gateway: Address | None = Field(default=None, description="where calls go")
    oauth: Address | None = Field(
        default=None, description="up to `/authorize`; empty: sessions come another way"
    )
    tmc: Address | None = Field(default=None, description="message service, ws://… or wss://…; empty: none")
    nick: str | None = Field(
        default=None, max_length=100, description="empty forgets the seller, for one who was renamed"
    )

    def fields(self) -> dict[str, Any]:
        """Returns the fields of a shop that are to change."""
        return self.model_dump(exclude={"app_secret"}, exclude_none=True)


class SessionIn(Sent):
    """A session that came another way than by a link."""

    session: SecretStr = Field(description="what the platform calls access token or session key")


class LeavingOut(BaseModel):
    """What goes with a shop. Its products, items and history stay, so that one added again lists nothing twice."""

    shop: str
    authorisation: bool = Field(description="there is one, and it goes")
    schedules: list[str] = Field(description="looks that end")
    jobs: int = Field(description="open jobs that are cancelled")
    lines: int = Field(description="lines of those jobs")
    app_secret: bool = Field(description="goes too, for no other shop uses the app")
    in_doubt: int = Field(description="products of which nobody knows what their last write came to")

    @classmethod
    def of(cls, shop: str, gone: Leaving) -> "LeavingOut":
        return cls(
            shop=shop,
            authorisation=gone.authorisation,
            schedules=list(gone.schedules),
            jobs=gone.jobs,
            lines=gone.lines,
            app_secret=gone.app_secret,
            in_doubt=gone.in_doubt,
        )


class AuthoriseLinkOut(BaseModel):
    """A link for a seller."""

    shop: str
    link: str = Field(
        description="the platform's page: whoever signs in there as the seller and agrees authorises the shop"
    )
    redirect_uri: str = Field(
        description="where the platform sends the seller back to; the app must have it registered"
    )
    until: datetime = Field(description="until when it is good, once")


def secret_of(given: SecretStr | None, name: str) -> Secret | None:
    """Reads a secret; None stays. Raises SettingsError that names the field and never tells the value."""
    return None if given is None else read_secret(given.get_secret_value(), name)


def _time(moment_us: int | None) -> datetime | None:
    return None if moment_us is None else from_us(moment_us)
