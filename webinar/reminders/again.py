"""What reminders have against being sent once more (``mail.again.Objector``)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webinar.catalogue.models import SessionStatus
from webinar.foundation import clock
from webinar.registration.models import RegistrationStatus
from webinar.reminders.queries import reminded_by


class MailsOfReminders:
    """Answers for the mails that remind of a session."""

    def against(self, mail_id: int) -> LazyString | None:
        """Return why a reminder is not to be sent again; None of any other mail."""
        reminded = reminded_by(mail_id)
        if reminded is None:
            return None
        is_held_then = reminded.session_status is SessionStatus.PUBLISHED and reminded.starts_at == reminded.told_start
        if not is_held_then or reminded.starts_at <= clock.now():
            return _l("The session has begun, or was moved or cancelled: this reminder is not sent again.")
        if reminded.status is not RegistrationStatus.REGISTERED:
            return _l("This person has no place in the session any more: the reminder is not sent again.")
        if reminded.wants_none:
            return _l("This person wants no reminders any more: it is not sent again.")
        return None
