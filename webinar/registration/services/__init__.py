"""What one can do about a place, one use case a module."""

from webinar.registration.services.cancel import cancel
from webinar.registration.services.change_version import change_version
from webinar.registration.services.refusals import (
    NoSuchRegistration,
    NoSuchSession,
    RegistrationClosed,
    RegistrationOver,
    UnknownLanguageVersion,
    UnknownMember,
)
from webinar.registration.services.register import register

__all__ = [
    "NoSuchRegistration",
    "NoSuchSession",
    "RegistrationClosed",
    "RegistrationOver",
    "UnknownLanguageVersion",
    "UnknownMember",
    "cancel",
    "change_version",
    "register",
]
