"""The mail that reminds somebody who has a place of their session."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from config import A_DAY
from webinar.calendars.models import CalendarEntry
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.texts import text_in, text_or_none
from webinar.mail.models import OutboxMail
from webinar.mail.outbox import unwritable
from webinar.registration.mails import entry_of, notes_of, topic_of, write_about, write_with_entry
from webinar.registration.models import Registration
from webinar.reminders.models import ReminderRecipient
from webinar.reminders.moments import reminders_of

SESSION_REMINDER = "session reminder"


class ShownNotice(NamedTuple):
    """The notice that stands on the pages of a session, with the language it is in."""

    line: str
    language: str


def carries_entry(minutes_before: int) -> bool:
    """Tell whether a reminder brings the calendar entry once more.

    A day before and earlier it does, for whoever never took it in: a REQUEST of the same UID and SEQUENCE, so who has
    it is not asked anew (RFC 5546, 2.1.4). In the last hours it does not: calendars answer a REQUEST with a question
    and a notice of their own, which then stand between somebody and the one link they look for.
    """
    return minutes_before >= A_DAY


def write_reminder(place: Registration, entry: CalendarEntry | None, minutes_before: int, now: datetime) -> OutboxMail:
    """Write the reminder to somebody who has a place; it is not stored. ``entry`` is theirs, held."""
    session = place.session
    notice = text_or_none(session.notice_at(now), place.language, session.webinar.original_language)
    told: dict[str, Any] = {
        "notice": ShownNotice(notice.line, notice.language) if notice else None,
        "has_entry": carries_entry(minutes_before),
        "more_to_come": any(later < minutes_before for later in reminders_of(session.reminders)),
    }
    if carries_entry(minutes_before):
        return write_with_entry(SESSION_REMINDER, "reminders/reminder", place, entry or entry_of(place), now, **told)
    return write_about(SESSION_REMINDER, "reminders/reminder", place, notes=notes_of(place), **told)


def write_that_it_cannot_be_written(recipient: ReminderRecipient, session: WebinarSession, why: str) -> OutboxMail:
    """Return what the mail log shows of somebody who cannot be reminded, with the reason; nothing is sent."""
    person, webinar = recipient.person, session.webinar
    language = person.language or webinar.original_language
    return unwritable(
        SESSION_REMINDER,
        why,
        to=person.email or "",
        subject=text_in(webinar.texts, language, webinar.original_language).title,
        person_id=person.id,
        topic=topic_of(session),
        language=language,
        keep_until=person.erase_after,
    )
