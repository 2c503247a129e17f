"""Webex's attendance report: UTF-16 with tabs, times as formulas (``="2026-04-03 16:30:00"``), a line for each log-in.

The columns and the cells of times are those of real files of webinars; those of meetings are called a little otherwise.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webinar.platform_reports.clues import Clues
from webinar.platform_reports.lines_of_file import Line, Lines
from webinar.platform_reports.report import Kind, Report
from webinar.platform_reports.rows import Heads, Row, Rows, find_line, is_phone

NAME = _l("Webex")

_COLUMNS = {
    "topic": ("event name", "meeting name", "webinar name", "session name"),
    "meeting_id": ("meeting number", "event number", "webinar number"),
    "starts": ("event start time", "meeting start time", "webinar start time"),
    "name": ("name", "attendee name", "display name"),
    "given_name": ("first name",),
    "family_name": ("last name",),
    "email": ("attendee email", "email"),
    "joined": ("join time",),
    "left": ("leave time",),
    "minutes": ("attendance duration",),
    "role": ("role", "participant type", "attendee type"),
    "connection": ("connection type",),
}
_ROLES = {"host": Kind.HOST, "cohost": Kind.HOST, "panelist": Kind.PANELLIST, "presenter": Kind.PANELLIST}


def recognises(lines: Lines) -> bool:
    """Tell whether there is a table with Webex's headings."""
    return _header(lines) is not None


def read(lines: Lines, clues: Clues) -> Report:
    """Read an attendance report; what it says of the meeting stands in each line."""
    rows = Rows("webex", faults=list(lines.faults))
    header = _header(lines)
    if header is None:
        return rows.report(clues)
    heads = Heads(header, _COLUMNS)
    rows.offset = heads.offset
    for line in lines.all[lines.all.index(header) + 1 :]:
        if (refusal := heads.refused(line)) is not None:
            rows.faults.append(refusal)
            continue
        plain = Line(line.number, [_unwrapped(cell) for cell in line.cells])
        if not rows.all:
            rows.topic, rows.starts = heads.cell(plain, "topic"), heads.cell(plain, "starts")
            rows.meeting_id = heads.cell(plain, "meeting_id")
        rows.all.append(_row(heads, plain))
    return rows.report(clues)


def _header(lines: Lines) -> Line | None:
    return find_line(lines, ["attendee email", "join time", "leave time", "attendance duration"])


def _unwrapped(cell: str) -> str:
    return cell[2:-1].strip() if cell.startswith('="') and cell.endswith('"') and len(cell) > 2 else cell


def _row(heads: Heads, line: Line) -> Row:
    name = heads.cell(line, "name")
    kind = _ROLES.get(heads.cell(line, "role").lower().replace("-", ""), Kind.ATTENDEE)
    email = heads.cell(line, "email")
    if not email and (heads.cell(line, "connection").lower() == "phone" or is_phone(name)):
        kind = Kind.PHONE
    return Row(
        line,
        name=name,
        given_name=heads.cell(line, "given_name"),
        family_name=heads.cell(line, "family_name"),
        email=email,
        joined=heads.cell(line, "joined"),
        left=heads.cell(line, "left"),
        lasted=heads.cell(line, "minutes"),
        kind=kind,
    )
