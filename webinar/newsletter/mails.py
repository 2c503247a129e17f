"""The mails that answer who asks for the newsletter; neither is the newsletter, so they arrive whoever unsubscribed."""

from __future__ import annotations

from typing import Any

from webinar.foundation import formats
from webinar.foundation.addresses import absolute
from webinar.foundation.languages import of_pages, speaking
from webinar.mail.message import sender
from webinar.mail.models import OutboxMail
from webinar.mail.outbox import write
from webinar.mail.rendering import render
from webinar.newsletter.models import KEPT_FOR, LINK_WORKS_FOR, NewsletterRequest

NEWSLETTER_REQUEST = "newsletter request"
TOPIC = "newsletter"


def write_request(request: NewsletterRequest) -> OutboxMail:
    """Write the mail whose link confirms that an address is to get the newsletter, in the language it is asked in."""
    with speaking(request.language):
        works_for = formats.days_or_years(LINK_WORKS_FOR.days)
    confirm_url = absolute("newsletter.confirm", lang=of_pages(request.language), token=request.token)
    return _answer("newsletter/request", request, confirm_url=confirm_url, works_for=works_for)


def write_that_it_comes(request: NewsletterRequest, unsubscribe_url: str) -> OutboxMail:
    """Write the mail to somebody who gets the newsletter in that language already; the request is not stored."""
    return _answer("newsletter/comes", request, unsubscribe_url=unsubscribe_url)


def _answer(template: str, request: NewsletterRequest, **told: Any) -> OutboxMail:
    return write(
        NEWSLETTER_REQUEST,
        render(template, request.language, network=sender().name, **told),
        to=request.email,
        to_name="",
        person_id=None,
        topic=TOPIC,
        language=request.language,
        keep_until=request.asked_at + KEPT_FOR,
        urgent=True,
    )
