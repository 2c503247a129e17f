"""The organisers' pages of sessions: what comes, who is registered, and the content of each."""

from webinar.registration.staff import changes, content, dates, home, preview, questions, registrations
from webinar.registration.staff.blueprint import bp

__all__ = ["bp", "changes", "content", "dates", "home", "preview", "questions", "registrations"]
