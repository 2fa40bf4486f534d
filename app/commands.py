"""What `db.py` and `run.py` do to the stores as a whole: one plan, carried out in one fixed order."""

import importlib.util
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app import models, plugins
from app.elastic import INDEXES
from app.env import Settings
from app.models import MaintenanceMark
from app.plugins import cassandra_cqlengine, cassandra_cqlengine_elastic, sending_queue
from app.plugins.cassandra_cqlengine import Model, management
from app.plugins.cassandra_cqlengine import dump as dumps
from app.plugins.cassandra_cqlengine_elastic import indexes, mirrored_models, relay
from app.plugins.cassandra_cqlengine_elastic.rebuild import rebuild
from app.plugins.cassandra_cqlengine_elastic.verify import Drift, verify
from app.seeds import SEEDED_AT, SEEDS
from app.services.accounts.first_superuser import ensure_first_superuser
from app.utils.clock import utc_now

Report = Callable[[str], None]

_SEEDED = "seeded"


@dataclass(frozen=True)
class Plan:
    """What to do; `carry_out` keeps the order, however it was asked for."""

    dump: Path | None = None
    recreate: bool = False
    sync: bool = False
    restore: Path | None = None
    elastic: bool = False
    seed: bool = False
    superuser: bool = False
    verify: bool = False
    repair: bool = False
    only: Sequence[str] = ()
    exclude: Sequence[str] = ()


def tables() -> list[type[Model]]:
    """Every table of the product, by name: the models, and those that plugins keep for themselves in `tables.py`."""
    for plugin in pkgutil.iter_modules(plugins.__path__, f"{plugins.__name__}."):
        if importlib.util.find_spec(f"{plugin.name}.tables"):
            importlib.import_module(f"{plugin.name}.tables")
    found: dict[str, type[Model]] = {}

    def collect(model: type[Model]) -> None:
        for child in model.__subclasses__():
            if not child.__abstract__ and child.__module__.startswith("app."):
                found[child._raw_column_family_name()] = child
            collect(child)

    collect(Model)
    return [found[name] for name in sorted(found)]


def kept_models() -> list[type[Model]]:
    """The models whose rows a dump holds: what people entered, not what plugins note for themselves."""
    return [model for model in tables() if model.__module__.startswith(models.__name__)]


def connect(settings: Settings) -> None:
    """Make these settings the process's own for both stores, and for what is sealed in them to be sent."""
    cassandra_cqlengine.configure(settings)
    cassandra_cqlengine_elastic.configure(settings, INDEXES)
    sending_queue.configure(settings)


def carry_out(plan: Plan, settings: Settings, console: Console) -> bool:
    """Do what the plan says: dump (of what stands now), recreate, sync, restore, elastic, seed, superuser, verify.

    Returns False when --verify found drift that was not healed. Raises StoreUnavailable, SearchUnavailable,
    DumpUnreadable, RebuildFailed, OSError, and what `ensure_first_superuser` raises.
    """
    connect(settings)
    management.ping()
    cassandra_cqlengine_elastic.search().ping()
    if plan.dump:
        _dump(plan, console)
    if plan.recreate:
        management.drop_keyspace()
        indexes.delete_indexes()
        console.print("Dropped the keyspace and its indexes.")
    if plan.recreate or plan.sync:
        synchronise(console)
    if plan.restore:
        _restore(plan, console)
    if plan.elastic:
        rebuild_all(console)
    if plan.seed:
        seed_all(settings, console)
    if plan.superuser:
        _make_superuser(settings, console)
    return _verify(plan, console) if plan.verify or plan.repair else True


def prepare_first_run(settings: Settings) -> None:
    """Tables, columns and indexes that are missing exist; in development the demo is there too. Quick when all is."""
    console = Console()
    connect(settings)
    management.ping()
    cassandra_cqlengine_elastic.search().ping()
    synchronise(console)
    if settings.profile == "development" and MaintenanceMark.find(_SEEDED) is None:
        seed_all(settings, console)


def synchronise(console: Console) -> None:
    """Create missing tables, columns and indexes; an index that had to be made is filled. Nothing is dropped."""
    management.sync(tables())
    made = indexes.ensure_indexes()
    indexes.add_missing_columns()
    for model in mirrored_models():
        if model._raw_column_family_name() in made:
            rebuild(model)
    console.print(f"Tables and indexes are in place ({len(tables())} tables, {len(INDEXES)} indexes).")


def rebuild_all(console: Console) -> None:
    """Every index is filled anew from Cassandra while the old one goes on answering."""
    indexes.delete_orphans()
    for model in mirrored_models():
        with _bar(console, f"Indexing {model._raw_column_family_name()}") as advance:
            count = rebuild(model, advance)
        console.print(f"Indexed {model._raw_column_family_name()}: {count} rows.")


def seed_all(settings: Settings, console: Console) -> None:
    """The demo's rows exist, the same on every run."""
    for name, seed in SEEDS:
        with console.status(f"Seeding {name}"):
            count = seed(settings, SEEDED_AT)
        console.print(f"Seeded {name}: {count}.")
    relay.drain(whole=True)
    indexes.refresh()
    MaintenanceMark.create(name=_SEEDED, finished_at=utc_now())


def _make_superuser(settings: Settings, console: Console) -> None:
    user, is_new = ensure_first_superuser(now=utc_now(), settings=settings)
    console.print(f"{'Made the' if is_new else 'There is a'} superuser {user.username}.", highlight=False)


def _dump(plan: Plan, console: Console) -> None:
    assert plan.dump is not None
    chosen = list(dumps.models_named(kept_models(), plan.only, plan.exclude))
    with _bar(console, f"Dumping to {plan.dump}") as advance:
        count = dumps.dump(chosen, plan.dump, advance)
    console.print(f"Dumped {count} rows of {len(chosen)} models.")


def _restore(plan: Plan, console: Console) -> None:
    assert plan.restore is not None
    with _bar(console, f"Restoring {plan.restore}") as advance:
        count = dumps.restore(kept_models(), plan.restore, advance)
    if not plan.elastic:
        relay.drain(whole=True)
        indexes.refresh()
    console.print(f"Restored {count} rows.")


def _verify(plan: Plan, console: Console) -> bool:
    relay.drain(whole=True)
    drifts: list[Drift] = []
    for model in mirrored_models():
        with _bar(console, f"Comparing {model._raw_column_family_name()}") as advance:
            drifts.append(verify(model, repair=plan.repair, progress=advance))
    for drift in drifts:
        console.print(str(drift), soft_wrap=True, highlight=False)
    return all(drift.total == drift.repaired for drift in drifts)


@contextmanager
def _bar(console: Console, what: str) -> Iterator[Callable[[int], None]]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)

        def advance(count: int) -> None:
            progress.advance(task, count)

        yield advance
