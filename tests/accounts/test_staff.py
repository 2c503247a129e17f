"""The staff's pages about accounts and the audit log."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Client, Counted
from tests.factories import a_staff_account, an_audit_entry
from tests.signing_in import PASSWORD, sign_in, signed_in_as, with_password
from webinar.accounts.models import AuditEntry, Role, StaffAccount
from webinar.accounts.queries import find_by_email
from webinar.accounts.services import sign_in_link_for
from webinar.foundation.db import db

NEW = "quite another one, really"


def test_ones_name_and_language_are_changed(client: FlaskClient) -> None:
    account = signed_in_as(client, Role.VIEWER)

    answer = client.post("/staff/account", data={"name": " دلارام کاظمی ", "language": "fr"})

    assert answer.status_code == 303
    assert (account.name, account.language) == ("دلارام کاظمی", "fr")
    assert "<bdi>دلارام کاظمی</bdi>" in client.get("/staff/account").text


def test_bad_input_keeps_what_was_typed_and_changes_nothing(client: FlaskClient) -> None:
    account = signed_in_as(client, Role.VIEWER)

    answer = client.post("/staff/account", data={"name": "x" * 101, "language": "tlh"})

    assert answer.status_code == 422
    assert "Take at most 100 characters." in answer.text
    assert "x" * 101 in answer.text
    assert (account.name, account.language) == ("Olga Organiser", "en")


def test_a_new_password_ends_all_other_sessions_and_keeps_this_one(app: Flask, client: FlaskClient) -> None:
    account = signed_in_as(client, Role.VIEWER)
    elsewhere = Client(app, app.response_class, use_cookies=True)
    sign_in(elsewhere, account)

    answer = client.post("/staff/account/password", data={"present": PASSWORD, "password": NEW, "again": NEW})

    assert answer.status_code == 303
    assert client.get("/staff/account").status_code == 200
    assert elsewhere.get("/staff/account").status_code == 302
    sign_in(elsewhere, account, NEW)


def test_a_password_is_not_changed_without_the_present_one_or_into_a_weak_or_mistyped_one(client: FlaskClient) -> None:
    account = signed_in_as(client, Role.VIEWER)
    kept = account.password_hash
    for data, message in (
        ({"password": NEW, "again": NEW}, "This is not your present password."),
        ({"present": "wrong password", "password": NEW, "again": NEW}, "This is not your present password."),
        ({"present": PASSWORD, "password": "short", "again": "short"}, "Take at least 12 characters"),
        ({"present": PASSWORD, "password": NEW, "again": NEW + "!"}, "The two are not the same."),
        ({"present": PASSWORD, "password": "", "again": ""}, "Type the new password."),
    ):
        answer = client.post("/staff/account/password", data=data)

        assert answer.status_code == 422
        assert message in answer.text
        assert account.password_hash == kept


def test_who_came_by_a_link_chooses_a_password_without_knowing_the_old_one(client: FlaskClient) -> None:
    account = with_password()
    client.post(sign_in_link_for(account.email).removeprefix("http://127.0.0.1:5000"))
    assert 'name="present"' not in client.get("/staff/account/password").text

    client.post("/staff/account/password", data={"password": NEW, "again": NEW})

    assert 'name="present"' in client.get("/staff/account/password").text  # only that once
    client.post("/staff/sign-out")
    sign_in(client, account, NEW)


def test_an_administrator_creates_an_account_and_gets_a_link_for_it(app: Flask, client: FlaskClient) -> None:
    admin = signed_in_as(client, Role.ADMIN)

    answer = client.post(
        "/staff/accounts/new", data={"email": "bo@example.org", "name": "Bo", "language": "es", "role": "viewer"}
    )

    link = re.search(r'value="http://127\.0\.0\.1:5000(/staff/sign-in/[\w-]+)"', answer.text)
    assert link is not None
    bo = Client(app, app.response_class, use_cookies=True)
    assert bo.post(link[1]).status_code == 303
    assert '<html lang="es"' in bo.get("/staff/account").text
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "created")).one()
    assert (entry.account_id, entry.subject) == (admin.id, "account bo@example.org")


def test_a_refused_new_account_keeps_what_was_typed(client: FlaskClient) -> None:
    signed_in_as(client, Role.ADMIN)
    known = a_staff_account("bo@example.org", name="Bo")

    answer = client.post(
        "/staff/accounts/new",
        data={"email": "Bo@example.org", "name": "Another <b>Bo</b>", "language": "es", "role": "admin"},
    )

    assert answer.status_code == 422
    assert "There is an account of bo@example.org already." in answer.text
    assert "Another &lt;b&gt;Bo&lt;/b&gt;" in answer.text
    assert known.name == "Bo"


def test_an_account_is_changed_closed_and_opened_on_its_page(client: FlaskClient) -> None:
    signed_in_as(client, Role.ADMIN)
    bo = a_staff_account("bo@example.org", name="Bo", role=Role.VIEWER)
    page = f"/staff/accounts/{bo.id}"
    assert f'<a href="{page}"><bdi>Bo</bdi></a>' in client.get("/staff/accounts").text

    assert client.post(page, data={"role": "organiser"}).location == page
    assert bo.role is Role.ORGANISER
    assert client.post(f"{page}/close").location == page
    assert not bo.is_active
    assert client.post(f"{page}/open").location == page
    assert bo.is_active
    assert "The account of bo@example.org is open again." in client.get(page).text


def test_what_is_refused_is_said_on_the_page_and_changes_nothing(client: FlaskClient) -> None:
    admin = signed_in_as(client, Role.ADMIN)
    page = f"/staff/accounts/{admin.id}"
    sentence = f"{admin.email} is the only administrator."

    refused = client.post(page, data={"role": "viewer"})
    assert (refused.status_code, sentence in refused.text) == (422, True)
    assert client.post(page, data={"role": "king"}).status_code == 422
    assert client.post(f"{page}/close").location == page
    assert sentence in client.get(page).text
    assert (admin.role, admin.is_active) == (Role.ADMIN, True)


def test_there_is_no_link_for_a_closed_account(client: FlaskClient) -> None:
    signed_in_as(client, Role.ADMIN)
    closed = a_staff_account("bo@example.org", is_active=False)

    assert client.post(f"/staff/accounts/{closed.id}/link").status_code == 303
    assert "There is no open account of bo@example.org." in client.get(f"/staff/accounts/{closed.id}").text


@pytest.mark.parametrize("number", [12345678, 2**31, 2**63, 10**30])
def test_an_account_that_does_not_exist_is_404(client: FlaskClient, number: int) -> None:
    signed_in_as(client, Role.ADMIN)

    assert client.get(f"/staff/accounts/{number}").status_code == 404
    for what in ("", "/link", "/close", "/open"):
        assert client.post(f"/staff/accounts/{number}{what}").status_code == 404


def test_the_audit_log_shows_who_did_what_newest_first(client: FlaskClient) -> None:
    admin = signed_in_as(client, Role.ADMIN)
    at = datetime(2030, 5, 14, 12, 0, tzinfo=UTC)
    an_audit_entry(admin, action="published", subject="session next-en", at=at)
    an_audit_entry(
        action="changed", subject="webinar heat", changes={"title": ["<b>Heat", "Hot"]}, at=at + timedelta(1)
    )

    text = re.sub(r'<small class="narrow">.*?</small>', "", client.get("/staff/audit").text)  # a phone's second line

    rows = [
        unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)))
        for row in re.findall(r"<tr>(.*?)</tr>", text, re.S)[1:]
    ]
    assert [" ".join(row.split()) for row in rows] == [
        "15 May 2030, 12:00 A command on the server changed webinar heat title: <b>Heat → Hot",
        "14 May 2030, 12:00 Olga Organiser published session next-en",
    ]


def test_the_audit_log_has_pages_and_takes_any_number_for_one(client: FlaskClient) -> None:
    admin = signed_in_as(client, Role.ORGANISER)
    for number in range(51):
        an_audit_entry(admin, subject=f"session s{number:02}")

    first, last = client.get("/staff/audit").text, client.get("/staff/audit?page=2").text

    assert [number for number in range(51) if f"session s{number:02}" in first] == list(range(1, 51))
    assert [number for number in range(51) if f"session s{number:02}" in last] == [0]
    for written in ("0", "-1", "999999999999999999999", "x", ""):
        assert client.get(f"/staff/audit?page={written}").status_code == 200


def test_the_audit_log_asks_a_constant_number_of_queries(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    signed_in_as(client, Role.ORGANISER)
    for _ in range(30):
        an_audit_entry(a_staff_account())

    with count_queries() as queries:
        client.get("/staff/audit")

    assert queries.count == 3


def test_the_menu_shows_what_somebody_may_see(client: FlaskClient) -> None:
    signed_in_as(client, Role.VIEWER)
    assert "/staff/accounts" not in client.get("/staff/account").text

    client.post("/staff/sign-out")
    signed_in_as(client, Role.ADMIN)
    assert '<a href="/staff/accounts">' in client.get("/staff/account").text


def test_an_expired_token_shows_the_filled_form_again(app: Flask, client: FlaskClient) -> None:
    account = signed_in_as(client, Role.ADMIN)
    app.config["WTF_CSRF_ENABLED"] = True

    answer = client.post("/staff/account", data={"name": "Inés", "language": "es", "csrf_token": "from yesterday"})

    assert answer.status_code == 422
    assert "This page lay open for a long time" in answer.text
    assert 'value="Inés"' in answer.text
    assert account.name == "Olga Organiser"


def test_a_button_with_an_expired_token_leads_back_to_its_page_and_says_so(app: Flask, client: FlaskClient) -> None:
    signed_in_as(client, Role.ADMIN)
    bo = a_staff_account("bo@example.org")
    app.config["WTF_CSRF_ENABLED"] = True

    for referrer, leads_to in (
        (f"http://localhost/staff/accounts/{bo.id}", f"/staff/accounts/{bo.id}"),
        ("https://evil.example//evil.example", "/staff/"),
        ("http://[", "/staff/"),
        ("", "/staff/"),
    ):
        answer = client.post(f"/staff/accounts/{bo.id}/close", headers={"Referer": referrer})
        assert (answer.status_code, answer.location) == (303, leads_to)

    assert "nothing was changed. Do it once more." in client.get("/staff/accounts").text
    found = find_by_email("bo@example.org")
    assert isinstance(found, StaffAccount)
    assert found.is_active
