"""Every command and program of the REST API's pages runs as it stands, against a served app."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from answering import answering
from service import Service, served

from onshelf.events import ShopTrouble
from onshelf.guard.roles import Role
from onshelf.store import log

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "docs" / "reference" / "rest-api.md", ROOT / "docs" / "how-to" / "connect-an-erp.md")
EXAMPLES = ROOT / "examples"
WRITTEN = "http://127.0.0.1:8787"
PATIENCE_S = 60
AT_ONCE = 4
MALFORMED = {
    "request",
    "no_route",
    "no_method",
    "bad_cursor",
    "bad_event_id",
    "no_parameter",
    "no_field",
}
"""What an example must never be told; that there is no job `JOB` is fine."""
AS_IT_STANDS = {401, 403, 400, 405, 413, 415, 500}


def blocks(language: str) -> list[tuple[str, str]]:
    """Returns the code blocks of a language, each with where it stands."""
    return [
        (f"{page.stem}-{number}", block)
        for page in PAGES
        for number, block in enumerate(
            re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        )
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """A served app with the shop that the examples name."""
    async with served(tmp_path_factory.mktemp("api") / "home", api_per_minute=1_000_000) as service:
        await service.add_shop("my-shop")
        yield service


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def folder(house: Service, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the examples run, with the files that they send."""
    found = tmp_path_factory.mktemp("examples")
    (found / "products.csv").write_text("商家编码,标题,价格,库存\nQZ-0417,连衣裙,59.00,5\n", "utf-8")
    (found / "products.ndjson").write_text(
        '{"outer_id": "QZ-0417", "title": "连衣裙", "price": "59.00"}\n', "utf-8"
    )
    return found


async def run(house: Service, folder: Path, *words: str | Path, **more: str) -> tuple[int, str]:
    """Runs a program to its end with a key and the address of the service; returns its exit code and what it said."""
    environment = {
        **os.environ,
        "ONSHELF_KEY": await house.key(Role.ADMINISTRATOR),
        "ONSHELF_URL": house.address,
        "NO_PROXY": "*",
        **more,
    }
    child = await asyncio.create_subprocess_exec(
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
        env=environment,
    )
    try:
        said, _ = await asyncio.wait_for(child.communicate(), PATIENCE_S)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return child.returncode or 0, said.decode("utf-8", "replace")


TOLD = 'curl() { command curl -s -o answer-$$ -w "%{http_code}\\n" "$@"; cat answer-$$; }\n'
"""What a block's `curl` is: the same, but it tells the status first."""


async def faults(house: Service, folder: Path, block: str) -> str:
    """Runs a block of commands; returns what is wrong with it, empty when it is well formed."""
    _, said = await run(house, folder, "sh", "-c", TOLD + block.replace(WRITTEN, house.address))
    status, _, body = said.partition("\n")
    if not status.isdecimal():
        return f"{block}\n{said}"
    code = ""
    if int(status) >= 400 and body.startswith("{"):
        code = msgspec.json.decode(body.encode())["code"]
    wrong = int(status) in AS_IT_STANDS or int(status) < 200 or code in MALFORMED
    return f"{block}\n{said}" if wrong else ""


@pytest.mark.asyncio(loop_scope="module")
async def test_every_command_is_one_the_service_understands(house: Service, folder: Path) -> None:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, block: str) -> str:
        async with room:
            place = folder / f"run-{number}"
            place.mkdir()
            for name in ("products.csv", "products.ndjson"):
                (place / name).write_bytes((folder / name).read_bytes())
            return await faults(house, place, block)

    told = await asyncio.gather(*(one(number, block) for number, (_, block) in enumerate(blocks("bash"))))

    assert len(told) > 50
    assert not any(told), "\n\n".join(filter(None, told))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("place", "block"), blocks("python"), ids=[place for place, _ in blocks("python")])
async def test_a_program_of_the_page_runs(house: Service, folder: Path, place: str, block: str) -> None:
    code, said = await run(house, folder, sys.executable, "-c", block)

    assert code == 0, said
    assert len([line for line in block.splitlines() if line.strip()]) <= 10


@pytest.mark.asyncio(loop_scope="module")
async def test_events_are_followed_by_the_example(house: Service, folder: Path) -> None:
    now_us = house.app.clock.now_us()
    start = await log.end(house.app.db)
    trouble = ShopTrouble("my-shop", "probe", "probe_failed", over=False, loud=True, what="x", at_us=now_us)
    await house.app.db.commit([log.append(trouble, now_us)])

    code, said = await run(
        house, folder, sys.executable, EXAMPLES / "follow_events.py", f"{start.xid}-{start.id}", "1"
    )

    assert code == 0, said
    assert "shop.trouble" in said


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
EVENT = b'id: 0-9\nevent: shop.added\ndata: {"type":"shop.added","data":{}}\n\n'


@pytest.mark.asyncio(loop_scope="module")
async def test_a_follower_comes_back_to_the_place_of_the_last_sign_of_life(
    house: Service, folder: Path
) -> None:
    """Of an event whose second half was lost the place does not count."""
    program = "import follow_events; follow_events.REST_S = 0; follow_events.main('', '1')"
    async with answering(STREAM + b": alive\nid: 0-7\n\n" + EVENT[:30], STREAM + EVENT) as broken:
        code, said = await run(
            house, folder, sys.executable, "-c", program, ONSHELF_URL=broken.address, PYTHONPATH=str(EXAMPLES)
        )

    assert (code, "shop.added" in said) == (0, True), said
    assert [one.split()[1] for one in broken.asked] == [
        "/api/v1/events?after=",
        "/api/v1/events?after=0-7",
    ]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("place", "more", "status"),
    [("nonsense", {}, 422), ("0-1", {"ONSHELF_KEY": "onshelf_0_0"}, 401)],
    ids=["place", "key"],
)
async def test_a_follower_that_is_refused_says_so_and_ends(
    house: Service, folder: Path, place: str, more: dict[str, str], status: int
) -> None:
    code, said = await run(house, folder, sys.executable, EXAMPLES / "follow_events.py", place, **more)

    assert (code, said[:3]) == (1, str(status)), said


@pytest.mark.asyncio(loop_scope="module")
async def test_a_webhook_is_received_and_checked_by_the_example(house: Service, folder: Path) -> None:
    made = await house.api("POST", "/webhooks", json={"url": "http://127.0.0.1:1/"})
    child = await asyncio.create_subprocess_exec(
        sys.executable, EXAMPLES / "receive_webhook.py", "0", "2", stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "WEBHOOK_SECRET": made.json["secret"], "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        assert child.stdout is not None
        url = (await asyncio.wait_for(child.stdout.readline(), PATIENCE_S)).decode().split()[-1]
        path = f"/webhooks/{made.json['webhook']}"
        await house.api("PATCH", path, json={"url": url})
        good = await house.api("POST", f"{path}/test")
        await house.api("POST", f"{path}/secret?overlap_s=0")
        foreign = await house.api("POST", f"{path}/test")
        said, _ = await asyncio.wait_for(child.communicate(), PATIENCE_S)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()

    assert (good.json["status"], foreign.json["status"]) == (204, 401)
    assert said.decode().count("webhook.test") == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_products_are_brought_in_by_the_example(house: Service, folder: Path) -> None:
    code, said = await run(house, folder, sys.executable, EXAMPLES / "bring_products.py", "my-shop")

    assert code == 0, said
    assert "QZ-0417" in said


LINES_BEGUN = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n"
    b'{"line": 1, "outer_id": "A", "status": "added", "faults": []}\n'
)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("program", ["bring_products.py", "night_job.py"])
async def test_an_answer_without_its_last_line_is_told_to_have_broken_off(
    house: Service, folder: Path, program: str
) -> None:
    words = ["my-shop", *(["products.ndjson"] if program == "night_job.py" else [])]
    async with answering(LINES_BEGUN) as broken:
        code, said = await run(
            house, folder, sys.executable, EXAMPLES / program, *words, ONSHELF_URL=broken.address
        )

    assert code == 1
    assert "the answer broke off" in said


@pytest.mark.asyncio(loop_scope="module")
async def test_the_night_job_is_rehearsed_by_the_example(house: Service, folder: Path) -> None:
    (folder / "night.ndjson").write_text('{"outer_id": "N-1", "title": ""}\n', "utf-8")

    code, said = await run(
        house, folder, sys.executable, EXAMPLES / "night_job.py", "my-shop", "night.ndjson"
    )
    stranger, why = await run(
        house, folder, sys.executable, EXAMPLES / "night_job.py", "nope", "night.ndjson"
    )

    assert (code, stranger) == (0, 1), said
    assert "line 1 N-1: The title is blank. Write a title." in said
    assert "nothing begun" in said
    assert why.startswith("no_shop: There is no shop nope")


@pytest.mark.asyncio(loop_scope="module")
async def test_each_night_has_keys_of_its_own_and_a_rehearsal_none(house: Service, folder: Path) -> None:
    (folder / "night.ndjson").write_text('{"outer_id": "N-1", "title": ""}\n', "utf-8")

    async def keys_after(*more: str) -> int:
        program = EXAMPLES / "night_job.py"
        code, said = await run(house, folder, sys.executable, program, "my-shop", "night.ndjson", *more)
        assert code == 0, said
        rows = await house.app.db.fetch("SELECT count(*) FROM kept_answer")
        return int(str(rows[0][0]))

    before = await keys_after()

    assert [await keys_after() - before, await keys_after("--go") - before] == [0, 2]
    assert await keys_after("--go") - before == 4


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("body", [b"", b"<h1>Bad Gateway</h1>", b"[1]"], ids=["nothing", "page", "list"])
async def test_what_a_proxy_answers_is_told_by_its_status(house: Service, folder: Path, body: bytes) -> None:
    answer = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    async with answering(answer) as proxy:
        code, said = await run(
            house,
            folder,
            sys.executable,
            EXAMPLES / "night_job.py",
            *("my-shop", "products.ndjson"),
            ONSHELF_URL=proxy.address,
        )

    assert (code, said.strip()) == (1, "502: Bad Gateway")
