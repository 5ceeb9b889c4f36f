"""The platform itself: its time, its addresses, its areas, and whether a text holds banned words."""

from collections.abc import Mapping

from onshelf.sandbox.arguments import project
from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.reference import areas
from onshelf.sandbox.wire import Json, listed

HERE = "127.0.0.1"


def time_get(call: Call) -> Json:
    """Answers the platform's time."""
    return {"time": wire_time(call.now)}


def appip_get(_call: Call) -> Json:
    """Answers the caller's address; the sandbox hears only its own machine."""
    return {"ip": HERE}


def ipout_get(_call: Call) -> Json:
    """Answers the addresses callbacks come from."""
    return {"ip_list": HERE}


def areas_get(call: Call) -> Json:
    """Answers countries, provinces and cities."""
    names = call.method.pick(call.text["fields"])
    return listed("areas", "area", [project(one, names) for one in areas()])


def keyword_search(call: Call) -> Json:
    """Answers whether a text holds one of the house rules' banned words, and shows it with them hidden."""
    content, word = call.text["content"], call.world.policy.banned(call.text["content"])
    if not word:
        return {"kfc_search_result": {"matched": False}}
    for one in call.world.policy.banned_words:
        content = content.replace(one, "*" * len(one))
    return {"kfc_search_result": {"content": content, "level": "A", "matched": True}}


METHODS: Mapping[str, Handler] = {
    "taobao.time.get": time_get,
    "taobao.appip.get": appip_get,
    "taobao.top.ipout.get": ipout_get,
    "taobao.areas.get": areas_get,
    "taobao.kfc.keyword.search": keyword_search,
}
