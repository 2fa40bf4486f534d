"""One scheduler in a process of its own: `python -m tests.jobs.scheduler_process <folder> <name>`.

Its job "tick" adds a line to `<folder>/runs.txt` (an append below the pipe size is whole) and "slow" stops between two
fenced writes until `<folder>/go` is there. Ends when `<folder>/end` is there.
"""

import sys
import time
from datetime import datetime
from pathlib import Path

from app.env import load_settings
from app.plugins import cassandra_cqlengine
from app.plugins.apscheduler import Fence, FenceLost, Job, Scheduler

TICK_SECONDS = 0.4


def main(folder: Path, name: str) -> None:
    settings = load_settings()
    cassandra_cqlengine.configure(settings)

    def note(file: str, text: str) -> None:
        with (folder / file).open("a", encoding="utf-8") as lines:
            lines.write(text + "\n")

    def tick(fence: Fence, now: datetime) -> int:
        firing = jobs[0].latest_firing(now)
        fence.remember("tick", last=firing.isoformat())
        note("runs.txt", f"{firing.isoformat()} {name} {fence.number}")
        return 1

    def slow(fence: Fence, now: datetime) -> None:
        fence.remember("slow", by=name, step="first")
        note("slow.txt", f"started {name} {fence.number}")
        if fence.number == 1:
            wait_for(folder / "go")
        try:
            fence.remember("slow", by=name, step="last")
        except FenceLost:
            note("slow.txt", f"refused {name} {fence.number}")
            raise
        note("slow.txt", f"written {name} {fence.number}")

    jobs = [Job("tick", tick, every_seconds=TICK_SECONDS), Job("slow", slow, every_hours=1)]
    chosen = [job for job in jobs if job.name in sys.argv[3:]]
    scheduler = Scheduler(chosen, settings.scheduler_lease_seconds)
    scheduler.start()
    note("ready.txt", name)
    wait_for(folder / "end")
    scheduler.stop()
    note("ended.txt", name)


def wait_for(file: Path) -> None:
    while not file.exists():
        time.sleep(0.05)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
