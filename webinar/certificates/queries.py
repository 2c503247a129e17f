"""Reading whose certificates there are, who can have one, and what became of the mails that carry them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager

from webinar.attendance.models import Attendance
from webinar.catalogue.models import WebinarSession
from webinar.certificates.models import LENGTH, LETTERS, Certificate, SessionCertificates
from webinar.foundation.db import db
from webinar.mail.models import MailState, OutboxMail
from webinar.members.models import Member
from webinar.people.models import MailKind, Person
from webinar.people.queries import is_suppressed
from webinar.registration.models import LeftFor, Registration, RegistrationStatus
from webinar.registration.queries import find_by_id


def choices_of(session_id: int) -> SessionCertificates:
    """Return how the certificates of a session look; where nobody has chosen, a row with the usual, not stored."""
    found = db.session.get(SessionCertificates, session_id)
    return found or SessionCertificates(
        session_id=session_id, is_open=False, shows_minutes=False, signer_name="", signer_role="", place=""
    )


def certificate_of(registration_id: int) -> Certificate | None:
    """Return the certificate that was made of a registration, or None."""
    return db.session.get(Certificate, registration_id, populate_existing=True)


class Known(NamedTuple):
    """A certificate, whose registration has everything that is printed, and the answer to whether they came."""

    certificate: Certificate
    place: Registration
    answer: Attendance | None


def find_by_number(written: str) -> Known | None:
    """Return the certificate of a number, however it was typed; None where there is none, or its person was erased."""
    number = "".join(one for one in written.upper() if one.isalnum())
    if len(number) != LENGTH or not set(number) <= set(LETTERS):
        return None
    certificate = db.session.scalar(select(Certificate).where(Certificate.number == number))
    place = find_by_id(certificate.registration_id) if certificate else None
    if certificate is None or place is None or place.person.erased_at is not None:
        return None
    return Known(certificate, place, answer_of(place))


def answer_of(place: Registration) -> Attendance | None:
    """Return the answer to whether somebody came to the session of their place; None where nothing is known."""
    return db.session.get(Attendance, (place.session_id, place.person_id), populate_existing=True)


def other_names_of(place: Registration) -> list[str]:
    """Return the names under which the person of a place registered elsewhere, the newest first, each once."""
    others = db.session.execute(
        select(Registration.given_name, Registration.family_name)
        .where(Registration.person_id == place.person_id, Registration.id != place.id)
        .order_by(Registration.registered_at.desc(), Registration.id.desc())
        .limit(20)
    )
    return list(dict.fromkeys(f"{given} {family}".strip() for given, family in others))


def _entitled(session_id: int) -> Select[Registration]:
    """Return the statement of the registrations of those who came to a session and were not erased."""
    return (
        select(Registration)
        .join(
            Attendance,
            and_(Attendance.session_id == Registration.session_id, Attendance.person_id == Registration.person_id),
        )
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(Certificate, Certificate.registration_id == Registration.id)
        .where(Registration.session_id == session_id, Attendance.came, Person.erased_at.is_(None), is_theirs())
    )


def is_theirs() -> ColumnElement[bool]:
    """Return the condition that a place was not handed to a colleague, who has one of their own."""
    return Registration.left_for.is_distinct_from(LeftFor.HANDED_OVER)


def _can_be_written() -> ColumnElement[bool]:
    """Return the condition that a person has an address, wants mails, and was told what their address is kept for."""
    wants_mails = ~is_suppressed(Registration.person_id, MailKind.REMINDERS)
    return and_(Person.email.is_not(None), wants_mails, ~_CAME_WITHOUT)


_CAME_WITHOUT = Registration.status == RegistrationStatus.UNREGISTERED


class Tally(NamedTuple):
    """How many came, how many certificates there are of them, and what became of the mails.

    ``to_send`` are those who get a mail when it is sent to all: who got none yet, has an address, and may be written.
    Who came ``without`` registering gets none.
    """

    came: int
    made: int
    to_send: int
    on_their_way: int
    sent: int
    failed: int
    without: int

    @property
    def unwritten(self) -> int:
        """How many of the others cannot be sent theirs: without an address, or not to be written to."""
        return self.came - self.to_send - self.on_their_way - self.sent - self.failed - self.without


def tally_of(session_id: int) -> Tally:
    """Count the certificates of a session; one query."""
    is_asked_for = Certificate.to_mail_since.is_not(None)
    is_coming = and_(is_asked_for, or_(Certificate.mail_id.is_(None), OutboxMail.state.in_(_ON_THEIR_WAY)))
    counts: list[ColumnElement[bool]] = [
        Certificate.registration_id.is_not(None),
        and_(Certificate.to_mail_since.is_(None), _can_be_written()),
        is_coming,
        OutboxMail.state == MailState.SENT,
        and_(OutboxMail.id.is_not(None), OutboxMail.state.not_in([*_ON_THEIR_WAY, MailState.SENT])),
        and_(Certificate.to_mail_since.is_(None), _CAME_WITHOUT),
    ]
    statement = (
        _entitled(session_id)
        .outerjoin(OutboxMail, OutboxMail.id == Certificate.mail_id)
        .with_only_columns(func.count(), *(func.count().filter(one) for one in counts))
    )
    return Tally._make(db.session.execute(statement).one())


_ON_THEIR_WAY = [MailState.QUEUED, MailState.SENDING]


class ToSend(NamedTuple):
    """Somebody whom a certificate is to be sent, and whether one was made already."""

    registration_id: int
    is_made: bool


def to_send(session_id: int) -> list[ToSend]:
    """Return whose certificates of a session are still to be sent, in the order in which they registered."""
    rows = db.session.execute(
        _entitled(session_id)
        .where(Certificate.to_mail_since.is_(None), _can_be_written())
        .with_only_columns(Registration.id, Certificate.registration_id.is_not(None))
        .order_by(Registration.turn)
    )
    return [ToSend(registration_id, is_made) for registration_id, is_made in rows]


class Printed(NamedTuple):
    """What stands on a certificate about a person: their name, and for whom they came."""

    turn: int
    name: str
    organisation: str


def printed_in(session_id: int) -> list[Printed]:
    """Return the names of those who came to a session as they are printed, in the order in which they registered."""
    rows = db.session.execute(
        _entitled(session_id)
        .outerjoin(Member, Member.id == Registration.member_id)
        .with_only_columns(
            Registration.turn,
            Registration.given_name,
            Registration.family_name,
            func.coalesce(Member.name, Registration.organisation, ""),
        )
        .order_by(Registration.turn)
    )
    return [Printed(turn, f"{given} {family}".strip(), organisation) for turn, given, family, organisation in rows]


def languages_of(session_id: int) -> Sequence[str]:
    """Return the languages in which those who are registered in a session are written to, by their codes."""
    return db.session.scalars(
        select(Registration.language).where(Registration.session_id == session_id).distinct().order_by("language")
    ).all()


def is_any_to_write() -> bool:
    """Tell whether a certificate is still to be written to somebody; asks without holding anything."""
    return db.session.scalar(select(Certificate.registration_id).where(_is_to_write()).limit(1)) is not None


def _is_to_write() -> ColumnElement[bool]:
    return and_(Certificate.to_mail_since.is_not(None), Certificate.mail_id.is_(None))


class Lot(NamedTuple):
    """Some registrations of one session whose certificates are still to be written to their people."""

    session_id: int
    registration_ids: Sequence[int]


def hold_to_write(most: int) -> Lot | None:
    """Return some whose certificates are still to be written, their rows held until the transaction ends; or None.

    First comes the session whose certificates were sent first. What another worker holds is passed over.
    """
    session_id = db.session.scalar(
        select(Registration.session_id)
        .join(Certificate, Certificate.registration_id == Registration.id)
        .where(_is_to_write())
        .order_by(Certificate.to_mail_since, Certificate.registration_id)
        .limit(1)
    )
    if session_id is None:
        return None
    ids = db.session.scalars(
        select(Certificate.registration_id)
        .join(Registration, Registration.id == Certificate.registration_id)
        .where(_is_to_write(), Registration.session_id == session_id)
        .order_by(Certificate.registration_id)
        .limit(most)
        .with_for_update(skip_locked=True, of=Certificate)
    ).all()
    return Lot(session_id, ids)


def certificates_in(registration_ids: Sequence[int]) -> Sequence[Certificate]:
    """Return the certificates of some registrations with these and their people, in their order."""
    return db.session.scalars(
        select(Certificate)
        .join(Certificate.registration)
        .join(Registration.person)
        .where(Certificate.registration_id.in_(registration_ids))
        .order_by(Certificate.registration_id)
        .options(contains_eager(Certificate.registration).contains_eager(Registration.person))
        .execution_options(populate_existing=True)
    ).all()


def who_still_came(session_id: int, person_ids: Sequence[int]) -> set[int]:
    """Return which of some people came to a session, as far as is known now, by their ids."""
    return set(
        db.session.scalars(
            select(Attendance.person_id).where(
                Attendance.session_id == session_id, Attendance.person_id.in_(person_ids), Attendance.came
            )
        )
    )


def is_over(session: WebinarSession, now: datetime) -> bool:
    """Tell whether a session has been held, so that certificates can be made of it."""
    return session.ends_at <= now
