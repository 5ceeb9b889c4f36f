"""`/shops/{shop}/checks`: products held to every rule, and kept nowhere."""

from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from onshelf.catalog.edit import Editor
from onshelf.catalog.given import Outcome
from onshelf.guard.roles import Permission
from onshelf.texts import Lang
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.paging import DryRun
from onshelf.web.problem import FaultOut, fault_out
from onshelf.web.product_forms import ProductIn
from onshelf.web.sent import Sent

router = APIRouter(prefix="/shops/{shop}/checks", tags=["products"])


class ChecksIn(Sent):
    """Products to check."""

    products: list[ProductIn] = Field(
        description="each as `PUT …/products/{outer_id}` takes it", min_length=1, max_length=100
    )


class SaidOut(FaultOut):
    """A fault, or a warning."""

    severity: Literal["fault", "warning"] = Field(description="a warning does not stop a product")


class CheckedOut(BaseModel):
    """What the rules say of one product."""

    outer_id: str
    good: bool = Field(description="nothing stops it")
    price: Decimal | None = Field(description="yuan, as it would be published; null: it is stopped")
    faults: list[SaidOut] = Field(description="all that is wrong with it, warnings too")

    @classmethod
    def of(cls, outcome: Outcome, lang: Lang) -> "CheckedOut":
        faults = outcome.finding.faults if outcome.finding else ()
        return cls(
            outer_id=outcome.outer_id,
            good=outcome.product is not None,
            price=outcome.product.price if outcome.product else None,
            faults=[SaidOut(**fault_out(one, lang).model_dump(), severity=one.severity) for one in faults],
        )


@router.post("")
async def check_products(
    shop: str, given: ChecksIn, door: Annotated[Door, Needs(Permission.READ)], dry_run: DryRun = False
) -> list[CheckedOut]:
    """Checks up to 100 products by the rules and the shop's profile, each by itself; keeps nothing."""
    editor = Editor(
        door.app.db,
        shop,
        folder=door.app.imports.pictures(shop),
        by=door.who.name,
        now_us=door.app.clock.now_us(),
    )
    return [CheckedOut.of(await editor.check(one.given()), door.lang) for one in given.products]
