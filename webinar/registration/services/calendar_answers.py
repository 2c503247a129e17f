"""What people press in their calendars: stored at their entry. Who says no is offered to give the place up, no more.

Who was invited and has no place says yes: what follows from that is for the feature that invites.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l

from webinar.accounts import audit
from webinar.calendars.answers import REPLIES_A_DAY, Verdict, entry_id_of, hear, hold_kept, take
from webinar.calendars.models import CalendarAnswer, CalendarEntry
from webinar.calendars.replies import Reply
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.foundation.ratelimit import allow
from webinar.registration.invited import invitations
from webinar.registration.mails import enqueue_offer_to_give_up, topic_of
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.queries import find_of_person

logger = logging.getLogger(__name__)


class TooManyReplies(Exception):
    """One entry was answered more often than a person would within a day."""


class CannotBeTaken(DomainError):
    """What was kept for a person says nothing that is still so."""

    def __init__(self) -> None:
        super().__init__(_l("The entry has changed since, or a later answer has come: this one says nothing any more."))


def take_calendar_answer(reply: Reply, *, sender: str, is_vouched_for: bool) -> Verdict:
    """Store what somebody answered in their calendar, if it is theirs and still so, and return what became of it.

    Raises:
        TooManyReplies: a calendar seems to answer itself.
    """
    now = clock.now()
    entry_id = entry_id_of(reply.uid)
    if entry_id is None:
        return Verdict.UNKNOWN
    # What nobody vouches for is counted apart: it must not keep out the answer of the person whose entry it is.
    who = f"{entry_id} {sender if is_vouched_for else ''}"
    if not allow("calendar reply", who, limit=REPLIES_A_DAY, per=timedelta(days=1), now=now):
        raise TooManyReplies
    with transaction():
        heard = hear(entry_id, reply, sender=sender, is_vouched_for=is_vouched_for, now=now)
        if heard.changed is not None:
            _follow(heard.changed, _place_of(heard.changed), now)
        elif heard.yes_of_somebody is not None:
            _follow_yes(heard.yes_of_somebody, _place_of(heard.yes_of_somebody), now, is_proven=False)
    logger.info("calendar entry %s: answer %s", entry_id, heard.verdict.name.lower())
    return heard.verdict


def settle_kept_reply(kept_id: int, *, take_it: bool) -> None:
    """Take an answer that was kept for a person as if it were proven, or put it away; what is settled stays so.

    Raises:
        CannotBeTaken: it holds no answer, the entry has changed since, or a later answer has come.
    """
    now = clock.now()
    with transaction():
        held = hold_kept(kept_id)
        if held is None:
            return
        kept, entry = held
        place, topic = _place_of(entry), topic_of(entry.session)
        if take_it:
            if kept.answer is None or kept.sequence != entry.sequence:
                raise CannotBeTaken
            heard = take(entry, kept.answer, stamped=kept.stamped, now=now)
            if heard.verdict is Verdict.OUTDATED:
                raise CannotBeTaken
            if heard.changed is not None:
                _follow(entry, place, now)
        about = {} if place is None else {"registration": place.turn}
        audit.record("took an answer" if take_it else "put away", topic, why=kept.why.value, **about)
        db.session.delete(kept)


def _place_of(entry: CalendarEntry) -> Registration | None:
    return find_of_person(entry.session_id, entry.person_id)


def _follow(entry: CalendarEntry, place: Registration | None, now: datetime) -> None:
    """Do what follows from an answer that is theirs."""
    _offer_to_who_says_no(entry, place)
    if entry.answer is CalendarAnswer.ACCEPTED:
        _follow_yes(entry, place, now, is_proven=True)


def _follow_yes(entry: CalendarEntry, place: Registration | None, now: datetime, *, is_proven: bool) -> None:
    if place is None or not place.is_alive:
        invitations().said_yes(entry, now, is_proven=is_proven)


def _offer_to_who_says_no(entry: CalendarEntry, place: Registration | None) -> None:
    if (
        entry.answer is CalendarAnswer.DECLINED
        and place is not None
        and place.status is RegistrationStatus.REGISTERED
        and place.person.email is not None
    ):
        enqueue_offer_to_give_up(place, entry)
