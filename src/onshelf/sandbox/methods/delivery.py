"""taobao.delivery.template.*: what sending costs, as the seller sets it."""

from collections.abc import Mapping

from onshelf.sandbox.arguments import project
from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.rules import invalid, is_price
from onshelf.sandbox.wire import Json, listed

MOST_TEMPLATES = 300
_WAYS = frozenset(("post", "express", "ems", "cod"))
_COLUMNS = {
    "destination": "template_dests",
    "start_standard": "template_start_standards",
    "start_fee": "template_start_fees",
    "add_standard": "template_add_standards",
    "add_fee": "template_add_fees",
}


def templates_get(call: Call) -> Json:
    """Answers the shop's delivery templates."""
    return _rows(call, call.shop.record.templates)


def template_get(call: Call) -> Json:
    """Answers delivery templates by id."""
    wanted = call.text["template_ids"].split(",")
    return _rows(call, [one for one in call.shop.record.templates if str(one["template_id"]) in wanted])


def _rows(call: Call, templates: list[Json]) -> Json:
    rows = [call.pick(one) for one in templates]
    return {**listed("delivery_templates", "delivery_template", rows), "total_results": len(rows)}


def template_add(call: Call) -> Json:
    """Adds a template; its name is the shop's only one."""
    templates, name = call.shop.record.templates, call.text["name"]
    if any(one["name"] == name for one in templates):
        raise invalid("name", f"运费模板名称已存在：{name}")
    if len(templates) >= MOST_TEMPLATES:
        raise BusinessError(
            "isv.delivery-template-service-error:COUNT_EXCEED", f"运费模板最多{MOST_TEMPLATES}个"
        )
    stamp = wire_time(call.now)
    row: Json = {
        "address": "",
        "assumer": call.number("assumer"),
        "consign_area_id": call.number("consign_area_id", 330100),
        "created": stamp,
        "fee_list": {"top_fee": read_fees(call.text)},
        "modified": stamp,
        "name": name,
        "supports": "",
        "template_id": call.world.new_id(),
        "valuation": call.number("valuation"),
    }
    templates.append(row)
    return {"delivery_template": project(row, ("created", "template_id"))}


def read_fees(text: Mapping[str, str]) -> list[Json]:
    """Reads the parallel lists: `;` between ways of sending, `,` between the rows of one way. Raises: BusinessError."""
    ways = text["template_types"].split(";")
    if not _WAYS.issuperset(ways):
        raise invalid("template_types", f"运送方式须为{'、'.join(sorted(_WAYS))}：{text['template_types']}")
    columns = {name: text[parameter].split(";") for name, parameter in _COLUMNS.items()}
    for name, parts in columns.items():
        if len(parts) != len(ways):
            raise invalid(_COLUMNS[name], "各运送方式的个数必须与template_types一致")
    return [
        fee for at, way in enumerate(ways) for fee in _way(way, {name: columns[name][at] for name in columns})
    ]


def _way(way: str, columns: Mapping[str, str]) -> list[Json]:
    cells = {name: part.split(",") for name, part in columns.items()}
    if way != "cod" and not all(map(is_price, (*cells["start_fee"], *cells["add_fee"]))):
        raise invalid("template_start_fees", "运费须为最多两位小数的金额")
    size = len(cells["start_fee"])
    if any(len(one) != size for name, one in cells.items() if name != "destination"):
        raise invalid("template_add_fees", "同一运送方式下各列表的个数必须一致")
    places = columns["destination"].split(",") if size > 1 else [columns["destination"]]
    cells["destination"] = places + [places[-1]] * (size - len(places))
    return [{"service_type": way, **{name: cells[name][at] for name in _COLUMNS}} for at in range(size)]


def _find(call: Call) -> Json:
    number = call.number("template_id")
    found = next((one for one in call.shop.record.templates if one["template_id"] == number), None)
    if found is None:
        raise BusinessError(
            "isv.delivery-template-not-exist:invalid-template_id", f"运费模板不存在：{number}"
        )
    return found


def template_update(call: Call) -> Json:
    """Changes a template; its fees are replaced whole."""
    row, fees = _find(call), read_fees(call.text)
    row |= {"fee_list": {"top_fee": fees}, "modified": wire_time(call.now)}
    row["name"], row["assumer"] = call.get("name", row["name"]), call.number("assumer", row["assumer"])
    return {"complete": True}


def template_delete(call: Call) -> Json:
    """Deletes a template; items that used it keep its number."""
    call.shop.record.templates.remove(_find(call))
    return {"complete": True}


METHODS: Mapping[str, Handler] = {
    "taobao.delivery.templates.get": templates_get,
    "taobao.delivery.template.get": template_get,
    "taobao.delivery.template.add": template_add,
    "taobao.delivery.template.update": template_update,
    "taobao.delivery.template.delete": template_delete,
}
