"""Importing contacts: who is new, changed, the same, not placed and why; Mailchimp's lists; the command."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from tests.factories import a_contact, a_member, a_person, a_suppression
from tests.security.site_walk import everything_stored
from webinar.accounts.models import AuditEntry
from webinar.foundation.db import db
from webinar.foundation.spreadsheet import Sheet, UnreadableTable, write_xlsx
from webinar.people.contact_lines import ListKind, NotAList
from webinar.people.models import Contact, LegalBasis, MailKind, Person, Suppression, SuppressionReason
from webinar.people.services.import_contacts import (
    Fate,
    OtherThanShown,
    Plan,
    import_contacts,
    plan_import,
)

HEAD = "email,given_name,family_name,member,role,language,focal_point"
ANA = "ana@lisbon.example,Ana,Costa,Lisbon,Head of Housing,pt,yes"
SUBSCRIBED = "Email Address,First Name,Last Name,Address,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,LEID,EUID,NOTES,TAGS"
UNSUBSCRIBED = "Email Address,First Name,Last Name,MEMBER_RATING,UNSUB_TIME,UNSUB_REASON,LEID,EUID"
CLEANED = "Email Address,First Name,Last Name,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,LEID,EUID"


def table(*lines: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *lines]).encode()


def take(content: bytes, **more: Any) -> Plan:
    return import_contacts(content, **{"source": "list of 2026", "basis": LegalBasis.PUBLIC_TASK, **more})


def the_contact(email: str = "ana@lisbon.example") -> Contact:
    db.session.expire_all()
    return db.session.scalars(select(Contact).join(Contact.person).where(Person.email == email)).one()


def counts(plan: Plan) -> tuple[int, int, int, int]:
    return (*(plan.counts[fate] for fate in (Fate.NEW, Fate.CHANGED, Fate.SAME)), len(plan.faults))  # type: ignore[return-value]


def reasons(plan: Plan) -> list[tuple[int, str]]:
    return [(fault.line, fault.reason) for fault in plan.faults]


def test_somebody_new_is_kept_with_all_that_the_list_says_and_where_it_is_from(app: Flask) -> None:
    lisbon = a_member("Lisbon")

    with time_machine.travel(datetime(2026, 5, 1, tzinfo=UTC), tick=False):
        plan = take(table(ANA))

    contact = the_contact()
    assert counts(plan) == (1, 0, 0, 0)
    assert (contact.given_name, contact.family_name, contact.role) == ("Ana", "Costa", "Head of Housing")
    assert (contact.member_id, contact.language, contact.is_focal_point) == (lisbon.id, "pt", True)
    assert contact.kinds == [MailKind.INVITATIONS, MailKind.REMINDERS]
    assert (contact.source, contact.basis) == ("list of 2026", LegalBasis.PUBLIC_TASK)
    assert contact.obtained_at == datetime(2026, 5, 1, tzinfo=UTC)
    assert contact.erase_after == datetime(2026, 5, 1, tzinfo=UTC) + timedelta(days=3 * 365)
    person = db.session.get_one(Person, contact.person_id)
    assert (person.language, person.timezone, person.erase_after) == ("pt", "Europe/Lisbon", contact.erase_after)


def test_the_same_list_again_changes_nothing(app: Flask) -> None:
    a_member("Lisbon")
    list_ = table(ANA, "bo@oslo.example,Bo,Dahl,,,,")
    take(list_)
    before = everything_stored()

    plan = take(list_)

    assert counts(plan) == (0, 0, 2, 0)
    assert everything_stored() == before


def test_still_being_on_a_list_after_a_month_renews_until_when_somebody_is_kept(app: Flask) -> None:
    a_member("Lisbon")
    with time_machine.travel(datetime(2026, 5, 1, tzinfo=UTC), tick=False):
        take(table(ANA))
    with time_machine.travel(datetime(2026, 7, 1, tzinfo=UTC), tick=False):
        take(table(ANA))

    assert the_contact().erase_after == datetime(2026, 7, 1, tzinfo=UTC) + timedelta(days=3 * 365)
    assert the_contact().revision == 0


def test_a_change_is_told_before_and_written_down_after(app: Flask) -> None:
    a_member("Lisbon")
    porto = a_member("Porto")
    take(table(ANA))
    list_ = table("Ana@Lisbon.example,,Costa Lima,Porto,Head of Housing,,no")

    [line] = plan_import(list_).of(Fate.CHANGED)
    untouched = the_contact().family_name
    take(list_)

    assert [tuple(change) for change in line.changes] == [
        ("family_name", "Costa", "Costa Lima"),
        ("is_focal_point", True, False),
        ("member", "Lisbon", "Porto"),
    ]
    assert untouched == "Costa"
    contact = the_contact()
    assert (contact.given_name, contact.family_name, contact.member_id) == ("Ana", "Costa Lima", porto.id)
    assert (contact.language, contact.revision, contact.is_focal_point) == ("pt", 1, False)
    assert contact.folded == "costa lima ana ana@lisbon.example"
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == f"contact {contact.id}")).one()
    assert entry.changes == {
        "family_name": ["Costa", "Costa Lima"],
        "is_focal_point": [True, False],
        "member": ["Lisbon", "Porto"],
    }


@pytest.mark.parametrize(
    "head",
    [
        "First name;Last Name;E-mail address;City;Job title;Language;Focal point",
        "Nombre;Apellidos;Correo electrónico;Ciudad;Cargo;Idioma;Punto focal",
        "Prénom;Nom;Adresse e-mail;Ville;Fonction;Langue;Point focal",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_columns_are_known_in_three_languages_in_any_encoding_of_spreadsheets(
    app: Flask, head: str, encoding: str
) -> None:
    a_member("Tehran", aliases=["تهران", "Téhéran"])

    plan = take(f"{head}\r\nZoé;Élodie;zoe@tehran.example;téhéran;Maire;Français;Sí\r\n".encode(encoding))

    contact = the_contact("zoe@tehran.example")
    assert counts(plan) == (1, 0, 0, 0)
    assert (contact.given_name, contact.family_name, contact.role) == ("Zoé", "Élodie", "Maire")
    assert (contact.language, contact.is_focal_point) == ("fr", True)
    assert plan.left_out == ()


def test_an_xlsx_file_is_read_too(app: Flask) -> None:
    file = io.BytesIO()
    write_xlsx(file, [Sheet("Contacts", ["Correo", "Nombre completo"], [["bo@oslo.example", "Bo Dahl"]])])

    take(file.getvalue())

    assert (the_contact("bo@oslo.example").given_name, the_contact("bo@oslo.example").family_name) == ("", "Bo Dahl")


@pytest.mark.parametrize(
    ("written", "given_name", "family_name"),
    [("Costa Lima, Ana", "Ana", "Costa Lima"), ("إلهام فخاري", "", "إلهام فخاري")],
)
def test_a_whole_name_is_taken_apart_at_a_comma_only(
    app: Flask, written: str, given_name: str, family_name: str
) -> None:
    take(table(f'ana@lisbon.example,"{written}"', head="email,name"))

    assert (the_contact().given_name, the_contact().family_name) == (given_name, family_name)


def test_the_domain_of_the_mail_proposes_the_member_of_somebody_new(app: Flask) -> None:
    lisbon = a_member("Lisbon", mail_domains=["lisbon.example"])
    list_ = table("ana@planning.lisbon.example", head="email")

    [line] = plan_import(list_).lines
    take(list_)

    assert (line.is_proposed, line.member) == (True, lisbon)
    assert the_contact("ana@planning.lisbon.example").member_id == lisbon.id


def test_who_is_of_no_member_already_is_not_given_one_by_a_guess(app: Flask) -> None:
    a_member("Lisbon", mail_domains=["lisbon.example"])
    a_contact("ana@lisbon.example")

    assert counts(take(table("ana@lisbon.example", head="email"))) == (0, 0, 1, 0)


def test_lines_that_cannot_be_placed_are_told_with_the_reason_and_the_others_are_taken(app: Flask) -> None:
    a_member("Lisbon")
    a_member("Barcelona (city)")
    a_member("Barcelona (metropolitan area)")
    lines = [
        ANA,
        "ANA@lisbon.example,Again,,,,,",
        "nobody,,,,,,",
        ",No,Address,,,,",
        '"bo@oslo.example\nBcc: all@oslo.example",Bo,,,,,',
        "cy@oslo.example,=1+1,,,,,",
        f"di@oslo.example,{'x' * 5000},,,,,",
        "ed@oslo.example,,,Atlantis,,,",
        "fi@oslo.example,,,Barcelona,,,",
        "go@oslo.example,,,,,Klingonish,",
        "hu@oslo.example,,,,,,perhaps",
        "is@oslo.example,,,,,,yes",
        "=cmd|' /C calc'!A0,,,,,,",
    ]

    plan = take(table(*lines))

    assert reasons(plan) == [
        (3, "This address stands in line 2 already."),
        (4, "“nobody” is no mail address. An address looks like name@example.org."),
        (5, "There is no mail address."),
        (
            6,
            "“bo@oslo.example\nBcc: all@oslo.example” is no mail address. An address looks like name@example.org.",
        ),
        (8, "“=1+1” is a formula of a spreadsheet. Write what it shows."),
        (9, f"A text of 5,000 characters stands where at most 100 are kept: “{'x' * 40}…”."),
        (10, "There is no member called “Atlantis”."),
        (
            11,
            "“Barcelona” may be Barcelona (city), Barcelona (metropolitan area): write one of these.",
        ),
        (12, "“Klingonish” is no language that we know. Write its code, like es, or its name."),
        (13, "“perhaps” says neither yes nor no. Write “yes” or leave it empty."),
        (14, "A focal point is somebody of a member, but no member is named."),
        (15, "“=cmd|' /C calc'!A0” is no mail address. An address looks like name@example.org."),
    ]
    assert plan.unknown_members == {"Atlantis": 1, "Barcelona": 1}
    assert db.session.scalars(select(Person.email)).all() == ["ana@lisbon.example"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            b"ana@lisbon.example,Ana\nbo@oslo.example,Bo",
            "The first line holds an address, not the names of the columns.",
        ),
        (b"name,city\nAna,Lisbon", "The file has no column of mail addresses."),
        (b"email,city,ville\na@b.example,,", "The columns “city” and “ville” mean the same."),
        (b"email,name\n", "The list names nobody."),
        (b"email\na@b.example\nb@b.example\nc@b.example", "The file has more than 2 lines"),
    ],
)
def test_what_is_no_list_is_refused_with_what_to_do(app: Flask, content: bytes, says: str) -> None:
    with pytest.raises(NotAList, match=says):
        take(content, most_lines=2)


def test_a_broken_file_is_refused_as_a_whole(app: Flask) -> None:
    with pytest.raises(UnreadableTable):
        take(b"email,name\na@b.example,Ana\nb@b.example\n")

    assert db.session.scalar(select(func.count(Person.id))) == 0


def test_who_registered_before_becomes_a_contact_and_keeps_what_they_chose(app: Flask) -> None:
    a_member("Lisbon")
    person = a_person("ana@lisbon.example", language="fr", timezone="Asia/Tehran")

    take(table(ANA))

    assert the_contact().person_id == person.id
    db.session.refresh(person)
    assert (person.language, person.timezone) == ("fr", "Asia/Tehran")


def test_an_address_that_was_merged_is_the_contact_it_was_merged_into(app: Flask) -> None:
    contact = a_contact("ana@lisbon.example")
    a_person("a.costa@lisbon.example", merged_into_id=contact.person_id)

    plan = take(table("a.costa@lisbon.example,Anna", "ana@lisbon.example,Ana", head="email,first name"))

    assert counts(plan) == (0, 1, 0, 1)
    assert reasons(plan) == [(3, "This is the same person as in line 2, by another address.")]
    assert (the_contact().given_name, the_contact().folded) == ("Anna", "costa anna ana@lisbon.example")


def test_what_was_shown_is_what_is_done_or_nothing_is(app: Flask) -> None:
    list_ = table("ana@lisbon.example,Ana", head="email,first name")
    shown = plan_import(list_).digest
    a_contact("ana@lisbon.example", given_name="Anna")

    with pytest.raises(OtherThanShown):
        take(list_, shown=shown)
    assert the_contact().given_name == "Anna"

    take(list_, shown=plan_import(list_).digest)
    assert the_contact().given_name == "Ana"


def test_kinds_and_provenance_can_stand_in_the_list(app: Flask) -> None:
    take(
        table(
            'ana@lisbon.example,"newsletter, Rappels",Congress 2025,consent,2025-11-03',
            "bo@oslo.example,none,,,",
            head="email,kinds,source,legal basis,since",
        )
    )

    ana = the_contact()
    assert ana.kinds == [MailKind.REMINDERS, MailKind.NEWSLETTER]
    assert (ana.source, ana.basis) == ("Congress 2025", LegalBasis.CONSENT)
    assert ana.obtained_at == datetime(2025, 11, 3, tzinfo=UTC)
    assert the_contact("bo@oslo.example").kinds == []


# Mailchimp.


def test_mailchimps_subscribed_become_contacts_who_want_the_newsletter(app: Flask) -> None:
    plan = take(table("ana@lisbon.example,Ana,Costa,,2,2019-03-01 10:00:00,192.0.2.1,1,2,,", head=SUBSCRIBED))

    assert (plan.kind, counts(plan)) == (ListKind.SUBSCRIBED, (1, 0, 0, 0))
    assert the_contact().kinds == list(MailKind)
    assert the_contact().obtained_at == datetime(2019, 3, 1, 10, tzinfo=UTC)


def test_who_unsubscribed_at_mailchimp_is_not_written_to_and_only_the_address_is_kept(app: Flask) -> None:
    a_contact("ana@lisbon.example")
    list_ = table(
        "ana@lisbon.example,Ana,Costa,2,2020-04-03 14:20:11,,1,2",
        "bo@oslo.example,Bo,Dahl,2,,,3,4",
        head=UNSUBSCRIBED,
    )

    with time_machine.travel(datetime(2026, 5, 1, tzinfo=UTC), tick=False):
        plan = take(list_)
        again = take(list_)

    rows = db.session.scalars(select(Suppression).order_by(Suppression.id)).all()
    assert (plan.kind, counts(plan), counts(again)) == (ListKind.UNSUBSCRIBED, (2, 0, 0, 0), (0, 0, 2, 0))
    assert [(row.kind, row.reason, row.since) for row in rows] == [
        (None, SuppressionReason.UNSUBSCRIBED, datetime(2020, 4, 3, 14, 20, 11, tzinfo=UTC)),
        (None, SuppressionReason.UNSUBSCRIBED, datetime(2026, 5, 1, tzinfo=UTC)),
    ]
    assert db.session.scalar(select(func.count(Contact.id))) == 1


def test_mailchimps_cleaned_addresses_do_not_work(app: Flask) -> None:
    plan = take(table("ana@lisbon.example,Ana,Costa,2020-04-03 14:20:11,Spring,1,2", head=CLEANED))

    assert plan.kind is ListKind.CLEANED
    assert db.session.scalars(select(Suppression.reason)).all() == [SuppressionReason.DOES_NOT_WORK]


def test_a_list_does_not_lift_that_somebody_is_not_to_be_written_to(app: Flask) -> None:
    a_suppression(a_person("ana@lisbon.example"))

    plan = take(table("ana@lisbon.example,Ana,Costa,,2,2019-03-01 10:00:00,192.0.2.1,1,2,,", head=SUBSCRIBED))

    assert [line.is_suppressed for line in plan.lines] == [True]
    assert db.session.scalars(select(Suppression.lifted_at)).all() == [None]


# The command.


def test_the_command_says_what_it_did_and_what_it_could_not_place(app: Flask, tmp_path: Path) -> None:
    a_member("Lisbon")
    file = tmp_path / "list.csv"
    file.write_bytes(table(ANA + ",x", "ed@oslo.example,,,Atlantis,,,,", head=HEAD + ",shoe size"))
    runner = app.test_cli_runner()

    dry = runner.invoke(args=["contacts", "import", str(file), "--dry-run"])
    nobody = db.session.scalar(select(func.count(Contact.id)))
    first = runner.invoke(args=["contacts", "import", str(file), "--basis", "consent"])
    again = runner.invoke(args=["contacts", "import", str(file)])

    assert (dry.exit_code, first.exit_code, again.exit_code) == (0, 0, 0)
    assert dry.stdout == "Nothing was stored. It would be 1 added, 0 changed, 0 as they were, 1 not placed.\n"
    assert nobody == 0
    assert first.stdout == "The contacts have been imported: 1 added, 0 changed, 0 as they were, 1 not placed.\n"
    assert first.stderr == (
        "Line 3: There is no member called “Atlantis”.\n"
        "Not found among the members: Atlantis (1)\n"
        "Left out, because it means nothing here: column shoe size\n"
    )
    assert again.stdout == "No change: 1 contacts are as the file says, 1 not placed.\n"
    assert (the_contact().source, the_contact().basis) == ("list.csv", LegalBasis.CONSENT)


@pytest.mark.parametrize("content", [b"name\nAna", b"email\nnobody\n", b"\xff\xfe\x00", b"email\n\xe9@b.example"])
def test_the_command_refuses_what_is_no_list(app: Flask, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)

    result = app.test_cli_runner().invoke(args=["contacts", "import", str(file)])

    assert result.exit_code == 1
    assert "Nothing was changed." in result.stderr
    assert db.session.scalar(select(func.count(Person.id))) == 0


def test_ten_thousand_lines_are_taken_at_a_rate_of_thousands_a_second(app: Flask) -> None:
    a_member("Lisbon", mail_domains=["lisbon.example"])
    list_ = table(*(f"person{number}@lisbon.example,P,Q,Lisbon,,pt," for number in range(10_000)))

    began = time.monotonic()
    plan = take(list_)

    assert counts(plan) == (10_000, 0, 0, 0)
    assert time.monotonic() - began < 30
