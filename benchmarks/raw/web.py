"""Bare Flask with one prepared read and one Elasticsearch query, for gunicorn: `benchmarks.raw.web:create_app()`.

No validation, session, rate limit, request id, log or error shape: the floor under any Flask application on these
two engines.
"""

import json
import os
from functools import cached_property

from cassandra import ConsistencyLevel
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.policies import DCAwareRoundRobinPolicy, TokenAwarePolicy
from cassandra.query import dict_factory
from elasticsearch import Elasticsearch
from flask import Flask, abort, jsonify


class Engines:
    """Both clients, connected at first use, which is after gunicorn's fork."""

    @cached_property
    def session(self):
        profile = ExecutionProfile(
            load_balancing_policy=TokenAwarePolicy(DCAwareRoundRobinPolicy(local_dc="datacenter1")),
            consistency_level=ConsistencyLevel.LOCAL_QUORUM,
            row_factory=dict_factory,
        )
        cluster = Cluster(
            os.environ["CASSANDRA_HOSTS"].split(","),
            port=int(os.environ["CASSANDRA_PORT"]),
            execution_profiles={EXEC_PROFILE_DEFAULT: profile},
            protocol_version=5,
        )
        return cluster.connect(os.environ["CASSANDRA_KEYSPACE"])

    @cached_property
    def read_product(self):
        return self.session.prepare("SELECT * FROM product WHERE id = ?")

    @cached_property
    def elastic(self):
        return Elasticsearch(os.environ["ELASTIC_URL"], connections_per_node=16)


def create_app() -> Flask:
    """Two routes: `/product/<id>` and `/search`, whose index and body stand in BENCH_QUERY (JSON)."""
    app, engines = Flask(__name__), Engines()
    asked = json.loads(os.environ.get("BENCH_QUERY", "{}"))

    @app.get("/product/<product_id>")
    def read(product_id):
        row = engines.session.execute(engines.read_product, (product_id,)).one()
        if row is None:
            abort(404)
        row["attributes"] = dict(row["attributes"] or {})  # the driver's own map type is not JSON
        return jsonify(row)

    @app.get("/search")
    def search():
        found = engines.elastic.search(index=asked["index"], **asked["body"]).body["hits"]
        return jsonify(data=[hit["_source"] for hit in found["hits"]], total=found["total"]["value"])

    return app
