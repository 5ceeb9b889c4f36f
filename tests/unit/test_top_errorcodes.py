"""The codes are explained in both languages, and the articles' codes are answered with what is true."""

import pytest

from onshelf.platforms.top.errorcodes import codes, explain, explain_code, explain_sub_code, invented
from onshelf.texts import LANGS

DOCUMENTED = [*range(1, 14), 15, *range(20, 35), *range(40, 48), 50, 53]


def test_every_documented_code_has_a_meaning_and_a_remedy_in_both_languages() -> None:
    for code in (code for code in DOCUMENTED if code != 14):
        meaning = explain_code(code)
        assert meaning is not None, code
        assert all(meaning.meaning(lang) and meaning.remedy(lang) for lang in LANGS), code


def test_the_old_codes_by_domain_share_one_meaning() -> None:
    assert explain_code(501) is explain_code(591) is codes()["501-591"]
    assert explain_code(592) is None


@pytest.mark.parametrize(
    ("sub_code", "en", "retry"),
    [
        ("isv.missing-parameter:nick", "a needed parameter is missing: nick", "never"),
        ("isv.missing-parameter:nick-tmall", "a needed parameter is missing: nick", "never"),
        ("isv.trade-not-exist:invalid-tid", "not found: trade (invalid-tid)", "never"),
        ("isv.logistics-offline-service-error:B04", "the service logistics-offline refused: B04", "never"),
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
