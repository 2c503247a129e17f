"""Teams' attendance report in three numbered parts: a summary, a line a participant, a line for each time they joined.

Titles, headings, roles and dates are in the language of whoever downloaded it, so that parts are known by their number
and columns by what stands in them: the first two moments are joining and leaving. The third part tells all log-ins; the
second, which names the same people again, is read only where there is no third. The layout is that of real files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from webinar.foundation.digits import latin
from webinar.members.matching import fold
from webinar.platform_reports.clues import Clues
from webinar.platform_reports.lines_of_file import Line, Lines
from webinar.platform_reports.moments import written
from webinar.platform_reports.report import Kind, Report
from webinar.platform_reports.rows import LONGEST_NAME, Heads, Row, Rows, addresses_in, moments_in

NAME = _l("Microsoft Teams")

_PART = re.compile(r"([1-9])\s?[.)．]\s*\S")
# Organiser and co-organiser in most languages that Teams speaks. Everybody may be a presenter there, and often is by
# default, so that this says nothing.
_ORGANISES = ("organi", "organitz", "منظم", "организ", "οργαν", "组织", "組織", "開催", "이끌")
# What stands behind the name of somebody who is not signed in.
_NOT_SIGNED_IN = frozenset(
    fold(words)
    for words in (
        *("Unverified", "Guest", "External", "No comprobado", "Sin comprobar", "No verificado", "Invitado", "Externo"),
        *("Non vérifié", "Invité", "Externe", "Não verificado", "Convidado", "Nicht überprüft", "Nicht verifiziert"),
        *("Gast", "Extern", "Non verificato", "Ospite", "Esterno", "لم يتم التحقق منه", "ضيف"),
    )
)
_IN_BRACKETS = re.compile(r"\s*\(([^()]+)\)$")


def recognises(lines: Lines) -> bool:
    """Tell whether there are the numbered parts, the second or third of which has people and moments."""
    parts = _parts(lines)
    return 1 in parts and any(_times(parts[number][1:]) for number in (2, 3) if number in parts)


def read(lines: Lines, clues: Clues) -> Report:
    """Read the log-ins of the third part, or where it is missing, the people of the second."""
    rows = Rows("teams", faults=list(lines.faults))
    parts = _parts(lines)
    summary = parts.get(1, [])
    rows.topic = next((line.cells[1] for line in summary if len(line.cells) > 1), "")
    rows.starts = next((line.cells[1] for line in summary if len(line.cells) > 1 and written(line.cells[1])), "")
    rows.also += [line.cells[1] for line in summary if len(line.cells) > 1]
    is_total = _times(parts.get(3, [])[1:]) is None
    header, *people = parts[2 if is_total else 3]
    heads = Heads(header, {})
    rows.offset = heads.offset
    rows.faults += [refusal for line in people if (refusal := heads.refused(line)) is not None]
    fitting = [line for line in people if len(line.cells) <= heads.width]
    joined, left = _times(fitting) or (1, 2)  # where nobody's times can be read, each line shall say so
    email = addresses_in(fitting, first=1)
    for line in fitting:
        cells = [*line.cells, *[""] * (max(heads.width, 3) - len(line.cells))]
        address = cells[email] if email is not None and "@" in cells[email] else ""
        rows.all.append(
            Row(
                line,
                name=cells[0] if address else _signed_in(cells[0]),
                email=address,
                joined=cells[joined],
                left=cells[left],
                lasted=cells[left + 1] if left + 1 < len(cells) else "",
                kind=_kind(cells[left + 2 :]),
                is_total=is_total,
            )
        )
    return rows.report(clues)


def _parts(lines: Lines) -> dict[int, list[Line]]:
    """Return the lines of each numbered part, without its title."""
    parts: dict[int, list[Line]] = {}
    part: list[Line] | None = None
    for line in lines.all:
        title = _PART.match(latin(line.cells[0][:80])) if len(line.cells) == 1 else None
        if title is not None and int(title[1]) == len(parts) + 1:
            part = parts.setdefault(int(title[1]), [])
        elif part is None:
            return {}
        else:
            part.append(line)
    return parts


def _times(people: Sequence[Line]) -> tuple[int, int] | None:
    """Return the columns of joining and leaving."""
    columns = moments_in(people)
    return (columns[0], columns[1]) if len(columns) > 1 else None


def _kind(cells: Sequence[str]) -> Kind:
    roles = (fold(cell) for cell in cells if cell and "@" not in cell)
    return Kind.HOST if any(word in role for role in roles for word in _ORGANISES) else Kind.ATTENDEE


def _signed_in(name: str) -> str:
    brackets = _IN_BRACKETS.search(name) if len(name) <= LONGEST_NAME else None
    return name[: brackets.start()] if brackets and fold(brackets[1]) in _NOT_SIGNED_IN else name
