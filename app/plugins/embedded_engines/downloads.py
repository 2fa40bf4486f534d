"""Fetching the engines' jars once into the cache folder, each checked against the committed SHA-256.

jgo is the Maven client. The repositories of the machine's own jgo configuration are asked before Maven Central,
and proxies and certificates come from the environment, so a company mirror works without any setting of ours.
A jar is written under a temporary name and moved into place only when its digest is right: whatever is in the
cache folder is whole, and an interrupted download goes on with the jars that are still missing.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from app.plugins.embedded_engines.console import console, say
from app.plugins.embedded_engines.errors import EnginesError
from app.plugins.embedded_engines.files import exclusive, writable_folder
from app.plugins.embedded_engines.lockfile import VERSIONS, LockedJar, locked_jars, sha256_of

PARALLEL_DOWNLOADS = 6
ATTEMPTS = 3
TIMEOUT_SECONDS = 60
SPARE_BYTES = 200 * 1024 * 1024


def jar_folder(cache_folder: Path, engine: str) -> Path:
    """Where the jars of this version of `engine` are kept."""
    return cache_folder / "engines" / f"{engine}-{VERSIONS[engine]}"


def remote_repositories() -> dict[str, str]:
    """The repositories to ask, in order: those the machine's jgo configuration names, then Maven Central."""
    from jgo.config import GlobalSettings
    from jgo.constants import MAVEN_CENTRAL_URL

    return {**GlobalSettings.load().repositories, "central": MAVEN_CENTRAL_URL}


def fetch(cache_folder: Path, engine: str) -> list[Path]:
    """Every jar of `engine` is in the cache folder, whole; returns their paths.

    A damaged jar is fetched again. Several processes may call this at once: one downloads, the others wait.
    Raises EnginesError when a jar cannot be fetched, is not what the lock file records, or there is no room.
    """
    folder = jar_folder(cache_folder, engine)
    writable_folder(folder, "CACHE_FOLDER")
    jars = locked_jars(engine)
    with exclusive(folder.with_suffix(".lock")):
        missing = [jar for jar in jars if not _is_whole(folder, jar)]
        if missing:
            _download(folder, engine, missing)
    return [folder / jar.file_name for jar in jars]


def _is_whole(folder: Path, jar: LockedJar) -> bool:
    path = folder / jar.file_name
    return path.is_file() and path.stat().st_size == jar.size and sha256_of(path) == jar.sha256


def _download(folder: Path, engine: str, jars: list[LockedJar]) -> None:
    needed = sum(jar.size for jar in jars)
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise EnginesError(
            f"Fetching {engine} needs {(needed + SPARE_BYTES) >> 20} MiB on the disk of {folder}, "
            f"and only {free >> 20} MiB are free."
        )
    for abandoned in folder.glob("partial-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    title = f"Fetching {engine} {VERSIONS[engine]} ({len(jars)} files, {needed / 1e6:.0f} MB)"
    with (
        tempfile.TemporaryDirectory(prefix="partial-", dir=folder, ignore_cleanup_errors=True) as partial,
        _progress(title, needed) as advance,
        ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool,
    ):
        waiting = [pool.submit(_download_one, Path(partial), folder, jar, advance) for jar in jars]
        try:
            for download in waiting:
                download.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _download_one(partial: Path, folder: Path, jar: LockedJar, advance: Callable[[int], None]) -> None:
    import requests

    for attempt in range(1, ATTEMPTS + 1):
        try:
            path = _request(partial / f"{jar.file_name}.{attempt}", jar, advance)
            break
        except (requests.RequestException, RuntimeError, OSError) as fault:
            if attempt == ATTEMPTS:
                raise EnginesError(
                    f"Could not download {jar.group}:{jar.artifact}:{jar.version} ({_reason(fault)}). "
                    "What arrived is kept: run the same command again to go on."
                ) from fault
    digest = sha256_of(path)
    if digest != jar.sha256:
        raise EnginesError(
            f"The download of {jar.group}:{jar.artifact}:{jar.version} is corrupt: its SHA-256 is {digest}, "
            f"not the recorded {jar.sha256}. It was thrown away; run the same command again."
        )
    path.replace(folder / jar.file_name)


def _request(repository: Path, jar: LockedJar, advance: Callable[[int], None]) -> Path:
    from jgo.maven import MavenContext, PythonResolver

    @contextmanager
    def counting(_name: str, _total_bytes: int) -> Iterator[Callable[[int], None]]:
        yield advance

    resolver = PythonResolver(progress_callback=counting)
    context = MavenContext(
        resolver=resolver, repo_cache=repository, remote_repos=remote_repositories(), timeout=TIMEOUT_SECONDS
    )
    component = context.project(jar.group, jar.artifact).at_version(jar.version)
    path = resolver.download(component.artifact(jar.classifier, "jar"))
    if path is None:
        raise RuntimeError("no repository has it")
    return path


def _reason(fault: BaseException) -> str:
    text = " ".join(str(fault).split()) or type(fault).__name__
    return text if len(text) <= 200 else f"{type(fault).__name__}: {text[:160]}…"


@contextmanager
def _progress(title: str, total_bytes: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal; elsewhere a line at each fifth, so that a log shows it too."""
    if console.is_terminal:
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
            task = bar.add_task(title, total=total_bytes)
            yield lambda count: bar.update(task, advance=count)
        return
    say(title)
    done = 0
    told = 0

    def advance(count: int) -> None:
        nonlocal done, told
        done += count
        fifth = min(done * 5 // max(total_bytes, 1), 5)
        if fifth > told:
            told = fifth
            say(f"  {fifth * 20} %")

    yield advance
