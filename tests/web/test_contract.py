"""What holds for every route of the API, as its description and its answers tell it: lists, writes, errors, words."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI
from furnished import furnish
from service import Answer, Service, served

from onshelf.web.api import API, routers
from onshelf.web.openapi import described


def description() -> dict[str, Any]:
    """Returns the description of the API."""
    service = FastAPI()
    for router in routers():
        service.include_router(router, prefix=API)
    return described(service)()


DESCRIBED = description()
SHAPES = DESCRIBED["components"]["schemas"]
CALLS = [
    (verb, path, operation) for path, verbs in DESCRIBED["paths"].items() for verb, operation in verbs.items()
]
WRITES = [call for call in CALLS if call[0] != "get"]
LIVE = "/api/v1/events"
"""Its answer does not end, and it takes no body: its cursor is `Last-Event-ID`."""
FILES = ("/imports", "/pictures")
"""End of routes that take no JSON: their bodies have tests of their own."""
CHINESE, ENGLISH = re.compile("[一-鿿]"), re.compile("[A-Za-z]{3}")


def resolved(one: dict[str, Any]) -> dict[str, Any]:
    """Follows a reference."""
    while "$ref" in one:
        _, kind, name = one["$ref"].removeprefix("#/").split("/")
        one = DESCRIBED["components"][kind][name]
    return one


def parameters(operation: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Returns the parameters of an operation by where they stand and their name."""
    found = map(resolved, operation.get("parameters", ()))
    return {(one["in"], one["name"]): one for one in found}


def answer_of(operation: dict[str, Any]) -> dict[str, Any]:
    """Returns the shape of a good answer in JSON; empty: it has none."""
    good = next(found for status, found in operation["responses"].items() if status.startswith("2"))
    return resolved(good.get("content", {}).get("application/json", {}).get("schema", {}))


def is_list(operation: dict[str, Any]) -> bool:
    """Tells whether an operation answers rows."""
    shape = answer_of(operation)
    return shape.get("type") == "array" or {"items", "next"} & set(shape.get("properties", {})) != set()


def is_shown_once(operation: dict[str, Any]) -> bool:
    """Tells whether an operation answers a secret, or a link that lets somebody in."""
    shape = answer_of(operation)
    return "secret" in shape.get("properties", {}) or shape.get("title", "").endswith("LinkOut")


LISTS = [path for verb, path, operation in CALLS if verb == "get" and is_list(operation)]


def named(call: tuple[str, str, dict[str, Any]]) -> str:
    return f"{call[0].upper()} {call[1].removeprefix(API)}"


@pytest.mark.parametrize("call", CALLS, ids=named)
def test_an_operation_explains_itself(call: tuple[str, str, dict[str, Any]]) -> None:
    _, _, operation = call
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")

    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", operation["operationId"])
    assert operation["summary"]
    assert operation["description"].endswith((".", "`"))
    assert [place for place, one in parameters(operation).items() if not one.get("description")] == []
    assert operation["x-codeSamples"][0]["source"].startswith("curl ")
    assert body is None or "example" in body


def test_an_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for _, _, operation in CALLS]

    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_and_its_fields_are_described(name: str) -> None:
    shape = SHAPES[name]

    assert re.fullmatch(r"[A-Za-z_]+", name)
    assert "__" not in name  # a name of the inside, given when two shapes share one
    assert shape.get("description") or "enum" in shape
    assert [one for one, field in shape.get("properties", {}).items() if not field.get("description")] == []


@pytest.mark.parametrize("path", LISTS)
def test_a_list_comes_in_pages(path: str) -> None:
    operation = DESCRIBED["paths"][path]["get"]
    found = parameters(operation)

    assert set(answer_of(operation)["properties"]) == {"items", "next"}
    assert {("query", "limit"), ("query", "cursor"), ("query", "fields")} <= set(found)
    assert ("header", "If-None-Match") in found
    assert "ETag" in operation["responses"]["200"]["headers"]


@pytest.mark.parametrize("call", WRITES, ids=named)
def test_a_write_can_be_rehearsed_and_repeated(call: tuple[str, str, dict[str, Any]]) -> None:
    found = parameters(call[2])

    assert ("query", "dry_run") in found
    assert ("header", "Idempotency-Key") in found


@pytest.mark.parametrize("call", CALLS, ids=named)
def test_every_error_is_a_problem(call: tuple[str, str, dict[str, Any]]) -> None:
    errors = {status: resolved(found) for status, found in call[2]["responses"].items() if status[0] in "45"}

    assert {"401", "403", "404", "422", "429"} <= set(errors)
    for found in errors.values():
        assert list(found["content"]) == ["application/problem+json"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Service, dict[str, str]]]:
    """A served app with one of each thing, and the ids of these."""
    async with served(tmp_path_factory.mktemp("contract") / "home", api_per_minute=1_000_000) as service:
        await service.add_shop()
        yield service, await furnish(service)


def filled(path: str, there: dict[str, str]) -> str:
    """Fills a path with ids that there are; names what there is not where `furnish` makes none."""
    for name in re.findall(r"{(\w+)}", path):
        path = path.replace(f"{{{name}}}", there.get(name, "nothing"))
    return path.removeprefix(API)


def is_problem(answer: Answer, status: int, code: str, words: re.Pattern[str]) -> None:
    """Checks a problem document, and that it speaks a language."""
    problem = answer.json

    assert (answer.status, problem["code"]) == (status, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (problem["status"], problem["type"]) == (status, f"urn:onshelf:problem:{code}")
    assert isinstance(problem["faults"], list)
    for told in (problem["title"], problem["remedy"], *(fault["remedy"] for fault in problem["faults"])):
        assert words.search(told), told
    if words is ENGLISH:
        assert not CHINESE.search(problem["title"])


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("header", "words"), [("zh-CN,zh;q=0.9", CHINESE), ("fr;q=0.3, en-GB", ENGLISH)])
@pytest.mark.parametrize("call", CALLS, ids=named)
async def test_a_parameter_there_is_not_is_refused_in_the_callers_language(
    house: tuple[Service, dict[str, str]],
    call: tuple[str, str, dict[str, Any]],
    header: str,
    words: re.Pattern[str],
) -> None:
    service, there = house

    wrong = await service.api(
        call[0].upper(), filled(call[1], there) + "?limitt=1", headers={"Accept-Language": header}
    )

    is_problem(wrong, 422, "no_parameter", words)
    assert "limitt" in wrong.json["title"]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("lang", "words"), [("zh", CHINESE), ("en", ENGLISH)])
@pytest.mark.parametrize("call", [one for one in WRITES if "requestBody" in one[2]], ids=named)
async def test_a_field_there_is_not_is_refused_and_named(
    house: tuple[Service, dict[str, str]],
    call: tuple[str, str, dict[str, Any]],
    lang: str,
    words: re.Pattern[str],
) -> None:
    verb, path, operation = call
    if path.endswith(FILES):
        return
    service, there = house
    example = operation["requestBody"]["content"]["application/json"]["example"]

    wrong = await service.api(
        verb.upper(),
        filled(path, there) + "?dry_run=true",
        json={**example, "nmae": 1},
        headers={"Accept-Language": lang},
    )

    is_problem(wrong, 422, "request", words)
    assert ("body.nmae", "extra_forbidden") in [(one["field"], one["rule"]) for one in wrong.json["faults"]]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("call", WRITES, ids=named)
async def test_a_write_is_answered_once_for_a_key(
    house: tuple[Service, dict[str, str]], call: tuple[str, str, dict[str, Any]]
) -> None:
    verb, path, operation = call
    if path.endswith(FILES):
        return
    service, there = house
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    where, once = filled(path, there) + "?dry_run=true", {"Idempotency-Key": named(call)}
    given = {} if body is None else {"json": body}

    first = await service.api(verb.upper(), where, headers=once, **given)
    again = await service.api(verb.upper(), where, headers=once, **given)
    other = await service.api(verb.upper(), where + "&dry_run=true", headers=once, **given)

    assert str(first.status) in operation["responses"], first.text
    if first.status in (409, 412, 503):  # not an answer: asking again may end better
        return
    assert again.headers["Idempotency-Replayed"] == "true"
    if first.status < 300 and is_shown_once(operation):
        is_problem(again, 409, "shown_once", CHINESE)
    else:
        assert (again.status, again.body) == (first.status, first.body)
    is_problem(other, 422, "key_reused", CHINESE)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("path", LISTS)
async def test_a_list_gives_the_fields_asked_for_and_tells_when_it_is_the_same(
    house: tuple[Service, dict[str, str]], path: str
) -> None:
    service, there = house
    where = filled(path, there)

    whole = await service.api("GET", f"{where}?limit=1")
    same = await service.api("GET", f"{where}?limit=1", headers={"If-None-Match": whole.headers["ETag"]})
    cursor = await service.api("GET", f"{where}?cursor=nonsense")

    assert (whole.status, len(whole.json["items"]) <= 1) == (200, True)
    assert (same.status, same.body) == (304, b"") or path == "/api/v1/audit"  # which our asking changes
    is_problem(cursor, 422, "bad_cursor", CHINESE)
    for row in whole.json["items"]:
        name = next(iter(row))
        sparse = await service.api("GET", f"{where}?limit=1&fields={name}")
        unknown = await service.api("GET", f"{where}?limit=1&fields=nmae")
        assert [set(one) for one in sparse.json["items"]] == [{name}]
        is_problem(unknown, 422, "no_field", CHINESE)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("path", LISTS)
async def test_a_list_is_walked_by_its_cursors_without_a_gap_or_a_repeat(
    house: tuple[Service, dict[str, str]], path: str
) -> None:
    service, there = house
    where = filled(path, there)
    whole = await service.api("GET", f"{where}?limit=200")
    if path == "/api/v1/audit":  # which our asking changes
        return
    walked: list[Any] = []
    following = ""
    while True:
        found = (await service.api("GET", f"{where}?limit=2{following}")).json
        walked += found["items"]
        if found["next"] is None:
            break
        following = f"&cursor={found['next']}"

    assert walked == whole.json["items"]
