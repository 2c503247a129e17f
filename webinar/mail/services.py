"""What is done with mails besides sending them: trying again by hand, and forgetting their bytes."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, cast

from flask_babel import lazy_gettext as _l
from sqlalchemy import CursorResult, func, select, update

from webinar.accounts import audit
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.mail.again import why_not
from webinar.mail.history import of_order_key, order_keys_of
from webinar.mail.models import UNFINISHED, MailState, OutboxMail

logger = logging.getLogger(__name__)

BYTES_ARE_KEPT_FOR = timedelta(days=30)


class CannotTryAgain(DomainError):
    """This mail cannot be put into the queue once more."""


def try_again(mail_id: int) -> OutboxMail:
    """Put a mail that was refused or given up into the queue once more, in the caller's transaction.

    It leaves with the same bytes, at once and as if it had never been tried.

    Raises:
        CannotTryAgain: there is no such mail, it was not refused, its bytes are gone, or a later mail about the same
            calendar entry counts now.
    """
    mail = db.session.scalar(
        select(OutboxMail).where(OutboxMail.id == mail_id).with_for_update().execution_options(populate_existing=True)
    )
    if mail is None:
        raise CannotTryAgain(_l("There is no such mail."))
    if mail.state not in {MailState.REFUSED, MailState.GIVEN_UP}:
        raise CannotTryAgain(_l("Only a mail that was refused or given up can be tried again."))
    if mail.message is None or mail.to_address is None:
        raise CannotTryAgain(_l("This mail is too old: its text has been deleted, so it cannot be sent again."))
    if any(_is_outdated(order_key, mail.id) for order_key in order_keys_of(mail.id)):
        raise CannotTryAgain(
            _l("A later mail about the same calendar entry has been written; sending this one now would undo it.")
        )
    mail.state = MailState.QUEUED
    mail.attempts = 0
    mail.undelivered = mail.undelivered_at = None
    mail.next_attempt_at = clock.now()
    return mail


def _is_outdated(order_key: str, mail_id: int) -> bool:
    later = select(OutboxMail.id).where(OutboxMail.id.in_(of_order_key(order_key)), OutboxMail.id > mail_id).limit(1)
    return db.session.scalar(later) is not None


def erase_old_bytes(now: datetime) -> int:
    """Delete the texts of mails that are done with for 30 days, and return how many; what happened to them stays."""
    with transaction():
        erased = db.session.execute(
            update(OutboxMail)
            .where(
                OutboxMail.message.is_not(None),
                OutboxMail.state.not_in(UNFINISHED),
                func.coalesce(OutboxMail.sent_at, OutboxMail.created_at) < now - BYTES_ARE_KEPT_FOR,
            )
            .values(message=None)
            .execution_options(synchronize_session=False)
        )
        return cast(CursorResult[Any], erased).rowcount


def send_again(mail_id: int) -> None:
    """Put a mail into the queue once more because somebody of the staff says so, and write that down.

    Raises:
        CannotTryAgain: as ``try_again`` says, or the feature that the mail is of has something against it.
    """
    with transaction():
        against = why_not(mail_id)
        if against is not None:
            raise CannotTryAgain(against)
        mail = try_again(mail_id)
        audit.record("sent again", f"mail {mail.id}", kind=mail.kind, topic=mail.topic)
    logger.info("mail %s is tried again by hand", mail_id)
