"""The list of whom lists leave out: contacts or not, by reason, with the way back."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Counted
from tests.factories import a_contact, a_person, a_suppression, an_outbox_mail
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.people.models import MailKind, Suppression, SuppressionReason

LIST = "/staff/contacts/do-not-write"


def addresses_in(page: str) -> list[str]:
    return re.findall(r'<th scope="row">.*?<bdi dir="ltr">([^<]+)</bdi>', page)


def open_ones() -> list[int]:
    db.session.expire_all()
    return list(db.session.scalars(select(Suppression.person_id).where(Suppression.lifted_at.is_(None))))


def does_not_work(email: str, mail_id: int = 1, *, days_ago: int = 0) -> Suppression:
    return a_suppression(
        a_person(email),
        reason=SuppressionReason.DOES_NOT_WORK,
        source=f"mail {mail_id}",
        since=clock.now() - timedelta(days=days_ago),
    )


def test_the_addresses_that_do_not_work_stand_first_the_latest_on_top_contacts_or_not(client: FlaskClient) -> None:
    signed_in_as(client, Role.VIEWER)
    does_not_work("old@lisbon.example", days_ago=3)
    does_not_work("new@lisbon.example", 4711)
    bo = a_contact("bo@oslo.example", given_name="Bo", family_name="Berg")
    a_suppression(bo.person, reason=SuppressionReason.DOES_NOT_WORK, since=clock.now() - timedelta(days=1))
    a_suppression(a_person("gone@lisbon.example"), since=clock.now(), lifted_at=clock.now())
    a_suppression(a_person("cy@lisbon.example"), kind=MailKind.NEWSLETTER)

    page = client.get(LIST).text

    assert addresses_in(page) == ["new@lisbon.example", "bo@oslo.example", "old@lisbon.example"]
    assert f'href="/staff/contacts/{bo.id}"><bdi>Bo Berg</bdi>' in page
    assert 'href="/staff/mail/4711"' in page
    assert "Write to them again" not in page
    assert ">Unsubscribed (1)</option>" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?reason=unsubscribed", ["cy@lisbon.example"]),
        ("?reason=complaint", []),
        ("?reason=nonsense", ["ana@lisbon.example"]),
        ("?address=LISBON", ["ana@lisbon.example"]),
        ("?address=100%25_", []),
        ("?page=99", ["ana@lisbon.example"]),
        ("?page=-1", ["ana@lisbon.example"]),
    ],
)
def test_the_list_is_narrowed_by_what_stands_in_the_address(client: FlaskClient, query: str, found: list[str]) -> None:
    signed_in_as(client, Role.VIEWER)
    does_not_work("ana@lisbon.example")
    a_suppression(a_person("cy@lisbon.example"), kind=MailKind.NEWSLETTER)

    assert addresses_in(client.get(LIST + query).text) == found


def test_somebody_who_is_no_contact_is_written_to_again_and_that_is_written_down(client: FlaskClient) -> None:
    account = signed_in_as(client, Role.ORGANISER)
    suppression = does_not_work("ana@lisbon.example")
    account_id, person_id = account.id, suppression.person_id

    for said in ("They get these mails again.", "Nothing was changed."):
        answer = client.post(f"{LIST}/{suppression.id}/lift", data={"reason": "does_not_work", "page": "1"})
        assert (answer.status_code, answer.location) == (303, f"{LIST}?reason=does_not_work&page=1")
        assert said in client.get(LIST).text

    assert open_ones() == []
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "changed")).one()
    assert (entry.account_id, entry.subject) == (account_id, f"person {person_id}")
    assert entry.changes == {"address": "ana@lisbon.example", "do_not_write": ["does_not_work all", ""]}


def test_a_contact_is_written_to_again_from_the_list_too(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    contact = a_contact("bo@oslo.example")
    suppression = a_suppression(contact.person, reason=SuppressionReason.COMPLAINT, kind=MailKind.INVITATIONS)

    client.post(f"{LIST}/{suppression.id}/lift")

    assert open_ones() == []
    assert "Complained: Invitations" in client.get(f"/staff/contacts/{contact.id}/changes").text


def test_nobody_is_written_to_again_by_who_may_only_look_or_by_a_wrong_number(client: FlaskClient) -> None:
    suppression = does_not_work("ana@lisbon.example")
    signed_in_as(client, Role.VIEWER)
    assert client.post(f"{LIST}/{suppression.id}/lift").status_code == 403

    signed_in_as(client, Role.ORGANISER)
    for number in (suppression.id + 1, 2**31, 10**30):
        assert client.post(f"{LIST}/{number}/lift").status_code == 303

    assert open_ones() == [suppression.person_id]


def test_a_mail_says_that_lists_leave_its_address_out(client: FlaskClient) -> None:
    signed_in_as(client, Role.VIEWER)
    mail = an_outbox_mail("ana@lisbon.example")
    before = client.get(f"/staff/mail/{mail.id}").text
    does_not_work("ana@lisbon.example")

    page = client.get(f"/staff/mail/{mail.id}").text

    assert "Address does not work" in page
    assert "Address does not work" not in before
    assert f"{LIST}?reason=does_not_work&amp;address=ana@lisbon.example" in page


def test_the_list_costs_the_same_whatever_stands_in_it(
    app: Flask, client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    signed_in_as(client, Role.ORGANISER)
    counts = []
    for number in range(2):
        for place in range(20):
            does_not_work(f"person-{number}-{place}@lisbon.example")
        with count_queries() as queries:
            client.get(LIST)
        counts.append(queries.count)

    assert counts[0] == counts[1] < 12
