"""Deciding what somebody's calendar may change: the answer at their own entry, and nothing else.

The UID of an entry is known only to whom it was sent, but invitations are passed on. So an answer counts where it
comes from the very address that was invited, and our own mail server vouches for that; RFC 6047, 2.2.1, asks for no
less. What may well be true but is not proven, and what only a person can answer, is kept for a person.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webinar.calendars.models import CalendarAnswer, CalendarEntry, EntryStatus, KeptFor, KeptReply
from webinar.calendars.replies import Reply
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import lock_session_alone
from webinar.foundation.db import db

REPLIES_A_DAY = 20
"""How many answers of one sender to one entry are looked at a day: a calendar that answers itself must end."""

ANSWERS = {answer.value.upper(): answer for answer in CalendarAnswer}


class Verdict(Enum):
    """What became of an answer, as the command says it."""

    TAKEN = "The answer was stored."
    KNOWN = "The answer was known already."
    KEPT = "A person has to look at it: it stands under “Mail to look at”."
    UNKNOWN = "Ignored: it answers no entry of ours."
    NOT_OURS = "Ignored: it names another organizer."
    NO_ANSWER = "Ignored: it says neither yes, maybe nor no."
    OUTDATED = "Ignored: the entry has changed since, or a later answer has come."
    NEVER_SENT = "Ignored: it answers a version that was never sent."
    GIVEN_UP = "Ignored: the place was given up."
    OVER = "Ignored: the session is over or cancelled."


class Heard(NamedTuple):
    """A verdict, and the entry whose answer has changed, if it has.

    Or ``yes_of_somebody``: the entry at which a yes was pressed by who knows whom, which is kept for a person.
    """

    verdict: Verdict
    changed: CalendarEntry | None = None
    yes_of_somebody: CalendarEntry | None = None


def entry_id_of(uid: str) -> int | None:
    """Return which entry a UID belongs to, or None; asks without holding anything."""
    return db.session.scalar(select(CalendarEntry.id).where(CalendarEntry.uid == uid))


def hear(entry_id: int, reply: Reply, *, sender: str, is_vouched_for: bool, now: datetime) -> Heard:
    """Decide on an answer, in the caller's transaction, and store what comes of it."""
    entry = _held(entry_id)
    if reply.organizer and reply.organizer != entry.organizer.lower():
        return Heard(Verdict.NOT_OURS)
    if reply.repeats:
        return Heard(Verdict.UNKNOWN)
    if entry.session.status is SessionStatus.CANCELLED or entry.session.ends_at <= now:
        return Heard(Verdict.OVER)
    if entry.status is EntryStatus.CANCELLED or entry.address is None:
        return Heard(Verdict.GIVEN_UP)
    if entry.announced_sequence is None or reply.sequence > entry.announced_sequence:
        return Heard(Verdict.NEVER_SENT)
    if reply.sequence < entry.sequence:
        return Heard(Verdict.OUTDATED)
    why = _for_a_person(entry, reply, sender, is_vouched_for)
    answer = ANSWERS.get(reply.partstat)
    if why is None and answer is None:
        return Heard(Verdict.NO_ANSWER)
    if why is None and answer is not None:
        return take(entry, answer, stamped=reply.stamped or now, now=now)
    if why in {KeptFor.UNPROVEN, KeptFor.ANOTHER_SENDER} and answer is None:
        return Heard(Verdict.NO_ANSWER)
    if why is not None:
        _keep(entry, why, reply, answer, sender, now)
    if reply.method == "REPLY" and answer is CalendarAnswer.ACCEPTED:
        return Heard(Verdict.KEPT, yes_of_somebody=entry)
    return Heard(Verdict.KEPT)


def take(entry: CalendarEntry, answer: CalendarAnswer, *, stamped: datetime, now: datetime) -> Heard:
    """Store an answer unless a later one is there: the calendar's own clock orders them (RFC 5546, 2.1.5).

    A clock that is ahead counts as ours, so that no answer bars those that follow.
    """
    answered_at = min(stamped, now)
    if entry.answer is answer and entry.answered_at is not None and entry.answered_at >= answered_at:
        return Heard(Verdict.KNOWN)
    if entry.answered_at is not None and entry.answered_at > answered_at:
        return Heard(Verdict.OUTDATED)
    has_changed = entry.answer is not answer
    entry.answer, entry.answered_at = answer, answered_at
    return Heard(Verdict.TAKEN, entry) if has_changed else Heard(Verdict.KNOWN)


def hold_kept(kept_id: int) -> tuple[KeptReply, CalendarEntry] | None:
    """Return what was kept and its entry, both held until the transaction ends, or None where it is settled."""
    entry_id = db.session.scalar(select(KeptReply.entry_id).where(KeptReply.id == kept_id))
    if entry_id is None:
        return None
    entry = _held(entry_id)  # first, as where answers come in
    kept = db.session.get(KeptReply, kept_id, populate_existing=True, with_for_update=True)
    return None if kept is None else (kept, entry)


def _held(entry_id: int) -> CalendarEntry:
    session_key = db.session.scalar(
        select(WebinarSession.key)
        .join(CalendarEntry, CalendarEntry.session_id == WebinarSession.id)
        .where(CalendarEntry.id == entry_id)
    )
    lock_session_alone(session_key or "")  # before the entry, as everybody does
    return db.session.execute(
        select(CalendarEntry)
        .where(CalendarEntry.id == entry_id)
        .options(joinedload(CalendarEntry.session))
        .with_for_update(of=CalendarEntry)
        .execution_options(populate_existing=True)
    ).scalar_one()


def _for_a_person(entry: CalendarEntry, reply: Reply, sender: str, is_vouched_for: bool) -> KeptFor | None:
    if reply.method == "COUNTER":
        return KeptFor.OTHER_TIME
    if reply.method == "REFRESH":
        return KeptFor.ASKS_AGAIN
    if reply.partstat == "DELEGATED":
        return KeptFor.PASSED_ON
    if entry.address is None or sender != entry.address.lower():
        return KeptFor.ANOTHER_SENDER
    return None if is_vouched_for else KeptFor.UNPROVEN


def _keep(
    entry: CalendarEntry, why: KeptFor, reply: Reply, answer: CalendarAnswer | None, sender: str, now: datetime
) -> None:
    """Keep one of a kind for each entry, the last one: thousands of them fill no table."""
    kept = db.session.scalar(select(KeptReply).where(KeptReply.entry_id == entry.id, KeptReply.why == why))
    if kept is None:
        kept = KeptReply(entry_id=entry.id, why=why, erase_after=entry.erase_after)
        db.session.add(kept)
    kept.sender = sender[:254]
    kept.answer = None if reply.method != "REPLY" else answer
    kept.stamped = min(reply.stamped or now, now)
    kept.sequence = reply.sequence
    kept.starts_at, kept.ends_at = reply.starts_at, reply.ends_at
    kept.comment = reply.comment
    kept.received_at = now
