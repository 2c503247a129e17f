"""Zoom's attendee report of a webinar as an account in another language than English has it, known by its shape.

The blocks and columns stand as in English: the report, the webinar, the host, panellists if there are any, attendees,
and those who were there without registering, whose table has no address. The first column says whether somebody
attended, the address stands behind the names, and the last two moments are joining and leaving. How sure this is: the
shape is that of real English files; that the words are translated is known from descriptions only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from webinar.platform_reports.clues import Clues
from webinar.platform_reports.lines_of_file import Line, Lines
from webinar.platform_reports.moments import written
from webinar.platform_reports.readers import zoom_webinar
from webinar.platform_reports.report import Kind, Report
from webinar.platform_reports.rows import Row, Rows, addresses_in, is_empty, is_phone, moments_in, too_wide

NAME = zoom_webinar.NAME

_FEWEST_COLUMNS = 5


class _Block(NamedTuple):
    header: Line
    people: Sequence[Line]


def recognises(lines: Lines) -> bool:
    """Tell whether a title, a moment and the webinar stand above at least two blocks of people with their times."""
    start = lines.all[:4]
    if zoom_webinar.recognises(lines):
        return False
    if [len(line.cells) > 1 for line in start] != [False, True, True, True] or not _is_moment(start[1]):
        return False
    blocks = _blocks(lines)
    return len(blocks) > 1 and any(addresses_in(block.people) is not None for block in blocks)


def read(lines: Lines, clues: Clues) -> Report:
    """Read an attendee report by the order of its blocks and by what stands in their columns."""
    rows = Rows("zoom_webinar", faults=list(lines.faults))
    webinar = lines.all[3].cells
    rows.topic, rows.meeting_id = webinar[0], webinar[1]
    rows.starts = next((cell for cell in webinar[2:] if written(cell) is not None), "")
    rows.also = [*lines.all[1].cells[1:2], rows.starts]
    blocks = _blocks(lines)
    for block, kind in zip(blocks, _kinds(blocks), strict=True):
        _add(rows, block, kind)
    return rows.report(clues)


def _is_moment(line: Line) -> bool:
    return len(line.cells) == 2 and written(line.cells[1]) is not None


def _blocks(lines: Lines) -> list[_Block]:
    """Return the tables below a title on a line of its own, without those about the webinar."""
    found: list[_Block] = []
    title = False
    people: list[Line] = []
    for line in lines.all[4:]:
        if len(line.cells) == 1:
            title = True
        elif title and len(line.cells) >= _FEWEST_COLUMNS:
            people = []
            found.append(_Block(line, people))
            title = False
        else:
            people.append(line)
    return found


def _kinds(blocks: Sequence[_Block]) -> list[Kind]:
    """Return whom each block is about: first the host, last the others if its table is narrower than the host's."""
    has_others = len(blocks[-1].header.cells) < len(blocks[0].header.cells)
    between = len(blocks) - 1 - has_others
    middle = [Kind.PANELLIST] * (between - 1) + [Kind.ATTENDEE] * min(between, 1)
    return [Kind.HOST, *middle, *([Kind.GUEST] if has_others else [])]


def _add(rows: Rows, block: _Block, kind: Kind) -> None:
    width = len(block.header.cells)
    rows.faults += [refusal for line in block.people if (refusal := too_wide(line, width)) is not None]
    fitting = [line for line in block.people if len(line.cells) <= width]
    times = moments_in(fitting)[-2:]
    if len(times) < 2:
        rows.absent += len(fitting) if kind is Kind.ATTENDEE else 0
        return
    address = None if kind is Kind.GUEST else addresses_in(fitting, first=1)
    for line in fitting:
        cells = [*line.cells, *[""] * (width - len(line.cells))]
        joined, left = (cells[at] for at in times)
        if is_empty(joined) and is_empty(left):
            rows.absent += 1
            continue
        name, given, family = _names(cells, address, kind)
        phone = kind in {Kind.GUEST, Kind.ATTENDEE} and is_phone(name)
        rows.all.append(
            Row(
                line,
                name=name,
                given_name=given,
                family_name=family,
                email="" if address is None else cells[address],
                joined=joined,
                left=left,
                kind=Kind.PHONE if phone else kind,
            )
        )


def _names(cells: Sequence[str], address: int | None, kind: Kind) -> tuple[str, str, str]:
    """Return the name on the screen, the given and the family name, which stand before the address."""
    if kind is Kind.GUEST or address is None:
        return cells[0 if kind is Kind.GUEST else 1], "", ""
    match cells[1:address]:
        case [name, given, family, *_more]:
            return name, given, family
        case [given, family]:
            return "", given, family
        case [name]:
            return name, "", ""
    return "", "", ""
