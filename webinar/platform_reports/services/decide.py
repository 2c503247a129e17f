"""Saying of somebody in a report who it is: what is likely confirmed, who is unknown linked, added or set aside.

Each decision is remembered for the next report, unless the address had said it for certain.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from webinar.accounts import audit
from webinar.catalogue.models import LanguageVersion, WebinarSession
from webinar.catalogue.queries import lock_session
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.people.models import Person
from webinar.people.services.who_is_who import person_with_address
from webinar.platform_reports.models import (
    DECIDED,
    KnownIdentity,
    PlatformReport,
    Reason,
    ReportedKind,
    ReportedPerson,
    Standing,
)
from webinar.platform_reports.queries import in_lots
from webinar.platform_reports.services.counting import count_again, remove_added
from webinar.platform_reports.services.refusals import (
    AlreadyRegistered,
    NobodyRegistered,
    NoSuchReport,
    NoSuchReported,
    NotActive,
)
from webinar.registration.mails import topic_of
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.queries import seating_of
from webinar.registration.registrant import Details, Registrant
from webinar.registration.services.places import keep_until, member_of, write_details
from webinar.registration.services.refusals import NoSuchSession, UnknownLanguageVersion
from webinar.registration.services.register import mail_language

logger = logging.getLogger(__name__)

CERTAINTIES = (Reason.ADDRESS, Reason.MERGED_ADDRESS, Reason.REMEMBERED)


@dataclass(frozen=True, kw_only=True)
class CameWithout(Details):
    """Who came without registering, as one of the staff says; without an address where nobody knows it.

    ``version`` is the code of the language version they followed; empty: the session's first.
    """

    email: str | None = None
    version: str = ""


def confirm(session_key: str, report_id: int, numbers: Collection[int] | None = None) -> int:
    """Say of the likely ones of these numbers, or of all, that they are whom they seem to be; return of how many.

    Who is not likely (any more) is left as they are.

    Raises:
        NoSuchSession, NoSuchReport, NotActive: there is no such report that counts.
    """
    with transaction():
        session, report = _held(session_key, report_id)
        likely = _people(report, numbers, Standing.LIKELY)
        places = _places(session, {one.proposed_id for one in likely})
        for one in likely:
            one.standing, one.registration_id = Standing.BY_HAND, one.proposed_id
        _remember(report, {one.known_by: places[one.proposed_id or 0].person_id for one in likely})
        _decided(session, report, "confirmed", likely, {place.person_id for place in places.values()})
    return len(likely)


def link(session_key: str, report_id: int, number: int, turn: int) -> None:
    """Say that somebody in a report is who came as the ``turn``-th to register in the session.

    Raises:
        NoSuchSession, NoSuchReport, NotActive, NoSuchReported: there is nobody of this number in a report that counts.
        NobodyRegistered: nobody is registered as that.
    """
    with transaction():
        session, report = _held(session_key, report_id)
        one = _person(report, number)
        place = db.session.scalar(
            select(Registration).where(Registration.session_id == session.id, Registration.turn == turn)
        )
        if place is None:
            raise NobodyRegistered
        before = _places(session, {one.registration_id})
        one.standing, one.registration_id = Standing.BY_HAND, place.id
        if _worth_remembering(one):
            _remember(report, {one.known_by: place.person_id})
        _decided(session, report, "linked", [one], {place.person_id, *(each.person_id for each in before.values())})
        remove_added(session, before)


def add(session_key: str, report_id: int, number: int, who: CameWithout) -> None:
    """Add somebody in a report to the session as one who came without registering.

    They take no seat, and are written nothing.

    Raises:
        NoSuchSession, NoSuchReport, NotActive, NoSuchReported: there is nobody of this number in a report that counts.
        AlreadyRegistered: who has this address is registered in the session.
        UnknownMember, UnknownLanguageVersion, NoMailAddress: who they are cannot be.
    """
    with transaction():
        session, report = _held(session_key, report_id)
        one = _person(report, number)
        before = _places(session, {one.registration_id})
        place = _added(session, who)
        one.standing, one.registration_id = Standing.ADDED, place.id
        if _worth_remembering(one):
            _remember(report, {one.known_by: place.person_id})
        _decided(session, report, "added", [one], {place.person_id, *(each.person_id for each in before.values())})
        remove_added(session, before)


def set_aside(session_key: str, report_id: int, numbers: Collection[int]) -> int:
    """Say of people in a report that they are nobody who matters here; return of how many.

    Raises:
        NoSuchSession, NoSuchReport, NotActive: there is no such report that counts.
    """
    with transaction():
        session, report = _held(session_key, report_id)
        people = _people(report, numbers, Standing.LIKELY, Standing.OPEN, Standing.APART)
        for one in people:
            one.standing, one.registration_id = Standing.SET_ASIDE, None
        _remember(report, {one.known_by: None for one in people if _worth_remembering(one)})
        _decided(session, report, "set aside", people, ())
    return len(people)


def take_back(session_key: str, report_id: int, numbers: Collection[int]) -> int:
    """Take back what was decided of people in a report: they are again what they seemed to be; return of how many.

    Who was added is removed again if nothing else tells of them.

    Raises:
        NoSuchSession, NoSuchReport, NotActive: there is no such report that counts.
    """
    with transaction():
        session, report = _held(session_key, report_id)
        people = _people(report, numbers, *DECIDED)
        before = _places(session, {one.registration_id for one in people})
        for one in people:
            one.standing = _seeming(one)
            one.registration_id = one.proposed_id if one.standing is Standing.CERTAIN else None
        after = _places(session, {one.registration_id for one in people})
        for some in in_lots(sorted({one.known_by for one in people})):
            db.session.execute(delete(KnownIdentity).where(KnownIdentity.known_by.in_(some)))
        affected = {place.person_id for place in (*before.values(), *after.values())}
        _decided(session, report, "took the decision back", people, affected)
        remove_added(session, before)
    return len(people)


def _held(session_key: str, report_id: int) -> tuple[WebinarSession, PlatformReport]:
    """Return a session and a report of it that counts, the session's row held."""
    session = lock_session(session_key)
    if session is None:
        raise NoSuchSession(session_key)
    report = db.session.scalar(
        select(PlatformReport)
        .where(PlatformReport.id == report_id, PlatformReport.session_id == session.id)
        .execution_options(populate_existing=True)
    )
    if report is None:
        raise NoSuchReport
    if not report.is_active:
        raise NotActive
    return session, report


def _people(report: PlatformReport, numbers: Collection[int] | None, *standings: Standing) -> Sequence[ReportedPerson]:
    statement = (
        select(ReportedPerson)
        .where(ReportedPerson.report_id == report.id, ReportedPerson.standing.in_(standings))
        .order_by(ReportedPerson.number)
        .execution_options(populate_existing=True)
    )
    if numbers is not None:
        statement = statement.where(ReportedPerson.number.in_(list(numbers)))
    return db.session.scalars(statement).all()


def _person(report: PlatformReport, number: int) -> ReportedPerson:
    person = next(iter(_people(report, [number], *Standing)), None)
    if person is None:
        raise NoSuchReported
    return person


def _places(session: WebinarSession, registration_ids: Collection[int | None]) -> dict[int, Registration]:
    places: dict[int, Registration] = {}
    for some in in_lots(sorted(one for one in registration_ids if one is not None)):
        statement = select(Registration).where(Registration.session_id == session.id, Registration.id.in_(some))
        places |= {place.id: place for place in db.session.scalars(statement)}
    return places


def _seeming(one: ReportedPerson) -> Standing:
    if one.proposed_id is not None:
        return Standing.CERTAIN if one.reason in CERTAINTIES else Standing.LIKELY
    return Standing.OPEN if one.kind is ReportedKind.ATTENDEE else Standing.APART


def _remember(report: PlatformReport, decided: Mapping[str, int | None]) -> None:
    """Keep decisions for the next report: who somebody is by what they are known by, None for who is set aside."""
    if not decided:
        return
    # In one statement that finds or makes each, in their order: elsewhere somebody may decide on the same names.
    is_sqlite = db.engine.dialect.name == "sqlite"
    statement = (sqlite if is_sqlite else postgresql).insert(KnownIdentity)
    later = func.max if is_sqlite else func.greatest
    upsert = statement.on_conflict_do_update(
        index_elements=[KnownIdentity.known_by],
        set_={
            "person_id": statement.excluded.person_id,
            "decided_at": statement.excluded.decided_at,
            "erase_after": later(KnownIdentity.erase_after, statement.excluded.erase_after),
        },
    )
    about_all = {"decided_at": clock.now(), "erase_after": report.erase_after}
    rows = [{"known_by": key, "person_id": decided[key], **about_all} for key in sorted(decided)]
    db.session.execute(upsert.execution_options(render_nulls=True), rows)


def _worth_remembering(one: ReportedPerson) -> bool:
    """Tell whether a decision is kept: an address that somebody registered with says itself whose it is."""
    return one.reason not in {Reason.ADDRESS, Reason.MERGED_ADDRESS} and one.kind is not ReportedKind.NAMELESS


def _decided(
    session: WebinarSession,
    report: PlatformReport,
    action: str,
    people: Sequence[ReportedPerson],
    person_ids: Collection[int],
) -> None:
    if not people:
        return
    count_again(session, person_ids)
    numbers = [one.number for one in people]
    audit.record(
        action, topic_of(session), what="people in an attendance report", file=report.file_name, people=numbers
    )
    logger.info("session %s: report %s, %s %s", session.key, report.id, len(people), action)


def _added(session: WebinarSession, who: CameWithout) -> Registration:
    now = clock.now()
    until = keep_until(session, now)
    member, version = member_of(who), _version(session, who.version)
    zone = member.timezone if member is not None else session.timezone
    language = mail_language(
        session,
        Registrant(
            email=who.email or "",
            given_name=who.given_name,
            family_name=who.family_name,
            affiliation=who.affiliation,
            version=version.code,
            language=version.code,
            timezone=zone,
        ),
    )
    if who.email:
        person = person_with_address(who.email, language=language, timezone=zone, keep_until=until)
        known = db.session.scalar(
            select(Registration).where(Registration.session_id == session.id, Registration.person_id == person.id)
        )
        if known is not None:
            raise AlreadyRegistered(known.turn)
    else:
        person = Person(language=language, timezone=zone, erase_after=until)
    place = Registration(
        session=session,
        person=person,
        language_version=version,
        language=language,
        timezone=zone,
        status=RegistrationStatus.UNREGISTERED,
        turn=seating_of(session.id).last_turn + 1,
        registered_at=now,
        erase_after=until,
    )
    write_details(place, who, member)
    db.session.add(place)
    db.session.flush()
    return place


def _version(session: WebinarSession, code: str) -> LanguageVersion:
    """Return the language version of a code, else the session's first."""
    versions = session.language_versions
    found = next((version for version in versions if code in ("", version.code)), None)
    if found is None:
        raise UnknownLanguageVersion(code)
    return found
