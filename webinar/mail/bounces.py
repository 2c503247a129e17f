"""Mails of ours that came back, and complaints: the outbox learns of them, and lists stop where they should.

Mails about somebody's own place go on in any case.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, Table, func, select, update

from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.mail.incoming import Complaint, Failure
from webinar.mail.models import MailState, OutboxMail, Undelivered
from webinar.mail.return_address import bounce_token_in
from webinar.people.models import PROMOTIONAL, Person, Suppression, SuppressionReason
from webinar.people.services.suppress import suppress

logger = logging.getLogger(__name__)

CAME_BACK = "came back:"
"""How ``server_said`` begins of a mail that a server took first."""

MOST_FOR_NOW = 3
"""How many mails may fail to arrive for the time being until lists leave an address out."""
FOR_NOW_COUNTS_FOR = timedelta(days=180)

mails = cast(Table, OutboxMail.__table__)


class CameBack(NamedTuple):
    """How many of our mails came back, and how many addresses lists leave out because of it."""

    mails: int = 0
    left_out: int = 0


def take_failures(failures: Sequence[Failure], bounce_token: str = "") -> CameBack:
    """Record which mails came back, and leave out of lists the addresses that do not work.

    ``bounce_token`` is what the report was addressed to: it says which mail came back, whatever else the report says.
    Without one it is the Message-ID, and the address must be right too. Only a mail that has been sent can come back.
    The report's word is taken, because it knows what nobody can guess, and the staff see and undo what it did.
    """
    if not failures:
        return CameBack()
    now = clock.now()
    came_back = left_out = 0
    with transaction():
        for failure in failures[:1] if bounce_token else failures:
            mail = db.session.scalar(
                select(OutboxMail)
                .where(*_which(failure, bounce_token), OutboxMail.state == MailState.SENT)
                .with_for_update()
            )
            if mail is None:
                continue
            mail.state = MailState.REFUSED if failure.is_lasting else MailState.GIVEN_UP
            mail.sent_at = None
            mail.server_said = f"{CAME_BACK} {failure.said}"
            db.session.flush()
            left_out += record_undelivered(mail.id, _why(failure, mail.to_address), now)
            came_back += 1
            logger.info("mail %s: came back", mail.id)
    return CameBack(came_back, left_out)


def _which(failure: Failure, bounce_token: str) -> list[ColumnElement[bool]]:
    if bounce_token:
        return [OutboxMail.bounce_token == bounce_token]
    return [
        OutboxMail.message_id == failure.message_id,
        func.lower(OutboxMail.to_address).in_([failure.address, failure.original_address]),
    ]


def _why(failure: Failure, to_address: str | None) -> Undelivered:
    """Return why a mail came back. Where it was sent on, the address that failed is one of perhaps several behind."""
    is_another = failure.address != "" and failure.address != (to_address or "").lower()
    if is_another and failure.undelivered is Undelivered.NO_MAILBOX:
        return Undelivered.FOR_NOW
    return failure.undelivered


def record_undelivered(mail_id: int, why: Undelivered, now: datetime) -> bool:
    """Write down why a mail did not arrive, in the caller's transaction, and tell whether lists leave it out by this.

    An address at which nobody is, is left out at once; one that did not work for now after three mails, counted anew
    where somebody of the staff has let it be written to again.
    """
    to_address = db.session.scalar(
        update(mails)
        .where(mails.c.id == mail_id, mails.c.state.in_((MailState.REFUSED, MailState.GIVEN_UP)))
        .values(undelivered=why, undelivered_at=now)
        .returning(mails.c.to_address)
    )
    if why is Undelivered.OTHER or to_address is None:
        return False
    person_id = _person_to_stop(to_address)
    if person_id is None or (why is Undelivered.FOR_NOW and _count_for_now(to_address, person_id, now) < MOST_FOR_NOW):
        return False
    return suppress(person_id, None, SuppressionReason.DOES_NOT_WORK, source=f"mail {mail_id}")


def _person_to_stop(to_address: str) -> int | None:
    """Return whose address it is; the row is held, so that of two failures at once the second sees the first.

    Not whom the mail was about: of somebody merged into another, the old address says nothing about the new one.
    """
    return db.session.scalar(
        select(Person.id).where(Person.email == to_address.lower()).with_for_update(key_share=True)
    )


def _count_for_now(to_address: str, person_id: int, now: datetime) -> int:
    lifted_at = db.session.scalar(
        select(func.max(Suppression.lifted_at)).where(
            Suppression.person_id == person_id, Suppression.reason == SuppressionReason.DOES_NOT_WORK
        )
    )
    since = max(now - FOR_NOW_COUNTS_FOR, lifted_at) if lifted_at else now - FOR_NOW_COUNTS_FOR
    return (
        db.session.scalar(
            select(func.count()).where(
                OutboxMail.to_address == to_address,
                OutboxMail.undelivered == Undelivered.FOR_NOW,
                OutboxMail.undelivered_at > since,
            )
        )
        or 0
    )


def take_complaint(complaint: Complaint) -> bool:
    """Stop what is promotional for whoever called a mail of ours unwanted, and tell whether it was one of ours.

    It is known by its envelope or by its Message-ID: the address is mostly taken out of such reports.
    """
    token = bounce_token_in([complaint.mail_from])
    which = OutboxMail.bounce_token == token if token else OutboxMail.message_id == complaint.message_id
    with transaction():
        mail = db.session.execute(
            select(OutboxMail.id, OutboxMail.to_address).where(which, OutboxMail.state == MailState.SENT)
        ).one_or_none()
        person_id = _person_to_stop(mail.to_address) if mail is not None and mail.to_address else None
        if mail is None or person_id is None:
            return False
        for kind in PROMOTIONAL:
            suppress(person_id, kind, SuppressionReason.COMPLAINT, source=f"mail {mail.id}")
    logger.info("mail %s: was called unwanted", mail.id)
    return True
