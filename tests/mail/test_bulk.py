"""What a mail to a list carries, and how each mail leaves with an envelope of its own."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.factories import LONG_AFTER, a_person, an_outbox_mail
from tests.mail.smtp_server import SmtpServer, a_mail_server
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.mail.delivery import GIVEN_UP_AFTER, deliver_due
from webinar.mail.message import CalendarPart, UnsafeHeader
from webinar.mail.models import MailState, OutboxMail, Undelivered
from webinar.mail.outbox import enqueue, write
from webinar.mail.rendering import Rendered
from webinar.mail.return_address import bounce_token_in, token_to_unsubscribe
from webinar.mail.transport import transport_of
from webinar.people.models import Suppression, SuppressionReason

TOKEN = "Zm9yLXRlc3RzLW9ubHktYW5kLW5vdC1hLXNlY3JldC0"
LINK = f"https://webinars.lisbon.example/unsubscribe/{TOKEN}"


@pytest.fixture
def server(app: Flask) -> Iterator[SmtpServer]:
    """Run a mail server and send to it."""
    with a_mail_server() as running:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=running.port, MAIL_TIMEOUT=1)
        yield running


def store(**more: object) -> OutboxMail:
    values: dict[str, object] = {
        "to": "ana@lisbon.example",
        "to_name": "Ana Sousa",
        "person_id": None,
        "topic": "mailing 1",
        "language": "en",
        "keep_until": LONG_AFTER,
    }
    words = Rendered("Come to our webinar", "Good day", "<p>Good day</p>")
    with transaction():
        return enqueue(write("invitation", words, **{**values, **more}))  # type: ignore[arg-type]


def headers_of(mail: OutboxMail) -> dict[str, str]:
    message = email.message_from_bytes(mail.message or b"", policy=email.policy.default)
    return {name: str(value) for name, value in message.items()}


def test_a_mail_to_a_list_says_how_it_is_stopped(app: Flask) -> None:
    headers = headers_of(store(unsubscribe_url=LINK))

    assert headers["List-Unsubscribe"] == f"<{LINK}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (headers["Precedence"], headers["Auto-Submitted"]) == ("bulk", "auto-generated")


def test_a_mail_about_ones_own_place_says_nothing_of_it(app: Flask) -> None:
    headers = headers_of(store())

    assert not {"List-Unsubscribe", "List-Unsubscribe-Post", "Precedence"} & headers.keys()
    assert headers["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("settings", "mailbox"),
    [
        ({"MAIL_BOUNCES": "bounces@example.org"}, "bounces@example.org"),
        ({"IMAP_SERVER": "imap.example.org"}, "webinars@example.org"),
        ({"MAIL_BOUNCES": "b'100%@example.org"}, "b%27100%25@example.org"),
    ],
)
def test_where_we_read_mail_a_mail_stops_it_too(app: Flask, settings: dict[str, str], mailbox: str) -> None:
    app.config.update(settings)

    headers = headers_of(store(unsubscribe_url=LINK))

    assert headers["List-Unsubscribe"] == f"<{LINK}>, <mailto:{mailbox}?subject=unsubscribe%20{TOKEN}>"
    assert token_to_unsubscribe(f"unsubscribe {TOKEN}") == TOKEN


def test_no_address_is_broken_however_long_it_is(app: Flask) -> None:
    app.config["MAIL_BOUNCES"] = "bounces@example.org"
    link = f"https://webinars.{'a-rather-long-name-of-a-city.' * 5}example/{'of-the-city/' * 20}unsubscribe/{TOKEN}"

    content = store(unsubscribe_url=link).message or b""

    lines = content.split(b"\r\n")
    assert f"List-Unsubscribe: <{link}>,".encode() in lines
    assert f" <mailto:bounces@example.org?subject=unsubscribe%20{TOKEN}>".encode() in lines
    assert max(map(len, lines)) < 998


@pytest.mark.parametrize(
    "link", ["https://x.example/a\r\nBcc: eve@evil.example", "https://x.example/a b", "https://x>"]
)
def test_an_address_that_would_break_out_is_refused(app: Flask, link: str) -> None:
    with pytest.raises(UnsafeHeader):
        store(unsubscribe_url=link)

    assert db.session.scalars(select(OutboxMail)).all() == []


def test_each_mail_leaves_with_an_envelope_of_its_own_and_from_stays(app: Flask, server: SmtpServer) -> None:
    app.config["MAIL_BOUNCES"] = "bounces@example.org"
    invitation = CalendarPart("REQUEST", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "old@example.org")
    mails = [store(), store(calendar=invitation)]

    deliver_due(transport_of(app), "test")

    envelopes = [taken.sender for taken in server.taken]
    assert (
        envelopes == [f"bounces+{mail.bounce_token}@example.org" for mail in mails] == [mail.sender for mail in mails]
    )
    assert [bounce_token_in([envelope]) for envelope in envelopes] == [mail.bounce_token for mail in mails]
    assert len({*envelopes}) == 2
    assert [headers_of(mail)["From"] for mail in mails] == [
        "Metropolis <webinars@example.org>",
        "Metropolis <old@example.org>",
    ]


def test_without_the_setting_the_envelope_is_who_it_is_from(app: Flask) -> None:
    mail = store()

    assert (mail.sender, mail.bounce_token) == ("webinars@example.org", None)
    assert bounce_token_in([f"webinars+{'0' * 32}@example.org"]) == ""


@pytest.mark.parametrize(
    "recipient",
    [
        f"bounces+{'0' * 31}@example.org",
        f"bounces+{'0' * 33}@example.org",
        f"bounces+{'0' * 32}@example.org.evil.example",
        f"bounces+{'0' * 32}@exampleXorg",
        f"no-bounces+{'0' * 32}@example.org",
        f"bounces-{'0' * 32}@example.org",
        "",
    ],
)
def test_another_address_is_no_envelope_of_ours(app: Flask, recipient: str) -> None:
    app.config["MAIL_BOUNCES"] = "bounces@example.org"

    assert bounce_token_in([recipient]) == ""


@pytest.mark.parametrize(
    ("said", "why", "is_left_out"),
    [
        ("550 5.1.1 no such user", Undelivered.NO_MAILBOX, True),
        ("550 5.2.1 disabled", Undelivered.NO_MAILBOX, True),
        ("552 5.2.2 full", Undelivered.FOR_NOW, False),
        ("550 no such user", Undelivered.OTHER, False),
        ("550 5.7.1 not from you", Undelivered.OTHER, False),
    ],
)
def test_a_refusal_at_once_counts_like_a_mail_that_came_back(
    app: Flask, server: SmtpServer, said: str, why: Undelivered, is_left_out: bool
) -> None:
    ana = a_person("ana@lisbon.example")
    mail = store(person_id=ana.id)
    server.answer = lambda command, _argument: said if command == "RCPT" else None

    deliver_due(transport_of(app), "test")

    found = db.session.get_one(OutboxMail, mail.id, populate_existing=True)
    assert (found.state, found.undelivered, found.undelivered_at is None) == (MailState.REFUSED, why, False)
    reasons = [SuppressionReason.DOES_NOT_WORK] if is_left_out else []
    assert list(db.session.scalars(select(Suppression.reason))) == reasons


def test_a_refusal_for_now_counts_when_the_mail_is_given_up_and_once(app: Flask, server: SmtpServer) -> None:
    a_person("ana@lisbon.example")
    began = clock.now()
    mails = [an_outbox_mail("ana@lisbon.example", created_at=began) for _number in range(3)]
    server.answer = lambda command, _argument: "452 4.2.2 full" if command == "RCPT" else None

    deliver_due(transport_of(app), "test")
    first = list(db.session.scalars(select(OutboxMail.undelivered)))
    with time_machine.travel(began + GIVEN_UP_AFTER + timedelta(minutes=1)):
        deliver_due(transport_of(app), "test")

    db.session.expire_all()
    assert first == [None, None, None]
    assert [mail.state for mail in mails] == [MailState.GIVEN_UP] * 3
    assert [mail.undelivered for mail in mails] == [Undelivered.FOR_NOW] * 3
    assert list(db.session.scalars(select(Suppression.reason))) == [SuppressionReason.DOES_NOT_WORK]
