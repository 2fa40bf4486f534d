"""Secrets that nobody gave, made up once and kept, so that sessions outlive a restart on a developer's machine."""

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

DEVELOPMENT_SECRETS = ("SECRET_KEY", "ENCRYPTION_KEYS", "SANDBOX_WEBHOOK_SECRET")


def kept_secrets(path: Path, names: Iterable[str]) -> dict[str, str]:
    """A secret for each name: the one kept in `path`, or a new one that is kept there from now on (mode 0600)."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = {}
    made_up = {name: kept.get(name) or secrets.token_hex(32) for name in names}
    if made_up != kept:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as content:
            json.dump(made_up, content)
        partial.replace(path)
    return made_up
