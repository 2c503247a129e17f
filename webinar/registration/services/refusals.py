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


class NotWrittenIn(DomainError):
    """Nobody can be written to in this language about the webinar."""

    def __init__(self) -> None:
        super().__init__(_l("We cannot write to you about this webinar in that language. Choose one of those offered."))


class UnknownMember(DomainError):
    """There is no member of this key."""

    def __init__(self) -> None:
        super().__init__(_l("This member is not in our list. Choose one from the list."))


class NoFeedback(DomainError):
    """The session has not begun, or the person has no place in it."""

    def __init__(self) -> None:
        super().__init__(_l("You can say how it was once the session has begun, if you have a place in it."))


class NoSuchRegistration(DomainError):
    """The link belongs to no registration."""

    def __init__(self) -> None:
        super().__init__(_l("This link does not belong to any registration."))


class RegistrationOver(DomainError):
    """The place can no longer be changed: the session is over or cancelled, or the place was given up."""

    def __init__(self) -> None:
        super().__init__(_l("This place can no longer be changed."))


class HandedOver(DomainError):
    """A colleague has the place now."""

    def __init__(self) -> None:
        super().__init__(_l("You have handed this place over; only your colleague can change it now."))


class MovedAway(DomainError):
    """The person comes on another day now."""

    def __init__(self) -> None:
        super().__init__(_l("You have moved to another day; this place can no longer be changed."))


class OwnAddress(DomainError):
    """Somebody wants to hand their place to themselves."""

    def __init__(self) -> None:
        super().__init__(_l("This is your own address. Write that of your colleague."))


class SameAddress(DomainError):
    """The address is to be corrected to itself."""

    def __init__(self) -> None:
        super().__init__(_l("This is the address of the registration already. Nothing was changed."))


class AddressRegistered(DomainError):
    """Somebody is registered in the session with this address; ``turn`` says as which."""

    def __init__(self, turn: int) -> None:
        super().__init__(_l("This address is registered in this session already. Nothing was changed."))
        self.turn = turn


class MemberFull(DomainError):
    """A member has as many seats as one may have."""

    def __init__(self) -> None:
        super().__init__(
            _l("This member has all the seats that one may have in this session. Choose another or leave it as it was.")
        )


class WouldWait(DomainError):
    """There is no seat: the person would wait, and has not said that they want to."""

    def __init__(self) -> None:
        super().__init__(_l("Every seat of this session is taken: you would wait for one."))


class AlreadyThere(DomainError):
    """The person has a place, or waits, in the session they want to move to."""

    def __init__(self) -> None:
        super().__init__(_l("You are registered for that day already. If you no longer need this place, give it up."))


class NoPlaceThere(DomainError):
    """The session is not for everybody, and the person was not let in there."""

    def __init__(self) -> None:
        super().__init__(_l("Your place cannot be moved to that session. Write to the secretariat."))


class StillAsked(DomainError):
    """The organisers have not said yet whether the person may come, so there is nothing to hand over."""

    def __init__(self) -> None:
        super().__init__(
            _l("The secretariat has not looked at your registration yet. Your colleague can register in the meantime.")
        )


class ColleagueNotAMember(DomainError):
    """The session is for members, and the colleague's address is not one of the member's."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "This session is for members, and this address is not one of the member's. Your colleague can "
                "register; the secretariat then looks at it."
            )
        )


class NotYourMember(DomainError):
    """The session is for members, and the person's own address is not one of the other member's."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "This session is for members, and your address is not one of this member's. Write to the secretariat "
                "to come for it."
            )
        )
