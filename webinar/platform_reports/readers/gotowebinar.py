"""GoToWebinar's attendee report: a block about the webinar, then a table of those who registered.

How sure this layout is: that the report exists, as CSV or spreadsheet, and has the “Interest Rating” is said on the
maker's pages; the headings and dates with an abbreviated zone (``Apr 03, 2026 04:30 PM CEST``) are from memory, and no
real file was at hand. Whatever deviates can be read by naming the columns by hand.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webinar.platform_reports.clues import Clues
from webinar.platform_reports.lines_of_file import Line, Lines
from webinar.platform_reports.moments import heading
from webinar.platform_reports.report import Kind, Report
from webinar.platform_reports.rows import Heads, Row, Rows, find_line, folded, is_empty

NAME = _l("GoToWebinar")

_COLUMNS = {
    "attended": ("attended",),
    "given_name": ("first name",),
    "family_name": ("last name",),
    "email": ("email address", "email"),
    "joined": ("join time",),
    "left": ("leave time",),
    "lasted": ("time in session", "time in session minutes", "time in session hh mm", "duration"),
}
_WEBINAR = {
    "topic": ("webinar name", "webinar title"),
    "meeting_id": ("webinar id",),
    "starts": ("actual start date time", "start date time"),
}
_OF_STAFF = ("staff", "organizer", "panelist")


def recognises(lines: Lines) -> bool:
    """Tell whether there is a table of attendees that rates their interest."""
    return _header(lines) is not None


def read(lines: Lines, clues: Clues) -> Report:
    """Read an attendee report; below the attendees it may have a table of the staff, with the same headings."""
    rows = Rows("gotowebinar", faults=list(lines.faults))
    heads = about = None
    kind = Kind.ATTENDEE
    for line in lines.all:
        may_head = heads is None or len(line.cells) == 1 or heading(line.cells[0])[0] == "attended"
        headings = folded(line) if may_head else []
        if len(line.cells) == 1:
            kind = Kind.PANELLIST if headings[0].startswith(_OF_STAFF) else Kind.ATTENDEE
            about = None
        elif {"join time", "leave time"} <= set(headings):
            heads, about = Heads(line, _COLUMNS), None
            rows.offset = heads.offset if heads.offset is not None else rows.offset
        elif heads is None and {"webinar name", "webinar title", "actual start date time"} & set(headings):
            about = Heads(line, _WEBINAR)
        elif heads is None and about is not None:
            rows.topic = about.cell(line, "topic") or rows.topic
            rows.meeting_id = about.cell(line, "meeting_id") or rows.meeting_id
            rows.starts, about = about.cell(line, "starts") or rows.starts, None
        elif heads is not None and (refusal := heads.refused(line)) is not None:
            rows.faults.append(refusal)
        elif heads is not None:
            _add(rows, heads, line, kind)
    return rows.report(clues)


def _header(lines: Lines) -> Line | None:
    return find_line(lines, ["attended", "interest rating", "join time", "leave time"])


def _add(rows: Rows, heads: Heads, line: Line, kind: Kind) -> None:
    joined, left = heads.cell(line, "joined"), heads.cell(line, "left")
    if is_empty(joined) and heads.cell(line, "attended").lower() != "yes":
        rows.absent += 1
        return
    # Who came back has several moments in a cell, one below the other.
    comings, goings = joined.split("\n"), left.split("\n")
    if len(comings) != len(goings):
        comings, goings = [joined], [left]
    for coming, going in zip(comings, goings, strict=True):
        rows.all.append(
            Row(
                line,
                given_name=heads.cell(line, "given_name"),
                family_name=heads.cell(line, "family_name"),
                email=heads.cell(line, "email"),
                joined=coming.strip(),
                left=going.strip(),
                lasted=heads.cell(line, "lasted"),
                kind=kind,
            )
        )
