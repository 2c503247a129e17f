"""Asking for the newsletter: nothing is agreed to before the mailbox's owner has confirmed it."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import delete

from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.mail.outbox import enqueue
from webinar.newsletter.mails import write_request, write_that_it_comes
from webinar.newsletter.models import KEPT_FOR, NewsletterRequest
from webinar.newsletter.queries import reader_of_address
from webinar.people.models import MailKind
from webinar.people.services.unsubscribe import unsubscribe_links, unsubscribe_url

logger = logging.getLogger(__name__)


def ask(email: str, language: str) -> None:
    """Send a mail to an address, as it is stored, whose link confirms that it is to get the newsletter in a language.

    Whoever gets it in that language already is told so, with the way to end it. The caller does not learn which.
    """
    with transaction():
        now = clock.now()
        reader = reader_of_address(email)
        if reader is not None and reader.language == language:
            request = NewsletterRequest(email=email, language=language, asked_at=now)
            token = unsubscribe_links([reader.person_id], MailKind.NEWSLETTER)[reader.person_id]
            enqueue(write_that_it_comes(request, unsubscribe_url(token)))
        else:
            enqueue_request(email, language, now)
    logger.info("the newsletter was asked for in %s", language)


def enqueue_request(email: str, language: str, now: datetime) -> None:
    """Keep that the newsletter was asked for, and write the mail that confirms it, in the caller's transaction."""
    request = NewsletterRequest(email=email, language=language, asked_at=now)
    db.session.add(request)
    db.session.flush()
    enqueue(write_request(request))


def forget_old_requests() -> None:
    """Forget who asked for the newsletter, some time after the link has stopped working."""
    with transaction():
        db.session.execute(delete(NewsletterRequest).where(NewsletterRequest.asked_at <= clock.now() - KEPT_FOR))
