"""How far a mailing has come: what became of each person's mail, and how long the rest will take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app
from sqlalchemy import ColumnElement, and_, func, select

from webinar.foundation.db import Code, db
from webinar.invitations.models import LeftOut, Mailing, MailingRecipient, MailingState
from webinar.invitations.queries import known_as
from webinar.mail.models import UNFINISHED, MailState, OutboxMail, Undelivered
from webinar.people.models import Contact, Person
from webinar.registration.models import Registration

PEOPLE_A_PAGE = 50
RATE_IS_TAKEN_OVER = timedelta(minutes=3)
SHORTEST_FOR_A_RATE = timedelta(seconds=10)


class Standing(Code):
    """Where somebody who was to get a mailing stands.

    ``to_write``: the mail is not written yet; ``waiting``: it is in the queue; ``again``: the server asked for later;
    ``sent``, ``refused``, ``given_up`` and ``withdrawn`` as the mail log says; ``left_out_since``: while it was on its
    way it turned out that they get nothing.
    """

    TO_WRITE = "to_write"
    WAITING = "waiting"
    AGAIN = "again"
    SENT = "sent"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    WITHDRAWN = "withdrawn"
    LEFT_OUT_SINCE = "left_out_since"


_OF_MAILS = {
    MailState.REFUSED: Standing.REFUSED,
    MailState.GIVEN_UP: Standing.GIVEN_UP,
    MailState.WITHDRAWN: Standing.WITHDRAWN,
}


class Progress(NamedTuple):
    """How many of a mailing stand where; ``left_out`` were so from the start. ``last_at`` is when the last are due."""

    people: int
    left_out: int
    by_standing: Mapping[Standing, int]
    is_on_its_way: bool
    last_at: datetime | None
    last_zone: str
    minutes_left: int | None

    def of(self, standing: Standing) -> int:
        """Return how many stand somewhere."""
        return self.by_standing.get(standing, 0)

    @property
    def to_go(self) -> int:
        """How many mails have neither left nor come to nothing."""
        return self.of(Standing.TO_WRITE) + self.of(Standing.WAITING) + self.of(Standing.AGAIN)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.to_go == 0


def _of(mailing: Mailing) -> ColumnElement[bool]:
    return MailingRecipient.mailing_id == mailing.id


# What refers to somebody, invitation and entry, is stored only for who is to get the mail: who was left out when the
# list was made never is ready.
_LEFT_OUT_SINCE = and_(MailingRecipient.left_out.is_not(None), MailingRecipient.is_ready)
_TO_WRITE = and_(MailingRecipient.left_out.is_(None), MailingRecipient.mail_id.is_(None))
_TO_GO = (Standing.TO_WRITE, Standing.WAITING, Standing.AGAIN)


def progress_of(mailing: Mailing, now: datetime) -> Progress:
    """Return how far a confirmed mailing has come; four statements, a fifth while mails are still to be written.

    What was sent is the rest, and not counted in the outbox: there it would be as many rows, each with its bytes.
    """
    wrote = MailingRecipient.mail_id.is_not(None)
    counts: dict[Standing | None, int] = dict.fromkeys(Standing, 0)
    written = from_start = 0
    rows = db.session.execute(
        select(MailingRecipient.left_out.is_not(None), MailingRecipient.is_ready, wrote, func.count())
        .where(_of(mailing))
        .group_by(MailingRecipient.left_out.is_not(None), MailingRecipient.is_ready, wrote)
    )
    for is_left_out, is_ready, is_written, count in rows:
        if is_written:
            written += count
        elif not is_left_out:
            counts[Standing.TO_WRITE] += count
        elif is_ready:
            counts[Standing.LEFT_OUT_SINCE] += count
        else:
            from_start += count
    tried = OutboxMail.attempts > 0
    mails = db.session.execute(
        select(OutboxMail.state, tried, func.count())
        .join(MailingRecipient, MailingRecipient.mail_id == OutboxMail.id)
        .where(_of(mailing), OutboxMail.state != MailState.SENT)
        .group_by(OutboxMail.state, tried)
    )
    for state, is_tried, count in mails:
        standing = _OF_MAILS.get(state, Standing.AGAIN if is_tried else Standing.WAITING)
        counts[standing] += count
        written -= count
    counts[Standing.SENT] = written
    by_standing = {standing: count for standing, count in counts.items() if standing is not None}
    to_go = sum(by_standing[standing] for standing in _TO_GO)
    is_on_its_way = mailing.state is MailingState.CONFIRMED and to_go > 0
    last_at, last_zone = _last_due(mailing) if by_standing[Standing.TO_WRITE] else (None, "")
    return Progress(
        people=sum(by_standing.values()),
        left_out=from_start,
        by_standing=by_standing,
        is_on_its_way=is_on_its_way,
        last_at=last_at if last_at is not None and last_at > now else None,
        last_zone=last_zone,
        minutes_left=_minutes_left(mailing, to_go, now) if is_on_its_way else None,
    )


def _last_due(mailing: Mailing) -> tuple[datetime | None, str]:
    row = db.session.execute(
        select(MailingRecipient.not_before, MailingRecipient.timezone)
        .where(_of(mailing), _TO_WRITE)
        .order_by(MailingRecipient.not_before.desc(), MailingRecipient.person_id.desc())
        .limit(1)
    ).first()
    return (None, "") if row is None else (row[0], row[1])


def _minutes_left(mailing: Mailing, to_go: int, now: datetime) -> int | None:
    """Return in how many minutes about the rest will have left: as fast as lately, never faster than is allowed.

    None where nobody can tell: nothing has left lately, and nothing is limited.
    """
    in_all, each = current_app.config["MAILINGS_A_MINUTE"], current_app.config["MAILINGS_A_MINUTE_PER_DOMAIN"]
    first, count = db.session.execute(
        select(func.min(OutboxMail.sent_at), func.count())
        .join(MailingRecipient, MailingRecipient.mail_id == OutboxMail.id)
        .where(_of(mailing), OutboxMail.state == MailState.SENT, OutboxMail.sent_at > now - RATE_IS_TAKEN_OVER)
    ).one()
    rates = [float(in_all)] if in_all else []
    if first is not None and now - first >= SHORTEST_FOR_A_RATE:
        rates.append(count * 60 / (now - first).total_seconds())
    needed = [to_go / min(rates)] if rates else []
    if each:
        most_of_one = db.session.scalar(
            select(func.count())
            .where(_of(mailing), _TO_WRITE)
            .group_by(MailingRecipient.domain)
            .order_by(func.count().desc())
            .limit(1)
        )
        needed.append((most_of_one or 0) / each)
    return max(1, round(max(needed))) if needed else None


class Line(NamedTuple):
    """One person of a mailing: where they stand, and what their server said; ``mail_id`` is that of the mail log."""

    person_id: int
    email: str | None
    language: str
    left_out: LeftOut | None
    mail_id: int | None
    state: MailState | None
    attempts: int
    undelivered: Undelivered | None
    server_said: str
    at: datetime | None
    known: Contact | Registration | None

    @property
    def can_be_tried_again(self) -> bool:
        """Whether it was refused or given up."""
        return self.state in {MailState.REFUSED, MailState.GIVEN_UP}


class Lines(NamedTuple):
    """Some people of a mailing who stand in one place; pages count from 1."""

    lines: Sequence[Line]
    page: int
    pages: int
    total: int


def lines_of(mailing: Mailing, standing: Standing, progress: Progress, page: int) -> Lines:
    """Return a page of who stands somewhere, by address; a page beyond the last is the last. Two or three statements.

    ``at`` is when the mail was sent, is tried again or is to be written.
    """
    total = progress.of(standing)
    pages = max(1, -(-total // PEOPLE_A_PAGE))
    page = min(max(page, 1), pages)
    rows = db.session.execute(
        select(
            MailingRecipient.person_id,
            Person.email,
            MailingRecipient.language,
            MailingRecipient.left_out,
            OutboxMail.id,
            OutboxMail.state,
            func.coalesce(OutboxMail.attempts, 0),
            OutboxMail.undelivered,
            func.coalesce(OutboxMail.server_said, ""),
            func.coalesce(OutboxMail.sent_at, OutboxMail.next_attempt_at, MailingRecipient.not_before),
        )
        .join(Person, Person.id == MailingRecipient.person_id)
        .outerjoin(OutboxMail, OutboxMail.id == MailingRecipient.mail_id)
        .where(_of(mailing), _stands(standing))
        .order_by(Person.email, Person.id)
        .limit(PEOPLE_A_PAGE)
        .offset((page - 1) * PEOPLE_A_PAGE)
    ).all()
    known = known_as(mailing, [row[0] for row in rows])
    return Lines([Line._make((*row, known.get(row[0]))) for row in rows], page, pages, total)


def _stands(standing: Standing) -> ColumnElement[bool]:
    match standing:
        case Standing.TO_WRITE:
            return _TO_WRITE
        case Standing.LEFT_OUT_SINCE:
            return _LEFT_OUT_SINCE
        case Standing.WAITING:
            return and_(OutboxMail.state.in_(UNFINISHED), OutboxMail.attempts == 0)
        case Standing.AGAIN:
            return and_(OutboxMail.state.in_(UNFINISHED), OutboxMail.attempts > 0)
    return OutboxMail.state == MailState(standing.value)
