"""The whole suite talks to a real Cassandra and a real Elasticsearch, started here or named by the environment."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from app import commands, create_app
from app.env import Settings, load_settings
from app.plugins import embedded_engines
from app.plugins.cassandra_cqlengine import management
from app.plugins.cassandra_cqlengine_elastic import indexes, relay

TEST_VALUES = {
    "PROFILE": "test",
    "CASSANDRA_KEYSPACE": "marketplace_test",
    "ELASTIC_INDEX_PREFIX": "marketplace_test_",
    "MIRROR_INTENT_SETTLE_SECONDS": "1",
    "SCHEDULER_ENABLED": "false",
    "RATE_LIMIT_ENABLED": "false",
    "LOGIN_FAILURES_ALLOWED_PER_ADDRESS": "10000",
    "SECRET_KEY": "test-only-" + "k" * 54,
    "SANDBOX_WEBHOOK_SECRET": "test-only-" + "s" * 54,
}


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """A suffix of this test worker's own keyspace and indexes."""
    name = getattr(request.config, "workerinput", {}).get("workerid", "")
    return f"_{name}" if name else ""


@pytest.fixture(scope="session")
def settings(worker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of running engines, with this worker's keyspace and index prefix; files go to a temporary folder."""
    given = TEST_VALUES | {name: text for name, text in os.environ.items() if text}
    if os.environ.get("TEST_ENGINES") == "external":
        given["ENGINES"] = "external"
    base = load_settings(given)
    with embedded_engines.running(base) as endpoints:
        yield replace(
            endpoints.applied_to(base),
            engines="external",
            cassandra_keyspace=base.cassandra_keyspace + worker,
            elastic_index_prefix=base.elastic_index_prefix.rstrip("_") + worker + "_",
            data_folder=tmp_path_factory.mktemp("data"),
        )


@pytest.fixture(scope="session")
def stores(settings: Settings) -> Settings:
    """Both stores are empty, with all tables and indexes, and are the process's own."""
    commands.connect(settings)
    management.drop_keyspace()
    indexes.delete_indexes()
    management.sync(commands.tables())
    indexes.ensure_indexes()
    return settings


@pytest.fixture(scope="session")
def app(stores: Settings):
    """The application on the test stores."""
    return create_app(stores)


@pytest.fixture
def client(app):
    """A browser of its own, without a session."""
    return app.test_client()


@pytest.fixture
def refresh_index(stores: Settings) -> Callable[[], None]:
    """Call it: everything written so far is in the mirror and visible to searches."""

    def refresh() -> None:
        relay.drain(whole=True)
        indexes.refresh()

    return refresh


@pytest.fixture(scope="session")
def live_server(app) -> Iterator[str]:
    """The address of the application served over a real socket, WebSockets included."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="live-server", daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=10)


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's folder."""
    return Path(__file__).resolve().parent.parent
