"""Organisers, workers and people at once: nothing waits for ever, and in the end everybody was told what is true."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text

from tests.factories import a_person, a_registration, a_session, an_invited_entry
from tests.mailbox import all_mail, calendar_of, kinds_of_mail_to, mails_to, read, words_of
from tests.registration.test_services import a_registrant, token_of
from tests.updates.test_moving import again, at, everything_has_left, everything_written
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.calendars.models import CalendarEntry
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.mail.models import MailState
from webinar.registration.models import RegistrationStatus
from webinar.registration.services import cancel, register
from webinar.updates.models import SessionUpdate, UpdateKind
from webinar.updates.services import cancel_session, move_session, tell_session, write_due
from webinar.updates.services.rehearse import Plan, rehearsed_mail

PATIENCE = 60


class Others:
    """Threads of the same program, each with a session of its own on the database."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(12)

    def start(self, do: Callable[..., Any], *told: Any, **more: Any) -> Future[Any]:
        """Let somebody else do something meanwhile."""

        def run() -> Any:
            with self._app.app_context():
                try:
                    return do(*told, **more)
                finally:
                    db.session.remove()

        return self._pool.submit(run)

    def __enter__(self) -> Others:
        db.session.commit()
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()


def move_to(session_key: str, start: datetime, **more: Any) -> None:
    move_session(session_key, start, start + timedelta(minutes=75), **more)


def people(session: WebinarSession, count: int) -> list[str]:
    """Let so many people register, and return their addresses."""
    emails = [f"person{number}@example.org" for number in range(count)]
    for email in emails:
        register(session.key, a_registrant(email))
    return emails


def test_of_two_organisers_who_move_at_once_one_is_told_of_the_other(app: Flask) -> None:
    session = a_session()
    (email,) = people(session, 1)
    starts = [at("2030-05-21T13:00") + timedelta(days=number) for number in range(6)]
    together = threading.Barrier(len(starts))

    def decide(start: datetime) -> None:
        together.wait(PATIENCE)
        move_to(session.key, start, made_from=0)

    with Others(app) as others:
        done = [others.start(decide, start) for start in starts]
        refusals = [one.exception(PATIENCE) for one in done]
    everything_written()

    assert [type(refusal) for refusal in refusals].count(ChangedMeanwhile) == 5
    assert refusals.count(None) == 1
    held = starts[refusals.index(None)]
    assert (again(session).starts_wall, again(session).sequence) == (held, 1)
    assert calendar_of(mails_to(email)[-1]).sequence == 1
    assert len(db.session.scalars(select(SessionUpdate.id)).all()) == 1


def test_moves_one_after_the_other_by_many_while_workers_write_leave_everybody_with_the_last(app: Flask) -> None:
    session = a_session()
    emails = people(session, 30)
    everything_has_left()
    starts = [at("2030-05-21T13:00") + timedelta(days=number) for number in range(8)]
    over = threading.Event()

    def write_on() -> int:
        written = 0
        while not over.is_set():
            written += write_due(7)
            db.session.remove()
        return written

    def newcomers() -> None:
        for number in range(15):
            register(session.key, a_registrant(f"new{number}@example.org"))

    def leave() -> None:
        for token in tokens:
            cancel(token)

    tokens = [token_of(email) for email in emails[:10]]
    key = session.key
    with Others(app) as others:
        workers = [others.start(write_on) for _ in range(2)]
        moves = [others.start(move_to, key, start) for start in starts]
        use = [others.start(newcomers), others.start(leave), others.start(tell_session, key)]
        for one in (*moves, *use):
            assert one.exception(PATIENCE) is None
        over.set()
        for worker in workers:
            assert worker.exception(PATIENCE) is None
    everything_written()

    session = again(session)
    for email in (*emails, *(f"new{number}@example.org" for number in range(15))):
        mails = [mail for mail in all_mail() if mail.to_address == email and mail.state is not MailState.WITHDRAWN]
        parts = [calendar_of(read(mail)) for mail in mails]
        assert [part.sequence for part in parts] == sorted(part.sequence for part in parts), email
        assert len({(part.sequence, part.stamped) for part in parts}) == len(parts), email
        has_left = email in emails[:10]
        assert parts[-1].method == ("CANCEL" if has_left else "REQUEST"), email
        if not has_left:
            assert (parts[-1].start, parts[-1].end) == (session.starts_at, session.ends_at), email
            assert sum(mail.kind != "confirmation" for mail in mails if mail.state is MailState.QUEUED) <= 1, email
    behind = select(CalendarEntry.id).where(CalendarEntry.announced_sequence < CalendarEntry.sequence)
    assert db.session.scalars(behind).all() == []


def test_two_workers_write_to_everybody_once(app: Flask) -> None:
    session = a_session()
    emails = people(session, 40)
    everything_has_left()
    move_to(session.key, at("2030-05-21T13:00"))

    def write_all() -> int:
        written = 0
        while count := write_due(3):
            written += count
        return written

    with Others(app) as others:
        written = [others.start(write_all) for _ in range(3)]
        counts = [one.result(PATIENCE) for one in written]
    everything_written()

    told = [mail.to_address for mail in all_mail() if mail.kind == "session moved"]
    assert sorted(filter(None, told)) == sorted(emails)
    assert sum(counts) <= 40


def test_workers_and_a_cancellation_and_people_who_leave_do_not_wait_for_each_other_for_ever(app: Flask) -> None:
    for round_ in range(5):
        session = a_session()
        emails = [f"person{round_}-{number}@example.org" for number in range(12)]
        for email in emails:
            register(session.key, a_registrant(email))
        tokens = [token_of(email) for email in emails]
        move_to(session.key, at("2030-05-21T13:00"))
        with Others(app) as others:
            doing = [
                *(others.start(write_due, 5) for _ in range(3)),
                others.start(cancel_session, session.key),
                *(others.start(cancel, token) for token in tokens[:4]),
            ]
            for one in doing:
                assert one.exception(PATIENCE) is None
        everything_written()
        for email in emails:
            last = [mail for mail in all_mail() if mail.to_address == email and mail.state is MailState.QUEUED][-1]
            assert calendar_of(read(last)).method == "CANCEL"


class TestOnPostgreSQL:
    """Where many write at once, and a row is waited for."""

    @pytest.fixture
    def database_kind(self) -> str:
        return "postgresql"

    def test_a_move_waits_for_the_lot_that_is_being_written_and_takes_its_mails_back(self, app: Flask) -> None:
        session = a_session(starts="2030-05-14T13:00")
        emails = people(session, 4)
        everything_has_left()
        move_to(session.key, at("2030-05-21T13:00"))

        with Others(app) as others, Pause("INSERT INTO outbox_mail") as pause:
            writing = others.start(write_due, 2)
            pause.reached.wait(PATIENCE)
            moving = others.start(move_to, session.key, at("2030-05-28T13:00"))
            _until_somebody_waits()
            pause.over.set()
            assert writing.exception(PATIENCE) is None
            assert moving.exception(PATIENCE) is None
        everything_written()

        told = [mail for mail in all_mail() if mail.kind == "session moved"]
        assert [mail.state for mail in told] == [MailState.WITHDRAWN] * 2 + [MailState.QUEUED] * 4
        assert {calendar_of(mails_to(email)[-1]).sequence for email in emails} == {2}
        assert {"Before: Tuesday, 14 May 2030" in words_of(mails_to(email)[-1]) for email in emails} == {True}

    def test_a_move_waits_for_a_lot_in_which_somebody_gets_their_entry_only_now(self, app: Flask) -> None:
        session = a_session()
        a_registration(session, email="quietly@example.org")  # brought in without a mail, so without an entry
        move_to(session.key, at("2030-05-21T13:00"))

        with Others(app) as others, Pause("INSERT INTO calendar_entry") as pause:
            writing = others.start(write_due)
            pause.reached.wait(PATIENCE)
            moving = others.start(move_to, session.key, at("2030-05-28T13:00"))
            _until_somebody_waits()
            pause.over.set()
            assert writing.exception(PATIENCE) is None
            assert moving.exception(PATIENCE) is None
        everything_written()

        (told,) = [mail for mail in all_mail() if mail.state is MailState.QUEUED]
        assert calendar_of(read(told)).sequence == 1

    def test_who_leaves_and_who_moves_up_do_not_wait_for_the_lot_that_both_are_in(self, app: Flask) -> None:
        session = a_session(seats=1)
        waiting = a_person("waits@example.org")
        an_invited_entry(session, waiting)
        (email,) = people(session, 1)
        a_registration(session, person=waiting, status=RegistrationStatus.WAITING)
        token = token_of(email)
        everything_has_left()
        move_to(session.key, at("2030-05-21T13:00"))

        with Others(app) as others, Pause("INSERT INTO outbox_mail") as pause:
            leaving = others.start(cancel, token)
            pause.reached.wait(PATIENCE)
            assert others.start(write_due).exception(PATIENCE / 6) is None
            pause.over.set()
            assert leaving.exception(PATIENCE) is None
        everything_written()

        assert kinds_of_mail_to(email) == ["confirmation", "cancellation"]
        last = calendar_of(mails_to("waits@example.org")[-1])
        assert (last.method, last.sequence, last.start) == ("REQUEST", 1, again(session).starts_at)

    def test_looking_at_the_mail_of_an_update_waits_for_no_lot_that_is_being_written(self, app: Flask) -> None:
        session = a_session()
        people(session, 1)
        move_to(session.key, at("2030-05-21T13:00"))

        with Others(app) as others, Pause("INSERT INTO outbox_mail") as pause:
            writing = others.start(write_due)
            pause.reached.wait(PATIENCE)
            looking = others.start(rehearsed_mail, session.key, Plan(UpdateKind.CHANGED), "en")
            assert looking.result(PATIENCE / 6) is not None
            pause.over.set()
            assert writing.exception(PATIENCE) is None

    def test_people_register_while_a_lot_is_being_written_and_somebody_in_it_waits_to_leave(self, app: Flask) -> None:
        session = a_session()
        (email,) = people(session, 1)
        token = token_of(email)
        move_to(session.key, at("2030-05-21T13:00"))

        with Others(app) as others, Pause("INSERT INTO outbox_mail") as pause:
            writing = others.start(write_due)
            pause.reached.wait(PATIENCE)
            others.start(register, session.key, a_registrant("new@example.org")).result(PATIENCE)
            leaving = others.start(cancel, token)
            _until_somebody_waits()
            pause.over.set()
            assert writing.exception(PATIENCE) is None
            assert leaving.exception(PATIENCE) is None

        assert kinds_of_mail_to("new@example.org") == ["confirmation"]
        assert kinds_of_mail_to(email) == ["confirmation", "session moved", "cancellation"]
        assert [calendar_of(mail).sequence for mail in mails_to(email)] == [0, 1, 2]


class Pause:
    """Holds up the first to send a statement that begins so, until it is over."""

    def __init__(self, statement: str) -> None:
        self.reached, self.over = threading.Event(), threading.Event()
        self._statement = statement

    def _hold_up(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(self._statement) and not self.reached.is_set():
            self.reached.set()
            self.over.wait(PATIENCE)

    def __enter__(self) -> Pause:
        event.listen(db.engine, "before_cursor_execute", self._hold_up)
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        event.remove(db.engine, "before_cursor_execute", self._hold_up)


def _until_somebody_waits() -> None:
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    gives_up_at = time.monotonic() + PATIENCE
    while not db.session.scalar(waits):
        db.session.rollback()
        assert time.monotonic() < gives_up_at, "nobody waits"
        time.sleep(0.02)
    db.session.rollback()
