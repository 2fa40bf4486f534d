"""What a waiting message says lies sealed, so that a copy of the disks shows no code and no link.

Nothing is sealed anew when a key changes: a row is gone within days, and until then the old key opens it.
"""

from app.env import Settings
from app.plugins import vault

_MARK = "sealed:"
_settings: list[Settings] = []


def configure(settings: Settings) -> None:
    """The keys of these settings are the process's own."""
    _settings[:] = [settings]


def seal_text(channel: str, text: str) -> str:
    """The text as it waits; an empty one stays empty. Raises RuntimeError before `configure`."""
    return _MARK + vault.seal(_keys(), _purpose(channel), text.encode()).decode() if text else ""


def open_text(channel: str, kept: str) -> str:
    """The text again; one that was queued before texts were sealed is as it stands. Raises SealBroken."""
    if not kept.startswith(_MARK):
        return kept
    return vault.unseal(_keys(), _purpose(channel), kept.removeprefix(_MARK).encode()).decode()


def _purpose(channel: str) -> str:
    return f"waiting {channel}"


def _keys() -> Settings:
    if not _settings:
        raise RuntimeError("sending_queue.configure(settings) has not been called")
    return _settings[0]
