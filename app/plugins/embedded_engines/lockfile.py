"""The committed list of every jar the engines are made of: coordinate, SHA-256 and size.

`python -m app.plugins.embedded_engines.relock` makes it anew after a version in `ENDPOINTS` was changed. The file names
coordinates only; which repository serves them is the machine's own affair (see downloads.py).
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

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
