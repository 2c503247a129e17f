"""From the rows of a file, whose cells a reader has put in their places, to the log-ins of a report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webinar.foundation.lines import one_line
from webinar.platform_reports.clues import Clues
from webinar.platform_reports.lines_of_file import Line, Lines, fault
from webinar.platform_reports.moments import Written, duration, heading, moment, order_of, written
from webinar.platform_reports.report import Fault, Kind, Login, Report, UnreadableReport

Stretch = tuple[datetime, datetime]

LONGEST_NAME = 200
LONGEST_ADDRESS = 254

_ROWS_LOOKED_AT = 200
_PHONE = re.compile(r"\+?[\d\s*().x-]{6,}")
_CALLED_IN = re.compile(r"call[- ]?in user", re.IGNORECASE)
_EMPTY = frozenset(("", "-", "--", "---", "n/a", "na"))


@dataclass(slots=True)
class Row:
    """A row whose cells are in their places, as they are written.

    ``is_total`` says that ``lasted`` is how long somebody was there in all between the first and the last moment; else
    it is not looked at where both are there.
    """

    line: Line
    name: str = ""
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    joined: str = ""
    left: str = ""
    lasted: str = ""
    kind: Kind = Kind.ATTENDEE
    is_total: bool = False


@dataclass
class Rows:
    """What a reader finds in a file. ``also`` are dates beside the log-ins, which may tell the order of all dates.

    ``offset`` are the minutes ahead of UTC of the zone that the headings name, None where they name none.
    """

    platform: str
    all: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    also: list[str] = field(default_factory=list)
    topic: str = ""
    meeting_id: str = ""
    starts: str = ""
    offset: int | None = None
    absent: int = 0

    def report(self, clues: Clues) -> Report:
        """Return the report that the rows make; those that say nothing that can be read are among its faults."""
        return _Making(self, clues).report()


class Heads:
    """The headings of a table, and where the columns stand that a reader looks for."""

    def __init__(self, line: Line, names: Mapping[str, Sequence[str]], first: int = 0) -> None:
        """Find columns by their folded headings, from column ``first`` on.

        Raises:
            UnreadableReport: two columns have the same heading, and it is one that is looked for.
        """
        self.width = len(line.cells)
        self.offset: int | None = None
        self._at: dict[str, int] = {}
        for at, cell in enumerate(line.cells[first:], first):
            folded, offset = heading(cell)
            self.offset = self.offset if offset is None else offset
            for what, headings in names.items():
                if folded not in headings:
                    continue
                if what in self._at and heading(line.cells[self._at[what]])[0] == folded:
                    raise UnreadableReport(
                        _l(
                            "Line %(line)s names the column “%(column)s” twice. Keep one.",
                            line=line.number,
                            column=one_line(cell[:80]),
                        )
                    )
                self._at.setdefault(what, at)

    def __contains__(self, what: str) -> bool:
        return what in self._at

    def cell(self, line: Line, what: str) -> str:
        """Return what a line has in a column; empty if it has nothing there, or there is no such column."""
        at = self._at.get(what)
        return line.cells[at] if at is not None and at < len(line.cells) else ""

    def refused(self, line: Line) -> Fault | None:
        """Return why a line cannot be read under these headings: it has more cells than they are."""
        return too_wide(line, self.width)


def too_wide(line: Line, columns: int) -> Fault | None:
    """Return the fault of a line with more cells than there are columns, so that none is known to be in its place."""
    if len(line.cells) <= columns:
        return None
    return fault(
        line.number,
        line.cells,
        _l("It has %(cells)s cells, but there are %(columns)s columns.", cells=len(line.cells), columns=columns),
    )


def folded(line: Line) -> list[str]:
    """Return the headings of a line, folded, without the zones they name."""
    return [heading(cell)[0] for cell in line.cells]


def find_line(lines: Lines, headings: Iterable[str], among: int = 60) -> Line | None:
    """Return the first line, among the first ones, that has all of these headings."""
    wanted = set(headings)
    return next(
        (line for line in lines.all[:among] if len(line.cells) >= len(wanted) and wanted <= set(folded(line))), None
    )


def moments_in(people: Sequence[Line]) -> list[int]:
    """Return the columns behind the first in which moments stand, as the first rows show it."""
    times: dict[int, int] = {}
    for line in people[:_ROWS_LOOKED_AT]:
        for at, cell in enumerate(line.cells[1:], 1):
            if written(cell) is not None:
                times[at] = times.get(at, 0) + 1
    return sorted(at for at, number in times.items() if 2 * number >= max(times.values()))


def addresses_in(people: Sequence[Line], first: int = 0) -> int | None:
    """Return the column with the most mail addresses, the first of several, from one on; None if there is none."""
    found = Counter(at for line in people for at, cell in enumerate(line.cells) if at >= first and "@" in cell[1:-1])
    return max(found, key=lambda at: (found[at], -at), default=None)


def is_empty(cell: str) -> bool:
    """Tell whether a cell says that there is nothing to say."""
    return cell.lower() in _EMPTY


def is_phone(name: str) -> bool:
    """Tell whether a name is the number of a telephone, as platforms show those who called in."""
    return bool(_PHONE.fullmatch(name) or _CALLED_IN.match(name))


class _Unreadable(Exception):
    """A row says nothing that can be read, and why."""

    def __init__(self, reason: LazyString) -> None:
        super().__init__(reason)
        self.reason = reason


class _Making:
    """Making a report of rows: one order of dates and one zone for the whole file."""

    def __init__(self, rows: Rows, clues: Clues) -> None:
        self._rows = rows
        self._clues = clues
        self._names: dict[str, str] = {}
        self._faults = list(rows.faults)
        self._are_gaps_placed = False
        self._times = [(written(row.joined), written(row.left)) for row in rows.all]
        self._start = written(rows.starts)
        dated = [one for both in self._times for one in both if one is not None]
        beside = [] if self._start is None else [self._start]
        if any(one.year and not one.is_sure for one in dated):
            beside += [one for one in map(written, rows.also) if one is not None]
        self._order, self._is_doubtful = order_of([*dated, *beside], clues)
        has_zone = [self._offset(one) is not None for one in dated]
        self._in_utc = any(has_zone)
        self._wall_start = None
        if self._start is not None and (self._offset(self._start) is not None) == self._in_utc:
            self._wall_start = self._wall(self._start)

    def report(self) -> Report:
        logins: list[Login] = []
        for row, times in zip(self._rows.all, self._times, strict=True):
            try:
                logins += self._logins(row, times)
            except _Unreadable as refusal:
                self._faults.append(fault(row.line.number, row.line.cells, refusal.reason))
        starts = self._wall_start or min((login.joined for login in logins), default=None)
        return Report(
            platform=self._rows.platform,
            topic=self._tidy(self._rows.topic),
            meeting_id=self._tidy(self._rows.meeting_id),
            timezone="UTC" if self._in_utc else None,
            starts_wall=starts,
            logins=logins,
            faults=sorted(self._faults, key=lambda one: one.line),
            absent=self._rows.absent,
            date_order=self._order,
            is_order_doubtful=self._is_doubtful,
            are_gaps_placed=self._are_gaps_placed,
        )

    def _logins(self, row: Row, times: tuple[Written | None, Written | None]) -> list[Login]:
        given, family = self._tidy(row.given_name), self._tidy(row.family_name)
        email = row.email.lower() if "@" in row.email and len(row.email) <= LONGEST_ADDRESS else None
        name = self._tidy(row.name) or f"{given} {family}".strip() or email or ""
        if not name:
            raise _Unreadable(_l("It names nobody."))
        number = row.line.number
        return [
            Login(number, name, email, joined, left, row.kind, given, family)
            for joined, left in self._stretches(row, times)
        ]

    def _stretches(self, row: Row, times: tuple[Written | None, Written | None]) -> Sequence[Stretch]:
        joined, left = self._read(row.joined, times[0]), self._read(row.left, times[1])
        lasted = duration(row.lasted) if row.lasted and (row.is_total or joined is None or left is None) else None
        if joined is not None and left is not None:
            if left < joined and times[1] is not None and not times[1].year:
                left += timedelta(days=1)  # times alone, and midnight between them
            if left < joined:
                raise _Unreadable(_l("Somebody left before they joined."))
            if lasted is None or lasted >= left - joined:
                return [(joined, left)]
            self._are_gaps_placed = True
            half = timedelta(seconds=int(lasted.total_seconds()) // 2)
            return [(joined, joined + half), (left - (lasted - half), left)]
        if lasted is not None and joined is not None:
            return [(joined, joined + lasted)]
        if lasted is not None and left is not None:
            return [(left - lasted, left)]
        start = self._wall_start or self._clues.expected
        if lasted is not None and start is not None:
            self._are_gaps_placed = True
            return [(start, start + lasted)]
        if joined is not None:
            raise _Unreadable(_l("It does not say when somebody left."))
        raise _Unreadable(_l("It does not say when somebody joined."))

    def _read(self, text: str, one: Written | None) -> datetime | None:
        """Return a moment, None if there is none; one that is there but cannot be read is refused."""
        if is_empty(text):
            return None
        wall = None if one is None else self._wall(one)
        if wall is None:
            if one is not None and self._in_utc and self._offset(one) is None:
                raise _Unreadable(_l("“%(text)s” names no time zone, as other lines do.", text=one_line(text[:40])))
            raise _Unreadable(_l("“%(text)s” is no date and time.", text=one_line(text[:40])))
        return wall

    def _wall(self, one: Written) -> datetime | None:
        day = None
        if not one.year:
            start = self._start if self._start is not None and self._start.year else None
            first = moment(start, self._order, None) if start else self._clues.expected
            day = first.date() if first else None
        wall = moment(one, self._order, day)
        if not self._in_utc or wall is None:
            return wall
        offset = self._offset(one)
        return None if offset is None else wall - timedelta(minutes=offset)

    def _offset(self, one: Written) -> int | None:
        return self._rows.offset if one.offset is None else one.offset

    def _tidy(self, text: str) -> str:
        """Return a name on one line and no longer than names are; most stand in a file several times."""
        tidy = self._names.get(text)
        if tidy is None:
            tidy = one_line(text[: 2 * LONGEST_NAME])
            if len(tidy) > LONGEST_NAME:
                tidy = f"{tidy[: LONGEST_NAME - 1]}…"
            self._names[text] = tidy
        return tidy
