"""Storing who takes part in what, as the property tests of figures draw it: one world in place of the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

from sqlalchemy import delete, update

from tests.factories import LONG_AFTER
from webinar.attendance.models import Attendance, AttendanceRecord, AttendanceSource
from webinar.catalogue.models import WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.members.models import Member
from webinar.people.models import Person
from webinar.registration.models import Affiliation, Registration, RegistrationStatus

_turns = count(1)


def empty_world(people: Sequence[Person], merged: Mapping[int, int]) -> None:
    """Take all places and stays away; ``merged`` says by their numbers who of the people was merged into whom."""
    for table in (AttendanceRecord, Attendance, Registration):
        db.session.execute(delete(table))
    db.session.execute(update(Person).values(merged_into_id=None))
    for number, into in merged.items():
        db.session.execute(update(Person).where(Person.id == people[number].id).values(merged_into_id=people[into].id))


def take_part(
    session: WebinarSession,
    person: Person,
    status: RegistrationStatus,
    *,
    came: bool,
    heard: int = 0,
    language: str = "en",
    member: Member | None = None,
) -> None:
    """Add a registration to hear the language version of a number, and all of the session in a report if they came."""
    db.session.add(
        Registration(
            session=session,
            person=person,
            member=member,
            language_version_id=session.language_versions[heard].id,
            affiliation=Affiliation.OTHER if member is None else Affiliation.MEMBER,
            given_name="Ana",
            family_name="Sousa",
            language=language,
            timezone="UTC",
            status=status,
            cancelled_at=clock.now() if status is RegistrationStatus.CANCELLED else None,
            turn=next(_turns),
            erase_after=LONG_AFTER,
        )
    )
    if came:
        db.session.add(
            AttendanceRecord(
                session=session,
                person=person,
                source=AttendanceSource.REPORT,
                joined_at=session.starts_at,
                left_at=session.ends_at,
                erase_after=LONG_AFTER,
            )
        )
