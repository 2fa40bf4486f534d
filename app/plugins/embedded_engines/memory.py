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


def needed_mib(engine: str, heap_mib: int) -> int:
    """The memory an engine of this heap takes in all."""
    return heap_mib + BESIDE_HEAP_MIB[engine]


def ensure_room(needed: dict[str, int]) -> None:
    """There is memory for servers that take these MiB. Raises EnginesError naming the settings to lower otherwise."""
    available = available_mib()
    if sum(needed.values()) > available:
        raise EnginesError(
            f"{' and '.join(needed)} need {sum(needed.values())} MiB of memory and only {available} MiB are "
            "available; free some, or lower CASSANDRA_HEAP_MIB and ELASTIC_HEAP_MIB."
        )
