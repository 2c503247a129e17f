"""Seeing the very mail that reminds people, before its moment."""

from __future__ import annotations

from webinar.calendars.services import entry_to_show
from webinar.catalogue.models import WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.mail.message import OpenedMail, open_message
from webinar.reminders.mails import write_reminder
from webinar.reminders.queries import one_to_remind
from webinar.updates.services.rehearse import rehearsal


def rehearsed_reminder(session: WebinarSession, minutes_before: int, language: str) -> OpenedMail | None:
    """Return the reminder that somebody who is written to in a language would get now, or None where there is nobody.

    It is a real person's, with their links, written by what writes it for everybody; nothing is stored. The session
    has come from ``catalogue.queries``.
    """
    with rehearsal(), db.session.no_autoflush:
        place = one_to_remind(session, language)
        if place is None:
            return None
        entry = entry_to_show(session.id, place.person_id)
        mail = write_reminder(place, entry, minutes_before, clock.now())
    return None if mail.message is None else open_message(mail.message)
