"""What the columns of a file mean: Chinese and English header names, in one table, to our own field names. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

REASON = "reason"
"""Field of the column in which our own report says what to mend; never read."""

ALIASES: dict[str, tuple[str, ...]] = {
    "outer_id": ("商家编码", "商品编码", "货号", "款号", "编码", "outer_id", "outer id", "item code"),
    "sku_outer_id": ("规格编码", "sku编码", "sku商家编码", "商家sku编码", "sku", "sku_outer_id", "sku code"),
    "handle": ("handle",),
    "title": ("标题", "宝贝标题", "商品标题", "宝贝名称", "商品名称", "产品名称", "名称", "title", "name"),
    "price": ("价格", "售价", "销售价", "一口价", "单价", "宝贝价格", "price", "sale price"),
    "cost": ("成本", "成本价", "进价", "采购价", "cost", "cost price", "cost per item"),
    "list_price": ("原价", "市场价", "吊牌价", "划线价", "list price", "compare at price"),
    "floor": ("底价", "最低价", "最低售价", "floor", "floor price"),
    "stock": ("库存", "数量", "宝贝数量", "库存数量", "可售库存", "stock", "quantity", "qty", "num"),
    "category": ("类目", "叶子类目", "类目编号", "宝贝类目", "类目id", "category", "category id", "cid"),
    "type": ("品类", "分类", "商品分类", "类型", "type", "product type"),
    "picture": ("图片", "主图", "商品图片", "宝贝图片", "picture", "pictures", "image", "images"),
    "description": ("描述", "宝贝描述", "商品描述", "详情", "商品详情", "description", "desc"),
    "condition": ("新旧程度", "成色", "宝贝成色", "condition", "stuff_status"),
    "province": ("省", "省份", "所在省", "发货省", "province", "state"),
    "city": ("市", "城市", "所在市", "发货城市", "city"),
    "delivery_template": ("运费模板", "运费模板id", "运费模板编号", "delivery template", "postage_id"),
    "properties": ("属性", "宝贝属性", "商品属性", "properties", "props"),
    REASON: ("错误原因(onshelf)", "reason(onshelf)"),
}
_OPTION_NAMES = ("颜色", "颜色分类", "尺码", "尺寸", "规格", "款式", "color", "colour", "size")
"""Columns that are an option by themselves: the header is the option's name."""

PICTURE, OPTION, OPTION_NAME, UNUSED = "picture", "option", "option_name", ""
CHOICES = (*(field for field in ALIASES if field not in (REASON, "handle")), OPTION, UNUSED)
"""What a person may say a column is: a field, an option of the variants that its header names, or nothing of use."""

_NUMBERED_NAME = re.compile(r"(?:规格|option)([123])(?:名|名称|name)").fullmatch
_NUMBERED_VALUE = re.compile(r"(?:规格|option)([123])(?:值|value)?").fullmatch
_NUMBERED_PICTURE = re.compile(r"(?:图片|主图|picture|image)[1-9]").fullmatch
_DRESS = re.compile(r"[\s_*：:\-]+")
_UNIT = re.compile(r"[(\[](?:元|件|必填|选填|yuan|cny|rmb|required|optional)[)\]]$")


@dataclass(frozen=True, slots=True)
class Option:
    """Where an option of the variants stands."""

    name: str  # its fixed name, or the header when the name column is blank
    name_column: int | None
    value_column: int


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column of a file means; columns are counted from 0."""

    header: tuple[str, ...]
    fields: dict[str, int]
    pictures: tuple[int, ...]
    options: tuple[Option, ...]
    unknown: tuple[str, ...]  # headers nobody asks for
    repeated: tuple[str, ...]  # headers that mean what an earlier column means already


def normalise(header: str) -> str:
    """Brings a header to the form in which names are compared: `宝贝标题（必填）` and `Outer_ID` lose their dress."""
    plain = unicodedata.normalize("NFKC", header).casefold().lstrip("\ufeff").strip()
    return _DRESS.sub("", _UNIT.sub("", plain))


def meaning(header: str) -> str:
    """Returns the field a header stands for by itself; empty when it is none of the known names."""
    return _FIELDS.get(normalise(header), "")


def read_header(header: Sequence[str]) -> Columns:
    """Finds out what a header's columns mean."""
    fields: dict[str, int] = {}
    pictures: list[int] = []
    unknown: list[str] = []
    repeated: list[str] = []
    names = [normalise(name) for name in header]
    options = _options(header, names)
    spoken_for = {column for option in options for column in (option.name_column, option.value_column)}
    for column, name in enumerate(names):
        field = _FIELDS.get(name)
        if field == "picture" or _NUMBERED_PICTURE(name):
            pictures.append(column)
        elif field and field not in fields:
            fields[field] = column
        elif field:
            repeated.append(header[column])
        elif column not in spoken_for and name:
            unknown.append(header[column])
    return Columns(tuple(header), fields, tuple(pictures), options, tuple(unknown), tuple(repeated))


def roles(columns: Columns) -> tuple[str, ...]:
    """Tells what each column is taken for: a field, `picture`, `option`, `option_name`, or "" for nothing."""
    found = {column: field for field, column in columns.fields.items()}
    found |= dict.fromkeys(columns.pictures, PICTURE)
    for option in columns.options:
        found[option.value_column] = OPTION
        if option.name_column is not None:
            found[option.name_column] = OPTION_NAME
    return tuple(found.get(column, UNUSED) for column in range(len(columns.header)))


def remap(columns: Columns, chosen: Mapping[str, str]) -> Columns:
    """Puts what a person chose in the place of what was found out. `chosen`: header -> one of `CHOICES`.

    A field that is chosen for one column is taken from the column that was guessed to hold it; of two columns chosen for
    the same field the first has it. Headers that are not in the file are passed over.
    """
    guessed = roles(columns)
    said = {
        column: chosen[name]
        for column, name in enumerate(columns.header)
        if chosen.get(name, guessed[column]) != guessed[column]
    }
    if not said:
        return columns
    fields = {field: column for field, column in columns.fields.items() if column not in said}
    fields |= {field: column for column, field in reversed(said.items()) if field in _PLAIN_FIELDS}
    pictures = {column for column in columns.pictures if column not in said}
    pictures |= {column for column, field in said.items() if field == PICTURE}
    kept = [one for one in columns.options if one.value_column not in said and one.name_column not in said]
    own = [Option(columns.header[column].strip(), None, column) for column in said if said[column] == OPTION]
    found = Columns(columns.header, fields, tuple(sorted(pictures)), (*kept, *own), (), ())
    used = roles(found)
    left = [name for column, name in enumerate(columns.header) if name and not used[column]]
    repeated = tuple(name for name in left if name in columns.repeated)
    return replace(found, unknown=tuple(name for name in left if name not in repeated), repeated=repeated)


def _options(header: Sequence[str], names: Sequence[str]) -> tuple[Option, ...]:
    """Finds numbered options (规格1名称 + 规格1, Option1 Name + Option1 Value) and columns such as 颜色."""
    name_columns = {found[1]: column for column, name in enumerate(names) if (found := _NUMBERED_NAME(name))}
    numbered = [
        (found[1], Option(header[column].strip(), name_columns.get(found[1]), column))
        for column, name in enumerate(names)
        if (found := _NUMBERED_VALUE(name))
    ]
    plain = [
        Option(header[column].strip(), None, column)
        for column, name in enumerate(names)
        if name in _PLAIN_OPTIONS
    ]
    return (*(option for _, option in sorted(numbered, key=lambda pair: pair[0])), *plain)


_FIELDS = {normalise(alias): field for field, aliases in ALIASES.items() for alias in aliases}
_PLAIN_FIELDS = frozenset(CHOICES) - {PICTURE, OPTION, UNUSED}
_PLAIN_OPTIONS = frozenset(map(normalise, _OPTION_NAMES))
