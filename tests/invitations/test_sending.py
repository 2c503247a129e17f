"""A mailing sent to a mail server that misbehaves: each person ends where they belong, and the page says so."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.factories import a_contact, a_mailing, a_session
from tests.invitations.test_confirming import confirmed
from tests.mail.smtp_server import GO_AWAY, KEEP_SILENT, SmtpServer, a_mail_server
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.invitations.models import Mailing
from webinar.invitations.progress import Standing, progress_of
from webinar.invitations.queries import find_mailing
from webinar.mail.delivery import GIVEN_UP_AFTER
from webinar.mail.models import MailState, OutboxMail
from webinar.worker.loop import deliver_once

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def server(app: Flask) -> Iterator[SmtpServer]:
    with a_mail_server() as running:
        app.config.update(
            MAIL_SERVER="127.0.0.1",
            MAIL_PORT=running.port,
            MAIL_TIMEOUT=1,
            MAILINGS_A_MINUTE=0,
            MAILINGS_A_MINUTE_PER_DOMAIN=0,
        )
        yield running


def a_mailing_to(**domains: int) -> Mailing:
    """Return a confirmed mailing to so many people of each domain."""
    for domain, count in domains.items():
        for number in range(count):
            a_contact(f"p{number}@{domain}.example")
    return confirmed(a_mailing(a_session()))


def standing(mailing: Mailing) -> dict[Standing, int]:
    """Return how many stand where, leaving out where nobody stands."""
    db.session.rollback()
    found = find_mailing(mailing.id)
    assert found is not None
    return {where: count for where, count in progress_of(found, clock.now()).by_standing.items() if count}


def deliver() -> None:
    deliver_once()
    db.session.remove()


def time_passes() -> None:
    """Let everything be due that waits for another attempt."""
    db.session.execute(
        update(OutboxMail).where(OutboxMail.state == MailState.QUEUED).values(next_attempt_at=clock.now())
    )
    db.session.commit()


def taken_by(server: SmtpServer) -> Counter[str]:
    """Count what the server took by the domain it was for."""
    return Counter(mail.to.rpartition("@")[2].removesuffix(".example") for mail in server.taken)


def said(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_of_some_hundred_each_ends_where_the_server_put_them_and_the_page_says_what_it_said(
    server: SmtpServer, client: FlaskClient
) -> None:
    def answer(command: str, address: str) -> str | None:
        if command == "RCPT" and address.endswith("@greylists.example"):
            return "450 4.2.0 greylisted, come again"
        if command == "RCPT" and address.endswith("@gone.example"):
            return "550 5.1.1 no such user"
        if command == "DONE" and address.endswith("@unwanted.example"):
            return "554 5.7.1 we do not like this"
        return None

    server.answer = answer
    mailing = a_mailing_to(fine=120, greylists=40, gone=30, unwanted=10)
    signed_in_as(client, Role.ORGANISER)

    deliver()
    first = standing(mailing)
    page = said(client.get(f"/staff/mailings/{mailing.id}/results?standing=refused").text)
    again = said(client.get(f"/staff/mailings/{mailing.id}/results?standing=again").text)
    server.answer = lambda command, address: None if "greylists" in address else answer(command, address)
    time_passes()
    deliver()

    assert first == {Standing.SENT: 120, Standing.AGAIN: 40, Standing.REFUSED: 40}
    assert "Sent: 120" in page
    assert "550 5.1.1 no such user" in page
    assert "450 4.2.0 greylisted, come again" in again
    assert standing(mailing) == {Standing.SENT: 160, Standing.REFUSED: 40}
    assert taken_by(server) == {"fine": 120, "greylists": 40}
    assert set(server.message_ids().values()) == {1}


def test_what_was_refused_is_tried_again_by_a_press_but_not_where_nobody_is_there(
    server: SmtpServer, client: FlaskClient
) -> None:
    refusals = {"gone": "550 5.1.1 no such user", "unwanted": "554 5.7.1 we do not like this"}
    server.answer = lambda command, address: (
        refusals.get(address.rpartition("@")[2].removesuffix(".example")) if command == "RCPT" else None
    )
    mailing = a_mailing_to(gone=2, unwanted=3)
    deliver()
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(f"/staff/mailings/{mailing.id}/try-again", follow_redirects=True)
    server.answer = lambda _command, _address: None
    deliver()
    no_more = client.post(f"/staff/mailings/{mailing.id}/try-again", follow_redirects=True)

    assert "3 mails are in the queue again." in said(answer.text)
    assert taken_by(server) == {"unwanted": 3}
    assert "None of these mails can be sent again" in said(no_more.text)
    assert standing(mailing) == {Standing.SENT: 3, Standing.REFUSED: 2}


def test_one_mail_of_another_mailing_is_not_tried_again_here(server: SmtpServer, client: FlaskClient) -> None:
    server.answer = lambda command, _address: "554 no" if command == "RCPT" else None
    mailing = a_mailing_to(unwanted=1)
    deliver()
    mail_id = db.session.scalars(select(OutboxMail.id)).one()
    other = a_mailing_to(other=1)
    signed_in_as(client, Role.ORGANISER)

    refused = client.post(f"/staff/mailings/{other.id}/try-again", data={"mail": mail_id}, follow_redirects=True)

    assert "None of these mails can be sent again" in said(refused.text)
    assert standing(mailing) == {Standing.REFUSED: 1}


@pytest.mark.parametrize("at", ["CONNECT", "MAIL", "RCPT"])
def test_a_server_that_says_421_gets_the_same_mails_later_and_each_once(server: SmtpServer, at: str) -> None:
    mailing = a_mailing_to(fine=20)
    server.answer = lambda command, _address: "421 4.7.0 too many, later" if command == at else None
    for _ in range(3):
        deliver()
        time_passes()
    taken_meanwhile = len(server.taken)
    server.answer = lambda _command, _address: None
    for _ in range(3):
        deliver()
        time_passes()

    assert taken_meanwhile == 0
    assert standing(mailing) == {Standing.SENT: 20}
    assert set(server.message_ids().values()) == {1}


def test_a_server_that_goes_away_after_each_mail_gets_it_twice_at_most_with_the_same_message_id(
    server: SmtpServer,
) -> None:
    mailing = a_mailing_to(fine=4)
    dropped: Counter[str] = Counter()

    def answer(command: str, address: str) -> str | None:
        if command == "DONE" and not dropped[address]:
            dropped[address] += 1
            return GO_AWAY  # it has the mail, and nobody hears that
        return None

    server.answer = answer
    for _ in range(4):
        deliver()
        time_passes()

    assert standing(mailing) == {Standing.SENT: 4}
    assert set(server.message_ids().values()) == {2}


def test_a_server_that_hangs_holds_nobody_up_for_ever_and_loses_nobody(server: SmtpServer) -> None:
    mailing = a_mailing_to(fine=6, hangs=1)

    def answer(command: str, address: str) -> str | None:
        return KEEP_SILENT if command == "RCPT" and address == "p0@hangs.example" else None

    server.answer = answer
    began = time.monotonic()
    deliver()

    assert time.monotonic() - began < 30
    assert standing(mailing) == {Standing.SENT: 6, Standing.AGAIN: 1}


def test_what_is_refused_for_now_for_two_days_is_given_up_and_shown_as_such(
    server: SmtpServer, client: FlaskClient
) -> None:
    mailing = a_mailing_to(full=2)
    server.answer = lambda command, _address: "452 4.2.2 mailbox full" if command == "RCPT" else None
    deliver()
    db.session.execute(update(OutboxMail).values(created_at=clock.now() - GIVEN_UP_AFTER))
    time_passes()
    deliver()
    signed_in_as(client, Role.VIEWER)

    page = said(client.get(f"/staff/mailings/{mailing.id}/results?standing=given_up").text)

    assert standing(mailing) == {Standing.GIVEN_UP: 2}
    assert "452 4.2.2 mailbox full" in page
    assert "Try again" not in page  # who only looks
