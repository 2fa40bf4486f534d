"""The committed list of every jar the engines are made of: coordinate, SHA-256 and size.

Made anew, after changing a version in `ENDPOINTS`, by

    python -m app.plugins.embedded_engines.lockfile

which resolves both endpoints with jgo, downloads each jar and writes `engines.lock.json` beside this module.
The file names coordinates only; which repository serves them is the machine's own affair (see downloads.py).
"""

import hashlib
import json
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from app.plugins.embedded_engines.console import say

ENDPOINTS = {
    "cassandra": ("org.apache.cassandra:cassandra-all:5.0.5",),
    "elasticsearch": (
        "org.elasticsearch:elasticsearch:9.2.0",
        "org.elasticsearch.plugin:transport-netty4:9.2.0",
    ),
}
VERSIONS = {name: endpoints[0].rsplit(":", 1)[1] for name, endpoints in ENDPOINTS.items()}
LOCK_PATH = Path(__file__).with_name("engines.lock.json")


@dataclass(frozen=True, order=True)
class LockedJar:
    """One jar of an engine. `size` is in bytes."""

    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str
    size: int

    @property
    def file_name(self) -> str:
        suffix = f"-{self.classifier}" if self.classifier else ""
        return f"{self.artifact}-{self.version}{suffix}.jar"


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def locked_jars(engine: str) -> tuple[LockedJar, ...]:
    """The jars of `engine` ("cassandra" or "elasticsearch") as committed."""
    content = json.loads(LOCK_PATH.read_text(encoding="utf-8"))
    return tuple(LockedJar(**jar) for jar in content[engine]["jars"])


def _resolve(endpoints: Iterable[str], folder: Path) -> list[LockedJar]:
    from jgo.maven import MavenContext, PythonResolver
    from jgo.parse import Coordinate

    from app.plugins.embedded_engines.downloads import remote_repositories

    context = MavenContext(resolver=PythonResolver(), repo_cache=folder, remote_repos=remote_repositories(), timeout=60)
    inputs, transitive = context.resolver.resolve(
        [context.create_dependency(replace(Coordinate.parse(text), scope="compile")) for text in endpoints]
    )
    jars = []
    for dependency in [*inputs, *(found for found in transitive if found.scope in ("compile", "runtime"))]:
        artifact = dependency.artifact
        if artifact.packaging != "jar":
            continue
        path = artifact.resolve()
        jars.append(
            LockedJar(
                artifact.groupId,
                artifact.artifactId,
                artifact.version,
                artifact.classifier or "",
                sha256_of(path),
                path.stat().st_size,
            )
        )
    return sorted(set(jars))


def write_lock() -> None:
    """Resolve both engines afresh and record what they consist of."""
    content = {}
    with tempfile.TemporaryDirectory() as folder:
        for engine, endpoints in ENDPOINTS.items():
            jars = _resolve(endpoints, Path(folder))
            say(f"{engine}: {len(jars)} jars, {sum(jar.size for jar in jars) / 1e6:.0f} MB")
            content[engine] = {"endpoints": list(endpoints), "jars": [asdict(jar) for jar in jars]}
    LOCK_PATH.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_lock()
