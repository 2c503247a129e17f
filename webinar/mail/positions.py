"""How far a mailbox has been read, and that only one worker at a time reads it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import CursorResult, Table, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from webinar.foundation.db import db, transaction
from webinar.mail.imap import MOST_SECONDS
from webinar.mail.models import MailboxPosition

# Longer than any conversation and the message at its end: whoever still holds it then has died.
LEASE = timedelta(seconds=MOST_SECONDS + 60)

positions = cast(Table, MailboxPosition.__table__)


class Hold(NamedTuple):
    """The right to read a mailbox until a moment, and how far it was read before."""

    mailbox: str
    until: datetime
    uid_validity: int
    last_uid: int

    def last_uid_of(self, uid_validity: int) -> int:
        """Return how far messages were read that are numbered like this; 0 where they were numbered anew."""
        return self.last_uid if uid_validity == self.uid_validity else 0


def hold(mailbox: str, now: datetime) -> Hold | None:
    """Take a mailbox for ourselves, for as long as LEASE; None where another worker has it.

    By a moment in the row and not by a lock on it, which would keep a transaction open through all of a conversation.
    """
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    until = now + LEASE
    with transaction():
        db.session.execute(
            insert(positions).values(mailbox=mailbox, uid_validity=0, last_uid=0).on_conflict_do_nothing()
        )
        row = db.session.execute(
            update(positions)
            .where(positions.c.mailbox == mailbox, or_(positions.c.held_until.is_(None), positions.c.held_until <= now))
            .values(held_until=until)
            .returning(positions.c.uid_validity, positions.c.last_uid)
        ).first()
    return Hold(mailbox, until, *row) if row else None


def remember(held: Hold, uid_validity: int, uid: int) -> bool:
    """Write down that messages up to this one were read, and tell whether the mailbox is still ours."""
    return _change(held, uid_validity=uid_validity, last_uid=uid)


def give_free(held: Hold) -> None:
    """Let others, or us later, read the mailbox."""
    _change(held, held_until=None)


def _change(held: Hold, **values: object) -> bool:
    with transaction():
        changed = db.session.execute(
            update(positions)
            .where(positions.c.mailbox == held.mailbox, positions.c.held_until == held.until)
            .values(values)
        )
        return cast(CursorResult[Any], changed).rowcount == 1
