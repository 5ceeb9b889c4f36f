"""The Postman collection, run by newman: every request signs itself, and is answered or refused in its method's own form."""

from pathlib import Path

import pytest
from msgspec import json
from strangers import NEWMAN, Desk, run_collection

from onshelf.platforms.top.catalogue import typed

COLLECTION = Path(__file__).parents[2] / "docs" / "reference" / "postman.json"
pytestmark = [
    pytest.mark.skipif(bool(NEWMAN.missing), reason=NEWMAN.missing),
    pytest.mark.parametrize("client", [NEWMAN.name]),
]


def test_all_typed_methods_are_answered_or_refused_in_their_own_form(client: str, desk: Desk) -> None:
    outcome = run_collection(COLLECTION, desk)

    assert outcome["failures"] == []
    assert outcome["requests"] == len(typed())
    assert outcome["assertions"] >= 3 * outcome["requests"]


def test_the_requests_of_a_folder_sign_themselves_in_each_of_the_three_ways(client: str, desk: Desk) -> None:
    outcomes = {
        way: run_collection(COLLECTION, desk, folder="Items", sign_method=way)
        for way in ("md5", "hmac", "hmac-sha256")
    }

    assert {way: outcome["failures"] for way, outcome in outcomes.items()} == {way: [] for way in outcomes}


def test_the_collection_sees_a_wrong_signature(client: str, desk: Desk) -> None:
    folder = next(one for one in json.decode(COLLECTION.read_bytes())["item"] if one["name"] == "Items")

    outcome = run_collection(COLLECTION, desk, folder="Items", app_secret="not-the-secret")

    assert [one["method"] for one in outcome["failures"]] == [one["name"] for one in folder["item"]]
    assert all(one["message"].startswith("expected 25 ") for one in outcome["failures"])
