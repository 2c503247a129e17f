"""From the bytes of a file to its lines with their cells: encodings, delimiters, XLSX, quotes, and what is too much."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webinar.foundation import formats
from webinar.foundation.lines import one_line
from webinar.foundation.spreadsheet import UnreadableTable, read_cells
from webinar.platform_reports.report import Fault, UnreadableReport

MOST_BYTES = 20 * 1024 * 1024
"""A report of 20,000 log-ins has some 5 MB, in UTF-16 twice that."""

MOST_LINES = 100_000
MOST_OF_A_LINE = 100_000
MOST_COLUMNS = 300
MOST_OF_A_FAULT = 80

_MEGABYTE = 1024 * 1024
_LINES_LOOKED_AT = 60
_MOST_LINES_OF_A_CELL = 20
_SEPARATOR_SAID = re.compile(r"\s*sep=([,;\t])\s*$", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
# How files begin that people bring by mistake: PNG, JPEG, GIF, PDF, RIFF (pictures, sound), the old XLS and DOC, gzip.
_NO_TABLES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"RIFF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"BM")
_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f]")


class _NoRecord(Exception):
    """A line cannot be taken apart, and why."""

    def __init__(self, reason: LazyString) -> None:
        super().__init__(reason)
        self.reason = reason


class Line(NamedTuple):
    """A line of the file, counted from 1, and its cells without blanks around them and without empty ones behind."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Lines:
    """What stands in a file: its lines that are not empty, those that could not be taken apart, and the text itself.

    ``text`` is empty for an XLSX file, which has none.
    """

    all: Sequence[Line]
    faults: Sequence[Fault] = field(default_factory=list)
    text: str = ""


def lines_of(content: bytes) -> Lines:
    """Take a file apart, CSV of any kind or XLSX, whichever it is.

    UTF-8, UTF-16 or, where it can be neither, Windows-1252; with a byte order mark or without; delimited by commas,
    semicolons or tabs. NUL characters, which some reports hold, are dropped. A line with quotes that do not match is
    a fault, and the next line is read on.

    Raises:
        UnreadableReport: the file is empty, too large, or neither a text nor an XLSX file.
    """
    if len(content) > MOST_BYTES:
        raise UnreadableReport(
            _l(
                "The file has %(size)s MB. The most that can be read is %(most)s MB.",
                size=formats.number(len(content) // _MEGABYTE),
                most=formats.number(MOST_BYTES // _MEGABYTE),
            )
        )
    lines = _of_xlsx(content) if content.startswith(b"PK\x03\x04") else _of_text(_decoded(content))
    if not lines.all and not lines.faults:
        raise UnreadableReport(_l("The file is empty."))
    return lines


def fault(line: int, cells: Sequence[str], reason: LazyString) -> Fault:
    """Return a fault of a line with the beginning of what stands in it."""
    written = one_line(" · ".join(cell for cell in cells[:MOST_OF_A_FAULT] if cell)[: 4 * MOST_OF_A_FAULT])
    return Fault(line, written[:MOST_OF_A_FAULT].strip(), reason)


def _of_xlsx(content: bytes) -> Lines:
    lines: list[Line] = []
    faults: list[Fault] = []
    try:
        for number, cells in read_cells(content):
            try:
                lines.append(Line(number, _tidy(cells)))
            except _NoRecord as refusal:
                faults.append(fault(number, cells, refusal.reason))
    except UnreadableTable as refusal:
        raise UnreadableReport(refusal.message) from None
    _check_number(len(lines))
    return Lines(lines, faults)


def _decoded(content: bytes) -> str:
    if content.startswith(_NO_TABLES):
        raise _no_table()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    elif (start := content[:2000]).count(0) > len(start) // 3:
        # Letters of Latin have their NUL in the second byte where the first byte is the lower one.
        ends_lower = start[1::2].count(0) >= start[::2].count(0)
        text = content.decode("utf-16-le" if ends_lower else "utf-16-be", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    if len(_CONTROLS.findall(text, 0, 4000)) > 8:
        raise _no_table()
    return text


def _no_table() -> UnreadableReport:
    return UnreadableReport(
        _l("This file is no report: it is neither a text nor an XLSX file. Download it again from the platform as CSV.")
    )


def _too_long() -> LazyString:
    return _l("It is longer than any line of a report.")


def _of_text(text: str) -> Lines:
    physical = text.split("\n")
    _check_number(len(physical))
    said = _SEPARATOR_SAID.match(physical[0])
    delimiter = said[1] if said else _delimiter_of(physical)
    faults: list[Fault] = []
    lines = [line for line in _records(physical, 1 if said else 0, delimiter, faults) if line.cells]
    return Lines(lines, faults, text)


def _check_number(lines: int) -> None:
    if lines > MOST_LINES:
        raise UnreadableReport(_l("The file has more than %(most)s lines. Split it.", most=formats.number(MOST_LINES)))


def _delimiter_of(physical: Sequence[str]) -> str:
    """Return the delimiter that stands most often in the first lines, outside quotes.

    A comma before a blank counts only where nothing else does: dates and names have those.
    """
    start = _QUOTED.sub("", "\n".join(line[:5000] for line in physical[:_LINES_LOOKED_AT]))
    closed = start.replace(", ", "")
    counted = {"\t": closed.count("\t"), ";": closed.count(";"), ",": closed.count(",")}
    return max(counted, key=lambda one: counted[one]) if any(counted.values()) else ","


def _records(physical: Sequence[str], first: int, delimiter: str, faults: list[Fault]) -> Iterator[Line]:
    """Yield each line with its cells; one with quotes goes over several lines only if they close there."""
    at = first
    while at < len(physical):
        number = at + 1
        try:
            cells, lines = _record(physical, at, delimiter)
            at += lines
            yield Line(number, cells)
        except _NoRecord as refusal:
            faults.append(fault(number, [physical[at]], refusal.reason))
            at += 1


def _record(physical: Sequence[str], at: int, delimiter: str) -> tuple[list[str], int]:
    """Return the cells of the record that begins on a line, and how many lines it has."""
    record = physical[at]
    if len(record) > MOST_OF_A_LINE:
        raise _NoRecord(_too_long())
    if '"' not in record:
        return _tidy(record.split(delimiter)), 1
    for lines in range(1, _MOST_LINES_OF_A_CELL + 1):
        try:
            [cells] = csv.reader([record], delimiter=delimiter, strict=True)
            return _tidy(cells), lines
        except csv.Error as broken:
            # Only a text in quotes that has not ended yet may go on in the next line.
            if "unexpected end" not in str(broken) or at + lines >= len(physical) or len(record) > MOST_OF_A_LINE:
                break
        record = f"{record}\n{physical[at + lines]}"
    raise _NoRecord(_l("A quote is not closed, or a quote within a text is not doubled."))


def _tidy(cells: list[str]) -> list[str]:
    tidy = [cell.strip() for cell in cells]
    while tidy and not tidy[-1]:
        tidy.pop()
    if len(tidy) > MOST_COLUMNS:
        raise _NoRecord(_too_long())
    return tidy
