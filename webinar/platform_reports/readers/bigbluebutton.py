"""BigBlueButton's learning dashboard: a line a person with first and last moment and how long they were there in all.

The layout is that of the program's source, which puts every cell in quotes and does not double those within one, so
that a name with a quote makes a line that is no CSV. There is no address. The last line, “Anonymous”, has the answers
to anonymous polls and is nobody. Dates are written as the browser of whoever downloaded the file writes them.
"""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l

from webinar.platform_reports.clues import Clues
from webinar.platform_reports.lines_of_file import MOST_OF_A_LINE, Line, Lines
from webinar.platform_reports.report import Fault, Kind, Report
from webinar.platform_reports.rows import Heads, Row, Rows, find_line

NAME = _l("BigBlueButton")

_COLUMNS = {
    "name": ("name",),
    "moderator": ("moderator",),
    "joined": ("join",),
    "left": ("left",),
    "lasted": ("duration",),
}
_MODERATES = ("TRUE", "FALSE")
_AS_WRITTEN = re.compile(r'"(?P<name>.*?)","(?P<rest>(?:TRUE|FALSE)",".*)"')


def recognises(lines: Lines) -> bool:
    """Tell whether there is a table with the dashboard's headings."""
    return _header(lines) is not None


def read(lines: Lines, clues: Clues) -> Report:
    """Read a dashboard; lines that a name with quotes has made no CSV are taken apart at the quotes and commas."""
    rows = Rows("bigbluebutton")
    header = _header(lines)
    if header is None:
        return rows.report(clues)
    heads = Heads(header, _COLUMNS)
    rows.offset = heads.offset
    people = [line for line in _mended(lines, heads.width, rows.faults) if line.number > header.number]
    if people and not heads.cell(people[-1], "moderator") and not heads.cell(people[-1], "joined"):
        people.pop()  # the anonymous answers
    for line in people:
        if (refusal := heads.refused(line)) is not None:
            rows.faults.append(refusal)
            continue
        is_moderator = heads.cell(line, "moderator").upper() == "TRUE"
        rows.all.append(
            Row(
                line,
                name=heads.cell(line, "name"),
                joined=heads.cell(line, "joined"),
                left=heads.cell(line, "left"),
                lasted=heads.cell(line, "lasted"),
                kind=Kind.HOST if is_moderator else Kind.ATTENDEE,
                is_total=True,
            )
        )
    return rows.report(clues)


def _header(lines: Lines) -> Line | None:
    return find_line(lines, ["name", "moderator", "activity score", "join", "left", "duration"])


def _mended(lines: Lines, width: int, faults: list[Fault]) -> list[Line]:
    """Return all lines, with those that make no sense as CSV taken apart as the program wrote them."""
    physical = lines.text.split("\n") if lines.text else []
    sound = {line.number: line for line in lines.all if len(line.cells) <= width and _says_who(line.cells)}
    others = {line.number: line for line in lines.all if line.number not in sound}
    broken = {fault.line: fault for fault in lines.faults}
    for number in [*others, *broken]:
        raw = physical[number - 1].strip() if physical else ""
        as_written = _AS_WRITTEN.fullmatch(raw) if raw.endswith('"') and len(raw) <= MOST_OF_A_LINE else None
        if as_written is not None:
            sound[number] = Line(number, [as_written["name"].strip(), *as_written["rest"].split('","')])
        elif number in others:
            sound[number] = others[number]
        else:
            faults.append(broken[number])
    return [sound[number] for number in sorted(sound)]


def _says_who(cells: list[str]) -> bool:
    return len(cells) > 1 and cells[1].upper() in _MODERATES
