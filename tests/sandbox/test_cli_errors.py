"""`onshelf errors`, as a user has it."""

from command_line import Cli


def test_a_code_is_explained_with_what_to_do(cli: Cli) -> None:
    told = cli.good("errors", "7", lang="en")

    assert told["msg"] == "App Call Limited"
    assert (told["repeat"], told["who"]) == ("after_ban", "nobody")
    assert [one["list"] for one in told["lists"]] == ["7/15/21/31", "7/15/40/100"]


def test_a_sub_code_is_explained_in_the_persons_language(cli: Cli) -> None:
    done = cli.run("errors", "isv.item-is-delete:invalid-numIid")

    assert done.code == 0
    assert "宝贝已被删除" in done.out
    assert "运营人员" in done.out


def test_the_permission_to_apply_for_is_named(cli: Cli) -> None:
    told = cli.good(
        "errors", "11", "--method", "taobao.trades.sold.get", "--text", "scope ids is 381 11655", lang="en"
    )

    assert told["package"] == "trades"
    assert told["scope_ids"] == ["381", "11655"]
    assert "381, 11655" in told["remedy"]


def test_the_seconds_of_a_ban_are_read(cli: Cli) -> None:
    assert cli.good("errors", "7", "--text", "This ban will last for 3000 more seconds")["ban_s"] == 3000


def test_all_are_listed_without_a_code(cli: Cli) -> None:
    told = cli.good("errors")

    assert {"1", "7", "27", "53", "562"} <= set(told["codes"])
    assert "isv.missing-parameter:*" in told["sub_codes"]
    assert {"100", "429", "invalid_session"} <= set(told["invented"])
    assert len(told["lists"]) == 3


def test_what_is_no_code_is_told_and_exits_with_1(cli: Cli) -> None:
    done = cli.run("errors", "nonsense")

    assert done.code == 1
    assert "nonsense" in done.out
