"""One message that came in, from its bytes to what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app

from webinar.calendars.replies import NoReply, read_reply
from webinar.mail.bounces import take_complaint, take_failures
from webinar.mail.incoming import Failure, Unreadable, read_incoming
from webinar.mail.message import sender
from webinar.mail.return_address import bounce_token_in, token_to_unsubscribe
from webinar.people.services.unsubscribe import NoSuchUnsubscribeLink, unsubscribe
from webinar.registration.services.calendar_answers import TooManyReplies, take_calendar_answer

COMPLAINED = "Somebody called a mail of ours unwanted; they get no more invitations and newsletters."
FOR_A_PERSON = "Left alone: it is for whoever reads this mailbox."


def receive(content: bytes, recipient: str = "") -> str:
    """Do what a message asks for, where it is known to be true, and return what became of it in a sentence.

    ``recipient`` is whom it was handed to, where the mail server says so; else its headers may.

    Nothing that came from outside raises; what the database cannot do now does.
    """
    try:
        incoming = read_incoming(content, current_app.config["MAIL_AUTHSERV_ID"])
        if incoming.sender == sender().address.lower():
            return "Ignored: it is a mail of our own."
        if incoming.complaint is not None:
            is_ours = take_complaint(incoming.complaint)
            return COMPLAINED if is_ours else "Ignored: it complains about no mail of ours."
        if incoming.is_report or incoming.failures:
            return _take_failures(incoming.failures, bounce_token_in([recipient, *incoming.recipients]))
        if token := token_to_unsubscribe(incoming.subject):
            return _unsubscribe(token)
        if incoming.calendar is None:
            return "Ignored: a program wrote it." if incoming.is_automatic else FOR_A_PERSON
        reply = read_reply(incoming.calendar)
        # Exchange marks answers as automatic, though a person has pressed (RFC 3834, 5 leaves that open).
        if incoming.is_automatic and reply.method != "REPLY":
            return "Ignored: a program wrote it."
        return take_calendar_answer(reply, sender=incoming.sender, is_vouched_for=incoming.is_vouched_for).value
    except Unreadable as reason:
        return f"Ignored: the message cannot be read, {reason}."
    except NoReply as reason:
        return f"Ignored: its calendar part cannot be taken, {reason}."
    except TooManyReplies:
        return "Ignored: this entry was answered too often today."


def _take_failures(failures: Sequence[Failure], bounce_token: str) -> str:
    came_back = take_failures(failures, bounce_token)
    if not came_back.mails:
        return "Ignored: it reports no mail of ours as lost."
    told = f"{came_back.mails} of our mails came back"
    return f"{told}; lists leave its address out from now on." if came_back.left_out else f"{told}."


def _unsubscribe(token: str) -> str:
    try:
        is_new = unsubscribe(token)
    except NoSuchUnsubscribeLink:
        return "Ignored: it names no link to unsubscribe that we gave."
    return "Somebody unsubscribed." if is_new else "Somebody unsubscribed once more; it stood already."
