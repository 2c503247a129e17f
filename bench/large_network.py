"""A large network, stored quickly: 2,000 sessions, 50,000 registrations, 300 members, 100,000 people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from webinar.accounts.models import AuditEntry, Role, StaffAccount
from webinar.attendance.models import Attendance, AttendanceRecord, AttendanceSource
from webinar.calendars.models import CalendarAnswer, CalendarEntry
from webinar.catalogue.models import (
    AgendaItem,
    AgendaItemText,
    AgendaKind,
    CoHost,
    LanguageVersion,
    Material,
    MaterialText,
    Platform,
    Question,
    QuestionChoice,
    QuestionChoiceText,
    QuestionKind,
    QuestionText,
    Series,
    SeriesText,
    SessionStatus,
    Speaker,
    SpeakerText,
    VersionKind,
    Webinar,
    WebinarSession,
    WebinarText,
)
from webinar.foundation import clock
from webinar.foundation.db import Model, db
from webinar.invitations.models import (
    Invitation,
    ListedPerson,
    Mailing,
    MailingKind,
    MailingRecipient,
    MailingSession,
    MailingState,
    MailingText,
    PeopleList,
)
from webinar.mail.models import MailState, OutboxMail
from webinar.members.matching import fold
from webinar.members.models import Member, MemberAlias, MemberMailDomain
from webinar.people.models import Consent, Contact, ContactFile, LegalBasis, Person, Purpose
from webinar.platform_reports.models import PlatformReport, ReportedKind, ReportedLogin, ReportedPerson, Standing
from webinar.registration.models import Affiliation, Answer, AnswerChoice, Registration, RegistrationStatus
from webinar.updates.models import SessionUpdate, UpdateKind, UpdateRecipient

SESSIONS, REGISTRATIONS, MEMBERS, PEOPLE = 2_000, 50_000, 300, 100_000
SERIES, WEBINARS = 40, 700
COMING = 150
IN_THE_FULLEST = 3_000
CONTACTS = 1_500
DRAFT, SENT = 1, 2
"""The mailings of the large network."""
CONTACT_FILE = "contacts-being-looked-over"
"""The token of a file of contacts that the account of the large network has brought."""
HARDEST = "hardest"
"""The key of the fullest session, and the slug of the webinar and of the series with the most sessions."""

REGIONS = ("Africa", "Asia-Pacific", "Europe", "Latin America and the Caribbean", "North America")
COUNTRIES = ("GH", "KR", "ES", "MX", "CA", "IR", "IN", "BR", "FR", "ZA", "TR", "AU")
ZONES = ("Africa/Accra", "Asia/Seoul", "Europe/Madrid", "America/Mexico_City", "America/Toronto", "Asia/Tehran")
LANGUAGES = ("en", "es", "fr")

Row = dict[str, Any]
Rows = Iterator[tuple[type[Model], list[Row]]]


def store(account: StaffAccount, *more: Callable[[datetime], Rows]) -> None:
    """Store the network, and what ``more`` of it is measured, in an empty database, as the work of an account.

    Some thirty seconds.
    """
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    with db.engine.begin() as connection:
        for part in (
            _members(),
            _catalogue(now),
            _people(now),
            _places(now),
            _answers(now),
            _reports(now, account.id),
            _traces(now, account.id),
            _lists(now),
            _told(now),
            _brought(now, account.id),
            *(rows(now) for rows in more),
        ):
            for table, rows in part:
                connection.execute(insert(table), rows)
        if connection.dialect.name == "postgresql":
            _number_on(connection)
        _count_rows_for_the_planner(connection)
    db.session.commit()


def _number_on(connection: Connection) -> None:
    # Rows stored with their ids have not moved the sequence that gives the next one.
    for table in Model.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            most = select(func.max(column)).scalar_subquery()
            connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, column.name), most)))


def _count_rows_for_the_planner(connection: Connection) -> None:
    # A PostgreSQL server does it by itself some minutes later; SQLite never does, and must be fast without.
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE"))


def _members() -> Rows:
    members = range(1, MEMBERS + 1)
    yield (
        Member,
        [
            {
                "id": n,
                "key": f"city-{n}",
                "name": f"Ciudad número {n}",
                "official_name": f"Ayuntamiento de la Ciudad número {n}",
                "country_code": COUNTRIES[n % len(COUNTRIES)],
                "region": REGIONS[n % len(REGIONS)],
                "timezone": ZONES[n % len(ZONES)],
                "latitude": -50 + n * 37 % 110,
                "longitude": -170 + n * 53 % 340,
            }
            for n in members
        ],
    )
    yield MemberAlias, [{"member_id": n, "name": f"{name} {n}"} for n in members for name in ("City", "مدينة", "도시")]
    yield MemberMailDomain, [{"member_id": n, "domain": f"city{n}.example"} for n in members]


def _name(number: int) -> str:
    return HARDEST if number == 1 else f"number-{number}"


def _webinar_of(session: int) -> int:
    # One webinar has fifty sessions, and one series a tenth of all webinars; the others have three, and eighteen.
    return 1 if session % 40 == 1 else 1 + session % WEBINARS


def _catalogue(now: datetime) -> Rows:
    series, webinars, sessions = (range(1, count + 1) for count in (SERIES, WEBINARS, SESSIONS))
    yield Series, [{"id": n, "slug": _name(n), "position": n} for n in series]
    yield (
        SeriesText,
        [{"series_id": n, "language": code, "title": f"Cities {n} ({code})"} for n in series for code in LANGUAGES],
    )
    yield (
        Webinar,
        [
            {
                "id": n,
                "slug": _name(n),
                "series_id": 1 if n % 10 == 1 else 1 + n % SERIES,
                "original_language": "en",
                "position": n,
            }
            for n in webinars
        ],
    )
    yield (
        WebinarText,
        [
            {
                "webinar_id": n,
                "language": code,
                "title": f"Heat in cities {n} ({code})",
                "summary": "What cities do about it. " * 4,
                "description": "What cities do about it, and what it costs. " * 40,
            }
            for n in webinars
            for code in LANGUAGES
        ],
    )
    yield (
        Material,
        [
            {
                "id": n + 1,
                "webinar_id": 1 + n % WEBINARS,
                "position": n,
                "url": f"https://example.org/{n}",
            }
            for n in range(4 * WEBINARS)
        ],
    )
    yield (
        MaterialText,
        [
            {"material_id": n + 1, "language": code, "title": f"Paper {n}"}
            for n in range(4 * WEBINARS)
            for code in LANGUAGES
        ],
    )
    yield CoHost, [{"id": n, "webinar_id": n, "position": 1, "name": f"Institute {n}"} for n in webinars]
    items = range(1, 4 * WEBINARS + 1)
    yield (
        AgendaItem,
        [
            {"id": n, "webinar_id": 1 + n % WEBINARS, "position": n, "kind": AgendaKind.ROUNDTABLE, "minutes": 20}
            for n in items
        ],
    )
    yield (
        AgendaItemText,
        [
            {"agenda_item_id": n, "language": code, "title": f"Part {n}", "questions": "Why?\nHow?"}
            for n in items
            for code in LANGUAGES
        ],
    )
    yield WebinarSession, [_session(n, now) for n in sessions]
    yield (
        LanguageVersion,
        [
            {
                "id": 3 * n + position,
                "session_id": n,
                "code": code,
                "kind": VersionKind.INTERPRETATION if position else VersionKind.FLOOR,
                "position": position,
            }
            for n in sessions
            for position, code in enumerate(LANGUAGES)
        ],
    )
    yield (
        Speaker,
        [
            {"id": 3 * n + position, "session_id": n, "position": position, "name": f"Élodie Speaker {position}"}
            for n in sessions
            for position in range(3)
        ],
    )
    yield (
        SpeakerText,
        [
            {"speaker_id": 3 * n + position, "language": code, "role": "Mayor"}
            for n in sessions
            for position in range(3)
            for code in LANGUAGES
        ],
    )


def _session(n: int, now: datetime) -> Row:
    # The first ones come, some of them are drafts or have no address; the others are over, back to years ago.
    starts = now + timedelta(days=n * 2, hours=3) if n <= COMING else now - timedelta(days=n - COMING, hours=3)
    ends = starts + timedelta(minutes=75)
    is_draft = n % 12 == 5
    return {
        "id": n,
        "key": _name(n),
        "webinar_id": _webinar_of(n),
        "starts_wall": starts.replace(tzinfo=None),
        "ends_wall": ends.replace(tzinfo=None),
        "timezone": "UTC",
        "starts_at": starts,
        "ends_at": ends,
        "platform": Platform.ZOOM,
        "join_url": "" if n % 9 == 0 else f"https://zoom.example/j/{n}",
        "seats": IN_THE_FULLEST - 200 if n == 1 else None if n % 3 else 300,
        "status": SessionStatus.DRAFT if is_draft else SessionStatus.PUBLISHED,
        "is_provisional": is_draft and n % 24 == 5,
        "uid": f"00000000-0000-4000-8000-{n:012}",
    }


def _people(now: datetime) -> Rows:
    people = range(1, PEOPLE + 1)
    yield (
        Person,
        [
            {"id": n, "email": f"person{n}@city{n % MEMBERS}.example", "language": "es", "erase_after": _later(now)}
            for n in people
        ],
    )
    yield (
        Consent,
        [
            {
                "person_id": n,
                "purpose": Purpose.NOTICE,
                "text_version": "1",
                "text_language": "es",
                "text_hash": "0" * 64,
                "source": "form",
                "erase_after": _later(now),
            }
            for n in people
        ],
    )


def _later(now: datetime) -> datetime:
    return now + timedelta(days=730)


def _session_of(place: int) -> int:
    return 1 if place <= IN_THE_FULLEST else 2 + place % (SESSIONS - 1)


def _person_of(place: int) -> int:
    # Whoever comes comes twice or so, never twice to one session.
    return place if place <= IN_THE_FULLEST else 1 + place % 23_456


def _unique_places() -> Iterator[tuple[int, int, int, int]]:
    turns: dict[int, int] = {}
    seen: set[tuple[int, int]] = set()
    for place in range(1, REGISTRATIONS + 1):
        session, person = _session_of(place), _person_of(place)
        while (session, person) in seen:
            person += 1
        seen.add((session, person))
        turns[session] = turns.get(session, 0) + 1
        yield place, session, person, turns[session]


def _status(session: int, turn: int) -> RegistrationStatus:
    if turn % 17 == 0:
        return RegistrationStatus.CANCELLED
    if session == 1 and turn > IN_THE_FULLEST - 200:
        return RegistrationStatus.WAITING
    return RegistrationStatus.REGISTERED


def _places(now: datetime) -> Rows:
    registrations: list[Row] = []
    entries: list[Row] = []
    stays: list[Row] = []
    for place, session, person, turn in _unique_places():
        status = _status(session, turn)
        affiliation = (Affiliation.MEMBER, Affiliation.PARTNER, Affiliation.OTHER)[0 if place % 8 else place % 3]
        given, family = f"Élodie {place}", f"García Márquez {place * 7 % 9973}"
        organisation = "" if affiliation is Affiliation.OTHER else f"Dirección General {place % 400}"
        registrations.append(
            {
                "id": place,
                "session_id": session,
                "person_id": person,
                "language_version_id": 3 * session + place % 3,
                "member_id": 1 + person % MEMBERS if affiliation is Affiliation.MEMBER else None,
                "affiliation": affiliation,
                "given_name": given,
                "family_name": family,
                "organisation": organisation,
                "role": "International relations",
                "language": LANGUAGES[place % 3],
                "timezone": ZONES[place % len(ZONES)],
                "status": status,
                "turn": turn,
                "registered_at": now - timedelta(days=place % 40, minutes=place % 1440),
                "cancelled_at": now if status is RegistrationStatus.CANCELLED else None,
                "folded": fold(f"{given} {family} {organisation}"),
                "erase_after": _later(now),
            }
        )
        entries.append(
            {
                "session_id": session,
                "person_id": person,
                "organizer": "webinars@example.org",
                "address": f"person{person}@city{person % MEMBERS}.example",
                "name": f"{given} {family}",
                "language": "es",
                "answer": (None, *CalendarAnswer)[place % 4],
                "erase_after": _later(now),
            }
        )
        if place % 3 == 0:
            stays.append(
                {
                    "session_id": session,
                    "person_id": person,
                    "source": AttendanceSource.REPORT,
                    "joined_at": now - timedelta(days=3),
                    "left_at": now - timedelta(days=3) + timedelta(minutes=60),
                    "erase_after": _later(now),
                }
            )
    yield Registration, registrations
    yield CalendarEntry, entries
    yield AttendanceRecord, stays
    yield Attendance, [_answer(stay) for stay in stays]


def _answer(stay: dict[str, Any]) -> dict[str, Any]:
    """Return the answer that one stay in a report comes to."""
    keys = {name: stay[name] for name in ("session_id", "person_id", "erase_after")}
    first, last = stay["joined_at"], stay["left_at"]
    seconds = int((last - first).total_seconds())
    told = {"first_join_at": first, "last_leave_at": last, "seconds": seconds, "sources": "report"}
    return {**keys, **told, "came": True, "is_disputed": False}


def _answers(now: datetime) -> Rows:
    kinds = (QuestionKind.TEXT, QuestionKind.CHOICE, QuestionKind.YES_NO)
    questions = range(1, len(kinds) + 1)
    until = date(now.year + 2, 1, 1)
    yield (
        Question,
        [
            {"id": n, "webinar_id": 1, "position": n, "kind": kind, "keep_until": until}
            for n, kind in enumerate(kinds, 1)
        ],
    )
    yield (
        QuestionText,
        [
            {"question_id": n, "language": code, "title": f"Question {n}", "purpose": "To prepare the session."}
            for n in questions
            for code in LANGUAGES
        ],
    )
    choices = range(1, 5)
    yield QuestionChoice, [{"id": n, "question_id": 2, "position": n} for n in choices]
    yield (
        QuestionChoiceText,
        [{"choice_id": n, "language": code, "title": f"Choice {n}"} for n in choices for code in LANGUAGES],
    )
    places: Sequence[int] = range(1, IN_THE_FULLEST + 1)
    yield (
        Answer,
        [
            {
                "registration_id": place,
                "question_id": n,
                "text": ("A ramp", "", "yes")[n - 1],
                "erase_after": _later(now),
            }
            for place in places
            for n in questions
        ],
    )
    yield (
        AnswerChoice,
        [{"registration_id": place, "question_id": 2, "choice_id": 1 + place % 4} for place in places],
    )


def _reports(now: datetime, account_id: int) -> Rows:
    """Return the report of the fullest session: half of its people are to be confirmed, the others are not known."""
    places = [place for place, session, _person, _turn in _unique_places() if session == 1]
    yield (
        PlatformReport,
        [
            {
                "id": 1,
                "session_id": 1,
                "platform": "zoom_webinar",
                "file_name": "attendees.csv",
                "digest": "0" * 64,
                "read_as": "0" * 64,
                "timezone": "Europe/Madrid",
                "topic": "Heat in cities",
                "meeting_id": "845-1111-2222",
                "logins": 2 * len(places),
                "logins_outside": 0,
                "unclear_times": 0,
                "faults": 0,
                "applied_at": now,
                "account_id": account_id,
                "erase_after": _later(now),
            }
        ],
    )
    yield (
        ReportedPerson,
        [
            {
                "report_id": 1,
                "number": number,
                "name": f"Élodie {place}",
                "kind": ReportedKind.ATTENDEE,
                "standing": Standing.LIKELY if number % 2 else Standing.OPEN,
                "proposed_id": place if number % 2 else None,
                "known_by": f"elodie {place}",
            }
            for number, place in enumerate(places, 1)
        ],
    )
    yield (
        ReportedLogin,
        [
            {"report_id": 1, "number": number, "joined_at": now - hours, "left_at": now - hours + timedelta(minutes=30)}
            for number in range(1, len(places) + 1)
            for hours in (timedelta(hours=2), timedelta(hours=1))
        ],
    )


def _traces(now: datetime, account_id: int) -> Rows:
    mails = range(1, REGISTRATIONS + 1)
    yield (
        OutboxMail,
        [
            {
                "id": n,
                "kind": "confirmation",
                "person_id": _person_of(n),
                "topic": f"session {_name(_session_of(n))}",
                "to_address": f"person{_person_of(n)}@city{_person_of(n) % MEMBERS}.example",
                "sender": "webinars@example.org",
                "subject": "Your place in “Heat in cities”",
                "language": "es",
                "message_id": f"<{n}@example.org>",
                "state": MailState.REFUSED if n % 1000 == 0 else MailState.SENT,
                "created_at": now - timedelta(minutes=n * 30),
                "sent_at": None if n % 1000 == 0 else now - timedelta(minutes=n * 30),
                "server_said": "550 5.1.1 no such user" if n % 1000 == 0 else "250 OK",
                "erase_after": _later(now),
                # The bytes go thirty days after sending.
                "message": b"From: webinars@example.org\r\n\r\n" + b"x" * 3000 if n < 2_000 or n % 1000 == 0 else None,
            }
            for n in mails
        ],
    )
    yield (
        AuditEntry,
        [
            {
                "at": now - timedelta(minutes=n * 20),
                "account_id": account_id,
                "action": "changed",
                "subject": f"session {_name(1 + n % SESSIONS)}",
                "changes": {"seats": [n, n + 1]},
            }
            for n in range(20_000)
        ],
    )


def _lists(now: datetime) -> Rows:
    """Yield a list of contacts, a draft of an invitation and one that has gone out to all of them."""
    contacts = range(1, CONTACTS + 1)
    yield (
        Contact,
        [
            {
                "person_id": n,
                "given_name": "Ana",
                "family_name": f"García {n}",
                "member_id": 1 + n % MEMBERS,
                "is_focal_point": n <= MEMBERS,
                "language": LANGUAGES[n % 3],
                "source": "a list of 2026",
                "basis": LegalBasis.LEGITIMATE_INTEREST,
                "folded": f"garcia {n} ana person{n}@city{n % MEMBERS}.example",
                "erase_after": _later(now),
            }
            for n in contacts
        ],
    )
    of_draft = {"id": DRAFT, "kind": MailingKind.INVITATION, "name": "Draft", "state": MailingState.DRAFT}
    of_sent = {"id": SENT, "kind": MailingKind.INVITATION, "name": "Sent", "state": MailingState.CONFIRMED}
    yield Mailing, [of_draft | {"confirmed_at": None}, of_sent | {"confirmed_at": now}]
    for mailing in (DRAFT, SENT):
        words = {"mailing_id": mailing, "subject": "Come", "body": "Dear {given name},"}
        yield MailingText, [words | {"language": code} for code in LANGUAGES]
        yield MailingSession, [{"mailing_id": mailing, "session_id": 1}]
    yield (
        MailingRecipient,
        [
            {
                "mailing_id": SENT,
                "person_id": n,
                "language": LANGUAGES[n % 3],
                "timezone": ZONES[n % len(ZONES)],
                "domain": f"city{n % MEMBERS}.example",
                "not_before": now,
                "is_ready": True,
                "mail_id": n,
            }
            for n in contacts
        ],
    )
    yield (
        Invitation,
        [{"session_id": 1, "person_id": n, "mailing_id": SENT, "erase_after": _later(now)} for n in contacts],
    )


def _told(now: datetime) -> Rows:
    """Yield a move of the fullest session of which some hundred are still to be told."""
    few = range(1, 301)
    update = {"id": 1, "session_id": 1, "kind": UpdateKind.MOVED, "made_at": now, "last_turn": IN_THE_FULLEST}
    yield SessionUpdate, [update]
    yield (
        UpdateRecipient,
        [
            {"session_id": 1, "person_id": n, "update_id": 1, "knew_starts_at": now, "knew_ends_at": now}
            for n in (_person_of(number) for number in few)
        ],
    )


def _brought(now: datetime, account_id: int) -> Rows:
    """Yield what was brought in files: a list of people, and contacts that are being looked over."""
    yield PeopleList, [{"id": 1, "name": "Press"}]
    yield ListedPerson, [{"list_id": 1, "person_id": n} for n in range(1, CONTACTS + 1)]
    lines = (f"person{n}@city{n % MEMBERS}.example,Ana,García {n}\n" for n in range(1, CONTACTS + 1))
    file = {"token": CONTACT_FILE, "file_name": "list.csv", "source": "list.csv", "brought_at": now}
    content = "".join(["email,given name,family name\n", *lines]).encode()
    yield (
        ContactFile,
        [{**file, "account_id": account_id, "basis": LegalBasis.LEGITIMATE_INTEREST, "content": content}],
    )


def account_of_measuring() -> StaffAccount:
    """Store and return an administrator, to whom every page is shown."""
    account = StaffAccount(email="olga@example.org", name="Olga", role=Role.ADMIN)
    db.session.add(account)
    db.session.commit()
    return db.session.scalars(select(StaffAccount)).one()
