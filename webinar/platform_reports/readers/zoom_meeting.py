"""Zoom's list of the participants of a meeting: a line for each time somebody joined, or one for each person.

The layouts are those of real files from 2020 to 2026: with a block about the meeting above or the topic in each line
or neither, as a short list with the total of minutes only, or with the columns of the meeting before those of the
participants. Time in the waiting room, which some list as lines of their own, counts for nobody. No zone is named.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webinar.platform_reports.clues import Clues
from webinar.platform_reports.lines_of_file import Line, Lines
from webinar.platform_reports.report import Kind, Report
from webinar.platform_reports.rows import Heads, Row, Rows, folded, is_phone

NAME = _l("Zoom meeting")

_NAMES = ("name original name", "user name original name", "name")
_COLUMNS = {
    "name": _NAMES,
    "email": ("user email", "email"),
    "joined": ("join time",),
    "left": ("leave time",),
    "minutes": ("duration minutes", "total duration minutes"),
    "waited": ("in waiting room",),
}
_MEETING = {
    "topic": ("topic", "meeting topic"),
    "meeting_id": ("meeting id", "meetingid"),
    "starts": ("start time", "actual start time"),
    "host": ("user email", "host email"),
}


def recognises(lines: Lines) -> bool:
    """Tell whether there is a table of participants with Zoom's headings."""
    return _header(lines) is not None


def read(lines: Lines, clues: Clues) -> Report:
    """Read a list of participants."""
    rows = Rows("zoom_meeting", faults=list(lines.faults))
    header = _header(lines)
    if header is None:
        return rows.report(clues)
    first = _first_column(header)
    heads = Heads(header, _COLUMNS, first)
    rows.offset = heads.offset
    at = lines.all.index(header)
    about = next((line for line in lines.all[:at] if {"topic", "meeting id"} & set(folded(line))), None)
    if about is not None:
        described = lines.all[lines.all.index(about) + 1]
        meeting = Heads(about, _MEETING)
    else:
        described = lines.all[at + 1] if len(lines.all) > at + 1 else header
        meeting = Heads(Line(header.number, header.cells[:first]), _MEETING)
    host = ""
    if described is not header:
        rows.topic, rows.meeting_id = meeting.cell(described, "topic"), meeting.cell(described, "meeting_id")
        rows.starts, host = meeting.cell(described, "starts"), meeting.cell(described, "host").lower()
    for line in lines.all[at + 1 :]:
        if (refusal := heads.refused(line)) is not None:
            rows.faults.append(refusal)
        elif heads.cell(line, "waited").lower() != "yes":
            rows.all.append(_row(heads, line, host))
    return rows.report(clues)


def _header(lines: Lines) -> Line | None:
    for line in lines.all[:20]:
        headings = set(folded(line))
        times = {"join time", "leave time"} <= headings or headings & {"total duration minutes", "duration minutes"}
        if not times or "attended" in headings or not headings & {"user email", "email"}:
            continue
        if headings & set(_NAMES[:2]) or ({"name", "user email"} <= headings and headings & {"guest"}):
            return line
    return None


def _first_column(header: Line) -> int:
    return next(at for at, heading in enumerate(folded(header)) if heading in _NAMES)


def _row(heads: Heads, line: Line, host: str) -> Row:
    name, email = heads.cell(line, "name"), heads.cell(line, "email")
    kind = Kind.ATTENDEE
    if host and email.lower() == host:
        kind = Kind.HOST
    elif not email and is_phone(name):
        kind = Kind.PHONE
    joined, left = heads.cell(line, "joined"), heads.cell(line, "left")
    return Row(line, name=name, email=email, joined=joined, left=left, lasted=heads.cell(line, "minutes"), kind=kind)
