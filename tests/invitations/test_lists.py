"""Lists of people from files: what files may be, whom they put on the list, what is named, renaming and deleting."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import xlsxwriter
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.conftest import Counted
from tests.factories import a_contact, a_member, a_people_list, a_person
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.foundation.db import db
from webinar.foundation.spreadsheet import UnreadableTable
from webinar.invitations.address_file import MOST_LINES, NotAddresses, read_addresses
from webinar.invitations.models import ListedPerson, PeopleList
from webinar.invitations.services.people_lists import ListRefused, add_to_list, bring_list, delete_list
from webinar.people.models import Person

Counting = Callable[[], AbstractContextManager[Counted]]


def xlsx(*rows: list[str]) -> bytes:
    """Return an XLSX file with some rows."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as workbook:
        page = workbook.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return file.getvalue()


def on(list_id: int) -> list[str]:
    """Return the addresses of the people on a list."""
    rows = db.session.scalars(
        select(Person.email)
        .join(ListedPerson, ListedPerson.person_id == Person.id)
        .where(ListedPerson.list_id == list_id)
        .order_by(Person.email)
    )
    return [email or "" for email in rows]


# What files may be.


@pytest.mark.parametrize(
    "content",
    [
        b"ana@x.example\nbo@x.example\n",
        b"Email\nana@x.example\nbo@x.example\n",
        b"name;Correo electr\xc3\xb3nico\nAna;ana@x.example\nBo;bo@x.example\n",
        b"Adresse e-mail,Nom\nana@x.example,Ana\nbo@x.example\n",
        b"Ana Costa,ana@x.example\nBo Li,bo@x.example,more,cells\n",
        b"name,city\nAna,ana@x.example\nBo,bo@x.example\n",
        "\ufeffANA@X.example\r\n\r\n bo@x.example ;\r\n".encode(),
        "email\nana@x.example\nbo@x.example\n".encode("utf-16"),
        b"Ana Costa <ana@x.example>\nBo Li <bo@x.example>\n",
        b"<ana@x.example>\nbo@x.example,\n",
        xlsx(["Email", "Name"], ["ana@x.example", "Ana"], ["bo@x.example", "Bo"]),
        xlsx(["ana@x.example"], ["bo@x.example"]),
    ],
)
def test_a_file_may_be_a_table_with_or_without_names_of_columns_or_one_address_a_line(content: bytes) -> None:
    assert read_addresses(content).found == ["ana@x.example", "bo@x.example"]


def test_double_addresses_are_counted_and_stand_once() -> None:
    read = read_addresses(b"email\nana@x.example\nAna@X.example\nana@x.example\n")

    assert (read.found, read.doubles, read.faults) == (["ana@x.example"], 2, [])


def test_lines_without_an_address_and_formulas_are_named_by_their_line() -> None:
    read = read_addresses(b'email,name\n=HYPERLINK("http://evil.example"),Ana\nana@x.example,Ana\n,Bo\nana@,Cy\n')

    assert read.found == ["ana@x.example"]
    assert [(fault.line, fault.written) for fault in read.faults] == [
        (2, '=HYPERLINK("http://evil.example") Ana'),
        (4, "Bo"),
        (5, "ana@ Cy"),
    ]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"email\n", b"hello\nworld\n", b"name,city\nAna,Accra\n", xlsx()])
def test_a_file_without_any_address_is_refused(content: bytes) -> None:
    with pytest.raises(NotAddresses, match="no mail address"):
        read_addresses(content)


@pytest.mark.parametrize(
    "content", [b"\xff\xfa\x00ana", b"ana@x.example\n\0\n", b"PK\x03\x04broken", b'"ana@x.example\n']
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableTable):
        read_addresses(content)


@pytest.mark.usefixtures("app")
def test_a_file_with_100_000_lines_is_refused_at_once() -> None:
    content = b"".join(b"person%d@x.example\n" % number for number in range(100_000))
    began = time.process_time()

    with pytest.raises(NotAddresses, match="more than 20,000 lines"):
        read_addresses(content)

    assert time.process_time() - began < 10


# Whom they put on the list.


@pytest.mark.usefixtures("app")
def test_people_we_know_are_put_on_the_list_and_unknown_addresses_are_named_and_kept_nowhere() -> None:
    a_contact("ana@x.example")
    now_known_as = a_person("bo@x.example")
    a_person("bo.former@x.example", merged_into_id=now_known_as.id)

    brought = bring_list("Press", b"ana@x.example\nbo@x.example\nbo.former@x.example\nnew@x.example\n")

    assert on(brought.list_id) == ["ana@x.example", "bo@x.example"]
    assert (brought.new, brought.unknown) == (2, ["new@x.example"])
    assert db.session.scalar(select(Person).where(Person.email == "new@x.example")) is None


@pytest.mark.usefixtures("app")
def test_the_same_file_again_changes_nothing_and_who_became_known_meanwhile_is_added() -> None:
    content = b"ana@x.example\nnew@x.example\n"
    a_contact("ana@x.example")
    list_id = bring_list("Press", content).list_id

    assert add_to_list(list_id, content)[1:4] == (0, 1, ["new@x.example"])
    a_contact("new@x.example")
    assert add_to_list(list_id, content)[1:4] == (1, 1, [])

    assert on(list_id) == ["ana@x.example", "new@x.example"]


@pytest.mark.usefixtures("app")
def test_a_name_that_is_taken_is_refused_and_nothing_is_stored() -> None:
    a_people_list(name="Press")
    a_contact("ana@x.example")

    with pytest.raises(ListRefused, match="already"):
        bring_list("Press", b"ana@x.example\n")

    assert db.session.scalars(select(ListedPerson)).all() == []


@pytest.mark.usefixtures("app")
def test_a_list_of_as_many_lines_as_are_read_takes_seconds() -> None:
    content = b"".join(b"person%d@x.example\n" % number for number in range(MOST_LINES))
    began = time.process_time()

    brought = bring_list("Press", content)

    assert len(brought.unknown) == MOST_LINES
    assert time.process_time() - began < 15


# The pages.


def bring(
    client: FlaskClient, content: bytes, name: str = "Press", path: str = "/staff/mailings/lists"
) -> TestResponse:
    """Bring a file by the form of a page."""
    data = {"name": name, "file": (io.BytesIO(content), "list.csv")}
    return client.post(path, data=data, content_type="multipart/form-data")


def test_a_file_is_brought_and_the_list_shown(client: FlaskClient) -> None:
    a_contact("ana@x.example", given_name="<i>Ana</i>", member=a_member("Accra"))
    a_person("bo@x.example")
    signed_in_as(client, Role.ORGANISER)

    answer = bring(client, b"ana@x.example\nbo@x.example\n")
    page = client.get(answer.headers["Location"]).get_data(as_text=True)

    assert answer.status_code == 303
    assert "&lt;i&gt;Ana&lt;/i&gt; Costa" in page
    assert "Accra" in page
    assert "1 of them is no contact, and gets no invitations." in page
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.subject.startswith("list "))).one()
    assert (entry.action, entry.changes) == ("added", {"name": "Press", "people": 2})


def test_unknown_addresses_and_lines_left_out_are_shown_with_the_way_to_the_contacts(client: FlaskClient) -> None:
    a_contact("ana@x.example")
    signed_in_as(client, Role.ORGANISER)

    page = bring(client, b"ana@x.example\nnew@x.example\n<b>nobody</b>\n").get_data(as_text=True)

    assert re.findall(r'<li><bdi dir="ltr">([^<]*)</bdi>', page) == ["new@x.example"]
    assert "&lt;b&gt;nobody&lt;/b&gt;" in page
    assert 'href="/staff/contacts/import"' in page


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("", b"ana@x.example\n", "Write a name"),
        ("Press", b"", "no mail address"),
        ("Press", b"\xff\xfa", "not written in UTF-8"),
        ("x" * 301, b"ana@x.example\n", "300"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(
    client: FlaskClient, name: str, content: bytes, says: str
) -> None:
    signed_in_as(client, Role.ORGANISER)

    answer = bring(client, content, name)

    assert answer.status_code == 422
    assert says in answer.get_data(as_text=True)
    assert db.session.scalars(select(PeopleList)).all() == []


def test_without_a_file_one_is_asked_to_choose_one(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)

    answer = client.post("/staff/mailings/lists", data={"name": "Press"})

    assert answer.status_code == 422
    assert "Choose a file." in answer.get_data(as_text=True)


def test_a_list_is_lengthened_renamed_and_deleted(client: FlaskClient) -> None:
    press = a_people_list(a_person("bo@x.example"))
    a_people_list(name="Speakers")
    a_contact("ana@x.example")
    signed_in_as(client, Role.ORGANISER)
    address = f"/staff/mailings/lists/{press.id}"

    assert bring(client, b"ana@x.example\n", path=f"{address}/add").status_code == 303
    client.post(address, data={"name": "Journalists"})
    client.post(address, data={"name": "Speakers"})
    client.post(address, data={"name": ""})
    db.session.expire_all()
    assert press.name == "Journalists"
    assert on(press.id) == ["ana@x.example", "bo@x.example"]

    client.post(address, data={"delete": "1"})
    assert [one.name for one in db.session.scalars(select(PeopleList))] == ["Speakers"]
    assert client.get(address).status_code == 404


def test_who_may_only_look_can_bring_nothing(client: FlaskClient) -> None:
    press = a_people_list(a_person())
    signed_in_as(client, Role.VIEWER)

    assert bring(client, b"ana@x.example\n").status_code == 403
    assert client.post(f"/staff/mailings/lists/{press.id}", data={"delete": "1"}).status_code == 403
    assert "Bring in a list" not in client.get("/staff/mailings/lists").get_data(as_text=True)


def test_lists_ask_few_queries(client: FlaskClient, count_queries: Counting) -> None:
    people = [a_person() for _ in range(20)]
    for person in people:
        a_contact(person=person)
    press = a_people_list(*people)
    signed_in_as(client, Role.ORGANISER)
    client.get("/staff/mailings/lists")
    list_id = press.id

    with count_queries() as all_:
        client.get("/staff/mailings/lists")
    with count_queries() as one:
        client.get(f"/staff/mailings/lists/{list_id}")

    assert (all_.count, one.count) == (2, 4)


@pytest.mark.usefixtures("app")
def test_the_number_of_a_list_that_was_deleted_is_not_given_to_another() -> None:
    a_person("ana@lisbon.example")
    first = bring_list("Press", b"email\nana@lisbon.example\n").list_id
    delete_list(first)

    assert bring_list("Mayors", b"email\nana@lisbon.example\n").list_id != first
