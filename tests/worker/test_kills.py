"""A sender that is killed in the middle loses nothing and repeats at most the mail it had in hand."""

from __future__ import annotations

import random
import time
from pathlib import Path

from flask import Flask

from tests.factories import LONG_AFTER
from tests.mail.smtp_server import a_mail_server
from tests.worker.senders import Senders
from webinar.foundation.db import db
from webinar.mail.models import MailState, OutboxMail

MAILS = 2_000
KILLS = 20
LONGEST = 120  # seconds


def settings_of(app: Flask, port: int) -> dict[str, str]:
    return {
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "INSTANCE_PATH": str(Path(app.instance_path)),
        "SECRET_KEY": "only-for-tests",
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(port),
    }


def store_mails(count: int) -> list[str]:
    """Store many mails, some of them two of one calendar entry, and return their Message-IDs."""
    message_ids = [f"<{number}@example.org>" for number in range(count)]
    db.session.execute(
        db.insert(OutboxMail),
        [
            {
                "kind": "confirmation",
                "to_address": f"{number}@example.org",
                "sender": "webinars@example.org",
                "subject": "Your place",
                "language": "en",
                "message_id": message_id,
                "message": f"Message-ID: {message_id}\r\nUID: uid-{number % 1_500}\r\n\r\n".encode() + b"x" * 8_000,
                "order_key": f"uid-{number % 1_500}",
                "erase_after": LONG_AFTER,
            }
            for number, message_id in enumerate(message_ids)
        ],
    )
    db.session.commit()
    return message_ids


def count_waiting() -> int:
    waiting = db.session.scalar(
        db.select(db.func.count()).select_from(OutboxMail).where(OutboxMail.state != MailState.SENT)
    )
    db.session.rollback()
    return waiting or 0


def test_twenty_kills_over_two_thousand_mails_lose_none_and_repeat_at_most_one_each(app: Flask) -> None:
    message_ids = store_mails(MAILS)
    chance = random.Random(20)
    gives_up_at = time.monotonic() + LONGEST

    with a_mail_server() as server, Senders(settings_of(app, server.port)) as senders:
        for kill in range(1, KILLS + 1):
            pid = senders.start()
            # Never at the same point of a mail, and each time after it has sent some of its own.
            while len(server.taken) < kill * MAILS // (KILLS + 2) and time.monotonic() < gives_up_at:
                time.sleep(0.002)
            time.sleep(chance.random() * 0.01)
            senders.kill(pid)
        senders.start()
        while count_waiting() and time.monotonic() < gives_up_at:
            time.sleep(0.1)
        taken = server.message_ids()

    assert count_waiting() == 0
    assert sorted(taken) == sorted(message_ids)
    assert taken.total() - MAILS <= KILLS
    assert max(taken.values()) <= 2
    assert len({mail.content for mail in server.taken}) == MAILS  # a repeated mail is the same to the last byte
    positions = {mail.to: position for position, mail in reversed(list(enumerate(server.taken)))}
    assert all(positions[f"{number}@example.org"] < positions[f"{number + 1_500}@example.org"] for number in range(500))
