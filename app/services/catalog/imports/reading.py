"""A CSV file as rows, read as a stream: never more than one row and one buffer in memory."""

import codecs
import csv
import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from app.utils.errors import DomainError
from app.utils.shared import load_shared

CELL_MAX: int = load_shared("limits")["import_cell_max"]
LINE_MAX = 1_000_000
_BLOCK_BYTES = 1 << 16
_OTHER_MARKS = {
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
    b"PK\x03\x04": "a spreadsheet or ZIP file",
}
_DELIMITERS = ",;\t|"
_ALIASES = {
    "name": "title",
    "compare_at_price": "compare_at",
    "images": "pictures",
    "image": "pictures",
    "seats": "stock",
}

csv.field_size_limit(CELL_MAX)


class WrongEncoding(DomainError):
    """The file is not UTF-8 (422); details: line and byte of the first text that is not."""

    code: ClassVar[str] = "import_wrong_encoding"
    status: ClassVar[int] = 422


class Unreadable(DomainError):
    """The file is no CSV table (422)."""

    code: ClassVar[str] = "import_unreadable"
    status: ClassVar[int] = 422


class ColumnMissing(DomainError):
    """A required column is not in the header (422); fields names each."""

    code: ClassVar[str] = "import_column_missing"
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class Header:
    """The first row, understood. columns: our names in the file's order; ignored: names we have no use for."""

    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    delimiter: str


@dataclass(frozen=True)
class RawRow:
    """One row. row: counted as a spreadsheet counts (the header is 1); line: where it begins in the text file.

    cells is None when the row cannot be read as cells; fault then says why.
    """

    row: int
    line: int
    cells: dict[str, str] | None
    fault: str = ""


def ensure_utf8(path: Path) -> None:
    """Pass when the whole file is UTF-8 text, with or without a byte order mark, and has no NUL.

    Raises WrongEncoding (422) naming the line and the byte where it stops being so.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, passed = 1, 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            if passed == 0:
                _refuse_other_marks(block)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(block)
            except UnicodeDecodeError as fault:
                good = max(0, fault.start - pending)
                raise _wrong_encoding(line + block.count(b"\n", 0, good), passed - pending + fault.start) from None
            if (nul := block.find(b"\0")) >= 0:
                raise _wrong_encoding(line + block.count(b"\n", 0, nul), passed + nul)
            line += block.count(b"\n")
            passed += len(block)
    if decoder.getstate()[0]:
        raise _wrong_encoding(line, passed)


def read_header(path: Path, known: tuple[str, ...], required: tuple[str, ...]) -> Header:
    """The file's columns in our words; case, blanks and common other names are forgiven.

    Raises Unreadable for an empty file or a column given twice, ColumnMissing for each required one (422).
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline(CELL_MAX)
    if not first.strip():
        raise Unreadable("The file is empty: its first line must name the columns.")
    delimiter = max(_DELIMITERS, key=first.count)
    delimiter = delimiter if delimiter in first else ","
    try:
        names = next(csv.reader([first], delimiter=delimiter, strict=True))
    except csv.Error:
        raise Unreadable("The first line must name the columns, on one line.") from None
    columns = tuple(_column(name) for name in names)
    if twice := sorted({name for name in columns if name in known and columns.count(name) > 1}):
        raise Unreadable(f"The column {twice[0]} is there twice.")
    if missing := [name for name in required if name not in columns]:
        raise ColumnMissing(
            f"The file has no column {', '.join(missing)}.", fields={name: ["is a required column"] for name in missing}
        )
    return Header(columns, tuple(name for name in columns if name and name not in known), delimiter)


def read_rows(path: Path, header: Header) -> Iterator[RawRow]:
    """The rows behind the header, blank ones left out, one at a time.

    A row that breaks the rules of quoting costs only its own line: reading goes on at the very next one.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = _Lines(file)
        next(lines)
        reader = csv.reader(lines, delimiter=header.delimiter, strict=True)
        for number in itertools.count(2):
            line = lines.begin_row()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as fault:
                lines.give_back()
                yield RawRow(number, line, None, _reason(fault))
                continue
            if any(cell.strip() for cell in cells):
                yield _row(number, line, cells, header)


class _Lines:
    """Physical lines, of which those behind a broken row's first one can be given back and read again."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._waiting: deque[str] = deque()
        self._taken: list[str] = []
        self._number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._file.readline(LINE_MAX)
        if not line:
            raise StopIteration
        self._number += 1
        if len(line) >= LINE_MAX and not line.endswith("\n"):
            self._skip_rest()
            self._taken.append("")
            raise csv.Error(f"line longer than {LINE_MAX} characters")
        self._taken.append(line)
        return line

    def begin_row(self) -> int:
        """A new row begins; returns the number of its first line."""
        self._taken.clear()
        return self._number + 1

    def give_back(self) -> None:
        """Only the first line of the row counts as read."""
        self._waiting.extendleft(reversed(self._taken[1:]))
        self._number -= max(0, len(self._taken) - 1)

    def _skip_rest(self) -> None:
        while (rest := self._file.readline(LINE_MAX)) and not rest.endswith("\n"):
            continue


def count_lines(path: Path) -> int:
    """Lines in the file: an upper bound of its rows, for showing how far an import is."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK_BYTES), b""))


def _row(number: int, line: int, cells: list[str], header: Header) -> RawRow:
    if len(cells) > len(header.columns) and any(cell.strip() for cell in cells[len(header.columns) :]):
        fault = f"has {len(cells)} cells where the header has {len(header.columns)}"
        return RawRow(number, line, None, f"{fault}; a text with the separator in it needs quotes")
    return RawRow(number, line, {name: cell.strip() for name, cell in zip(header.columns, cells, strict=False) if name})


def _column(name: str) -> str:
    plain = "_".join(name.strip().lower().replace("-", " ").split())
    return _ALIASES.get(plain, plain)


def _reason(fault: csv.Error) -> str:
    if "field larger" in str(fault):
        return f"has a cell longer than {CELL_MAX} characters; a quote may not be closed"
    if "unexpected end" in str(fault) or "expected after" in str(fault):
        return "has a quote that is not closed, or text right behind a closing quote"
    return f"cannot be read as cells: {fault}"


def _refuse_other_marks(block: bytes) -> None:
    for mark, name in _OTHER_MARKS.items():
        if block.startswith(mark):
            raise WrongEncoding(
                f"The file is {name}. Save it as CSV in UTF-8.", details={"line": 1, "byte": 0, "looks_like": name}
            )


def _wrong_encoding(line: int, byte: int) -> WrongEncoding:
    return WrongEncoding(
        f"Line {line} is not UTF-8 text (byte {byte} of the file). Save the file as CSV in UTF-8 and send it again.",
        details={"line": line, "byte": byte},
    )
