"""A worker that is killed while it prepares, writes and sends a mailing: everybody gets it, a kill repeats one mail."""

from __future__ import annotations

import random
import time
from collections import Counter

from flask import Flask
from sqlalchemy import func, select

from tests.factories import a_contact, a_mailing, a_session
from tests.invitations.test_confirming import confirmed
from tests.mail.smtp_server import SmtpServer, a_mail_server
from tests.worker.senders import Senders
from tests.worker.test_kills import settings_of
from webinar.calendars.models import CalendarEntry
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.invitations.models import Invitation, Mailing
from webinar.invitations.progress import Progress, progress_of
from webinar.invitations.queries import find_mailing

PEOPLE = 150
KILLS = 6
LONGEST = 180  # seconds


def how_far(mailing: Mailing) -> Progress:
    db.session.rollback()
    found = find_mailing(mailing.id)
    assert found is not None
    progress = progress_of(found, clock.now())
    db.session.rollback()
    return progress


def kill_some(senders: Senders, server: SmtpServer, chance: random.Random, gives_up_at: float) -> None:
    """Let as many workers as kills begin, each of which dies at another point: before or after it has sent some."""
    for _ in range(KILLS):
        some = len(server.taken) + chance.randrange(PEOPLE // KILLS)
        pid = senders.start()
        waits_until = min(time.monotonic() + 3, gives_up_at)
        while len(server.taken) < some and time.monotonic() < waits_until:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.1)
        senders.kill(pid)


def test_nobody_is_left_out_and_a_kill_repeats_at_most_one_mail(app: Flask) -> None:
    for number in range(PEOPLE):
        a_contact(f"{number}@example.org")
    mailing = confirmed(a_mailing(a_session()))
    chance = random.Random(7)
    gives_up_at = time.monotonic() + LONGEST

    def take_time(command: str, _argument: str) -> None:
        if command == "DONE":
            time.sleep(0.005)  # so that the kills come while mails are left

    settings = {"MAILINGS_A_MINUTE": "0", "MAILINGS_A_MINUTE_PER_DOMAIN": "0"}
    with a_mail_server(take_time) as server, Senders({**settings_of(app, server.port), **settings}) as senders:
        kill_some(senders, server, chance, gives_up_at)
        assert len(server.taken) < PEOPLE
        senders.start()
        while not how_far(mailing).is_done and time.monotonic() < gives_up_at:
            time.sleep(0.1)

    assert how_far(mailing).is_done
    got = Counter(mail.to for mail in server.taken)
    assert got.keys() == {f"{number}@example.org" for number in range(PEOPLE)}
    assert got.total() - PEOPLE <= KILLS
    assert set(server.message_ids().values()) <= {1, 2}
    assert len(server.message_ids()) == PEOPLE  # what came twice was the same mail
    assert db.session.scalar(select(func.count()).select_from(Invitation)) == PEOPLE
    assert db.session.scalar(select(func.count()).select_from(CalendarEntry)) == PEOPLE
