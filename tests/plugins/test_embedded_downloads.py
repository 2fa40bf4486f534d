"""Fetching the engines' files, from a Maven repository on this machine that can misbehave on demand."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.env import load_settings
from app.plugins.embedded_engines import EnginesError, downloads
from app.plugins.embedded_engines.lockfile import LOCK_PATH, locked_jars

ENGINE = "elasticsearch"
JARS = locked_jars(ENGINE)
VICTIM = JARS[0]


class Repository(ThreadingHTTPServer):
    """Serves the jars of the machine's cache in Maven's layout. `corrupt` and `cut` name files to spoil."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.folder = folder
        self.corrupt: set[str] = set()
        self.cut: set[str] = set()
        self.served: Counter[str] = Counter()


class _Answer(BaseHTTPRequestHandler):
    server: Repository

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[1]
        path = self.server.folder / name
        if not path.is_file():
            self.send_error(404)
            return
        body = path.read_bytes()
        self.server.served[name] += 1
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if name in self.server.corrupt:
            body = b"?" + body[1:]
        self.wfile.write(body[: len(body) // 2] if name in self.server.cut else body)

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


@pytest.fixture(scope="module")
def jars() -> Path:
    """The machine's own cache holds every jar."""
    cache = load_settings().cache_folder
    downloads.fetch(cache, ENGINE)
    return downloads.jar_folder(cache, ENGINE)


@pytest.fixture
def repository(jars: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A repository that the machine's jgo configuration names, so it is asked before Maven Central."""
    server = Repository(jars)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    configuration = tmp_path / "jgo.conf"
    configuration.write_text(f"[repositories]\nlocal = http://127.0.0.1:{server.server_address[1]}/maven\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(configuration))
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def present(cache: Path) -> set[str]:
    return {path.name for path in downloads.jar_folder(cache, ENGINE).glob("*.jar")}


def test_the_lock_file_names_no_address_and_a_digest_for_every_jar():
    assert "://" not in LOCK_PATH.read_text()
    everything = [*JARS, *locked_jars("cassandra")]
    assert {(jar.artifact, jar.version) for jar in everything} >= {
        ("cassandra-all", "5.0.5"),
        ("elasticsearch", "9.2.0"),
        ("transport-netty4", "9.2.0"),
    }
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in everything)


def test_every_jar_arrives_and_is_not_asked_for_again(repository: Repository, tmp_path: Path):
    downloads.fetch(tmp_path, ENGINE)
    assert present(tmp_path) == {jar.file_name for jar in JARS}
    assert set(repository.served.values()) == {1}
    repository.served.clear()
    downloads.fetch(tmp_path, ENGINE)
    assert not repository.served


def test_a_corrupt_download_is_refused_by_one_sentence_and_not_kept(repository: Repository, tmp_path: Path):
    repository.corrupt.add(VICTIM.file_name)
    with pytest.raises(EnginesError, match=f"{VICTIM.artifact}:{VICTIM.version} is corrupt") as refused:
        downloads.fetch(tmp_path, ENGINE)
    assert "\n" not in str(refused.value)
    assert VICTIM.file_name not in present(tmp_path)
    repository.corrupt.clear()
    assert tmp_path / "engines" in downloads.fetch(tmp_path, ENGINE)[0].parents


def test_an_interrupted_download_is_never_taken_as_whole_and_goes_on(repository: Repository, tmp_path: Path):
    repository.cut.add(VICTIM.file_name)
    with pytest.raises(EnginesError, match="Could not download"):
        downloads.fetch(tmp_path, ENGINE)
    arrived = present(tmp_path)
    assert VICTIM.file_name not in arrived
    repository.cut.clear()
    repository.served.clear()
    downloads.fetch(tmp_path, ENGINE)
    assert present(tmp_path) == {jar.file_name for jar in JARS}
    assert set(repository.served) == {jar.file_name for jar in JARS} - arrived


def test_what_a_killed_download_left_is_removed(repository: Repository, tmp_path: Path):
    abandoned = downloads.jar_folder(tmp_path, ENGINE) / "partial-abandoned"
    abandoned.mkdir(parents=True)
    (abandoned / VICTIM.file_name).write_bytes(b"half")
    downloads.fetch(tmp_path, ENGINE)
    assert not list(downloads.jar_folder(tmp_path, ENGINE).glob("partial-*"))


def test_a_damaged_jar_in_the_cache_is_fetched_again(repository: Repository, tmp_path: Path):
    downloads.fetch(tmp_path, ENGINE)
    damaged = downloads.jar_folder(tmp_path, ENGINE) / VICTIM.file_name
    damaged.write_bytes(b"?" + damaged.read_bytes()[1:])
    repository.served.clear()
    downloads.fetch(tmp_path, ENGINE)
    assert set(repository.served) == {VICTIM.file_name}


def test_two_at_once_download_each_jar_once(repository: Repository, tmp_path: Path):
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(downloads.fetch, tmp_path, ENGINE) for _ in range(2)]
        assert both[0].result() == both[1].result()
    assert repository.served == Counter({jar.file_name: 1 for jar in JARS})


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(EnginesError, match="CACHE_FOLDER"):
        downloads.fetch(tmp_path / "file", ENGINE)
