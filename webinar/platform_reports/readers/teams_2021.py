"""Teams' attendance lists before 2022: a table of people with their times, or one of joining and leaving.

Both are known from programs that read them: ``Full Name, Join Time, Leave Time, Duration, Email, Role`` below a
summary, and the older ``Full Name, User Action, Timestamp`` that has a line each time somebody comes or goes.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webinar.platform_reports.clues import Clues
from webinar.platform_reports.lines_of_file import Line, Lines
from webinar.platform_reports.moments import written
from webinar.platform_reports.report import Kind, Report
from webinar.platform_reports.rows import Heads, Row, Rows, find_line, folded

NAME = _l("Microsoft Teams, 2021")

_COLUMNS = {
    "name": ("full name",),
    "email": ("email",),
    "joined": ("join time",),
    "left": ("leave time",),
    "lasted": ("duration",),
    "role": ("role",),
    "action": ("user action",),
    "at": ("timestamp",),
}


def recognises(lines: Lines) -> bool:
    """Tell whether there is a table with the headings of one of the two."""
    return _header(lines) is not None


def read(lines: Lines, clues: Clues) -> Report:
    """Read either list."""
    rows = Rows("teams_2021", faults=list(lines.faults))
    header = _header(lines)
    if header is None:
        return rows.report(clues)
    heads = Heads(header, _COLUMNS)
    rows.offset = heads.offset
    for line in lines.all[: lines.all.index(header)]:
        first = folded(line)[0]
        if first == "meeting title":
            rows.topic = "".join(line.cells[1:2])
        elif first == "meeting start time":
            rows.starts = "".join(line.cells[1:2])
    people = []
    for line in lines.all[lines.all.index(header) + 1 :]:
        if (refusal := heads.refused(line)) is not None:
            rows.faults.append(refusal)
        else:
            people.append(line)
    rows.all = _of_actions(heads, people) if "action" in heads else [_row(heads, line) for line in people]
    return rows.report(clues)


def _header(lines: Lines) -> Line | None:
    return find_line(lines, ["full name", "join time", "leave time"]) or find_line(
        lines, ["full name", "user action", "timestamp"]
    )


def _row(heads: Heads, line: Line) -> Row:
    return Row(
        line,
        name=heads.cell(line, "name"),
        email=heads.cell(line, "email"),
        joined=heads.cell(line, "joined"),
        left=heads.cell(line, "left"),
        lasted=heads.cell(line, "lasted"),
        kind=Kind.HOST if heads.cell(line, "role").lower().startswith("organi") else Kind.ATTENDEE,
    )


def _of_actions(heads: Heads, people: list[Line]) -> list[Row]:
    """Return a row for each coming with the going that follows it; who does not go stays to the last moment told."""
    rows: list[Row] = []
    there: dict[str, Row] = {}
    for line in people:
        name, at = heads.cell(line, "name"), heads.cell(line, "at")
        if heads.cell(line, "action").lower().startswith("joined"):
            if name not in there:
                there[name] = Row(line, name=name, joined=at)
                rows.append(there[name])
        elif name in there:
            there.pop(name).left = at
    moments = [(one, line) for line in people if (one := written(heads.cell(line, "at"))) is not None]
    if moments:
        # On the day of a meeting the order of day and month makes no difference to which moment is the last.
        _last, last_line = max(moments, key=lambda both: (both[0].year, both[0].first, both[0].second, both[0].seconds))
        for row in there.values():
            row.left = heads.cell(last_line, "at")
    return rows
