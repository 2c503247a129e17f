"""Reading who gets a mailing, and what its mails need."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from flask import current_app
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    SQLColumnExpression,
    Subquery,
    and_,
    case,
    exists,
    func,
    join,
    literal,
    null,
    or_,
    select,
    union,
)
from sqlalchemy import cast as cast_in_sql
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload, selectinload

from webinar.accounts.models import StaffAccount
from webinar.attendance.came import has_come
from webinar.calendars.models import CalendarAnswer, CalendarEntry
from webinar.catalogue.models import Access, RegistrationState, Webinar, WebinarSession
from webinar.foundation.db import db
from webinar.invitations.audience import Compared, Condition, where
from webinar.invitations.lacking import Lacking, details_of, told_of, with_who_lacks
from webinar.invitations.models import (
    Invitation,
    LeftOut,
    Mailing,
    MailingKind,
    MailingRecipient,
    MailingSession,
    MailingState,
)
from webinar.mail.models import UNFINISHED, OutboxMail
from webinar.members.models import Member
from webinar.people.models import Consent, Contact, MailKind, Person, Purpose, Suppression, SuppressionReason
from webinar.people.newsletter import newsletter_readers
from webinar.people.queries import merged_people
from webinar.registration.models import ALIVE, Registration, RegistrationStatus

_WITH_TITLE = (
    joinedload(WebinarSession.webinar, innerjoin=True).selectinload(Webinar.texts),
    selectinload(WebinarSession.language_versions),
)


def find_mailing(mailing_id: int) -> Mailing | None:
    """Return a mailing with its texts and its sessions, whose titles and languages are loaded, or None."""
    if mailing_id >= 2**31:  # SQLite would fail on it
        return None
    return db.session.scalars(_mailings().where(Mailing.id == mailing_id)).unique().one_or_none()


def find_mailing_without_texts(mailing_id: int) -> Mailing | None:
    """Return a mailing and which sessions it shows, but neither what it says nor what they are, or None."""
    if mailing_id >= 2**31:
        return None
    return db.session.get(Mailing, mailing_id, options=[selectinload(Mailing.sessions)])


def lock_mailing(mailing_id: int) -> Mailing | None:
    """Return a mailing as ``find_mailing`` does, its row held until the transaction ends."""
    if mailing_id >= 2**31:
        return None
    db.session.execute(select(Mailing.id).where(Mailing.id == mailing_id).with_for_update())
    statement = _mailings().where(Mailing.id == mailing_id).execution_options(populate_existing=True)
    return db.session.scalars(statement).unique().one_or_none()


def _mailings() -> Select[Mailing]:
    session = selectinload(Mailing.sessions).joinedload(MailingSession.session, innerjoin=True)
    return select(Mailing).options(selectinload(Mailing.texts), session.options(*_WITH_TITLE))


MAILINGS_A_PAGE = 30


class MailingsPage(NamedTuple):
    """Some mailings with their sessions, and how many there are in all; pages count from 1."""

    mailings: Sequence[Mailing]
    page: int
    pages: int
    total: int


def mailings_page(page: int) -> MailingsPage:
    """Return a page of all mailings, the latest first; one beyond the last is the last."""
    total = db.session.scalar(select(func.count(Mailing.id))) or 0
    pages = max(1, -(-total // MAILINGS_A_PAGE))
    page = min(max(page, 1), pages)
    mailings = db.session.scalars(
        _mailings()
        .order_by(Mailing.made_at.desc(), Mailing.id.desc())
        .limit(MAILINGS_A_PAGE)
        .offset((page - 1) * MAILINGS_A_PAGE)
    )
    return MailingsPage(mailings.unique().all(), page, pages, total)


# Who gets it


class Planned(NamedTuple):
    """How many people of an audience read a language, and why they are left out; None of who get it.

    ``sum_of_ids`` tells them from as many others; see ``fingerprint_of``.
    """

    language: str
    left_out: LeftOut | None
    people: int
    sum_of_ids: int


def people(kind: MailingKind, session_ids: Sequence[int], conditions: Sequence[Condition]) -> Select[Any]:
    """Return everybody whom a mailing of a kind is for: ``person_id``, ``email``, ``language`` and ``timezone``.

    Mailings to the network's lists are for its contacts, a newsletter for who reads it, the others for who registered
    in its sessions; Contact and Member are joined where there are any. The language is None where nobody knows it;
    the zone is that of the member's city, else the person's own, else the network's. Conditions compare what the lists
    say, and of a mailing about places what was typed for the place.
    """
    read: ColumnElement[Any] = func.coalesce(Contact.language, Person.language)
    zone: ColumnElement[Any] = func.coalesce(
        Member.timezone, Person.timezone, literal(current_app.config["DEFAULT_TIMEZONE"])
    )
    member_id: SQLColumnExpression[Any] = Contact.member_id
    folded_role: SQLColumnExpression[Any] = Contact.folded_role
    if kind.is_about_places:
        place = (
            select(
                Registration.person_id,
                func.max(Registration.language).label("language"),
                func.max(Registration.timezone).label("timezone"),
                func.max(Registration.member_id).label("member_id"),
                func.max(Registration.folded_role).label("folded_role"),
            )
            .where(Registration.session_id.in_(session_ids), _has_what_it_is_about(kind))
            .group_by(Registration.person_id)
            .subquery("place")
        )
        read, zone, member_id, folded_role = (
            place.c.language,
            place.c.timezone,
            place.c.member_id,
            place.c.folded_role,
        )
        among = join(Person, place, place.c.person_id == Person.id).outerjoin(Contact, Contact.person_id == Person.id)
    elif kind is MailingKind.NEWSLETTER:
        reader = newsletter_readers().subquery("reader")
        read = reader.c.language
        among = join(Person, reader, reader.c.person_id == Person.id).outerjoin(Contact, Contact.person_id == Person.id)
    else:
        among = join(Person, Contact, Contact.person_id == Person.id)
    statement = (
        select(Person.id.label("person_id"), Person.email, read.label("language"), zone.label("timezone"))
        .select_from(among.outerjoin(Member, Member.id == member_id))
        .where(Person.email.is_not(None))
    )
    if kind is MailingKind.REMINDER:
        statement = statement.where(_is_asked(session_ids))
    compared = Compared(Person.id, member_id, read, folded_role, Contact.is_focal_point)
    return statement.where(*where(conditions, compared, session_ids))


def _has_what_it_is_about(kind: MailingKind) -> ColumnElement[bool]:
    if kind is MailingKind.THANKS:
        # Who came without registering was never told what their address is kept for.
        return and_(has_come(), Registration.status != RegistrationStatus.UNREGISTERED)
    has_place = Registration.status == RegistrationStatus.REGISTERED
    return and_(has_place, ~has_come()) if kind is MailingKind.MISSED else has_place


def plan(mailing: Mailing) -> Select[Any]:
    """Return the audience of a mailing as ``people`` does, with the ``language`` of the text each would get.

    And ``left_out``: why somebody gets nothing, or NULL. A language without a text of the mailing stands as it is.
    """
    session_ids = [shown.session_id for shown in mailing.sessions]
    everybody = people(mailing.kind, session_ids, [Condition.read(one) for one in mailing.conditions]).subquery("those")
    written = [text.language for text in mailing.texts]
    reads = case(
        (everybody.c.language.in_(written), everybody.c.language),
        else_=literal(mailing.others_language) if mailing.others_language in written else everybody.c.language,
    )
    person_id: ColumnElement[int] = everybody.c.person_id
    reasons = _reasons(mailing.kind, session_ids, person_id)
    reasons.append((or_(reads.is_(None), reads.not_in(written)), LeftOut.NO_LANGUAGE))
    if current_app.config["MAILINGS_ON_TRIAL"]:
        reasons.append((~_is_of_staff(everybody.c.email), LeftOut.ON_TRIAL))
    return select(
        person_id.label("person_id"),
        everybody.c.email,
        func.coalesce(reads, "").label("language"),
        everybody.c.timezone,
        case(*((condition, literal(reason.value)) for condition, reason in reasons), else_=null()).label("left_out"),
    )


_Did = Registration | Invitation | CalendarEntry


def _reasons(
    kind: MailingKind, session_ids: Sequence[int], person_id: ColumnElement[int]
) -> list[tuple[ColumnElement[bool], LeftOut]]:
    """Return why people may be left out of a mailing, the first that holds counts.

    What somebody did under an address that was merged into theirs, they did themselves.
    """
    merged = merged_people("counting_for_another")

    def did(table: type[_Did], *which: ColumnElement[bool]) -> ColumnElement[bool]:
        others = select(merged.c.counts_as_id).join(table, table.person_id == merged.c.person_id).where(*which)
        return or_(exists().where(table.person_id == person_id, *which), person_id.in_(others))

    themselves = aliased(Person)  # the statement may be about the table itself
    double: ColumnElement[bool] = exists().where(themselves.id == person_id, themselves.merged_into_id.is_not(None))
    if kind.is_about_places:  # a place is told of at the address that it was taken with, unless there is another place
        places = Registration.session_id.in_(session_ids), _has_what_it_is_about(kind)
        here_too = select(merged.c.person_id).join(Registration, Registration.person_id == merged.c.counts_as_id)
        double = person_id.in_(here_too.where(*places))
    reasons: list[tuple[ColumnElement[bool], LeftOut]] = [(double, LeftOut.DOUBLE)]
    mail_kind = kind.mail_kind
    if mail_kind is not None:
        works_not = Suppression.reason == SuppressionReason.DOES_NOT_WORK
        reasons += [
            (_is_suppressed(person_id, mail_kind, works_not), LeftOut.DOES_NOT_WORK),
            (_is_suppressed(person_id, mail_kind, ~works_not), LeftOut.UNSUBSCRIBED),
        ]
        if mail_kind is not MailKind.NEWSLETTER:
            wants: InstrumentedAttribute[bool] = getattr(Contact, f"wants_{mail_kind.value}")
            reasons.append(
                (exists().where(Contact.person_id == person_id, wants.is_(False)), LeftOut.NOT_WANTED),
            )
    if kind.is_asking:
        registered = Registration.session_id.in_(session_ids)
        gave_up = Registration.status == RegistrationStatus.CANCELLED
        said_no = did(Invitation, Invitation.session_id.in_(session_ids), Invitation.declined_at.is_not(None))
        no_in_calendar = did(
            CalendarEntry,
            CalendarEntry.session_id.in_(session_ids),
            CalendarEntry.answer == CalendarAnswer.DECLINED,
        )
        reasons += [
            (did(Registration, registered, Registration.status.in_(ALIVE)), LeftOut.ALREADY_REGISTERED),
            (did(Registration, registered, gave_up), LeftOut.CANCELLED),
            (or_(said_no, no_in_calendar), LeftOut.DECLINED),
        ]
    if kind is MailingKind.INVITATION:
        before = _is_asked_to_all(session_ids, person_id, merged, Invitation.withdrawn_at.is_(None))
        reasons.append((before, LeftOut.INVITED_BEFORE))
    return reasons


def _is_asked_to_all(
    session_ids: Sequence[int], person_id: ColumnElement[int], merged: Subquery, *which: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Return the condition that somebody was asked to each of some sessions, be it as one merged into them."""
    asked = Invitation.session_id.in_(session_ids), *which
    times = select(func.count()).where(Invitation.person_id == person_id, *asked).scalar_subquery()
    # Only of those who have somebody merged into them: they are few, and this is asked once, not for each person.
    theirs = union(
        select(merged.c.counts_as_id.label("person_id"), Invitation.session_id)
        .join(Invitation, Invitation.person_id == merged.c.person_id)
        .where(*asked),
        select(Invitation.person_id, Invitation.session_id).where(
            Invitation.person_id.in_(select(merged.c.counts_as_id)), *asked
        ),
    ).subquery("asked_together")
    together = select(theirs.c.person_id).group_by(theirs.c.person_id).having(func.count() == literal(len(session_ids)))
    return or_(times == len(session_ids), person_id.in_(together))


def _is_of_staff(email: ColumnElement[str]) -> ColumnElement[bool]:
    return exists().where(StaffAccount.email == email, StaffAccount.is_active)


def _is_suppressed(person_id: ColumnElement[int], kind: MailKind, why: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        Suppression.person_id == person_id,
        Suppression.lifted_at.is_(None),
        or_(Suppression.kind.is_(None), Suppression.kind == kind),
        why,
    )


def _is_asked(session_ids: Sequence[int]) -> ColumnElement[bool]:
    merged = merged_people("asked_for_another")
    asked = Invitation.session_id.in_(session_ids), Invitation.withdrawn_at.is_(None)
    others = select(merged.c.counts_as_id).join(Invitation, Invitation.person_id == merged.c.person_id).where(*asked)
    return or_(exists().where(Invitation.person_id == Person.id, *asked), Person.id.in_(others))


def audience_of(mailing: Mailing) -> Select[Any]:
    """Return the audience of a draft as ``plan`` does, and of a confirmed mailing the list that stands."""
    if mailing.is_draft:
        return plan(mailing)
    listed = (
        select(
            MailingRecipient.person_id,
            Person.email,
            MailingRecipient.language,
            MailingRecipient.timezone,
            MailingRecipient.left_out,
        )
        .join(Person, Person.id == MailingRecipient.person_id)
        .where(MailingRecipient.mailing_id == mailing.id)
    )
    return cast(Select[Any], listed)


def counted(mailing: Mailing) -> list[Planned]:
    """Count who gets a mailing, or would get it, and who is left out, by language and reason; one statement."""
    return [planned for planned, _lacks in _counted(mailing, [])]


def counted_with_lacking(mailing: Mailing) -> tuple[list[Planned], list[Lacking]]:
    """Count as ``counted`` does, and in the same statement who lacks a personal detail of the text they get."""
    details = details_of(mailing)
    rows = _counted(mailing, details)
    lacks = {
        (planned.language, detail): people
        for planned, numbers in rows
        if planned.left_out is None
        for detail, people in zip(details, numbers, strict=True)
    }
    return [planned for planned, _numbers in rows], told_of(mailing, lacks)


def _counted(mailing: Mailing, details: Sequence[str]) -> list[tuple[Planned, Sequence[int]]]:
    planned = audience_of(mailing).subquery("planned")
    among, lacks = with_who_lacks(mailing, planned, details)
    rows = db.session.execute(
        select(planned.c.language, planned.c.left_out, func.count(), func.sum(_scattered(planned.c.person_id)), *lacks)
        .select_from(among)
        .group_by(planned.c.language, planned.c.left_out)
        .order_by(planned.c.left_out.is_not(None), func.count().desc(), planned.c.language)
    )
    return [
        (Planned(language, LeftOut(why) if why else None, count, int(ids)), numbers)
        for language, why, count, ids, *numbers in rows
    ]


_PRIMES = 2_147_483_647, 2_147_483_629


def _scattered(person_id: ColumnElement[int]) -> ColumnElement[int]:
    """Return a number below 2^31 for each id, in no order, so that other ids add up to another sum.

    Plain ids would not do: 1 and 4 are as much as 2 and 3. No step exceeds 64 bits, which is all that SQLite has.
    """
    number = cast_in_sql(person_id, BigInteger)
    first = (number * 1_103_515_245 + 12_345) % _PRIMES[0]
    second = (first * first + number) % _PRIMES[1]
    return (second * second + first) % _PRIMES[0]


def fingerprint_of(planned: Iterable[Planned]) -> str:
    """Return what stands for exactly those who get a mailing, each in their language; it begins with their number.

    It is made of a few sums that the database has added up, so it costs the same for ten people and for 100,000.
    """
    get_it = sorted((one.language, one.people, one.sum_of_ids) for one in planned if one.left_out is None)
    people = sum(count for _language, count, _ids in get_it)
    return f"{people}-{hashlib.sha256(repr(get_it).encode()).hexdigest()[:12]}"


def domain_of(email: SQLColumnExpression[Any]) -> ColumnElement[str]:
    """Return the domain of an address, in a statement."""
    if db.engine.dialect.name == "postgresql":
        return func.split_part(email, "@", 2)
    return func.substr(email, func.instr(email, "@") + 1)


def planned_zones(mailing: Mailing) -> Sequence[str]:
    """Return the zones of the people of a mailing's audience."""
    planned = plan(mailing).subquery("planned")
    return db.session.scalars(select(planned.c.timezone).distinct()).all()


# What the worker asks


def is_anything_to_write(now: datetime) -> bool:
    """Tell whether some mail of a mailing is to be written; asks without holding anything."""
    found = bool(mailings_to_write(now))
    db.session.rollback()
    return found


def mailings_to_write(now: datetime) -> Sequence[int]:
    """Return the mailings of which mails are to be written now, the one confirmed first before the others."""
    # Whether they are ready or not is named, so that of many who wait for another day none is looked at.
    due = MailingRecipient.is_ready.in_((True, False)), MailingRecipient.not_before <= now
    return db.session.scalars(
        select(Mailing.id)
        .where(Mailing.state == MailingState.CONFIRMED, _has_somebody_to_write_to(*due))
        .order_by(Mailing.confirmed_at, Mailing.id)
    ).all()


def _has_somebody_to_write_to(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(MailingRecipient.mailing_id == Mailing.id, *_still_to_write(), *which)


def unfinished_mailings(mailing_ids: Collection[int]) -> set[int]:
    """Return which of some mailings still have a mail to be written, or one in the queue; no draft, no stopped one."""
    waiting = (
        select(MailingRecipient.mailing_id)
        .join(OutboxMail, OutboxMail.id == MailingRecipient.mail_id)
        .where(OutboxMail.state.in_(UNFINISHED))
    )
    is_going = Mailing.state.in_((MailingState.CONFIRMED, MailingState.PAUSED))
    which = Mailing.id.in_(mailing_ids), is_going, or_(_has_somebody_to_write_to(), Mailing.id.in_(waiting))
    return set(db.session.scalars(select(Mailing.id).where(*which)))


def hold_on_their_way() -> Sequence[int]:
    """Hold the mailings of which mails are still to be written, be it later, and return them.

    Whoever counts what was written lately is the only one to write then.
    """
    return db.session.scalars(
        select(Mailing.id)
        .where(Mailing.state == MailingState.CONFIRMED, _has_somebody_to_write_to())
        .order_by(Mailing.id)
        .with_for_update(key_share=True, of=Mailing)
    ).all()


def hold_on_its_way(mailing_id: int) -> bool:
    """Hold a mailing against whoever pauses or stops it, as several workers may at once; tell if it is on its way."""
    statement = select(Mailing.id).where(Mailing.id == mailing_id, Mailing.state == MailingState.CONFIRMED)
    return db.session.scalar(statement.with_for_update(read=True)) is not None


class ToWrite(NamedTuple):
    """Somebody who is to be written to, and the domain of their address."""

    person_id: int
    domain: str


def hold_to_write(mailing_id: int, now: datetime, most: int, full_domains: Collection[str]) -> Sequence[ToWrite]:
    """Return some who are ready to be written to now, their rows held; what another worker holds is passed over."""
    statement = (
        _due(mailing_id, now)
        .add_columns(MailingRecipient.domain)
        .where(MailingRecipient.is_ready.is_(True))
        .limit(most)
    )
    if full_domains:
        statement = statement.where(MailingRecipient.domain.not_in(full_domains))
    return [ToWrite(*row) for row in db.session.execute(statement.with_for_update(skip_locked=True))]


def hold_to_prepare(mailing_id: int, now: datetime, most: int) -> Sequence[int]:
    """Return some whose invitations and calendar entries are still to be made, their rows held."""
    statement = _due(mailing_id, now).where(MailingRecipient.is_ready.is_(False)).limit(most)
    return db.session.scalars(statement.with_for_update(skip_locked=True)).all()


def _due(mailing_id: int, now: datetime) -> Select[int]:
    return (
        select(MailingRecipient.person_id)
        .where(MailingRecipient.mailing_id == mailing_id, *_still_to_write(), MailingRecipient.not_before <= now)
        .order_by(MailingRecipient.not_before, MailingRecipient.person_id)
    )


def _still_to_write() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return MailingRecipient.mail_id.is_(None), MailingRecipient.left_out.is_(None)


def written_since(moment: datetime) -> dict[str, int]:
    """Count by receiving domain how many mails of mailings were written since a moment."""
    rows = db.session.execute(
        select(MailingRecipient.domain, func.count())
        .join(OutboxMail, OutboxMail.id == MailingRecipient.mail_id)
        .where(OutboxMail.created_at > moment)
        .group_by(MailingRecipient.domain)
    )
    return {domain: count for domain, count in rows}


class Reader(NamedTuple):
    """Somebody whose mail is to be written: whom it is to, and as whom the network knows them.

    ``given_name`` and ``family_name`` are the contact's, else as last typed in a registration of the sessions.
    ``places`` are those that the mailing is about, by session.
    """

    recipient: MailingRecipient
    given_name: str
    family_name: str
    member: Member | None
    organisation: str
    role: str
    places: Mapping[int, Registration] = MappingProxyType({})

    @property
    def zone(self) -> str:
        """The zone of their clocks; empty where nobody knows it, and the list has that of the network."""
        is_known = self.places or self.member is not None or self.recipient.person.timezone is not None
        return self.recipient.timezone if is_known else ""

    @property
    def full_name(self) -> str:
        """The given name first; empty where nobody knows any."""
        return f"{self.given_name} {self.family_name}".strip()


class Known(NamedTuple):
    """As whom the network knows somebody, and the places of theirs that a mailing is about, by session."""

    by: Contact | Registration | None
    places: Mapping[int, Registration]


def known_as(mailing: Mailing, person_ids: Sequence[int]) -> dict[int, Contact | Registration]:
    """Return as whom the network knows some people: its contacts, else as last registered in the sessions."""
    known = _known(mailing, person_ids)
    return {person_id: one.by for person_id, one in known.items() if one.by is not None}


def _known(mailing: Mailing, person_ids: Sequence[int]) -> dict[int, Known]:
    """Return what is known of some people; two statements, none of nobody."""
    if not person_ids:
        return {}
    by: dict[int, Contact | Registration] = {}
    places: dict[int, dict[int, Registration]] = {person_id: {} for person_id in person_ids}
    if mailing.kind.is_about_places:
        session_ids = [shown.session_id for shown in mailing.sessions]
        rows = db.session.execute(
            select(Registration, _has_what_it_is_about(mailing.kind))
            .where(Registration.person_id.in_(person_ids), Registration.session_id.in_(session_ids))
            .options(joinedload(Registration.member))
            .order_by(Registration.registered_at)
        )
        for place, is_about in rows:
            by[place.person_id] = place
            if is_about:
                places[place.person_id][place.session_id] = place
    contacts = db.session.scalars(
        select(Contact).where(Contact.person_id.in_(person_ids)).options(joinedload(Contact.member))
    )
    by |= {contact.person_id: contact for contact in contacts}
    return {person_id: Known(by.get(person_id), places[person_id]) for person_id in person_ids}


def readers_of(mailing: Mailing, person_ids: Sequence[int]) -> list[Reader]:
    """Return some recipients of a mailing as its mails address them, in the order of their ids; three statements."""
    recipients = db.session.scalars(
        select(MailingRecipient)
        .where(MailingRecipient.mailing_id == mailing.id, MailingRecipient.person_id.in_(person_ids))
        .options(joinedload(MailingRecipient.person, innerjoin=True))
        .order_by(MailingRecipient.person_id)
        .execution_options(populate_existing=True)
    ).all()
    return as_readers(mailing, recipients)


def as_readers(mailing: Mailing, recipients: Sequence[MailingRecipient]) -> list[Reader]:
    """Return some recipients of a mailing, who need not be stored, as its mails address them."""
    known = _known(mailing, [recipient.person_id for recipient in recipients])
    readers = []
    for recipient in recipients:
        by, places = known[recipient.person_id]
        if by is None:
            readers.append(Reader(recipient, "", "", None, "", "", places))
        else:
            named = by.given_name, by.family_name, by.member, by.organisation, by.role
            readers.append(Reader(recipient, *named, places))
    return readers


def reasons_now(mailing: Mailing, person_ids: Sequence[int]) -> dict[int, LeftOut]:
    """Return why some recipients of a mailing get nothing after all: what has happened since it was confirmed."""
    session_ids = [shown.session_id for shown in mailing.sessions]
    reasons = _reasons(mailing.kind, session_ids, cast(ColumnElement[int], Person.id))
    person_id, merged = cast(ColumnElement[int], Person.id), merged_people("asked_as")
    reasons = [one for one in reasons if one[1] is not LeftOut.INVITED_BEFORE]
    if mailing.kind is MailingKind.INVITATION:
        elsewhere = Invitation.mailing_id.is_distinct_from(mailing.id), Invitation.withdrawn_at.is_(None)
        before = _is_asked_to_all(session_ids, person_id, merged, *elsewhere)
        reasons.append((before, LeftOut.INVITED_BEFORE))
    if mailing.kind.is_asking:
        taken_back = and_(
            Invitation.person_id == Person.id,
            Invitation.session_id.in_(session_ids),
            Invitation.withdrawn_at.is_not(None),
        )
        times = select(func.count()).where(taken_back).scalar_subquery()
        reasons.append((times == len(session_ids), LeftOut.WITHDRAWN))
    if mailing.kind is MailingKind.NEWSLETTER:
        asked = exists().where(
            Consent.person_id == Person.id, Consent.purpose == Purpose.NEWSLETTER, Consent.withdrawn_at.is_(None)
        )
        listed = exists().where(Contact.person_id == Person.id, Contact.wants_newsletter.is_(True))
        reasons.append((~or_(asked, listed), LeftOut.NOT_WANTED))
    if current_app.config["MAILINGS_ON_TRIAL"]:
        reasons.append((~_is_of_staff(cast(ColumnElement[str], Person.email)), LeftOut.ON_TRIAL))
    why = case(
        (Person.email.is_(None), literal(LeftOut.GONE.value)),
        *((condition, literal(reason.value)) for condition, reason in reasons),
        else_=null(),
    )
    rows = db.session.execute(select(Person.id, why).where(Person.id.in_(person_ids)))
    return {person_id: LeftOut(reason) for person_id, reason in rows if reason}


def invitations_of(session_ids: Sequence[int], person_ids: Sequence[int]) -> dict[tuple[int, int], Invitation]:
    """Return the invitations of some people to some sessions, by session and person; none that were taken back."""
    return {
        (invitation.session_id, invitation.person_id): invitation
        for invitation in db.session.scalars(
            select(Invitation)
            .where(
                Invitation.session_id.in_(session_ids),
                Invitation.person_id.in_(person_ids),
                Invitation.withdrawn_at.is_(None),
            )
            .execution_options(populate_existing=True)
        )
    }


def sessions_to_tell(session_ids: Sequence[int]) -> list[WebinarSession]:
    """Return sessions with what mails and calendar entries about them show, in the order in which they are held."""
    return list(
        db.session.scalars(
            select(WebinarSession)
            .where(WebinarSession.id.in_(session_ids))
            .options(*_WITH_TITLE)
            .order_by(WebinarSession.starts_at, WebinarSession.id)
            .execution_options(populate_existing=True)
        ).unique()
    )


def held_again(sessions: Sequence[WebinarSession], now: datetime) -> list[WebinarSession]:
    """Return the coming sessions of the same webinars that one can register for, with what mails show of them."""
    webinar_ids = {session.webinar_id for session in sessions}
    others = db.session.scalars(
        select(WebinarSession).where(
            WebinarSession.webinar_id.in_(webinar_ids),
            WebinarSession.id.not_in([session.id for session in sessions]),
            WebinarSession.starts_at > now,
            WebinarSession.access != Access.WITH_LINK,
        )
    )
    is_open = [one.id for one in others if one.registration_state(now) is RegistrationState.OPEN]
    return sessions_to_tell(is_open) if is_open else []
