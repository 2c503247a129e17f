"""What the worker does with updates: it writes a lot, sends what is due, and so on."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.factories import a_registration, a_session, an_outbox_mail
from tests.mail.smtp_server import SmtpServer, a_mail_server
from tests.updates.test_moving import moved
from tests.worker.test_cli import a_watch, deliver, eventually
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.updates.queries import is_anything_to_write
from webinar.updates.services.write_due import LOT


@pytest.fixture
def server(app: Flask) -> Iterator[SmtpServer]:
    with a_mail_server() as running:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=running.port)
        yield running


def a_moved_session(people: int) -> WebinarSession:
    session = a_session()
    for number in range(people):
        a_registration(session, email=f"{number}@example.org")
    moved(session, "2030-05-21T13:00")
    return session


def test_deliver_writes_all_there_is_to_write_and_sends_it(app: Flask, server: SmtpServer) -> None:
    a_moved_session(LOT + 5)
    an_outbox_mail("other@example.org")

    assert deliver(app) == (f"{LOT + 6} mails were sent.", 0)
    assert {mail.to for mail in server.taken} == {"other@example.org", *(f"{n}@example.org" for n in range(LOT + 5))}
    assert deliver(app) == ("0 mails were sent.", 0)


def test_deliver_writes_also_what_it_cannot_send(app: Flask, server: SmtpServer) -> None:
    a_moved_session(3)
    server.answer = lambda command, _argument: "554 closed" if command == "CONNECT" else None

    assert deliver(app) == ("Error: 0 mails were sent. The rest waits: the mail server cannot be used: 554 closed", 1)
    assert not is_anything_to_write()


def test_a_confirmation_waits_for_a_lot_and_not_for_all_of_an_update(app: Flask, server: SmtpServer) -> None:
    people = 4 * LOT
    a_moved_session(people)
    server.answer = lambda command, _argument: time.sleep(0.01) if command == "DONE" else None

    with a_watch(app, server.port):
        assert eventually(lambda: len(server.taken) >= 5, 40)
        asked_at = len(server.taken)
        an_outbox_mail("new@example.org")
        assert eventually(lambda: len(server.taken) == people + 1, 60)

    position = [mail.to for mail in server.taken].index("new@example.org")
    assert position <= asked_at + 2 * LOT
    assert set(server.message_ids().values()) == {1}


def test_while_the_mail_server_is_away_mails_go_on_being_written(app: Flask, server: SmtpServer) -> None:
    a_moved_session(LOT + 5)
    server.answer = lambda command, _argument: "421 away" if command == "CONNECT" else None

    with a_watch(app, server.port):
        assert eventually(lambda: not is_anything_to_write(), 40)
        server.answer = lambda _command, _argument: None
        assert eventually(lambda: len(server.taken) == LOT + 5, 60)
    db.session.rollback()
