"""What registration asks about who was invited (``registration.invited.Invitations``)."""

from __future__ import annotations

from datetime import datetime

from webinar.calendars.models import CalendarEntry
from webinar.invitations.one_invitation import is_invited, known_behind
from webinar.invitations.services.said_yes import said_yes
from webinar.registration.invited import Invited


class SessionInvitations:
    """Answers what registration asks."""

    def behind(self, token: str, session_key: str) -> Invited | None:
        """Return who was asked to a session by a token; None where it is none of this session, or was taken back."""
        return known_behind(token, session_key)

    def is_invited(self, session_id: int, person_id: int) -> bool:
        """Tell whether a person was asked to a session, and nobody took it back."""
        return is_invited(session_id, person_id)

    def said_yes(self, entry: CalendarEntry, now: datetime, *, is_proven: bool) -> None:
        """Do what follows from a "Yes" in the calendar of somebody without a place, in the caller's transaction."""
        said_yes(entry, now, is_proven=is_proven)
