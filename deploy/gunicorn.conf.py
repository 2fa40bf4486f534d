"""How gunicorn serves the site: `gunicorn --config deploy/gunicorn.conf.py 'run:application()'`.

One process with many threads by default: Socket.IO keeps its rooms in the process, and needs no broker then.
Several processes: set WEB_WORKERS, SOCKETIO_MESSAGE_QUEUE and REDIS_URL, and give every process an address of its
own behind a proxy that keeps a client with one of them (deploy/README.md shows nginx); gunicorn itself spreads the
requests of one Socket.IO client over all workers, which only the websocket transport survives.

The workers of one address share their numbers through files in PROMETHEUS_MULTIPROC_DIR, which has to be named before
prometheus_client is imported: so it is the first thing here. A folder of our own goes with the server.
"""

import ctypes
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
_own_metrics_folder = ""
if os.environ.get("WEB_WORKERS", "") not in ("", "1") and not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    _own_metrics_folder = tempfile.mkdtemp(prefix="marketplace-metrics-", dir=_memory)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _own_metrics_folder

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.env import load_settings  # noqa: E402

_settings = load_settings()
_supervisor = int(os.environ.get("SUPERVISOR_PID", "0"))

bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
workers = _settings.web_workers
worker_class = "gthread"
threads = _settings.web_threads
timeout = 60
graceful_timeout = 10
keepalive = 30
preload_app = False  # connections to Cassandra are made in the worker, after the fork
loglevel = "warning"
control_socket_disable = True
forwarded_allow_ips = "*" if _settings.trusted_proxies else ""
worker_tmp_dir = _memory


def on_starting(server):
    """Numbers of an earlier run are forgotten. Under run.py the server ends with it, even when run.py is killed
    without a chance to say so."""
    _forget_numbers()
    if not _supervisor:
        return
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
    if os.getppid() != _supervisor:
        sys.exit(1)


def when_ready(server):
    """Under run.py a Ctrl-C, which reaches the whole terminal group, is run.py's to answer: it stops us in order."""
    if _supervisor:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def post_worker_init(worker):
    """The same for each worker."""
    if _supervisor:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def worker_exit(server, worker):
    """The worker's scheduler stops and gives its lease back, while threads can still be started."""
    from app.plugins import apscheduler

    apscheduler.stop()


def child_exit(server, worker):
    """What a worker that ended had open (sockets) is not counted any more; what it did still is."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    """The folder that was made for this server's numbers is gone."""
    if _own_metrics_folder:
        shutil.rmtree(_own_metrics_folder, ignore_errors=True)


def _forget_numbers():
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for numbers in Path(folder).glob("*.db"):
            numbers.unlink(missing_ok=True)
