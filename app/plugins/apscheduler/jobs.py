"""Every job of the product, its period and the service that does it. The only plugin module that names services."""

from datetime import datetime
from typing import Any

from app.env import Settings
from app.plugins.apscheduler import Fence, Job, Tally, init_app, start
from app.plugins.cassandra_cqlengine_elastic import markers, relay
from app.services import message_jobs, privacy
from app.services.catalog import display, imports
from app.services.orders import resuming
from app.services.payments import reconciling
from app.utils.clock import utc_now


def relay_outbox(fence: Fence, now: datetime) -> relay.Drained:
    """What waits in the mirror's outbox is in the indexes."""
    return relay.drain()


def purge_markers(fence: Fence, now: datetime) -> int:
    """Markers of rows removed long ago are gone from the indexes."""
    return markers.purge(now)


def privacy_jobs(settings: Settings) -> tuple[Job, ...]:
    """Copies of what is kept on people, and their erasing."""

    def run_exports(fence: Fence, now: datetime) -> Tally:
        return privacy.run_exports(now, settings=settings, clock=utc_now)

    def run_erasures(fence: Fence, now: datetime) -> Tally:
        return privacy.run_erasures(now, settings=settings, clock=utc_now)

    def remove_expired(fence: Fence, now: datetime) -> Tally:
        return privacy.remove_expired(now, settings=settings)

    return (
        Job("run-exports", run_exports, every_seconds=5),
        Job("run-erasures", run_erasures, every_seconds=30),
        Job("remove-expired-exports", remove_expired, every_hours=1),
    )


def jobs_of(settings: Settings) -> tuple[Job, ...]:
    """The jobs with the periods that these settings name."""
    jobs: tuple[Job, ...] = (
        Job("relay-outbox", relay_outbox, every_seconds=settings.mirror_relay_every_seconds),
        Job("send-mails", message_jobs.send_mails, every_seconds=settings.mail_send_every_seconds),
        Job("send-sms", message_jobs.send_sms, every_seconds=settings.sms_send_every_seconds),
        Job("expire-unpaid-orders", resuming.expire_unpaid, every_seconds=60),
        Job("resume-orders", resuming.resume_unfinished, every_seconds=30),
        Job(display.JOB, display.refresh_recently_ordered, every_seconds=300),
        Job("resume-imports", imports.resume_imports, every_seconds=30),
        Job("reconcile-payments", reconciling.reconcile_payments, every_seconds=60),
        Job("unpaid-order-reminders", message_jobs.remind_of_unpaid_orders, every_seconds=60),
        Job(message_jobs.DIGEST_JOB, message_jobs.send_seller_digests, daily_at="07:00"),
        Job("purge-markers", purge_markers, every_hours=1),
        *privacy_jobs(settings),
    )
    if settings.sandbox_provider_enabled:
        jobs += (Job("deliver-sandbox-events", reconciling.deliver_sandbox_events, every_seconds=5),)
    return jobs


def start_jobs(app: Any, settings: Settings) -> None:
    """This process's scheduler ticks, unless the settings turn it off; once a process, after its fork."""
    init_app(app, jobs_of(settings))
    if settings.scheduler_enabled:
        start()
