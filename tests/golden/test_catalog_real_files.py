"""Files of real sellers, kept outside the project: what is known to be wrong in them is found, and the rest passes."""

import csv
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from onshelf.catalog.imports.intake import check_file
from onshelf.catalog.profile import Profile

PROFILE = Profile(category_id=9, province="浙江", city="杭州", pictures_optional=True)

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def titles(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Makes a product file of 6,000 real titles with seeded prices and stock."""
    path = tmp_path_factory.mktemp("titles") / "titles.csv"
    random = Random(6000)
    lines = (data_folder / "titles-real.txt").read_text("utf-8").split("\n")
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file).writerow
        write(["标题", "价格", "库存"])
        for title in lines[:6000]:
            write([title.rstrip("\r"), Decimal(random.randint(100, 99_999)) / 100, random.randint(1, 99)])
    return path


def test_wide_titles_odd_bytes_and_repeats_are_found_and_the_rest_passes(titles: Path) -> None:
    report = check_file(titles, PROFILE)

    assert report.tally.rows == 6000
    assert report.tally.by_rule["title_width"] == 42
    assert report.tally.by_rule["title_repeated"] == 1390
    assert report.tally.by_rule["odd_characters"] == 64
    assert report.tally.faulty == 103
    assert report.tally.good == 5897


def test_every_title_has_a_code_of_its_own_and_the_same_at_each_check(titles: Path) -> None:
    first, second = check_file(titles, PROFILE), check_file(titles, PROFILE)

    codes = [finding.outer_id for finding in first.findings]
    assert len(set(codes)) == 6000
    assert codes == [finding.outer_id for finding in second.findings]


@pytest.mark.parametrize(("name", "rows"), [("shopify-apparel.csv", 22), ("shopify-jewelery.csv", 41)])
def test_shopify_exports_pass_once_their_picture_addresses_are_waived(
    data_folder: Path, name: str, rows: int
) -> None:
    report = check_file(data_folder / name, PROFILE)
    strict = check_file(data_folder / name, Profile(category_id=9, province="浙江", city="杭州"))

    assert (report.tally.rows, report.tally.good, report.tally.faulty) == (rows, 20, 0)
    assert (strict.tally.good, strict.tally.faulty) == (0, 20)
