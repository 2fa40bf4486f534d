"""When a job fires, and how its answer is counted: no database."""

from datetime import UTC, datetime

import pytest

from app.plugins.apscheduler import Job, Tally


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "now", "firing"),
    [
        ({"every_seconds": 60}, "2026-11-21T10:00:59.999", "2026-11-21T10:00:00"),
        ({"every_seconds": 60}, "2026-11-21T10:01:00", "2026-11-21T10:01:00"),
        ({"every_seconds": 0.4}, "2026-11-21T10:00:00.800", "2026-11-21T10:00:00.800"),
        ({"every_seconds": 0.4}, "2026-11-21T10:00:00.799", "2026-11-21T10:00:00.400"),
        ({"every_minutes": 5}, "2026-11-21T10:04:59", "2026-11-21T10:00:00"),
        ({"every_hours": 1}, "2026-11-21T10:59:59", "2026-11-21T10:00:00"),
        ({"daily_at": "07:30"}, "2026-11-21T07:29:59", "2026-11-20T07:30:00"),
        ({"daily_at": "07:30"}, "2026-11-21T07:30:00", "2026-11-21T07:30:00"),
    ],
)
def test_every_process_names_the_same_firing(period, now, firing):
    assert Job("any", lambda fence, now: None, **period).latest_firing(at(now)) == at(firing)


@pytest.mark.parametrize("period", [{}, {"every_seconds": 5, "every_minutes": 1}, {"every_seconds": -1}])
def test_a_job_has_exactly_one_positive_period(period):
    with pytest.raises(ValueError, match="exactly one positive period"):
        Job("any", lambda fence, now: None, **period)


def test_answers_of_jobs_are_counted():
    class Report:
        done, failed = 3, 1

    assert Tally.of(None) == Tally(0, 0)
    assert Tally.of(7) == Tally(7, 0)
    assert Tally.of(Tally(2, 1)) == Tally(2, 1)
    assert Tally.of(Report()) == Tally(3, 1)
