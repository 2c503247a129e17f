"""The organisers' pages of who came, and of how many hear and read which language."""

from webinar.attendance.staff import attendance, by_hand, by_language, by_member, session
from webinar.attendance.staff.blueprint import bp

__all__ = ["attendance", "bp", "by_hand", "by_language", "by_member", "session"]
