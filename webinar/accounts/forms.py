"""The forms of accounts: they check the shape of the input, not the rules."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from webinar.accounts.models import Role
from webinar.foundation import languages
from webinar.foundation.fields import as_line, in_themselves

ROLE_NAMES = {
    Role.ADMIN: _l("Administrator"),
    Role.ORGANISER: _l("Organiser"),
    Role.VIEWER: _l("Viewer"),
}
ROLE_NOTES = {
    Role.ADMIN: _l("Everything, and the accounts of the others"),
    Role.ORGANISER: _l("Plans, publishes, registers people and exports"),
    Role.VIEWER: _l("Sees everything, changes nothing"),
}


def stripped(text: str | None) -> str | None:
    """Return a text without space around it."""
    return text.strip() if text else text


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Address and password; that they belong together is not its business."""

    next = HiddenField()
    email = EmailField(_l("Mail address"), [DataRequired(_l("Type the address of your account."))], filters=[stripped])
    password = PasswordField(_l("Password"), [InputRequired(_l("Type your password."))])


class LinkForm(FlaskForm):  # type: ignore[misc]
    """One button."""


class AccountForm(FlaskForm):  # type: ignore[misc]
    """How somebody is called and which language the staff area speaks to them."""

    name = StringField(_l("Name"), [Length(max=100, message=_l("Take at most 100 characters."))], filters=[as_line])
    language = SelectField(_l("Language of the staff area"))

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.language.choices = in_themselves(languages.offered())


class RoleForm(FlaskForm):  # type: ignore[misc]
    """What somebody may do."""

    role = RadioField(_l("Role"), choices=[SelectChoice(role.value, name) for role, name in ROLE_NAMES.items()])


class NewAccountForm(AccountForm):
    """An account for somebody else."""

    email = EmailField(
        _l("Mail address"), [DataRequired(_l("Type the address that the person signs in with."))], filters=[stripped]
    )
    role = RadioField(
        _l("Role"),
        choices=[SelectChoice(role.value, name) for role, name in ROLE_NAMES.items()],
        default=Role.ORGANISER.value,
    )


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password, typed twice; the present one where there is one and it was not a link that signed in."""

    present = PasswordField(_l("Present password"))
    password = PasswordField(_l("New password"), [InputRequired(_l("Type the new password."))])
    again = PasswordField(
        _l("New password, once more"), [EqualTo("password", _l("The two are not the same. Type both again."))]
    )
