"""Job runs belong to the scheduler's plugin; here they have their place among the models."""

from app.plugins.apscheduler import JobRun

__all__ = ["JobRun"]
