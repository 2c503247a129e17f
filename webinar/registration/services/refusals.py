"""Why a place is not given, changed or given up, in sentences."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webinar.catalogue.models import RegistrationState
from webinar.foundation.errors import DomainError


class NoSuchSession(DomainError):
    """There is no session of this key."""

    def __init__(self, key: str) -> None:
        super().__init__(_l("There is no session “%(key)s”.", key=key))


class RegistrationClosed(DomainError):
    """One cannot register for the session now; ``state`` says why."""

    def __init__(self, state: RegistrationState) -> None:
        reasons = {
            RegistrationState.NOT_YET: _l("Registration for this session has not opened yet."),
            RegistrationState.CLOSED: _l("Registration for this session has closed."),
            RegistrationState.CANCELLED: _l("This session has been cancelled."),
            RegistrationState.OVER: _l("This session is over."),
        }
        super().__init__(reasons[state])
        self.state = state


class UnknownLanguageVersion(DomainError):
    """The session cannot be followed in this language."""

    def __init__(self, code: str) -> None:
        super().__init__(_l("This session cannot be followed in the language “%(code)s”. Choose another.", code=code))


class UnknownMember(DomainError):
    """There is no member of this key."""

    def __init__(self) -> None:
        super().__init__(_l("This member is not in our list. Choose one from the list."))


class NoSuchRegistration(DomainError):
    """The link belongs to no registration."""

    def __init__(self) -> None:
        super().__init__(_l("This link does not belong to any registration."))


class RegistrationOver(DomainError):
    """The place can no longer be changed: the session is over or cancelled, or the place was given up."""

    def __init__(self) -> None:
        super().__init__(_l("This place can no longer be changed."))
