"""What the catalogue asks about people, answered where they are registered."""

from __future__ import annotations

from datetime import datetime

from webinar.catalogue.models import WebinarSession
from webinar.registration.answers import chosen, has_answers
from webinar.registration.arrivals import arrivals
from webinar.registration.queries import count_all_by_version, people_in, seating_of
from webinar.registration.services.answers import keep_answers_until
from webinar.registration.services.seats import promote_waiting


class RegisteredPeople:
    """Answers the catalogue's questions (``catalogue.bookings.Bookings``)."""

    def people_in(self, session_id: int) -> int:
        """Count those with a place in a session, a turn on its waiting list, who asked for one, or were invited."""
        return people_in(session_id)

    def seats_taken(self, session_id: int) -> int:
        """Count those with a place in a session."""
        return seating_of(session_id).registered

    def people_by_version(self, session_id: int) -> dict[str, int]:
        """Count all registrations of a session by their language, those given up too: each is a record of its own."""
        return count_all_by_version(session_id)

    def promote_waiting(self, session: WebinarSession, now: datetime) -> int:
        """Give free seats to who waits, in the caller's transaction with the session's row held."""
        return promote_waiting(session, now)

    def times_changed(self, session_id: int) -> None:
        """Count anew how long people were at a session, in the caller's transaction with the session's row held."""
        arrivals().settle(session_id)

    def has_answers(self, question_id: int) -> bool:
        """Tell whether anybody has answered a question."""
        return has_answers(question_id)

    def chosen(self, question_id: int) -> set[int]:
        """Return the ids of a question's choices that somebody has made."""
        return chosen(question_id)

    def keep_answers_until(self, question_id: int, moment: datetime) -> None:
        """Let no answer to a question be kept longer than until a moment; one that goes sooner does so still."""
        keep_answers_until(question_id, moment)
