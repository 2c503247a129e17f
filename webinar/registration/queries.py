"""Reading registrations: one by its link, many by session, and how many seats are taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, literal_column, or_, select, union_all
from sqlalchemy.orm import aliased, contains_eager, joinedload

from webinar.calendars.models import CalendarEntry, EntryStatus
from webinar.catalogue.models import LanguageVersion, SessionStatus, Webinar, WebinarSession
from webinar.catalogue.queries import lock_session, with_webinar
from webinar.foundation.db import db
from webinar.foundation.languages import in_alphabet
from webinar.members.matching import typed_key
from webinar.members.models import Member, TypedName
from webinar.people.models import Person
from webinar.people.queries import merged_people
from webinar.registration.models import ALIVE, Approval, PersonalFeed, Registration, RegistrationStatus

IS_ASKED = and_(Registration.status == RegistrationStatus.WAITING, Registration.approval == Approval.ASKED)
"""Of whom the organisers have still to say whether they may come; no seat reaches them before."""
IN_LINE = and_(
    Registration.status == RegistrationStatus.WAITING, Registration.approval.is_distinct_from(Approval.ASKED)
)
"""Who waits for a seat, and gets one in their turn."""


def _with_everything() -> Select[Registration]:
    return (
        select(Registration)
        .join(Registration.session)
        .options(
            contains_eager(Registration.session).options(*with_webinar(), joinedload(WebinarSession.ways_to_follow)),
            joinedload(Registration.person),
            joinedload(Registration.member),
            joinedload(Registration.language_version),
        )
    )


def _one(*conditions: ColumnElement[bool]) -> Registration | None:
    statement = _with_everything().where(*conditions).execution_options(populate_existing=True)
    return db.session.scalars(statement).unique().one_or_none()


def find_by_token(token: str) -> Registration | None:
    """Return the registration that a personal link manages, with everything its page and mails show, or None."""
    return _one(Registration.token == token)


def find_by_join_token(token: str) -> Registration | None:
    """Return the registration that a personal join link belongs to, with everything its page shows, or None."""
    return _one(Registration.join_token == token)


def find_at_the_door(join_token: str) -> Registration | None:
    """Return the registration that a personal join link belongs to, with what decides whether it leads in, or None.

    That is its session and its language version, in one query: a thousand may press within a minute.
    """
    return db.session.scalar(_AT_THE_DOOR, {"join_token": join_token})


_AT_THE_DOOR = (
    select(Registration)
    .where(Registration.join_token == bindparam("join_token"))
    .options(
        joinedload(Registration.session, innerjoin=True), joinedload(Registration.language_version, innerjoin=True)
    )
    .execution_options(populate_existing=True)
)


def find_by_id(registration_id: int) -> Registration | None:
    """Return one registration with everything its mails show, or None."""
    return _one(Registration.id == registration_id)


def places_of(session_id: int, person_ids: Sequence[int]) -> dict[int, Registration]:
    """Return the registrations that some people have in a session, by person, with everything their mails show.

    Notes on the languages are loaded too, so that a mail needs no query of its own.
    """
    # On both ways on which a language is reached: reading it on one would forget what is loaded on the other.
    of_session = contains_eager(Registration.session).selectinload(WebinarSession.language_versions)
    places = db.session.scalars(
        _with_everything()
        .where(Registration.session_id == session_id, Registration.person_id.in_(person_ids))
        .options(
            of_session.selectinload(LanguageVersion.texts),
            joinedload(Registration.language_version).selectinload(LanguageVersion.texts),
        )
        .execution_options(populate_existing=True)
    )
    return {place.person_id: place for place in places.unique()}


# Built once: these are on the path of every registration, while others wait for it.
_ID_OF_PERSON = select(Registration.id).where(
    Registration.session_id == bindparam("session_id"), Registration.person_id == bindparam("person_id")
)
_IS_KNOWN = select(
    _ID_OF_PERSON.exists()
    | select(CalendarEntry.id)
    .where(CalendarEntry.session_id == bindparam("session_id"), CalendarEntry.person_id == bindparam("person_id"))
    .exists()
)
_SEATING = select(
    func.count().filter(Registration.status == RegistrationStatus.REGISTERED),
    func.count().filter(IN_LINE),
    func.count().filter(IS_ASKED),
    func.coalesce(func.max(Registration.turn), 0),
).where(Registration.session_id == bindparam("session_id"))


def is_known_in(session_id: int, person_id: int) -> bool:
    """Tell whether somebody has, or had, a registration or a calendar entry in a session."""
    return bool(db.session.scalar(_IS_KNOWN, {"session_id": session_id, "person_id": person_id}))


def find_of_person(session_id: int, person_id: int) -> Registration | None:
    """Return a person's registration in a session, with everything its mails show, or None."""
    known = db.session.scalar(_ID_OF_PERSON, {"session_id": session_id, "person_id": person_id})
    # Mostly there is none, and everything that goes with one need not be asked for.
    return None if known is None else find_by_id(known)


def next_waiting(session: WebinarSession) -> Registration | None:
    """Return who has waited longest for a seat in a session of those whose member has room, or None; one query."""
    first = _with_everything().where(*_may_move_up(session)).order_by(Registration.turn).limit(1)
    return db.session.scalars(first).unique().one_or_none()


def is_anybodys_turn(session: WebinarSession) -> bool:
    """Tell whether somebody waits whom a free seat would go to."""
    return db.session.scalar(select(Registration.id).where(*_may_move_up(session)).limit(1)) is not None


def _may_move_up(session: WebinarSession) -> list[ColumnElement[bool]]:
    waits = [Registration.session_id == session.id, IN_LINE]
    if session.most_per_member is not None:
        waits.append(or_(Registration.member_id.is_(None), Registration.member_id.not_in(_full_members(session))))
    return waits


def _full_members(session: WebinarSession) -> Select[Any]:
    # In a table of its own: what follows may look at registrations too.
    place = aliased(Registration)
    return (
        select(place.member_id)
        .where(
            place.session_id == session.id,
            place.status == RegistrationStatus.REGISTERED,
            place.member_id.is_not(None),
        )
        .group_by(place.member_id)
        .having(func.count() >= session.most_per_member)
    )


def is_full_for(session: WebinarSession, member: Member | None) -> bool:
    """Tell whether a member has as many seats in a session as one may; no query where there is no such limit."""
    if session.most_per_member is None or member is None:
        return False
    taken = db.session.scalar(
        select(func.count()).where(
            Registration.session_id == session.id,
            Registration.member_id == member.id,
            Registration.status == RegistrationStatus.REGISTERED,
        )
    )
    return (taken or 0) >= session.most_per_member


def lock_by_token(token: str) -> Registration | None:
    """Return the registration of a personal link, read after its session's row is held; or None."""
    key = db.session.scalar(select(WebinarSession.key).join(Registration).where(Registration.token == token))
    if key is None:
        return None
    lock_session(key)
    return find_by_token(token)


def lock_by_turn(session_key: str, turn: int) -> Registration | None:
    """Return who came as which in a session, read after the session's row is held; or None."""
    session = lock_session(session_key)
    return None if session is None else _one(Registration.session_id == session.id, Registration.turn == turn)


def lock_by_token_with(token: str, session_key: str) -> tuple[Registration | None, WebinarSession | None]:
    """Return the registration of a personal link and another session, read after both sessions' rows are held.

    They are held in the order of their ids, so that two people who move in opposite directions do not wait for each
    other. What does not exist is None.
    """
    here = select(Registration.session_id).where(Registration.token == token)
    keys = db.session.scalars(
        select(WebinarSession.key)
        .where(or_(WebinarSession.id.in_(here), WebinarSession.key == session_key))
        .order_by(WebinarSession.id)
    ).all()
    held = {key: lock_session(key) for key in keys}
    return find_by_token(token), held.get(session_key)


def sessions_come_to(person_id: int, webinar_id: int) -> set[int]:
    """Return the ids of the sessions of a webinar in which somebody has a place or waits for one."""
    return set(
        db.session.scalars(
            select(Registration.session_id)
            .join(Registration.session)
            .where(
                Registration.person_id == person_id,
                WebinarSession.webinar_id == webinar_id,
                Registration.status.in_(ALIVE),
            )
        )
    )


def days_taken(session_ids: Sequence[int], person_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Return who of some people has a place or waits for one in which of some sessions: (session id, person id)."""
    taken = db.session.execute(
        select(Registration.session_id, Registration.person_id).where(
            Registration.session_id.in_(session_ids),
            Registration.person_id.in_(person_ids),
            Registration.status.in_(ALIVE),
        )
    )
    return {(session_id, person_id) for session_id, person_id in taken}


def find_feed(token: str) -> PersonalFeed | None:
    """Return the personal feed of an address, with whose it is, unless they were erased; or None."""
    return db.session.scalar(
        select(PersonalFeed)
        .join(PersonalFeed.person)
        .options(contains_eager(PersonalFeed.person))
        .where(PersonalFeed.token == token, Person.erased_at.is_(None))
    )


def feed_token_of(person_id: int) -> str | None:
    """Return what stands in the address of a person's feed, or None if they have none."""
    return db.session.scalar(select(PersonalFeed.token).where(PersonalFeed.person_id == person_id))


class OfPerson(NamedTuple):
    """A place with its person's calendar entry, if one was ever made."""

    place: Registration
    entry: CalendarEntry | None


def places_to_follow(person_id: int, *, ended_after: datetime, cancelled_after: datetime) -> list[OfPerson]:
    """Return the places that a person's own calendar shows, the earliest first, with everything it says; four queries.

    They are the seats they have, and what left their calendar since: a place given up, a session cancelled. Who only
    waits has no entry yet.
    """
    has_seat = and_(
        Registration.status == RegistrationStatus.REGISTERED,
        or_(WebinarSession.status != SessionStatus.CANCELLED, WebinarSession.changed_at > cancelled_after),
    )
    had_seat = and_(
        Registration.status == RegistrationStatus.CANCELLED,
        Registration.cancelled_at > cancelled_after,
        CalendarEntry.announced_sequence.is_not(None),
    )
    rows = db.session.execute(
        _with_entries()
        .where(
            Registration.person_id == person_id,
            WebinarSession.status != SessionStatus.DRAFT,
            WebinarSession.ends_at > ended_after,
            or_(has_seat, had_seat),
        )
        .order_by(WebinarSession.starts_at, WebinarSession.id)
    )
    return [OfPerson(place, entry) for place, entry in rows.unique()]


def seat_with_entry(token: str) -> OfPerson | None:
    """Return the seat that a personal link manages with its calendar entry, or None; three queries.

    There is none for who waits, in a session that was cancelled, or where no mail has told of an entry.
    """
    row = (
        db.session.execute(
            _with_entries().where(
                Registration.token == token,
                Registration.status == RegistrationStatus.REGISTERED,
                WebinarSession.status == SessionStatus.PUBLISHED,
                CalendarEntry.id.is_not(None),
            )
        )
        .unique()
        .one_or_none()
    )
    return None if row is None else OfPerson(*row)


def _with_entries() -> Select[Registration, CalendarEntry]:
    return (
        select(Registration, CalendarEntry)
        .join(Registration.session)
        .join(WebinarSession.webinar)
        .outerjoin(
            CalendarEntry,
            and_(
                CalendarEntry.session_id == Registration.session_id, CalendarEntry.person_id == Registration.person_id
            ),
        )
        .options(
            contains_eager(Registration.session).options(
                contains_eager(WebinarSession.webinar).selectinload(Webinar.texts),
                joinedload(WebinarSession.ways_to_follow),
            ),
            joinedload(Registration.language_version).selectinload(LanguageVersion.texts),
            joinedload(Registration.member),
        )
    )


class Seating(NamedTuple):
    """How many have a seat in a session, wait in line for one, or are to be looked at first; and the last turn."""

    registered: int
    waiting: int
    asked: int
    last_turn: int

    @property
    def people(self) -> int:
        """How many have a place or hope for one."""
        return self.registered + self.waiting + self.asked


def seating_of(session_id: int) -> Seating:
    """Count a session's seats and turns in one statement; to decide on it, the session's row must be held."""
    row = db.session.execute(_SEATING, {"session_id": session_id}).one()
    return Seating(*row)


def is_invited_alone(session_id: int) -> ColumnElement[bool]:
    """Tell which calendar entries are of people who were invited to a session and have no place or turn in it."""
    has_a_place = exists().where(
        Registration.session_id == CalendarEntry.session_id,
        Registration.person_id == CalendarEntry.person_id,
        Registration.status.in_(ALIVE),
    )
    return and_(
        CalendarEntry.session_id == session_id,
        CalendarEntry.status == EntryStatus.CONFIRMED,
        CalendarEntry.announced_sequence.is_not(None),
        ~has_a_place,
    )


def people_in(session_id: int) -> int:
    """Count who has a place or turn in a session, or was invited to it; one query."""
    there = select(func.count()).where(Registration.session_id == session_id, Registration.status.in_(ALIVE))
    invited = select(func.count()).where(is_invited_alone(session_id))
    return db.session.scalar(select(there.scalar_subquery() + invited.scalar_subquery())) or 0


def seats_taken(session_ids: Iterable[int]) -> dict[int, int]:
    """Count those registered in each of several sessions; a session with nobody is 0."""
    ids = list(session_ids)
    counted = dict.fromkeys(ids, 0)
    if ids:
        rows = db.session.execute(
            select(Registration.session_id, func.count())
            .where(Registration.session_id.in_(ids), Registration.status == RegistrationStatus.REGISTERED)
            .group_by(Registration.session_id)
        )
        counted.update({session_id: count for session_id, count in rows})
    return counted


def most_of_one_member(session_id: int) -> int:
    """Count the seats of the member that has the most in a session; 0 while nobody comes for one."""
    of_each = (
        select(func.count().label("seats"))
        .where(
            Registration.session_id == session_id,
            Registration.status == RegistrationStatus.REGISTERED,
            Registration.member_id.is_not(None),
        )
        .group_by(Registration.member_id)
        .subquery()
    )
    return db.session.scalar(select(func.max(of_each.c.seats))) or 0


def to_approve(session_id: int, *, at_most: int) -> Sequence[Registration]:
    """Return those who wait to be approved in a session, as ``find_with_mail_domains`` does; the first to ask first."""
    asked = _with_mail_domains(session_id).where(IS_ASKED)
    return db.session.scalars(asked.order_by(Registration.turn).limit(at_most)).all()


def find_with_mail_domains(session_id: int, turn: int) -> Registration | None:
    """Return who came as which in a session with person, member and its mail domains, or None; two queries."""
    return db.session.scalar(_with_mail_domains(session_id).where(Registration.turn == turn))


def _with_mail_domains(session_id: int) -> Select[Registration]:
    return (
        select(Registration)
        .where(Registration.session_id == session_id)
        .options(
            joinedload(Registration.person),
            joinedload(Registration.member).selectinload(Member.mail_domains),
        )
    )


class MemberCount(NamedTuple):
    """How many are registered for one member."""

    key: str
    name: str
    region: str
    registered: int


def count_by_member(session_id: int) -> list[MemberCount]:
    """Count a session's registered people by member, the most first, counted by the database.

    Those with as many are in the alphabet of who reads.
    """
    registered = func.count(Registration.id)
    rows = db.session.execute(
        select(Member.key, Member.name, Member.region, registered)
        .join(Registration, Registration.member_id == Member.id)
        .where(Registration.session_id == session_id, Registration.status == RegistrationStatus.REGISTERED)
        .group_by(Member.id)
    )
    return sorted((MemberCount(*row) for row in rows), key=lambda one: (-one.registered, in_alphabet(one.name)))


def count_by_version(session_id: int) -> dict[str, int]:
    """Count a session's registered people by the language version they will follow."""
    rows = db.session.execute(
        select(LanguageVersion.code, func.count())
        .join(Registration, Registration.language_version_id == LanguageVersion.id)
        .where(Registration.session_id == session_id, Registration.status == RegistrationStatus.REGISTERED)
        .group_by(LanguageVersion.code)
    )
    return {code: count for code, count in rows}


def people_of(session_id: int) -> set[int]:
    """Return the ids of the persons who have any registration in a session, a cancelled one too."""
    return set(db.session.scalars(select(Registration.person_id).where(Registration.session_id == session_id)))


def count_all_by_version(session_id: int) -> dict[str, int]:
    """Count a session's registrations, whatever their status, by the language version they point to."""
    rows = db.session.execute(
        select(LanguageVersion.code, func.count())
        .join(Registration, Registration.language_version_id == LanguageVersion.id)
        .where(Registration.session_id == session_id)
        .group_by(LanguageVersion.code)
    )
    return {code: count for code, count in rows}


def count_by_mail_language(session_id: int) -> dict[str, int]:
    """Count who has a place in a session or waits for one by the language that they are written to."""
    rows = db.session.execute(
        select(Registration.language, func.count())
        .where(Registration.session_id == session_id, Registration.status.in_(ALIVE))
        .group_by(Registration.language)
    )
    return {language: count for language, count in rows}


def names_to_place() -> dict[str, dict[str, int]]:
    """Return the names people typed as their organisation of which nobody has said yet whether they are a member's.

    By the name without regard to case and accents: each way it was written, with how many registrations. One query.
    """
    typed: Select[str, int] = (
        select(Registration.organisation, func.count())
        .where(Registration.member_id.is_(None), Registration.organisation != literal_column("''"))
        .group_by(Registration.organisation)
    )
    of_nobody: Select[str, int] = select(TypedName.folded, literal_column("0"))
    rows = db.session.execute(union_all(typed, of_nobody)).all()
    decided = {name for name, count in rows if not count}
    names: dict[str, dict[str, int]] = {}
    for organisation, count in rows:
        folded = typed_key(organisation) if count else ""
        if folded and folded not in decided:
            names.setdefault(folded, {})[organisation] = count
    return names


def count_to_place() -> int:
    """Count the names that people typed of which nobody has said yet whether they are a member's."""
    return len(names_to_place())


def coming_people_by_language(now: datetime) -> dict[str, int]:
    """Count the people in public sessions that are not over by the language that they are written to."""
    rows = db.session.execute(
        select(Registration.language, func.count(func.distinct(Registration.person_id)))
        .join(Registration.session)
        .where(
            WebinarSession.status == SessionStatus.PUBLISHED,
            WebinarSession.ends_at > now,
            Registration.status.in_(ALIVE),
        )
        .group_by(Registration.language)
    )
    return {language: count for language, count in rows}


class Reached(NamedTuple):
    """How many people are written to in a language, and how many hear it."""

    written_to: int = 0
    hearing: int = 0


def coming_people_of(webinar_id: int, now: datetime) -> dict[str, Reached]:
    """Count the people who come to a webinar, or wait, by language: written to in it, hearing it; one query.

    Who comes to several of its sessions counts once, also by another address that was merged with theirs.
    """
    merged = merged_people()
    people = func.count(func.coalesce(merged.c.counts_as_id, Registration.person_id).distinct())
    of_webinar = (
        WebinarSession.webinar_id == webinar_id,
        WebinarSession.status == SessionStatus.PUBLISHED,
        WebinarSession.ends_at > now,
        Registration.status.in_(ALIVE),
    )
    written_to: Select[*tuple[Any, ...]] = select(literal_column("1"), Registration.language, people).join(
        Registration.session
    )
    hearing: Select[*tuple[Any, ...]] = (
        select(literal_column("0"), LanguageVersion.code, people)
        .select_from(Registration)
        .join(Registration.session)
        .join(LanguageVersion, LanguageVersion.id == Registration.language_version_id)
    )
    rows = db.session.execute(
        union_all(
            *(
                counted.outerjoin(merged, merged.c.person_id == Registration.person_id).where(*of_webinar).group_by(by)
                for counted, by in ((written_to, Registration.language), (hearing, LanguageVersion.code))
            )
        )
    )
    found: dict[str, Reached] = {}
    for is_written_to, language, count in rows:
        before = found.get(language, Reached())
        found[language] = before._replace(**{"written_to" if is_written_to else "hearing": count})
    return found
