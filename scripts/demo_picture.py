"""Draws docs/demo.png (and docs/demo.zh-CN.png): what `onshelf demo` prints, shortened where it repeats itself. Needs Chromium."""

import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

ROOT = Path(__file__).parents[1]
WIDTH = 104
MOST_A_BLOCK = 5  # lines in a row of one kind


def spoken(lang: str) -> list[str]:
    """Runs the demo and returns its lines, colours kept."""
    onshelf = Path(sys.executable).with_name("onshelf")
    environment = {
        "FORCE_COLOR": "1",
        "COLUMNS": str(WIDTH),
        "ONSHELF_LANG": lang,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
    }
    ended = subprocess.run(
        [onshelf, "demo", "--stay", "0"], env=environment, capture_output=True, text=True, check=True
    )
    return ended.stdout.splitlines()


def shortened(lines: list[str]) -> list[str]:
    """Keeps the first lines of each long block; a block is a run of lines with the same indentation mark."""
    kept: list[str] = []
    mark, count = "", 0
    for line in lines:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", line)
        kind = (
            "quote"
            if plain.startswith("    │")
            else "fault"
            if plain.startswith(("    ", "第", "row "))
            else "other"
        )
        count = count + 1 if kind == mark else 1
        mark = kind
        if kind == "other" or count <= MOST_A_BLOCK + 2 * (kind == "fault"):
            kept.append(line)
        elif count == MOST_A_BLOCK + 2 * (kind == "fault") + 1:
            kept.append("      …")
    return kept


def draw(lang: str, file: Path) -> None:
    console = Console(record=True, width=WIDTH, file=StringIO())
    console.print(Text("$ make demo", style="bold"))
    for line in shortened(without_steps(spoken(lang))):
        console.print(Text.from_ansi(re.sub(r"http://127\.0\.0\.1:\d+", "http://127.0.0.1:8600", line)))
    height = 60 + 22 * len(console.export_text(clear=False).splitlines())
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "demo.html"
        page.write_text(
            console.export_html(theme=DIMMED_MONOKAI, inline_styles=True, code_format=PAGE), "utf-8"
        )
        options = (
            f"--headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=960,{height}".split()
        )
        subprocess.run(
            [
                "chromium",
                *options,
                f"--user-data-dir={folder}/profile",
                f"--screenshot={file}",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
        )
    Image.open(file).convert("P", palette=Image.Palette.ADAPTIVE, colors=48).save(file, optimize=True)


def without_steps(lines: list[str]) -> list[str]:
    """Keeps only the last state of each progress bar."""
    return [
        line
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
        if not ("━" in line and "━" in following)
    ]


FONTS = "'DejaVu Sans Mono','Noto Sans Mono CJK SC','Noto Sans CJK SC',monospace"
PAGE = (
    '<html><body style="margin:0;background:#191919"><pre style="margin:20px;font:15px/22px '
    + FONTS
    + ';color:{foreground}">{code}</pre></body></html>'
)

if __name__ == "__main__":
    draw("en", ROOT / "docs" / "demo.png")
    draw("zh", ROOT / "docs" / "demo.zh-CN.png")
