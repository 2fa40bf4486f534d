"""Keyspace and tables: made and widened by `db.py`, never by web workers."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from cassandra.cluster import Cluster
from cassandra.cqlengine import connection
from cassandra.cqlengine import management as cqlengine_management

from app.plugins.cassandra_cqlengine.model import Model
from app.plugins.cassandra_cqlengine.store import UNREACHABLE, Store, store
from app.utils.errors import StoreUnavailable

_CONNECTION = "schema"
# a change of the schema is agreed on by all nodes and written to disk: a busy machine takes far longer than for a row
_SCHEMA_TIMEOUT_SECONDS = 120.0


def ping(timeout_seconds: float = 5.0) -> None:
    """Return when Cassandra answers, keyspace or not. Raises StoreUnavailable."""
    cluster = store().new_cluster()
    try:
        cluster.connect().execute("SELECT release_version FROM system.local", timeout=timeout_seconds)
    except Exception as fault:
        raise StoreUnavailable(f"Cassandra does not answer at {store().address}.") from fault
    finally:
        cluster.shutdown()


def keyspace_exists() -> bool:
    cluster = store().new_cluster()
    try:
        cluster.connect()
        return store().keyspace in cluster.metadata.keyspaces
    finally:
        cluster.shutdown()


def drop_keyspace() -> None:
    """Remove the keyspace with all that is in it."""
    _in_no_keyspace(f'DROP KEYSPACE IF EXISTS "{store().keyspace}"')
    store().close()


def sync(models: Iterable[type[Model]]) -> None:
    """Create the keyspace and every missing table and column. Nothing is dropped or retyped.

    Raises StoreUnavailable.
    """
    os.environ["CQLENG_ALLOW_SCHEMA_MANAGEMENT"] = "1"
    current: Store = store()
    _in_no_keyspace(
        f'CREATE KEYSPACE IF NOT EXISTS "{current.keyspace}" WITH replication = '
        f"{current.settings.cassandra_replication} AND durable_writes = true"
    )
    with _schema_cluster() as cluster:
        connection.register_connection(_CONNECTION, session=cluster.connect(current.keyspace), default=True)
        try:
            for model in models:
                cqlengine_management.sync_table(model, keyspaces=[current.keyspace], connections=[_CONNECTION])
        finally:
            connection.unregister_connection(_CONNECTION)


def _in_no_keyspace(cql: str) -> None:
    with _schema_cluster() as cluster:
        cluster.connect().execute(cql)


@contextmanager
def _schema_cluster() -> Iterator[Cluster]:
    """A cluster object whose statements may take as long as schema changes do. Raises StoreUnavailable."""
    cluster = store().new_cluster()
    cluster.profile_manager.default.request_timeout = _SCHEMA_TIMEOUT_SECONDS
    try:
        yield cluster
    except UNREACHABLE as fault:
        raise StoreUnavailable(f"Cassandra at {store().address} did not carry out a change of the schema.") from fault
    finally:
        cluster.shutdown()
