"""Finding, understanding and calling any method from the command line."""

from pathlib import Path

from command_line import Cli


def test_methods_are_found_by_words_of_either_language(common_shop: Cli) -> None:
    english = common_shop.good("methods", "quantity", "update")
    chinese = common_shop.good("methods", "库存", "更新")

    assert "taobao.item.quantity.update" in [row["method"] for row in english]
    assert "tmall.item.quantity.update" in [row["method"] for row in chinese]


def test_a_name_that_articles_invented_is_explained(common_shop: Cli) -> None:
    done = common_shop.run("methods", "taobao.data.uv.get", lang="en")

    assert done.code == 1
    assert "No open method tells visitors" in done.err
    assert "No method holds taobao.data.uv.get" in done.out


def test_help_after_a_method_explains_the_method(common_shop: Cli) -> None:
    helped = common_shop.run("call", "taobao.items.inventory.get", "--help", lang="en")
    plain = common_shop.run("call", "--help", lang="en")

    assert helped.code == plain.code == 0
    assert "at most 101" in helped.out
    assert "--unchecked" in plain.out


def test_a_file_is_sent_as_an_upload(shop: Cli, picture: Path) -> None:
    reply = shop.good(
        "call", "taobao.picture.upload", "picture_category_id=0", "image_input_title=a.jpg", f"img=@{picture}",
        "--shop", shop.name,
    )  # fmt: skip

    assert int(reply["picture"]["picture_id"]) > 0


def test_a_file_that_is_not_there_is_used_wrongly(shop: Cli) -> None:
    done = shop.run(
        "call", "taobao.picture.upload", "picture_category_id=0", "image_input_title=a.jpg", "img=@no.jpg",
        "--shop", shop.name, lang="en",
    )  # fmt: skip

    assert done.code == 2
    assert "no.jpg" in done.err


def test_all_faults_of_a_call_are_told_before_it_is_made(shop: Cli) -> None:
    done = shop.run(
        "call",
        "taobao.promotionmisc.item.activity.add",
        "participate_range=x",
        "--shop",
        shop.name,
        lang="en",
    )

    assert done.code == 2
    assert "participate_range is x" in done.err
    assert "name is required" in done.err
    assert "start_time is required" in done.err
