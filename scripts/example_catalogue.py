"""Writes the example catalogue that `onshelf demo` lists: 200 good products and 12 rows with 12 different faults."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

FILE = Path(__file__).parents[1] / "src" / "onshelf" / "reference" / "example" / "products.csv"
HEADER = ["商家编码", "标题", "品类", "成本价", "价格", "库存", "颜色分类", "尺码", "图片", "描述"]
GOOD = 200


@dataclass(frozen=True)
class Kind:
    """A kind of goods: its type word, letters of its codes, words of its titles, its cost in yuan, its sizes."""

    word: str
    letters: str
    styles: str
    features: str
    cost: tuple[int, int]
    sizes: str = ""
    colours: str = ""


KINDS = [
    Kind(
        "T恤",
        "TX",
        "宽松 短款 圆领 显瘦 小个子 复古",
        "纯棉短袖女夏季上衣 印花半袖打底衫 薄款透气体恤衫",
        (18, 45),
        "S M L XL",
        "米白 黑色 粉色",
    ),
    Kind(
        "卫衣",
        "WY",
        "连帽 圆领 宽松 美式 落肩",
        "加绒加厚男士外套 纯棉重磅潮牌上衣 春秋薄款套头衫",
        (42, 88),
        "M L XL XXL",
        "黑色 卡其 绿色",
    ),
    Kind(
        "连衣裙",
        "QZ",
        "法式 碎花 收腰 气质 茶歇 吊带",
        "雪纺长裙女夏显瘦 中长款温柔风裙子 桔梗裙小个子",
        (39, 96),
        "S M L",
        "蓝色 紫色 米白",
    ),
    Kind(
        "手链",
        "SL",
        "本命年 极简 复古 情侣",
        "纯银转运珠女小众设计 水晶串珠闺蜜款礼物 编织红绳手饰",
        (9, 60),
        "",
        "红色 蓝色",
    ),
    Kind(
        "项链", "XL", "锁骨 叠戴 法式 轻奢", "女小众设计感百搭配饰 钛钢不掉色吊坠 简约气质颈链礼物", (12, 70)
    ),
    Kind(
        "帆布鞋",
        "FB",
        "低帮 百搭 港风 学院",
        "女小白鞋春秋透气板鞋 软底休闲平底布鞋 情侣款系带运动鞋",
        (35, 79),
        "36 37 38 39 40",
        "米白 黑色",
    ),
    Kind(
        "双肩包",
        "SB",
        "大容量 通勤 防水 轻便",
        "女大学生书包旅行背包 男士商务电脑包 初中生减负书包",
        (38, 120),
        "",
        "黑色 蓝色 绿色",
    ),
    Kind(
        "毛绒玩具", "MR", "抱抱 软萌 巨型 治愈", "小熊公仔睡觉抱枕 生日礼物女生布娃娃 儿童安抚玩偶", (15, 66)
    ),
    Kind(
        "保温杯",
        "BW",
        "便携 大容量 高颜值 商务",
        "316不锈钢水杯女 弹跳盖学生杯子 泡茶杯男士车载",
        (22, 64),
        "",
        "红色 蓝色 紫色",
    ),
    Kind(
        "手机壳",
        "SJ",
        "磁吸 防摔 液态硅胶 半透明",
        "全包镜头保护套 情侣简约软壳 超薄散热外壳",
        (4, 18),
        "",
        "黑色 粉色 紫色 绿色",
    ),
    Kind(
        "蓝牙耳机",
        "EJ",
        "真无线 降噪 头戴式 运动",
        "超长续航高音质 入耳式游戏低延迟 学生网课通话耳麦",
        (36, 140),
        "",
        "黑色 米白",
    ),
]


@dataclass(frozen=True)
class Goods:
    """One product of the example; a variant is (colour, size), blank where the product has none."""

    code: str
    title: str
    word: str
    cost: str
    stock: str
    picture: str
    description: str
    price: str = ""
    variants: tuple[tuple[str, str], ...] = ()


def good(chance: Random) -> Iterator[Goods]:
    """Makes the good products, each with a title of its own."""
    titles: set[str] = set()
    number = 0
    while number < GOOD:
        kind = KINDS[number % len(KINDS)]
        title = make_title(kind, chance)
        if title in titles:
            continue
        titles.add(title)
        number += 1
        code = f"{kind.letters}-{1000 + number}"
        cost = chance.randint(kind.cost[0] * 10, kind.cost[1] * 10) / 10
        yield Goods(
            code,
            title,
            kind.word,
            f"{cost:.2f}",
            str(chance.randint(5, 60)),
            f"pictures/{code}.jpg",
            f"<p>{title}</p><p>现货速发，支持七天无理由退换。商品以实物为准。</p>",
            variants=tuple(
                (colour, size)
                for colour in kind.colours.split() or [""]
                for size in kind.sizes.split() or [""]
            )
            if kind.sizes or kind.colours
            else (),
        )


def make_title(kind: Kind, chance: Random) -> str:
    """Puts a title of at most 60 together (a Chinese character counts 2)."""
    styles = chance.sample(kind.styles.split(), 2)
    season = chance.choice(["2026新款", "春夏", "秋冬", "新款", "爆款"])
    return f"{season}{styles[0]}{kind.word}{chance.choice(kind.features.split())}{styles[1]}"


def faulty(goods: list[Goods]) -> list[Goods]:
    """Makes the faulty rows: each a good one with one thing wrong, of twelve kinds."""
    base = [
        replace(one, code=f"{one.code}-F", title=f"{one.title[:20]}F{index}", variants=())
        for index, one in enumerate(goods[:12])
    ]
    return [
        replace(
            base[0], title="2026新款春夏宽松显瘦短款圆领纯棉短袖女夏季上衣印花半袖打底衫薄款透气体恤衫学生"
        ),  # title too wide
        replace(base[1], title="  "),  # no title
        replace(base[2], cost=""),  # neither price nor cost: blank is not zero
        replace(base[3], cost="约三十元"),  # not an amount
        replace(base[4], price="0.50"),  # below the shop's floor
        replace(base[5], stock="12.5"),  # not a whole number
        replace(base[6], code="SB-1007,SB-1008"),  # a comma breaks the look-up by code
        replace(base[7], description="好"),  # too short a description
        replace(base[8], title="全网最低价保温杯316不锈钢水杯"),  # forbidden words
        replace(base[9], picture="pictures/忘记拍照.jpg"),  # no such picture
        replace(base[10], picture="pictures/small.jpg"),  # smaller than 800 × 800
        replace(base[11], picture="../../private/photo.jpg"),  # outside the file's folder
    ]


def rows(goods: Goods) -> Iterator[list[str]]:
    """Writes a product as rows: the first one whole, further variants with the code alone."""
    for index, (colour, size) in enumerate(goods.variants or (("", ""),)):
        first = index == 0
        yield [
            goods.code,
            goods.title if first else "",
            goods.word if first else "",
            goods.cost,
            goods.price,
            goods.stock,
            colour,
            size,
            goods.picture if first else "",
            goods.description if first else "",
        ]


def main() -> None:
    chance = Random(2026)
    goods = list(good(chance))
    lines = [*goods, *faulty(goods)]
    order = [*range(0, GOOD, 17), *(index for index in range(GOOD) if index % 17)]
    mixed = [
        line
        for place, index in enumerate(order)
        for line in ([goods[index], lines[GOOD + place]] if place < 12 else [goods[index]])
    ]
    FILE.parent.mkdir(parents=True, exist_ok=True)
    with FILE.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for product in mixed:
            writer.writerows(rows(product))


if __name__ == "__main__":
    main()
