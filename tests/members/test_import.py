"""Importing members: adds who is new, updates who is known, and changes nothing where a line cannot be placed."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from tests.conftest import Counted
from tests.factories import a_member
from webinar.accounts.models import AuditEntry
from webinar.foundation.db import db
from webinar.foundation.spreadsheet import Sheet, UnreadableTable, write_xlsx
from webinar.members.models import Member
from webinar.members.queries import all_members
from webinar.members.services.import_members import ImportOutcome, MembersNotTaken, import_members

HEAD = "name,official_name,country_code,region,timezone,aliases"
TEHRAN = "Tehran,Tehran Municipality,IR,Asia-Pacific,Asia/Tehran,Teheran|تهران"
BARCELONA = "Barcelona (city),Ajuntament de Barcelona,ES,Europe,Europe/Madrid,"


def table(*lines: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *lines]).encode()


def did(added: int = 0, changed: int = 0, unchanged: int = 0, not_understood: tuple[str, ...] = ()) -> ImportOutcome:
    return ImportOutcome(added, changed, unchanged, not_understood)


def stored() -> list[dict[str, Any]]:
    db.session.expire_all()
    return [
        {
            **{
                column.name: getattr(member, column.name)
                for column in Member.__table__.columns
                if column.name not in {"id", "revision"}
            },
            "aliases": [alias.name for alias in member.aliases],
            "mail_domains": [known.domain for known in member.mail_domains],
        }
        for member in all_members()
    ]


def refusal_of(content: bytes) -> str:
    with pytest.raises(MembersNotTaken) as refused:
        import_members(content)
    return str(refused.value)


def test_new_members_are_added_with_a_key_made_from_their_name(app: Flask) -> None:
    outcome = import_members(table(TEHRAN, BARCELONA))

    assert outcome == did(added=2)
    assert stored() == [
        {
            "key": "tehran",
            "name": "Tehran",
            "official_name": "Tehran Municipality",
            "country_code": "IR",
            "region": "Asia-Pacific",
            "timezone": "Asia/Tehran",
            "latitude": None,
            "longitude": None,
            "merged_into_id": None,
            "aliases": ["Teheran", "تهران"],
            "mail_domains": [],
        },
        {
            "key": "barcelona-city",
            "name": "Barcelona (city)",
            "official_name": "Ajuntament de Barcelona",
            "country_code": "ES",
            "region": "Europe",
            "timezone": "Europe/Madrid",
            "latitude": None,
            "longitude": None,
            "merged_into_id": None,
            "aliases": [],
            "mail_domains": [],
        },
    ]


def test_the_optional_columns_are_taken(app: Flask) -> None:
    head = "Key;Name;Country_Code;Region;Timezone;Latitude;Longitude;Mail_Domains"
    line = 'thr; Tehran ;ir;Asia-Pacific;Asia/Tehran;35,689;51.389;"@Tehran.example| münchen.example |tehran.example"'

    import_members(table(line, head=head))

    [member] = stored()
    assert (member["key"], member["name"], member["country_code"]) == ("thr", "Tehran", "IR")
    assert (member["latitude"], member["longitude"]) == (35.689, 51.389)
    assert member["mail_domains"] == ["tehran.example", "xn--mnchen-3ya.example"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_usual_csv_is_taken_and_again_changes_nothing(app: Flask, encoding: str, delimiter: str) -> None:
    content = table(TEHRAN, BARCELONA).decode().replace(",", delimiter).encode(encoding)

    first, before = import_members(content), stored()
    again = import_members(content)

    assert (first, again) == (did(added=2), did(unchanged=2))
    assert stored() == before


def test_an_xlsx_file_is_taken_too(app: Flask) -> None:
    file = io.BytesIO()
    write_xlsx(file, [Sheet("Members", [*HEAD.split(","), "latitude", "longitude"], [[*TEHRAN.split(","), 35.7, 51]])])

    assert import_members(file.getvalue()) == did(added=1)
    assert stored()[0]["longitude"] == 51.0


def test_a_member_is_known_by_its_key_and_can_get_another_name(app: Flask) -> None:
    a_member("Bombay", key="mumbai", country_code="IN", region="Asia-Pacific", timezone="Asia/Kolkata")

    outcome = import_members(
        table("mumbai,Mumbai,IN,Asia-Pacific,Asia/Kolkata", head="key,name,country_code,region,timezone")
    )

    assert outcome == did(changed=1)
    assert [(member["key"], member["name"]) for member in stored()] == [("mumbai", "Mumbai")]


def test_a_name_that_became_free_can_be_given_to_somebody_new(app: Flask) -> None:
    a_member("Barcelona", key="amb", country_code="ES")
    head = "key,name,country_code,region,timezone"

    outcome = import_members(
        table("amb,AMB,ES,Europe,Europe/Madrid", "bcn,Barcelona,ES,Europe,Europe/Madrid", head=head)
    )

    assert outcome == did(added=1, changed=1)
    assert [(member["key"], member["name"]) for member in stored()] == [("amb", "AMB"), ("bcn", "Barcelona")]


def test_without_a_key_a_member_is_known_by_its_name_without_regard_to_case_and_accents(app: Flask) -> None:
    a_member("Brasilia", key="bsb", country_code="BR")

    outcome = import_members(table("BRASÍLIA,Distrito Federal,BR,Latin America,America/Sao_Paulo,Brasilia"))

    assert outcome == did(changed=1)
    [member] = stored()
    assert (member["key"], member["name"], member["official_name"]) == ("bsb", "BRASÍLIA", "Distrito Federal")


def test_the_same_name_in_another_country_is_another_member(app: Flask) -> None:
    a_member("Córdoba", key="cordoba", country_code="AR")

    assert import_members(table("Cordoba,,ES,Europe,Europe/Madrid,")) == did(added=1)
    assert [(member["key"], member["name"]) for member in stored()] == [
        ("cordoba", "Córdoba"),
        ("cordoba-es", "Cordoba"),
    ]


def test_an_alias_of_one_member_may_be_the_name_of_a_new_one(app: Flask) -> None:
    a_member("Greater Manchester", aliases=["Manchester"], country_code="GB")

    assert import_members(table("Manchester,,GB,Europe,Europe/London,")) == did(added=1)


def test_an_empty_cell_and_a_missing_column_leave_what_is_known_and_no_alias_is_taken_away(app: Flask) -> None:
    import_members(table("t.example,1.5,2.5," + TEHRAN, head="mail_domains,latitude,longitude," + HEAD))
    before = stored()

    assert import_members(table("Tehran,,,,,طهران|Teheran|")) == did(changed=1)
    assert stored() == [{**before[0], "aliases": ["Teheran", "تهران", "طهران"]}]


def test_a_column_that_means_nothing_is_named(app: Flask) -> None:
    assert import_members(table(TEHRAN + ",x", head=HEAD + ",alias")) == did(added=1, not_understood=("alias",))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",,IR,Asia-Pacific,Asia/Tehran,", "The name is empty."),
        ("   ,,IR,Asia-Pacific,Asia/Tehran,", "The name is empty."),
        ("—,,IR,Asia-Pacific,Asia/Tehran,", "The name is empty."),
        ("Shiraz,,Iran,Asia-Pacific,Asia/Tehran,", "“Iran” is no country code."),
        ("Shiraz,,EU,Asia-Pacific,Asia/Tehran,", "“EU” is no country code."),
        ("Shiraz,,12,Asia-Pacific,Asia/Tehran,", "“12” is no country code."),
        ("Shiraz,,IR,Asia-Pacific,Asia/Shiraz,", "“Asia/Shiraz” is no time zone."),
        ("Shiraz,,IR,Asia-Pacific,../../etc/passwd,", "“../../etc/passwd” is no time zone."),
        ("Shiraz,,IR,,,", "“Shiraz” is new, so region, timezone must not be empty."),
        ("S" * 301 + ",,IR,Asia-Pacific,Asia/Tehran,", "name holds a text of 301 characters; at most 300 are kept."),
        ("Shiraz,,IR,Asia-Pacific,Asia/Tehran," + "S" * 301, "aliases holds a text of 301 characters"),
        ("TEHRAN,,IR,Asia-Pacific,Asia/Tehran,", "This is the same member as in line 2 (tehran). Keep one."),
        ("Tehran,,FR,Europe,Europe/Paris,", "“Tehran” is what the member with the key tehran is called."),
        ("Lisbon,,ES,Europe,Europe/Lisbon,", "“Lisbon” is what the member with the key lisbon is called."),
    ],
)
def test_a_line_that_cannot_be_placed_is_named_with_the_reason_and_nothing_is_changed(
    app: Flask, line: str, reason: str
) -> None:
    a_member("Lisbon", country_code="PT")
    before = stored()

    refusal = refusal_of(table(TEHRAN, line))

    assert refusal.startswith(f"The list cannot be taken. Correct these lines:\nLine 3: {reason}")
    assert stored() == before
    assert db.session.scalars(select(AuditEntry)).all() == []


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("A b,,,", "The key “A b” may have small letters a to z, digits and hyphens only."),
        (",95,10,", "“95”, “10” is no place."),
        (",10,,", "“10”, “” is no place."),
        (",north,10,", "“north”, “10” is no place."),
        (",nan,10,", "“nan”, “10” is no place."),
        (",,,not a domain", "“not a domain” is no mail domain."),
        (",,,a@tehran.example", "“a@tehran.example” is no mail domain."),
        ("other,,,", "“Lisbon” is what the member with the key lisbon is called."),
        ("porto,,,", "The member with the key lisbon is called “Lisbon” already."),
    ],
)
def test_the_optional_columns_are_checked_too(app: Flask, cells: str, reason: str) -> None:
    a_member("Lisbon")
    a_member("Porto")
    head = "name,country_code,region,timezone,key,latitude,longitude,mail_domains"

    assert f"\nLine 2: {reason}" in refusal_of(table(f"Lisbon,PT,Europe,Europe/Lisbon,{cells}", head=head))


def test_all_lines_are_named_but_not_thousands(app: Flask) -> None:
    refusal = refusal_of(table(*["Shiraz,,XX,Asia-Pacific,Asia/Tehran,"] * 25)).splitlines()

    assert len(refusal) == 22
    assert refusal[-1] == "5 more lines have problems."


def test_a_name_that_fits_two_members_is_for_a_person_to_decide(app: Flask) -> None:
    a_member("Córdoba", key="a", country_code="AR")
    a_member("Cordoba", key="b", country_code="ES")

    assert "“CORDOBA” is what the member with the key a / b is called." in refusal_of(table("CORDOBA,x,,,,"))


def test_a_table_that_names_nobody_or_lacks_a_column_is_refused(app: Flask) -> None:
    assert refusal_of(table()).startswith("The list names no member.")
    assert (
        refusal_of(table("Tehran,IR", head="name,country_code")) == "The list has no column region, timezone. Add it."
    )
    with pytest.raises(UnreadableTable):
        import_members(table(TEHRAN + ",x,y"))


def test_what_changed_is_written_down(app: Flask) -> None:
    import_members(table(TEHRAN))
    import_members(table("Tehran,City of Tehran,,,,طهران"))

    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.subject, entry.changes) for entry in entries] == [
        ("added", "member tehran", {}),
        (
            "changed",
            "member tehran",
            {"official_name": ["Tehran Municipality", "City of Tehran"], "aliases": ["طهران"], "mail_domains": []},
        ),
    ]


def test_looking_at_three_hundred_members_again_costs_four_queries(
    app: Flask, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    content = table(*(f"City {number},,ES,Europe,Europe/Madrid,Ciudad {number}" for number in range(300)))
    import_members(content)

    with count_queries() as queries:
        import_members(content)

    assert queries.count == 4


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def test_the_command_says_in_one_sentence_what_it_did(app: Flask, runner: FlaskCliRunner, tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_bytes(table(TEHRAN, BARCELONA))

    first = runner.invoke(args=["members", "import", str(file)])
    again = runner.invoke(args=["members", "import", str(file)])

    assert (first.exit_code, first.output) == (
        0,
        "The members have been imported: 2 added, 0 changed, 0 as they were.\n",
    )
    assert (again.exit_code, again.output) == (0, "No change: all 2 members are as the file says.\n")


def test_the_command_refuses_with_the_line_and_a_non_zero_exit(
    app: Flask, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    file = tmp_path / "members.csv"
    file.write_bytes(table(TEHRAN, "Shiraz,,XX,Asia-Pacific,Asia/Tehran,"))

    result = runner.invoke(args=["members", "import", str(file)])

    assert result.exit_code == 1
    assert result.output == (
        "Error: The list cannot be taken. Correct these lines:\n"
        "Line 3: “XX” is no country code. Write the two letters of ISO 3166, like ES.\n"
        "Nothing was changed.\n"
    )
    assert stored() == []
