"""The gateway: a request is decoded, checked in the platform's order, worked on and answered; faults and barriers strike here.

Order of checks: reference/top-protocol.md 9 (the real one is not documented).
"""

from dataclasses import dataclass, field

from onshelf.sandbox import errors, wire
from onshelf.sandbox.admission import Style, check_signature, identify, utf8
from onshelf.sandbox.arguments import Method
from onshelf.sandbox.barriers import Barriers
from onshelf.sandbox.call import Call
from onshelf.sandbox.calls import CallLog, Seen
from onshelf.sandbox.clock import SandboxClock
from onshelf.sandbox.faults import ACTS, Fate, Faults, covers, is_write
from onshelf.sandbox.market import passing
from onshelf.sandbox.methods import HANDLERS
from onshelf.sandbox.quota import Quota
from onshelf.sandbox.replay import Recording
from onshelf.sandbox.selling import Cause, Counter
from onshelf.sandbox.shapes import known
from onshelf.sandbox.spoil import Reply, strike_after
from onshelf.sandbox.state import App, Due, Session, World
from onshelf.sandbox.strike import act_after, act_by_schedule, strike_before, strike_result
from onshelf.sandbox.wire import Form, Json

SEPARATOR = "\r\n-S-\r\n"
HOST = "sandbox.onshelf"
VERBS = frozenset(("GET", "HEAD", "POST"))


@dataclass(slots=True)
class Request:
    """An HTTP request to the gateway, body read."""

    verb: str
    query: bytes
    content_type: str
    body: bytes
    separator: str = SEPARATOR  # batch only


@dataclass
class Gateway:
    """Everything a call passes through."""

    world: World
    clock: SandboxClock
    faults: Faults
    quota: Quota = field(default_factory=Quota)
    barriers: Barriers = field(default_factory=Barriers)
    recording: Recording | None = None  # answers before the world does

    def __post_init__(self) -> None:
        self.calls = CallLog(self.clock)

    async def rest(self, request: Request) -> Reply:
        """Answers one call. Raises: ConnectionCut when the caller is to get nothing."""
        arrived = self.clock.now()
        self.settle(arrived)
        request_id = self._arrive()
        style = None
        seen = Seen(request_id, arrived, "rest", request.verb, request.query, len(request.body))
        try:
            with self.calls.keep(seen):
                form = self._decode(request)
                seen.take(form.text, form.files)
                style = Style.of(form.text)
                app = identify(self.world.apps, form.text, arrived)
                seen.secret = app.app_secret
                check_signature(form.text, app)
                reply = await self._call(form, app, style, arrived, request_id, verb=request.verb)
                return seen.answer(reply)
        except errors.ApiError as refusal:
            style = style or Style.of_undecoded(request.query, request.body)
            return seen.answer(self._refuse(refusal, style, request_id))

    async def batch(self, request: Request) -> Reply:
        """Answers the calls of one batch, in their order, joined by the separator they came with; a fault of the whole is
        one error for all."""
        arrived = self.clock.now()
        self.settle(arrived)
        request_id = self.world.request_id()
        style = None
        seen = Seen(request_id, arrived, "batch", request.verb, request.query, len(request.body))
        try:
            with self.calls.keep(seen):
                shared = self._decode(Request("POST", request.query, "", b"")).text
                seen.take(shared)
                style = Style.of(shared)
                app = identify(self.world.apps, {"method": "batch", **shared}, arrived)
                seen.secret = app.app_secret
                seen.body = body = utf8(request.body)
                check_signature(shared, app, body)
                calls = self._calls_of(request.verb, body, request.separator)
        except errors.ApiError as refusal:
            style = style or Style.of_undecoded(request.query, request.body)
            return seen.answer(self._refuse(refusal, style, request_id))
        answers = [await self._one_of_batch(one, shared, app, style, arrived) for one in calls]
        return seen.answer(_joined(answers, request.separator, style))

    def _calls_of(self, verb: str, body: str, separator: str) -> list[str]:
        """Returns the calls of a batch as forms, the public block before each. Raises: ApiError when none can be made."""
        if verb != "POST":
            raise errors.HttpActionNotAllowed
        parts, most = body.split(separator), self.world.policy.batch_calls
        public = parts.pop(0).removeprefix("#PUBLIC#") if parts[0].startswith("#PUBLIC#") else ""
        if not parts:
            raise errors.MissingMethod
        if 0 < most < len(parts):
            raise errors.InvalidArguments("batch", f"一次最多 {most} 个调用，收到 {len(parts)} 个")
        return [public if part.strip() == "N" else f"{public}&{part}" for part in parts]

    async def _one_of_batch(self, part: str, shared: Json, app: App, style: Style, arrived: float) -> Reply:
        request_id = self._arrive()
        seen = Seen(request_id, arrived, "part", "POST", b"", len(part))
        try:
            with self.calls.keep(seen):
                own = self._decode(Request("POST", part.encode(), "", b"")).text
                form = Form(text={**shared, **own})
                seen.take(form.text)
                if not form.text.get("method"):
                    raise errors.MissingMethod
                reply = await self._call(form, app, style, arrived, request_id, verb="POST")
                return seen.answer(reply)
        except errors.ApiError as refusal:
            return seen.answer(self._refuse(refusal, style, request_id))

    def _arrive(self) -> str:
        """Counts a call and returns its id."""
        self.world.stats.calls += 1
        return self.world.request_id()

    def _decode(self, request: Request) -> Form:
        try:
            text = wire.decode_pairs(request.query)
            form = wire.decode_body(request.content_type, request.body) if request.body else Form()
        except wire.Undecodable as error:
            raise errors.InvalidEncoding from error
        form.text = {**text, **form.text}
        return form

    async def _call(
        self, form: Form, app: App, style: Style, arrived: float, request_id: str, *, verb: str
    ) -> Reply:
        """Checks a signed call from its method on, works on it and writes the answer."""
        name = form.text.get("method", "")
        stats = self.world.stats
        stats.by_method[name] = stats.by_method.get(name, 0) + 1
        method = known(name)
        if verb not in VERBS or (verb != "POST" and any(one in method.uploads for one in method.required)):
            raise errors.HttpActionNotAllowed
        self.quota.admit(app.app_key, name, arrived)
        if any(covers(pattern, name) for pattern in app.denied):
            raise errors.PermissionDenied("isv.permission-api-package-limit", "scope ids is 381 11655")
        session = self._check_session(form.text.get("session", ""), method, app, arrived)
        method.check(form.text, form.files)
        call = Call(self.world, method, form.text, form.files, app, session, arrived, request_id)
        call.attempt = self._count_attempt(call)
        return await self._perform(call, style)

    def _check_session(self, token: str, method: Method, app: App, now: float) -> Session | None:
        if method.session == "no" or (method.session == "optional" and not token):
            return None
        if not token:
            raise errors.MissingSession
        session = self.world.sessions.get(token)
        if session is None or now >= session.expires_at:
            raise errors.InvalidSession
        if session.app_key != app.app_key:
            raise errors.InvalidSession("sessionkey-not-generated-by-server", "SessionKey不属于该应用")
        self._check_tiers(session, method.name, now)
        return session

    def _check_tiers(self, session: Session, name: str, now: float) -> None:
        """Checks the plain tier of a session, then for a high-risk method the short one."""
        kind = "w" if is_write(name) else "r"
        if now >= session.tiers.get(f"{kind}1", session.expires_at):
            detail = f":{kind.upper()}1 security authorize invalid"
            raise errors.InsufficientSecurity(f"isv.{kind}1-security-authorize-invalid", detail=detail)
        risky = any(covers(pattern, name) for pattern in self.world.policy.high_risk)
        if risky and now >= session.tiers.get(f"{kind}2", session.expires_at):
            raise errors.InsufficientSession

    def _count_attempt(self, call: Call) -> int:
        if call.method.name != "taobao.item.add" or call.session is None:
            return 0
        key = (call.session.nick, call.get("outer_id"))
        attempt = self.world.attempts[key] = self.world.attempts.get(key, 0) + 1
        return attempt

    async def _perform(self, call: Call, style: Style) -> Reply:
        """Works on a checked call, with whatever fault was decided for it."""
        fate = self.faults.decide(call.method.name, call.now)
        for kind in fate.kinds:
            self._count_fault(kind)
            self.calls.strike(call.request_id, kind)
        if fate.delay_s:
            await self.clock.sleep(fate.delay_s)
        reply = strike_before(call, fate.main, self.quota) if fate.main else None
        if reply:
            return reply
        name, held = call.method.name, self.barriers.all
        if held:
            await self.barriers.hold(name, "before_work", call.request_id)
        if held or fate.delay_s:
            call = call.at(self.clock.now())
            self.settle(call.now)
        result = self.work(call, fate)
        if fate.main and fate.main.kind in ACTS:
            act_after(call, result, fate)
        if held:
            await self.barriers.hold(name, "after_work", call.request_id)
        root, xml = call.method.root, style.xml
        body = wire.encode_result(root, result, call.request_id, xml=xml, simplify=style.simplify, host=HOST)
        reply = style.reply(body)
        if fate.main:
            reply = strike_after(reply, fate.main)
        if held:
            await self.barriers.hold(name, "before_reply", call.request_id)
        return reply

    def work(self, call: Call, fate: Fate) -> Json:
        """Does the work of a call; a method without behaviour answers empty. Raises: ApiError."""
        if self.recording and (recorded := self.recording.answer(call.method.name, call.text)) is not None:
            return recorded
        handler = HANDLERS.get(call.method.name)
        if handler is None:
            return call.method.empty
        if call.session:
            call.shop.lag(fate.lag_s, ids=call.shop.shelf.lag_ids or fate.lag_ids)
            call.shop.settle(call.now)
        try:
            result = handler(call)
        except errors.BusinessError as refusal:
            if call.session and call.shop.record.kind == "B" and refusal.sub_code.startswith("isv."):
                refusal.sub_code += "-tmall"
            raise
        self.world.stats.writes += is_write(call.method.name)
        if fate.shift_rows or fate.degraded:
            result = strike_result(call, handler, result, fate)
        return result

    def settle(self, now: float) -> None:
        """Lets happen what was due by now, in order of time."""
        for at, rule in self.faults.take_due(now):
            self._settle_world(at)
            self._count_fault(rule.order.kind)
            act_by_schedule(self.world, rule, at)
        self._settle_world(now)

    def _settle_world(self, now: float) -> None:
        for due in self.world.take_due(now):
            if due.kind == "call":
                self._work_late(due)
            elif due.kind in passing.KINDS:
                passing.settle(self.world, due)
            else:
                counter = Counter(self.world, self.world.shops[due.nick], Cause(due.at, "clock"))
                counter.settle(due.num_iid, due.kind, due.stamp)

    def settle_all(self) -> None:
        """Lets everything due happen, in every shop, lists included."""
        now = self.clock.now()
        self.settle(now)
        for shop in self.world.shops.values():
            shop.settle(now)

    def _work_late(self, due: Due) -> None:
        """Does the work of a call whose connection was cut some time ago; nobody hears of a refusal."""
        call = _unpack(self.world, due)
        try:
            self.work(call, self.faults.decide_lag(call.method.name, call.now))
        except errors.ApiError as refusal:
            self._count(refusal)

    def _refuse(self, refusal: errors.ApiError, style: Style, request_id: str) -> Reply:
        self._count(refusal)
        return style.reply(wire.encode_error(refusal.fields(), request_id, xml=style.xml, host=HOST))

    def _count_fault(self, kind: str) -> None:
        faults = self.world.stats.faults
        faults[kind] = faults.get(kind, 0) + 1

    def _count(self, refusal: errors.ApiError) -> None:
        refusals, code = self.world.stats.refusals, str(refusal.code)
        refusals[code] = refusals.get(code, 0) + 1


def _joined(answers: list[Reply], separator: str, style: Style) -> Reply:
    """Makes one reply of those of a batch; what struck one at the level of HTTP strikes all."""
    for one in answers:
        if one.status != 200:
            return one
    reply = style.reply(separator.encode().join([one.body for one in answers]))
    reply.cut = any(one.cut for one in answers)
    reply.slow_s = max(one.slow_s for one in answers)
    return reply


def _unpack(world: World, due: Due) -> Call:
    kept = due.call
    files = {name: memoryview(content) for name, content in kept["files"].items()}
    session = world.sessions.get(kept["session"])
    return Call(
        world,
        known(kept["method"]),
        kept["text"],
        files,
        world.apps[kept["app_key"]],
        session,
        due.at,
        kept["request_id"],
        kept["attempt"],
    )
