"""Reading the outbox: the mail log, one mail, what waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select

from webinar.foundation.db import db
from webinar.mail.history import about
from webinar.mail.models import MailState, OutboxMail

LINES_A_PAGE = 50


class LogLine(NamedTuple):
    """One mail as the log lists it, without its bytes."""

    id: int
    created_at: datetime
    kind: str
    topic: str
    to_address: str | None
    subject: str
    language: str
    state: MailState
    urgent: bool
    attempts: int
    next_attempt_at: datetime
    sent_at: datetime | None
    server_said: str


class LogPage(NamedTuple):
    """One page of the log, newest mails first; pages count from 1."""

    lines: Sequence[LogLine]
    page: int
    pages: int
    total: int


def mail_log(
    *,
    address: str = "",
    state: MailState | None = None,
    kind: str = "",
    topic: str = "",
    page: int = 1,
    lines_a_page: int = LINES_A_PAGE,
) -> LogPage:
    """Return one page of the mail log; what is left empty does not restrict it.

    ``address`` is any part of one, in any case. A page beyond the last is the last one.
    """
    which: list[ColumnElement[bool]] = []
    if address:
        which.append(func.lower(OutboxMail.to_address).contains(address.strip().lower(), autoescape=True))
    if state is not None:
        which.append(OutboxMail.state == state)
    if kind:
        which.append(OutboxMail.kind == kind)
    if topic:
        which.append(OutboxMail.id.in_(about(topic)))
    total = db.session.scalar(select(func.count()).select_from(OutboxMail).where(*which)) or 0
    pages = max(1, -(-total // lines_a_page))
    page = min(max(page, 1), pages)
    rows = db.session.execute(
        select(*(getattr(OutboxMail, name) for name in LogLine._fields))
        .where(*which)
        .order_by(OutboxMail.created_at.desc(), OutboxMail.id.desc())
        .limit(lines_a_page)
        .offset((page - 1) * lines_a_page)
    )
    return LogPage([LogLine(*row) for row in rows], page, pages, total)


def read_mail(mail_id: int) -> OutboxMail | None:
    """Return one mail with its bytes, or None; ``open_message`` reads them."""
    return db.session.get(OutboxMail, mail_id)


def kinds() -> Sequence[str]:
    """Return the kinds of mail there are in the log, by alphabet."""
    return db.session.scalars(select(OutboxMail.kind).distinct().order_by(OutboxMail.kind)).all()


def count_by_state() -> dict[MailState, int]:
    """Count the mails in each state; a state without mails counts 0."""
    rows = db.session.execute(select(OutboxMail.state, func.count()).group_by(OutboxMail.state))
    return dict.fromkeys(MailState, 0) | {state: count for state, count in rows}


def mails_about(person_id: int, topic: str) -> list[LogLine]:
    """Return what was written to a person about a topic, the oldest first, without the bytes."""
    rows = db.session.execute(
        select(*(getattr(OutboxMail, name) for name in LogLine._fields))
        .where(OutboxMail.id.in_(about(topic, person_id)))
        .order_by(OutboxMail.created_at, OutboxMail.id)
    )
    return [LogLine(*row) for row in rows]
