"""Zoom's attendee report of a webinar: one CSV with blocks for host, panellists, attendees and all others.

The layout is that of real files of 2020 and 2025, and of the description of those of 2026, whose dates are written in
numbers. No zone is named anywhere. Somebody has a line for each time they joined; a panellist may be an attendee too.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webinar.platform_reports.clues import Clues
from webinar.platform_reports.lines_of_file import Line, Lines
from webinar.platform_reports.moments import heading
from webinar.platform_reports.report import Kind, Report
from webinar.platform_reports.rows import Heads, Row, Rows, find_line, folded, is_empty, is_phone

NAME = _l("Zoom webinar")

_BLOCKS = {
    "host details": Kind.HOST,
    "panelist details": Kind.PANELLIST,
    "attendee details": Kind.ATTENDEE,
    "other attended": Kind.GUEST,
}
_FIRST_COLUMNS = ("attended", "user name", "user name original name")
_COLUMNS = {
    "attended": ("attended",),
    "name": ("user name original name", "user name"),
    "given_name": ("first name",),
    "family_name": ("last name",),
    "email": ("email",),
    "registered": ("registration time",),
    "joined": ("join time",),
    "left": ("leave time",),
}


def recognises(lines: Lines) -> bool:
    """Tell whether there is a table of a webinar's attendees, which says of each whether they attended."""
    title = folded(lines.all[0])[:1] if lines.all else []
    if title == ["attendee report"] and find_line(lines, ["topic", "webinar id"]):
        return True
    return find_line(lines, ["attended", "email", "join time", "leave time", "time in session minutes"]) is not None


def read(lines: Lines, clues: Clues) -> Report:
    """Read an attendee report, block by block."""
    rows = Rows("zoom_webinar", faults=list(lines.faults))
    kind = Kind.ATTENDEE
    heads: Heads | None = None
    about: Heads | None = None
    for line in lines.all:
        first = heading(line.cells[0])[0]
        if len(line.cells) == 1 and first in _BLOCKS:
            kind, heads, about = _BLOCKS[first], None, None
        elif first == "topic" and heads is None:
            about = Heads(line, {"topic": ["topic"], "meeting_id": ["webinar id"], "starts": ["actual start time"]})
        elif about is not None:
            rows.topic, rows.meeting_id = about.cell(line, "topic"), about.cell(line, "meeting_id")
            rows.starts, about = about.cell(line, "starts"), None
        elif first in _FIRST_COLUMNS and {"join time", "leave time"} <= set(folded(line)):
            heads = Heads(line, _COLUMNS)
            rows.offset = heads.offset if heads.offset is not None else rows.offset
        elif heads is None:
            rows.also += line.cells[1:2] if first.startswith("report generated") else []
        elif (refusal := heads.refused(line)) is not None:
            rows.faults.append(refusal)
        else:
            _add(rows, heads, line, kind)
    return rows.report(clues)


def _add(rows: Rows, heads: Heads, line: Line, kind: Kind) -> None:
    joined = heads.cell(line, "joined")
    if is_empty(joined) and heads.cell(line, "attended").lower() == "no":
        rows.absent += 1
        return
    name = heads.cell(line, "name")
    rows.also.append(heads.cell(line, "registered"))
    rows.all.append(
        Row(
            line,
            name=name,
            given_name=heads.cell(line, "given_name"),
            family_name=heads.cell(line, "family_name"),
            email=heads.cell(line, "email"),
            joined=joined,
            left=heads.cell(line, "left"),
            kind=Kind.PHONE if kind in {Kind.GUEST, Kind.ATTENDEE} and is_phone(name) else kind,
        )
    )
