"""The organisers' pages of sessions: what comes, who is registered, and the content of each."""

from webinar.registration.staff import changes, content, home, registrations
from webinar.registration.staff.blueprint import bp

__all__ = ["bp", "changes", "content", "home", "registrations"]
