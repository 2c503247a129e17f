"""Delivery to a mail server of every temper, and into the mailbox folder."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.factories import an_outbox_mail
from tests.mail.smtp_server import GO_AWAY, KEEP_SILENT, SmtpServer, Taken, a_mail_server
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.mail.delivery import (
    LEASE,
    Tally,
    claim,
    deliver_due,
    give_back_abandoned,
    is_anything_due,
    wait_after,
)
from webinar.mail.models import MailState, MailTopic, OutboxMail
from webinar.mail.transport import Letter, MailboxFolder, transport_of

NOON = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def server(app: Flask) -> Iterator[SmtpServer]:
    """Run a mail server and send to it; a test may give it another temper."""
    with a_mail_server() as running:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=running.port, MAIL_TIMEOUT=1)
        yield running


def deliver(app: Flask) -> Tally:
    tally = deliver_due(transport_of(app), "test")
    db.session.expire_all()
    return tally


def states() -> list[MailState]:
    return list(db.session.scalars(db.select(OutboxMail.state).order_by(OutboxMail.id)))


def test_a_mail_leaves_as_the_bytes_that_were_stored(app: Flask, server: SmtpServer) -> None:
    mail = an_outbox_mail("ana@lisbon.example", message=b"Subject: x\r\n\r\n.starts with a dot\r\n..\r\n")

    assert deliver(app) == Tally(sent=1)

    assert server.taken == [Taken("webinars@example.org", "ana@lisbon.example", mail.message or b"")]
    assert (mail.state, mail.attempts, mail.server_said) == (MailState.SENT, 1, "250 taken")
    assert mail.sent_at is not None
    assert mail.claimed_by is None


def test_what_was_sent_is_not_sent_again(app: Flask, server: SmtpServer) -> None:
    an_outbox_mail()

    deliver(app)

    assert deliver(app) == Tally()
    assert len(server.taken) == 1


def test_a_hundred_mails_share_one_connection(app: Flask, server: SmtpServer) -> None:
    for _ in range(101):
        an_outbox_mail()

    assert deliver(app) == Tally(sent=101)
    assert server.connections == 2


def test_urgent_mail_overtakes_the_rest_and_the_rest_goes_by_age(app: Flask, server: SmtpServer) -> None:
    for name, urgent in (("first", False), ("second", False), ("urgent", True)):
        an_outbox_mail(f"{name}@example.org", urgent=urgent)

    deliver(app)

    assert [mail.to for mail in server.taken] == ["urgent@example.org", "first@example.org", "second@example.org"]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "DONE"])
def test_a_mail_refused_for_good_is_marked_and_the_next_one_goes_over_the_same_connection(
    app: Flask, server: SmtpServer, command: str
) -> None:
    bad = an_outbox_mail("bad@example.org", sender="bad@example.org")
    an_outbox_mail("good@example.org")
    server.answer = lambda said, argument: (
        "550 no such user" if (said, argument) == (command, "bad@example.org") else None
    )

    assert deliver(app) == Tally(sent=1, refused=1)

    assert (bad.state, bad.server_said, bad.attempts) == (MailState.REFUSED, "550 no such user", 1)
    assert [mail.to for mail in server.taken] == ["good@example.org"]
    assert server.connections == 1


@pytest.mark.parametrize("command", ["RCPT", "DATA", "DONE"])
def test_a_mail_refused_for_now_waits_while_the_others_go(app: Flask, server: SmtpServer, command: str) -> None:
    with time_machine.travel(NOON, tick=False):
        bad = an_outbox_mail("bad@example.org")
        an_outbox_mail("good@example.org")
        server.answer = lambda said, to: "450 come later" if (said, to) == (command, "bad@example.org") else None

        assert deliver(app) == Tally(sent=1, later=1)

    assert (bad.state, bad.server_said, bad.attempts) == (MailState.QUEUED, "450 come later", 1)
    assert bad.next_attempt_at == NOON + timedelta(minutes=1)
    assert [mail.to for mail in server.taken] == ["good@example.org"]


def test_the_waits_grow_from_a_minute_to_six_hours() -> None:
    minutes = [wait_after(attempts) / timedelta(minutes=1) for attempts in range(1, 13)]

    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]
    assert wait_after(10_000) == timedelta(hours=6)


def test_every_attempt_sends_the_same_message_id_until_the_mail_is_given_up_after_two_days(
    app: Flask, server: SmtpServer
) -> None:
    server.answer = lambda command, _argument: "451 not now" if command == "DONE" else None
    with time_machine.travel(NOON, tick=False):
        mail = an_outbox_mail()
    attempts = []
    while mail.state is MailState.QUEUED:
        with time_machine.travel(mail.next_attempt_at, tick=False):
            deliver(app)
            attempts.append(clock.now())

    assert mail.state is MailState.GIVEN_UP
    assert attempts[-2] < NOON + timedelta(days=2) <= attempts[-1]
    assert server.commands["DATA"] == len(attempts) == mail.attempts
    assert mail.message is not None
    with time_machine.travel(NOON + timedelta(days=30), tick=False):
        assert deliver(app) == Tally()


def test_a_mail_that_waited_for_two_days_behind_a_dead_server_still_gets_a_second_attempt(
    app: Flask, server: SmtpServer
) -> None:
    server.answer = lambda command, _argument: "450 greylisted" if command == "RCPT" else None
    mail = an_outbox_mail(created_at=clock.now() - timedelta(days=3), next_attempt_at=clock.now() - timedelta(days=3))

    deliver(app)

    assert mail.state is MailState.QUEUED


def test_a_server_that_takes_a_mail_and_goes_away_gets_it_once_more_later(app: Flask, server: SmtpServer) -> None:
    lost = an_outbox_mail("lost@example.org")
    an_outbox_mail("good@example.org")
    server.answer = lambda command, to: GO_AWAY if (command, to) == ("DONE", "lost@example.org") else None

    assert deliver(app) == Tally(sent=1, later=1)

    assert (lost.state, lost.attempts) == (MailState.QUEUED, 1)
    assert lost.server_said == "connection lost: Connection unexpectedly closed"
    server.answer = lambda _command, _argument: None
    with time_machine.travel(lost.next_attempt_at, tick=False):
        assert deliver(app) == Tally(sent=1)
    assert server.message_ids()[lost.message_id] == 2


def test_a_connection_that_the_server_has_closed_meanwhile_is_opened_again_and_no_mail_suffers(
    app: Flask, server: SmtpServer
) -> None:
    mails = [an_outbox_mail(f"{number}@example.org") for number in range(6)]
    server.answer = lambda _command, _argument: (
        "421 enough for one session" if _command == "MAIL" and len(server.taken) // 2 == server.connections else None
    )

    assert deliver(app) == Tally(sent=6)

    assert [mail.attempts for mail in mails] == [1] * 6
    assert server.connections == 3


def test_421_to_one_recipient_closes_the_connection_and_only_that_mail_waits(app: Flask, server: SmtpServer) -> None:
    an_outbox_mail("bad@example.org")
    an_outbox_mail("good@example.org")
    server.answer = lambda command, to: "421 bye" if (command, to) == ("RCPT", "bad@example.org") else None

    assert deliver(app) == Tally(sent=1, later=1)
    assert states() == [MailState.QUEUED, MailState.SENT]


@pytest.mark.parametrize(
    ("command", "temper", "said"),
    [
        ("CONNECT", "554 no service", "the mail server cannot be used: 554 no service"),
        ("CONNECT", GO_AWAY, "the mail server cannot be used: Connection unexpectedly closed"),
        ("CONNECT", KEEP_SILENT, "the mail server cannot be used: Connection unexpectedly closed: timed out"),
        ("MAIL", KEEP_SILENT, "the mail server takes nothing: 421 the server ended the connection"),
        ("MAIL", "421 overloaded", "the mail server takes nothing: 421 overloaded"),
        ("MAIL", "530 sign in first", "the mail server wants us to sign in: 530 sign in first"),
    ],
)
def test_a_server_that_cannot_be_used_counts_as_no_attempt_and_everything_waits(
    app: Flask, server: SmtpServer, command: str, temper: str, said: str
) -> None:
    mails = [an_outbox_mail(), an_outbox_mail()]
    server.answer = lambda asked, _argument: temper if asked == command else None

    assert deliver(app) == Tally(trouble=said)

    assert [(mail.state, mail.attempts, mail.server_said) for mail in mails] == [(MailState.QUEUED, 0, said)] * 2
    server.answer = lambda _command, _argument: None
    assert deliver(app) == Tally(sent=2)


def test_no_server_at_all_counts_as_no_attempt(app: Flask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port)
    mail = an_outbox_mail()

    tally = deliver(app)

    assert tally.trouble.startswith("the mail server cannot be used: ")
    assert (mail.state, mail.attempts) == (MailState.QUEUED, 0)


def test_a_silent_server_costs_one_mail_the_timeout_and_stops_the_run_at_the_third(
    app: Flask, server: SmtpServer
) -> None:
    mails = [an_outbox_mail() for _ in range(5)]
    server.answer = lambda command, _argument: GO_AWAY if command == "RCPT" else None

    assert deliver(app) == Tally(later=3, trouble="the mail server ends every connection")
    assert [mail.attempts for mail in mails] == [1, 1, 1, 0, 0]
    assert {mail.state for mail in mails} == {MailState.QUEUED}


@pytest.mark.parametrize(("setting", "tls"), [("MAIL_USE_TLS", "starttls"), ("MAIL_USE_SSL", "from the start")])
def test_a_server_whose_certificate_nobody_vouches_for_gets_no_mail(app: Flask, setting: str, tls: str) -> None:
    mail = an_outbox_mail()
    with a_mail_server(tls=tls) as server:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=server.port, MAIL_TIMEOUT=2, **{setting: True})

        tally = deliver(app)

    assert "certificate verify failed" in tally.trouble
    assert server.taken == []
    assert mail.state is MailState.QUEUED


def test_a_server_without_tls_gets_no_mail_where_tls_is_asked_for(app: Flask, server: SmtpServer) -> None:
    an_outbox_mail()
    app.config["MAIL_USE_TLS"] = True

    assert deliver(app) == Tally(trouble="the mail server cannot be used: STARTTLS extension not supported by server.")
    assert server.taken == []


def test_a_poisoned_mail_is_recorded_and_does_not_stop_the_rest(
    app: Flask, server: SmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    poisoned = an_outbox_mail("poison\u2068@example.org")
    an_outbox_mail("good@example.org")

    assert deliver(app) == Tally(sent=1, later=1)

    assert poisoned.state is MailState.QUEUED
    assert poisoned.server_said.startswith("fault: UnicodeEncodeError: ")
    assert "poison" not in caplog.text
    assert f"mail {poisoned.id}: could not be handed over: UnicodeEncodeError" in caplog.text


def test_mails_of_one_key_leave_in_order_and_the_next_waits_while_the_first_is_tried_again(
    app: Flask, server: SmtpServer
) -> None:
    first = an_outbox_mail("first@example.org", order_key="uid-1")
    second = an_outbox_mail("second@example.org", order_key="uid-1")
    an_outbox_mail("other@example.org", order_key="uid-2")
    server.answer = lambda command, to: "450 later" if (command, to) == ("RCPT", "first@example.org") else None

    assert deliver(app) == Tally(sent=1, later=1)

    assert second.state is MailState.QUEUED
    server.answer = lambda _command, _argument: None
    with time_machine.travel(first.next_attempt_at, tick=False):
        assert deliver(app) == Tally(sent=2)
    assert [mail.to for mail in server.taken] == ["other@example.org", "first@example.org", "second@example.org"]


def test_a_mail_given_up_or_refused_lets_the_next_of_its_key_go(app: Flask, server: SmtpServer) -> None:
    an_outbox_mail("first@example.org", order_key="uid-1", calendar_method="REQUEST")
    an_outbox_mail("second@example.org", order_key="uid-1", calendar_method="REQUEST")
    server.answer = lambda command, to: "550 no" if (command, to) == ("RCPT", "first@example.org") else None

    assert deliver(app) == Tally(sent=1, refused=1)
    assert states() == [MailState.REFUSED, MailState.SENT]


def test_a_cancellation_whose_invitation_never_left_goes_with_it_but_a_later_one_stays(
    app: Flask, server: SmtpServer
) -> None:
    for method in ("REQUEST", "CANCEL", "REQUEST", "CANCEL"):
        an_outbox_mail(
            "first@example.org" if method == "REQUEST" else "second@example.org",
            order_key="uid-1",
            calendar_method=method,
        )
    answers = iter(["550 no"])
    server.answer = lambda command, _to: next(answers, None) if command == "RCPT" else None

    assert deliver(app) == Tally(sent=2, refused=1)
    assert states() == [MailState.REFUSED, MailState.WITHDRAWN, MailState.SENT, MailState.SENT]


def test_a_cancellation_stays_where_an_earlier_invitation_has_left(app: Flask, server: SmtpServer) -> None:
    an_outbox_mail(order_key="uid-1", calendar_method="REQUEST", state=MailState.SENT)
    an_outbox_mail("update@example.org", order_key="uid-1", calendar_method="REQUEST")
    an_outbox_mail(order_key="uid-1", calendar_method="CANCEL")
    server.answer = lambda command, to: "550 no" if (command, to) == ("RCPT", "update@example.org") else None

    deliver(app)

    assert states() == [MailState.SENT, MailState.REFUSED, MailState.SENT]


def of_several(*order_keys: str, to: str = "several@example.org", **more: Any) -> OutboxMail:
    topics = [MailTopic(topic=f"session {key}", order_key=key) for key in order_keys]
    return an_outbox_mail(to, calendar_method="PUBLISH", topics=topics, **more)


def test_a_mail_with_several_keys_waits_for_what_is_before_it_of_each_and_what_follows_waits_for_it(
    app: Flask, server: SmtpServer
) -> None:
    an_outbox_mail("before@example.org", order_key="uid-2")
    several = of_several("uid-1", "uid-2")
    again = of_several("uid-2", "uid-3", to="again@example.org")
    an_outbox_mail("after@example.org", order_key="uid-1", urgent=True)
    an_outbox_mail("last@example.org", order_key="uid-3")
    an_outbox_mail("other@example.org", order_key="uid-4")
    trouble = {"before@example.org"}
    server.answer = lambda command, to: "450 later" if command == "RCPT" and to in trouble else None

    assert deliver(app) == Tally(sent=1, later=1)
    trouble.add("several@example.org")
    trouble.remove("before@example.org")
    with time_machine.travel(several.next_attempt_at + timedelta(minutes=2), tick=False):
        assert deliver(app) == Tally(sent=1, later=1)
    trouble.clear()
    with time_machine.travel(again.next_attempt_at + timedelta(minutes=9), tick=False):
        assert deliver(app) == Tally(sent=4)

    names = [mail.to.partition("@")[0] for mail in server.taken]
    assert names[:3] == ["other", "before", "several"]
    assert sorted(names[3:]) == ["after", "again", "last"]
    assert names.index("again") < names.index("last")


def test_cancellations_of_what_only_a_refused_mail_about_several_brought_go_with_it(
    app: Flask, server: SmtpServer
) -> None:
    an_outbox_mail(order_key="uid-2", calendar_method="REQUEST", state=MailState.SENT)
    of_several("uid-1", "uid-2")
    an_outbox_mail(order_key="uid-1", calendar_method="CANCEL")
    an_outbox_mail(order_key="uid-2", calendar_method="CANCEL")
    server.answer = lambda command, to: "550 no" if (command, to) == ("RCPT", "several@example.org") else None

    assert deliver(app) == Tally(sent=1, refused=1)
    assert states() == [MailState.SENT, MailState.REFUSED, MailState.WITHDRAWN, MailState.SENT]


def test_a_cancellation_stays_where_a_mail_about_several_has_brought_the_entry(app: Flask, server: SmtpServer) -> None:
    of_several("uid-1", "uid-2", state=MailState.SENT)
    an_outbox_mail("update@example.org", order_key="uid-1", calendar_method="REQUEST")
    an_outbox_mail(order_key="uid-1", calendar_method="CANCEL")
    server.answer = lambda command, to: "550 no" if (command, to) == ("RCPT", "update@example.org") else None

    deliver(app)

    assert states() == [MailState.SENT, MailState.REFUSED, MailState.SENT]


def test_only_the_oldest_unfinished_mail_of_a_key_can_be_claimed(app: Flask) -> None:
    mails = [an_outbox_mail(order_key="uid-1", urgent=number == 1) for number in range(3)]

    assert [mail.id for mail in claim("one", clock.now())] == [mails[0].id]
    assert claim("two", clock.now()) == []


def test_a_mail_claimed_by_one_sender_is_not_claimed_by_another_until_the_claim_runs_out(app: Flask) -> None:
    mail = an_outbox_mail()
    with time_machine.travel(NOON + timedelta(days=3650), tick=False) as traveller:
        assert [claimed.id for claimed in claim("one", clock.now())] == [mail.id]
        assert claim("two", clock.now()) == []
        assert not is_anything_due(clock.now())

        traveller.shift(LEASE + timedelta(seconds=1))

        assert [claimed.id for claimed in claim("two", clock.now())] == [mail.id]


def test_what_a_dead_sender_had_claimed_can_be_claimed_at_once(app: Flask) -> None:
    an_outbox_mail()
    an_outbox_mail()
    dead = claim("dead", clock.now(), limit=1)
    alive = claim("alive", clock.now(), limit=1)

    assert give_back_abandoned(lambda name: name == "alive") == 1

    assert [mail.id for mail in claim("next", clock.now())] == [mail.id for mail in dead]
    assert alive[0].id not in {mail.id for mail in dead}


def test_stopping_finishes_the_mail_in_hand_and_gives_the_others_back(app: Flask, server: SmtpServer) -> None:
    for _ in range(5):
        an_outbox_mail()

    tally = deliver_due(transport_of(app), "test", should_stop=lambda: len(server.taken) == 2)

    assert tally == Tally(sent=2)
    assert states() == [MailState.SENT] * 2 + [MailState.QUEUED] * 3


def test_a_mail_that_is_not_due_yet_waits(app: Flask, server: SmtpServer) -> None:
    an_outbox_mail(next_attempt_at=clock.now() + timedelta(seconds=30))

    assert not is_anything_due(clock.now())
    assert deliver(app) == Tally()


def test_without_a_server_mails_become_files_byte_for_byte(app: Flask) -> None:
    mails = [an_outbox_mail(f"{number}@example.org") for number in range(3)]

    assert deliver(app) == Tally(sent=3)

    folder = Path(app.instance_path) / "mailbox"
    assert [path.read_bytes() for path in sorted(folder.iterdir())] == [mail.message for mail in mails]
    assert all(path.suffix == ".eml" for path in folder.iterdir())
    assert {mail.server_said for mail in mails} == {"put into the mailbox folder"}


def test_a_mail_put_into_the_folder_twice_is_there_once(tmp_path: Path) -> None:
    folder = MailboxFolder(tmp_path)
    letter = Letter("20300501T120000.000000Z-00000001", "a@example.org", "b@example.org", b"Subject: x\r\n\r\n")

    folder.send(letter)
    folder.send(letter)

    assert [path.name for path in tmp_path.iterdir()] == ["20300501T120000.000000Z-00000001.eml"]


def test_a_folder_that_cannot_be_written_makes_everything_wait(app: Flask) -> None:
    (Path(app.instance_path) / "mailbox").write_text("not a folder")
    mail = an_outbox_mail()

    assert deliver(app) == Tally(trouble="the mailbox folder cannot be written: File exists")
    assert (mail.state, mail.attempts) == (MailState.QUEUED, 0)
