"""The organisers' pages of sessions: what comes, who is registered, and the content of each."""

from webinar.registration.staff import (
    access,
    answers,
    approvals,
    at_the_door,
    changes,
    content,
    dates,
    home,
    overview,
    people,
    photos,
    preview,
    questions,
    registering,
    registrations,
    speakers,
    which_member,
)
from webinar.registration.staff.blueprint import bp

__all__ = [
    "access",
    "answers",
    "approvals",
    "at_the_door",
    "bp",
    "changes",
    "content",
    "dates",
    "home",
    "overview",
    "people",
    "photos",
    "preview",
    "questions",
    "registering",
    "registrations",
    "speakers",
    "which_member",
]
