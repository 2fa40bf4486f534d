"""`db.py` as a person calls it: the whole demo in one call, dumps, drift, and what it says when it cannot."""

import filecmp
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.env import Settings
from app.models import Course, Product, User
from app.plugins.cassandra_cqlengine_elastic import indexes, search
from tests.factories import make_course, make_product, make_store
from tests.faults.serving import connected, db, made, own_stores, removed


@pytest.fixture(scope="module")
def place(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Stores for this file alone."""
    own = made(own_stores(settings, "db", tmp_path_factory.mktemp("db")))
    with connected(own):
        yield own
        removed(own)


def lines_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


# what it refuses


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--frobnicate"], "--frobnicate"),
        (["--repair"], "--repair goes with --verify"),
        (["--engines", "fly"], "'fly'"),
        (["--restore", "no-such-file"], "no-such-file"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(settings: Settings, arguments: list[str], named: str):
    ended = db(settings, *arguments)
    assert ended.returncode == 2
    assert named in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("environ", "service", "address"),
    [
        ({"CASSANDRA_PORT": "1"}, "Cassandra", "127.0.0.1:1"),
        ({"ELASTIC_URL": "http://127.0.0.1:1"}, "Elasticsearch", "http://127.0.0.1:1"),
    ],
)
def test_a_missing_service_is_named_in_one_line(settings: Settings, environ, service: str, address: str):
    ended = db(settings, "--verify", **environ)
    assert ended.returncode == 1
    assert lines_of(ended.stderr) == [f"{service} does not answer at {address}."]


def test_nothing_is_dropped_in_production_without_yes(place: Settings):
    kept = make_product("Kept in production")
    production = {
        "PROFILE": "production",
        "SECRET_KEY": "p" * 64,
        "SANDBOX_PROVIDER_ENABLED": "false",
        "DEMO_PASSWORD": "",
    }
    ended = db(place, "--recreate", **production)
    assert ended.returncode == 2
    assert "--yes" in ended.stderr
    assert Product.find(kept.id) is not None


def test_an_unknown_model_is_named_and_no_file_left(place: Settings, tmp_path: Path):
    ended = db(place, "--dump", str(tmp_path / "dump"), "--only", "Nonsense")
    assert ended.returncode == 1
    assert ended.stderr.startswith("There is no model Nonsense; there are ")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_dump_is_refused_with_its_line(place: Settings, tmp_path: Path):
    file = tmp_path / "dump"
    file.write_text('{"model": "Product", "id": "x", "fields": {"colour": "red"}}\n')
    ended = db(place, "--restore", str(file))
    assert ended.returncode == 1
    assert lines_of(ended.stderr) == ["Line 1 of the dump cannot be read: no column colour"]


def test_engines_that_do_not_run_are_reported_so(settings: Settings, tmp_path: Path):
    ended = db(replace(settings, data_folder=tmp_path), "--engines", "status")
    assert ended.returncode == 0
    assert ended.stdout.count("stopped") == 2


# the first superuser


def test_the_first_superuser_is_made_by_the_machines_own_people(place: Settings):
    given = {
        "SUPERUSER_EMAIL": "Root@Example.com",
        "SUPERUSER_USERNAME": "root",
        "SUPERUSER_PASSWORD": "a long enough one",
    }
    without = db(place, "--superuser")
    assert without.returncode == 1
    assert lines_of(without.stderr) == ["Set SUPERUSER_EMAIL and SUPERUSER_PASSWORD to make a superuser."]
    made_it = db(place, "--superuser", **given)
    assert made_it.returncode == 0, made_it.stdout + made_it.stderr
    assert "Made the superuser root." in made_it.stdout
    (user,) = [row for row in User.objects().limit(None) if row.username == "root"]
    assert (user.is_superuser, user.email) == (True, "root@example.com")
    again = db(place, "--superuser", **given | {"SUPERUSER_PASSWORD": "another long one"})
    assert again.returncode == 0
    assert "There is a superuser root." in again.stdout
    assert dict(User.find(user.id)) == dict(user)


# drift


def test_drift_is_listed_with_exit_code_1_and_healed_with_0(place: Settings):
    store = make_store(name="Drifting")
    gone, stale, fine = (make_product(f"Drifting {number}", store=store) for number in range(3))
    course = make_course("Never stored")
    indexes.refresh()
    assert db(place, "--verify").returncode == 0
    client, products = search().client, search().alias("product")
    client.delete(index=products, id=gone.id)
    source = client.get(index=products, id=stale.id)["_source"]
    client.index(index=products, id=stale.id, document=source | {"title": "Somebody else's words"})
    source = client.get(index=search().alias("course"), id=course.id)["_source"]
    client.index(index=search().alias("course"), id="extra", document=source | {"id": "extra"})
    indexes.refresh()
    found = db(place, "--verify")
    assert found.returncode == 1
    assert f"1 missing ({gone.id}), 1 stale ({stale.id})" in found.stdout
    assert "1 extra (extra)" in found.stdout
    assert fine.id not in found.stdout
    healed = db(place, "--verify", "--repair")
    assert healed.returncode == 0
    assert "2 repaired" in healed.stdout and "1 repaired" in healed.stdout
    assert db(place, "--verify").returncode == 0
    assert Product.elastic("seller_id", store.id).count() == 3
    assert Course.elastic("id", "extra").count() == 0


# the whole


def test_the_demo_in_one_call_then_dump_recreate_restore_dump_gives_the_same_file(place: Settings, tmp_path: Path):
    first, second = tmp_path / "first", tmp_path / "second"
    begun = db(place, "--recreate", "--elastic", "--seed", "--dev", "--verify")
    assert begun.returncode == 0, begun.stdout + begun.stderr
    assert db(place, "--dump", str(first)).returncode == 0
    models = {json.loads(line)["model"] for line in first.open()}
    assert {"User", "Store", "School", "Course", "Product", "StockEntry", "Order", "Payment"} <= models
    again = db(place, "--recreate", "--restore", str(first), "--elastic", "--verify")
    assert again.returncode == 0, again.stdout + again.stderr
    assert db(place, "--dump", str(second)).returncode == 0
    assert first.stat().st_size > 100_000
    assert filecmp.cmp(first, second, shallow=False)
