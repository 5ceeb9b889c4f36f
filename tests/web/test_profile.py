"""The publishing profile, checks and price previews over the API."""

from service import Service

from onshelf.catalog.profile import Profile
from onshelf.catalog.store import load_profile
from onshelf.guard.roles import Role

PROFILE = "/shops/shop-a/profile"
WHOLE = {
    "category_id": 50010850,
    "categories": {"杯子": 50010851},
    "province": "浙江",
    "city": "杭州",
    "sales_properties": {"颜色": {"property_id": 1627207, "values": {"红": 28326}}},
    "price_rule": {"markup": "0.4", "ending": ".90"},
    "stock": 5,
    "pictures_optional": True,
    "forbidden_words": ["最"],
}


async def test_a_profile_is_set_and_read_back_whole(service: Service) -> None:
    empty = await service.api("GET", PROFILE)
    put = await service.api("PUT", PROFILE, json=WHOLE, role=Role.APPROVER)
    read = await service.api("GET", PROFILE)
    again = await service.api("PUT", PROFILE, json=read.json)

    assert empty.json["category_id"] is None
    assert (put.status, read.json) == (200, put.json)
    assert read.json["price_rule"]["markup"] == "0.4"
    assert again.headers["ETag"] == read.headers["ETag"]
    assert (await load_profile(service.app.db, "shop-a")).categories == {"杯子": 50010851}


async def test_of_two_who_change_a_profile_the_second_is_told(service: Service) -> None:
    seen = {"If-Match": (await service.api("GET", PROFILE)).headers["ETag"]}
    first = await service.api("PUT", PROFILE, json={"city": "杭州"}, headers=seen)
    second = await service.api("PUT", PROFILE, json={"city": "宁波"}, headers=seen)

    assert (first.status, second.status, second.json["code"]) == (200, 412, "changed_since")
    assert (await load_profile(service.app.db, "shop-a")).city == "杭州"


async def test_a_rule_with_both_margin_and_markup_is_refused(service: Service) -> None:
    answer = await service.api("PUT", PROFILE, json={"price_rule": {"margin": "0.2", "markup": "0.4"}})

    assert (answer.status, answer.json["code"]) == (422, "unreadable")
    assert await load_profile(service.app.db, "shop-a") == Profile()


async def test_a_dry_run_changes_no_profile(service: Service) -> None:
    answer = await service.api("PUT", f"{PROFILE}?dry_run=true", json=WHOLE)

    assert answer.json["city"] == "杭州"
    assert await load_profile(service.app.db, "shop-a") == Profile()


async def test_only_who_approves_changes_a_profile(service: Service) -> None:
    assert (await service.api("PUT", PROFILE, json=WHOLE, role=Role.OPERATOR)).status == 403


async def test_a_price_is_previewed_step_by_step_by_the_profiles_rule_or_another(service: Service) -> None:
    without = await service.api("POST", "/shops/shop-a/price-preview", json={"costs": ["10"]})
    await service.api("PUT", PROFILE, json=WHOLE)
    by_profile = await service.api("POST", "/shops/shop-a/price-preview", json={"costs": ["10", "0.01"]})
    rule = {"margin": "0.5", "fee_rate": "0.05"}
    other = await service.api(
        "POST", "/shops/shop-a/price-preview", json={"costs": ["9"], "price_rule": rule}
    )

    assert (without.status, without.json["code"]) == (422, "no_price_rule")
    assert [row["price"] for row in by_profile.json] == ["14.90", "0.90"]
    assert by_profile.json[0]["computed"] == "14.00"
    assert other.json[0]["price"] == "20.00"


async def test_a_check_answers_every_fault_and_keeps_nothing(service: Service) -> None:
    await service.api("PUT", PROFILE, json=WHOLE)
    products = [
        {"outer_id": "A", "title": "杯", "cost": "10"},
        {"outer_id": "B", "title": "最好的杯" + "长" * 30, "price": "贵", "stock": -1},
    ]

    answer = await service.api("POST", "/shops/shop-a/checks", json={"products": products}, role=Role.VIEWER)

    good, bad = answer.json
    assert (good["good"], good["price"]) == (True, "14.90")
    assert not bad["good"]
    assert {one["rule"] for one in bad["faults"]} >= {
        "title_width",
        "forbidden_word",
        "amount_form",
        "stock_range",
    }
    assert all(one["message"] and one["remedy"] for one in bad["faults"])
    assert await service.app.db.fetch("SELECT COUNT(*) FROM product") == [(0,)]


async def test_the_audit_log_keeps_what_was_changed_of_a_profile(service: Service) -> None:
    await service.api("PUT", PROFILE, json={"city": "杭州"})

    await service.app.audit.flush()
    acts = (await service.api("GET", "/audit?action=shop.profile_set")).json["items"]
    assert [(act["subject"], act["actor"]) for act in acts] == [("shop-a", "key:administrator-0")]
    assert "杭州" in str(acts[0])
