"""`/shops/{shop}/profile`: what a shop puts in where a product says nothing, and what its price rule makes of a cost."""

from decimal import Decimal
from typing import Annotated

import msgspec
from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from onshelf.catalog.preview import preview
from onshelf.catalog.pricing import PriceRule
from onshelf.catalog.profile import Profile, decode_profile, encode_profile
from onshelf.catalog.store import load_profile
from onshelf.guard.roles import Permission
from onshelf.web import keeping
from onshelf.web.api.products import IfMatch
from onshelf.web.entrance import Needs
from onshelf.web.etag import check_match, etag_of
from onshelf.web.house import Door
from onshelf.web.paging import DryRun
from onshelf.web.problem import Problem
from onshelf.web.product_forms import Id, Word
from onshelf.web.sent import Sent

router = APIRouter(prefix="/shops/{shop}", tags=["products"])
Share = Annotated[Decimal, Field(ge=0, lt=1000, max_digits=12, description="as a fraction: `0.4` is 40 %")]
_WHOLE = {"headers": {"ETag": {"schema": {"type": "string"}, "description": "for `If-Match`"}}}


class RuleForm(Sent):
    """How a price follows from a cost; exactly one of `margin` and `markup` is set."""

    margin: Share | None = Field(
        default=None, description="share of the price that is left after cost and fees"
    )
    markup: Share | None = Field(default=None, description="share of the cost that is added")
    fee_rate: Share = Field(default=Decimal(0), description="share of the price the platform keeps, below 1")
    floor: Decimal = Field(default=Decimal(0), ge=0, lt=10**9, description="yuan; no price may lie below")
    ending: str = Field(default="", max_length=12, description="how prices end: `.90`, `9.00`; empty: anyhow")


class SalesPropertyForm(Sent):
    """The platform's sales property that stands for an option of ours."""

    property_id: Id = Field(description="the platform's id of the property")
    values: dict[Word, int] = Field(
        default_factory=dict, max_length=500, description="our word → value id; others become custom values"
    )


class ProfileForm(Sent):
    """A publishing profile, whole."""

    category_id: Id | None = Field(
        default=None, description="leaf category of products that name none; null: faulty"
    )
    categories: dict[Word, Id] = Field(
        default_factory=dict, max_length=5000, description="the file's own words → leaf category"
    )
    condition: str = Field(
        description="`new`, `second` or `unused`, of products that do not say",
        default="new",
        pattern="^(new|second|unused)$",
    )
    province: Word = ""
    city: Word = ""
    delivery_template_id: Id | None = Field(default=None, description="null: the seller pays, no template")
    description: str = Field(
        default="<p>{title}</p>", max_length=25_000, description="HTML; `{title}` is the only placeholder"
    )
    properties: Word = Field(default="", description="`pid:vid;pid:vid` of products without properties")
    sales_properties: dict[Word, SalesPropertyForm] = Field(
        default_factory=dict, max_length=200, description="option name → property"
    )
    price_rule: RuleForm | None = Field(
        default=None, description="null: every product needs a price of its own"
    )
    stock: int | None = Field(
        default=None, ge=0, le=900_000_000, description="pieces; null: every product names its own"
    )
    pictures_optional: bool = Field(default=False, description="true: a product may come without a picture")
    forbidden_words: list[Word] = Field(
        description="a title or description with one of them is faulty", default_factory=list, max_length=5000
    )

    @classmethod
    def of(cls, profile: Profile) -> "ProfileForm":
        return cls.model_validate(msgspec.to_builtins(profile))

    def profile(self) -> Profile:
        """Returns it as the room has it. Raises Unreadable for what no single field can tell."""
        return decode_profile(self.model_dump_json(), where="profile")


@router.get("/profile", response_model=ProfileForm, responses={200: _WHOLE})
async def show_profile(shop: str, door: Annotated[Door, Needs(Permission.READ)]) -> Response:
    """Shows a shop's publishing profile; a shop without one has the empty one."""
    return _answer(await load_profile(door.app.db, shop))


@router.put("/profile", response_model=ProfileForm, responses={200: _WHOLE})
async def put_profile(
    shop: str,
    given: ProfileForm,
    door: Annotated[Door, Needs(Permission.APPROVE)],
    if_match: IfMatch = None,
    dry_run: DryRun = False,
) -> Response:
    """Sets a shop's whole publishing profile. Products that are here stay as they are until they come again."""
    before = await load_profile(door.app.db, shop)
    check_match(if_match, _tag(before))
    after = given.profile()
    await keeping.set_profile(door, shop, before, after)
    return _answer(after)


class CostsIn(Sent):
    """Costs to price."""

    costs: list[Annotated[Decimal, Field(gt=0, lt=10**9, max_digits=15)]] = Field(
        min_length=1, max_length=100, description="yuan", examples=[["36.50", "128"]]
    )
    price_rule: RuleForm | None = Field(default=None, description="a rule to try; null: the profile's")


class PricedOut(BaseModel):
    """A price, step by step; all in yuan but the margin."""

    cost: Decimal = Field(description="as it was given")
    computed: Decimal = Field(description="by margin or markup and the fee")
    price: Decimal = Field(description="raised to the floor and rounded up to the ending")
    raised_to_floor: bool = Field(description="the floor made it higher than computed")
    fee: Decimal = Field(description="what the platform keeps of the price")
    left: Decimal = Field(description="price − fee − cost")
    margin: Decimal = Field(description="what is left, as a share of the price")


@router.post("/price-preview")
async def preview_prices(
    shop: str, given: CostsIn, door: Annotated[Door, Needs(Permission.READ)], dry_run: DryRun = False
) -> list[PricedOut]:
    """Tells what price follows from each cost, step by step; keeps nothing."""
    rule = await _rule(shop, given, door)
    return [PricedOut.model_validate(preview(cost, rule), from_attributes=True) for cost in given.costs]


async def _rule(shop: str, given: CostsIn, door: Door) -> PriceRule:
    profile = await load_profile(door.app.db, shop)
    if given.price_rule is not None:
        profile = ProfileForm(price_rule=given.price_rule).profile()
    if profile.price_rule is None:
        raise Problem(422, "no_price_rule", shop=shop)
    return profile.price_rule


def _answer(profile: Profile) -> Response:
    return Response(
        ProfileForm.of(profile).model_dump_json(),
        media_type="application/json",
        headers={"ETag": _tag(profile)},
    )


def _tag(profile: Profile) -> str:
    return etag_of(encode_profile(profile).encode())
