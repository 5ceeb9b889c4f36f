"""Jobs made by hand for tests of the service: enqueued, and ended well or badly."""

from service import Service

from onshelf.ids import JobId, new_id
from onshelf.jobs.job import Job, JobState
from onshelf.jobs.queue import NewLine

REFUSED = {
    "code": "errors.business_fault",
    "sub_code": "isv.title",
    "message": {"zh": "标题太长", "en": "The title is too long."},
    "remedy": {"zh": "改标题", "en": "Mend the title."},
}


async def job(service: Service, lines: int = 3, *, shop: str = "shop-a", kind: str = "publish") -> str:
    """Enqueues a job."""
    app = service.app
    now_us = app.clock.now_us()
    one = Job(JobId(new_id(now_us, app.random)), kind, shop, JobState.QUEUED, now_us, "{}", "key:erp")
    await app.db.commit(app.queue.enqueue(one, [NewLine(f"A-{n}") for n in range(1, lines + 1)]))
    return one.job_id


async def run(service: Service, *, fail: int = 0, shop: str = "shop-a") -> None:
    """Ends all lines of a shop, the first `fail` of them badly."""
    queue = service.app.queue
    lines = await queue.claim("publish", 1000, shop_id=shop)
    done = {"code": "listing.created", "item_id": 680_000_000_001}
    await service.app.db.commit(
        [queue.fail(one, REFUSED) if n < fail else queue.succeed(one, done) for n, one in enumerate(lines)]
    )
