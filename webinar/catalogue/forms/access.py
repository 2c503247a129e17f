"""The organisers' form that says who may register for a session."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from webinar.catalogue.forms.fields import EditForm, WholeNumber
from webinar.catalogue.models import Access, WebinarSession

ACCESS_NAMES = {
    Access.EVERYONE: _l("Everyone"),
    Access.WITH_LINK: _l("Whoever has the link"),
    Access.MEMBERS: _l("Members of the network"),
}


class AccessForm(EditForm):
    """Who may register, how many people of one member get a seat, and whether who comes late goes straight in."""

    access = RadioField(
        _l("Who may register"),
        choices=[SelectChoice(access.value, name) for access, name in ACCESS_NAMES.items()],
        validate_choice=False,
    )
    most_per_member = WholeNumber(_l("Seats for one member, at most"))
    has_open_door = BooleanField(_l("Open door for who comes late"))

    def __init__(self, session: WebinarSession) -> None:
        super().__init__(
            access=session.access.value,
            most_per_member=session.most_per_member,
            has_open_door=session.has_open_door,
            revision=session.revision,
        )

    def validate_access(self, field: RadioField) -> None:
        """Refuse what is none of the answers."""
        if field.data not in set(Access):
            raise ValidationError(_("Choose one of these."))
