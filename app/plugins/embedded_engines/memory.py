"""Whether the machine, or the container we are in, has room for the engines' memory."""

from pathlib import Path

import psutil

from app.plugins.embedded_engines.errors import EnginesError

# what a Java engine takes beside its heap, measured at rest after a test run
BESIDE_HEAP_MIB = {"cassandra": 450, "elasticsearch": 300}


def available_mib() -> int:
    """MiB that can be taken without swapping, the container's limit included."""
    available = psutil.virtual_memory().available
    group = Path("/sys/fs/cgroup")
    try:
        limit = (group / "memory.max").read_text().strip()
        if limit != "max":
            available = min(available, int(limit) - int((group / "memory.current").read_text()))
    except (OSError, ValueError):
        pass
    return max(available, 0) >> 20


def ensure_room(heaps_mib: dict[str, int]) -> None:
    """There is memory for engines of these heaps. Raises EnginesError naming the settings to lower otherwise."""
    needed = sum(heap + BESIDE_HEAP_MIB[name] for name, heap in heaps_mib.items())
    available = available_mib()
    if needed > available:
        names = " and ".join(sorted(heaps_mib))
        raise EnginesError(
            f"{names} need{'s' if len(heaps_mib) == 1 else ''} {needed} MiB of memory and only {available} MiB are "
            "available; free some, or lower CASSANDRA_HEAP_MIB and ELASTIC_HEAP_MIB."
        )
