"""What the schedulers share in Cassandra: the lease with its fence, claims of firings, and the record of runs."""

from app.plugins.cassandra_cqlengine import Model, columns

LEASE_NAME = "scheduler"
RUN_KEEP_SECONDS = 30 * 24 * 3600


class SchedulerLease(Model):
    """Who may run jobs, and each job's fenced memory. Read path: the lease, or one job's memory under it.

    `holder` and `held_until` are written with a time to live and vanish when they are not renewed; `fence` stays and
    grows by one at each takeover. Both are static, so a write to a job's row can be conditional on the lease itself.
    Written by conditional writes of this plugin only.
    """

    __table_name__ = "scheduler_lease"

    name = columns.Text(partition_key=True)
    job = columns.Text(primary_key=True)
    fence = columns.BigInt(static=True)
    holder = columns.Text(static=True)
    held_until = columns.DateTime(static=True)
    memory = columns.Text()
    memory_token = columns.Text()

    @classmethod
    def _is_stamped(cls) -> bool:
        return False


class SchedulerClaim(Model):
    """One firing of a job, taken by one scheduler. Read path: by job and scheduled instant.

    Written by conditional writes of this plugin only, with a time to live of at least two periods of the job.
    """

    __table_name__ = "scheduler_claim"
    __options__ = {"gc_grace_seconds": 3600}

    job = columns.Text(partition_key=True)
    scheduled_at = columns.DateTime(partition_key=True)
    holder = columns.Text()
    fence = columns.BigInt()
    claim_token = columns.Text()
    finished_at = columns.DateTime()

    @classmethod
    def _is_stamped(cls) -> bool:
        return False


class JobRun(Model):
    """What became of one run. Read path: a job's runs of a day, newest first. Kept for thirty days.

    outcome: running, succeeded (failed counts rows that did not work), failed (the job itself broke), fenced_off
    (another scheduler had taken over before the run ended).
    """

    __table_name__ = "job_run"
    __options__ = {"default_time_to_live": RUN_KEEP_SECONDS, "gc_grace_seconds": 24 * 3600}

    job = columns.Text(partition_key=True)
    scheduled_on = columns.Date(partition_key=True)
    scheduled_at = columns.DateTime(primary_key=True, clustering_order="DESC")
    fence = columns.BigInt(primary_key=True, clustering_order="DESC")
    holder = columns.Text(required=True)
    started_at = columns.DateTime(required=True)
    finished_at = columns.DateTime()
    outcome = columns.Text(required=True, default="running")
    done = columns.Integer(default=0)
    failed = columns.Integer(default=0)
    error = columns.Text()
