"""Every act the audit log knows: what it is called, what it was done to, and what is told of it, the same from every door. Pure.

A new thing is told from nothing to what it is, one that goes from what it was to nothing. Nothing told here is a secret: what
may hold one is handed over as `Secret`, and shows only that it changed.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

import msgspec

from onshelf.alerts.directory import ChannelRecord
from onshelf.alerts.silence import Silence
from onshelf.catalog.imports.runs import Run
from onshelf.catalog.product import Product
from onshelf.catalog.profile import Profile
from onshelf.catalog.store import Stored
from onshelf.clock import BEIJING, from_us
from onshelf.guard.change import Act
from onshelf.guard.roles import Role
from onshelf.hooks.hook import Hook
from onshelf.jobs.acts import Act as JobAct
from onshelf.jobs.job import Job
from onshelf.platforms.port import Closure
from onshelf.settings import Secret
from onshelf.shops.probe import Health
from onshelf.shops.quota.permits import Permit
from onshelf.shops.shop import Shop, ShopState

_PRODUCT = ("title", "price", "stock", "category_id", "description", "condition", "province", "city",
            "delivery_template_id", "properties")  # fmt: skip


class Holder(Protocol):
    """Whoever holds rights: a person, a key, an invitation."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> Role: ...
    @property
    def shops(self) -> Collection[str] | None: ...


# shops


def shop_added(shop: Shop) -> Act:
    return Act("shop.added", shop.shop_id, after=_shop(shop))


def shop_changed(before: Shop, after: Shop, *, secret: bool) -> Act:
    """`secret`: the app's secret was given anew."""
    old, new = ({"app_secret": Secret(one)} if secret else {} for one in ("old", "new"))
    return Act("shop.changed", after.shop_id, {**_shop(before), **old}, {**_shop(after), **new})


def shop_removed(shop: Shop) -> Act:
    return Act("shop.removed", shop.shop_id, before=_shop(shop))


def shop_paused(shop: Shop) -> Act:
    return Act("shop.paused", shop.shop_id, {"state": shop.state.value}, {"state": ShopState.PAUSED.value})


def shop_resumed(shop: Shop, state: ShopState) -> Act:
    return Act("shop.resumed", shop.shop_id, {"state": shop.state.value}, {"state": state.value})


def shop_probed(shop: Shop, found: Health) -> Act:
    return Act(
        "shop.probed",
        shop.shop_id,
        after=_some(well=found.is_well, faults=[method for method, _ in found.faults]),
    )


def shop_authorised(shop: Shop, by: str, asked_by: str = "") -> Act:
    """`by`: session, code, link; `asked_by`: who had made the link."""
    return Act("shop.authorised", shop.shop_id, after=_some(by=by, asked_by=asked_by))


def link_made(shop: Shop, *, for_anybody: bool) -> Act:
    return Act("shop.link_made", shop.shop_id, after={"for_anybody": for_anybody})


def profile_set(shop_id: str, before: Profile, after: Profile) -> Act:
    return Act("shop.profile_set", shop_id, msgspec.to_builtins(before), msgspec.to_builtins(after))


# products


def product_saved(shop_id: str, before: Stored | None, after: Stored) -> Act:
    """`before`: None: the shop did not have it."""
    subject = f"{shop_id}/{after.product.outer_id}"
    if before is None:
        return Act("product.added", subject, after=_product(after.product))
    return Act("product.changed", subject, _product(before.product), _product(after.product))


def product_deleted(shop_id: str, product: Product) -> Act:
    return Act("product.deleted", f"{shop_id}/{product.outer_id}", before=_product(product))


def product_released(shop_id: str, outer_id: str) -> Act:
    return Act("product.released", f"{shop_id}/{outer_id}", {"held": True}, {"held": False})


def pictures_added(shop_id: str, names: Collection[str]) -> Act:
    return Act("pictures.added", shop_id, after={"count": len(names), "pictures": sorted(names)})


def picture_deleted(shop_id: str, name: str) -> Act:
    return Act("picture.deleted", shop_id, before={"pictures": [name]})


def file_uploaded(run: Run) -> Act:
    return Act("import.uploaded", run.import_id, after={"shop": run.shop_id, "file": run.file})


def import_dropped(run: Run) -> Act:
    return Act("import.dropped", run.import_id, before={"shop": run.shop_id, "file": run.file})


def import_mended(run: Run, **what: object) -> Act:
    """`what`: the row and field that was mended, or the rule and how many products."""
    return Act("import.mended", run.import_id, after=_some(shop=run.shop_id, **what))


def import_restored(run: Run, *, row: int, field: str) -> Act:
    """`row` 0: every suggestion that was accepted."""
    return Act("import.restored", run.import_id, after=_some(shop=run.shop_id, row=row or None, field=field))


def products_imported(run: Run) -> Act:
    counts = {name: getattr(run, name) for name in ("good", "faulty", "added", "changed")}
    return Act("products.imported", run.import_id, after={"shop": run.shop_id, "file": run.file, **counts})


# jobs


def publish_started(shop_id: str, job_id: str, *, lines: int, canary: int | None) -> Act:
    return Act("publish.started", job_id, after=_some(shop=shop_id, lines=lines, canary=canary))


def job_changed(act: JobAct, before: Job, after: Job) -> Act:
    return Act(
        f"jobs.{act}",
        after.job_id,
        {"state": before.state.value},
        {"state": after.state.value, "shop": after.shop_id},
    )


def listing_settled(shop_id: str, outer_id: str, choice: str, item_id: int | None) -> Act:
    """`choice`: adopt, absent, give_up."""
    return Act("listing.settled", f"{shop_id}/{outer_id}", after=_some(choice=choice, item_id=item_id))


def items_ordered(shop_id: str, job_id: str, *, listed: bool, count: int) -> Act:
    """`listed`: put on the shelf, else taken off."""
    after = {"shop": shop_id, "items": count}
    return Act("items.listed", job_id, after=after) if listed else Act("items.delisted", job_id, after=after)


def platform_called(shop_id: str, method: str) -> Act:
    return Act("platform.called", shop_id, after={"method": method})


# quota


def quota_permitted(app_key: str, before: Iterable[Permit], after: Iterable[Permit]) -> Act:
    """All that is told of an app, before and after."""
    return Act("quota.permit", app_key, _permits(before), _permits(after))


def closure_put(before: Closure | None, after: Closure) -> Act:
    return Act("quota.calendar.add", after.name, _closure(before) if before else {}, _closure(after))


def closure_removed(closure: Closure) -> Act:
    return Act("quota.calendar.remove", closure.name, before=_closure(closure))


# alerts and their channels


def alert_acknowledged(fingerprint: str, note: str) -> Act:
    return Act("alert.acknowledged", fingerprint, after=_some(note=note))


def alerts_acknowledged(shop_id: str, cause: str, count: int) -> Act:
    """`shop_id` empty: of every shop."""
    return Act("alert.acknowledged", shop_id, after=_some(shop=shop_id, cause=cause, count=count))


def alert_given_back(fingerprint: str) -> Act:
    return Act("alert.given_back", fingerprint)


def silence_begun(silence: Silence) -> Act:
    return Act("alert.silenced", silence.silence_id, after=_silence(silence))


def silence_ended(silence: Silence) -> Act:
    return Act("alert.silence_ended", silence.silence_id, before=_silence(silence))


def channel_added(channel: ChannelRecord) -> Act:
    return Act("channel.added", channel.name, after=_channel(channel))


def channel_changed(before: ChannelRecord, after: ChannelRecord, given: Collection[str]) -> Act:
    """`given`: the fields of its configuration that were given; a secret among them is new."""
    return Act("channel.changed", after.name, _channel(before), _channel(after, given))


def channel_removed(channel: ChannelRecord) -> Act:
    return Act("channel.removed", channel.name, before=_channel(channel))


def channel_tested(name: str, *, accepted: bool) -> Act:
    return Act("channel.tested", name, after={"accepted": accepted})


def channel_resumed(channel: ChannelRecord) -> Act:
    return Act("channel.resumed", channel.name, before=_some(stopped=channel.stopped))


# webhooks


def webhook_added(hook: Hook) -> Act:
    return Act("webhook.added", hook.hook_id, after=_hook(hook))


def webhook_changed(before: Hook, after: Hook) -> Act:
    return Act("webhook.changed", after.hook_id, _hook(before), _hook(after))


def webhook_removed(hook: Hook) -> Act:
    return Act("webhook.removed", hook.hook_id, before=_hook(hook))


def secret_rotated(hook: Hook, overlap_s: float) -> Act:
    return Act(
        "webhook.secret_rotated", hook.hook_id, after={"host": hook.host, "overlap_s": f"{overlap_s:g}"}
    )


def webhook_tested(hook: Hook, status: int) -> Act:
    """`status` 0: no answer."""
    return Act("webhook.tested", hook.hook_id, after=_some(host=hook.host, status=status or None))


def webhook_replayed(hook: Hook, **what: object) -> Act:
    """`what`: the delivery, or since when and how many."""
    return Act("webhook.replayed", hook.hook_id, after=_some(host=hook.host, **what))


# people and keys


def person_invited(name: str, role: Role, shops: Collection[str] | None) -> Act:
    """`name` empty: one to be chosen."""
    return Act("person.invited", name, after=_given(role, shops))


def person_uninvited(found: Holder) -> Act:
    return Act("person.uninvited", found.name, before=_rights(found))


def person_changed(person: Holder, role: Role, shops: Collection[str] | None) -> Act:
    return Act("person.changed", person.name, _rights(person), _given(role, shops))


def person_ended(person: Holder) -> Act:
    return Act("person.ended", person.name, before=_rights(person))


def person_unlocked(person: Holder) -> Act:
    return Act("person.unlocked", person.name)


def person_let_in_again(person: Holder) -> Act:
    return Act("person.let_in_again", person.name)


def person_joined(person: Holder, *, again: bool = False) -> Act:
    """`again`: by a link for a new password."""
    return Act("person.reset" if again else "person.joined", person.name, after=_rights(person))


def signed_in(person: Holder) -> Act:
    return Act("person.signed_in", person.name)


def refused(name: str) -> Act:
    """Somebody was not let in. A name that nobody has is left out: often it is a password, typed one field early."""
    return Act("person.refused", name)


def linked(person: Holder) -> Act:
    return Act("person.linked", person.name)


def unlinked(person: Holder) -> Act:
    return Act("person.unlinked", person.name)


def password_changed(person: Holder) -> Act:
    return Act("person.password_changed", person.name)


def second_factor_added(person: Holder) -> Act:
    return Act("person.second_factor_added", person.name)


def second_factor_removed(person: Holder) -> Act:
    return Act("person.second_factor_removed", person.name)


def session_ended(person: Holder) -> Act:
    return Act("person.session_ended", person.name)


def sessions_ended(person: Holder) -> Act:
    return Act("person.sessions_ended", person.name)


def key_made(key: Holder, until_us: int) -> Act:
    """`until_us` 0: no end."""
    until = _moment(until_us) if until_us else None
    return Act("key.made", key.name, after=_some(**_rights(key), until=until))


def key_ended(key: Holder) -> Act:
    return Act("key.ended", key.name, before=_rights(key))


def audit_exported(kind: str, query: str) -> Act:
    return Act("audit.exported", kind, after={"filter": query})


def _some(**fields: Any) -> dict[str, object]:
    """Leaves out what says nothing."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], ())}


def _moment(at_us: int) -> str:
    return f"{from_us(at_us).astimezone(BEIJING):%Y-%m-%d %H:%M}"


def _shop(shop: Shop) -> dict[str, object]:
    return _some(**{name: getattr(shop, name) for name in ("app_key", "gateway", "oauth", "tmc", "nick")})


def _product(product: Product) -> dict[str, object]:
    skus = {sku.outer_id: f"{sku.price} × {sku.stock}" for sku in product.skus}
    return _some(
        **{name: getattr(product, name) for name in _PRODUCT}, skus=skus or None, pictures=product.pictures
    )


def _permits(told: Iterable[Permit]) -> dict[str, object]:
    """By scope and window in seconds, as `app/86400`; 0: no limit."""
    return {f"{one.limit.scope}/{one.limit.window_s:g}": one.limit.limit for one in told}


def _closure(one: Closure) -> dict[str, object]:
    span = {"begins": _moment(one.from_us), "ends": _moment(one.to_us)}
    return {**span, "methods": list(one.methods), "per_minute": one.per_minute}


def _silence(one: Silence) -> dict[str, object]:
    of = one.scope
    return _some(
        alert=of.fingerprint,
        shop=of.shop,
        rule=of.rule,
        cause=of.cause,
        code_prefix=of.code_prefix,
        until=_moment(one.until_us),
        why=one.why,
    )


def _channel(one: ChannelRecord, given: Collection[str] = ()) -> dict[str, object]:
    """Of a web address its host is told, for the rest may hold a token."""
    config: dict[str, object] = {}
    for name, value in one.config.items():
        config |= _place(name, value) if value.startswith(("http://", "https://")) else {name: value}
    secrets = {name: Secret("new" if name in given else "set") for name in one.secrets}
    return _some(
        kind=one.kind,
        shops=sorted(one.route.shops) or "*",
        least=one.route.least.value,
        resolved=one.route.resolved,
        lang=one.lang,
        **config,
        **secrets,
    )


def _hook(hook: Hook) -> dict[str, object]:
    return {
        **_place("url", hook.url),
        **_some(about=hook.about, types=sorted(hook.types)),
        "shops": "*" if hook.shops is None else sorted(hook.shops),
        "state": hook.state.value,
    }


def _place(name: str, url: str) -> Mapping[str, object]:
    """Tells where a web address leads, and only that the rest of it changed."""
    return {"host": url.partition("://")[2].partition("/")[0].rpartition("@")[2], name: Secret(url)}


def _rights(of: Holder) -> dict[str, object]:
    return _given(of.role, of.shops)


def _given(role: Role, shops: Collection[str] | None) -> dict[str, object]:
    return {"role": role.value, "shops": "*" if shops is None else sorted(shops)}
