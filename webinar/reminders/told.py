"""What registration and updates need of reminders (``registration.reminded.Reminders``)."""

from __future__ import annotations

from datetime import datetime

from webinar.catalogue.models import SessionStatus
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.reminded import Reminded
from webinar.reminders.moments import moment_before, reminders_of
from webinar.reminders.queries import wish_of
from webinar.reminders.services.withdraw import withdraw_unsent


class SessionReminders:
    """Answers what they ask, and takes back what they make untrue."""

    def of(self, place: Registration, now: datetime) -> Reminded | None:
        """Return what the page of a place, whose session is loaded, says about reminders; at most one query.

        Nothing is to be said to who waits, nor where no reminder is to come; and who wants none at all has nothing to
        choose here.
        """
        session = place.session
        before = reminders_of(session.reminders)
        moments = [moment_before(session.starts_at, session.timezone, minutes) for minutes in before]
        to_come = [moment for moment in moments if moment > now]
        has_place = place.status is RegistrationStatus.REGISTERED and session.status is SessionStatus.PUBLISHED
        if not has_place or not to_come:
            return None
        wish = wish_of(place)
        return None if wish.never else Reminded(to_come, wish.is_stopped)

    def withdraw(self, session_id: int, person_id: int | None = None) -> None:
        """Take back the reminders of a session that have not left, to everybody or to one."""
        withdraw_unsent(session_id, person_id)
