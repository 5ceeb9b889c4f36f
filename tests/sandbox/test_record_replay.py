"""A command's calls are written down with nothing secret in them, and a sandbox answers from what was written."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from command_line import Cli

from onshelf.clock import SystemClock
from onshelf.guard import buyers
from onshelf.ids import ShopId
from onshelf.platforms.port import Lane, ShopRef
from onshelf.platforms.quota import Quotas
from onshelf.platforms.record import Hiding, RecordingTransport
from onshelf.platforms.top.batch import BatchClient, Part
from onshelf.platforms.top.outcomes import Kind
from onshelf.platforms.top.platform import TopPlatform
from onshelf.platforms.transport import AsgiTransport
from onshelf.sandbox.errors import ConnectionCut
from onshelf.sandbox.launch import control, in_process, running
from onshelf.sandbox.server import Sandbox

SHOP = ShopRef(ShopId("s"), "12345678", "http://sandbox.test/router/rest")
FULL = Path("/dev/full")
PIXEL = bytes.fromhex(
    "47494638396101000100800000ffffff00000021f90400000000002c00000000010001000002024401003b"
)


class OneApp:
    """One app with one shop whose session lives for ever."""

    async def secret(self, app_key: str) -> str:
        return "helloworld"

    async def session(self, shop_id: ShopId) -> str:
        return "test"

    async def refused(self, shop_id: ShopId, session: str, *, tier: bool = False) -> bool:
        return False


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


@pytest.fixture
async def recorded(tmp_path: Path) -> AsyncIterator[tuple[BatchClient, Sandbox, Path]]:
    """A client whose calls are written to a file, and the sandbox it calls."""
    clock, sandbox, file, app = SystemClock(), in_process(), tmp_path / "calls.ndjson", OneApp()
    hiding = Hiding(buyers.hide, buyers.hide_xml, buyers.is_wholly_secret)
    inner = AsgiTransport(sandbox, clock, cuts=(ConnectionCut,))
    client = BatchClient(
        RecordingTransport(inner, file, hiding, clock),
        apps=app,
        sessions=app,
        quotas=Quotas((), clock),
        clock=clock,
        random=Random(1),
    )
    yield client, sandbox, file
    await client.close()


async def test_files_are_told_by_their_digest_and_cuts_by_what_they_were(
    recorded: tuple[BatchClient, Sandbox, Path],
) -> None:
    client, sandbox, file = recorded
    shop = TopPlatform(client).for_shop(SHOP, Lane.LISTING)
    await control(sandbox, "faults", {"kind": "cut_before", "method": "taobao.picture.get", "count": 1})

    await shop.upload(PIXEL, title="主图", file_name="a.gif")
    await shop.find_pictures("主图")

    upload, cut, again = lines(file)
    assert upload["params"]["title"] == "主图"
    assert upload["files"]["img"]["bytes"] == len(PIXEL)
    assert len(upload["files"]["img"]["sha256"]) == 64
    assert cut["error"].startswith("no reply")
    assert cut["reply"] is None
    assert again["reply"]["picture_get_response"]["pictures"]["picture"]
    assert file.stat().st_mode & 0o077 == 0


async def test_each_call_of_a_batch_is_a_line_of_its_own(
    recorded: tuple[BatchClient, Sandbox, Path],
) -> None:
    client, sandbox, file = recorded
    num_iid = str(sandbox.info("http://sandbox")["num_iid"])
    parts = [
        Part("taobao.item.seller.get", {"num_iid": num_iid, "fields": "title"}, Kind.READ),
        Part("taobao.item.seller.get", {"num_iid": "1", "fields": "title"}, Kind.READ),
    ]

    await client.batch(parts, shop=SHOP, lane=Lane.POLLS)

    good, refused = lines(file)
    assert (good["params"]["num_iid"], refused["params"]["num_iid"]) == (num_iid, "1")
    assert good["reply"]["item_seller_get_response"]["item"]["title"]
    assert refused["reply"]["error_response"]["sub_code"].startswith("isv.item")


async def test_a_trade_is_recorded_without_its_buyer(
    recorded: tuple[BatchClient, Sandbox, Path],
) -> None:
    client, sandbox, file = recorded
    num_iid = sandbox.info("http://sandbox")["num_iid"]
    trade = await control(sandbox, "buyer", {"action": "buy", "num_iid": num_iid, "num": 2})
    fields = "tid,payment,buyer_nick,receiver_name,receiver_state,receiver_address,receiver_mobile,receiver_zip,orders"
    asked = {"tid": str(trade["tid"]), "fields": fields}
    told = {}

    for form in ("json", "xml"):
        answer = await client.call(
            "taobao.trade.fullinfo.get", asked, dict[str, Any], shop=SHOP, kind=Kind.READ, lane=Lane.POLLS, reply_format=form
        )  # fmt: skip
        told = answer.value["trade"]

    text = file.read_text("utf-8")
    hidden = [
        told[name] for name in fields.split(",") if name.startswith(("buyer", "receiver")) and told.get(name)
    ]
    assert hidden
    assert not [value for value in hidden if value in text]
    assert text.count(str(trade["tid"])) >= 4
    assert text.count(told["payment"]) >= 2


async def test_of_a_files_name_only_its_ending_is_kept(
    recorded: tuple[BatchClient, Sandbox, Path],
) -> None:
    client, _, file = recorded

    await (
        TopPlatform(client)
        .for_shop(SHOP, Lane.LISTING)
        .upload(PIXEL, title="主图", file_name="王小明13812345678.gif")
    )

    assert lines(file)[0]["files"]["img"]["name"] == "*.gif"
    assert "王小明" not in file.read_text("utf-8")


async def test_a_reply_of_a_batch_that_cannot_be_parted_is_not_kept_beside_a_secret_call(
    recorded: tuple[BatchClient, Sandbox, Path],
) -> None:
    """Which of its words are the secret call's is not known then."""
    client, sandbox, file = recorded
    await control(sandbox, "faults", {"kind": "truncate", "count": 1})
    parts = [
        Part("taobao.item.seller.get", {"num_iid": "1", "fields": "title"}, Kind.READ),
        Part("taobao.tmc.auth.get", {"group": "default"}, Kind.READ),
    ]

    await client.batch(parts, shop=SHOP, lane=Lane.POLLS)

    for line in lines(file)[:2]:
        assert line["reply"] is None or line["method"] == "taobao.item.seller.get"
        assert "token" not in str(line)


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
async def test_a_full_disk_breaks_no_call() -> None:
    clock, app = SystemClock(), OneApp()
    hiding = Hiding(buyers.hide, buyers.hide_xml, buyers.is_wholly_secret)
    recorder = RecordingTransport(AsgiTransport(in_process(), clock), FULL, hiding, clock)
    client = BatchClient(
        recorder, apps=app, sessions=app, quotas=Quotas((), clock), clock=clock, random=Random(1)
    )

    answer = await client.call(
        "taobao.time.get", {}, dict[str, Any], shop=SHOP, kind=Kind.READ, lane=Lane.POLLS, authorised=False
    )

    assert answer.value["time"]
    await client.close()


async def test_what_is_nothing_but_secret_leaves_neither_parameters_nor_reply(
    recorded: tuple[BatchClient, Sandbox, Path],
) -> None:
    client, _, file = recorded

    await client.call(
        "taobao.tmc.auth.get", {"group": "default"}, dict, shop=SHOP, kind=Kind.READ, lane=Lane.POLLS
    )

    (line,) = lines(file)
    assert (line["method"], line["params"], line["reply"]) == ("taobao.tmc.auth.get", None, None)


async def test_a_sandbox_answers_from_a_recording(shop: Cli, tmp_path: Path) -> None:
    file = tmp_path / "calls.ndjson"
    words = ("call", "taobao.items.onsale.get", "fields=num_iid,title", "page_size=3", "--shop", shop.name)
    recorded = shop.good(*words, "--record", file)
    refused = ("call", "taobao.item.seller.get", "num_iid=1", "fields=title", "--shop", shop.name)
    shop.run(*refused, "--record", file)

    text = file.read_text("utf-8")
    async with running(seed=99, replay=file) as info:
        replayer = Cli(tmp_path / "other" / "home", info, "replayer")
        replayer.home.parent.mkdir()
        replayer.add_shop("replayer")
        replayed = replayer.good(*words[:-1], "replayer")
        refusal = replayer.run(*refused[:-1], "replayer", "--json")

    assert shop.info["app_secret"] not in text
    assert "session" not in text
    assert len(lines(file)) == 2
    assert replayed["items"] == recorded["items"]
    assert refusal.code == 1
    assert "isv.item" in refusal.data["message"]


def test_a_file_that_cannot_be_written_is_named(common_shop: Cli, tmp_path: Path) -> None:
    done = common_shop.run(
        "call", "taobao.time.get", "--shop", "common", "--record", tmp_path / "no" / "such"
    )

    assert done.code == 2
    assert "record" in done.err


def test_a_recording_that_is_none_is_named(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "calls.ndjson"
    file.write_text("nonsense\n")

    done = cli.run("sandbox", "--replay", file)

    assert done.code == 2
    assert "1" in done.err
    assert str(file) in done.err.replace("\n", "")
