"""What run.py, db.py and the tests call: engines in use, started to stay, stopped, looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.env import Settings
from app.plugins.embedded_engines.engine import EngineStatus
from app.plugins.embedded_engines.errors import EnginesError
from app.plugins.embedded_engines.pair import Endpoints, EnginePair


@contextmanager
def running(settings: Settings, keep: bool = False) -> Iterator[Endpoints]:
    """Both engines answer inside the block; its end stops them if nobody else uses them.

    keep: they stay after the last user, until `stop`. With `settings.engines == "external"` nothing is started and
    the endpoints are the settings' own. Raises EnginesError.
    """
    if settings.engines == "external":
        yield Endpoints(settings.cassandra_hosts, settings.cassandra_port, settings.elastic_url)
        return
    pair = EnginePair(settings)
    held: tuple[int, Path] | None = None
    try:
        with pair.turn():
            held = pair.enter()
            pair.ensure_running()
            if keep:
                pair.keep_mark.touch()
        yield pair.endpoints
    finally:
        if held is not None:
            with pair.turn():
                pair.leave(held)
                if not pair.keep_mark.exists() and not pair.users():
                    pair.stop()


def start(settings: Settings) -> Endpoints:
    """Both engines run, and stay until `stop`. Raises EnginesError."""
    with running(settings, keep=True) as endpoints:
        return endpoints


def fallen(settings: Settings) -> list[str]:
    """For each engine that should run and does not: how it ended and the end of its log."""
    return [ending for engine in EnginePair(settings).engines if (ending := engine.ending()) is not None]


def revive(settings: Settings) -> Endpoints:
    """An engine that died while in use runs again. Raises EnginesError."""
    pair = EnginePair(settings)
    with pair.turn():
        pair.ensure_running()
        return pair.endpoints


def stop(settings: Settings) -> None:
    """Neither engine runs. Raises EnginesError when somebody uses them: then they stop with their last user."""
    if settings.engines == "external":
        raise EnginesError("ENGINES=external: the clusters are somebody else's, and are not stopped from here.")
    pair = EnginePair(settings)
    with pair.turn():
        pair.keep_mark.unlink(missing_ok=True)
        if users := pair.users():
            raise EnginesError(f"The engines are in use by {', '.join(users)}; they stop when that ends.")
        pair.stop()


def status(settings: Settings) -> list[EngineStatus]:
    """Cassandra and Elasticsearch of this data folder, as they are now; nothing is started."""
    return EnginePair(settings).status()
