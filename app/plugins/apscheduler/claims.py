"""Each firing is claimed by (job, scheduled instant); a second runner finds it taken."""

from datetime import datetime, timedelta
from typing import Any

from app.plugins.apscheduler.job import Job
from app.plugins.apscheduler.lease import Fence
from app.plugins.apscheduler.tables import SchedulerClaim
from app.plugins.cassandra_cqlengine import store
from app.utils.ids import new_id

SHORTEST_KEEP = timedelta(hours=1)

_CLAIM = (
    "INSERT INTO scheduler_claim (job, scheduled_at, holder, fence, claim_token) VALUES (?, ?, ?, ?, ?) "
    "IF NOT EXISTS USING TTL ?"
)
_TAKE_OVER = (
    "UPDATE scheduler_claim USING TTL ? SET holder = ?, fence = ?, claim_token = ? WHERE job = ? AND scheduled_at = ? "
    "IF claim_token = ? AND finished_at = null"
)
_FINISH = (
    "UPDATE scheduler_claim USING TTL ? SET finished_at = ? WHERE job = ? AND scheduled_at = ? "
    "IF claim_token = ? AND finished_at = null"
)


def claim(job: Job, scheduled_at: datetime, fence: Fence) -> str | None:
    """The token of this firing, now ours; None when somebody has it or had it.

    A firing that an older fence left unfinished is taken over: its runner was killed, or sleeps and will find its
    claim gone. A lost answer that cannot be resolved counts as taken, for the next firing will do the work.
    """
    token = new_id()
    values = [job.name, _ms(scheduled_at), fence.holder, fence.number, token, _keep_seconds(job)]
    answer = store().run_conditional(store().bind(_CLAIM, values))
    if answer is not None and answer["[applied]"]:
        return token
    standing = SchedulerClaim.find_serial(job.name, scheduled_at)
    if standing is None:
        return None
    if standing.claim_token == token:
        return token
    if standing.finished_at is None and standing.fence < fence.number:
        return _take_over(job, scheduled_at, fence, standing.claim_token)
    return None


def _take_over(job: Job, scheduled_at: datetime, fence: Fence, seen: str) -> str | None:
    token = new_id()
    values = [
        _keep_seconds(job),
        fence.holder,
        fence.number,
        token,
        job.name,
        _ms(scheduled_at),
        seen,
    ]
    return token if _applied(_TAKE_OVER, values, job, scheduled_at, token) else None


def finish(job: Job, scheduled_at: datetime, token: str, now: datetime) -> bool:
    """Close the claim; False when another scheduler has taken the firing over meanwhile."""
    values = [_keep_seconds(job), _ms(now), job.name, _ms(scheduled_at), token]
    return _applied(_FINISH, values, job, scheduled_at, token)


def _applied(cql: str, values: list[Any], job: Job, scheduled_at: datetime, token: str) -> bool:
    answer = store().run_conditional(store().bind(cql, values))
    if answer is not None:
        return bool(answer["[applied]"])
    standing = SchedulerClaim.find_serial(job.name, scheduled_at)
    return standing is not None and standing.claim_token == token


def _keep_seconds(job: Job) -> int:
    return int(max(SHORTEST_KEEP, job.period * 2).total_seconds())


def _ms(instant: datetime) -> int | None:
    return SchedulerClaim._columns["scheduled_at"].to_database(instant)
