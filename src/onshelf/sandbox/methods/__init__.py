"""The methods with real behaviour: a family is one file and one line here. All others check arguments and answer empty."""

from collections.abc import Mapping

from onshelf.sandbox.call import Handler
from onshelf.sandbox.methods import (
    auth,
    categories,
    delivery,
    images,
    items,
    lists,
    logistics,
    operate,
    people,
    pictures,
    platform,
    products,
    publish,
    quick,
    rates,
    receivers,
    refunds,
    schemas,
    shops,
    skus,
    specs,
    spus,
    stock,
    tmall,
    tmc,
    trades,
)

FAMILIES = (
    auth,
    categories,
    delivery,
    images,
    items,
    lists,
    logistics,
    operate,
    people,
    pictures,
    platform,
    products,
    publish,
    quick,
    rates,
    receivers,
    refunds,
    schemas,
    shops,
    skus,
    specs,
    spus,
    stock,
    tmall,
    tmc,
    trades,
)

HANDLERS: Mapping[str, Handler] = {
    name: handler for family in FAMILIES for name, handler in family.METHODS.items()
}
