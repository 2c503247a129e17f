"""Tables as people exchange them: reading CSV and XLSX files, and writing them row by row."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, NamedTuple

from flask_babel import lazy_gettext as _l
from python_calamine import CalamineError, CalamineWorkbook

from webinar.foundation.errors import DomainError
from webinar.foundation.workbook import Workbook

Cell = str | int | float | Decimal | datetime | None
"""What can be written. A moment is aware, and written in UTC, as ISO 8601 with ``Z``; a wall time is naive."""

MOST_UNPACKED_BYTES = 64 * 1024 * 1024
MOST_CELLS = 3_000_000

_DELIMITERS = (",", ";", "\t")
_BLOCK = 64 * 1024
# The rule for text that a spreadsheet program would run as a formula. An apostrophe that was there before is
# doubled in front of such a text, or the reader would take it for ours and drop it.
# What begins with a number and its sign, as that of a telephone, stays, unless it calls something: “-2+3+cmd|…”.
_FORMULA = re.compile(r"'*(?:[=@\t\r]|[+-](?![0-9])|[+-].*(?:\||[A-Za-z]\())", re.DOTALL)
_FORMULA_STARTS = frozenset("=@\t\r+-'")
_CELL_REFERENCE = re.compile(rb"""\br\s*=\s*["']\$?([A-Za-z]{0,8})\$?([0-9]{1,9})["']""")


class UnreadableTable(DomainError):
    """A file is no table that we can read; the message says where it breaks off and what to do."""


class Row(NamedTuple):
    """One row of a table that was read: the line of the file where it begins, and its cells by column."""

    line: int
    values: dict[str, str]


def read_table(content: bytes) -> Iterator[Row]:
    """Read a CSV or XLSX file, whichever it is; see ``read_csv`` and ``read_xlsx``.

    Raises:
        UnreadableTable: while reading, at the first thing that cannot be understood.
    """
    return read_xlsx(content) if content.startswith(b"PK\x03\x04") else read_csv(content)


def read_csv(content: bytes) -> Iterator[Row]:
    """Read a CSV file whose first line names the columns, which come back in lower case.

    UTF-8 with or without byte order mark, or UTF-16 with one; comma, semicolon or tab is found from the first
    line. Empty lines are left out. The apostrophe that protects a text from being run as a formula is taken off.

    Raises:
        UnreadableTable: while reading, at the first thing that cannot be understood.
    """
    return _rows(_cells_of_csv(content))


def read_xlsx(content: bytes) -> Iterator[Row]:
    """Read the first sheet of an XLSX file whose first row that is not empty names the columns, like ``read_csv``.

    Numbers come back as they would be typed (``5``, not ``5.0``), days and moments in ISO 8601.

    Raises:
        UnreadableTable: it is no XLSX file, or unpacks to more than this program reads at once.
    """
    return _rows(_cells_of_xlsx(content))


def read_cells(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Read a CSV or XLSX file whose first line need not name the columns: its lines with their cells, as they are.

    Lines may have different numbers of cells; empty ones are left out. Else as ``read_table``.

    Raises:
        UnreadableTable: while reading, at the first thing that cannot be understood.
    """
    lines = _cells_of_xlsx(content) if content.startswith(b"PK\x03\x04") else _cells_of_csv(content)
    for line, cells in lines:
        if any("\0" in cell for cell in cells):
            raise _holds_nul(line)
        if any(cell.strip() for cell in cells):
            yield line, cells


def _cells_of_csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    return ((line, [_unprotected(cell) for cell in cells]) for line, cells in _records(_decoded(content)))


def _cells_of_xlsx(content: bytes) -> Iterator[tuple[int, list[str]]]:
    packed = _repacked(content)
    try:
        with CalamineWorkbook.from_filelike(packed) as workbook:
            sheet = workbook.get_sheet_by_index(0)
            first_line = sheet.start[0] + 1 if sheet.start else 1
            rows = sheet.to_python()
    except (CalamineError, IndexError):
        raise UnreadableTable(_l("This is no XLSX file that can be read. Save it again as XLSX or as CSV.")) from None
    return ((line, [_as_typed(value) for value in row]) for line, row in enumerate(rows, first_line))


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Write a CSV file block by block: UTF-8 with byte order mark, lines end in CRLF, formulas are made harmless.

    The byte order mark makes spreadsheet programs read names right. A row has its cells in the order of the
    columns.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow([_protected(column) for column in columns])
    for row in rows:
        writer.writerow([_protected(cell) if isinstance(cell, str) else _plain(cell) for cell in row])
        if buffer.tell() >= _BLOCK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


@dataclass(frozen=True)
class Sheet:
    """One sheet to be written: its name on the tab, the columns, and rows with cells in that order.

    Prose is there to be read, not to be filtered: its texts wrap.
    """

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    is_prose: bool = False
    right_to_left: bool = False


def write_xlsx(target: Path | IO[bytes], sheets: Iterable[Sheet]) -> None:
    """Write an XLSX file row by row, so that memory does not grow with the rows.

    Text stays text, never a formula or a link. Moments and wall times are dates, which can be sorted and reckoned
    with; as a spreadsheet knows no zones, a moment is in UTC and shown so, in ISO 8601 with ``Z``. The first row stays
    in view and has filters. How wide a column is follows from the first rows.
    """
    with target.open("wb") if isinstance(target, Path) else nullcontext(target) as file:
        workbook = Workbook(file)
        for sheet in sheets:
            workbook.add(
                _tab_name(sheet.title),
                sheet.columns,
                sheet.rows,
                is_prose=sheet.is_prose,
                right_to_left=sheet.right_to_left,
            )
        workbook.close()


def _decoded(content: bytes) -> str:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as fault:
        raise UnreadableTable(
            _l(
                "Line %(line)s is not written in UTF-8. Save the file again as “CSV UTF-8” or as XLSX.",
                line=content.count(b"\n", 0, fault.start) + 1,
            )
        ) from None
    if "\0" in text:
        raise _holds_nul(text.count("\n", 0, text.index("\0")) + 1)
    return text


def _holds_nul(line: int) -> UnreadableTable:
    return UnreadableTable(
        _l(
            "Line %(line)s holds a NUL character, which no text has. Save it again as “CSV UTF-8” or as XLSX.",
            line=line,
        )
    )


def _delimiter_of(text: str) -> str:
    """Return the delimiter that stands most often in the first line that is not empty, outside quotes."""
    header = re.sub(r'"[^"]*"', "", text.lstrip("\r\n")[:10_000]).partition("\n")[0]
    return max(_DELIMITERS, key=header.count)


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Take a CSV text apart; each record has the line where it begins, as a quoted cell may hold several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter_of(text), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise UnreadableTable(
                _l(
                    "The cells of line %(line)s cannot be told apart. A text in quotes that begins there may not be "
                    "closed, or a quote within it not be doubled.",
                    line=line,
                )
            ) from None
        yield line, cells


def _rows(numbered: Iterator[tuple[int, list[str]]]) -> Iterator[Row]:
    """Put the cells of each row under the names of their columns, as the first row that is not empty gives them."""
    columns: list[str] = []
    for line, cells in numbered:
        while cells and not cells[-1].strip() and len(cells) > len(columns):
            cells.pop()  # spreadsheet programs leave empty columns behind the last one
        if any("\0" in cell for cell in cells):  # XLSX can write one in a roundabout way
            raise _holds_nul(line)
        if not any(cell.strip() for cell in cells):
            continue
        if not columns:
            columns = [cell.strip().lower() for cell in cells]
            _check_columns(columns, line)
        elif len(cells) != len(columns):
            raise UnreadableTable(
                _l(
                    "Line %(line)s has %(cells)s cells, but the first line names %(columns)s columns. Correct that.",
                    line=line,
                    cells=len(cells),
                    columns=len(columns),
                )
            )
        else:
            yield Row(line, dict(zip(columns, cells, strict=True)))
    if not columns:
        raise UnreadableTable(_l("The file is empty. Its first line must name the columns."))


def _check_columns(columns: Sequence[str], line: int) -> None:
    named: set[str] = set()
    for number, column in enumerate(columns, 1):
        if not column:
            raise UnreadableTable(
                _l("Line %(line)s gives column %(number)s no name. Name every column.", line=line, number=number)
            )
        if column in named:
            raise UnreadableTable(
                _l("Line %(line)s names the column “%(column)s” twice. Keep one.", line=line, column=column)
            )
        named.add(column)


def _repacked(content: bytes) -> io.BytesIO:
    """Return the archive inside an XLSX file, uncompressed, after a look at how large it is.

    A small file can unpack to gigabytes, and one cell far out makes the reader ask for memory for all cells
    before it, which ends the process. Whoever reads on gets the very bytes that were looked at.
    """
    too_large = UnreadableTable(_l("This file is too large to be read at once. Split it, or save it as CSV."))
    unreadable = UnreadableTable(_l("This is no XLSX file that can be read. Save it again as XLSX or as CSV."))
    stored = io.BytesIO()
    left = MOST_UNPACKED_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(stored, "w") as unpacked:
            for part in {part.filename: part for part in packed.infolist()}.values():
                if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                    raise unreadable
                with packed.open(part) as opened:
                    read = opened.read(left + 1)
                left -= len(read)
                if left < 0 or _cells_up_to_the_last(read) > MOST_CELLS:
                    raise too_large
                unpacked.writestr(part.filename, read)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        # zipfile's words for broken in several ways, for a kind it does not know, and for a password
        raise unreadable from None
    stored.seek(0)
    return stored


def _cells_up_to_the_last(sheet: bytes) -> int:
    """Return how many cells the smallest rectangle has that begins at A1 and holds all cells of a sheet."""
    columns, last = {b"A"}, 1
    for letters, digits in _CELL_REFERENCE.findall(sheet):
        columns.add(letters)
        last = max(last, int(digits))
    return last * max(_column_number(letters) for letters in columns)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _as_typed(value: str | int | float | bool | date | datetime | time | timedelta) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _plain(cell: int | float | Decimal | datetime | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        if cell.tzinfo is None:
            return cell.isoformat(timespec="seconds")
        return cell.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return str(cell)


def _protected(text: str) -> str:
    return f"'{text}" if text[:1] in _FORMULA_STARTS and _FORMULA.match(text) else text


def _unprotected(text: str) -> str:
    return text[1:] if text[:1] == "'" and _FORMULA.match(text) else text


def _tab_name(title: str) -> str | None:
    """Return a title as the name of a sheet may be: at most 31 characters, without the seven that are refused."""
    return re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title)[:31].strip(" '") or None
