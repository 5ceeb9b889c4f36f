"""The page of metrics names each there is, with its labels, and no other."""

import re
from pathlib import Path

from onshelf.settings import read_settings
from onshelf.web.samples import Samples
from onshelf.wiring import open_app

PAGE = Path(__file__).parents[2].joinpath("docs/reference/metrics.md").read_text("utf-8")


async def test_the_page_names_every_metric(tmp_path: Path) -> None:
    async with open_app(read_settings({"home": str(tmp_path)}, {})) as app:
        told = await Samples(app).read()

    written = {name.removesuffix("_total") for name in re.findall(r"^\| `(onshelf_\w+)`", PAGE, re.MULTILINE)}
    assert written == {metric.name for metric in told}
