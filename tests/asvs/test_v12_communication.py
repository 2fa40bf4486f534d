"""V12: what the product asks of those it talks to. How it is talked to itself, the deployment decides."""

import ssl

import pytest

from app.plugins.cassandra_cqlengine.store import _tls_context
from tests.asvs.reading import calls, matching, python_sources


def test_v12_3_2_certificates_are_checked_everywhere():
    careless = (
        r"verify\s*=\s*False|CERT_NONE|_create_unverified_context|check_hostname\s*=\s*False|verify_certs\s*=\s*False"
    )
    assert matching(careless, python_sources()) == set()
    assert [path for path, _ in calls("ssl.create_default_context")].count("app/plugins/mail/transport.py") == 2


def test_v12_3_4_only_the_named_authority_vouches_for_inner_services(tmp_path):
    with pytest.raises((ssl.SSLError, FileNotFoundError)):
        _tls_context(str(tmp_path / "none.pem"))
    store = python_sources()["app/plugins/cassandra_cqlengine/store.py"]
    assert "create_default_context(cafile=ca_file)" in store
    assert _tls_context("") is None
