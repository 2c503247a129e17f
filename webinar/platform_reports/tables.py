"""Any table with a line a log-in, whose columns a person has named, or whose headings name them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webinar.members.matching import fold
from webinar.platform_reports.clues import Clues
from webinar.platform_reports.lines_of_file import Line, Lines
from webinar.platform_reports.report import Columns, Layout, Report, UnreadableReport

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
    """Return the header of a table, the first line of it with the most cells in use, and some rows below it.

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
    layout_of(lines)
    if not columns.are_enough:
        raise UnreadableReport(
            _l("Say which column has the name or the mail address, and which ones the times or the minutes.")
        )
    return Report(PLATFORM, "", "", None, clues.expected, [], list(lines.faults))


def _header(lines: Lines) -> Line | None:
    start = [line for line in lines.all[:40] if sum(bool(cell) for cell in line.cells) > 1]
    named = [line for line in start if _proposed(line.cells).are_enough]
    return next(iter(named or start), None)


def _proposed(header: list[str]) -> Columns:
    found: dict[str, int] = {}
    for at, cell in enumerate(header):
        heading = fold(cell)
        for what, headings in _HEADINGS.items():
            if heading in headings:
                found.setdefault(what, at)
    return Columns(**found)
