"""The development's provider: each text becomes a file, as mails do without a mail server."""

import hashlib
from pathlib import Path

from app.plugins.sms.provider import SmsFault

TIMEOUT_SECONDS = 1.0


def texts_to(number: str, folder: Path) -> list[Path]:
    """The files of the texts to this number."""
    return [path for path in folder.glob("*.txt") if path.read_text(encoding="utf-8").startswith(_addressed(number))]


def _addressed(number: str) -> str:
    return f"To: {number}\n"


class FileProvider:
    """Writes each text as `<hash of its key>.txt` into a folder; the same text replaces its own file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.timeout_seconds = TIMEOUT_SECONDS

    def send(self, number: str, text: str, *, key: str) -> str:
        name = hashlib.sha256(key.encode()).hexdigest()[:40]
        part = self._folder / f".{name}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_text(f"{_addressed(number)}\n{text}\n", encoding="utf-8")
            part.rename(self._folder / f"{name}.txt")
        except OSError as fault:
            raise SmsFault(f"the file was not written: {type(fault).__name__}") from fault
        return name
