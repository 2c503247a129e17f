"""Sending once more what a mail server did not take of a mailing."""

from __future__ import annotations

import logging
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from webinar.accounts import audit
from webinar.catalogue.models import SessionStatus
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.invitations.models import LeftOut, Mailing, MailingRecipient, MailingState
from webinar.invitations.queries import reasons_now
from webinar.invitations.services.going import NotOnItsWay
from webinar.invitations.services.held import held_mailing
from webinar.invitations.services.revisions import subject_of
from webinar.mail.models import MailState, OutboxMail, Undelivered
from webinar.mail.services import CannotTryAgain
from webinar.mail.services import try_again as queue_again

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 500


class NothingToTry(DomainError):
    """None of the mails can be sent once more."""

    def __init__(self) -> None:
        super().__init__(_l("None of these mails can be sent again: their addresses do not work, or they are too old."))


def try_again(mailing_id: int, mail_id: int | None = None) -> int:
    """Put mails of a mailing that were refused or given up into the queue once more, and return how many.

    One of them, or up to some hundred at a time; then those stay as they are of whom a server said that nobody is
    there. Whoever would get nothing if it were written now, because they unsubscribed or registered since, is not
    written to in any case.

    Raises:
        NoSuchMailing, NotOnItsWay: there is none of this number, or it is a draft or was stopped, or asks people to
            come to what has begun or was cancelled.
        CannotTryAgain, NothingToTry: this mail cannot be sent once more, or none can.
    """
    with transaction():
        mailing = held_mailing(mailing_id)
        if mailing.state in {MailingState.DRAFT, MailingState.STOPPED} or _is_too_late(mailing, clock.now()):
            raise NotOnItsWay
        which = (
            select(OutboxMail.id, MailingRecipient.person_id)
            .join(MailingRecipient, MailingRecipient.mail_id == OutboxMail.id)
            .where(MailingRecipient.mailing_id == mailing_id)
            .order_by(OutboxMail.id)
            .limit(MOST_AT_ONCE)
        )
        if mail_id is None:
            which = which.where(
                OutboxMail.state.in_((MailState.REFUSED, MailState.GIVEN_UP)),
                OutboxMail.message.is_not(None),
                or_(OutboxMail.undelivered.is_(None), OutboxMail.undelivered != Undelivered.NO_MAILBOX),
            )
        else:
            which = which.where(OutboxMail.id == mail_id)
        mails = db.session.execute(which).all()
        against = reasons_now(mailing, [person_id for _id, person_id in mails])
        count = 0
        for found, person_id in mails:
            why = against.get(person_id)
            # Somebody of the staff may know better than a server whether an address works.
            if why is not None and (mail_id is None or why is not LeftOut.DOES_NOT_WORK):
                continue
            try:
                queue_again(found)
            except CannotTryAgain:
                if mail_id is not None:
                    raise
            else:
                count += 1
        if not count:
            raise NothingToTry
        audit.record("sent again", subject_of(mailing_id), mails=count)
    logger.info("%s: %s mails are tried again by hand", subject_of(mailing_id), count)
    return count


def _is_too_late(mailing: Mailing, now: datetime) -> bool:
    return mailing.kind.is_asking and not any(
        shown.session.status is SessionStatus.PUBLISHED and shown.session.starts_at > now for shown in mailing.sessions
    )
