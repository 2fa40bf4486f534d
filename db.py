"""Look after the stores: tables, indexes, seeds, dumps, and whether the mirror is true.

    db.py --recreate --dev --elastic --seed      everything anew, with the demo
    db.py --verify --repair                      compare Cassandra and Elasticsearch row by row, and heal
    db.py --superuser                            make the first superuser, out of the SUPERUSER_* settings

Flags combine; the order is always: dump (of what stands now), recreate, sync, restore, elastic, seed, superuser,
verify.
"""

import sys
from pathlib import Path

import click
from rich.console import Console

from app.env import PROFILES, Settings, SettingsError, environment, load_settings
from app.plugins import embedded_engines
from app.plugins.embedded_engines import EnginesError
from app.utils.kept_secrets import DEVELOPMENT_SECRETS, kept_secrets

_FILE = click.Path(dir_okay=False, path_type=Path)
_STANDING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _names(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


@click.command(context_settings={"max_content_width": 110})
@click.option("--recreate", is_flag=True, help="Drop and create the keyspace, all tables and indexes.")
@click.option("--dev", is_flag=True, help="Use the development configuration (default: production).")
@click.option("--sync", is_flag=True, help="Create missing tables, columns and indexes; never drops.")
@click.option("--elastic", is_flag=True, help="Fill every index anew from Cassandra, then turn readers to it.")
@click.option("--seed", is_flag=True, help="Write the demo's rows; the same on every run.")
@click.option(
    "--superuser", is_flag=True, help="Make the superuser of the SUPERUSER_* settings; the same on every run."
)
@click.option("--dump", type=_FILE, metavar="FILE", help="Write all rows to FILE as JSON lines.")
@click.option("--restore", type=_STANDING_FILE, metavar="FILE", help="Write the rows of a dump.")
@click.option("--only", default="", callback=_names, metavar="A,B", help="Dump these models only.")
@click.option("--exclude", default="", callback=_names, metavar="A,B", help="Dump all but these models.")
@click.option("--verify", is_flag=True, help="Compare Cassandra and the mirror; exit 1 when they differ.")
@click.option("--repair", is_flag=True, help="With --verify: heal what differs.")
@click.option("--engines", type=click.Choice(["start", "stop", "status"]), help="The embedded engines.")
@click.option("--yes", is_flag=True, help="Really --recreate in production.")
def main(dev: bool, engines: str | None, yes: bool, **wanted: object) -> None:
    """Look after Cassandra and Elasticsearch."""
    try:
        settings = _settings(dev)
        if engines:
            _engines(engines, settings)
        if any(wanted.values()):
            if wanted["recreate"] and settings.is_production and not yes:
                raise click.UsageError("--recreate drops all data: in production say --yes as well.")
            _carry_out(wanted, settings)
        elif not engines:
            click.echo(click.get_current_context().get_help())
    except (SettingsError, EnginesError) as fault:
        _fail(str(fault))


def _settings(dev: bool) -> Settings:
    given = environment()
    given.setdefault("PROFILE", "production")
    if dev:
        given["PROFILE"] = "development"
    if given["PROFILE"] in PROFILES and given["PROFILE"] != "production":
        folder = load_settings(given).data_folder
        given = kept_secrets(folder / "development-secrets.json", DEVELOPMENT_SECRETS) | given
    return load_settings(given)


def _carry_out(wanted: dict[str, object], settings: Settings) -> None:
    from app.commands import Plan, carry_out
    from app.plugins.cassandra_cqlengine.dump import DumpUnreadable
    from app.plugins.cassandra_cqlengine_elastic.rebuild import RebuildFailed
    from app.utils.errors import DomainError

    if wanted["repair"] and not wanted["verify"]:
        raise click.UsageError("--repair goes with --verify.")
    try:
        with embedded_engines.running(settings) as endpoints:
            clean = carry_out(Plan(**wanted), endpoints.applied_to(settings), Console())  # type: ignore[arg-type]
    except (DomainError, DumpUnreadable, RebuildFailed, OSError, ValueError) as fault:
        _fail(str(fault))
    if not clean:
        sys.exit(1)


def _engines(action: str, settings: Settings) -> None:
    if action == "start":
        endpoints = embedded_engines.start(settings)
        click.echo(f"Running: {endpoints}")
    elif action == "stop":
        embedded_engines.stop(settings)
        click.echo("Stopped.")
    else:
        for status in embedded_engines.status(settings):
            click.echo(str(status))


def _fail(message: str) -> None:
    click.echo(message, err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
