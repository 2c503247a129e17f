"""The organisers' forms for contacts: one of them, a list of them, whom not to write to, and who is the same person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, EmailField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from webinar.foundation import formats, languages
from webinar.foundation.fields import AtMost, as_line
from webinar.members.forms import MemberChoice
from webinar.members.matching import MemberNames
from webinar.people.mail_address import NoMailAddress, normalise
from webinar.people.models import Contact, LegalBasis, MailKind, SuppressionReason
from webinar.people.services.edit_contact import ContactDraft, ContactRefused
from webinar.people.words import BASIS_NAMES, EVERYTHING, KIND_NAMES, REASON_NAMES


class ContactForm(FlaskForm):  # type: ignore[misc]
    """All that the network keeps about a contact; the address of one that there is does not change."""

    revision = HiddenField()
    proposed = HiddenField()
    email = EmailField(_l("E-mail address"), filters=[as_line])
    given_name = StringField(_l("Given name"), [AtMost(100)], filters=[as_line])
    family_name = StringField(_l("Family name"), [AtMost(100)], filters=[as_line])
    member = MemberChoice(_l("Member"))
    is_focal_point = BooleanField(_l("Focal point: the person of this member whom the network turns to first"))
    organisation = StringField(_l("Organisation"), [AtMost(300)], filters=[as_line])
    role = StringField(_l("Role"), [AtMost(300)], filters=[as_line])
    language = SelectField(_l("Language"))
    wants_invitations = BooleanField(KIND_NAMES[MailKind.INVITATIONS])
    wants_reminders = BooleanField(KIND_NAMES[MailKind.REMINDERS])
    wants_newsletter = BooleanField(KIND_NAMES[MailKind.NEWSLETTER])
    source = StringField(_l("Where the address is from"), [AtMost(300)], filters=[as_line])
    basis = SelectField(_l("Legal basis"))

    def __init__(
        self, members: MemberNames, contact: Contact | None = None, given: Mapping[str, Any] | None = None
    ) -> None:
        usual = {"wants_invitations": True, "wants_reminders": True}
        super().__init__(data=_data_of(contact) if contact else {**usual, **(given or {})})
        self.members = members
        self.contact = contact
        self.address = ""
        self.member_key: str | None = None
        self.language.choices = [
            SelectChoice("", _("Not known")),
            *(SelectChoice(code, languages.name_here(code)) for code in languages.all_known()),
        ]
        self.basis.choices = [SelectChoice(basis.value, str(name)) for basis, name in BASIS_NAMES.items()]

    @property
    def made_from(self) -> int:
        """The revision of the contact that the page was made from."""
        written = self.revision.data or ""
        return int(written) if written.isascii() and written.isdigit() and len(written) < 9 else 0

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each value, and find the member that is meant."""
        is_valid: bool = super().validate(extra_validators)
        if self.contact is None:
            try:
                self.address = normalise(self.email.data or "")
            except NoMailAddress as refusal:
                self.email.errors = [str(refusal)]
        self.member_key = self._member_key()
        if self.is_focal_point.data and not self.member_key and not self.member.errors:
            self.member.errors = [_("A focal point is somebody of a member. Write which one.")]
        if not self.source.data:
            self.source.errors = [_("Write where the address is from: a meeting, a list, the person themselves.")]
        return is_valid and not any(field.errors for field in self._fields.values())

    def _member_key(self) -> str | None:
        typed = self.member.chosen or self.member.data or ""
        if not typed:
            return None
        known = self.contact.member if self.contact else None
        if known is not None and typed == known.name:
            return known.key  # as the page itself has written it, also where others are called so
        return self.member.look_up(self.members)

    def refuse(self, refusal: ContactRefused) -> None:
        """Put the refusal of a use case at the field it is about."""
        self._fields[refusal.field].errors = [str(refusal)]

    def draft(self) -> ContactDraft:
        """Return the validated input as the service wants it."""
        return ContactDraft(
            given_name=self.given_name.data,
            family_name=self.family_name.data,
            member_key=self.member_key,
            organisation=self.organisation.data,
            role=self.role.data,
            language=self.language.data or None,
            is_focal_point=self.is_focal_point.data,
            kinds=tuple(kind for kind in MailKind if self._fields[f"wants_{kind.value}"].data),
            source=self.source.data,
            basis=LegalBasis(self.basis.data),
        )


def _data_of(contact: Contact) -> dict[str, Any]:
    names = ("given_name", "family_name", "organisation", "role", "is_focal_point", "source")
    return {
        **{name: getattr(contact, name) for name in names},
        **{f"wants_{kind.value}": kind in contact.kinds for kind in MailKind},
        "language": contact.language or "",
        "basis": contact.basis.value,
        "member": contact.member.name if contact.member else "",
        "revision": str(contact.revision),
    }


class ContactFileForm(FlaskForm):  # type: ignore[misc]
    """A list of contacts, where its addresses are from, and on what they are kept."""

    file = FileField(_l("List of contacts"), render_kw={"accept": ".csv,.xlsx,.tsv,.txt"})
    source = StringField(_l("Where the addresses are from"), [AtMost(300)], filters=[as_line])
    basis = SelectField(_l("Legal basis"))
    content = b""

    def __init__(self) -> None:
        super().__init__()
        self.basis.choices = [SelectChoice(basis.value, str(name)) for basis, name in BASIS_NAMES.items()]

    @property
    def file_name(self) -> str:
        """What the file is called where it comes from."""
        return as_line(self.file.data.filename)[:300] if self.file.data else ""

    def validate(self, extra_validators: Any = None) -> bool:
        """Want a file, of a size that is read at once."""
        is_valid: bool = super().validate(extra_validators)
        most = current_app.config["MAX_FILE_BYTES"]
        if not self.file.data:
            self.file.errors = [_("Choose a file.")]
            return False
        self.content = self.file.data.stream.read(most + 1)
        if len(self.content) > most:
            self.file.errors = [_("The file is larger than %(most)s. Split it.", most=formats.file_size(most))]
        return is_valid and not self.file.errors


class DoNotWriteForm(FlaskForm):  # type: ignore[misc]
    """What somebody is not to be written, and why."""

    kind = SelectField(_l("What not to write"))
    reason = SelectField(_l("Why"))

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.kind.choices = [
            SelectChoice("", str(EVERYTHING)),
            *(SelectChoice(kind.value, str(name)) for kind, name in KIND_NAMES.items()),
        ]
        names = {SuppressionReason.BY_HAND: REASON_NAMES[SuppressionReason.BY_HAND], **REASON_NAMES}
        self.reason.choices = [SelectChoice(reason.value, str(name)) for reason, name in names.items()]

    @property
    def what(self) -> MailKind | None:
        """The kind that is meant, or None for everything."""
        return MailKind(self.kind.data) if self.kind.data else None

    @property
    def why(self) -> SuppressionReason:
        """The reason that was chosen."""
        return SuppressionReason(self.reason.data)


class SamePersonForm(FlaskForm):  # type: ignore[misc]
    """The address of the other contact, which is the same person."""

    other = StringField(_l("Address of the other contact"), filters=[as_line])
