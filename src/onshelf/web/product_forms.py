"""How a product looks over the API: as a row of a list, whole, and as a program gives it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, Field

from onshelf.catalog.given import MOST_SKUS, Given
from onshelf.catalog.product import Fault, Finding, Product, Sku
from onshelf.catalog.product_list import Shown
from onshelf.catalog.store import Stored
from onshelf.clock import from_us
from onshelf.texts import Lang
from onshelf.web.etag import etag_of
from onshelf.web.paging import Row
from onshelf.web.problem import FaultOut, fault_out
from onshelf.web.sent import Sent

Money = Annotated[str | float, Field(description="yuan, best as a string: `12.50`")]
Count = Annotated[int | str, Field(description="pieces")]
Id = Annotated[int, Field(ge=1, lt=10**18)]
Text = Annotated[str, Field(max_length=25_000)]
Word = Annotated[str, Field(max_length=400)]


class ProductRow(Row):
    """A product of ours, as lists show it."""

    outer_id: str = Field(description="商家编码: its key")
    title: str
    price: Decimal = Field(description="yuan; the lowest of its variants")
    stock: int = Field(description="pieces, of all variants together")
    category_id: int = Field(description="leaf category")
    variants: int = Field(description="0: it has none")
    held: bool = Field(description="the newest import found it faulty: not published until it is mended")
    item_ids: list[int] = Field(description="items on the platform with its code; empty: not listed")
    deleted_item_ids: list[int] = Field(
        description="items with its code that were deleted on the platform, the latest first, where no other is left"
    )
    source: str = Field(description="where it came from: file and row, or who wrote it")
    changed: datetime = Field(description="when what is published of it last changed")

    @classmethod
    def of(cls, shown: Shown) -> "ProductRow":
        product = shown.stored.product
        return cls(
            outer_id=product.outer_id,
            title=product.title,
            price=product.price,
            stock=product.stock,
            category_id=product.category_id,
            variants=len(product.skus),
            held=shown.stored.held,
            item_ids=[item.item_id for item in shown.items],
            deleted_item_ids=[item.item_id for item in shown.deleted],
            source=product.source,
            changed=from_us(shown.stored.changed_us),
        )


class SkuOut(BaseModel):
    """A variant."""

    outer_id: str = Field(description="its own code; empty: none")
    options: dict[str, str] = Field(description="name → value: `{颜色: 红}`")
    price: Decimal = Field(description="yuan")
    stock: int = Field(description="pieces")

    @classmethod
    def of(cls, sku: Sku) -> "SkuOut":
        return cls(outer_id=sku.outer_id, options=dict(sku.options), price=sku.price, stock=sku.stock)


class ProductOut(BaseModel):
    """A whole product."""

    outer_id: str = Field(description="商家编码: its key")
    title: str
    price: Decimal = Field(description="yuan; the lowest of its variants")
    stock: int = Field(description="pieces, of all variants together")
    category_id: int = Field(description="leaf category")
    description: str = Field(description="HTML")
    condition: str = Field(description="`new`, `second` or `unused`")
    province: str
    city: str
    delivery_template_id: int | None = Field(description="null: the seller pays")
    properties: str = Field(description="`pid:vid;pid:vid`, those of its variants included")
    pictures: list[str] = Field(description="names in the shop's picture folder, main picture first")
    skus: list[SkuOut] = Field(description="variants; empty: it has none")
    source: str = Field(description="where it came from: file and row, or who wrote it")
    held: bool = Field(description="the newest import found it faulty: not published until it is mended")
    faults: list[FaultOut] = Field(description="why it is held, as far as that is still known")
    changed: datetime = Field(description="when what is published of it last changed")

    @classmethod
    def of(cls, stored: Stored, why: Finding | None, folder: Path, lang: Lang) -> "ProductOut":
        product = stored.product
        return cls(
            outer_id=product.outer_id,
            title=product.title,
            price=product.price,
            stock=product.stock,
            category_id=product.category_id,
            description=product.description,
            condition=product.condition,
            province=product.province,
            city=product.city,
            delivery_template_id=product.delivery_template_id,
            properties=product.properties,
            pictures=picture_names(product, folder),
            skus=[SkuOut.of(sku) for sku in product.skus],
            source=product.source,
            held=stored.held,
            faults=faults_out(why.faults if why and stored.held else (), lang),
            changed=from_us(stored.changed_us),
        )


class SkuIn(Sent):
    """A variant."""

    outer_id: Word = Field(default="", description="its own code; empty: none")
    options: dict[Word, Word] = Field(description="name → value: `{颜色: 红, 尺码: M}`", max_length=10)
    price: Money = Field(default="", description="yuan; empty: the product's")
    cost: Money = ""
    stock: Count = ""


class ProductChange(Sent):
    """The fields to change; those left out stay."""

    title: Word = ""
    price: Money = Field(
        default="",
        description="yuan, best as a string: `12.50`; empty: computed from the cost",
        examples=["129.00"],
    )
    cost: Money = Field(default="", description="yuan; not kept, only the price that follows from it is")
    list_price: Money = ""
    floor: Money = Field(default="", description="yuan; the price may not lie below it")
    stock: Count = Field(default="", description="pieces; empty: the profile's", examples=[50])
    category_id: Id | None = Field(default=None, description="leaf category; null: by `category`")
    category: Word = Field(default="", description="a word that the profile maps to a leaf category")
    description: Text = Field(default="", description="HTML; tags that are not allowed are cut")
    condition: Word = Field(default="", description="`new`, `second` or `unused`; empty: the profile's")
    province: Word = ""
    city: Word = ""
    delivery_template_id: Id | None = None
    properties: Word = Field(default="", description="`pid:vid;pid:vid`")
    pictures: list[Word] = Field(
        default_factory=list, max_length=20, description="names in the shop's picture folder"
    )
    skus: list[SkuIn] = Field(default_factory=list, max_length=MOST_SKUS, description="variants")

    def said(self) -> dict[str, Any]:
        """Returns the fields that were given, as `Given` has them."""
        given = self.model_dump(include=self.model_fields_set)
        whole = msgspec.convert(given, Given)
        return {name: getattr(whole, name) for name in given}


def _read_only(what: str) -> Any:
    """A field of the answer that may come back with the product, and is passed over."""
    return Field(
        default=None,
        exclude=True,
        description=f"{what}; may come back as it was read, and is ignored",
        json_schema_extra={"readOnly": True},
    )


class ProductIn(ProductChange):
    """A whole product, as it was read or anew; what it leaves out the shop's publishing profile supplies."""

    outer_id: Word = Field(default="", description="商家编码; in a path that names it: the same, or left out")
    source: Any = _read_only("where it came from")
    held: Any = _read_only("whether it is held; putting it whole lifts the hold")
    faults: Any = _read_only("why it is held")
    changed: Any = _read_only("when it last changed")

    def given(self) -> Given:
        """Returns it as the room has it."""
        return msgspec.convert(self.model_dump(), Given)


def faults_out(faults: Sequence[Fault], lang: Lang) -> list[FaultOut]:
    """Puts faults into words."""
    return [fault_out(fault, lang) for fault in faults]


def picture_names(product: Product, folder: Path) -> list[str]:
    """Names the pictures as a program would: within the shop's folder; no path of this machine is told."""
    paths = [PurePath(picture) for picture in product.pictures]
    return [str(path.relative_to(folder)) if path.is_relative_to(folder) else path.name for path in paths]


def product_etag(stored: Stored, why: Finding | None) -> str:
    """Returns the ETag of a whole product."""
    return etag_of(repr((stored.digest, stored.held, stored.changed_us, stored.product.source, why)).encode())
