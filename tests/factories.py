"""Real rows with good defaults: say what the test is about, leave out the rest.

Each function stores its row and commits, so that other connections see it too. Relations it was given stay
readable without a query.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import func, select

from webinar.accounts.models import AuditEntry, Role, SignInLink, StaffAccount
from webinar.attendance.models import AttendanceRecord, AttendanceSource
from webinar.attendance.services.settle import settle
from webinar.calendars.models import CalendarAnswer, CalendarEntry, KeptFor, KeptReply
from webinar.catalogue.models import (
    AgendaItem,
    AgendaItemText,
    AgendaKind,
    CoHost,
    LanguageVersion,
    LanguageVersionText,
    Material,
    MaterialText,
    NoticeText,
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
    WayKind,
    WayToFollow,
    Webinar,
    WebinarSession,
    WebinarText,
)
from webinar.certificates.models import Certificate, SessionCertificates
from webinar.files.models import StoredFile
from webinar.foundation import clock
from webinar.foundation.db import Model, db
from webinar.foundation.ratelimit import RateLimit
from webinar.foundation.zones import in_utc
from webinar.invitations.audience import Condition
from webinar.invitations.models import (
    Audience,
    CityAnswer,
    CityFollowUp,
    CityNote,
    FocalPointLink,
    Invitation,
    ListedPerson,
    Mailing,
    MailingKind,
    MailingRecipient,
    MailingSession,
    MailingText,
    PeopleList,
)
from webinar.mail.models import MailboxPosition, MailState, MailTopic, OutboxMail
from webinar.members.models import Member, MemberAlias, MemberMailDomain, TypedName
from webinar.newsletter.models import NewsletterRequest
from webinar.people.models import (
    Consent,
    Contact,
    ContactFile,
    LegalBasis,
    MailKind,
    Person,
    Purpose,
    Suppression,
    SuppressionReason,
    UnsubscribeLink,
    found_by,
    role_found_by,
)
from webinar.platform_reports.models import (
    BroughtReport,
    KnownIdentity,
    KnownLayout,
    PlatformReport,
    ReportedCandidate,
    ReportedKind,
    ReportedLogin,
    ReportedPerson,
    Standing,
)
from webinar.registration.models import (
    Affiliation,
    Answer,
    AnswerChoice,
    PersonalFeed,
    Registration,
    RegistrationStatus,
)
from webinar.reminders.models import ReminderRecipient, ReminderStop, SessionReminder
from webinar.settings.models import Setting
from webinar.updates.models import SessionUpdate, SessionUpdateWord, UpdateKind, UpdateRecipient

Row = TypeVar("Row", bound=Model)

LONG_AFTER = datetime(2040, 1, 1, tzinfo=UTC)
"""When personal rows are to be erased, unless a test is about that."""

_numbers = count(1)


def stored(row: Row) -> Row:
    """Store a row, with everything that hangs on it, and commit."""
    db.session.add(row)
    db.session.commit()
    return row


def a_member(
    name: str = "Lisbon",
    *,
    key: str | None = None,
    aliases: Sequence[str] = (),
    mail_domains: Sequence[str] = (),
    country_code: str = "PT",
    region: str = "Europe",
    timezone: str = "Europe/Lisbon",
    **more: Any,
) -> Member:
    """Return a member of the network; without a key it gets its name in lower case, with hyphens."""
    return stored(
        Member(
            key=key or "-".join(name.lower().split()),
            name=name,
            country_code=country_code,
            region=region,
            timezone=timezone,
            aliases=[MemberAlias(name=alias) for alias in aliases],
            mail_domains=[MemberMailDomain(domain=domain) for domain in mail_domains],
            **more,
        )
    )


def a_person(
    email: str | None = None, *, language: str = "en", timezone: str | None = "Europe/Lisbon", **more: Any
) -> Person:
    """Return a person, with an address of their own unless one is given."""
    address = email or f"person{next(_numbers)}@example.org"
    more.setdefault("erase_after", LONG_AFTER)
    return stored(Person(email=address, language=language, timezone=timezone, **more))


def a_consent(person: Person | None = None, *, purpose: Purpose = Purpose.NOTICE, **more: Any) -> Consent:
    """Return what a person agreed to, or was told."""
    values: dict[str, Any] = {
        "text_version": "1",
        "text_language": "en",
        "text_hash": "0" * 64,
        "source": "form",
        "erase_after": LONG_AFTER,
    }
    return stored(Consent(person=person or a_person(), purpose=purpose, **{**values, **more}))


def a_contact(
    email: str = "ana@lisbon.example",
    *,
    given_name: str = "Ana",
    family_name: str = "Costa",
    person: Person | None = None,
    **more: Any,
) -> Contact:
    """Return somebody on the network's lists."""
    person = person or a_person(email)
    values: dict[str, Any] = {
        "source": "a list of 2026",
        "basis": LegalBasis.LEGITIMATE_INTEREST,
        "folded": found_by(family_name, given_name, more.get("organisation", ""), person.email or ""),
        "folded_role": role_found_by(more.get("role", "")),
        "erase_after": LONG_AFTER,
    }
    names = {"given_name": given_name, "family_name": family_name}
    return stored(Contact(person=person, **names, **{**values, **more}))


def a_suppression(person: Person | None = None, **more: Any) -> Suppression:
    """Return that somebody is not to be written to: nothing, unless a kind is given."""
    values: dict[str, Any] = {"reason": SuppressionReason.UNSUBSCRIBED, "source": "a list of 2026"}
    return stored(Suppression(person=person or a_person(), **{**values, **more}))


def a_mailing(
    *sessions: WebinarSession,
    kind: MailingKind = MailingKind.INVITATION,
    texts: dict[str, tuple[str, str]] | None = None,
    **more: Any,
) -> Mailing:
    """Return a draft of a mailing about some sessions, in English unless texts (subject and body) are given."""
    written = texts or {"en": ("Come to the webinar", "Dear {given name},\n\nplease **come**.")}
    return stored(
        Mailing(
            kind=kind,
            name=more.pop("name", "An invitation"),
            texts=[MailingText(language=code, subject=text[0], body=text[1]) for code, text in written.items()],
            sessions=[MailingSession(session=session, position=n) for n, session in enumerate(sessions)],
            **more,
        )
    )


def an_invitation(session: WebinarSession | None = None, person: Person | None = None, **more: Any) -> Invitation:
    """Return that somebody was asked to a session."""
    return stored(
        Invitation(session=session or a_session(), person=person or a_person(), **{"erase_after": LONG_AFTER, **more})
    )


def an_audience(name: str = "Europe", *conditions: Condition) -> Audience:
    """Return conditions saved by name: people of Europe, unless some are given."""
    stored_as = [one.stored() for one in conditions or (Condition("region", ("Europe",)),)]
    return stored(Audience(name=name, conditions=stored_as))


def a_people_list(*people: Person, name: str = "Press") -> PeopleList:
    """Return a list that was brought, with some people on it."""
    made = stored(PeopleList(name=name))
    for person in people:
        stored(ListedPerson(list_id=made.id, person_id=person.id))
    return made


def a_recipient(mailing: Mailing, person: Person | None = None, **more: Any) -> MailingRecipient:
    """Return somebody on the list of a mailing, to be written to at once."""
    person = person or a_person()
    values: dict[str, Any] = {"language": "en", "timezone": "Europe/Lisbon", "domain": "lisbon.example"}
    values["not_before"] = clock.now()
    return stored(MailingRecipient(mailing_id=mailing.id, person=person, **{**values, **more}))


def a_focal_point_link(contact: Contact | None = None) -> FocalPointLink:
    """Return the link of a focal point, by default of a member of their own, to their own page."""
    contact = contact or a_contact(member=a_member(), is_focal_point=True)
    return stored(FocalPointLink(contact=contact))


def a_newsletter_request(email: str = "ana@lisbon.example", language: str = "en", **more: Any) -> NewsletterRequest:
    """Return that somebody asked for the newsletter for an address, which is not confirmed."""
    return stored(NewsletterRequest(email=email, language=language, **more))


def an_unsubscribe_link(person: Person | None = None, kind: MailKind = MailKind.INVITATIONS) -> UnsubscribeLink:
    """Return the link with which a person stops a kind of mail."""
    return stored(UnsubscribeLink(person=person or a_person(), kind=kind))


def a_contact_file(account: StaffAccount | None = None, content: bytes = b"", **more: Any) -> ContactFile:
    """Return a list of contacts that somebody of the staff looks over before it is taken."""
    account = account or a_staff_account()
    values: dict[str, Any] = {"file_name": "list.csv", "source": "list.csv", "basis": LegalBasis.LEGITIMATE_INTEREST}
    return stored(
        ContactFile(account_id=account.id, content=content or b"email\nbo@lisbon.example\n", **{**values, **more})
    )


def a_series(slug: str | None = None, *, title: str = "Cities in a changing climate", language: str = "en") -> Series:
    """Return a series with its title in one language."""
    return stored(Series(slug=slug or f"series-{next(_numbers)}", texts=[SeriesText(language=language, title=title)]))


def a_webinar(
    slug: str | None = None,
    *,
    series: Series | None = None,
    title: str = "Heat in cities",
    titles: dict[str, str] | None = None,
    original_language: str = "en",
    **more: Any,
) -> Webinar:
    """Return a webinar; ``titles`` names it in several languages, else ``title`` does in the original one."""
    return stored(
        Webinar(
            slug=slug or f"webinar-{next(_numbers)}",
            series=series or a_series(language=original_language),
            original_language=original_language,
            texts=[
                WebinarText(language=language, title=text)
                for language, text in (titles or {original_language: title}).items()
            ],
            **more,
        )
    )


def a_session(
    key: str | None = None,
    *,
    webinar: Webinar | None = None,
    starts: str = "2030-05-14T13:00",
    zone: str = "Europe/Lisbon",
    minutes: int = 75,
    seats: int | None = None,
    languages: Sequence[str] = ("en",),
    status: SessionStatus = SessionStatus.PUBLISHED,
    platform: Platform = Platform.ZOOM,
    join_url: str = "https://zoom.example/j/123",
    speakers: Sequence[str] = (),
    notes: dict[str, str] | None = None,
    ways: Sequence[WayToFollow] = (),
    notice: dict[str, str] | None = None,
    **more: Any,
) -> WebinarSession:
    """Return a published session: ``starts`` as the clocks of its zone show it, the first language being the floor.

    Without a webinar it gets one of its own, with a title in every language of the session. ``notes`` says how one
    gets to hear its languages, by their codes, in the webinar's original language; ``notice`` is what stands on its
    pages, by language, and ``ways`` are rows of ``a_way``.
    """
    webinar = webinar or a_webinar(titles=dict.fromkeys(languages, "Heat in cities"), original_language=languages[0])
    wall = datetime.fromisoformat(starts)
    until = wall + timedelta(minutes=minutes)
    return stored(
        WebinarSession(
            key=key or f"session-{next(_numbers)}",
            webinar=webinar,
            starts_wall=wall,
            ends_wall=until,
            timezone=zone,
            starts_at=in_utc(wall, zone),
            ends_at=in_utc(until, zone),
            seats=seats,
            status=status,
            platform=platform,
            join_url=join_url,
            language_versions=[
                LanguageVersion(
                    code=code,
                    kind=VersionKind.FLOOR if position == 0 else VersionKind.INTERPRETATION,
                    position=position,
                    texts=[
                        LanguageVersionText(language=webinar.original_language, practical_notes=words)
                        for about, words in (notes or {}).items()
                        if about == code
                    ],
                )
                for position, code in enumerate(languages)
            ],
            speakers=[Speaker(name=name, position=position, texts=[]) for position, name in enumerate(speakers)],
            ways_to_follow=list(ways),
            notice=[
                NoticeText(language=code, line=line, put_up_at=clock.now()) for code, line in (notice or {}).items()
            ],
            **more,
        )
    )


def a_way(
    kind: WayKind = WayKind.STREAM, address: str = "https://stream.example/live", *, code: str = "", countries: str = ""
) -> WayToFollow:
    """Return a further way to follow a session, for ``a_session``; ``countries`` are codes with a space between."""
    return WayToFollow(kind=kind, address=address, access_code=code, countries=countries, position=next(_numbers))


def a_session_by_former_clocks(
    key: str | None = None, *, starts: str, zone: str, offset: float, **more: Any
) -> WebinarSession:
    """Return a session whose moments were computed when its zone was ``offset`` hours ahead of UTC.

    Its wall time is stored as it stands, also where by the zone data of today the clocks never show it.
    """
    wall = datetime.fromisoformat(starts)
    session = a_session(key, starts=(wall - timedelta(hours=offset)).isoformat(), zone="UTC", **more)
    session.starts_wall, session.ends_wall = wall, wall + (session.ends_wall - session.starts_wall)
    session.timezone = zone
    return stored(session)


def an_agenda_item(webinar: Webinar | None = None, *, title: str = "Welcome", questions: str = "") -> AgendaItem:
    """Return a talk of a webinar or, with guiding questions, a roundtable."""
    item = AgendaItem(
        webinar_id=(webinar or a_webinar()).id,
        position=next(_numbers),
        kind=AgendaKind.ROUNDTABLE if questions else AgendaKind.TALK,
        minutes=30,
        texts=[AgendaItemText(language="en", title=title, questions=questions)],
    )
    return stored(item)


def a_file(
    content: bytes = b"%PDF-1.7 small", *, name: str = "paper.pdf", media_type: str = "application/pdf"
) -> StoredFile:
    """Return a kept file; its content is not looked into."""
    digest = hashlib.sha256(content).hexdigest()
    return stored(StoredFile(digest=digest, file_name=name, media_type=media_type, size=len(content), content=content))


def a_material(webinar: Webinar | None = None, *, title: str = "Issue paper", **more: Any) -> Material:
    """Return a material of a webinar, called so in its original language: a link, unless a file is given."""
    webinar = webinar or a_webinar()
    where = {} if "file" in more else {"url": "https://example.org/paper"}
    return stored(
        Material(
            webinar_id=webinar.id,
            position=next(_numbers),
            texts=[MaterialText(language=webinar.original_language, title=title)],
            **{**where, **more},
        )
    )


def a_co_host(webinar: Webinar | None = None, *, name: str = "Cities Alliance", **more: Any) -> CoHost:
    """Return an organisation that holds a webinar together with the network."""
    return stored(CoHost(webinar_id=(webinar or a_webinar()).id, position=next(_numbers), name=name, **more))


def a_question(
    webinar: Webinar | None = None,
    *,
    title: str = "What do you need to take part?",
    kind: QuestionKind = QuestionKind.TEXT,
    choices: Sequence[str] = (),
    language: str = "en",
    **more: Any,
) -> Question:
    """Return a question of a webinar with its choices, in one language."""
    more.setdefault("keep_until", date(2040, 1, 1))
    return stored(
        Question(
            webinar_id=(webinar or a_webinar()).id,
            position=next(_numbers),
            kind=kind,
            texts=[QuestionText(language=language, title=title, purpose="To prepare the session.")],
            choices=[
                QuestionChoice(position=position, texts=[QuestionChoiceText(language=language, title=choice)])
                for position, choice in enumerate(choices)
            ],
            **more,
        )
    )


def an_answer(
    registration: Registration, question: Question, *, text: str = "", choices: Sequence[QuestionChoice] = ()
) -> Answer:
    """Return what somebody answered to a question."""
    return stored(
        Answer(
            registration_id=registration.id,
            question=question,
            text=text,
            choices=[AnswerChoice(question_id=question.id, choice_id=choice.id) for choice in choices],
            erase_after=LONG_AFTER,
        )
    )


def a_registration(
    session: WebinarSession | None = None,
    *,
    email: str | None = None,
    person: Person | None = None,
    member: Member | None = None,
    version: str | None = None,
    language: str = "en",
    given_name: str = "Ana",
    family_name: str = "Sousa",
    status: RegistrationStatus = RegistrationStatus.REGISTERED,
    **more: Any,
) -> Registration:
    """Return somebody's place in a session, by default in its first language and on behalf of no member."""
    session = session or a_session()
    person = person or a_person(email, language=language)
    wanted = next(one for one in session.language_versions if version in (None, one.code))
    values: dict[str, Any] = {
        "affiliation": Affiliation.OTHER if member is None else Affiliation.MEMBER,
        "timezone": person.timezone or "UTC",
        "turn": 1 + _turns_taken(session),
        "cancelled_at": clock.now() if status is RegistrationStatus.CANCELLED else None,
        "erase_after": LONG_AFTER,
    }
    place = stored(
        Registration(
            session=session,
            person=person,
            member=member,
            language_version_id=wanted.id,
            given_name=given_name,
            family_name=family_name,
            language=language,
            status=status,
            **{**values, **more},
        )
    )
    db.session.refresh(place, ["language_version"])
    return place


def _turns_taken(session: WebinarSession) -> int:
    taken = select(func.coalesce(func.max(Registration.turn), 0)).where(Registration.session_id == session.id)
    return db.session.scalar(taken) or 0


def a_calendar_entry(registration: Registration | None = None, **more: Any) -> CalendarEntry:
    """Return the entry of a registered person, not announced yet."""
    place = registration or a_registration()
    values: dict[str, Any] = {
        "organizer": "webinars@example.org",
        "address": place.person.email,
        "name": place.full_name,
        "language": place.language,
        "erase_after": LONG_AFTER,
    }
    return stored(CalendarEntry(session=place.session, person=place.person, **{**values, **more}))


def an_invited_entry(session: WebinarSession, person: Person, **more: Any) -> CalendarEntry:
    """Return the entry of somebody who was invited to a session and has not registered."""
    values: dict[str, Any] = {
        "organizer": "webinars@example.org",
        "address": person.email,
        "name": "Ana Sousa",
        "language": person.language,
        "announced_sequence": 0,
        "dtstamp": datetime(2026, 1, 1, tzinfo=UTC),
        "erase_after": LONG_AFTER,
    }
    return stored(CalendarEntry(session=session, person=person, **{**values, **more}))


def a_personal_feed(person: Person | None = None, **more: Any) -> PersonalFeed:
    """Return the address of a person's own calendar."""
    return stored(PersonalFeed(person=person or a_person(), **more))


def a_kept_reply(entry: CalendarEntry | None = None, *, why: KeptFor = KeptFor.UNPROVEN, **more: Any) -> KeptReply:
    """Return an answer from a calendar that waits for a person, a no unless said otherwise."""
    entry = entry or a_calendar_entry()
    values: dict[str, Any] = {
        "sender": entry.address,
        "answer": CalendarAnswer.DECLINED,
        "sequence": entry.sequence,
        "stamped": clock.now(),
        "received_at": clock.now(),
        "erase_after": entry.erase_after,
    }
    return stored(KeptReply(entry=entry, why=why, **{**values, **more}))


def an_attendance(
    registration: Registration | None = None,
    *,
    source: AttendanceSource = AttendanceSource.REPORT,
    joined_at: datetime | None = None,
    minutes: float | None = 60,
) -> AttendanceRecord:
    """Return a stretch of time in which a registered person was there, from the start of the session on."""
    place = registration or a_registration()
    joined = joined_at or place.session.starts_at
    record = stored(
        AttendanceRecord(
            session=place.session,
            person=place.person,
            source=source,
            joined_at=joined,
            left_at=None if minutes is None else joined + timedelta(minutes=minutes),
            erase_after=LONG_AFTER,
        )
    )
    settle(place.session_id)
    db.session.commit()
    return record


def a_platform_report(session: WebinarSession | None = None, **more: Any) -> PlatformReport:
    """Return a report of Zoom that was taken over for a session and names nobody."""
    values: dict[str, Any] = {
        "platform": "zoom_webinar",
        "file_name": "attendees.csv",
        "digest": f"{next(_numbers):064}",
        "read_as": "0" * 64,
        "timezone": "Europe/Lisbon",
        "topic": "Heat in cities",
        "meeting_id": "845-1111-2222",
        "logins": 0,
        "logins_outside": 0,
        "unclear_times": 0,
        "faults": 0,
        "erase_after": LONG_AFTER,
    }
    return stored(PlatformReport(session_id=(session or a_session()).id, **{**values, **more}))


def a_reported_person(report: PlatformReport | None = None, number: int = 1, **more: Any) -> ReportedPerson:
    """Return somebody in a report of whom nothing is known but the name, with a log-in of the whole session."""
    report = report or a_platform_report()
    name = more.get("name", "Ana Sousa")
    values: dict[str, Any] = {
        "name": name,
        "kind": ReportedKind.ATTENDEE,
        "standing": Standing.OPEN,
        "known_by": more.get("email") or name.lower(),
    }
    person = stored(ReportedPerson(report_id=report.id, number=number, **{**values, **more}))
    session = db.session.get_one(WebinarSession, report.session_id)
    stored(ReportedLogin(report_id=report.id, number=number, joined_at=session.starts_at, left_at=session.ends_at))
    return person


def a_brought_report(session: WebinarSession | None = None, account: StaffAccount | None = None) -> BroughtReport:
    """Return a file that an account has brought for a session and is looking over: it is a table of one person."""
    return stored(
        BroughtReport(
            session_id=(session or a_session()).id,
            account_id=(account or a_staff_account()).id,
            file_name="attendees.csv",
            content=b"Name,Join time,Leave time\nAna,2030-05-14 13:00,2030-05-14 14:00\n",
        )
    )


def a_certificate(registration: Registration | None = None, **more: Any) -> Certificate:
    """Return the certificate that was made of somebody's attendance; whether they came is another matter."""
    place = registration or a_registration()
    return stored(Certificate(registration_id=place.id, **more))


def session_certificates(session: WebinarSession, *, is_open: bool = True, **more: Any) -> SessionCertificates:
    """Return how the certificates of a session look, open to who came unless told otherwise."""
    return stored(SessionCertificates(session_id=session.id, is_open=is_open, **more))


def an_outbox_mail(
    to: str = "ana@example.org",
    *,
    subject: str = "Your place",
    state: MailState = MailState.QUEUED,
    **more: Any,
) -> OutboxMail:
    """Return a mail in the outbox with a small but whole message; ``sending`` is claimed for five minutes."""
    message_id = f"<{next(_numbers)}@example.org>"
    header = ("From: webinars@example.org", f"To: {to}", f"Subject: {subject}", f"Message-ID: {message_id}")
    values: dict[str, Any] = {
        "kind": "confirmation",
        "sender": "webinars@example.org",
        "language": "en",
        "message": "\r\n".join([*header, "", "Good day.", ""]).encode(),
        "claimed_until": clock.now() + timedelta(minutes=5) if state is MailState.SENDING else None,
        "sent_at": clock.now() if state is MailState.SENT else None,
        "erase_after": LONG_AFTER,
    }
    return stored(OutboxMail(to_address=to, subject=subject, message_id=message_id, state=state, **{**values, **more}))


def a_staff_account(email: str | None = None, *, role: Role = Role.ORGANISER, **more: Any) -> StaffAccount:
    """Return somebody of the staff, without a password."""
    address = email or f"staff{next(_numbers)}@example.org"
    return stored(StaffAccount(email=address, role=role, name=more.pop("name", "Olga Organiser"), **more))


def a_sign_in_link(account: StaffAccount | None = None, *, token_hash: str | None = None, **more: Any) -> SignInLink:
    """Return a link that has not been used; by default nobody knows its token."""
    more.setdefault("expires_at", clock.now() + timedelta(hours=1))
    return stored(
        SignInLink(account=account or a_staff_account(), token_hash=token_hash or f"{next(_numbers):064}", **more)
    )


def an_audit_entry(account: StaffAccount | None = None, *, action: str = "session.edited", **more: Any) -> AuditEntry:
    """Return what somebody of the staff, or a command on the server, has done."""
    return stored(AuditEntry(account=account, action=action, subject=more.pop("subject", "session next-en"), **more))


def a_row_in_every_table() -> None:
    """Store at least one row in each table there is."""
    member = a_member(aliases=["Lisboa", "لشبونة"], mail_domains=["lisbon.example"])
    session = a_session(
        languages=("en", "fr"), speakers=["Ana"], notes={"fr": "Channel 2."}, ways=[a_way()], notice={"en": "Late."}
    )
    stored(SpeakerText(speaker_id=session.speakers[0].id, language="en", role="Mayor"))
    place = a_registration(session, member=member, version="fr")
    a_kept_reply(a_calendar_entry(place))
    a_personal_feed(place.person)
    an_attendance(place)
    a_certificate(place)
    session_certificates(session)
    report = a_platform_report(session, starts_at=session.starts_at)
    key = {"report_id": report.id, "number": 1}
    stored(ReportedPerson(**key, name="Ana", kind=ReportedKind.ATTENDEE, standing=Standing.OPEN, known_by="ana sousa"))
    stored(ReportedLogin(**key, joined_at=session.starts_at, left_at=session.ends_at))
    stored(ReportedCandidate(**key, registration_id=place.id))
    stored(KnownIdentity(known_by="ana sousa", person_id=place.person_id, erase_after=LONG_AFTER))
    stored(KnownLayout(headings="0" * 64, columns={"name": 0}))
    stored(
        BroughtReport(session_id=session.id, account_id=a_staff_account().id, file_name="attendees.csv", content=b"")
    )
    an_agenda_item(place.session.webinar, questions="Why?")
    a_material(place.session.webinar, file=a_file())
    a_co_host(place.session.webinar)
    question = a_question(place.session.webinar, kind=QuestionKind.CHOICE, choices=["A ramp", "Captions"])
    an_answer(place, question, choices=question.choices[:1])
    stored(TypedName(folded="city of lisbon", member_id=member.id))
    stored(Setting(name="NETWORK_NAME", value="Cities"))
    a_consent(place.person)
    a_focal_point_link(a_contact(person=place.person, member=member, is_focal_point=True))
    a_newsletter_request()
    a_suppression(place.person)
    an_unsubscribe_link(place.person)
    mail = an_outbox_mail(person_id=place.person_id, topics=[MailTopic(topic="session next-en", order_key="uid-1")])
    told = SessionUpdate(session=session, kind=UpdateKind.MOVED, last_turn=1)
    told.words.append(SessionUpdateWord(language="en", text="The speaker is ill."))
    stored(
        UpdateRecipient(
            session_id=session.id,
            person=place.person,
            update=told,
            knew_starts_at=session.starts_at,
            knew_ends_at=session.ends_at,
            mail=mail,
        )
    )
    mailing = a_mailing(session)
    a_recipient(mailing, place.person)
    an_invitation(session, place.person, mailing_id=mailing.id)
    stored(Audience(name="Europe", conditions=[{"about": "region", "values": ["Europe"], "holds": True}]))
    brought = stored(PeopleList(name="Who asked"))
    stored(ListedPerson(list_id=brought.id, person_id=place.person_id))
    webinar_id = session.webinar_id
    stored(CityFollowUp(webinar_id=webinar_id, member_id=member.id, answer=CityAnswer.WILL_NOMINATE))
    stored(CityNote(webinar_id=webinar_id, member_id=member.id, text="Called on Tuesday."))
    stored(SessionReminder(session_id=session.id, starts_at=session.starts_at, minutes_before=60))
    stored(
        ReminderRecipient(
            session_id=session.id,
            starts_at=session.starts_at,
            minutes_before=60,
            person_id=place.person_id,
            mail=an_outbox_mail(person_id=place.person_id),
        )
    )
    stored(ReminderStop(registration_id=place.id))
    account = a_staff_account()
    a_contact_file(account)
    a_sign_in_link(account)
    an_audit_entry(account)
    stored(RateLimit(key="0" * 64, count=1, ends_at=LONG_AFTER))
    stored(MailboxPosition(mailbox="webinars imap.example.org INBOX", uid_validity=2**32 - 1, last_uid=1))
