"""What mailings have against sending one of their mails once more (``mail.again.Objector``)."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from webinar.invitations.services.try_again import against_one


class MailsOfMailings:
    """Answers for the mails of mailings."""

    def against(self, mail_id: int) -> LazyString | None:
        """Return why a mail of a mailing is not to be sent again; None of any other."""
        return against_one(mail_id)
