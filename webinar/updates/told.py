"""What the overview of a session shows of updates (``registration.updates_told.UpdatesTold``)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation.zones import in_zone
from webinar.registration.mails import topic_of
from webinar.updates.queries import calendars_behind, progress_of


class SessionUpdates:
    """Answers what the overview asks."""

    def of(self, session: WebinarSession, now: datetime) -> dict[str, Any]:
        """Return what the overview shows of updates of a session, whose webinar's texts are loaded."""
        can_change = session.status is not SessionStatus.CANCELLED and now < session.ends_at
        return {
            **progress_shown(session),
            "can_change": can_change,
            "calendars_behind": calendars_behind(session) if can_change else 0,
        }


def progress_shown(session: WebinarSession) -> dict[str, Any]:
    """Return what ``staff/updates/told.html`` needs besides the session."""
    progress = progress_of(session.id)
    return {
        "progress": progress,
        "made_at": in_zone(progress.made_at, session.timezone) if progress else None,
        "topic": topic_of(session),
    }
