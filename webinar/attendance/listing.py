"""Everybody of a session with the answer to whether they came: counted, searched, narrowed, a page at a time.

Who is registered or came without belongs to it, and of the others those of whom somebody says that they were there or
not. Each question is a fixed number of statements, however many people there are. They stand in the alphabet of who
reads; whoever looks at more than MOST_IN_ALPHABET without a search has them in that of the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import contains_eager

from webinar.attendance.evidence import is_reported, records_of
from webinar.attendance.models import Attendance, AttendanceRecord, AttendanceSource
from webinar.attendance.stays import full_minutes
from webinar.foundation.db import Code, db
from webinar.foundation.languages import in_alphabet
from webinar.members.matching import MemberNames
from webinar.registration.listing import MOST_IN_ALPHABET
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.search import found_by

PEOPLE_A_PAGE = 50


class Which(Code):
    """Some of the people of a session."""

    EVERYBODY = "everybody"
    CAME = "came"
    ABSENT = "absent"
    TO_DECIDE = "to_decide"
    TOO_SHORT = "too_short"
    UNREGISTERED = "unregistered"
    BY_HAND = "by_hand"


WHICH_NAMES = {
    Which.EVERYBODY: _l("Everybody"),
    Which.CAME: _l("Came"),
    Which.ABSENT: _l("Did not come"),
    Which.TO_DECIDE: _l("To decide"),
    Which.TOO_SHORT: _l("Too short"),
    Which.UNREGISTERED: _l("Came without registering"),
    Which.BY_HAND: _l("Decided by hand"),
}


def _has(source: AttendanceSource) -> ColumnElement[bool]:
    return Attendance.sources.contains(source.value)


_CAME = func.coalesce(Attendance.came, False)
_CONDITIONS: dict[Which, ColumnElement[bool]] = {
    Which.CAME: _CAME,
    Which.ABSENT: ~_CAME,
    # What somebody has said by hand is decided, whatever the others tell.
    Which.TO_DECIDE: and_(Attendance.is_disputed, ~_has(AttendanceSource.BY_HAND)),
    Which.TOO_SHORT: and_(~_CAME, Attendance.last_leave_at.is_not(None)),
    Which.UNREGISTERED: Registration.status == RegistrationStatus.UNREGISTERED,
    Which.BY_HAND: _has(AttendanceSource.BY_HAND),
}


@dataclass(frozen=True)
class Wanted:
    """Whom somebody wants to see, as it stands in the address; what is empty limits nothing."""

    search: str = ""
    which: Which = Which.EVERYBODY
    page: int = 1

    def but(self, **other: Any) -> dict[str, Any]:
        """Return what stands in the address of this list with something else in it, on its first page."""
        written = {"search": self.search, "which": self.which.value, "page": 1, **other}
        return {name: value for name, value in written.items() if value not in ("", Which.EVERYBODY.value, 1)}


class Figures(NamedTuple):
    """How many people are registered for a session, came, and stand in each part of its list.

    ``seen`` are those of whom anything is known, ``members`` those for whom somebody came; ``is_reported`` says that
    there is a platform's report.
    """

    registered: int
    seen: int
    members: int
    has_report: bool
    parts: dict[Which, int]

    @property
    def came(self) -> int:
        """How many came."""
        return self.parts[Which.CAME]


def figures_of(session_id: int) -> Figures:
    """Count the people of a session; one statement."""
    row = db.session.execute(
        _of_session(
            select(
                func.count().filter(Registration.status == RegistrationStatus.REGISTERED),
                func.count(Attendance.person_id),
                func.count(Registration.member_id.distinct()).filter(_CAME),
                is_reported(session_id),
                func.count(),
                *(func.count().filter(condition) for condition in _CONDITIONS.values()),
            ),
            session_id,
        )
    ).one()
    registered, seen, members, has_report, *parts = row
    return Figures(
        registered, seen, members, has_report, dict(zip([Which.EVERYBODY, *_CONDITIONS], parts, strict=True))
    )


class Line(NamedTuple):
    """Somebody of a session, with their member, the answer, if there is any, and what it is made of.

    In a list ``records`` are those of who is to be decided alone: nobody else's are shown there.
    """

    place: Registration
    attendance: Attendance | None
    records: list[AttendanceRecord]

    @property
    def is_to_decide(self) -> bool:
        """Whether the sources say different things, and nobody has decided by hand."""
        return self.attendance is not None and self.attendance.is_disputed and not self.is_by_hand

    @property
    def is_by_hand(self) -> bool:
        """Whether somebody of the staff has decided."""
        return self.attendance is not None and AttendanceSource.BY_HAND in self.attendance.sources.split(";")

    @property
    def came(self) -> bool:
        """Whether they came."""
        return self.attendance is not None and self.attendance.came

    @property
    def minutes(self) -> int:
        """The whole minutes that they were there."""
        return 0 if self.attendance is None else full_minutes(self.attendance.seconds)

    @property
    def first_seen(self) -> datetime | None:
        """When they were first seen, whatever is said by hand."""
        seen = (record.joined_at for record in self.records if record.source is not AttendanceSource.BY_HAND)
        return min(seen, default=None)

    @property
    def is_too_short(self) -> bool:
        """Whether they were there, but for less than the session's threshold."""
        return self.attendance is not None and not self.attendance.came and self.attendance.last_leave_at is not None


class Listing(NamedTuple):
    """One page of the list; pages count from 1."""

    lines: Sequence[Line]
    page: int
    pages: int
    total: int
    first: int


Statement = Select[*tuple[Any, ...]]


def listed(session_id: int, wanted: Wanted, figures: Figures, members: MemberNames | None) -> Listing:
    """Return the page of a session's people that is wanted; a page beyond the last is the last one.

    ``figures`` are those of the session; ``members`` are needed where something is searched for. Two statements, and
    one more where somebody is to be decided.
    """
    found = _of_session(select(Registration.id), session_id)
    if wanted.which in _CONDITIONS:
        found = found.where(_CONDITIONS[wanted.which])
    if wanted.search and members is not None:
        found = found.where(found_by(wanted.search, members))
    ordered = _in_alphabet(found) if wanted.search or figures.parts[wanted.which] <= MOST_IN_ALPHABET else None
    total = figures.parts[wanted.which] if ordered is None else len(ordered)
    pages = max(1, -(-total // PEOPLE_A_PAGE))
    page = min(max(wanted.page, 1), pages)
    start = (page - 1) * PEOPLE_A_PAGE
    ids = _in_order(found, start) if ordered is None else ordered[start : start + PEOPLE_A_PAGE]
    lines = sorted(_lines(session_id, Registration.id.in_(ids)), key=lambda line: ids.index(line.place.id))
    to_decide = [line.place.person_id for line in lines if line.is_to_decide]
    records = records_of(session_id, to_decide) if to_decide else {}
    lines = [line._replace(records=records.get(line.place.person_id, [])) for line in lines]
    return Listing(lines, page, pages, total, start + 1)


def _of_session(statement: Statement, session_id: int) -> Statement:
    return (
        statement.select_from(Registration)
        .outerjoin(Attendance, _of_registration())
        .where(
            Registration.session_id == session_id,
            or_(
                Registration.status.in_([RegistrationStatus.REGISTERED, RegistrationStatus.UNREGISTERED]),
                Attendance.person_id.is_not(None),
            ),
        )
    )


def _of_registration() -> ColumnElement[bool]:
    return and_(Attendance.session_id == Registration.session_id, Attendance.person_id == Registration.person_id)


def _in_alphabet(found: Statement) -> list[int]:
    named = found.add_columns(Registration.family_name, Registration.given_name, Registration.turn)
    rows = sorted(
        db.session.execute(named), key=lambda row: (in_alphabet(row.family_name), in_alphabet(row.given_name), row.turn)
    )
    return [row.id for row in rows]


def _in_order(found: Statement, start: int) -> Sequence[int]:
    names = (func.lower(Registration.family_name), func.lower(Registration.given_name), Registration.turn)
    return db.session.scalars(found.order_by(*names).limit(PEOPLE_A_PAGE).offset(start)).all()


def _lines(session_id: int, which: ColumnElement[bool]) -> list[Line]:
    rows = db.session.execute(
        select(Registration, Attendance)
        .outerjoin(Attendance, _of_registration())
        .outerjoin(Registration.member)
        .where(Registration.session_id == session_id, which)
        .options(contains_eager(Registration.member))
    ).all()
    return [Line(place, attendance, []) for place, attendance in rows]


def find_line(session_id: int, turn: int) -> Line | None:
    """Return who came as which in a session, with all that is known of whether they were there, or None."""
    for line in _lines(session_id, Registration.turn == turn):
        person_id = line.place.person_id
        return line._replace(records=records_of(session_id, [person_id]).get(person_id, []))
    return None


def would_come(session_id: int, minutes: int) -> int:
    """Count who would come to a session if its threshold were so many minutes, as ``settle`` has it; one statement."""
    a_click_is_enough = ~is_reported(session_id) if minutes else true()
    would = case(
        (_has(AttendanceSource.BY_HAND), Attendance.came),
        (_has(AttendanceSource.REPORT), Attendance.seconds >= minutes * 60),
        else_=a_click_is_enough,
    )
    return db.session.scalar(select(func.count()).where(Attendance.session_id == session_id, would)) or 0
