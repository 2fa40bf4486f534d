"""The connection to Cassandra: one `Store` a process, connected at first use and so always after a fork."""

import logging
import random
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from cassandra import (
    ConsistencyLevel,
    DriverException,
    OperationTimedOut,
    ProtocolVersion,
    Timeout,
    Unavailable,
)
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, NoHostAvailable, Session
from cassandra.cqlengine import models as cqlengine_models
from cassandra.policies import DCAwareRoundRobinPolicy, ExponentialReconnectionPolicy, TokenAwarePolicy
from cassandra.protocol import ErrorMessage
from cassandra.query import (
    BatchStatement,
    BoundStatement,
    PreparedStatement,
    SimpleStatement,
    dict_factory,
)

from app.env import Settings
from app.utils.errors import StoreUnavailable

UNREACHABLE = (NoHostAvailable, OperationTimedOut, Unavailable, Timeout)
_CONNECT_ATTEMPTS = 3
_RECONNECT_SECONDS = 1.0
_PLAIN_WRITE_ATTEMPTS = 3
_SERIAL_READ_ATTEMPTS = 8
# the native protocol's own number for a conditional write that met contention; the driver has no class for it
_CAS_WRITE_UNKNOWN = 0x1700


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """Cassandra warns of prepared statements in a session with a keyspace; here each process has only one."""
    return "USE <keyspace>" not in record.getMessage()


logging.getLogger("cassandra.protocol").addFilter(_is_worth_a_line)


class Store:
    """Prepared, token-aware access to one keyspace.

    Reads and plain writes are idempotent (every write carries its own timestamp), so they are retried on another
    host; conditional writes are sent once and their callers decide what a time-out meant.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.keyspace = settings.cassandra_keyspace
        self._clock = clock
        self._lock = threading.Lock()
        self._clock_lock = threading.Lock()
        self._last_microseconds = 0
        self._cluster: Cluster | None = None
        self._session: Session | None = None
        self._prepared: dict[str, PreparedStatement] = {}
        self.batch_log_rests_until = 0.0
        cqlengine_models.DEFAULT_KEYSPACE = self.keyspace

    # connection

    @property
    def session(self) -> Session:
        """The driver's session, rows as dicts. Raises StoreUnavailable when no host answers."""
        if self._session is None:
            with self._lock:
                if self._session is None:
                    self._session = self._connect(self.keyspace)
        return self._session

    def _connect(self, keyspace: str | None) -> Session:
        cluster = self.new_cluster()
        for attempt in range(_CONNECT_ATTEMPTS):
            try:
                session = cluster.connect(keyspace)
                break
            except (*UNREACHABLE, DriverException, OSError) as fault:
                if attempt == _CONNECT_ATTEMPTS - 1 or not isinstance(fault, (*UNREACHABLE, OSError)):
                    cluster.shutdown()
                    raise StoreUnavailable(f"Cassandra does not answer at {self.address}: {fault}") from fault
                time.sleep(0.2 * 2**attempt)
        self._cluster = cluster
        return session

    @property
    def address(self) -> str:
        return f"{','.join(self.settings.cassandra_hosts)}:{self.settings.cassandra_port}"

    def new_cluster(self) -> Cluster:
        """A cluster object as the settings say; the caller connects it and shuts it down."""
        settings = self.settings
        profile = ExecutionProfile(
            load_balancing_policy=TokenAwarePolicy(DCAwareRoundRobinPolicy(settings.cassandra_local_dc)),
            consistency_level=ConsistencyLevel.name_to_value[settings.cassandra_consistency],
            serial_consistency_level=ConsistencyLevel.name_to_value[settings.cassandra_serial_consistency],
            request_timeout=settings.cassandra_timeout_seconds,
            row_factory=dict_factory,
        )
        auth = None
        if settings.cassandra_user:
            auth = PlainTextAuthProvider(settings.cassandra_user, settings.cassandra_password)
        return Cluster(
            list(settings.cassandra_hosts),
            port=settings.cassandra_port,
            protocol_version=ProtocolVersion.V5,
            auth_provider=auth,
            ssl_context=_tls_context(settings.cassandra_tls_ca),
            execution_profiles={EXEC_PROFILE_DEFAULT: profile},
            # the driver's own default gives a host up for good after 64 attempts
            reconnection_policy=ExponentialReconnectionPolicy(0.2, _RECONNECT_SECONDS, max_attempts=None),
            connect_timeout=settings.cassandra_timeout_seconds,
            control_connection_timeout=settings.cassandra_timeout_seconds,
        )

    def close(self) -> None:
        """Release the connections; the next use connects again."""
        with self._lock:
            cluster, self._cluster, self._session = self._cluster, None, None
            self._prepared.clear()
        if cluster is not None:
            cluster.shutdown()

    # time

    def next_timestamp(self, seen: int = 0) -> int:
        """A write time in microseconds, later than every earlier one of this process and than `seen`.

        `seen` is the write time of the row as it was read: a host whose clock is behind still writes after what
        it has seen, so its change is not silently lost to last-write-wins.
        """
        with self._clock_lock:
            self._last_microseconds = max(int(self._clock() * 1_000_000), self._last_microseconds + 1, seen + 1)
            return self._last_microseconds

    # statements

    def prepare(self, cql: str) -> PreparedStatement:
        """The prepared form of a statement, prepared once a process."""
        prepared = self._prepared.get(cql)
        if prepared is None:
            prepared = _translated(lambda: self.session.prepare(cql))
            prepared.is_idempotent = " IF " not in cql
            self._prepared[cql] = prepared
        return prepared

    def bind(self, cql: str, values: Sequence[Any]) -> BoundStatement:
        return self.prepare(cql).bind(values)

    def execute(
        self, cql: str, values: Sequence[Any] = (), *, serial: bool = False, fetch_size: int | None = None
    ) -> Any:
        """Run one prepared statement and return the driver's result (rows are dicts).

        serial: read at the serial consistency, which also finishes a conditional write still in flight.
        Raises StoreUnavailable.
        """
        bound = self.bind(cql, values)
        if serial:
            bound.consistency_level = ConsistencyLevel.name_to_value[self.settings.cassandra_serial_consistency]
        if fetch_size is not None:
            bound.fetch_size = fetch_size
        return self.run(bound)

    def run(self, statement: BoundStatement | BatchStatement | SimpleStatement) -> Any:
        """Execute an idempotent statement, again on a time-out (its timestamps make that harmless).

        A serial read that cannot finish a conditional write in flight has read nothing, and is repeated for longer:
        with several writers and a dead node that happens often. Raises StoreUnavailable.
        """
        for attempt in range(_SERIAL_READ_ATTEMPTS):
            try:
                return self.session.execute(statement)
            except UNREACHABLE as fault:
                if attempt >= _PLAIN_WRITE_ATTEMPTS - 1:
                    raise StoreUnavailable("The store is not available right now. Please try again.") from fault
            except ErrorMessage as fault:
                if fault.code != _CAS_WRITE_UNKNOWN:
                    raise
                if attempt == _SERIAL_READ_ATTEMPTS - 1:
                    raise StoreUnavailable("The store could not decide in time. Please try again.") from fault
            time.sleep(random.uniform(0.05, 0.15) * 2 ** min(attempt, 3))
        raise AssertionError("unreachable")

    def run_conditional(self, statement: BoundStatement | BatchStatement) -> Mapping[str, Any] | None:
        """Send a conditional write once.

        Returns the first row of the answer (`[applied]` and, when refused, what stands there), or None when the
        answer was lost or the nodes were in contention: it may or may not have happened.
        """
        try:
            rows = self.session.execute(statement).all()
        except NoHostAvailable as fault:
            if _was_certainly_not_sent(fault):
                raise StoreUnavailable("The store is not available right now. Please try again.") from fault
            return None
        except (OperationTimedOut, Timeout):
            return None
        except Unavailable as fault:
            raise StoreUnavailable("The store is not available right now. Please try again.") from fault
        except ErrorMessage as fault:
            if fault.code == _CAS_WRITE_UNKNOWN:
                return None
            raise
        return rows[0]

    def run_many(self, statements: Iterable[Any], concurrency: int = 64) -> list[Any]:
        """Execute idempotent statements side by side; results in their order. Raises StoreUnavailable."""
        waiting = list(statements)
        results: list[Any] = [None] * len(waiting)
        for first in range(0, len(waiting), concurrency):
            window = waiting[first : first + concurrency]
            futures = [self.session.execute_async(statement) for statement in window]
            for index, (future, statement) in enumerate(zip(futures, window, strict=True)):
                try:
                    results[first + index] = future.result()
                except UNREACHABLE:
                    results[first + index] = self.run(statement)
        return results


def _was_certainly_not_sent(fault: NoHostAvailable) -> bool:
    errors = fault.errors.values() if isinstance(fault.errors, Mapping) else []
    return not any(isinstance(error, (OperationTimedOut, Timeout)) for error in errors) and all(
        "refused" in str(error).lower() or "pool" in str(error).lower() for error in errors
    )


def _tls_context(ca_file: str) -> Any:
    if not ca_file:
        return None
    return ssl.create_default_context(cafile=ca_file)


def _translated(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except UNREACHABLE as fault:
        raise StoreUnavailable("The store is not available right now. Please try again.") from fault


_current: Store | None = None


def configure(settings: Settings, clock: Callable[[], float] = time.time) -> Store:
    """Make a store of these settings the process's own; an earlier one is closed."""
    global _current
    if _current is not None:
        _current.close()
    _current = Store(settings, clock)
    return _current


def store() -> Store:
    """The process's store. Raises RuntimeError before `configure`."""
    if _current is None:
        raise RuntimeError("cassandra_cqlengine.configure(settings) has not been called")
    return _current
