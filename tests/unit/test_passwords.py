"""Which new passwords will do."""

import pytest

from onshelf.guard.passwords import fault_of


@pytest.mark.parametrize(
    "password",
    [
        "1234567890", "0987654321", "qwertyuiop", "aaaaaaaaaaaa", "1111122222", "Password123", "password123!", "A123456789",
        "1qaz2wsx3edc", "woaini1314520", "taobao123456!!", "linxiaomei1", "Linxiaomei12", "onshelf123", "onshelf-LINXIAOMEI",
        "abcdefghij", "23456789012", "5201314520",
    ],
)  # fmt: skip
def test_what_guessers_try_first_will_not_do(password: str) -> None:
    assert fault_of(password, "linxiaomei") == "common_password"


@pytest.mark.parametrize(
    "password",
    ["correct-horse-9", "三更灯火五更鸡正是男", "Xk3!vq9#Lm", "my shop opens at 9", "lin-sells-nice-cups"],
)
def test_a_password_somebody_thought_of_will_do(password: str) -> None:
    assert fault_of(password, "lin") == ""


def test_a_short_one_is_said_to_be_short() -> None:
    assert fault_of("x3!vq9#Lm", "") == "short_password"
