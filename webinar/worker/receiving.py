"""One message that came in, from its bytes to what becomes of it."""

from __future__ import annotations

from flask import current_app

from webinar.calendars.replies import NoReply, read_reply
from webinar.mail.bounces import take_failures
from webinar.mail.incoming import Unreadable, read_incoming
from webinar.mail.message import sender
from webinar.registration.services.calendar_answers import TooManyReplies, take_calendar_answer

FOR_A_PERSON = "Left alone: it is for whoever reads this mailbox."


def receive(content: bytes) -> str:
    """Do what a message asks for, where it is known to be true, and return what became of it in a sentence.

    Nothing that came from outside raises; what the database cannot do now does.
    """
    try:
        incoming = read_incoming(content, current_app.config["MAIL_AUTHSERV_ID"])
        if incoming.sender == sender().address.lower():
            return "Ignored: it is a mail of our own."
        if incoming.is_report:
            count = take_failures(incoming.failures)
            return f"{count} of our mails came back." if count else "Ignored: it reports no mail of ours as lost."
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
