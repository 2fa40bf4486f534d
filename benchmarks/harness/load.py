"""Load against a server: wrk for reads (cheap on CPU), threads on bare sockets for flows of several requests."""

import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from .measure import Slice
from .servers import WebServer

_SCRIPT = """
local paths = {}
for line in io.lines("%(paths)s") do paths[#paths + 1] = line end
local at = 0
request = function()
  at = at + 1
  if at > #paths then at = 1 end
  return wrk.format("GET", paths[at])
end
done = function(summary, latency, requests)
  local faults = summary.errors.status + summary.errors.connect + summary.errors.read
    + summary.errors.write + summary.errors.timeout
  io.write(string.format('FIGURES {"count": %%d, "microseconds": %%d, "failures": %%d, "p50": %%d, "p99": %%d}\\n',
    summary.requests, summary.duration, faults, latency:percentile(50), latency:percentile(99)))
end
"""


class LoadToolMissing(Exception):
    """wrk is not installed; the message names the package."""


def read_load(server: WebServer, paths: Sequence[str], seconds: float, connections: int = 16) -> Slice:
    """GET these paths in turn over kept connections for so long; Slice.cpu_seconds is the server's.

    Raises LoadToolMissing (Debian package `wrk`).
    """
    if shutil.which("wrk") is None:
        raise LoadToolMissing("wrk is missing: install the Debian package wrk.")
    with tempfile.TemporaryDirectory() as folder:
        path_file = Path(folder) / "paths"
        path_file.write_text("\n".join(paths) + "\n")
        script = Path(folder) / "load.lua"
        script.write_text(_SCRIPT % {"paths": path_file})
        before = server.cpu_seconds()
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds:.0f}s",
            "--timeout",
            "20s",
            "-s",
            str(script),
            server.url,
        ]
        printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
        spent = server.cpu_seconds() - before
    figures = json.loads(printed.split("FIGURES ", 1)[1].splitlines()[0])
    return Slice(figures["count"] - figures["failures"], figures["microseconds"] / 1e6, spent, figures["failures"])


def flow_load(server: WebServer, flows: Sequence[Callable[[], None]], seconds: float) -> Slice:
    """Each flow runs over and over in a thread of its own for so long; counts the whole flows done.

    A flow that raises is counted as a failure and tried again; the first fault is printed.
    """
    stop = threading.Event()
    done = [0] * len(flows)
    faults: list[str] = []

    def repeat(number: int) -> None:
        while not stop.is_set():
            try:
                flows[number]()
            except Exception as fault:  # noqa: BLE001 - a failed flow is a figure, not an end
                faults.append(f"{type(fault).__name__}: {fault}")
                time.sleep(0.05)
            else:
                done[number] += 1

    threads = [threading.Thread(target=repeat, args=(number,), daemon=True) for number in range(len(flows))]
    before = server.cpu_seconds()
    started = time.monotonic()
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join(90)
    elapsed = time.monotonic() - started
    if faults:
        print(f"    {len(faults)} failed flows, the first: {faults[0][:200]}", flush=True)
        print("    its server said: " + server.log.read_text(errors="replace")[-1000:], flush=True)
    return Slice(sum(done), elapsed, server.cpu_seconds() - before, len(faults))
