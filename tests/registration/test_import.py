from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from tests.factories import (
    a_member,
    a_person,
    a_registration,
    a_session,
    a_webinar,
    an_attendance,
)
from webinar.accounts.models import AuditEntry
from webinar.attendance.export import ExportFormat, export, write
from webinar.attendance.participants import participants
from webinar.attendance.queries import stays_in_session
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import Model, db
from webinar.foundation.spreadsheet import Sheet, UnreadableTable, csv_lines, write_xlsx
from webinar.mail.models import OutboxMail
from webinar.people.models import Consent, Person
from webinar.registration.models import Affiliation, Registration, RegistrationStatus
from webinar.registration.services import NoSuchSession
from webinar.registration.services.import_registrations import (
    BadFile,
    BadLines,
    Imported,
    import_registrations,
)

LONG_BEFORE = datetime(2030, 5, 1, tzinfo=UTC)

REGISTERED, WAITING, CANCELLED, UNREGISTERED = RegistrationStatus


def a_file(*lines: dict[str, str]) -> bytes:
    columns = list(dict.fromkeys(column for line in lines for column in line))
    return b"".join(csv_lines(columns, [[line.get(column, "") for column in columns] for line in lines]))


def a_line(email: str = "ana@lisbon.example", **more: str) -> dict[str, str]:
    return {"email": email, "given_name": "Ana", "family_name": "Sousa", **more}


def all_of(table: type[Model]) -> Sequence[Any]:
    return db.session.scalars(select(table).order_by(table.__table__.c.id)).all()


def places_in(session: WebinarSession) -> list[Registration]:
    db.session.commit()
    return list(
        db.session.scalars(
            select(Registration).where(Registration.session_id == session.id).order_by(Registration.turn)
        )
    )


def exported(session: WebinarSession, how: ExportFormat) -> bytes:
    target = io.BytesIO()
    write(export(stays_in_session(session.id)), how, target)
    return target.getvalue()


def reasons(refusal: pytest.ExceptionInfo[BadLines]) -> list[tuple[int, str]]:
    return [(fault.line, fault.reason) for fault in refusal.value.faults]


@time_machine.travel(LONG_BEFORE, tick=False)
def test_an_import_registers_everybody_and_writes_to_them(app: Flask) -> None:
    session = a_session("heat-en", languages=("en", "fr"))
    a_member("Tehran", aliases=("تهران",), timezone="Asia/Tehran")

    outcome = import_registrations(
        "heat-en",
        a_file(
            a_line("Elham@Tehran.example", member="طهران", role="Council", language="fr"),
            a_line("partner@example.org", organisation="UN-Habitat"),
            a_line("other@example.org"),
        ),
    )

    assert outcome == Imported({REGISTERED: 3}, known=0, written_to=3, left_out=[], attendance_left_out=False)
    elham, partner, other = places_in(session)
    assert (elham.affiliation, partner.affiliation, other.affiliation) == tuple(Affiliation)
    assert (elham.role, elham.timezone, elham.turn) == ("Council", "Asia/Tehran", 1)
    assert elham.registered_at == LONG_BEFORE
    assert [person.email for person in all_of(Person)] == [
        "elham@tehran.example",
        "partner@example.org",
        "other@example.org",
    ]
    assert [mail.kind for mail in all_of(OutboxMail)] == ["confirmation"] * 3
    assert all_of(Consent) == []
    [entry] = all_of(AuditEntry)
    assert (entry.action, entry.subject, entry.changes) == (
        "imported",
        "session heat-en",
        {"what": "registrations", "registered": 3},
    )


@time_machine.travel(LONG_BEFORE, tick=False)
def test_the_same_file_again_changes_nothing(app: Flask) -> None:
    session = a_session("heat-en", seats=1)
    content = a_file(
        a_line("one@example.org"), a_line("two@example.org"), a_line("gone@example.org", status="cancelled")
    )
    import_registrations("heat-en", content)
    before = [vars_of(row) for table in (Registration, Person, OutboxMail, AuditEntry) for row in all_of(table)]

    with time_machine.travel(datetime(2030, 5, 2, tzinfo=UTC), tick=False):
        outcome = import_registrations("heat-en", content)

    assert outcome == Imported({}, known=3, written_to=0, left_out=[], attendance_left_out=False)
    db.session.expire_all()
    after = [vars_of(row) for table in (Registration, Person, OutboxMail, AuditEntry) for row in all_of(table)]
    assert after == before
    assert [place.status for place in places_in(session)] == [REGISTERED, WAITING, CANCELLED]


def vars_of(row: Model) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


def test_beyond_the_seats_they_wait_in_the_order_in_which_they_registered(app: Flask) -> None:
    session = a_session("heat-en", seats=2)
    a_registration(session, email="first@example.org")

    import_registrations(
        "heat-en",
        a_file(
            a_line("late@example.org", registered_at_utc="2029-03-03T10:00:00Z"),
            a_line("early@example.org", registered_at_utc="2029-03-01T10:00:00Z"),
            a_line("gave-up@example.org", registered_at_utc="2029-02-01T10:00:00Z", status="cancelled"),
            a_line("middle@example.org", registered_at_utc="2029-03-02T12:00:00+02:00"),
        ),
        quiet=True,
    )

    people = {person.id: person.email for person in all_of(Person)}
    assert [(place.turn, people[place.person_id], place.status) for place in places_in(session)] == [
        (1, "first@example.org", REGISTERED),
        (2, "gave-up@example.org", CANCELLED),
        (3, "early@example.org", REGISTERED),
        (4, "middle@example.org", WAITING),
        (5, "late@example.org", WAITING),
    ]
    assert [place.registered_at for place in places_in(session)[1:]] == [
        datetime(2029, 2, 1, 10, tzinfo=UTC),
        datetime(2029, 3, 1, 10, tzinfo=UTC),
        datetime(2029, 3, 2, 10, tzinfo=UTC),
        datetime(2029, 3, 3, 10, tzinfo=UTC),
    ]


@time_machine.travel(LONG_BEFORE, tick=False)
def test_quiet_writes_to_nobody(app: Flask) -> None:
    a_session("heat-en")

    assert import_registrations("heat-en", a_file(a_line()), quiet=True).written_to == 0

    assert all_of(OutboxMail) == []


@time_machine.travel(datetime(2031, 1, 1, tzinfo=UTC), tick=False)
def test_a_session_that_is_over_takes_registrants_and_writes_to_nobody(app: Flask) -> None:
    session = a_session("heat-en", seats=1)

    outcome = import_registrations(
        "heat-en", a_file(a_line("a@example.org"), a_line("b@example.org", status="waiting"))
    )

    assert [place.status for place in places_in(session)] == [REGISTERED, WAITING]
    assert outcome.written_to == 0
    assert all_of(OutboxMail) == []


@pytest.mark.parametrize("how", [ExportFormat.CSV, ExportFormat.XLSX])
def test_an_export_reads_back_as_the_same_people(app: Flask, how: ExportFormat) -> None:
    webinar = a_webinar(titles={"en": "Heat", "fr": "Chaleur"})
    source = a_session("source", webinar=webinar, languages=("en", "fr"), seats=100)
    target = a_session("target", webinar=webinar, languages=("en", "fr"), seats=100)
    # A name that is also another member's alias: in our own file it is still clear who is meant.
    lisbon = a_member("Lisbon")
    a_member("Lisbon area", aliases=("Lisbon",))
    names = [
        "=HYPERLINK(1)",
        "@SUM(1)",
        "+cmd|'x'",
        "-cmd",
        "+351",
        "'=quoted",
        "''",
        "إلهام",
        "김하은",
        "A\u00a0B",
        "🙂",
    ]
    for number, given_name in enumerate(names):
        place = a_registration(
            source,
            email=f"p{number}@example.org",
            given_name=given_name,
            family_name='O"Neill, Jr; x',
            member=lisbon if number % 2 else None,
            organisation="" if number % 2 else "=1+1",
            role="\u200fDirector  of heat",
            version="fr" if number % 3 else "en",
            language="fr" if number % 5 else "en",
            status=list(RegistrationStatus)[number % 4],
            registered_at=datetime(2029, 1, 1, 12, 0, 30 - number, tzinfo=UTC),
        )
        if number % 2:
            an_attendance(place)

    outcome = import_registrations("target", exported(source, how), quiet=True)

    assert outcome.attendance_left_out
    assert sum(outcome.added.values()) == len(names)
    left_out = {"session", "session_start_utc", "attended", "first_join_utc", "last_leave_utc", "minutes", "sources"}
    there, back = (
        sorted(
            [
                {name: value for name, value in line._asdict().items() if name not in left_out}
                for line in participants(stays_in_session(session.id))
            ],
            key=lambda line: str(line["email"]),
        )
        for session in (source, target)
    )
    assert back == there


def test_turns_of_people_of_one_second_are_kept_by_the_order_of_the_file(app: Flask) -> None:
    source, target = a_session("source"), a_session("target")
    for number in (3, 1, 2):
        a_registration(
            source,
            email=f"p{number}@example.org",
            status=WAITING,
            registered_at=datetime(2029, 1, 1, 0, 0, 0, 900_000 - number, tzinfo=UTC),
        )

    import_registrations("target", exported(source, ExportFormat.CSV), quiet=True)

    assert [place.person_id for place in places_in(target)] == [place.person_id for place in places_in(source)]


def test_an_export_into_its_own_session_changes_nothing(app: Flask) -> None:
    session = a_session("heat-en")
    for status in RegistrationStatus:
        a_registration(session, status=status)

    outcome = import_registrations("heat-en", exported(session, ExportFormat.CSV))

    assert (outcome.added, outcome.known) == ({}, 4)


def test_somebody_in_the_session_already_stays_as_they_are(app: Flask) -> None:
    session = a_session("heat-en")
    place = a_registration(session, email="ana@lisbon.example", given_name="Ana", status=CANCELLED)

    outcome = import_registrations(
        "heat-en", a_file(a_line("ANA@lisbon.example", given_name="Other"), a_line("b@example.org"))
    )

    assert (outcome.known, outcome.added) == (1, {REGISTERED: 1})
    assert places_in(session)[0].id == place.id
    assert (place.given_name, place.status) == ("Ana", CANCELLED)


def test_a_person_keeps_the_language_and_zone_they_chose(app: Flask) -> None:
    a_session("heat-en", languages=("en",))
    person = a_person("ana@lisbon.example", language="es", timezone="Asia/Seoul")

    import_registrations("heat-en", a_file(a_line()), quiet=True)

    db.session.refresh(person)
    assert (person.language, person.timezone) == ("es", "Asia/Seoul")


def test_somebody_merged_into_another_person_is_that_person(app: Flask) -> None:
    session = a_session("heat-en")
    kept = a_registration(session, email="new@lisbon.example").person
    a_person("old@lisbon.example", merged_into_id=kept.id)

    outcome = import_registrations("heat-en", a_file(a_line("old@lisbon.example"), a_line("new@lisbon.example")))

    assert (outcome.known, outcome.added) == (2, {})


def test_columns_come_in_any_order_and_what_means_nothing_is_named(app: Flask) -> None:
    session = a_session("heat-en")
    columns = ["shoe size", "Family_Name", "minutes", "email", "given_name"]
    content = io.BytesIO()
    write_xlsx(content, [Sheet("People", columns, [["42", "Sousa", 12.5, "ana@lisbon.example", "Ana"]])])

    outcome = import_registrations("heat-en", content.getvalue(), quiet=True)

    assert outcome.left_out == ["shoe size"]
    assert outcome.attendance_left_out
    assert [place.full_name for place in places_in(session)] == ["Ana Sousa"]


def test_who_names_no_language_follows_the_original(app: Flask) -> None:
    session = a_session("heat-en", languages=("es", "en"))

    import_registrations("heat-en", a_file(a_line()), quiet=True)

    [place] = places_in(session)
    assert place.language_version_id == session.language_versions[0].id
    assert place.language == "es"


@pytest.mark.parametrize(
    ("written", "language"),
    [("fr", "fr"), (" FR ", "fr"), ("", "es"), ("ar", "es"), ("ko", "es")],
    ids=["a language with texts", "in capitals", "none", "one without texts", "one that is not offered"],
)
def test_people_are_written_to_in_the_language_of_the_file_where_there_are_texts(
    app: Flask, written: str, language: str
) -> None:
    webinar = a_webinar(titles={"es": "Calor", "fr": "Chaleur"}, original_language="es")
    session = a_session("heat", webinar=webinar, languages=("es",))

    import_registrations("heat", a_file(a_line(mail_language=written)))

    [place] = places_in(session)
    assert (place.language, place.language_version_id) == (language, session.language_versions[0].id)
    [mail] = all_of(OutboxMail)
    assert mail.language == language


def test_bad_lines_are_all_told_with_their_reasons_and_nothing_is_stored(app: Flask) -> None:
    a_session("heat-en", languages=("en", "fr"))
    a_member("Barcelona (city)")
    a_member("Barcelona (metropolitan area)")

    with pytest.raises(BadLines) as refusal:
        import_registrations(
            "heat-en",
            a_file(
                a_line("good@example.org"),
                a_line("not an address"),
                a_line("", given_name="   "),
                a_line("b@example.org", given_name="x" * 101, role="x" * 301),
                a_line("c@example.org", family_name="Sousa\r\nBcc: all@example.org"),
                a_line("d@example.org", member="Barcelona"),
                a_line("e@example.org", member="Nowhere-on-Sea"),
                a_line("f@example.org", affiliation="member"),
                a_line("g@example.org", affiliation="partner", member="Barcelona (city)"),
                a_line("h@example.org", affiliation="friend"),
                a_line("i@example.org", status="maybe"),
                a_line("j@example.org", registered_at_utc="3 April"),
                a_line("k@example.org", language="de"),
                a_line("GOOD@example.org"),
                a_line("l@example.org", registered_at_utc="9999-12-31T23:59:59Z"),
                a_line("m@example.org", mail_language="Klingon"),
            ),
        )

    assert reasons(refusal) == [
        (3, "“not an address” is no mail address. An address looks like name@example.org."),
        (4, "given_name is empty."),
        (4, "email is empty."),
        (5, "given_name is longer than 100 characters."),
        (5, "role is longer than 300 characters."),
        (6, "family_name holds a line break or another control character."),
        (8, "“Barcelona” may be Barcelona (city), Barcelona (metropolitan area): write one of these."),
        (9, "there is no member called “Nowhere-on-Sea”."),
        (10, "affiliation is “member”; a member is named with “member”, and only then."),
        (11, "affiliation is “partner”; a member is named with “member”, and only then."),
        (12, "affiliation is “friend”, but must be one of member, partner, other."),
        (13, "status is “maybe”, but must be one of registered, waiting, cancelled, unregistered."),
        (14, "registered_at_utc is “3 April”, but must be a moment like 2027-04-03T14:30:00Z."),
        (15, "the session cannot be followed in “de”. It has: en, fr."),
        (16, "this address stands in line 2 already."),
        (17, "registered_at_utc is “9999-12-31T23:59:59Z”, but must be a moment like 2027-04-03T14:30:00Z."),
        (18, "mail_language is “Klingon”, but must be the code of a language, like fr."),
    ]
    for table in (Registration, Person, OutboxMail, AuditEntry):
        assert all_of(table) == []


def test_a_member_that_is_nearly_right_is_proposed(app: Flask) -> None:
    a_session("heat-en")
    a_member("Johannesburg")

    with pytest.raises(BadLines) as refusal:
        import_registrations("heat-en", a_file(a_line(member="Johanesburg")))

    assert reasons(refusal) == [(2, "there is no member called “Johanesburg”. Is it one of these: Johannesburg?")]


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2027-13-01", "now"])
def test_a_moment_that_no_calendar_has_is_refused(app: Flask, moment: str) -> None:
    a_session("heat-en")

    with pytest.raises(BadLines):
        import_registrations("heat-en", a_file(a_line(registered_at_utc=moment)))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty. Its first line must name the columns."),
        (b"email,given_name\na@example.org,Ana\n", "The first line names no column “family_name”, which is needed."),
        (a_file(a_line(session="one"), a_line("b@example.org", session="two")), "The file is about several sessions"),
        (b"email,given_name,family_name\na@example.org,Ana\n", "Line 2 has 2 cells"),
        (b"PK\x03\x04 cut off", "This is no XLSX file that can be read."),
    ],
)
def test_a_file_that_cannot_be_used_says_why(app: Flask, content: bytes, says: str) -> None:
    a_session("heat-en")

    with pytest.raises((BadFile, UnreadableTable)) as refusal:
        import_registrations("heat-en", content)

    assert str(refusal.value).startswith(says)
    assert all_of(Registration) == []


def test_a_session_that_does_not_exist_is_refused(app: Flask) -> None:
    with pytest.raises(NoSuchSession):
        import_registrations("nowhere", a_file(a_line()))


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["registrations", "import", *arguments])


@time_machine.travel(LONG_BEFORE, tick=False)
def test_the_command_says_in_a_sentence_what_it_did(app: Flask, tmp_path: Path) -> None:
    session = a_session("heat-en", seats=1)
    a_registration(session, email="there@example.org")
    file = tmp_path / "people.csv"
    file.write_bytes(a_file(a_line(attended="yes", shoe_size="42"), a_line("there@example.org")))

    result = run(app, "heat-en", str(file))

    assert result.exit_code == 0
    assert result.stdout == (
        "Imported into session heat-en: 1 person (1 waiting), 1 person written to; "
        "1 person there already, left as they are.\n"
    )
    assert result.stderr == (
        "What the file says about attendance and calendar answers was not read.\n"
        "Left out, because they mean nothing here: shoe_size.\n"
    )
    assert run(app, "heat-en", str(file)).stdout == (
        "Imported into session heat-en: 0 people; 2 people there already, left as they are.\n"
    )


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u2028"])
def test_a_name_that_turns_round_or_breaks_the_text_behind_it_is_refused(app: Flask, hidden: str) -> None:
    a_session("heat-en")

    with pytest.raises(BadLines) as refusal:
        import_registrations("heat-en", a_file(a_line("ana@example.org", given_name=f"A{hidden}na")))

    assert reasons(refusal) == [(2, "given_name holds a line break or another control character.")]


def test_the_command_names_each_bad_line_and_fails(app: Flask, tmp_path: Path) -> None:
    a_session("heat-en")
    file = tmp_path / "people.csv"
    file.write_bytes(a_file(a_line("nobody"), a_line(status="maybe")))

    result = run(app, "heat-en", str(file))

    assert result.exit_code == 1
    assert result.stderr == (
        "Error: Line 2: “nobody” is no mail address. An address looks like name@example.org.\n"
        "Line 3: status is “maybe”, but must be one of registered, waiting, cancelled, unregistered.\n"
        "Nothing was imported.\n"
    )
    assert all_of(Registration) == []


def test_the_command_fails_for_a_file_or_a_session_that_is_not_there(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    assert run(app, "heat-en", str(file)).exit_code != 0
    file.write_bytes(a_file(a_line()))

    result = run(app, "nowhere", str(file))

    assert (result.exit_code, result.stderr) == (1, "Error: There is no session “nowhere”.\nNothing was imported.\n")
