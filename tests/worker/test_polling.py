"""A mailbox that a person reads and the program too: a real IMAP server, real messages, nothing changed in it."""

from __future__ import annotations

import logging
import random
import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text, update

from config import Config
from tests.factories import a_calendar_entry, a_registration, a_session, an_outbox_mail
from tests.incoming import ORGANIZER, SERVER, a_calendar, a_message, a_report
from tests.mail.imap_server import CERTIFICATE, PASSWORD, ImapServer, Mailbox
from tests.mail.smtp_server import a_mail_server
from tests.mailbox import kinds_of_mail_to
from tests.worker.senders import Senders
from tests.worker.test_cli import a_watch, eventually
from tests.worker.test_kills import settings_of
from webinar.calendars.models import CalendarAnswer, CalendarEntry
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.ratelimit import RateLimit
from webinar.mail.incoming import MOST_BYTES
from webinar.mail.models import MailboxPosition, MailState
from webinar.mail.positions import LEASE, give_free, hold, remember
from webinar.worker.polling import LOT, READ_BACK, account_of, pause_after_trouble, read_lot

ANA = "ana@lisbon.example"
FOR_A_PERSON = b"From: Ben <ben@seoul.example>\r\nSubject: Lunch\r\n\r\nAre you coming?\r\n"


@pytest.fixture
def mailbox(app: Flask, imap_server: ImapServer) -> Mailbox:
    box = imap_server.mailbox()
    use(app, **box.settings)
    return box


def use(app: Flask, **settings: str) -> None:
    """Let settings of the environment be in force."""
    read = vars(Config({"INSTANCE_PATH": app.instance_path, "MAIL_AUTHSERV_ID": SERVER, **settings}))
    app.config.update({name: value for name, value in read.items() if name.startswith(("IMAP", "MAIL_AUTH"))})


@pytest.fixture
def entry(app: Flask) -> CalendarEntry:
    return an_entry(ANA)


def an_entry(address: str) -> CalendarEntry:
    place = a_registration(a_session(starts="2030-05-14T13:00"), email=address)
    return a_calendar_entry(place, organizer=ORGANIZER, announced_sequence=0, dtstamp=clock.now() - timedelta(days=2))


def an_answer(entry: CalendarEntry, partstat: str = "DECLINED") -> bytes:
    return a_message(a_calendar(entry.uid, partstat=partstat))


def poll(app: Flask) -> tuple[str, int]:
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["mail", "poll"])
    db.session.expire_all()
    return result.output.strip(), result.exit_code


def position() -> MailboxPosition:
    db.session.rollback()
    return db.session.scalars(select(MailboxPosition).execution_options(populate_existing=True)).one()


def go_back(**values: object) -> None:
    with transaction():
        db.session.execute(update(MailboxPosition).values(values))


def answers_heard() -> int:
    """Return how often answers were looked at: each is counted before anything else is done."""
    db.session.rollback()
    return sum(db.session.scalars(select(RateLimit.count)))


def count_answered() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(CalendarEntry.id).where(CalendarEntry.answer.is_not(None))).all())


# What becomes of messages.


def test_a_no_in_the_mailbox_reaches_the_entry_and_the_person_is_asked(
    app: Flask, mailbox: Mailbox, entry: CalendarEntry
) -> None:
    mailbox.deliver(an_answer(entry))

    assert poll(app) == ("1 message was read.", 0)
    assert entry.answer is CalendarAnswer.DECLINED
    assert kinds_of_mail_to(ANA) == ["calendar no"]
    assert mailbox.is_untouched()


def test_a_mail_of_ours_that_came_back_is_marked_in_the_outbox(app: Flask, mailbox: Mailbox) -> None:
    mail = an_outbox_mail(ANA, state=MailState.SENT, sent_at=clock.now())
    mailbox.deliver(a_report(mail.message_id, ANA))

    assert poll(app) == ("1 message was read.", 0)
    assert mail.state is MailState.REFUSED


def test_what_is_for_a_person_lies_there_as_it_came_unread(
    app: Flask, mailbox: Mailbox, entry: CalendarEntry, caplog: pytest.LogCaptureFixture
) -> None:
    mailbox.deliver(FOR_A_PERSON)
    mailbox.deliver(an_answer(entry))

    with caplog.at_level(logging.INFO):
        assert poll(app) == ("2 messages were read.", 0)

    assert mailbox.is_untouched()
    assert mailbox.flags() == ["\\Recent", "\\Recent"]
    assert "message 1: Left alone: it is for whoever reads this mailbox." in caplog.messages
    assert "ben@" not in caplog.text
    assert ANA not in caplog.text


def test_a_message_that_is_too_large_is_passed_over(
    app: Flask, mailbox: Mailbox, entry: CalendarEntry, caplog: pytest.LogCaptureFixture
) -> None:
    mailbox.deliver(an_answer(entry) + b"x" * MOST_BYTES)
    mailbox.deliver(an_answer(entry, "TENTATIVE"))

    with caplog.at_level(logging.INFO):
        assert poll(app) == ("2 messages were read.", 0)

    assert "message 1: Ignored: it is larger than a megabyte." in caplog.messages
    assert entry.answer is CalendarAnswer.TENTATIVE


def test_bytes_of_any_kind_do_not_keep_back_the_answer_behind_them(
    app: Flask, mailbox: Mailbox, entry: CalendarEntry
) -> None:
    chance = random.Random(5)
    for content in (
        b"",
        b"\0",
        b"\r\n" * 50_000,
        b"\xff" * 100_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: text/plain\n\n" * 100,
        b'* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\nA1 OK done\r\n* BYE "',
        *(chance.randbytes(5_000) for _ in range(5)),
    ):
        mailbox.deliver(content)
    mailbox.deliver(an_answer(entry))

    assert poll(app) == ("12 messages were read.", 0)
    assert entry.answer is CalendarAnswer.DECLINED
    assert mailbox.is_untouched()


def test_a_folder_may_have_a_name_in_any_letters(app: Flask, mailbox: Mailbox, entry: CalendarEntry) -> None:
    use(app, **mailbox.settings, IMAP_FOLDER='Réponses & "answers"/日本')
    mailbox.deliver(an_answer(entry), folder='R&AOk-ponses &- "answers".&ZeVnLA-')

    assert poll(app) == ("1 message was read.", 0)
    assert entry.answer is CalendarAnswer.DECLINED


# Once each.


def test_each_message_is_read_once(app: Flask, mailbox: Mailbox, entry: CalendarEntry) -> None:
    assert poll(app) == ("0 messages were read.", 0)
    mailbox.deliver(an_answer(entry))
    assert poll(app) == ("1 message was read.", 0)
    assert poll(app) == ("0 messages were read.", 0)
    mailbox.deliver(FOR_A_PERSON)
    assert poll(app) == ("1 message was read.", 0)

    assert answers_heard() == 1
    assert (position().last_uid, position().held_until) == (2, None)


def test_at_first_contact_what_is_old_is_left_alone(app: Flask, mailbox: Mailbox, entry: CalendarEntry) -> None:
    mailbox.deliver(an_answer(entry), age=READ_BACK + timedelta(days=2))
    mailbox.deliver(FOR_A_PERSON, age=READ_BACK - timedelta(days=1))

    assert poll(app) == ("1 message was read.", 0)
    assert entry.answer is None


def test_many_messages_are_read_in_lots(app: Flask, mailbox: Mailbox) -> None:
    for _ in range(LOT + 5):
        mailbox.deliver(FOR_A_PERSON)
    account = account_of(app)
    assert account is not None

    assert read_lot(account) == (LOT, True)
    assert read_lot(account) == (5, False)
    assert read_lot(account) == (0, False)


def test_a_mailbox_that_was_made_anew_is_read_from_its_beginning(
    app: Flask, mailbox: Mailbox, entry: CalendarEntry
) -> None:
    mailbox.deliver(FOR_A_PERSON)
    mailbox.deliver(FOR_A_PERSON)
    poll(app)
    before = position().uid_validity
    time.sleep(1.1)  # Dovecot numbers mailboxes by the second
    mailbox.make_anew()
    mailbox.deliver(an_answer(entry))

    assert poll(app) == ("1 message was read.", 0)
    assert entry.answer is CalendarAnswer.DECLINED
    assert position().uid_validity != before
    assert position().last_uid == 1


def test_another_mailbox_is_read_from_its_beginning(app: Flask, imap_server: ImapServer, mailbox: Mailbox) -> None:
    mailbox.deliver(FOR_A_PERSON)
    poll(app)
    other = imap_server.mailbox()
    use(app, **other.settings)
    other.deliver(FOR_A_PERSON)

    assert poll(app) == ("1 message was read.", 0)


def test_reading_a_message_again_changes_nothing(app: Flask, mailbox: Mailbox, entry: CalendarEntry) -> None:
    mailbox.deliver(an_answer(entry))
    poll(app)
    go_back(last_uid=0)  # as after a crash between taking the message and writing that down

    assert poll(app) == ("1 message was read.", 0)
    assert entry.answer is CalendarAnswer.DECLINED
    assert kinds_of_mail_to(ANA) == ["calendar no"]


def test_a_worker_that_is_killed_loses_no_answer_and_repeats_at_most_one(app: Flask, mailbox: Mailbox) -> None:
    entries = [an_entry(f"{number}@lisbon.example") for number in range(100)]
    for each in entries:
        mailbox.deliver(a_message(a_calendar(each.uid, attendee=each.address or ""), sender=f"<{each.address}>"))
    chance = random.Random(100)
    kills = 4

    with a_mail_server() as smtp:
        settings = settings_of(app, smtp.port) | mailbox.settings | {"MAIL_AUTHSERV_ID": SERVER}
        with Senders(settings) as senders:
            for kill in range(1, kills + 1):
                pid = senders.start()
                assert eventually(lambda wanted=kill * 20: answers_heard() >= wanted)  # type: ignore[misc]
                time.sleep(chance.random() * 0.05)
                senders.kill(pid)
                go_back(held_until=None)  # as when LEASE has passed
            senders.start()
            assert eventually(lambda: count_answered() == 100)

    assert 100 <= answers_heard() <= 100 + kills
    assert mailbox.is_untouched()


# One at a time.


def test_a_mailbox_is_held_by_one_until_it_is_given_free_or_the_time_is_over(app: Flask) -> None:
    now = clock.now()
    first = hold("ana imap.example INBOX", now)
    assert first is not None

    assert hold("ana imap.example INBOX", now) is None
    assert hold("ben imap.example INBOX", now) is not None
    assert hold("ana imap.example INBOX", now + LEASE - timedelta(seconds=1)) is None
    assert remember(first, 2**32 - 1, 2**32 - 1)
    give_free(first)
    second = hold("ana imap.example INBOX", now)
    assert second is not None
    assert second.last_uid_of(2**32 - 1) == 2**32 - 1
    assert second.last_uid_of(7) == 0
    assert hold("ana imap.example INBOX", now + LEASE) is not None


def test_who_has_lost_a_mailbox_to_another_changes_nothing_any_more(app: Flask) -> None:
    now = clock.now()
    slow = hold("ana imap.example INBOX", now)
    quick = hold("ana imap.example INBOX", now + LEASE)
    assert slow is not None
    assert quick is not None

    assert not remember(slow, 1, 5)
    give_free(slow)
    assert hold("ana imap.example INBOX", now + LEASE) is None
    assert (position().last_uid, position().held_until) == (0, now + 2 * LEASE)


def test_while_another_worker_reads_the_mailbox_it_says_so(app: Flask, mailbox: Mailbox) -> None:
    mailbox.deliver(FOR_A_PERSON)
    account = account_of(app)
    assert account is not None
    hold(account.name, clock.now())

    assert poll(app) == ("A worker is reading this mailbox just now.", 0)
    with time_machine.travel(clock.now() + LEASE):
        assert poll(app) == ("1 message was read.", 0)


class TestOnPostgreSQL:
    @pytest.fixture
    def database_kind(self) -> str:
        return "postgresql"

    def test_two_workers_read_each_message_once_between_them(self, app: Flask, mailbox: Mailbox) -> None:
        entries = [an_entry(f"{number}@lisbon.example") for number in range(LOT + 10)]
        for each in entries:
            mailbox.deliver(a_message(a_calendar(each.uid, attendee=each.address or ""), sender=f"<{each.address}>"))
        settings = mailbox.settings | {"MAIL_AUTHSERV_ID": SERVER, "IMAP_POLL_SECONDS": "10"}

        with a_mail_server() as smtp, a_watch(app, smtp.port, **settings), a_watch(app, smtp.port, **settings):
            assert eventually(lambda: count_answered() == len(entries), seconds=40)

        assert answers_heard() == len(entries)


class TestOnSQLite:
    @pytest.fixture
    def database_kind(self) -> str:
        return "sqlite"

    @pytest.fixture
    def _entries_cannot_be_changed(self, app: Flask) -> Iterator[None]:
        refusing = "CREATE TRIGGER refuse BEFORE UPDATE ON calendar_entry BEGIN SELECT RAISE(ABORT, 'Ana'); END"
        with db.engine.begin() as connection:
            connection.execute(text(refusing))
        yield
        db.session.rollback()
        with db.engine.begin() as connection:
            connection.execute(text("DROP TRIGGER refuse"))

    @pytest.mark.usefixtures("_entries_cannot_be_changed")
    def test_a_message_that_brings_about_a_fault_does_not_keep_back_those_behind_it(
        self, app: Flask, mailbox: Mailbox, entry: CalendarEntry, caplog: pytest.LogCaptureFixture
    ) -> None:
        mail = an_outbox_mail(ANA, state=MailState.SENT, sent_at=clock.now())
        mailbox.deliver(an_answer(entry))
        mailbox.deliver(a_report(mail.message_id, ANA))

        assert poll(app) == ("2 messages were read.", 0)
        assert mail.state is MailState.REFUSED
        assert "message 1: could not be dealt with: IntegrityError" in caplog.messages
        assert "Ana" not in caplog.text


# Trouble with the server.


def test_without_a_server_there_is_nothing_to_read(app: Flask) -> None:
    assert poll(app) == ("Error: IMAP_SERVER is not set, so there is no mailbox to read.", 1)


def test_a_wrong_password_is_said_without_the_password_and_the_mailbox_is_free_again(
    app: Flask, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    use(app, **mailbox.settings | {"IMAP_PASSWORD": "not-the-secret"})

    said, code = poll(app)

    refused = "Error: The mailbox cannot be read: signing in: the server refused (AUTHENTICATIONFAILED)"
    assert (said, code) == (refused, 1)
    assert "not-the-secret" not in caplog.text
    assert "not-the-secret" not in repr(account_of(app))
    use(app, **mailbox.settings)
    assert poll(app) == ("0 messages were read.", 0)


def test_a_folder_that_is_not_there_is_said(app: Flask, mailbox: Mailbox) -> None:
    use(app, **mailbox.settings, IMAP_FOLDER="Elsewhere")

    assert poll(app) == ("Error: The mailbox cannot be read: the folder Elsewhere cannot be opened", 1)


def test_a_certificate_that_nobody_knows_is_refused_and_one_that_is_known_taken(
    app: Flask, mailbox: Mailbox, entry: CalendarEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    secured = {"IMAP_USE_SSL": "yes", "IMAP_PORT": str(mailbox.server.secured_port)}
    use(app, **mailbox.settings | secured)
    mailbox.deliver(an_answer(entry))

    said, code = poll(app)
    assert said.startswith("Error: The mailbox cannot be read: connecting: the certificate is not trusted: self")
    assert code == 1
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    assert poll(app) == ("1 message was read.", 0)
    assert entry.answer is CalendarAnswer.DECLINED


def test_the_pauses_grow_while_there_is_trouble() -> None:
    pauses = [0.0]
    for _ in range(7):
        pauses.append(pause_after_trouble(pauses[-1], 60))

    assert pauses[1:] == [60, 120, 240, 480, 900, 900, 900]
    assert pause_after_trouble(3600, 3600) == 3600


# Beside the deliveries.


def test_the_worker_reads_the_mailbox_by_itself(app: Flask, mailbox: Mailbox, entry: CalendarEntry) -> None:
    mailbox.deliver(an_answer(entry))

    with a_mail_server() as smtp, a_watch(app, smtp.port, MAIL_AUTHSERV_ID=SERVER, **mailbox.settings) as watch:
        assert eventually(lambda: count_answered() == 1)
        assert eventually(lambda: len(smtp.taken) == 1)  # whether the place is given up
        asked_at = time.monotonic()
        watch.terminate()
        output, errors = watch.communicate(timeout=10)

    assert time.monotonic() - asked_at < 5
    assert (output, errors) == ("Stopped. 1 mail was sent.\n", "")


@pytest.fixture
def silent_server() -> Iterator[tuple[int, Callable[[], bool]]]:
    """Return the port of a server that takes connections and never says a word, and whether somebody has come."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        taken: list[socket.socket] = []

        def has_somebody_come() -> bool:
            try:
                taken.append(listening.accept()[0])
            except BlockingIOError:
                return bool(taken)
            return True

        yield listening.getsockname()[1], has_somebody_come
        for connection in taken:
            connection.close()


def test_mails_leave_at_once_while_the_mailbox_server_is_silent(
    app: Flask, silent_server: tuple[int, Callable[[], bool]]
) -> None:
    port, has_somebody_come = silent_server
    settings = {"IMAP_SERVER": "127.0.0.1", "IMAP_PORT": str(port), "IMAP_USE_SSL": "no"}
    settings |= {"IMAP_USERNAME": "webinars", "IMAP_PASSWORD": PASSWORD}

    with a_mail_server() as smtp, a_watch(app, smtp.port, **settings) as watch:
        assert eventually(has_somebody_come)
        longest = 0.0
        for number in range(1, 4):
            written_at = time.monotonic()
            an_outbox_mail()
            assert eventually(lambda wanted=number: len(smtp.taken) == wanted)  # type: ignore[misc]
            longest = max(longest, time.monotonic() - written_at)
        watch.terminate()
        output, errors = watch.communicate(timeout=10)  # it does not wait for that server either

    assert longest < 4  # the worker looks once a second; the mailbox's server would be waited for longer
    assert (output, errors) == ("Stopped. 3 mails were sent.\n", "")


def test_a_worker_whose_mailbox_cannot_be_read_says_so_and_goes_on(app: Flask, mailbox: Mailbox) -> None:
    an_outbox_mail()

    with (
        a_mail_server() as smtp,
        a_watch(app, smtp.port, **mailbox.settings | {"IMAP_PASSWORD": "not-the-secret"}) as watch,
    ):
        assert eventually(lambda: len(smtp.taken) == 1)
        assert eventually(lambda: Path(mailbox.server.folder / "log").read_text().count(mailbox.name) > 0)
        time.sleep(1)
        watch.terminate()
        _output, errors = watch.communicate(timeout=10)

    assert errors.count("the mailbox cannot be read: signing in: the server refused (AUTHENTICATIONFAILED)") == 1
    assert "not-the-secret" not in errors
