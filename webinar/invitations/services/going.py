"""A confirmed mailing on its way: pausing it, letting it go on, stopping it for good."""

from __future__ import annotations

import logging

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, delete, exists, or_, select

from webinar.calendars.models import CalendarEntry
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.invitations.models import Invitation, MailingRecipient, MailingState
from webinar.invitations.services.held import held_mailing
from webinar.invitations.services.revisions import record_edit, subject_of
from webinar.mail.models import MailState, OutboxMail
from webinar.mail.outbox import withdraw
from webinar.registration.models import Registration

logger = logging.getLogger(__name__)


class NotOnItsWay(DomainError):
    """What is to be done is for another state than the mailing is in."""

    def __init__(self) -> None:
        super().__init__(_l("That cannot be done any more: look how far the mailing is now."))


def pause(mailing_id: int) -> None:
    """Write no more mails of a mailing until it goes on; the few that are written already leave.

    Raises:
        NoSuchMailing, NotOnItsWay: there is none, or it is not being sent.
    """
    _change(mailing_id, {MailingState.CONFIRMED}, MailingState.PAUSED)


def go_on(mailing_id: int) -> None:
    """Let a paused mailing go on.

    Raises:
        NoSuchMailing, NotOnItsWay: there is none, or it is not paused.
    """
    _change(mailing_id, {MailingState.PAUSED}, MailingState.CONFIRMED)


def stop(mailing_id: int) -> None:
    """Send nothing more of a mailing, for good: what is written and has not left is withdrawn.

    Who has got no mail of it is not invited by it either, so another mailing may invite them.

    Raises:
        NoSuchMailing, NotOnItsWay: there is none, or it is a draft or was stopped.
    """
    with transaction():
        _set(mailing_id, {MailingState.CONFIRMED, MailingState.PAUSED}, MailingState.STOPPED)
        withdraw(
            select(MailingRecipient.mail_id).where(MailingRecipient.mailing_id == mailing_id),
            "withdrawn: the mailing was stopped",
        )
        _forget_who_was_not_reached(mailing_id)
    logger.info("%s is stopped", subject_of(mailing_id))


def _change(mailing_id: int, from_: set[MailingState], to: MailingState) -> None:
    with transaction():
        _set(mailing_id, from_, to)
    logger.info("%s is %s", subject_of(mailing_id), to)


def _set(mailing_id: int, from_: set[MailingState], to: MailingState) -> None:
    mailing = held_mailing(mailing_id)
    if mailing.state not in from_:
        raise NotOnItsWay
    before, mailing.state = mailing.state, to
    record_edit(mailing, {"state": [before.value, to.value]})


def _forget_who_was_not_reached(mailing_id: int) -> None:
    """Delete the invitations that no mail has told of, and calendar entries that no mail brings."""
    of_mailing = MailingRecipient.mailing_id == mailing_id
    withdrawn = and_(OutboxMail.id == MailingRecipient.mail_id, OutboxMail.state == MailState.WITHDRAWN)
    unreached = select(MailingRecipient.person_id).where(
        of_mailing, or_(MailingRecipient.mail_id.is_(None), exists().where(withdrawn))
    )
    taken_back = select(OutboxMail.message_id).join(MailingRecipient, withdrawn).where(of_mailing)
    another = exists().where(OutboxMail.order_key == CalendarEntry.uid, OutboxMail.state != MailState.WITHDRAWN)
    asked = Invitation.mailing_id == mailing_id, Invitation.person_id.in_(unreached)
    session_ids = db.session.scalars(select(Invitation.session_id).where(*asked).distinct()).all()
    db.session.execute(
        delete(CalendarEntry)
        .where(
            CalendarEntry.session_id.in_(session_ids),
            CalendarEntry.person_id.in_(unreached),
            or_(
                CalendarEntry.announced_sequence.is_(None),
                and_(CalendarEntry.first_message_id.in_(taken_back), ~another),
            ),
            ~exists().where(
                Registration.session_id == CalendarEntry.session_id, Registration.person_id == CalendarEntry.person_id
            ),
        )
        .execution_options(synchronize_session=False)
    )
    db.session.execute(delete(Invitation).where(*asked).execution_options(synchronize_session=False))
