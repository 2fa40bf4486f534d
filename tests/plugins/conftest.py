"""The data layer's own tables beside the product's."""

import pytest

from app.elastic import INDEXES
from app.env import Settings
from app.plugins.cassandra_cqlengine import management
from app.plugins.cassandra_cqlengine_elastic import configure, indexes
from tests.plugins.data_models import DEFINITIONS, MODELS


@pytest.fixture(scope="session")
def data_tables(stores: Settings) -> Settings:
    """The tables of tests/plugins/data_models.py exist, with their indexes."""
    configure(stores, DEFINITIONS)
    indexes.delete_indexes()
    configure(stores, {**INDEXES, **DEFINITIONS})
    management.sync(MODELS)
    indexes.ensure_indexes()
    return stores
