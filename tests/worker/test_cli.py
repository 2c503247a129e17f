"""The command that sends, as people and service managers run it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import an_outbox_mail, stored
from tests.incoming import a_calendar, a_message
from tests.mail.smtp_server import SmtpServer, a_mail_server
from tests.worker.senders import PROJECT
from tests.worker.test_kills import settings_of
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.foundation.ratelimit import RateLimit
from webinar.mail.delivery import claim
from webinar.mail.models import MailState, OutboxMail
from webinar.worker.locks import held, is_alive, sign_of_life


@pytest.fixture
def server(app: Flask) -> Iterator[SmtpServer]:
    with a_mail_server() as running:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=running.port)
        yield running


def deliver(app: Flask) -> tuple[str, int]:
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["mail", "deliver"])
    db.session.expire_all()
    return result.output.strip(), result.exit_code


def eventually(happens: Callable[[], bool], seconds: float = 20) -> bool:
    gives_up_at = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > gives_up_at:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def a_watch(app: Flask, port: int, **more: str) -> Iterator[subprocess.Popen[str]]:
    """Run ``mail deliver --watch`` as a service manager would; ``more`` are further settings."""
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "mail", "deliver", "--watch"],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", **settings_of(app, port), **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_it_says_in_one_sentence_what_it_did(app: Flask, server: SmtpServer) -> None:
    for name in ("good", "fine", "later", "bad"):
        an_outbox_mail(f"{name}@example.org")
    answers = {"later@example.org": "450 later", "bad@example.org": "550 no"}
    server.answer = lambda command, to: answers.get(to) if command == "RCPT" else None

    assert deliver(app) == ("2 mails were sent, 1 will be tried again later, 1 refused for good.", 0)
    assert deliver(app) == ("0 mails were sent.", 0)


def test_a_server_that_cannot_be_used_is_named_and_the_exit_is_not_zero(app: Flask, server: SmtpServer) -> None:
    mail = an_outbox_mail()
    server.answer = lambda command, _argument: "554 closed" if command == "CONNECT" else None

    assert deliver(app) == (
        "Error: 0 mails were sent. The rest waits: the mail server cannot be used: 554 closed",
        1,
    )
    assert mail.state is MailState.QUEUED


class TestOnSQLite:
    @pytest.fixture
    def database_kind(self) -> str:
        return "sqlite"

    def test_while_another_sender_holds_the_lock_it_says_so_and_exits_with_zero(self, app: Flask) -> None:
        an_outbox_mail()

        with held(Path(app.instance_path) / "worker.lock") as is_ours:
            assert is_ours
            assert deliver(app) == ("Another sender is at work on this database; it sends what is due.", 0)
        assert deliver(app) == ("1 mail was sent.", 0)

    def test_what_a_sender_left_claimed_that_is_gone_is_sent_at_once(self, app: Flask) -> None:
        an_outbox_mail()
        claim("gone", clock.now())

        assert deliver(app) == ("1 mail was sent.", 0)

    def test_a_second_watch_waits_and_takes_over_when_the_first_ends(self, app: Flask, server: SmtpServer) -> None:
        with ExitStack() as first, a_watch(app, server.port):
            first.enter_context(held(Path(app.instance_path) / "worker.lock"))
            an_outbox_mail()
            time.sleep(3)
            waited = list(server.taken)
            first.close()
            assert eventually(lambda: len(server.taken) == 1)

        assert waited == []


class TestOnPostgreSQL:
    @pytest.fixture
    def database_kind(self) -> str:
        return "postgresql"

    def test_what_a_living_sender_has_claimed_stays_with_it_and_what_a_dead_one_has_is_sent(self, app: Flask) -> None:
        living, dead = an_outbox_mail(), an_outbox_mail()
        folder = Path(app.instance_path) / "senders"
        with sign_of_life(folder) as name:
            assert [mail.id for mail in claim(name, clock.now(), limit=1)] == [living.id]
            claim("dead", clock.now())
            (folder / "dead.lock").touch()

            assert deliver(app) == ("1 mail was sent.", 0)

            assert (living.state, dead.state) == (MailState.SENDING, MailState.SENT)

    def test_two_watches_share_the_work_and_send_nothing_twice(self, app: Flask, server: SmtpServer) -> None:
        for _ in range(100):
            an_outbox_mail()

        with a_watch(app, server.port), a_watch(app, server.port):
            assert eventually(lambda: len(server.taken) == 100)
            time.sleep(0.5)

        assert len(server.taken) == 100
        assert set(server.message_ids().values()) == {1}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_watch_sends_what_becomes_due_and_ends_soon_when_it_is_asked_to(
    app: Flask, server: SmtpServer, number: signal.Signals
) -> None:
    with a_watch(app, server.port) as watch:
        an_outbox_mail()
        assert eventually(lambda: len(server.taken) == 1)
        an_outbox_mail()
        assert eventually(lambda: len(server.taken) == 2)

        asked_at = time.monotonic()
        watch.send_signal(number)
        output, errors = watch.communicate(timeout=10)

    assert time.monotonic() - asked_at < 5
    assert (output, errors, watch.returncode) == ("Stopped. 2 mails were sent.\n", "", 0)


def test_a_watch_clears_the_counts_of_attempts_that_are_over(app: Flask, server: SmtpServer) -> None:
    stored(RateLimit(key="0" * 64, count=1, ends_at=clock.now()))

    def is_cleared() -> bool:
        db.session.rollback()  # to see what another process did since
        return not db.session.scalars(select(RateLimit.key)).all()

    with a_watch(app, server.port):
        assert eventually(is_cleared)


def test_a_watch_that_is_stopped_in_the_middle_gives_back_what_it_has_not_begun(app: Flask, server: SmtpServer) -> None:
    for _ in range(10):
        an_outbox_mail()
    in_hand: list[str] = []

    def slowly(command: str, _argument: str) -> str | None:
        if command == "DONE":
            in_hand.append("one")
            time.sleep(0.3)
        return None

    server.answer = slowly
    with a_watch(app, server.port) as watch:
        assert eventually(lambda: len(in_hand) == 3)
        watch.terminate()
        output, _errors = watch.communicate(timeout=10)

    states = db.session.scalars(db.select(OutboxMail.state).order_by(OutboxMail.id)).all()
    assert list(states) == [MailState.SENT] * 3 + [MailState.QUEUED] * 7
    assert output == "Stopped. 3 mails were sent.\n"


def test_a_watch_outlives_a_mail_server_that_is_away(app: Flask, server: SmtpServer) -> None:
    mail = an_outbox_mail()
    server.answer = lambda command, _argument: "421 away" if command == "CONNECT" else None
    with a_watch(app, server.port):
        assert eventually(lambda: server.connections == 1)
        server.answer = lambda _command, _argument: None
        assert eventually(lambda: len(server.taken) == 1)

    db.session.expire_all()
    assert mail.attempts <= 1


def test_a_sign_of_life_ends_with_its_process(tmp_path: Path) -> None:
    with sign_of_life(tmp_path) as name:
        assert is_alive(tmp_path, name)
        lost = tmp_path / "lost.lock"
        lost.touch()

        assert not is_alive(tmp_path, "lost")
        assert not lost.exists()
        assert is_alive(tmp_path, "of another machine")
    assert list(tmp_path.iterdir()) == []


def test_a_message_that_comes_in_while_the_database_is_away_is_to_be_given_again(tmp_path: Path) -> None:
    received = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "mail", "receive"],
        cwd=PROJECT,
        env={
            "PATH": "/usr/bin:/bin",
            "INSTANCE_PATH": str(tmp_path),
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        },
        input=a_message(a_calendar("0b6d6c5e-1111-4222-8333-444455556666")),
        capture_output=True,
        check=False,
    )

    assert received.returncode == os.EX_TEMPFAIL
    assert received.stderr.decode().strip().splitlines()[-1].startswith("The database cannot be used now")
