"""Categories, properties, areas: types that replies hold. Made by `make methods` from the catalogue;
edit `scripts/generate_methods.py`."""

import msgspec

from onshelf.platforms.top.request import Time
from onshelf.platforms.top.rows import Rows


class Area(msgspec.Struct, kw_only=True):
    """`Area` as replies show it."""

    id: int | None = None
    name: str | None = None
    parent_id: int | None = None
    type: int | None = None
    zip: str | None = None


class Brand(msgspec.Struct, kw_only=True):
    """`Brand` as replies show it."""

    name: str | None = None
    pid: int | None = None
    prop_name: str | None = None
    vid: int | None = None


class ExprEl(msgspec.Struct, kw_only=True):
    """`ExprEl` as replies show it."""

    is_input: bool | None = None
    is_label: bool | None = None
    is_show_label: bool | None = None
    text: str | None = None
    type: int | None = None


class Feature(msgspec.Struct, kw_only=True):
    """`Feature` as replies show it."""

    attr_key: str | None = None
    attr_value: str | None = None


class ItemCat(msgspec.Struct, kw_only=True):
    """`ItemCat` as replies show it."""

    cid: int | None = None
    features: Rows[Feature] = Rows()
    is_parent: bool | None = None
    name: str | None = None
    parent_cid: int | None = None
    sort_order: int | None = None
    status: str | None = None  # normal, deleted
    taosir_cat: bool | None = None


class ItemMateriaValueDO(msgspec.Struct, kw_only=True):
    """`ItemMateriaValueDO` as replies show it."""

    name: str | None = None
    need_content_number: bool | None = None


class ItemMaterialProp(msgspec.Struct, kw_only=True):
    """`ItemMaterialProp` as replies show it."""

    materials: Rows[ItemMateriaValueDO] = Rows()


class PropValue(msgspec.Struct, kw_only=True):
    """`PropValue` as replies show it."""

    cid: int | None = None
    features: Rows[Feature] = Rows()
    is_parent: bool | None = None
    modified_time: Time | None = None
    modified_type: str | None = None
    name: str | None = None
    name_alias: str | None = None
    pid: int | None = None
    prop_name: str | None = None
    sort_order: int | None = None
    status: str | None = None
    vid: int | None = None


class StdUnit(msgspec.Struct, kw_only=True):
    """`StdUnit` as replies show it."""

    attr_key: str | None = None
    attr_value: str | None = None


class ItemTaosirDO(msgspec.Struct, kw_only=True):
    """`ItemTaosirDO` as replies show it."""

    expr_el_list: Rows[ExprEl] = Rows()
    precision: int | None = None
    std_unit_list: Rows[StdUnit] = Rows()
    type: int | None = None


class ItemProp(msgspec.Struct, kw_only=True):
    """`ItemProp` as replies show it."""

    child_template: str | None = None
    cid: int | None = None
    features: Rows[Feature] = Rows()
    is_allow_alias: bool | None = None
    is_color_prop: bool | None = None
    is_enum_prop: bool | None = None
    is_input_prop: bool | None = None
    is_item_prop: bool | None = None
    is_key_prop: bool | None = None
    is_material: bool | None = None
    is_sale_prop: bool | None = None
    is_taosir: bool | None = None
    material_do: ItemMaterialProp | None = None
    modified_time: Time | None = None
    modified_type: str | None = None
    multi: bool | None = None
    must: bool | None = None
    name: str | None = None
    parent_pid: int | None = None
    parent_vid: int | None = None
    pid: int | None = None
    prop_values: Rows[PropValue] = Rows()
    required: bool | None = None
    sort_order: int | None = None
    status: str | None = None  # normal, deleted
    taosir_do: ItemTaosirDO | None = None
    type: str | None = None


class SellerAuthorize(msgspec.Struct, kw_only=True):
    """`SellerAuthorize` as replies show it."""

    brands: Rows[Brand] = Rows()
    item_cats: Rows[ItemCat] = Rows()
    xinpin_item_cats: Rows[ItemCat] = Rows()


class SellerCat(msgspec.Struct, kw_only=True):
    """`SellerCat` as replies show it."""

    cid: int | None = None
    created: Time | None = None
    modified: Time | None = None
    name: str | None = None
    parent_cid: int | None = None
    pic_url: str | None = None
    sort_order: int | None = None
    type: str | None = None  # manual_type, new_type, tree_type, property_type, brand_type


class ShopCat(msgspec.Struct, kw_only=True):
    """`ShopCat` as replies show it."""

    cid: int | None = None
    is_parent: bool | None = None
    name: str | None = None
    parent_cid: int | None = None
