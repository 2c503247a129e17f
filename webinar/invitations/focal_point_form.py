"""The form with which a focal point names a colleague of their city."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from webinar.foundation import languages
from webinar.foundation.fields import in_themselves
from webinar.registration.forms import HandOverForm, MailAddressField
from webinar.registration.models import Affiliation
from webinar.registration.registrant import Registrant


class OwnAddressField(MailAddressField):
    """The address that a focal point is written to."""

    missing = _l("Write the mail address that the network writes to you at.")


class LostPageForm(FlaskForm):  # type: ignore[misc]
    """Where the link to a focal point's own page is to be sent once more."""

    email = OwnAddressField(_l("Mail address"))


class ColleagueForm(FlaskForm):  # type: ignore[misc]
    """Who the colleague is, and in which languages they hear the session and are written to.

    For which member they come is not asked: it is the focal point's, and said by the database.
    """

    class Meta:
        """There is no token of a cookie: the one in the address is the authority."""

        csrf = False

    email = HandOverForm.email
    given_name = HandOverForm.given_name
    family_name = HandOverForm.family_name
    role = HandOverForm.role
    language = SelectField(_l("Language they want to hear"), validate_choice=False)
    mail_language = HandOverForm.mail_language

    def __init__(self, *, versions: Sequence[str], mails: Sequence[str], **known: Any) -> None:
        super().__init__(**known)
        self.language.choices = [SelectChoice(code, languages.name_of(code)) for code in versions]
        self.mail_language.choices = in_themselves(mails)

    def validate_language(self, field: SelectField) -> None:
        """Refuse a language in which the session cannot be followed."""
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("This session cannot be followed in that language. Choose one of these."))

    def validate_mail_language(self, field: SelectField) -> None:
        """Refuse a language in which no mail can be written."""
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("Choose one of these."))

    def colleague(self, timezone: str) -> Registrant:
        """Return what was typed, as the service wants it; ``timezone`` is that of the focal point's member."""
        return Registrant(
            given_name=self.given_name.data,
            family_name=self.family_name.data,
            affiliation=Affiliation.MEMBER,
            role=self.role.data or "",
            email=self.email.normalised,
            version=self.language.data,
            language=self.mail_language.data,
            timezone=timezone,
        )
