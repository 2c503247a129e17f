"""The mail log, and how one mail looks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Counted
from tests.factories import an_outbox_mail
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.foundation.db import db
from webinar.mail.message import CalendarPart, Mailbox, build_message
from webinar.mail.models import MailState, OutboxMail

CALENDAR = (
    b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Heat\\, in ci\r\n ties\r\n"
    b'ATTENDEE;CN="Ana: <i>S":mailto:ana@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n'
)


def a_whole_mail(**more: object) -> OutboxMail:
    content = build_message(
        subject="Your place",
        text="Dear Ana <script>alert(1)</script>,\nyou have a place.",
        html="<p>Dear Ana</p><script>alert(1)</script><img src=https://tracker.example/x.png>",
        from_=Mailbox("Metropolis", "webinars@example.org"),
        to=Mailbox("Ana <b>Sousa", "ana@example.org"),
        date=datetime(2030, 5, 14, tzinfo=UTC),
        message_id="<whole@example.org>",
        calendar=CalendarPart("REQUEST", CALENDAR),
    )
    return an_outbox_mail("ana@example.org", message=content, calendar_method="REQUEST", **more)  # type: ignore[arg-type]


def test_the_log_shows_every_mail_the_newest_first(client: FlaskClient) -> None:
    an_outbox_mail("first@example.org", subject="The older one", created_at=datetime(2030, 1, 1, tzinfo=UTC))
    an_outbox_mail(
        "second@example.org",
        subject="<b>The newer one",
        created_at=datetime(2030, 1, 2, tzinfo=UTC),
        state=MailState.REFUSED,
        server_said="550 no such <user>",
    )
    signed_in_as(client, Role.VIEWER)

    page = client.get("/staff/mail").text

    assert page.index("&lt;b&gt;The newer one") < page.index("The older one")
    assert "550 no such &lt;user&gt;" in page
    assert "2 mails" in page


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("", "ABC"),
        ("address=ANA", "A"),
        ("address=%25", ""),
        ("address=_", ""),
        ("state=sent", "B"),
        ("state=nonsense", "ABC"),
        ("kind=promotion", "C"),
        ("topic=session+next-en", "B"),
        ("topic=session+next-en&state=queued", ""),
        ("page=99999999999999999999", "ABC"),
    ],
)
def test_the_log_is_narrowed_by_address_state_kind_and_topic(client: FlaskClient, query: str, subjects: str) -> None:
    an_outbox_mail("ana@example.org", subject="Mail A")
    an_outbox_mail("bo@example.org", subject="Mail B", state=MailState.SENT, topic="session next-en")
    an_outbox_mail("cy@example.org", subject="Mail C", kind="promotion")
    signed_in_as(client, Role.VIEWER)

    answer = client.get(f"/staff/mail?{query}")

    assert answer.status_code == 200
    assert "".join(letter for letter in "ABC" if f"Mail {letter}" in answer.text) == subjects


def test_the_log_has_pages_that_keep_the_filter(client: FlaskClient) -> None:
    for number in range(51):
        an_outbox_mail("ana@example.org", subject=f"Mail {number:02}")
    signed_in_as(client, Role.VIEWER)

    first = client.get("/staff/mail?address=ana").text
    second = client.get("/staff/mail?address=ana&page=2").text

    assert "/staff/mail?address=ana&amp;page=2" in first
    assert ("Mail 00" in first, "Mail 00" in second) == (False, True)


def test_a_mail_is_shown_with_its_way_its_headers_its_text_and_its_calendar_part(client: FlaskClient) -> None:
    mail = a_whole_mail(state=MailState.REFUSED, attempts=2, server_said="550 no")
    signed_in_as(client, Role.ORGANISER)

    page = client.get(f"/staff/mail/{mail.id}").text

    assert "550 no" in page
    assert "&lt;whole@example.org&gt;" in page
    assert "<dt>From</dt><dd><bdi>Metropolis &lt;webinars@example.org&gt;</bdi></dd>" in page
    assert "Dear Ana &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "Heat, in cities" in page
    assert "mailto:ana@example.org" in page
    assert f'<iframe sandbox src="/staff/mail/{mail.id}/html"' in page


def test_a_mail_as_it_looks_can_do_nothing_and_loads_nothing(client: FlaskClient) -> None:
    mail = a_whole_mail()
    signed_in_as(client, Role.ORGANISER)

    answer = client.get(f"/staff/mail/{mail.id}/html")

    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["sandbox"] == ""
    assert policy["default-src"] == "'none'"
    assert policy["style-src"] == "'unsafe-inline'"
    assert policy["img-src"] == "data:"
    assert policy["frame-ancestors"] == "'self'"
    assert "script-src" not in policy
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_mail_is_downloaded_byte_for_byte(client: FlaskClient) -> None:
    mail = a_whole_mail()
    signed_in_as(client, Role.ORGANISER)

    answer = client.get(f"/staff/mail/{mail.id}.eml")

    assert answer.data == mail.message
    assert answer.mimetype == "message/rfc822"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=mail-{mail.id}.eml"


def test_a_mail_whose_text_was_deleted_says_so(client: FlaskClient) -> None:
    mail = an_outbox_mail(state=MailState.REFUSED, message=None)
    signed_in_as(client, Role.ORGANISER)

    page = client.get(f"/staff/mail/{mail.id}").text

    assert "The text of this mail has been deleted" in page
    assert "Try again" not in page
    assert client.get(f"/staff/mail/{mail.id}/html").status_code == 404
    assert client.get(f"/staff/mail/{mail.id}.eml").status_code == 404


@pytest.mark.parametrize("state", [MailState.REFUSED, MailState.GIVEN_UP])
def test_trying_again_puts_the_mail_into_the_queue_and_is_written_down(client: FlaskClient, state: MailState) -> None:
    mail = an_outbox_mail(state=state, attempts=9, topic="session next-en")
    account = signed_in_as(client, Role.ORGANISER)

    page = client.post(f"/staff/mail/{mail.id}/try-again", follow_redirects=True).text

    assert "The mail is in the queue again" in page
    assert (mail.state, mail.attempts) == (MailState.QUEUED, 0)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == f"mail {mail.id}")).one()
    assert (entry.action, entry.account_id) == ("sent again", account.id)


def test_a_mail_that_was_sent_is_not_tried_again(client: FlaskClient) -> None:
    mail = an_outbox_mail(state=MailState.SENT)
    signed_in_as(client, Role.ORGANISER)

    page = client.post(f"/staff/mail/{mail.id}/try-again", follow_redirects=True).text

    assert "Only a mail that was refused or given up can be tried again." in page
    assert mail.state is MailState.SENT


def test_viewers_see_the_log_but_not_what_stands_in_a_mail(client: FlaskClient) -> None:
    mail = a_whole_mail(state=MailState.REFUSED)
    signed_in_as(client, Role.VIEWER)

    page = client.get(f"/staff/mail/{mail.id}")

    assert page.status_code == 200
    assert "Only organisers can read it" in page.text
    assert "you have a place" not in page.text
    assert client.get(f"/staff/mail/{mail.id}/html").status_code == 403
    assert client.get(f"/staff/mail/{mail.id}.eml").status_code == 403
    assert client.post(f"/staff/mail/{mail.id}/try-again").status_code == 403
    assert mail.state is MailState.REFUSED


def test_strangers_are_led_to_the_sign_in(client: FlaskClient) -> None:
    mail = a_whole_mail(state=MailState.REFUSED)

    for address in (
        "/staff/mail",
        f"/staff/mail/{mail.id}",
        f"/staff/mail/{mail.id}/html",
        f"/staff/mail/{mail.id}.eml",
    ):
        assert client.get(address).location == f"/staff/sign-in?next={address}"
    assert client.post(f"/staff/mail/{mail.id}/try-again").status_code == 303
    assert mail.state is MailState.REFUSED


def test_trying_again_needs_a_token(app: Flask, client: FlaskClient) -> None:
    mail = an_outbox_mail(state=MailState.REFUSED)
    signed_in_as(client, Role.ORGANISER)
    app.config["WTF_CSRF_ENABLED"] = True

    client.post(f"/staff/mail/{mail.id}/try-again")

    assert mail.state is MailState.REFUSED


def test_a_mail_that_does_not_exist_is_not_found(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)

    for number in ("7777", "99999999999999999999", "x"):
        assert client.get(f"/staff/mail/{number}").status_code == 404
        assert client.get(f"/staff/mail/{number}/html").status_code == 404
        assert client.post(f"/staff/mail/{number}/try-again").status_code in {404, 405}


def test_the_log_takes_the_same_number_of_queries_however_many_mails_there_are(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    an_outbox_mail()
    signed_in_as(client, Role.VIEWER)

    def counted() -> int:
        with count_queries() as queries:
            client.get("/staff/mail")
        return queries.count

    few = counted()
    for _number in range(20):
        an_outbox_mail()
    assert counted() == few <= 8
