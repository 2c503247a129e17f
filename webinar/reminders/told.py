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

        Nothing is to be said to who waits, nor once the session has started, nor where nobody is reminded; and who
        wants no reminders at all has nothing to choose here.
        """
        session = place.session
        before = reminders_of(session.reminders)
        is_to_come = session.status is SessionStatus.PUBLISHED and now < session.starts_at
        if place.status is not RegistrationStatus.REGISTERED or not is_to_come or not before:
            return None
        wish = wish_of(place)
        if wish.never:
            return None
        moments = [moment_before(session.starts_at, session.timezone, minutes) for minutes in before]
        return Reminded([moment for moment in moments if moment > now], wish.is_stopped)

    def withdraw(self, session_id: int, person_id: int | None = None) -> None:
        """Take back the reminders of a session that have not left, to everybody or to one."""
        withdraw_unsent(session_id, person_id)
