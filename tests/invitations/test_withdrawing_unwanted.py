"""Mails of mailings that wait to be tried again, and are not wanted any more."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from tests.factories import a_contact, a_mailing, a_registration, a_session, a_suppression
from tests.invitations.test_confirming import confirmed
from tests.invitations.test_writing import everything_written
from tests.mailbox import all_mail
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.invitations.models import MailingKind
from webinar.invitations.services.going import stop
from webinar.invitations.services.withdraw_unwanted import withdraw_unwanted
from webinar.mail.models import MailState, OutboxMail
from webinar.people.models import MailKind, Person

pytestmark = pytest.mark.usefixtures("app")


def unsubscribed(address: str, kind: MailKind) -> None:
    a_suppression(db.session.scalars(select(Person).where(Person.email == address)).one(), kind=kind)


def queued() -> list[str | None]:
    db.session.rollback()
    return [mail.to_address for mail in all_mail() if mail.state is MailState.QUEUED]


def test_who_unsubscribes_while_a_server_puts_the_mail_off_does_not_get_it() -> None:
    for name in ("ana", "bo", "cy"):
        a_contact(f"{name}@lisbon.example")
    confirmed(a_mailing(a_session()))
    everything_written()
    unsubscribed("ana@lisbon.example", MailKind.INVITATIONS)
    unsubscribed("bo@lisbon.example", MailKind.NEWSLETTER)

    assert withdraw_unwanted() == 1

    assert queued() == ["bo@lisbon.example", "cy@lisbon.example"]
    assert withdraw_unwanted() == 0


def test_what_is_about_somebodys_place_still_arrives() -> None:
    session = a_session()
    a_registration(session, email="ana@lisbon.example")
    confirmed(a_mailing(session, kind=MailingKind.INFORMATION))
    everything_written()
    unsubscribed("ana@lisbon.example", MailKind.INVITATIONS)

    assert withdraw_unwanted() == 0


def test_a_mail_that_was_on_its_way_when_the_mailing_was_stopped_is_not_tried_again() -> None:
    a_contact("ana@lisbon.example")
    mailing = confirmed(a_mailing(a_session()))
    everything_written()
    db.session.execute(update(OutboxMail).values(state=MailState.SENDING, claimed_until=clock.now(), claimed_by="one"))
    db.session.commit()
    stop(mailing.id)
    put_off = update(OutboxMail).values(state=MailState.QUEUED, claimed_until=None, claimed_by=None)
    db.session.execute(put_off)
    db.session.commit()

    assert withdraw_unwanted() == 1
    assert queued() == []
