"""The codes of mailings in the words that people read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webinar.invitations.board import CityState
from webinar.invitations.invited_list import InvitedState
from webinar.invitations.models import CityAnswer, LeftOut, Mailing, MailingKind, MailingState
from webinar.invitations.progress import Standing

KINDS: Mapping[MailingKind, LazyString] = MappingProxyType(
    {
        MailingKind.INVITATION: _l("Invitation"),
        MailingKind.REMINDER: _l("Reminder to those who have not answered"),
        MailingKind.INFORMATION: _l("Information to those who have a place"),
        MailingKind.THANKS: _l("Thanks to those who came"),
        MailingKind.MISSED: _l("A word to those who did not come"),
        MailingKind.NEWSLETTER: _l("Newsletter"),
    }
)

STATES: Mapping[MailingState, LazyString] = MappingProxyType(
    {
        MailingState.DRAFT: _l("Draft"),
        MailingState.CONFIRMED: _l("Confirmed"),
        MailingState.PAUSED: _l("Paused"),
        MailingState.STOPPED: _l("Stopped"),
    }
)

SENT = _l("Sent")


def state_in_words(mailing: Mailing, *, is_unfinished: bool) -> LazyString:
    """Return how far a mailing is, in words: one of which nothing is left to do is sent, be it paused."""
    return SENT if mailing.is_or_was_on_its_way and not is_unfinished else STATES[mailing.state]


REASONS: Mapping[LeftOut, LazyString] = MappingProxyType(
    {
        LeftOut.ALREADY_REGISTERED: _l("Registered already"),
        LeftOut.CANCELLED: _l("Gave their place up"),
        LeftOut.DECLINED: _l("Said they cannot come"),
        LeftOut.INVITED_BEFORE: _l("Invited before"),
        LeftOut.UNSUBSCRIBED: _l("Do not write"),
        LeftOut.DOES_NOT_WORK: _l("Address does not work"),
        LeftOut.NOT_WANTED: _l("Do not want this kind of mail"),
        LeftOut.DOUBLE: _l("The same person under another address"),
        LeftOut.NO_LANGUAGE: _l("No text in a language they read"),
        LeftOut.ON_TRIAL: _l("Not of the staff: mailings are on trial"),
        LeftOut.WITHDRAWN: _l("The invitation was withdrawn"),
        LeftOut.GONE: _l("Cannot be told any more"),
    }
)

STANDINGS: Mapping[Standing, LazyString] = MappingProxyType(
    {
        Standing.TO_WRITE: _l("Still to be written"),
        Standing.WAITING: _l("In the queue"),
        Standing.AGAIN: _l("Tried again later"),
        Standing.SENT: _l("Sent"),
        Standing.REFUSED: _l("Refused"),
        Standing.GIVEN_UP: _l("Given up"),
        Standing.WITHDRAWN: _l("Withdrawn"),
        Standing.LEFT_OUT_SINCE: _l("Left out since"),
    }
)

CITY_STATES: Mapping[CityState, LazyString] = MappingProxyType(
    {
        CityState.REGISTERED: _l("Registered"),
        CityState.WAITING: _l("Waits for a place"),
        CityState.DECLINED: _l("Said they cannot come"),
        CityState.SILENT: _l("Invited and silent"),
        CityState.NOT_REACHED: _l("Never reached"),
        CityState.NOT_ASKED: _l("Not invited yet"),
        CityState.NO_CONTACT: _l("No working contact"),
    }
)

CITY_ANSWERS: Mapping[CityAnswer, LazyString] = MappingProxyType(
    {
        CityAnswer.COMES: _l("Will come"),
        CityAnswer.WILL_NOMINATE: _l("Will nominate somebody"),
        CityAnswer.DOES_NOT_COME: _l("Will not come"),
    }
)

INVITED_STATES: Mapping[InvitedState, LazyString] = MappingProxyType(
    {
        InvitedState.SILENT: _l("Silent"),
        InvitedState.REGISTERED: _l("Registered"),
        InvitedState.WAITING: _l("Waits for a place"),
        InvitedState.CAME_WITHOUT: _l("Came without registering"),
        InvitedState.ANOTHER_DAY: _l("Comes on another day"),
        InvitedState.DECLINED: _l("Said they cannot come"),
        InvitedState.SAID_YES: _l("Said yes in the calendar"),
        InvitedState.SAID_MAYBE: _l("Said maybe in the calendar"),
        InvitedState.GAVE_UP: _l("Gave their place up"),
        InvitedState.WITHDRAWN: _l("Withdrawn"),
    }
)
