"""The organisers' pages of sessions: what comes, who is registered, and the content of each."""

from webinar.registration.staff import changes, content, dates, home, people, preview, questions, registrations, which_member
from webinar.registration.staff.blueprint import bp

__all__ = ["bp", "changes", "content", "dates", "home", "people", "preview", "questions", "registrations", "which_member"]
