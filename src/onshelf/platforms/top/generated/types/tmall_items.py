"""Items on Tmall: types that replies hold. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

import msgspec

from onshelf.platforms.top.rows import Rows


class ItemDescModule(msgspec.Struct, kw_only=True):
    """`ItemDescModule` as replies show it."""

    content: str | None = None
    intros: str | None = None
    module_id: int | None = None
    module_name: str | None = None
    required: bool | None = None
    tpl_urls: str | None = None
    type: str | None = None


class ModularDescInfo(msgspec.Struct, kw_only=True):
    """`ModularDescInfo` as replies show it."""

    dead_line: str | None = None
    itm_dsc_modules: Rows[ItemDescModule] = Rows()
    user_order: bool | None = None
    usr_def_max_num: int | None = None
