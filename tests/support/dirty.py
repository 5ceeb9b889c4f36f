"""A supplier's file as operators get it: a thousand rows, twelve kinds of fault, and headers of the supplier's own."""

import csv
from collections.abc import Callable
from pathlib import Path
from random import Random

HEADER = ("货号", "品名", "品类", "含税进价", "供货价", "可用数量", "成色", "图文", "备注")
"""The second, the fourth to sixth and the eighth are the supplier's own words, which no list of names knows."""
MEANT = {"品名": "title", "含税进价": "cost", "供货价": "price", "可用数量": "stock", "图文": "description"}
GOODS = {
    "T恤": "宽松圆领T恤", "卫衣": "连帽套头卫衣", "连衣裙": "收腰中长款连衣裙", "手链": "串珠手链",
    "项链": "吊坠项链", "毛绒玩具": "抱枕毛绒玩具", "双肩包": "轻便双肩包", "保温杯": "不锈钢保温杯",
}  # fmt: skip
LEAVES = {
    "T恤": 50000671, "卫衣": 50010159, "连衣裙": 50010850, "手链": 50013869,
    "项链": 50013865, "毛绒玩具": 50011975, "双肩包": 122690003, "保温杯": 50006889,
}  # fmt: skip
"""What the shop's profile maps the file's words to; `发饰` it does not know."""
Row = dict[str, str]


def _wide(row: Row) -> None:
    row["品名"] += "春夏新款宽松显瘦短款纯棉短袖上衣印花半袖打底衫薄款透气"


def _mojibake(row: Row) -> None:
    row["品名"] = f"{row['品名'][:4]}\ufffd\ufffd{row['品名'][4:]}"


FAULTS: dict[str, Callable[[Row], None]] = {
    "title_width": _wide,
    "title_blank": lambda row: row.update({"品名": " "}),
    "odd_characters": _mojibake,
    "forbidden_word": lambda row: row.update({"品名": f"全网最低价{row['品名']}"}),
    "outer_id_comma": lambda row: row.update({"货号": f"{row['货号']},{row['货号']}B"}),
    "price_missing": lambda row: row.update({"含税进价": ""}),
    "amount_form": lambda row: row.update({"含税进价": f"约{row['含税进价']}元"}),
    "price_below_floor": lambda row: row.update({"供货价": "0.50"}),
    "stock_form": lambda row: row.update({"可用数量": f"{row['可用数量']}.5"}),
    "category_missing": lambda row: row.update({"品类": "男T恤"}),
    "condition_unknown": lambda row: row.update({"成色": "九成新二手"}),
    "description_length": lambda row: row.update({"图文": "好"}),
}
"""Rule -> what the supplier did to a row; the same kinds as in the demo's example where they need no picture."""
BY_HAND = "price_missing"
"""The only one of them for which nobody but a person can know the value."""


def write_dirty(
    path: Path, *, rows: int = 1_000, each: int = 5, seed: int = 12, prefix: str = "DX"
) -> dict[str, list[str]]:
    """Writes the file; returns the codes of the faulty rows by the rule each breaks: `each` rows a rule, one rule a row."""
    chance = Random(seed)
    made = [_row(f"{prefix}-{number:04d}", number, chance) for number in range(rows)]
    spoilt = chance.sample(range(rows), each * len(FAULTS))
    codes: dict[str, list[str]] = {}
    for place, (rule, spoil) in enumerate(FAULTS.items()):
        for number in sorted(spoilt[place * each : (place + 1) * each]):
            spoil(made[number])
            codes.setdefault(rule, []).append(made[number]["货号"])
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(made)
    return codes


def _row(code: str, number: int, chance: Random) -> Row:
    kind, goods = list(GOODS.items())[number % len(GOODS)]
    title = f"{chance.choice(['新款', '爆款', '简约', '复古', '百搭'])}{goods}{number:04d}款"
    return {
        "货号": code,
        "品名": title,
        "品类": kind,
        "含税进价": f"{chance.randint(1000, 9000) / 100:.2f}",
        "供货价": "",
        "可用数量": str(chance.randint(5, 90)),
        "成色": "全新",
        "图文": f"<p>{title}</p><p>现货速发，支持七天无理由退换。商品以实物为准。</p>",
        "备注": chance.choice(["", "", "样品已寄", "断码不补"]),
    }


def profile_settings() -> dict[str, str]:
    """Returns what the shop's profile says for such files, as `onshelf shop profile --set` takes it."""
    return {
        "category_id": "",
        "stock": "",
        "price_rule.markup": "0.45",
        "price_rule.fee_rate": "0.05",
        "price_rule.floor": "5",
        "price_rule.ending": ".90",
        "forbidden_words": '["全网最低价"]',
        **{f"categories.{word}": str(leaf) for word, leaf in LEAVES.items()},
    }
