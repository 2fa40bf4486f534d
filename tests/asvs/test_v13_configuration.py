"""V13: what is set, and what is not shown."""

from dataclasses import fields, replace

import pytest

from app.env import Settings, SettingsError, load_settings
from tests.asvs.reading import ROOT, document, importers, matching, python_sources

PRODUCTION = {"PROFILE": "production", "SECRET_KEY": "k" * 32, "ENCRYPTION_KEYS": "e" * 32}


@pytest.fixture
def production(stores, make_app):
    """A browser of the application as it is in production."""
    settings = replace(stores, profile="production", sandbox_provider_enabled=False, cookie_secure=True)
    return make_app(settings).test_client()


def test_v13_1_1_everybody_the_product_talks_to_is_written_down():
    page = document("security.md")
    for name in ("CASSANDRA_HOSTS", "ELASTIC_URL", "REDIS_URL", "MAIL_SERVER", "TWILIO_URL", "OIDC_PROVIDERS"):
        assert f"| {name}" in page
    assert "No address that a user gives is ever called" in page


def test_v13_2_3_no_credential_has_a_value_from_the_start():
    secret = [spec for spec in fields(Settings) if not spec.repr]
    assert len(secret) >= 10 and all(spec.default in ("", ()) for spec in secret)
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        load_settings(PRODUCTION | {"SECRET_KEY": ""})


def test_v13_2_4_connections_are_made_in_known_places_only():
    makers = importers("httpx", "smtplib", "redis", "ftplib", "paramiko", "elasticsearch", "cassandra.cluster")
    assert {"/".join(path.split("/")[:3]) for path in makers} <= {
        f"app/plugins/{name}"
        for name in (
            "cassandra_cqlengine",
            "cassandra_cqlengine_elastic",
            "mail",
            "oidc",
            "sandbox",
            "sending_queue",
            "sms",
            "rate_limits",
            "cache",
            "embedded_engines",
        )
    }


def test_v13_2_5_the_web_server_passes_requests_to_the_product_only():
    conf = (ROOT / "deploy" / "nginx.conf").read_text()
    passed = [line.split()[1] for line in conf.splitlines() if line.strip().startswith("proxy_pass")]
    assert passed == ["http://marketplace;"]
    assert not [line for line in conf.splitlines() if line.strip().startswith(("root ", "alias ", "autoindex"))]


@pytest.mark.parametrize(
    "path", ["/.git/config", "/.git/HEAD", "/.env", "/static/../.git/config", "/assets/../.git/HEAD"]
)
def test_v13_4_1_no_history_is_served(client, path):
    assert client.get(path).status_code == 404
    image = (ROOT / "deploy" / "Dockerfile").read_text()
    assert "COPY . " not in image and ".git" not in image


def test_v13_4_2_nothing_runs_in_debug_mode(app, production):
    assert app.debug is False and production.application.debug is False
    assert matching(r"debug\s*=\s*True", python_sources()) == set()


@pytest.mark.parametrize("path", ["/media/", "/assets/", "/static/", "/media/pictures/", "/admin-panel/assets/"])
def test_v13_4_3_no_folder_is_listed(client, path):
    answer = client.get(path)
    assert answer.status_code == 404 or b"Index of" not in answer.data
    assert b".webp" not in answer.data


def test_v13_4_4_trace_is_not_offered(client):
    for path in ("/", "/api/auth/me"):
        assert client.open(path, method="TRACE").status_code == 405


def test_v13_4_5_measurements_are_shown_on_purpose_only(production, stores, make_app):
    assert production.get("/metrics").status_code == 404
    settings = replace(stores, profile="production", sandbox_provider_enabled=False, metrics_token="m" * 32)
    client = make_app(settings).test_client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": f"Bearer {'m' * 32}"}).status_code == 200


def test_v13_production_is_careful_by_itself():
    settings = load_settings(PRODUCTION)
    assert settings.cookie_secure and settings.log_json and settings.second_factor_required_for_staff
    assert not settings.sandbox_provider_enabled
