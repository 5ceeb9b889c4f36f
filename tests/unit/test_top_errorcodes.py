"""The codes are explained in both languages, and the articles' codes are answered with what is true."""

import pytest

from onshelf.platforms.top.errorcodes import (
    OLD,
    article_lists,
    codes,
    container_codes,
    explain,
    explain_code,
    explain_sub_code,
    invented,
    old_codes,
    sub_codes,
)
from onshelf.platforms.top.lookup import LAST_CODE, Sort, look_up
from onshelf.texts import LANGS

DOCUMENTED = [*range(1, 14), 15, *range(20, 35), *range(40, 48), 50, 53]


def test_every_documented_code_has_a_meaning_and_a_remedy_in_both_languages() -> None:
    for code in (code for code in DOCUMENTED if code != 14):
        meaning = explain_code(code)
        assert meaning is not None, code
        assert all(meaning.meaning(lang) and meaning.remedy(lang) for lang in LANGS), code


def test_an_old_code_has_its_own_meaning_and_goes_by_its_sub_code() -> None:
    found = explain_code(562)

    assert found is not None
    assert (found.zh, found.msg, found.retry) == ("交易不存在", "Trade not Exists", "by_sub_code")
    assert explain_code(531) is codes()[OLD]
    assert explain_code(593) is None


@pytest.mark.parametrize(
    ("sub_code", "en", "retry"),
    [
        ("isv.missing-parameter:nick", "a needed parameter is missing: nick", "never"),
        ("isv.missing-parameter:nick-tmall", "a needed parameter is missing: nick", "never"),
        ("isv.refund-not-exist:invalid-id", "not found: refund (invalid-id)", "never"),
        ("isv.logistics-offline-service-error:B04", "the service logistics-offline refused: B04", "never"),
        (
            "isv.item-listing-service-error:GENERIC_FAILURE-tmall",
            "the service item-listing refused and gave no reason",
            "never",
        ),
        ("isv.invalid-orderid:NO_DATA", "there is no such order, or it is another shop's", "never"),
        ("isv.w2-security-authorize-invalid", None, "after_authorise"),
        ("isp.top-mapping-parse-error", None, "never"),
        ("isp.remote-service-timeout", None, "later"),
        ("isp.anything-new", None, "later"),
        ("accesscontrol.limited-by-app-access-count", None, "after_ban"),
        ("invalid-sessionkey", None, "after_authorise"),
    ],
)
def test_a_sub_code_is_explained_by_its_family(sub_code: str, en: str | None, retry: str) -> None:
    meaning = explain_sub_code(sub_code)

    assert meaning is not None
    assert meaning.retry == retry
    assert en is None or meaning.en == en


def test_a_sub_code_is_more_telling_than_its_code() -> None:
    found = explain(15, "isv.item-not-exist:invalid-numIid-or-iid")

    assert found is not None
    assert found.en == "there is no such item"
    assert explain(15, "atr_refund_segment_refund") is explain_code(15)


@pytest.mark.parametrize("code", ["100", "429", "invalid_session", "missing_parameter"])
def test_codes_that_articles_invented_point_to_real_ones(code: str) -> None:
    answer = invented()[code]

    assert answer.zh
    assert answer.en
    assert answer.see
    assert all(explain_code(int(real)) for real in answer.see)


def test_every_row_says_in_both_languages_what_it_means_and_what_to_do() -> None:
    for name, one in (codes() | old_codes() | container_codes() | sub_codes()).items():
        assert all(one.meaning(lang) and one.remedy(lang) for lang in LANGS), name


def test_every_form_of_sub_code_can_be_met() -> None:
    """None stands behind a wider one that would always be found first."""
    for pattern, meaning in sub_codes().items():
        found = explain_sub_code(pattern.replace("*", "x").replace("?", "1"))

        assert found is not None
        assert found.do_en == meaning.do_en, pattern


def test_every_number_up_to_10000_is_answered() -> None:
    sorts = {look_up(str(number)).sort for number in range(LAST_CODE + 1)}

    assert Sort.UNKNOWN not in sorts
    assert look_up(str(LAST_CODE + 1)).sort is Sort.UNKNOWN


@pytest.mark.parametrize(
    ("given", "sort"),
    [
        ("7", Sort.CODE),
        ("007", Sort.CODE),
        (" App Call limited ", Sort.CODE),
        ("isv.item-is-delete:invalid-numIid", Sort.SUB_CODE),
        ("100", Sort.INVENTED),
        ("101", Sort.CONTAINER),
        ("0", Sort.NO_ERROR),
        ("14", Sort.UNASSIGNED),
        ("9999", Sort.UNNAMED),
        ("Invalid arguments:cid", Sort.CODE),
        ("Invalid session:session-expired", Sort.CODE),
        ("atr_refund_segment_refund", Sort.SERVICE),
        ("-1", Sort.UNKNOWN),
        ("nonsense", Sort.UNKNOWN),
        ("", Sort.UNKNOWN),
    ],
)
def test_whatever_a_person_met_is_looked_up(given: str, sort: Sort) -> None:
    assert look_up(given).sort is sort


def test_the_three_lists_of_the_articles_are_answered_with_codes_that_exist() -> None:
    assert [one.list for one in article_lists()] == [
        "7/15/21/31",
        "7/15/40/100",
        "429/invalid_session/missing_parameter",
    ]
    for one in article_lists():
        assert one.codes == tuple(one.list.split("/"))
        assert all(explain_code(int(code)) for code in one.use)
        assert all(one.truth(lang) for lang in LANGS)


def test_a_code_tells_in_which_lists_it_stands() -> None:
    assert [one.list for one in look_up("15").lists] == ["7/15/21/31", "7/15/40/100"]
    assert [one.list for one in look_up("429").lists] == ["429/invalid_session/missing_parameter"]
