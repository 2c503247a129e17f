"""Choosing when people are reminded of a session."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from config import LEAST_BEFORE, MOST_BEFORE, MOST_REMINDERS, reminders_written
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.services.changes import Changes
from webinar.catalogue.services.revisions import record_edit
from webinar.foundation import clock, formats
from webinar.foundation.db import transaction
from webinar.foundation.errors import DomainError
from webinar.foundation.zones import in_zone
from webinar.reminders.moments import moment_before, reminders_of
from webinar.updates.services.held import hold_coming_session

logger = logging.getLogger(__name__)


class ReminderRefused(DomainError):
    """These reminders cannot be; ``minutes`` says which one of them, where it is one."""

    def __init__(self, message: LazyString, minutes: int | None = None) -> None:
        super().__init__(message)
        self.minutes = minutes


def choose_reminders(key: str, before: Sequence[int] | None, made_from: int | None = None) -> None:
    """Remind people of a session so many minutes before its start: once for each, or never; None is as usual.

    What is as usual anyway is not stored with the session: it follows the setting when that changes.

    Raises:
        NoSuchSession, NothingToChange, ChangedMeanwhile: as ``hold_coming_session``.
        ReminderRefused: a reminder is too short before the start or too long, past, named twice, or one too many.
    """
    with transaction():
        now = clock.now()
        session = hold_coming_session(key, made_from, now, "reminders")
        until_now, usual = reminders_of(session.reminders), reminders_of(None)
        wanted = usual if before is None else tuple(sorted(before, reverse=True))
        if before is not None:
            _check(before, until_now, session, now)
        session.reminders = None if wanted == usual else reminders_written(wanted)
        changes = Changes()
        changes.note("reminders", list(until_now), list(wanted))
        if changes:
            record_edit(session, changes)
    logger.info("reminders of session %s: %s", key, ", ".join(str(one) for one in wanted) or "none")


def _check(before: Sequence[int], until_now: Sequence[int], session: WebinarSession, now: datetime) -> None:
    if len(before) > MOST_REMINDERS:
        raise ReminderRefused(_l("A session can have at most %(most)s reminders.", most=MOST_REMINDERS))
    for position, minutes in enumerate(before):
        if not LEAST_BEFORE <= minutes <= MOST_BEFORE:
            raise ReminderRefused(
                _l(
                    "A reminder goes at least %(least)s and at most %(most)s before the start.",
                    least=LazyString(formats.minutes_in_words, LEAST_BEFORE),
                    most=LazyString(formats.minutes_in_words, MOST_BEFORE),
                ),
                minutes,
            )
        if minutes in before[:position]:
            raise ReminderRefused(_l("There is such a reminder already."), minutes)
        moment = moment_before(session.starts_at, session.timezone, minutes)
        if minutes not in until_now and moment <= now:
            raise ReminderRefused(
                _l(
                    "That would have been on %(moment)s, which is past.",
                    moment=LazyString(formats.short, in_zone(moment, session.timezone)),
                ),
                minutes,
            )
