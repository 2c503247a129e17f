"""Where mails come back to: an envelope of its own for each mail, so that whatever comes to it names the mail (VERP).

A report need not say which mail it is about, and many do not. With MAIL_BOUNCES set to ``bounces@example.org`` a mail
leaves with the envelope ``bounces+TOKEN@example.org``; From stays what the person sees. Without it, mails come back to
where they come from.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

from flask import current_app

from webinar.mail.message import Mailbox, Unsubscribing, sender

UNSUBSCRIBE = "unsubscribe"
_SUBJECT = re.compile(rf"\s*{UNSUBSCRIBE}\s+([A-Za-z0-9_-]{{43}})\s*", re.IGNORECASE)


def envelope_of(from_: Mailbox) -> tuple[str | None, str]:
    """Return a new token and the envelope sender that holds it; without MAIL_BOUNCES none, and who it is from.

    In hexadecimal: on the way back a server may have written it in capitals.
    """
    bounces = current_app.config["MAIL_BOUNCES"]
    if not bounces:
        return None, from_.address
    token = secrets.token_hex(16)
    local, _at, domain = bounces.rpartition("@")
    return token, f"{local}+{token}@{domain}"


def bounce_token_in(recipients: Iterable[str]) -> str:
    """Return the token of the first of some recipients, as headers write them, that is the envelope of a mail of ours.

    Empty where none is, or MAIL_BOUNCES is not set.
    """
    bounces = current_app.config["MAIL_BOUNCES"]
    if not bounces:
        return ""
    local, _at, domain = bounces.rpartition("@")
    ours = re.compile(
        rf"(?:^|[\s<,;]){re.escape(local)}\+([0-9a-f]{{32}})@{re.escape(domain)}(?![\w.-])", re.IGNORECASE
    )
    found = next(filter(None, map(ours.search, recipients)), None)
    return found[1].lower() if found else ""


def unsubscribing(url: str) -> Unsubscribing:
    """Return how a mail with a link to unsubscribe is stopped: there, and by mail where we read some.

    We do where MAIL_BOUNCES or IMAP_SERVER is set; a mail to MAIL_DEFAULT_SENDER may only reach people.
    """
    settings = current_app.config
    mailbox = settings["MAIL_BOUNCES"] or (sender().address if settings["IMAP_SERVER"] else "")
    return Unsubscribing(url, mailbox, f"{UNSUBSCRIBE} {url.rpartition('/')[2]}")


def token_to_unsubscribe(subject: str) -> str:
    """Return the token in the subject of a mail that mail programs send to unsubscribe; empty where it is none."""
    found = _SUBJECT.fullmatch(subject)
    return found[1] if found else ""
