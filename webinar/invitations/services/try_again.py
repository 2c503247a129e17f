"""Sending once more what a mail server did not take of a mailing."""

from __future__ import annotations

import logging
from datetime import datetime

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
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
from webinar.invitations.words import REASONS
from webinar.mail.models import MailState, OutboxMail, Undelivered
from webinar.mail.services import CannotTryAgain
from webinar.mail.services import try_again as queue_again

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 500
MAY_BE_KNOWN_BETTER = LeftOut.DOES_NOT_WORK
"""Somebody of the staff who sends one mail again may know better than a server whether its address works."""


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
        if not _can_go_again(mailing, clock.now()):
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
            if why is not None and (mail_id is None or why is not MAY_BE_KNOWN_BETTER):
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


def against_one(mail_id: int) -> LazyString | None:
    """Return in a sentence why a mail of a mailing is not to be sent again, the mailing held; None of any other mail.

    It is what ``try_again`` asks, for the button in the mail log.
    """
    of_mailing = select(MailingRecipient.mailing_id, MailingRecipient.person_id).where(
        MailingRecipient.mail_id == mail_id
    )
    row = db.session.execute(of_mailing).one_or_none()
    if row is None:
        return None
    mailing_id, person_id = row
    mailing = held_mailing(mailing_id)
    if not _can_go_again(mailing, clock.now()):
        return _l("Its mailing was stopped, or asks people to come to what has begun or was cancelled.")
    why = reasons_now(mailing, [person_id]).get(person_id)
    if why is None or why is MAY_BE_KNOWN_BETTER:
        return None
    return _l("This person would not get it any more (%(reason)s), so it is not sent again.", reason=REASONS[why])


def _can_go_again(mailing: Mailing, now: datetime) -> bool:
    if mailing.state in {MailingState.DRAFT, MailingState.STOPPED}:
        return False
    return not mailing.kind.is_asking or any(
        shown.session.status is SessionStatus.PUBLISHED and shown.session.starts_at > now for shown in mailing.sessions
    )
