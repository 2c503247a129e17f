"""Sending what is due: claim a lot, hand each mail over with no transaction open, record each result at once.

Any number of senders may work on one PostgreSQL; on SQLite there is one at a time (see ``webinar.worker``). A sender
that dies in the middle of a mail leaves it claimed; it is sent again when the claim is given back or runs out, with
the same bytes, so with the same Message-ID. That is the one mail that can arrive twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, CursorResult, FromClause, Select, Table, bindparam, exists, or_, select, update

from webinar.foundation import clock
from webinar.foundation.db import UtcDateTime, as_writer, db, transaction
from webinar.mail.answers import why_refused
from webinar.mail.bounces import record_undelivered
from webinar.mail.history import order_keys_of
from webinar.mail.models import INVITING, UNFINISHED, MailState, MailTopic, OutboxMail, Undelivered
from webinar.mail.transport import ConnectionLost, Letter, Refused, Transport, Unreachable

logger = logging.getLogger(__name__)

LOT = 50
# One mail can take some minutes with a server that answers each command at the last moment. No mail is begun later
# than TIME_FOR_A_MAIL before the claim runs out, so no other sender takes it meanwhile.
LEASE = timedelta(minutes=15)
TIME_FOR_A_MAIL = timedelta(minutes=7)

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=2)
CONNECTIONS_LOST_IN_A_ROW = 3

mails = cast(Table, OutboxMail.__table__)
topics = cast(Table, MailTopic.__table__)


class Claimed(NamedTuple):
    """A mail that this sender alone may send for a while."""

    id: int
    created_at: datetime
    attempts: int
    order_key: str | None
    sender: str
    to_address: str
    message: bytes

    @property
    def letter(self) -> Letter:
        """The mail as a way out takes it."""
        return Letter(f"{self.created_at:%Y%m%dT%H%M%S.%fZ}-{self.id:08}", self.sender, self.to_address, self.message)


@dataclass
class Tally:
    """What became of the mails of one run; ``trouble`` says why none could be sent any more."""

    sent: int = 0
    later: int = 0
    refused: int = 0
    given_up: int = 0
    trouble: str = ""

    def count(self, state: MailState) -> None:
        """Count one mail by where it is now."""
        match state:
            case MailState.SENT:
                self.sent += 1
            case MailState.REFUSED:
                self.refused += 1
            case MailState.GIVEN_UP:
                self.given_up += 1
            case _:
                self.later += 1

    def add(self, other: Tally) -> None:
        """Add what another run did."""
        self.sent += other.sent
        self.later += other.later
        self.refused += other.refused
        self.given_up += other.given_up


def deliver_due(transport: Transport, sender: str, should_stop: Callable[[], bool] = lambda: False) -> Tally:
    """Send everything that is due, until nothing is, or until told to stop between two mails.

    ``sender`` names the one who claims, for as long as it runs.
    """
    tally = Tally()
    with transport:
        while not should_stop() and not tally.trouble:
            claimed = claim(sender, clock.now())
            if not claimed:
                break
            _deliver(claimed, transport, sender, should_stop, tally)
    return tally


def _deliver(
    claimed: Sequence[Claimed], transport: Transport, sender: str, should_stop: Callable[[], bool], tally: Tally
) -> None:
    leave_off_at = clock.now() + LEASE - TIME_FOR_A_MAIL
    lost_in_a_row = 0
    for position, mail in enumerate(claimed):
        if should_stop() or clock.now() > leave_off_at:
            give_back(claimed[position:], sender)
            return
        try:
            said = transport.send(mail.letter)
        except Unreachable as trouble:
            tally.trouble = str(trouble)
        except ConnectionLost as loss:
            lost_in_a_row += 1
            tally.count(_record_failure(mail, sender, f"connection lost: {loss}"))
            if lost_in_a_row == CONNECTIONS_LOST_IN_A_ROW:
                tally.trouble = "the mail server ends every connection"
        except Refused as refusal:
            lost_in_a_row = 0
            why = why_refused(str(refusal))
            tally.count(_record_failure(mail, sender, str(refusal), for_good=refusal.for_good, why=why))
        except Exception as fault:  # noqa: BLE001  (the one place: a poisoned mail must not stop the rest)
            logger.error("mail %s: could not be handed over: %s", mail.id, type(fault).__name__)
            tally.count(_record_failure(mail, sender, f"fault: {type(fault).__name__}: {fault}"))
        else:
            lost_in_a_row = 0
            _record_sent(mail, sender, said)
            tally.count(MailState.SENT)
        if tally.trouble:
            logger.warning("%s", tally.trouble)
            give_back(claimed[position:], sender, said=tally.trouble)
            return


def claim(sender: str, now: datetime, limit: int = LOT) -> list[Claimed]:
    """Claim mails that are due, urgent ones first, and return them in the order in which they should leave."""
    with transaction():
        due: list[int] = []
        for urgent in (True, False):
            next_ones = _due(urgent).limit(limit - len(due)).with_for_update(skip_locked=True)
            due += db.session.scalars(next_ones, {"now": now}).all()
        if not due:
            return []
        rows = db.session.execute(
            update(mails)
            .where(mails.c.id.in_(due))
            .values(state=MailState.SENDING, claimed_until=now + LEASE, claimed_by=sender)
            .returning(*(mails.c[name] for name in Claimed._fields))
        )
        return sorted((Claimed(*row) for row in rows), key=lambda mail: due.index(mail.id))


def is_anything_due(now: datetime) -> bool:
    """Tell whether a claim would find something; asks without holding anything."""
    found = any(db.session.scalar(_due(urgent).limit(1), {"now": now}) is not None for urgent in (True, False))
    db.session.rollback()
    return found


def are_as_many_due(count: int, now: datetime) -> bool:
    """Tell whether so many mails that are not urgent could leave now; whoever writes to many lets these go first."""
    return len(db.session.scalars(_due(urgent=False).limit(count), {"now": now}).all()) == count


@cache  # putting it together takes longer than the database needs for it
def _due(urgent: bool) -> Select[int]:
    now = bindparam("now", type_=UtcDateTime())
    each = topics.alias("each")
    return (
        select(mails.c.id)
        .where(
            _is_unfinished(),
            mails.c.urgent == urgent,
            mails.c.next_attempt_at <= now,
            mails.c.to_address.is_not(None),
            or_(mails.c.state == MailState.QUEUED, mails.c.claimed_until < now),
            or_(mails.c.order_key.is_(None), ~_is_one_before(mails.c.id, mails.c.order_key, UNFINISHED)),
            ~exists().where(each.c.mail_id == mails.c.id, _is_one_before(each.c.mail_id, each.c.order_key, UNFINISHED)),
        )
        .order_by(mails.c.next_attempt_at, mails.c.id)
    )


def _is_one_before(
    mail_id: ColumnElement[int],
    order_key: ColumnElement[str | None],
    states: Sequence[MailState],
    methods: Sequence[str] = (),
) -> ColumnElement[bool]:
    """Tell whether a mail stored before another carries an order key, alone or among others."""

    def is_such(older: FromClause) -> list[ColumnElement[bool]]:
        of_methods = [older.c.calendar_method.in_(methods)] if methods else []
        return [older.c.id < mail_id, older.c.state.in_(states), *of_methods]

    alone, among, several = mails.alias("alone"), topics.alias("among"), mails.alias("several")
    return or_(
        exists().where(alone.c.order_key == order_key, *is_such(alone)),
        exists().where(among.c.order_key == order_key, several.c.id == among.c.mail_id, *is_such(several)),
    )


def _is_unfinished() -> ColumnElement[bool]:
    # Written out and not as parameters: else SQLite does not see that the partial index holds all of these rows.
    return mails.c.state.in_(bindparam("unfinished", UNFINISHED, expanding=True, literal_execute=True))


def give_back(claimed: Sequence[Claimed], sender: str, said: str | None = None) -> None:
    """Let others, or this sender later, have mails that were claimed and not tried; it counts as no attempt."""
    if claimed:
        _give_back(mails.c.id.in_([mail.id for mail in claimed]) & (mails.c.claimed_by == sender), said)


def give_back_abandoned(is_alive: Callable[[str], bool]) -> int:
    """Give back what senders had claimed who are no longer alive, and return how many mails that were."""
    claimants = db.session.scalars(
        select(mails.c.claimed_by).where(mails.c.state == MailState.SENDING).distinct()
    ).all()
    db.session.rollback()
    gone = [claimant for claimant in claimants if not is_alive(claimant)]
    return _give_back(mails.c.claimed_by.in_(gone), None) if gone else 0


def _give_back(which: ColumnElement[bool], said: str | None) -> int:
    values: dict[str, Any] = {"state": MailState.QUEUED, "claimed_until": None, "claimed_by": None}
    if said is not None:
        values["server_said"] = said
    with transaction():
        statement = update(mails).where(which, mails.c.state == MailState.SENDING).values(values)
        return cast(CursorResult[Any], db.session.execute(statement)).rowcount


def _record_sent(mail: Claimed, sender: str, said: str) -> None:
    now = clock.now()
    with as_writer():
        _record(mail, sender, MailState.SENT, said, sent_at=now, next_attempt_at=now)
    logger.info("mail %s: sent", mail.id)


def _record_failure(
    mail: Claimed, sender: str, said: str, *, for_good: bool = False, why: Undelivered = Undelivered.OTHER
) -> MailState:
    now = clock.now()
    attempts = mail.attempts + 1
    state = MailState.QUEUED
    if for_good:
        state = MailState.REFUSED
    elif now >= mail.created_at + GIVEN_UP_AFTER and attempts > 1:
        # Not at the first attempt: a mail that waited for two days behind a broken server has not been refused yet.
        state = MailState.GIVEN_UP
    with transaction():
        _record(mail, sender, state, said, sent_at=None, next_attempt_at=now + wait_after(attempts))
        if state is not MailState.QUEUED:
            record_undelivered(mail.id, why, now)
            for order_key in order_keys_of(mail.id):
                _withdraw_pointless_cancellations(order_key)
    logger.info("mail %s: %s after %s attempts", mail.id, state, attempts)
    return state


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: a minute, then each time twice as long, at most six hours."""
    return min(FIRST_WAIT * (1 << min(attempts - 1, 16)), LONGEST_WAIT)


# Built once: putting the same statement together for each mail takes longer than the database needs for it.
# Nothing happens where the claim has run out and the mail is somebody else's by now.
_RESULT = (
    update(mails)
    .where(
        mails.c.id == bindparam("its_id"),
        mails.c.state == MailState.SENDING,
        mails.c.claimed_by == bindparam("its_sender"),
    )
    .values(
        claimed_until=None,
        claimed_by=None,
        attempts=mails.c.attempts + 1,
        state=bindparam("its_state"),
        server_said=bindparam("said"),
        sent_at=bindparam("its_sent_at"),
        next_attempt_at=bindparam("its_next_attempt_at"),
    )
)


def _record(
    mail: Claimed, sender: str, state: MailState, said: str, *, sent_at: datetime | None, next_attempt_at: datetime
) -> None:
    db.session.execute(
        _RESULT,
        {
            "its_id": mail.id,
            "its_sender": sender,
            "its_state": state,
            "said": said,
            "its_sent_at": sent_at,
            "its_next_attempt_at": next_attempt_at,
        },
    )


def _withdraw_pointless_cancellations(order_key: str) -> None:
    """Take back each waiting CANCEL of an entry before which nothing that brings it has left or still can."""
    was_or_will_be_told = _is_one_before(mails.c.id, mails.c.order_key, (*UNFINISHED, MailState.SENT), INVITING)
    db.session.execute(
        update(mails)
        .where(
            mails.c.order_key == order_key,
            mails.c.state == MailState.QUEUED,
            mails.c.calendar_method == "CANCEL",
            ~was_or_will_be_told,
        )
        .values(state=MailState.WITHDRAWN, server_said="withdrawn: the invitation never left")
    )
