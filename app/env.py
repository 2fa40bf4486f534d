"""The only settings module: one frozen `Settings`, built once from the environment when a process starts."""

import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any

PROFILES = ("development", "test", "production")


class SettingsError(Exception):
    """The environment cannot be used; the message names every faulty variable."""


def _own_folder(variable: str, *fallback: str) -> Path:
    """The product's folder below the user's one for such files (XDG)."""
    return Path(os.environ.get(variable) or Path.home().joinpath(*fallback)) / "marketplace"


@dataclass(frozen=True)
class Settings:
    """Every value the product can be told, with its unit in its name. README's table lists them."""

    # which values, never which code path
    profile: str = "development"

    # web
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    secret_key: str = field(default="", repr=False)
    encryption_keys: tuple[str, ...] = field(default=(), repr=False)
    web_workers: int = 1
    web_threads: int = 32
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: int = 0
    cookie_secure: bool = False
    session_ttl_seconds: int = 30 * 24 * 3600
    access_token_ttl_seconds: int = 3600
    refresh_token_ttl_seconds: int = 30 * 24 * 3600
    session_longest_seconds: int = 90 * 24 * 3600
    proof_ttl_seconds: int = 10 * 60
    familiar_browser_ttl_seconds: int = 180 * 24 * 3600
    argon2_memory_kib: int = 19 * 1024
    argon2_iterations: int = 2
    argon2_parallelism: int = 1
    argon2_at_once: int = 2
    argon2_waiting: int = 16
    login_failures_allowed: int = 10
    login_failures_allowed_per_address: int = 100
    login_failures_window_seconds: int = 15 * 60
    second_factor_required_for_staff: bool = False
    passkey_domain: str = ""
    passkey_origins: tuple[str, ...] = ()
    oidc_providers: str = field(default="", repr=False)
    oidc_timeout_seconds: float = 5.0
    terms_acceptance_required: bool = False
    export_keep_hours: int = 7 * 24
    default_country: str = "US"
    default_locale: str = "en"
    rate_limit_user_per_minute: int = 300
    rate_limit_visitor_per_minute: int = 60
    rate_limit_secrets_per_minute: int = 30
    rate_limit_messages_per_minute: int = 10
    rate_limit_enabled: bool = True
    redis_url: str = ""
    socketio_message_queue: str = ""
    log_level: str = "INFO"
    log_json: bool = False
    metrics_token: str = field(default="", repr=False)
    demo_password: str = field(default="", repr=False)
    superuser_email: str = ""
    superuser_username: str = ""
    superuser_password: str = field(default="", repr=False)

    # engines: embedded by default, or somebody's clusters
    engines: str = "embedded"
    cache_folder: Path = field(default_factory=partial(_own_folder, "XDG_CACHE_HOME", ".cache"))
    data_folder: Path = field(default_factory=partial(_own_folder, "XDG_DATA_HOME", ".local", "share"))
    cassandra_heap_mib: int = 1024
    elastic_heap_mib: int = 512

    # Cassandra
    cassandra_hosts: tuple[str, ...] = ("127.0.0.1",)
    cassandra_port: int = 9042
    cassandra_user: str = ""
    cassandra_password: str = field(default="", repr=False)
    cassandra_tls_ca: str = ""
    cassandra_keyspace: str = "marketplace"
    cassandra_replication: str = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
    cassandra_consistency: str = "LOCAL_QUORUM"
    cassandra_serial_consistency: str = "LOCAL_SERIAL"
    cassandra_local_dc: str = "datacenter1"
    cassandra_timeout_seconds: float = 10.0

    # Elasticsearch
    elastic_url: str = "http://127.0.0.1:9200"
    elastic_api_key: str = field(default="", repr=False)
    elastic_ca: str = ""
    elastic_index_prefix: str = "marketplace_"
    elastic_timeout_seconds: float = 5.0
    elastic_language: str = "english"

    # mirror
    mirror_request_timeout_seconds: float = 1.0
    mirror_intent_settle_seconds: float = 60.0
    mirror_marker_keep_hours: int = 24
    mirror_relay_every_seconds: float = 1.0

    # scheduler
    scheduler_enabled: bool = True
    scheduler_lease_seconds: int = 30

    # mail
    mail_server: str = ""
    mail_port: int = 25
    mail_username: str = ""
    mail_password: str = field(default="", repr=False)
    mail_use_tls: bool = False
    mail_use_ssl: bool = False
    mail_sender: str = "Marketplace <no-reply@localhost>"
    mail_timeout_seconds: float = 10.0
    mail_send_every_seconds: float = 2.0

    # SMS
    sms_provider: str = ""
    sms_timeout_seconds: float = 10.0
    sms_send_every_seconds: float = 2.0
    twilio_url: str = "https://api.twilio.com"
    twilio_account_sid: str = ""
    twilio_auth_token: str = field(default="", repr=False)
    twilio_sender: str = ""

    # market
    default_currency: str = "USD"
    order_hold_minutes: int = 30
    sandbox_provider_enabled: bool = True
    sandbox_webhook_secret: str = field(default="", repr=False)
    upload_max_bytes: int = 50 * 1024 * 1024

    @property
    def is_production(self) -> bool:
        return self.profile == "production"

    @property
    def site_url(self) -> str:
        """The address clients use, without a trailing slash."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"


def _boolean(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("is neither true nor false")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _number(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return parse(text)
        except ValueError:
            raise ValueError("is not a number") from None

    return read


_READERS: Mapping[str, Callable[[str], Any]] = {
    "int": _number(int),
    "float": _number(float),
    "bool": _boolean,
    "str": str,
    "Path": lambda text: Path(text).expanduser(),
    "tuple[str, ...]": _words,
}
_POSITIVE = re.compile(r"_(seconds|minutes|hours|mib|bytes|port|threads|workers|per_minute|at_once)$|^port$")


def environment() -> dict[str, str]:
    """The variables this process was started with, empty ones left out; what a child process is given begins here."""
    return {name: text for name, text in os.environ.items() if text}


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment (`PORT`, `CASSANDRA_HOSTS`, …: a field's name in capitals).

    Outside production a missing secret is made up for this process tree and handed on through the environment.
    Raises SettingsError naming every malformed or missing variable at once.
    """
    given = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    faults: list[str] = []
    for spec in fields(Settings):
        name = spec.name.upper()
        text = given.get(name)
        if text is None or text == "":
            continue
        kind = spec.type if isinstance(spec.type, str) else getattr(spec.type, "__name__", str(spec.type))
        if kind == "tuple":
            kind = "tuple[str, ...]"
        try:
            value = _READERS[kind](text)
        except ValueError as fault:
            faults.append(f"{name} {fault}")
            continue
        if _POSITIVE.search(spec.name) and value <= 0:
            faults.append(f"{name} must be above zero")
        values[spec.name] = value
    if values.get("profile") == "production":
        values.setdefault("sandbox_provider_enabled", False)
        values.setdefault("second_factor_required_for_staff", True)
        values.setdefault("cookie_secure", True)
        values.setdefault("log_json", True)
    settings = Settings(**values)
    faults += _contradictions(settings)
    if faults:
        raise SettingsError("Settings: " + "; ".join(faults) + ".")
    return settings if settings.is_production else _with_development_secrets(settings)


def _contradictions(settings: Settings) -> list[str]:
    faults = []
    if settings.profile not in PROFILES:
        faults.append(f"PROFILE must be one of {', '.join(PROFILES)}")
    if settings.engines not in ("embedded", "external"):
        faults.append("ENGINES must be embedded or external")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,47}", settings.cassandra_keyspace):
        faults.append("CASSANDRA_KEYSPACE must be lower-case letters, digits and _ (48 at most)")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", settings.elastic_index_prefix):
        faults.append("ELASTIC_INDEX_PREFIX must be lower-case letters, digits and _")
    if settings.sms_provider not in ("", "twilio"):
        faults.append("SMS_PROVIDER must be twilio or empty")
    if settings.sms_provider == "twilio":
        wanted = ("twilio_account_sid", "twilio_auth_token", "twilio_sender")
        missing = [name.upper() for name in wanted if not getattr(settings, name)]
        faults += [f"{name} is needed with SMS_PROVIDER=twilio" for name in missing]
    faults += _provider_faults(settings)
    if settings.is_production:
        if len(settings.secret_key) < 32:
            faults.append("SECRET_KEY must have 32 characters or more in production")
        if not settings.encryption_keys or min(map(len, settings.encryption_keys)) < 32:
            faults.append("ENCRYPTION_KEYS must name keys of 32 characters or more in production")
        if settings.sandbox_provider_enabled:
            faults.append("SANDBOX_PROVIDER_ENABLED must not be true in production: its payments are not real")
        if settings.demo_password:
            faults.append("DEMO_PASSWORD must not be set in production")
    return faults


def _provider_faults(settings: Settings) -> list[str]:
    """What keeps OIDC_PROVIDERS from being used; the values themselves are secret and not repeated."""
    try:
        providers = json.loads(settings.oidc_providers or "[]")
    except ValueError:
        return ["OIDC_PROVIDERS is no JSON"]
    if not isinstance(providers, list) or not all(isinstance(provider, dict) for provider in providers):
        return ["OIDC_PROVIDERS must be a list of objects"]
    faults = []
    for number, provider in enumerate(providers, 1):
        scopes = provider.get("scopes", [])
        texts = [value for key, value in provider.items() if key != "scopes"]
        if unknown := set(provider) - {*_PROVIDER_NEEDS, *_PROVIDER_MAY_HAVE}:
            faults.append(f"OIDC_PROVIDERS entry {number} has unknown keys: {', '.join(sorted(unknown))}")
        if missing := [key for key in _PROVIDER_NEEDS if not provider.get(key)]:
            faults.append(f"OIDC_PROVIDERS entry {number} lacks {', '.join(missing)}")
        elif not isinstance(scopes, list) or not all(isinstance(text, str) for text in (*texts, *scopes)):
            faults.append(f"OIDC_PROVIDERS entry {number} must hold texts, and scopes a list of texts")
        elif not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", provider["name"]):
            faults.append(f"OIDC_PROVIDERS entry {number}: name must be lower-case letters, digits and - (32 at most)")
        elif settings.is_production and not provider["issuer"].startswith("https://"):
            faults.append(f"OIDC_PROVIDERS entry {number}: issuer must be https in production")
    names = [provider.get("name") for provider in providers]
    return faults + (["OIDC_PROVIDERS names a provider twice"] if len(names) > len(set(map(str, names))) else [])


_PROVIDER_NEEDS = ("name", "issuer", "client_id")
_PROVIDER_MAY_HAVE = ("label", "client_secret", "scopes", "discovery_url", "app_redirect_url")


def _with_development_secrets(settings: Settings) -> Settings:
    made_up: dict[str, Any] = {}
    for name in ("secret_key", "sandbox_webhook_secret"):
        if not getattr(settings, name):
            made_up[name] = secrets.token_hex(32)
    if not settings.encryption_keys:
        made_up["encryption_keys"] = (secrets.token_hex(32),)
    if not settings.demo_password:
        made_up["demo_password"] = "demo-market-2026"
    current = {spec.name: getattr(settings, spec.name) for spec in fields(Settings)}
    return Settings(**(current | made_up))
