"""Which parts make the application, and in which order they are put on it."""

from flask_cors import CORS
from werkzeug.middleware.proxy_fix import ProxyFix

from app.elastic import INDEXES
from app.env import Settings
from app.net import errors, sockets
from app.net.application import Application
from app.net.http import BLUEPRINTS, PAGES
from app.net.middlewares import access, csrf, limits, requests
from app.net.middlewares.headers import SecurityHeaders
from app.net.parsing import JSON_MAX_BYTES
from app.plugins import (
    cassandra_cqlengine,
    cassandra_cqlengine_elastic,
    logs,
    mail,
    metrics,
    rate_limits,
    sandbox,
    sending_queue,
    sms,
    socketio,
    system_message_center,
)

PLUGINS = (
    logs,
    metrics,
    rate_limits,
    cassandra_cqlengine,
    sending_queue,
    mail,
    sms,
    system_message_center,
    sandbox,
    socketio,
)
_EXPOSED_HEADERS = ["X-Request-Id", "Location", "Retry-After", "Idempotent-Replayed"]
_ACCEPTED_HEADERS = ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "X-CSRF-Token", "X-Request-Id"]


def assemble(settings: Settings) -> Application:
    """The application with plugins, guards, routes, pages and sockets."""
    app = Application()
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=JSON_MAX_BYTES,
        MAX_FORM_MEMORY_SIZE=JSON_MAX_BYTES,
    )
    for plugin in PLUGINS:
        plugin.init_app(app)
    cassandra_cqlengine_elastic.init_app(app, INDEXES)
    requests.init_app(app)
    access.init_app(app)
    limits.init_app(app)
    csrf.init_app(app)
    errors.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_api(blueprint)
    for pages in PAGES:
        app.register_blueprint(pages)
    sockets.register(socketio.socketio)
    if settings.cors_origins:
        CORS(
            app,
            resources={r"/api/*": {"origins": list(settings.cors_origins)}},
            supports_credentials=True,
            allow_headers=_ACCEPTED_HEADERS,
            expose_headers=_EXPOSED_HEADERS,
            max_age=600,
        )
    app.wsgi_app = SecurityHeaders.of(settings).around(app.wsgi_app)  # type: ignore[assignment, method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app
