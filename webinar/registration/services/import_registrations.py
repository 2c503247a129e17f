"""Bringing in registrants from a file: people who registered elsewhere, or those of our own export."""

from __future__ import annotations

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from webinar.accounts import audit
from webinar.catalogue.models import LanguageVersion, Question, SessionStatus, VersionKind, WebinarSession
from webinar.catalogue.queries import lock_session
from webinar.catalogue.questions import questions_of
from webinar.foundation import clock, formats, languages
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.foundation.lines import several_lines
from webinar.foundation.spreadsheet import Row, read_table
from webinar.foundation.zones import YEARS
from webinar.members.matching import Ambiguous, Found, MemberNames, typed_key
from webinar.members.queries import member_names, members_by_key, members_of_names
from webinar.people.mail_address import NoMailAddress, normalise
from webinar.people.models import Person
from webinar.people.services.who_is_who import person_with_address
from webinar.registration.answer_columns import NoSuchAnswer, answer_in, column_names
from webinar.registration.mails import enqueue_news_of_place, topic_of
from webinar.registration.models import MOST_WATCHING_WITH, Affiliation, Registration, RegistrationStatus
from webinar.registration.queries import count_by_member, people_of, seating_of
from webinar.registration.registrant import GivenAnswer, Registrant
from webinar.registration.services.answers import new_answer
from webinar.registration.services.places import keep_until
from webinar.registration.services.refusals import NoSuchSession
from webinar.registration.services.register import mail_language

logger = logging.getLogger(__name__)

NEEDED = ("email", "given_name", "family_name")
READ = (
    *NEEDED,
    *("session", "language", "mail_language", "affiliation", "member", "organisation", "role", "status"),
    *("registered_at_utc", "watching_with"),
)
# The export has these too. They follow from the catalogue and the list of members ...
FOLLOWING = ("series", "webinar", "session_start_utc", "country", "region")
# ... and these are about what came later: a registration file says who registered, not who was there.
ABOUT_ATTENDANCE = ("calendar_answer", "attended", "first_join_utc", "last_leave_utc", "minutes", "sources")
# ... or say once more, by the session's own clocks, what stands in UTC already.
LOCAL = ("timezone", "session_start_local", "registered_at_local", "first_join_local", "last_leave_local")
COLUMNS = (*READ, *FOLLOWING, *ABOUT_ATTENDANCE, *LOCAL)

LONGEST = {"given_name": 100, "family_name": 100, "organisation": 300, "role": 300}

# Line ends of all kinds too, and what turns round the text behind a name.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

ADDRESSES_AT_A_TIME = 500


@dataclass(frozen=True)
class Fault:
    """What is wrong with one line of a file."""

    line: int
    reason: str


class BadLines(DomainError):
    """Some lines of the file cannot be taken, so none was; ``faults`` says which and why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        listed = (_("Line %(line)s: %(reason)s", line=fault.line, reason=fault.reason) for fault in faults)
        super().__init__("\n".join(listed))
        self.faults = faults


class BadFile(DomainError):
    """The file as a whole does not say what is needed."""


@dataclass(frozen=True)
class Imported:
    """What an import did: how many came in with which status, how many were there before, how many are written to.

    ``left_out`` are the columns of the file that mean nothing here.
    """

    added: Mapping[RegistrationStatus, int]
    known: int
    written_to: int
    left_out: Sequence[str]
    attendance_left_out: bool


@dataclass(frozen=True)
class _Line:
    """One registrant of the file, all but the language version checked."""

    number: int
    email: str
    given_name: str
    family_name: str
    affiliation: Affiliation
    member_key: str | None
    organisation: str
    role: str
    version: str
    mail_language: str
    status: RegistrationStatus
    registered_at: datetime | None
    watching_with: int
    others: Mapping[str, str]


@dataclass
class _File:
    """What was read: registrants, what is wrong, which columns there are, which sessions it is about."""

    lines: list[_Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    sessions: dict[str, None] = field(default_factory=dict)


def import_registrations(session_key: str, content: bytes, *, quiet: bool = False) -> Imported:
    """Register everybody in a CSV or XLSX file, all of them or, if any line is wrong, none.

    ``status`` and ``registered_at_utc`` are kept, and answers to what the webinar asks now; ``mail_language`` is, as in
    the form, where the webinar has texts in it. Who was registered waits
    when the seats are taken, or those that one member may have. Nobody needs to be approved, or to answer. The order
    of turns is that of registering. Somebody who is in the session already stays as they are, so the same file again
    changes nothing. Unless ``quiet``, whoever comes in gets the mail that a form would have brought, if the session is
    still to come. The import is no consent of theirs, and so records none.

    Raises:
        NoSuchSession: there is no session of this key.
        UnreadableTable: the file is no table.
        BadFile: a column is missing, or the file is about several sessions.
        BadLines: some lines cannot be taken.
    """
    file = _read(content, member_names())
    with transaction():
        now = clock.now()
        session = lock_session(session_key)  # whoever changes seats holds this row
        if session is None:
            raise NoSuchSession(session_key)
        versions = _check_versions(file, session)
        questions = _columns_of_questions(file, session, now)
        answers = _check_answers(file, session, questions)
        if file.faults:
            raise BadLines(sorted(file.faults, key=lambda fault: fault.line))
        places = _take_places(session, file.lines, versions, answers, now)
        written_to = 0
        if not quiet and session.status is SessionStatus.PUBLISHED and now < session.ends_at:
            written_to = _write_to(places, now)
        added = Counter(place.status for place in places)
        if places:
            counts = {status.value: count for status, count in added.items()}
            audit.record("imported", topic_of(session), what="registrations", **counts)
    logger.info("session %s: %s registrations imported", session_key, len(places))
    return Imported(
        added=added,
        known=len(file.lines) - len(places),
        written_to=written_to,
        left_out=[column for column in file.columns if column not in COLUMNS and column not in questions],
        attendance_left_out=any(column in ABOUT_ATTENDANCE for column in file.columns),
    )


# Reading the file: the shape of each line.


def _read(content: bytes, names: MemberNames) -> _File:
    file = _File()
    exact = {member.name: key for key, member in names.members.items()}
    seen: dict[str, int] = {}
    for row in read_table(content):
        if not file.columns:
            file.columns = tuple(row.values)
            _check_columns(file.columns)
        if named := row.values.get("session", "").strip():
            file.sessions[named] = None
        reasons: list[str] = []
        line = _line(row, names, exact, reasons)
        first = seen.setdefault(line.email, row.line)
        if line.email and first != row.line:
            reasons.append(_("this address stands in line %(line)s already.", line=first))
        file.faults.extend(Fault(row.line, reason) for reason in reasons)
        if not reasons:
            file.lines.append(line)
    if len(file.sessions) > 1:
        raise BadFile(
            _l(
                "The file is about several sessions (%(sessions)s). Split it, and import each into its own.",
                sessions=", ".join(file.sessions),
            )
        )
    return file


def _check_columns(columns: Sequence[str]) -> None:
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise BadFile(
            _l("The first line names no column “%(columns)s”, which is needed.", columns="”, “".join(missing))
        )


def _line(row: Row, names: MemberNames, exact: Mapping[str, str], reasons: list[str]) -> _Line:
    """Read one line; what is wrong with it is added to ``reasons``."""
    typed = {name: row.values.get(name, "").strip() for name in READ}
    for name in ("given_name", "family_name"):
        if not typed[name]:
            reasons.append(_("%(column)s is empty.", column=name))
    for name, longest in LONGEST.items():
        if len(typed[name]) > longest:
            reasons.append(_("%(column)s is longer than %(longest)s characters.", column=name, longest=longest))
        if _CONTROLS.search(typed[name]):
            reasons.append(_("%(column)s holds a line break or another control character.", column=name))
    member_key = _member(typed["member"], names, exact, reasons)
    return _Line(
        number=row.line,
        email=_email(typed["email"], reasons),
        given_name=typed["given_name"],
        family_name=typed["family_name"],
        affiliation=_affiliation(typed, reasons),
        member_key=member_key,
        organisation=typed["organisation"],
        role=typed["role"],
        version=typed["language"].lower(),
        mail_language=_mail_language(typed["mail_language"], reasons),
        status=_status(typed["status"], reasons),
        registered_at=_moment(typed["registered_at_utc"], reasons),
        watching_with=_watching_with(typed["watching_with"], reasons),
        others={name: several_lines(cell) for name, cell in row.values.items() if name not in COLUMNS},
    )


def _email(typed: str, reasons: list[str]) -> str:
    if not typed:
        reasons.append(_("%(column)s is empty.", column="email"))
        return ""
    try:
        return normalise(typed)
    except NoMailAddress as refusal:
        reasons.append(str(refusal))
        return ""


def _member(typed: str, names: MemberNames, exact: Mapping[str, str], reasons: list[str]) -> str | None:
    """Return the key of the member meant; the very name we export is always clear, though others share it."""
    if not typed or typed in exact:
        return exact.get(typed)
    answer = names.find(typed)
    if isinstance(answer, Found):
        return answer.member_key
    if isinstance(answer, Ambiguous):
        meant = formats.in_a_row(names.name_of(key) for key in answer.member_keys)
        reasons.append(_("“%(name)s” may be %(members)s: write one of these.", name=typed, members=meant))
    elif answer.suggestions:
        near = formats.in_a_row(names.name_of(key) for key in answer.suggestions)
        reasons.append(
            _("there is no member called “%(name)s”. Is it one of these: %(members)s?", name=typed, members=near)
        )
    else:
        reasons.append(_("there is no member called “%(name)s”.", name=typed[:80]))
    return None


def _affiliation(typed: Mapping[str, str], reasons: list[str]) -> Affiliation:
    """Return on whose behalf somebody comes; where the file does not say, it follows from what it names."""
    if not typed["affiliation"]:
        if typed["member"]:
            return Affiliation.MEMBER
        return Affiliation.PARTNER if typed["organisation"] else Affiliation.OTHER
    try:
        affiliation = Affiliation(typed["affiliation"].lower())
    except ValueError:
        reasons.append(
            _(
                "%(column)s is “%(value)s”, but must be one of %(choices)s.",
                column="affiliation",
                value=typed["affiliation"][:80],
                choices=", ".join(Affiliation),
            )
        )
        return Affiliation.OTHER
    if (affiliation is Affiliation.MEMBER) != bool(typed["member"]):
        reasons.append(
            _("affiliation is “%(value)s”; a member is named with “member”, and only then.", value=affiliation)
        )
    return affiliation


def _mail_language(typed: str, reasons: list[str]) -> str:
    """Return the language that somebody asks to be written to in, empty where the file does not say."""
    code = typed.lower()
    if code and not languages.is_known(code):
        reasons.append(
            _("mail_language is “%(value)s”, but must be the code of a language, like fr.", value=typed[:80])
        )
    return code


def _status(typed: str, reasons: list[str]) -> RegistrationStatus:
    try:
        return RegistrationStatus(typed.lower() or RegistrationStatus.REGISTERED)
    except ValueError:
        reasons.append(
            _(
                "%(column)s is “%(value)s”, but must be one of %(choices)s.",
                column="status",
                value=typed[:80],
                choices=", ".join(RegistrationStatus),
            )
        )
        return RegistrationStatus.REGISTERED


def _watching_with(typed: str, reasons: list[str]) -> int:
    """Return how many more watch in somebody's room; a spreadsheet may have made 3.0 of it."""
    number = re.fullmatch(r"([0-9]{1,3})(?:[.,]0+)?", typed)
    count = int(number[1]) if number else 0
    if (typed and not number) or count > MOST_WATCHING_WITH:
        reasons.append(
            _(
                "%(column)s is “%(value)s”, but must be a whole number from 0 to %(most)s.",
                column="watching_with",
                value=typed[:80],
                most=MOST_WATCHING_WITH,
            )
        )
        return 0
    return count


def _moment(typed: str, reasons: list[str]) -> datetime | None:
    """Return a moment; the column's name says that one without a zone is in UTC."""
    if not typed:
        return None
    try:
        written = datetime.fromisoformat(typed)
        moment = (written if written.tzinfo else written.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.year not in YEARS:
        reasons.append(
            _("registered_at_utc is “%(value)s”, but must be a moment like 2027-04-03T14:30:00Z.", value=typed[:80])
        )
        return None
    return moment


# Taking places, in the transaction.


def _check_versions(file: _File, session: WebinarSession) -> dict[str, LanguageVersion]:
    """Return the session's language versions by code; under no code the one that who names none will follow."""
    versions = {version.code: version for version in session.language_versions}
    floor = next(
        (version for version in session.language_versions if version.kind is VersionKind.FLOOR),
        next(iter(session.language_versions), None),
    )
    for line in file.lines:
        if line.version and line.version not in versions:
            file.faults.append(
                Fault(
                    line.number,
                    _(
                        "the session cannot be followed in “%(code)s”. It has: %(codes)s.",
                        code=line.version[:20],
                        codes=", ".join(versions),
                    ),
                )
            )
    if floor is None:
        raise BadFile(_l("This session has no language yet. Give it one first."))
    return {"": floor, **versions}


def _columns_of_questions(file: _File, session: WebinarSession, now: datetime) -> dict[str, Question]:
    """Return the questions that the file has a column for, by its name; they are held until the transaction ends."""
    if all(column in COLUMNS for column in file.columns):
        return {}
    every = questions_of(session.webinar_id, lock=True)
    names = column_names(every, session.webinar.original_language, COLUMNS)
    by_column = {names[question.id].lower(): question for question in every if question.is_open(now)}
    return {column: by_column[column] for column in file.columns if column in by_column}


def _check_answers(
    file: _File, session: WebinarSession, questions: Mapping[str, Question]
) -> dict[int, list[tuple[Question, GivenAnswer]]]:
    """Return what each line answers, by its number; empty answers are left out."""
    answers: dict[int, list[tuple[Question, GivenAnswer]]] = defaultdict(list)
    for line in file.lines:
        for column, question in questions.items():
            try:
                given = answer_in(question, session.webinar.original_language, line.others[column])
            except NoSuchAnswer as refusal:
                reason = _("the answer in “%(column)s” cannot be read: %(reason)s", column=column, reason=refusal)
                file.faults.append(Fault(line.number, reason))
                continue
            if given.text or given.choice_ids:
                answers[line.number].append((question, given))
    return answers


def _take_places(
    session: WebinarSession,
    lines: Sequence[_Line],
    versions: Mapping[str, LanguageVersion],
    answers: Mapping[int, Sequence[tuple[Question, GivenAnswer]]],
    now: datetime,
) -> list[Registration]:
    """Store those who are not in the session yet, the first to register first."""
    erase_after = keep_until(session, now)
    members, decided = members_by_key(), members_of_names()
    known_people = _known_people(line.email for line in lines)
    present = people_of(session.id)
    seating = seating_of(session.id)
    registered, turn = seating.registered, seating.last_turn
    of_member = Counter({count.key: count.registered for count in count_by_member(session.id)})
    places: list[Registration] = []
    taken_by: list[_Line] = []
    for line in sorted(lines, key=lambda line: (line.registered_at or now, line.number)):
        known = known_people.get(line.email)
        if known is not None and known.id in present:
            continue
        member = members[line.member_key] if line.member_key else decided.get(typed_key(line.organisation))
        version = versions[line.version]
        zone = member.timezone if member else session.timezone
        language = mail_language(session, _registrant(line, version, zone))
        # What somebody chose themselves counts more than what a file lets us guess.
        person = person_with_address(
            line.email,
            language=known.language or language if known else language,
            timezone=known.timezone or zone if known else zone,
            keep_until=erase_after,
        )
        if person.id in present:  # by another address, before the two were merged
            continue
        present.add(person.id)
        status = line.status
        if status is RegistrationStatus.REGISTERED:
            is_full = session.seats is not None and registered >= session.seats
            if is_full or (member is not None and _has_all(session, of_member[member.key])):
                status = RegistrationStatus.WAITING
            else:
                registered += 1
                of_member.update([member.key] if member is not None else [])
        turn += 1
        taken_by.append(line)
        places.append(
            Registration(
                session=session,
                person=person,
                language_version=version,
                member=member,
                affiliation=line.affiliation if member is None else Affiliation.MEMBER,
                typed_affiliation=None if member is None or line.member_key else line.affiliation,
                given_name=line.given_name,
                family_name=line.family_name,
                organisation=line.organisation,
                role=line.role,
                language=language,
                timezone=zone,
                status=status,
                turn=turn,
                registered_at=line.registered_at or now,
                watching_with=line.watching_with,
                cancelled_at=now if status is RegistrationStatus.CANCELLED else None,
                erase_after=erase_after,
            )
        )
    db.session.add_all(places)
    db.session.flush()
    for place, line in zip(places, taken_by, strict=True):
        db.session.add_all(new_answer(place, *answer) for answer in answers.get(line.number, ()))
    return places


def _has_all(session: WebinarSession, seats_of_member: int) -> bool:
    return session.most_per_member is not None and seats_of_member >= session.most_per_member


def _registrant(line: _Line, version: LanguageVersion, zone: str) -> Registrant:
    return Registrant(
        email=line.email,
        given_name=line.given_name,
        family_name=line.family_name,
        affiliation=line.affiliation,
        version=version.code,
        language=line.mail_language or version.code,
        timezone=zone,
    )


def _known_people(addresses: Iterable[str]) -> dict[str, Person]:
    every = list(addresses)
    known: dict[str, Person] = {}
    for start in range(0, len(every), ADDRESSES_AT_A_TIME):
        some = every[start : start + ADDRESSES_AT_A_TIME]
        for person in db.session.scalars(select(Person).where(Person.email.in_(some))):
            known[person.email or ""] = person
    return known


def _write_to(places: Iterable[Registration], now: datetime) -> int:
    alive = [place for place in places if place.is_alive]
    for place in alive:
        enqueue_news_of_place(place, now)
    return len(alive)
