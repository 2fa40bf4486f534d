"""One command: engines, web server, sockets and scheduler, until Ctrl-C. `make run` calls it.

    run.py            everything, with the engines that the settings name (embedded by default)

gunicorn loads the site as `run:application()`.
"""

import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import click

from app import create_app
from app.commands import prepare_first_run
from app.env import Settings, SettingsError, environment, load_settings
from app.plugins import cassandra_cqlengine, embedded_engines
from app.plugins.apscheduler.jobs import start_jobs
from app.plugins.embedded_engines import EnginesError, writable_folder
from app.plugins.web_server import WebServer, WebServerError
from app.utils.errors import DomainError
from app.utils.kept_secrets import DEVELOPMENT_SECRETS, kept_secrets

FOLDER = Path(__file__).resolve().parent
START_SECONDS = 120.0
WATCH_SECONDS = 1.0
MOST_REVIVALS = 5
REVIVALS_WITHIN_SECONDS = 600.0


class Stopped(BaseException):
    """Somebody asked the program to end."""


def application() -> Any:
    """The WSGI application of one gunicorn worker, and its part of the scheduled jobs."""
    settings = load_settings()
    app = create_app(settings)
    start_jobs(app, settings)
    return app


@click.command()
def main() -> None:
    """Serve the whole product until Ctrl-C."""
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, _stop)
    try:
        _serve()
    except (SettingsError, EnginesError, WebServerError, DomainError) as fault:
        click.echo(str(fault), err=True)
        sys.exit(1)
    except Stopped:
        click.echo("Stopped.")


def _stop(_number: int, _frame: FrameType | None) -> None:
    """The first wish to stop is carried out; repeating it does not break off the tidying up."""
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, signal.SIG_IGN)
    click.echo("\nStopping …")
    raise Stopped


def _serve() -> None:
    given = environment()
    settings = load_settings(given)
    writable_folder(settings.data_folder, "DATA_FOLDER")
    if not settings.is_production:
        given = kept_secrets(settings.data_folder / "development-secrets.json", DEVELOPMENT_SECRETS) | given
        settings = load_settings(given)
    server = WebServer(FOLDER, settings.host, settings.port)
    server.ensure_port_free()
    with embedded_engines.running(settings) as endpoints:
        settings = endpoints.applied_to(settings)
        _prepare(settings)
        try:
            server.start(given | endpoints.environment())
            server.wait_until_ready(START_SECONDS)
            _greet(settings)
            _watch(server, settings)
        finally:
            server.stop()


def _prepare(settings: Settings) -> None:
    """The stores have what the product needs; this process keeps no connection of its own to them."""
    prepare_first_run(settings)
    cassandra_cqlengine.store().close()


def _greet(settings: Settings) -> None:
    site = settings.site_url
    click.echo(
        f"\nThe site          {site}/\nThe admin panel   {site}/admin-panel\nThe API's pages   {site}/api/docs/\n"
        f"Data              {settings.data_folder}"
    )
    if settings.profile == "development":
        click.echo(
            "Demo accounts     buyer@example.com, school@example.com, store@example.com, admin@example.com\n"
            f"                  password {settings.demo_password}"
        )
    click.echo("Ctrl-C stops everything.\n")


def _watch(server: WebServer, settings: Settings) -> None:
    """Returns never: ends by Stopped, or by an error when the web server or, again and again, an engine ends."""
    revived_at: list[float] = []
    while True:
        time.sleep(WATCH_SECONDS)
        if (code := server.exit_code()) is not None:
            raise WebServerError(f"The web server ended (exit code {code}); its output is above.")
        if settings.engines == "external" or not (fallen := embedded_engines.fallen(settings)):
            continue
        for report in fallen:
            click.echo(report, err=True)
        revived_at = [at for at in revived_at if at > time.monotonic() - REVIVALS_WITHIN_SECONDS]
        if len(revived_at) >= MOST_REVIVALS:
            raise EnginesError("The engines keep ending; everything was stopped.")
        revived_at.append(time.monotonic())
        embedded_engines.revive(settings)


if __name__ == "__main__":
    main()
