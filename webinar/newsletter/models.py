"""What was asked for and is not certain yet."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from webinar.foundation import clock
from webinar.foundation.db import Model

LINK_WORKS_FOR = timedelta(days=7)
KEPT_FOR = timedelta(days=14)
"""How long it is kept that the newsletter was asked for: longer than the link works, so that its page can say so."""


class NewsletterRequest(Model):
    """That somebody asked for the newsletter for an address; it goes there once the mailbox's owner has confirmed it.

    Until then nobody has become a person by it: anybody can type any address. ``language`` is the one it was asked for
    in.
    """

    __tablename__ = "newsletter_request"

    token: Mapped[str] = mapped_column(String(43), primary_key=True, default=secrets.token_urlsafe)
    email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(8))
    asked_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    confirmed_at: Mapped[datetime | None]

    def can_be_confirmed(self, now: datetime) -> bool:
        """Tell whether the link in the mail still works, whether or not it was used."""
        return now < self.asked_at + LINK_WORKS_FOR
