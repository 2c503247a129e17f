"""Taking reminders back that have not left, because what they say is not so any more."""

from __future__ import annotations

from sqlalchemy import delete, select

from webinar.foundation.db import db
from webinar.mail.outbox import withdraw
from webinar.reminders.models import ReminderRecipient


def withdraw_unsent(session_id: int, person_id: int | None = None) -> None:
    """Take back the reminders of a session that have not left, to everybody or to one, in the caller's transaction.

    A worker may be writing to some of them at this very moment: it is waited for, and what it wrote is taken back.
    """
    theirs = [ReminderRecipient.session_id == session_id]
    if person_id is not None:
        theirs.append(ReminderRecipient.person_id == person_id)
    held = select(ReminderRecipient.person_id).where(*theirs).order_by(ReminderRecipient.person_id).with_for_update()
    if db.session.execute(held).first() is None:
        return
    withdraw(select(ReminderRecipient.mail_id).where(*theirs), "withdrawn: the session or the place is not as it was")
    db.session.execute(delete(ReminderRecipient).where(*theirs, ReminderRecipient.mail_id.is_(None)))
