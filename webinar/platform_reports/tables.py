"""Any table with a line a log-in, whose columns a person has named, or whose headings name them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from flask_babel import lazy_gettext as _l

from webinar.people.contact_lines import NAMES_OF_COLUMNS
from webinar.platform_reports.clues import Clues
from webinar.platform_reports.lines_of_file import Line, Lines
from webinar.platform_reports.moments import heading, written
from webinar.platform_reports.report import Columns, Kind, Layout, Report, UnreadableReport
from webinar.platform_reports.rows import Row, Rows, addresses_in, is_phone, moments_in, too_wide

PLATFORM = "table"
NAME = _l("Table")

SAMPLE_ROWS = 5
LINES_LOOKED_AT = 200

# Headings as people and programs write them, folded; each names one kind of column beyond doubt.
_HEADINGS: Mapping[str, Collection[str]] = {
    "name": {*NAMES_OF_COLUMNS["name"], "user name", "username", "participant", "attendee", "display name"},
    "given_name": NAMES_OF_COLUMNS["given_name"],
    "family_name": NAMES_OF_COLUMNS["family_name"],
    "email": {*NAMES_OF_COLUMNS["email"], "user email"},
    "joined": {"joined", "join", "join time", "joined at", "first join", "entrada", "hora de entrada", "arrivee"},
    "left": {"left", "leave", "leave time", "left at", "last leave", "salida", "hora de salida", "depart"},
    "minutes": {"minutes", "duration", "duration minutes", "time in session", "time in session minutes", "minutos"},
}


def layout_of(lines: Lines) -> Layout:
    """Return the header of a table, and what its columns seem to be.

    Raises:
        UnreadableReport: no line has two cells, so there is no table.
    """
    header = _header(lines)
    if header is None:
        raise UnreadableReport(_l("There is no table in this file."))
    at = lines.all.index(header)
    rows = lines.all[at + 1 :]
    shown = [tuple(line.cells) for line in rows[:SAMPLE_ROWS]]
    return Layout(tuple(header.cells), shown, header.number, _proposed(header.cells, rows[:LINES_LOOKED_AT]))


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


def named_columns(header: Sequence[str]) -> Columns:
    """Return the columns that the headings name; of two with the same meaning neither, as a person has to choose."""
    found: dict[str, list[int]] = {}
    for at, cell in enumerate(header):
        named = heading(cell)[0]
        for what, headings in _HEADINGS.items():
            if named in headings:
                found.setdefault(what, []).append(at)
    return Columns(**{what: columns[0] for what, columns in found.items() if len(columns) == 1})


def _header(lines: Lines) -> Line | None:
    """Return the line that names enough columns, else the one above the most lines with moments, else the first."""
    start = [line for line in lines.all[:LINES_LOOKED_AT] if sum(bool(cell) for cell in line.cells) > 1]
    named = next((line for line in start if named_columns(line.cells).are_enough), None)
    if named is not None:
        return named
    below: dict[int, int] = {}
    above = None
    for at, line in enumerate(start):
        if any(written(cell) is not None for cell in line.cells):
            if above is not None:
                below[above] += 1
        else:
            below[at] = 0
            above = at
    return start[max(below, key=lambda at: below[at])] if below else next(iter(start), None)


def _proposed(header: Sequence[str], rows: Sequence[Line]) -> Columns:
    """Return the columns that the headings name, and where they name too few, those that look like it."""
    named = named_columns(header)
    if named.are_enough:
        return named
    found = named.chosen()
    times = [at for at in moments_in(rows) if at < len(header)]
    address = addresses_in(rows)
    if address is not None and address < len(header):
        found.setdefault("email", address)
    if len(times) > 1 and not {"joined", "left"} & found.keys():
        found["joined"], found["left"] = times[-2:]
    if not {"name", "given_name", "family_name"} & found.keys() and 0 not in found.values():
        found["name"] = 0
    return Columns(**found)
