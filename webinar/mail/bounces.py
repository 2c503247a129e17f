"""Mails of ours that came back: the outbox learns that what a server took did not arrive after all."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from sqlalchemy import func, select

from webinar.foundation.db import db, transaction
from webinar.mail.incoming import Failure
from webinar.mail.models import MailState, OutboxMail

logger = logging.getLogger(__name__)


def take_failures(failures: Iterable[Failure]) -> int:
    """Record which mails came back, and return how many: an address that does not work counts as a refusal.

    Only a mail that has been sent, to the address that the report names, can come back. The report's word is taken:
    it knows a Message-ID that nobody can guess, and all it does is to let the staff look.
    """
    with transaction():
        marked = 0
        for failure in failures:
            mail = db.session.scalar(
                select(OutboxMail)
                .where(
                    OutboxMail.message_id == failure.message_id,
                    func.lower(OutboxMail.to_address) == failure.address,
                    OutboxMail.state == MailState.SENT,
                )
                .with_for_update()
            )
            if mail is None:
                continue
            mail.state = MailState.REFUSED if failure.is_lasting else MailState.GIVEN_UP
            mail.sent_at = None
            mail.server_said = f"came back: {failure.said}"
            marked += 1
            logger.info("mail %s: came back", mail.id)
    return marked
