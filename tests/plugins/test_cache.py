"""The cache on the real store."""

import os
import subprocess
import sys
import time

import pytest

from app.plugins.cache import cache
from app.utils.ids import new_id


@pytest.fixture
def name(stores):
    return f"test/{new_id()}"


@pytest.mark.parametrize(
    "value",
    [{"a": [1, 2.5, None, True]}, [], "text ✓ 日本", "", 0, -7, 1.25, False, {"deep": {"er": [{"x": "y"}]}}],
)
def test_any_json_value_comes_back(name, value):
    cache.set(name, value)
    assert cache.get(name) == value
    assert type(cache.get(name)) is type(value)


def test_a_name_never_set_and_a_deleted_one_give_none(name):
    assert cache.get(name) is None
    cache.set(name, 1)
    cache.delete(name)
    assert cache.get(name) is None
    cache.delete(name)


def test_a_second_value_replaces_the_first_and_its_time_out(name):
    cache.set(name, "first", timeout_minutes=1 / 60)
    cache.set(name, "second")
    time.sleep(2.1)
    assert cache.get(name) == "second"


def test_an_expired_value_is_none(name):
    cache.set(name, "short", timeout_minutes=2 / 60)
    assert cache.get(name) == "short"
    time.sleep(2.1)
    assert cache.get(name) is None


@pytest.mark.parametrize("value", [{1, 2}, object(), float("nan"), b"bytes", "x" * (1024 * 1024)])
def test_what_is_no_json_or_too_long_is_refused(name, value):
    with pytest.raises(ValueError):
        cache.set(name, value)
    assert cache.get(name) is None


@pytest.mark.parametrize("timeout", [0, -1, 10**9])
def test_a_time_out_out_of_range_is_refused(name, timeout):
    with pytest.raises(ValueError, match="timeout_minutes"):
        cache.set(name, 1, timeout_minutes=timeout)


@pytest.mark.parametrize("length", [0, 513])
def test_a_name_too_short_or_too_long_is_refused(stores, length):
    with pytest.raises(ValueError, match="1 to 512"):
        cache.set("n" * length, 1)


def test_another_process_sees_it(name, stores, project):
    cache.set(name, {"seen": True})
    code = (
        "import sys; from app.env import load_settings; from app.plugins import cassandra_cqlengine; "
        "cassandra_cqlengine.configure(load_settings()); from app.plugins.cache import cache; "
        "print(cache.get(sys.argv[1]))"
    )
    environ = os.environ | {
        "CASSANDRA_HOSTS": ",".join(stores.cassandra_hosts),
        "CASSANDRA_PORT": str(stores.cassandra_port),
        "CASSANDRA_KEYSPACE": stores.cassandra_keyspace,
    }
    run = subprocess.run(
        [sys.executable, "-c", code, name], cwd=project, env=environ, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "{'seen': True}"
