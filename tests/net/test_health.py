"""Probes, metrics and the public health (spec: api; admin, 7)."""

from dataclasses import replace

import pytest

from app.elastic import INDEXES
from app.plugins import apscheduler, cassandra_cqlengine, cassandra_cqlengine_elastic
from app.plugins.apscheduler.lease import Lease
from app.services import health
from app.utils.clock import utc_now

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def without_search(stores):
    """Elasticsearch does not answer."""
    cassandra_cqlengine_elastic.configure(replace(stores, elastic_url=NOWHERE), {})
    yield
    cassandra_cqlengine_elastic.configure(stores, INDEXES)


@pytest.fixture
def without_cassandra(stores):
    """Cassandra does not answer."""
    cassandra_cqlengine.configure(replace(stores, cassandra_port=9, cassandra_timeout_seconds=0.5))
    yield
    cassandra_cqlengine.configure(stores)


@pytest.fixture
def leading(stores, app):
    """Somebody holds the scheduler's lease."""
    lease = Lease("test-leader", 30)
    assert lease.beat() is not None, "somebody else runs the jobs of this keyspace"
    yield
    lease.let_go()


def test_alive_asks_nobody(client, without_cassandra, without_search):
    answer = client.get("/health")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def test_the_public_health_is_ok(client, app):
    answer = client.get("/api/app/health")
    assert (answer.status_code, answer.get_json()) == (200, {"data": {"status": "ok"}})


def test_without_search_the_public_health_is_degraded(client, without_search):
    answer = client.get("/api/app/health")
    assert (answer.status_code, answer.get_json()) == (200, {"data": {"status": "degraded"}})


def test_without_cassandra_the_public_health_is_503(client, without_cassandra):
    answer = client.get("/api/app/health")
    assert (answer.status_code, answer.get_json()) == (503, {"data": {"status": "down"}})


def test_ready_names_its_parts(client, leading):
    answer = client.get("/ready")
    body = answer.get_json()
    assert (answer.status_code, body["status"]) == (200, "ready"), body
    assert set(body["parts"]) == {"cassandra", "elasticsearch", "outbox", "scheduler"}
    assert all(part["ok"] and part["latency_ms"] >= 0 for part in body["parts"].values())


def test_ready_needs_search(client, leading, without_search):
    answer = client.get("/ready")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "not_ready")
    assert not answer.get_json()["parts"]["elasticsearch"]["ok"]
    assert answer.get_json()["parts"]["cassandra"]["ok"]


def test_ready_needs_cassandra(client, without_cassandra):
    answer = client.get("/ready")
    assert answer.status_code == 503
    parts = answer.get_json()["parts"]
    assert not parts["cassandra"]["ok"] and not parts["scheduler"]["ok"] and not parts["outbox"]["ok"]
    assert parts["elasticsearch"]["ok"]


def test_ready_needs_somebody_who_runs_the_jobs(client, app):
    standing = apscheduler.read_lease()
    report = health.readiness(now=standing.held_until or utc_now())
    assert not report.parts["scheduler"].is_ok


def test_metrics_measure_requests_by_route_template(probe_client):
    probe_client.get("/api/probe/things/abc")
    text = probe_client.get("/metrics").get_data(as_text=True)
    assert 'http_request_duration_seconds_count{method="GET",route="/api/probe/things/<thing_id>",status="200"}' in text
    assert "things/abc" not in text
    assert "mirror_outbox_lag_seconds" in text and 'engine_up{engine="cassandra"} 1.0' in text


def test_metrics_can_be_closed(stores, make_app):
    served = make_app(replace(stores, metrics_token="metrics-" + "t" * 24)).test_client()
    assert served.get("/metrics").status_code == 401
    assert served.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    right = {"Authorization": "Bearer metrics-" + "t" * 24}
    assert served.get("/metrics", headers=right).status_code == 200
