"""The face without async, over real sockets: the same calls, errors and lists, and a thread that ends."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from onshelf.errors import BusinessFault, NotSent
from onshelf.platforms.top.client import ClientOptions
from onshelf.platforms.top.connect import connect
from onshelf.platforms.top.generated.access import TimeGet
from onshelf.platforms.top.generated.items import ItemSellerGet, ItemSellerGetReply
from onshelf.platforms.top.generated.lists import ItemsOnsaleGet
from onshelf.platforms.top.request import WrongArguments
from onshelf.platforms.top.sync import Client


@pytest.fixture
def top(sandbox_info: dict[str, Any]) -> Iterator[Client]:
    with Client("12345678", "helloworld", "test", gateway=sandbox_info["gateway"]) as client:
        yield client


def test_any_method_is_called_by_its_name(top: Client, sandbox_info: dict[str, Any]) -> None:
    reply = top.call("taobao.item.seller.get", fields=["num_iid", "title"], num_iid=sandbox_info["num_iid"])

    assert reply["item"]["num_iid"] == sandbox_info["num_iid"]
    assert set(top.call("taobao.time.get", reply_format="xml")) >= {"time"}


def test_a_typed_call_answers_its_type(top: Client, sandbox_info: dict[str, Any]) -> None:
    reply = top.ask(ItemSellerGet(fields="num_iid", num_iid=sandbox_info["num_iid"]))

    assert isinstance(reply, ItemSellerGetReply)


def test_a_list_is_read_row_by_row_and_may_be_left_early(top: Client) -> None:
    whole = [item.num_iid for item in top.rows(ItemsOnsaleGet(fields="num_iid", page_size=1))]

    first = next(top.rows(ItemsOnsaleGet(fields="num_iid", page_size=1)))

    assert len(whole) >= 1
    assert first.num_iid == whole[0]


def test_a_batch_gives_replies_and_errors(top: Client) -> None:
    clock, missing = top.batch([TimeGet(), ItemSellerGet(fields="title", num_iid=1)])

    assert clock.time
    assert isinstance(missing, BusinessFault)


def test_faults_are_told_before_the_call(top: Client) -> None:
    with pytest.raises(WrongArguments, match="page_no"):
        top.call("taobao.items.inventory.get", fields="num_iid", page_no=102)
    with pytest.raises(WrongArguments, match=r"items\.onsale\.get"):
        top.call("taobao.items.list")


def test_what_the_catalogue_does_not_know_warns_and_is_sent(top: Client) -> None:
    with pytest.warns(UserWarning, match="no known parameter brand_new"):
        reply = top.call("taobao.time.get", brand_new=1)

    assert reply["time"]


def test_errors_come_through_and_nothing_stays_behind() -> None:
    before = threading.active_count()
    client = Client(
        "12345678",
        "helloworld",
        gateway="http://127.0.0.1:9/router/rest",
        options=ClientOptions(production=True),
    )

    with pytest.raises(NotSent):
        client.call("taobao.time.get")
    client.close()
    client.close()

    assert threading.active_count() == before


async def test_it_works_where_a_loop_runs_already_as_in_a_notebook(sandbox_info: dict[str, Any]) -> None:
    with Client("12345678", "helloworld", "test", gateway=sandbox_info["gateway"]) as top:
        assert top.call("taobao.time.get")["time"]
        assert list(top.rows(ItemsOnsaleGet(fields="num_iid")))


def test_several_threads_share_one_client(top: Client) -> None:
    with ThreadPoolExecutor(4) as threads:
        replies = list(threads.map(lambda _: top.ask(TimeGet()), range(20)))

    assert all(reply.time for reply in replies)


def test_a_closed_client_says_so(sandbox_info: dict[str, Any]) -> None:
    with Client("12345678", "helloworld", "test", gateway=sandbox_info["gateway"]) as client:
        rows = client.rows(ItemsOnsaleGet(fields="num_iid", page_size=1))
        next(rows)

    with pytest.raises(RuntimeError, match="this client is closed"):
        client.call("taobao.time.get")
    rows.close()


SCRIPT = """
import os, sys
from onshelf.platforms.top.sync import Client

top = Client("12345678", "helloworld", "test", gateway=sys.argv[1])
top.call("taobao.time.get")
child = os.fork()
if child == 0:
    try:
        top.call("taobao.time.get")
    except RuntimeError as error:
        top.close()
        print(error)
    sys.stdout.flush()
    os._exit(0)
os.waitpid(child, 0)
print("answered" if top.call("taobao.time.get") else "")
"""


def test_a_script_may_end_without_closing_and_a_forked_process_is_told_to_make_its_own(
    sandbox_info: dict[str, Any],
) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", SCRIPT, sandbox_info["gateway"]],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    told, answered = done.stdout.splitlines()
    assert (done.returncode, done.stderr, answered) == (0, "", "answered")
    assert "forked" in told


async def test_the_same_is_there_with_async(sandbox_info: dict[str, Any]) -> None:
    async with connect("12345678", "helloworld", "test", gateway=sandbox_info["gateway"]) as top:
        assert (await top.ask(TimeGet())).time
