"""A worker that is killed while it writes and sends an update: everybody is told what is true in the end, once."""

from __future__ import annotations

import email
import random
import time
from collections import defaultdict
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import func, select

from tests.calendars.reading import Understood, understood
from tests.factories import a_calendar_entry, a_registration, a_session
from tests.mail.smtp_server import SmtpServer, a_mail_server
from tests.worker.senders import Senders
from tests.worker.test_kills import settings_of
from webinar.catalogue.models import WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.mail.models import UNFINISHED, OutboxMail
from webinar.updates.queries import is_anything_to_write, progress_of
from webinar.updates.services import move_session

PEOPLE = 150
KILLS = 8
LONGEST = 120  # seconds


def people_of(session: WebinarSession) -> None:
    for number in range(PEOPLE):
        place = a_registration(session, email=f"{number}@example.org")
        announced = {"announced_sequence": 0, "dtstamp": clock.now().replace(microsecond=0)}
        a_calendar_entry(place, first_message_id=f"<first-{number}@example.org>", **announced)


def move_to(session: WebinarSession, start: str) -> None:
    begin = datetime.fromisoformat(start)
    move_session(session.key, begin, begin + timedelta(minutes=75))
    db.session.commit()


def is_done() -> bool:
    unsent = select(func.count()).select_from(OutboxMail).where(OutboxMail.state.in_(UNFINISHED))
    left = is_anything_to_write() or bool(db.session.scalar(unsent))
    db.session.rollback()
    return not left


def kill_some(senders: Senders, server: SmtpServer, chance: random.Random, kills: int, gives_up_at: float) -> None:
    """Let as many workers as kills begin, each of which dies at another point: before or after it has sent some."""
    for _ in range(kills):
        before = len(server.taken)
        pid = senders.start()
        some = before + chance.randrange(2 * PEOPLE // KILLS)
        waits_until = min(time.monotonic() + 3, gives_up_at)
        while len(server.taken) < some and time.monotonic() < waits_until:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.05)
        senders.kill(pid)


def told(server: SmtpServer) -> dict[str, list[Understood]]:
    """Return what each person's calendar was told, in the order of sending, what came twice as often as it came."""
    parts: dict[str, list[Understood]] = defaultdict(list)
    for mail in server.taken:
        message = email.message_from_bytes(mail.content)
        (part,) = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        parts[mail.to].extend(understood(content))
    return parts


def test_everybody_gets_the_current_update_and_a_kill_repeats_at_most_one_mail(app: Flask) -> None:
    session = a_session(starts="2030-05-14T13:00", zone="UTC")
    people_of(session)
    chance = random.Random(5)
    gives_up_at = time.monotonic() + LONGEST

    def take_time(command: str, _argument: str) -> None:
        if command == "DONE":
            time.sleep(0.005)  # so that the kills come while mails are left

    with a_mail_server(take_time) as server, Senders(settings_of(app, server.port)) as senders:
        move_to(session, "2030-05-21T13:00")
        kill_some(senders, server, chance, KILLS // 2, gives_up_at)
        # While some have got the first update, some mails of it wait and some are not written yet.
        assert 0 < len(server.taken) < PEOPLE
        move_to(session, "2030-05-28T13:00")
        kill_some(senders, server, chance, KILLS // 2, gives_up_at)
        senders.start()
        while not is_done() and time.monotonic() < gives_up_at:
            time.sleep(0.1)

    assert is_done()
    parts = told(server)
    assert parts.keys() == {f"{number}@example.org" for number in range(PEOPLE)}
    for events in parts.values():
        sequences = [event.sequence for event in events]
        assert sequences == sorted(sequences)
        assert sequences[-1] == 2
        assert len({event.uid for event in events}) == 1
        assert events[-1].starts == datetime.fromisoformat("2030-05-28T13:00+00:00")
    contents = [mail.content for mail in server.taken]
    distinct = set(contents)
    assert len(contents) - len(distinct) <= KILLS
    assert max(server.message_ids().values()) <= 2
    # Also one that the server took, whose sender was killed before it wrote that down, and that was withdrawn then.
    stored = [mail for mail in db.session.scalars(select(OutboxMail)) if mail.message in distinct]
    assert len(stored) == len(distinct)  # what was repeated was the same to the last byte
    progress = progress_of(session.id)
    assert progress is not None
    assert (progress.people, progress.sent, progress.is_done) == (PEOPLE, PEOPLE, True)
