"""Items: types that replies hold. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

import msgspec


class IdsModule(msgspec.Struct, kw_only=True):
    """`IdsModule` as replies show it."""

    id: int | None = None
    name: str | None = None
    type: int | None = None


class ItemTemplate(msgspec.Struct, kw_only=True):
    """`ItemTemplate` as replies show it."""

    shop_type: int | None = None
    template_id: int | None = None
    template_name: str | None = None
