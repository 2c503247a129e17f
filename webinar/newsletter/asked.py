"""Asks who registers whether the newsletter is to come again, for ``registration``."""

from __future__ import annotations

from datetime import datetime

from webinar.newsletter.services.ask import enqueue_request


class AskedByMail:
    """Answers the registrations' question (``registration.newsletter_asked.NewsletterAsked``)."""

    def by_mail(self, email: str, language: str, now: datetime) -> None:
        """Write the mail whose link confirms it, in the caller's transaction."""
        enqueue_request(email, language, now)
