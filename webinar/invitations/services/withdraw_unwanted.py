"""Taking back mails of mailings that wait to be tried again and are not wanted any more.

A server may put a mail off for two days. Whoever unsubscribes meanwhile is not to get it, and neither is anybody of a
mailing that was stopped while it was on its way.
"""

from __future__ import annotations

import logging

from sqlalchemy import and_, or_, select

from webinar.foundation.db import db, transaction
from webinar.invitations.models import Mailing, MailingKind, MailingRecipient, MailingState
from webinar.mail.models import MailState, OutboxMail
from webinar.mail.outbox import withdraw
from webinar.people.models import MailKind
from webinar.people.queries import is_suppressed

logger = logging.getLogger(__name__)


def withdraw_unwanted() -> int:
    """Take back the mails that wait of stopped mailings, and to who stopped mail of their kind; return how many."""
    unwanted = [
        and_(
            Mailing.kind.in_([one for one in MailingKind if one.mail_kind is kind]),
            is_suppressed(MailingRecipient.person_id, kind),
        )
        for kind in MailKind
    ]
    which = (
        select(MailingRecipient.mail_id)
        .join(OutboxMail, OutboxMail.id == MailingRecipient.mail_id)
        .join(Mailing, Mailing.id == MailingRecipient.mailing_id)
        .where(OutboxMail.state == MailState.QUEUED, or_(Mailing.state == MailingState.STOPPED, *unwanted))
    )
    found = db.session.scalars(which).all()
    db.session.rollback()
    if found:
        with transaction():
            withdraw(which, "withdrawn: the mailing was stopped, or the person wants no such mail any more")
        logger.info("%s mails of mailings are not wanted any more", len(found))
    return len(found)
