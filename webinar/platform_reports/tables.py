"""Any table with a line a log-in, whose columns a person has named, or whose headings name them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webinar.platform_reports.clues import Clues
from webinar.platform_reports.lines_of_file import Line, Lines
from webinar.platform_reports.moments import heading
from webinar.platform_reports.report import Columns, Kind, Layout, Report, UnreadableReport
from webinar.platform_reports.rows import Row, Rows, is_phone, too_wide

PLATFORM = "table"
NAME = _l("Table")

SAMPLE_ROWS = 5

# Headings as they are written by people and programs, folded; each names one kind of column beyond doubt.
_HEADINGS = {
    "name": {"name", "full name", "user name", "username", "participant", "attendee", "display name"},
    "given_name": {"given name", "first name", "firstname"},
    "family_name": {"family name", "last name", "lastname", "surname"},
    "email": {"email", "e mail", "email address", "e mail address", "mail", "address", "user email"},
    "joined": {"joined", "join", "join time", "joined at", "first join", "in"},
    "left": {"left", "leave", "leave time", "left at", "last leave", "out"},
    "minutes": {"minutes", "duration", "duration minutes", "time in session", "time in session minutes"},
}


def layout_of(lines: Lines) -> Layout:
    """Return the header of a table, which is the first line that names enough columns, or has several cells.

    Raises:
        UnreadableReport: no line has two cells, so there is no table.
    """
    header = _header(lines)
    if header is None:
        raise UnreadableReport(_l("There is no table in this file."))
    at = lines.all.index(header)
    rows = [tuple(line.cells) for line in lines.all[at + 1 : at + 1 + SAMPLE_ROWS]]
    return Layout(tuple(header.cells), rows, header.number, _proposed(header.cells))


def read(lines: Lines, columns: Columns, clues: Clues) -> Report:
    """Read a table by its columns.

    Raises:
        UnreadableReport: there is no table, or the columns do not tell who was there and how long.
    """
    header = layout_of(lines)
    if not columns.are_enough:
        raise UnreadableReport(
            _l("Say which column has the name or the mail address, and which ones the times or the minutes.")
        )
    rows = Rows(PLATFORM, faults=list(lines.faults))
    rows.offset = next((offset for cell in header.header if (offset := heading(cell)[1]) is not None), None)
    for line in lines.all:
        if line.number <= header.line:
            continue
        if (refusal := too_wide(line, len(header.header))) is not None:
            rows.faults.append(refusal)
            continue
        cell = {what: line.cells[at] if at < len(line.cells) else "" for what, at in columns.chosen().items()}
        kind = Kind.PHONE if not cell.get("email") and is_phone(cell.get("name", "")) else Kind.ATTENDEE
        rows.all.append(
            Row(
                line,
                name=cell.get("name", ""),
                given_name=cell.get("given_name", ""),
                family_name=cell.get("family_name", ""),
                email=cell.get("email", ""),
                joined=cell.get("joined", ""),
                left=cell.get("left", ""),
                lasted=cell.get("minutes", ""),
                kind=kind,
            )
        )
    return rows.report(clues)


def _header(lines: Lines) -> Line | None:
    start = [line for line in lines.all[:40] if sum(bool(cell) for cell in line.cells) > 1]
    named = [line for line in start if _proposed(line.cells).are_enough]
    return next(iter(named or start), None)


def _proposed(header: list[str]) -> Columns:
    found: dict[str, list[int]] = {}
    for at, cell in enumerate(header):
        named = heading(cell)[0]
        for what, headings in _HEADINGS.items():
            if named in headings:
                found.setdefault(what, []).append(at)
    return Columns(**{what: columns[0] for what, columns in found.items() if len(columns) == 1})
