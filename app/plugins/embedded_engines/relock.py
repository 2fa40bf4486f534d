"""Renewing the lock file: `python -m app.plugins.embedded_engines.relock`.

Resolves both endpoints with jgo, downloads each jar and writes `engines.lock.json`.
"""

import json
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

from jgo.maven import MavenContext, PythonResolver
from jgo.parse import Coordinate

from app.plugins.embedded_engines.console import say
from app.plugins.embedded_engines.downloads import remote_repositories
from app.plugins.embedded_engines.lockfile import ENDPOINTS, LOCK_PATH, LockedJar, sha256_of


def _resolve(endpoints: Iterable[str], folder: Path) -> list[LockedJar]:
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
