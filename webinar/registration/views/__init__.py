"""The public pages: programme, webinars, registering, and one's own registration."""

from webinar.registration.views import (
    feedback,
    lost_link,
    my_details,
    my_registration,
    personal_feed,
    privacy,
    programme,
    registering,
    several,
)
from webinar.registration.views.blueprint import bp

__all__ = [
    "bp",
    "feedback",
    "lost_link",
    "my_details",
    "my_registration",
    "personal_feed",
    "privacy",
    "programme",
    "registering",
    "several",
]
