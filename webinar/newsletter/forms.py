"""The form that asks for the newsletter, and the one with which the staff end it for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.validators import ValidationError

from webinar.foundation.fields import in_themselves
from webinar.registration.forms import MailAddressField


class ReadersAddressField(MailAddressField):
    """The address that the newsletter is to go to."""

    missing = _l("Write the mail address that the newsletter is to go to.")


class SubscribeForm(FlaskForm):  # type: ignore[misc]
    """Where the newsletter is to go, and in which language; ``languages`` are those offered, that of the page first."""

    email = ReadersAddressField(_l("Mail address"))
    mail_language = RadioField(_l("In which language"), validate_choice=False)
    # People do not see it; programs that fill in everything do.
    subject = StringField(_l("Leave this empty"))

    def __init__(self, *, languages: Sequence[str], preferred: str, **more: Any) -> None:
        super().__init__(mail_language=preferred, **more)
        self.mail_language.choices = in_themselves(languages)

    def validate_mail_language(self, field: RadioField) -> None:
        """Refuse a language that there is none in."""
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("Choose one of these."))

    def validate_subject(self, field: StringField) -> None:
        """Stop programs that fill in every field."""
        if field.data:
            raise ValidationError(_("This field is to stay empty."))


class EndingAddressField(MailAddressField):
    """The address that the newsletter is to go to no more."""

    missing = _l("Write the mail address that the newsletter is to go to no more.")


class EndForm(FlaskForm):  # type: ignore[misc]
    """Whose newsletter ends, because they have told the secretariat so."""

    email = EndingAddressField(_l("Mail address"))
