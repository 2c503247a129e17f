"""A mail to many is not sent once more from the mail log to somebody who is not to get it any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from tests.factories import a_contact, a_mailing, a_person, a_registration, a_session, a_suppression
from tests.invitations.test_confirming import confirmed
from webinar.accounts.models import AuditEntry
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.invitations.services import write_due as write_mailings
from webinar.invitations.services.going import stop
from webinar.mail.models import MailState, OutboxMail
from webinar.mail.services import CannotTryAgain, send_again
from webinar.people.models import MailKind, Person, SuppressionReason
from webinar.registration.models import Registration, RegistrationStatus
from webinar.reminders.services.write_due import write_due as write_reminders

pytestmark = pytest.mark.usefixtures("app")


def the_mail_refused() -> OutboxMail:
    """Let the one mail there is be refused, and return it."""
    db.session.execute(update(OutboxMail).values(state=MailState.REFUSED))
    db.session.commit()
    return db.session.scalars(select(OutboxMail)).one()


def an_invitation_refused(session: WebinarSession) -> tuple[Person, OutboxMail]:
    """Return somebody whose invitation a server refused, and the mail."""
    person = a_contact().person
    confirmed(a_mailing(session))
    while write_mailings():
        pass
    return person, the_mail_refused()


def a_reminder_refused(session: WebinarSession) -> tuple[Registration, OutboxMail]:
    """Return a place whose reminder a server refused, and the mail."""
    place = a_registration(session, person=a_person("ana@lisbon.example"))
    with time_machine.travel(session.starts_at - timedelta(minutes=50), tick=False):
        while write_reminders():
            pass
    return place, the_mail_refused()


def refusal_of(mail: OutboxMail) -> str:
    """Return why a mail is not sent again; it stays as it was, and nothing is written down."""
    with pytest.raises(CannotTryAgain) as refusal:
        send_again(mail.id)
    db.session.expire_all()
    assert mail.state is MailState.REFUSED
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.subject == f"mail {mail.id}")).all() == []
    return str(refusal.value)


def test_an_invitation_is_not_sent_again_to_who_has_unsubscribed_since() -> None:
    person, mail = an_invitation_refused(a_session())
    a_suppression(person, kind=MailKind.INVITATIONS)

    assert "(Do not write), so it is not sent again" in refusal_of(mail)


def test_nor_where_its_mailing_was_stopped_or_its_session_cancelled() -> None:
    session = a_session()
    _person, mail = an_invitation_refused(session)
    session.status = SessionStatus.CANCELLED
    db.session.commit()
    assert "begun or was cancelled" in refusal_of(mail)

    session.status = SessionStatus.PUBLISHED
    db.session.commit()
    stop(int(mail.topic.split()[1]))
    assert "Its mailing was stopped" in refusal_of(mail)


def test_it_is_where_nothing_has_happened_and_where_somebody_knows_better_than_a_server() -> None:
    person, mail = an_invitation_refused(a_session())
    a_suppression(person, reason=SuppressionReason.DOES_NOT_WORK)

    send_again(mail.id)

    db.session.expire_all()
    assert mail.state is MailState.QUEUED


def test_a_reminder_is_not_sent_again_to_who_wants_none_or_gave_the_place_up_or_when_the_session_has_begun() -> None:
    session = a_session()
    place, mail = a_reminder_refused(session)
    with time_machine.travel(session.starts_at - timedelta(minutes=40), tick=False):
        unwanted = a_suppression(place.person, kind=MailKind.REMINDERS)
        assert "wants no reminders any more" in refusal_of(mail)

        unwanted.lifted_at = clock.now()
        place.status, place.cancelled_at = RegistrationStatus.CANCELLED, clock.now()
        db.session.commit()
        assert "has no place in the session any more" in refusal_of(mail)

    with time_machine.travel(session.starts_at, tick=False):
        assert "The session has begun" in refusal_of(mail)
