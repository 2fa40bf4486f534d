"""Which loopback ports the engines listen on, and that nobody else does."""

import random
import socket
from collections.abc import Iterable

from app.plugins.embedded_engines.errors import EnginesError

LOOPBACK = "127.0.0.1"
# below the range that kernels hand out to outgoing connections, so a chosen port stays free until it is bound
CHOICE = range(20000, 32000)


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def answers(port: int, host: str = LOOPBACK, timeout_seconds: float = 1.0) -> bool:
    """Whether something accepts connections on `port`."""
    try:
        with socket.create_connection((host, port), timeout_seconds):
            return True
    except OSError:
        return False


def free_port(taken: Iterable[int] = (), hosts: Iterable[str] = (LOOPBACK,)) -> int:
    """A port that is free on all `hosts` now and not among `taken`. Raises EnginesError when there is none."""
    refused = set(taken)
    addresses = list(hosts)
    for port in random.sample(CHOICE, 500):
        if port not in refused and all(is_free(port, host) for host in addresses):
            return port
    raise EnginesError("No free port was found on the loopback address.")


def choose(wanted: int, default: int, remembered: int | None, taken: Iterable[int], setting: str) -> int:
    """The port to listen on.

    wanted: what the settings say; anything but the default is an order, not a wish.
    remembered: what this data folder used before. Raises EnginesError when an ordered port is taken.
    """
    refused = set(taken)
    if wanted != default:
        if is_free(wanted) and wanted not in refused:
            return wanted
        raise EnginesError(f"Port {wanted} is taken by another program; set {setting} to a free port.")
    for port in (remembered, default):
        if port and port not in refused and is_free(port):
            return port
    return free_port(refused)
