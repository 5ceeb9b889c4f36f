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


def test_packages_the_platform_names_are_what_the_owner_applies_for(cli: Cli) -> None:
    told = cli.good(
        "errors", "isv.permission-api-package-limit", "--text", "scope ids is 381 11655", lang="en"
    )

    assert "owner applies" in told["remedy"]
    assert "381, 11655" in told["remedy"]


def test_a_whole_reply_may_be_pasted(cli: Cli) -> None:
    """As it stands in a log: its sub_code is explained, and what its sub_msg names is read."""
    reply = (
        '{"error_response":{"code":11,"msg":"Insufficient isv permissions","sub_code":"isv.permission-ip-whitelist-limit",'
        '"sub_msg":"The appkey 12345678 is only allowed to call from 127.0.0.1, but your ip is 10.232.1.247"}}'
    )
    xml = "<error_response><code>40</code><msg>Missing required arguments:nicks</msg></error_response>"

    told = cli.good("errors", reply, lang="en")
    shown = cli.run("errors", xml, lang="en")

    assert "adds 10.232.1.247" in told["remedy"]
    assert told["reply"]["code"] == 11
    assert shown.out.startswith("40 Missing required arguments:nicks\na required parameter is missing")


def test_what_is_neither_a_reply_nor_a_code_is_not_taken_for_one(cli: Cli) -> None:
    done = cli.run("errors", "{broken", lang="en")

    assert done.code == 1
    assert "{broken" in done.out


def test_what_is_no_code_is_told_and_exits_with_1(cli: Cli) -> None:
    done = cli.run("errors", "nonsense")

    assert done.code == 1
    assert "nonsense" in done.out
