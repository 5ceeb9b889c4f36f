"""Shopify exports: variants of a Handle are one product; `tests/golden/shopify.csv` has the form of the platform's own export."""

from pathlib import Path

from onshelf.catalog.imports.intake import check_file
from onshelf.catalog.product import Fault
from onshelf.catalog.profile import Profile
from onshelf.catalog.readers import open_source

EXPORT = Path(__file__).parents[1] / "golden" / "shopify.csv"
PROFILE = Profile(category_id=9, province="浙江", city="杭州", pictures_optional=True)


def faults_of(profile: Profile) -> list[Fault]:
    return [fault for finding in check_file(EXPORT, profile).findings for fault in finding.faults]


def test_rows_of_a_handle_are_one_product_with_its_variants_and_pictures() -> None:
    shirt, mug = open_source(EXPORT).groups

    assert [row.number for row in shirt] == [2, 3, 4, 5]
    assert [row.options for row in shirt[:2]] == [
        (("Colour", "Blue"), ("Size", "S")),
        (("", "Blue"), ("", "M")),
    ]
    assert shirt[3].pictures == ("https://pictures.example/detail.jpg",)
    assert mug[0].options == ()


def test_the_form_is_recognised_by_its_header_and_told() -> None:
    codes = [note.code for note in open_source(EXPORT).notes]

    assert codes == ["shopify", "unknown_columns"]


def test_the_code_comes_from_the_handle_so_that_a_second_variant_later_makes_no_second_product() -> None:
    report = check_file(EXPORT, PROFILE)

    assert [finding.outer_id for finding in report.findings] == ["linen-shirt", "clay-mug"]
    assert (report.tally.good, report.tally.derived) == (2, 2)


def test_picture_addresses_are_faults_that_can_be_waived() -> None:
    refused = check_file(EXPORT, Profile(category_id=9, province="浙江", city="杭州"))

    assert refused.tally.faulty == 2
    assert {fault.rule for fault in faults_of(PROFILE) if fault.field == "picture"} == {"picture_remote"}
    assert all(fault.severity == "warning" for fault in faults_of(PROFILE))


def test_what_was_cut_from_the_description_is_shown() -> None:
    (cut,) = [fault for fault in faults_of(PROFILE) if fault.rule == "description_cut"]

    assert cut.facts["removed"] == "<script>"


def test_option_names_of_the_first_row_hold_for_all_variants() -> None:
    report = check_file(EXPORT, PROFILE)

    assert report.tally.by_rule["sku_option_blank"] == 0
    assert report.tally.by_rule["sku_options_uneven"] == 0
