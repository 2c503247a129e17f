"""The organisers' form for the certificates of a session."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from webinar.certificates.models import SessionCertificates
from webinar.certificates.services.choose import Choices
from webinar.foundation.lines import one_line


def _as_line(written: str | None) -> str:
    return one_line(written or "")


class CertificatesForm(FlaskForm):  # type: ignore[misc]
    """Whether people can make their certificates, and what stands on them besides what they tell of the person."""

    is_open = BooleanField(_l("Who came can download a certificate"))
    shows_minutes = BooleanField(_l("Print for how many minutes they were there"))
    signer_name = StringField(
        _l("Who signs"),
        [Length(max=100, message=_l("Write at most 100 characters."))],
        filters=[_as_line],
    )
    signer_role = StringField(
        _l("Their role"),
        [Length(max=150, message=_l("Write at most 150 characters."))],
        filters=[_as_line],
    )
    place = StringField(
        _l("Place of issue"),
        [Length(max=100, message=_l("Write at most 100 characters."))],
        filters=[_as_line],
    )

    def __init__(self, choices: SessionCertificates, **more: Any) -> None:
        super().__init__(obj=choices, **more)

    def choices(self) -> Choices:
        """Return the validated input as the service wants it."""
        return Choices(
            is_open=self.is_open.data,
            shows_minutes=self.shows_minutes.data,
            signer_name=self.signer_name.data,
            signer_role=self.signer_role.data,
            place=self.place.data,
        )
