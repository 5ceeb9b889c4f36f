"""Draws the example catalogue's pictures: one plain silhouette a kind of goods, coloured and marked by the product's code."""

from collections.abc import Callable
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

SIDE = 800  # pixels, the least a main picture may have
Colour = tuple[int, int, int]
COLOURS: dict[str, Colour] = {
    "红色": (200, 58, 58),
    "蓝色": (58, 96, 178),
    "绿色": (70, 140, 92),
    "米白": (226, 216, 196),
    "黑色": (52, 52, 58),
    "粉色": (232, 150, 170),
    "卡其": (176, 146, 104),
    "紫色": (126, 92, 160),
}


def draw(kind: str, code: str, *, side: int = SIDE) -> bytes:
    """Draws a product of a kind (a key of `SHAPES`) as a JPEG; the same code gives the same bytes."""
    chance = Random(f"{kind}/{code}")
    colour = chance.choice(list(COLOURS.values()))
    ground = tuple(chance.randint(236, 250) for _ in range(3))
    image = Image.new("RGB", (side, side), ground)
    brush = ImageDraw.Draw(image)
    SHAPES[kind](brush, colour)
    _marks(brush, chance, darker(colour, 0.72))
    if side != SIDE:
        image = image.crop((0, 0, side, side))
    out = BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()


def darker(colour: Colour, share: float) -> Colour:
    """Returns the colour with each part cut to a share of itself."""
    red, green, blue = (round(part * share) for part in colour)
    return red, green, blue


def _marks(brush: ImageDraw.ImageDraw, chance: Random, colour: Colour) -> None:
    """Puts a row of small marks under the goods, so that no two codes look alike."""
    for place in range(9):
        size = chance.randint(6, 20)
        x, y = 120 + place * 70, 736
        brush.rounded_rectangle((x - size, y - size, x + size, y + size), size // 2, fill=colour)


def _shirt(brush: ImageDraw.ImageDraw, colour: Colour) -> None:
    brush.polygon(
        [(290, 170), (510, 170), (660, 290), (590, 380), (540, 340), (540, 640), (260, 640), (260, 340), (210, 380), (140, 290)],
        fill=colour,
    )  # fmt: skip
    brush.pieslice((330, 110, 470, 230), 0, 180, fill=darker(colour, 0.8))


def _hoodie(brush: ImageDraw.ImageDraw, colour: Colour) -> None:
    brush.ellipse((300, 90, 500, 300), fill=darker(colour, 0.8))
    _shirt(brush, colour)
    brush.rounded_rectangle((310, 470, 490, 570), 24, fill=darker(colour, 0.85))


def _dress(brush: ImageDraw.ImageDraw, colour: Colour) -> None:
    brush.polygon([(330, 120), (470, 120), (480, 330), (610, 660), (190, 660), (320, 330)], fill=colour)
    brush.rectangle((318, 322, 482, 350), fill=darker(colour, 0.7))


def _bracelet(brush: ImageDraw.ImageDraw, colour: Colour) -> None:
    brush.ellipse((200, 200, 600, 600), outline=darker(colour, 0.7), width=10)
    for x, y in (
        (400, 200),
        (541, 259),
        (600, 400),
        (541, 541),
        (400, 600),
        (259, 541),
        (200, 400),
        (259, 259),
    ):
        brush.ellipse((x - 46, y - 46, x + 46, y + 46), fill=colour)


def _necklace(brush: ImageDraw.ImageDraw, colour: Colour) -> None:
    brush.arc((180, -60, 620, 520), 20, 160, fill=darker(colour, 0.7), width=12)
    brush.polygon([(400, 520), (460, 590), (400, 670), (340, 590)], fill=colour)


def _shoe(brush: ImageDraw.ImageDraw, colour: Colour) -> None:
    brush.polygon([(160, 330), (330, 330), (420, 450), (640, 500), (660, 570), (150, 570)], fill=colour)
    brush.rectangle((146, 570, 664, 610), fill=(246, 246, 242))


def _backpack(brush: ImageDraw.ImageDraw, colour: Colour) -> None:
    brush.arc((320, 90, 480, 250), 180, 360, fill=darker(colour, 0.6), width=18)
    brush.rounded_rectangle((230, 160, 570, 650), 90, fill=colour)
    brush.rounded_rectangle((280, 430, 520, 610), 30, fill=darker(colour, 0.82))


def _plush(brush: ImageDraw.ImageDraw, colour: Colour) -> None:
    for x in (290, 510):
        brush.ellipse((x - 70, 120, x + 70, 260), fill=darker(colour, 0.85))
    brush.ellipse((240, 140, 560, 440), fill=colour)
    brush.ellipse((220, 390, 580, 680), fill=darker(colour, 0.93))
    for x in (340, 460):
        brush.ellipse((x - 18, 260, x + 18, 296), fill=(40, 36, 34))


def _cup(brush: ImageDraw.ImageDraw, colour: Colour) -> None:
    brush.rounded_rectangle((310, 90, 490, 190), 24, fill=darker(colour, 0.7))
    brush.rounded_rectangle((280, 180, 520, 670), 48, fill=colour)
    brush.rectangle((280, 300, 520, 330), fill=darker(colour, 0.82))


def _case(brush: ImageDraw.ImageDraw, colour: Colour) -> None:
    brush.rounded_rectangle((270, 100, 530, 670), 56, fill=colour)
    brush.rounded_rectangle((300, 130, 400, 270), 28, fill=darker(colour, 0.6))


def _earphones(brush: ImageDraw.ImageDraw, colour: Colour) -> None:
    brush.arc((220, 140, 580, 560), 180, 360, fill=darker(colour, 0.7), width=28)
    for x in (220, 580):
        brush.rounded_rectangle((x - 60, 330, x + 60, 560), 48, fill=colour)


SHAPES: dict[str, Callable[[ImageDraw.ImageDraw, Colour], None]] = {
    "T恤": _shirt,
    "卫衣": _hoodie,
    "连衣裙": _dress,
    "手链": _bracelet,
    "项链": _necklace,
    "帆布鞋": _shoe,
    "双肩包": _backpack,
    "毛绒玩具": _plush,
    "保温杯": _cup,
    "手机壳": _case,
    "蓝牙耳机": _earphones,
}
"""Type word of the example catalogue -> how such goods are drawn."""
