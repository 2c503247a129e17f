"""How fast a mailing is written: so many a minute, so many for a domain, and never in the way of other mails."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from tests.factories import a_contact, a_mailing, a_session, an_outbox_mail
from tests.invitations.test_confirming import confirmed
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.invitations.services import write_due
from webinar.invitations.services.write_due import LOT
from webinar.mail.models import MailState, OutboxMail

pytestmark = pytest.mark.usefixtures("app")


def contacts_at(**domains: int) -> None:
    for domain, count in domains.items():
        for number in range(count):
            a_contact(f"ana{number}@{domain}.example")


def written_to() -> Counter[str]:
    """Count the mails there are by the domain they are for."""
    db.session.rollback()
    return Counter(
        address.rpartition("@")[2].removesuffix(".example")
        for address in db.session.scalars(select(OutboxMail.to_address))
        if address
    )


def write_all() -> Counter[str]:
    """Write and send, without a server, until nothing is left to write now, and return what there is by domain."""
    while write_due():
        db.session.execute(update(OutboxMail).values(state=MailState.SENT, sent_at=clock.now()))
        db.session.commit()
        db.session.remove()
    return written_to()


def test_no_domain_gets_more_in_a_minute_than_the_setting_allows_and_none_less_because_of_it(app: Flask) -> None:
    contacts_at(large=9, small=2)
    confirmed(a_mailing(a_session()))
    app.config["MAILINGS_A_MINUTE_PER_DOMAIN"] = 4

    with time_machine.travel(clock.now(), tick=False) as moment:
        first = write_all()
        moment.shift(timedelta(seconds=59))
        a_little_later = write_all()
        moment.shift(timedelta(seconds=2))
        second = write_all()

    assert first == a_little_later == {"large": 4, "small": 2}
    assert second == {"large": 8, "small": 2}


def test_a_mailing_whose_domains_are_full_keeps_no_other_waiting(app: Flask) -> None:
    contacts_at(large=5)
    confirmed(a_mailing(a_session()))
    contacts_at(other=3)
    confirmed(a_mailing(a_session("another")))
    app.config["MAILINGS_A_MINUTE_PER_DOMAIN"] = 2

    with time_machine.travel(clock.now(), tick=False):
        assert write_all() == {"large": 2, "other": 2}


def test_both_limits_hold_together_over_some_minutes(app: Flask) -> None:
    contacts_at(large=12, small=6)
    confirmed(a_mailing(a_session()))
    app.config.update(MAILINGS_A_MINUTE=7, MAILINGS_A_MINUTE_PER_DOMAIN=5)

    steps = []
    with time_machine.travel(clock.now(), tick=False) as moment:
        for _ in range(4):
            steps.append(write_all())
            moment.shift(timedelta(seconds=60))

    for before, after in zip([Counter[str](), *steps], steps, strict=False):
        assert (after - before).total() <= 7
        assert max((after - before).values(), default=0) <= 5
    assert steps[-1] == {"large": 12, "small": 6}


def test_zero_is_no_limit(app: Flask) -> None:
    contacts_at(large=7)
    confirmed(a_mailing(a_session()))
    app.config.update(MAILINGS_A_MINUTE=0, MAILINGS_A_MINUTE_PER_DOMAIN=0)

    assert write_all() == {"large": 7}


def test_while_a_lot_waits_to_leave_no_other_is_written() -> None:
    contacts_at(large=3)
    confirmed(a_mailing(a_session()))
    for _ in range(LOT):
        an_outbox_mail()

    assert write_due() == 0
    assert written_to()["large"] == 0


def test_mails_that_are_tried_again_later_hold_nothing_up() -> None:
    contacts_at(large=3)
    confirmed(a_mailing(a_session()))
    for _ in range(LOT):
        an_outbox_mail(attempts=1, next_attempt_at=clock.now() + timedelta(minutes=5))

    assert write_all()["large"] == 3


class TestOnPostgreSQL:
    @pytest.fixture
    def database_kind(self) -> str:
        return "postgresql"

    def test_two_workers_at_once_keep_the_limit_together(self, app: Flask) -> None:
        contacts_at(large=30)
        confirmed(a_mailing(a_session()))
        app.config.update(MAILINGS_A_MINUTE=10, MAILINGS_A_MINUTE_PER_DOMAIN=0)
        assert write_due() == 30  # the first lot makes their invitations and entries
        assert written_to() == {}
        ready = threading.Barrier(3)

        def work() -> None:
            with app.app_context():
                ready.wait(10)
                write_due()
                db.session.remove()

        workers = [threading.Thread(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)

        assert written_to() == {"large": 10}
