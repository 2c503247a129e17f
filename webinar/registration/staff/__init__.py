"""The organisers' pages of sessions: what comes, who is registered, and the content of each."""

from webinar.registration.staff import (
    access,
    answers,
    approvals,
    changes,
    content,
    dates,
    help,
    home,
    overview,
    people,
    preview,
    questions,
    registrations,
    which_member,
)
from webinar.registration.staff.blueprint import bp

__all__ = [
    "access",
    "answers",
    "approvals",
    "bp",
    "changes",
    "content",
    "dates",
    "help",
    "home",
    "overview",
    "people",
    "preview",
    "questions",
    "registrations",
    "which_member",
]
