"""What of a request could not be read, in words."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from onshelf.web.misread import field_of, value_of, words_of
from onshelf.web.sent import Sent


class Order(Sent):
    """A body like those of the API."""

    number: int = Field(default=1, ge=1, lt=100)


KINDS: list[tuple[Any, Any, str]] = [
    (bool, "q", "true or false"),
    (int, "x", "a whole number"),
    (int, 1.5, "a whole number"),
    (Decimal, [], "a number"),
    (float, "x", "a number"),
    (AwareDatetime, "2026-11-21T08:00:00", "a time with a zone"),
    (Annotated[int, Field(gt=3)], 3, "a value above 3"),
    (Annotated[int, Field(ge=3)], 2, "a value not below 3"),
    (Annotated[int, Field(lt=3)], 3, "a value below 3"),
    (Annotated[int, Field(le=3)], 4, "a value not above 3"),
    (Literal["a", "b"], "c", "one of 'a' or 'b'"),
    (Annotated[str, Field(pattern="^x")], "y", "text that fits ^x"),
    (Annotated[str, Field(max_length=2)], "abc", "at most 2 characters"),
    (Annotated[str, Field(min_length=2)], "a", "at least 2 characters"),
    (str, 1, "text"),
    (Annotated[list[int], Field(max_length=1)], [1, 2], "at most 1 entries"),
    (Annotated[list[int], Field(min_length=1)], [], "at least 1 entries"),
    (list[int], 3, "a JSON list"),
    (dict[str, int], 3, "a JSON object"),
    (Order, 3, "a JSON object"),
    (Annotated[Decimal, Field(max_digits=3)], "1.2345", "a number of fewer digits"),
]


def error_of(kind: Any, given: Any) -> Any:
    with pytest.raises(ValidationError) as found:
        TypeAdapter(kind).validate_python(given)
    return found.value.errors()[0]


@pytest.mark.parametrize(("kind", "given", "expected"), KINDS)
def test_it_says_what_is_expected_in_both_languages(kind: Any, given: Any, expected: str) -> None:
    error = error_of(kind, given)

    message, remedy = words_of(error, "en")
    chinese, _ = words_of(error, "zh")

    assert expected in message
    assert expected in remedy
    assert re.search("[一-鿿]", chinese)
    assert "nput" not in chinese  # the checker's own English


def test_a_field_that_is_missing_and_one_that_is_not_known_are_told_apart() -> None:
    class Named(Sent):
        name: str

    assert words_of(error_of(Named, {}), "en")[0] == "The field is missing."
    assert words_of(error_of(Named, {"name": "a", "nmae": "b"}), "en")[0] == "There is no such field."


def test_what_the_checker_alone_knows_is_told_in_its_words() -> None:
    assert "Set" in words_of({"type": "set_type", "msg": "Input should be a valid Set"}, "en")[0]


def test_the_value_is_shortened_and_nothing_is_told_of_lists_and_objects() -> None:
    assert value_of({"input": "x" * 100}) == "x" * 80
    assert value_of({"input": 7}) == "7"
    assert [value_of({"input": given}) for given in ({"a": 1}, [1], None)] == ["", "", ""]
    assert field_of({"type": "missing", "loc": ("body", "skus", 0, "price")}) == "body.skus.0.price"


def test_a_body_that_is_no_json_is_named_with_the_place_where_it_breaks() -> None:
    error = {"type": "json_invalid", "loc": ("body", 7), "ctx": {"error": "Expecting value"}}

    assert field_of(error) == "body"
    assert words_of(error, "en")[0] == "Expected is whole JSON (at character 7: Expecting value)."
