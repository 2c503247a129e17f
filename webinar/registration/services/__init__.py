"""What one can do about a place, one use case a module."""

from webinar.registration.services.cancel import cancel
from webinar.registration.services.change_mail_language import change_mail_language
from webinar.registration.services.change_version import change_version, change_version_of_given_up
from webinar.registration.services.correct import correct_details
from webinar.registration.services.correct_address import correct_address
from webinar.registration.services.give_feedback import give_feedback, may_give_feedback
from webinar.registration.services.hand_over import hand_over
from webinar.registration.services.move import move
from webinar.registration.services.personal_feed import end_feed, make_feed, renew_feed
from webinar.registration.services.refusals import (
    AddressRegistered,
    AlreadyThere,
    ColleagueNotAMember,
    HandedOver,
    MemberFull,
    MovedAway,
    NoFeedback,
    NoPlaceThere,
    NoSuchRegistration,
    NoSuchSession,
    NotWrittenIn,
    NotYourMember,
    OwnAddress,
    RegistrationClosed,
    RegistrationOver,
    SameAddress,
    StillAsked,
    UnknownLanguageVersion,
    UnknownMember,
    WouldWait,
)
from webinar.registration.services.register import register, register_on_behalf
from webinar.registration.services.register_for_several import MOST_MAILS_AT_ONCE, register_for_several
from webinar.registration.services.send_again import send_again
from webinar.registration.services.send_links import send_links_again, send_plain, show_link
from webinar.registration.services.stop_newsletter import stop_newsletter
from webinar.registration.services.take_back import take_back
from webinar.registration.services.watch_together import watch_together

__all__ = [
    "MOST_MAILS_AT_ONCE",
    "AddressRegistered",
    "AlreadyThere",
    "ColleagueNotAMember",
    "HandedOver",
    "MemberFull",
    "MovedAway",
    "NoFeedback",
    "NoPlaceThere",
    "NoSuchRegistration",
    "NoSuchSession",
    "NotWrittenIn",
    "NotYourMember",
    "OwnAddress",
    "RegistrationClosed",
    "RegistrationOver",
    "SameAddress",
    "StillAsked",
    "UnknownLanguageVersion",
    "UnknownMember",
    "WouldWait",
    "cancel",
    "change_mail_language",
    "change_version",
    "change_version_of_given_up",
    "correct_address",
    "correct_details",
    "end_feed",
    "give_feedback",
    "hand_over",
    "make_feed",
    "may_give_feedback",
    "move",
    "register",
    "register_for_several",
    "register_on_behalf",
    "renew_feed",
    "send_again",
    "send_links_again",
    "send_plain",
    "show_link",
    "stop_newsletter",
    "take_back",
    "watch_together",
]
