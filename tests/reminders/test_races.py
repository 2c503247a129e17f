"""Workers, organisers and people at once, and a worker that is killed: everybody is reminded once of what is true."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import func, select

from tests.factories import a_registration, a_session
from tests.mail.smtp_server import a_mail_server
from tests.mailbox import all_mail
from tests.updates.test_races import PATIENCE, Others
from tests.worker.senders import Senders
from tests.worker.test_kills import settings_of
from webinar.catalogue.models import WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.mail.models import UNFINISHED, MailState, OutboxMail
from webinar.registration.models import Registration
from webinar.registration.services import cancel
from webinar.reminders.queries import is_any_to_write
from webinar.reminders.services.stop import stop_reminders
from webinar.reminders.services.write_due import write_due
from webinar.updates.services import cancel_session, move_session

PEOPLE = 60
KILLS = 4
LONGEST = 120  # seconds


def a_session_soon(people: int) -> WebinarSession:
    """Store a session that starts in 40 minutes, whose people registered two days ago."""
    starts = clock.now().replace(second=0, microsecond=0) + timedelta(minutes=40)
    session = a_session(starts=starts.strftime("%Y-%m-%dT%H:%M"), zone="UTC")
    before = clock.now() - timedelta(days=2)
    for number in range(people):
        a_registration(session, email=f"person{number}@example.org", seated_at=before, registered_at=before)
    return session


def write_all() -> None:
    while write_due(10):
        pass


def by_address() -> Counter[str | None]:
    """Count the reminders to each address that were not withdrawn."""
    return Counter(mail.to_address for mail in all_mail() if mail.state is not MailState.WITHDRAWN)


def test_several_workers_remind_everybody_once(app: Flask) -> None:
    a_session_soon(PEOPLE)
    together = threading.Barrier(4)

    def work() -> None:
        together.wait(PATIENCE)
        write_all()

    with Others(app) as others:
        for one in [others.start(work) for _ in range(4)]:
            one.result(PATIENCE)
    write_all()  # what one worker had passed over because another one held it

    assert set(by_address().values()) == {1}
    assert len(by_address()) == PEOPLE


def test_a_move_or_a_cancellation_in_the_midst_leaves_no_reminder_that_is_not_so(app: Flask) -> None:
    for decide in (
        lambda key: move_session(key, datetime(2031, 5, 21, 13, 0), datetime(2031, 5, 21, 14, 0)),  # noqa: DTZ001
        cancel_session,
    ):
        session = a_session_soon(0)
        for number in range(30):
            before = clock.now() - timedelta(days=2)
            a_registration(session, email=f"{session.key}-{number}@example.org", seated_at=before)
        with Others(app) as others:
            work = [others.start(write_all) for _ in range(2)]
            time.sleep(0.05)
            others.start(decide, session.key).result(PATIENCE)
            for one in work:
                one.result(PATIENCE)

        left = [mail for mail in all_mail() if mail.kind == "session reminder" and mail.state is MailState.QUEUED]
        assert left == []
        assert not is_any_to_write()


def test_people_who_leave_or_stop_them_meanwhile_get_none_and_nobody_waits_for_ever(app: Flask) -> None:
    a_session_soon(PEOPLE)
    tokens = list(db.session.scalars(select(Registration.token).order_by(Registration.id)))

    with Others(app) as others:
        work = [others.start(write_all) for _ in range(2)]
        leave = [others.start(cancel if number % 2 else stop_reminders, token) for number, token in enumerate(tokens)]
        for one in [*leave, *work]:
            one.result(PATIENCE)
    write_all()

    assert [mail for mail in all_mail() if mail.kind == "session reminder" and mail.state is MailState.QUEUED] == []


def test_a_worker_that_is_killed_loses_nothing_and_a_kill_repeats_at_most_one_mail(app: Flask) -> None:
    a_session_soon(PEOPLE)
    chance = random.Random(7)
    gives_up_at = time.monotonic() + LONGEST
    with a_mail_server() as server, Senders(settings_of(app, server.port)) as senders:
        for _ in range(KILLS):
            pid = senders.start()
            some = len(server.taken) + chance.randrange(2 * PEOPLE // KILLS)
            waits_until = min(time.monotonic() + 1.5, gives_up_at)
            while len(server.taken) < some and time.monotonic() < waits_until:
                time.sleep(0.002)
            time.sleep(chance.random() * 0.05)
            senders.kill(pid)
        senders.start()
        while not is_done() and time.monotonic() < gives_up_at:
            time.sleep(0.05)

        sent = Counter(mail.to for mail in server.taken)
        assert len(sent) == PEOPLE
        assert sum(sent.values()) <= PEOPLE + KILLS
        assert len(server.message_ids()) == PEOPLE


def is_done() -> bool:
    """Tell whether everybody has been written to and every mail has left."""
    written = db.session.scalar(select(func.count()).select_from(OutboxMail))
    unsent = db.session.scalar(select(OutboxMail.id).where(OutboxMail.state.in_(UNFINISHED)).limit(1))
    is_left = is_any_to_write()
    db.session.rollback()
    return written == PEOPLE and unsent is None and not is_left
