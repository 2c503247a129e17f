"""The organisers' forms for a webinar's picture, a material, a co-host, and the photo of a speaker."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, SubmitField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from webinar.catalogue.forms.fields import MOST_OF_A_LINE, EditForm, OriginalForm, link
from webinar.catalogue.forms.language_versions import language_choices
from webinar.catalogue.models import CoHost, Material
from webinar.catalogue.services.catalogue_file import MOST_OF_AN_ADDRESS
from webinar.catalogue.services.media import CoHostDraft, MaterialDraft
from webinar.catalogue.texts import own_text
from webinar.files.forms import DocumentField, PictureField
from webinar.files.pictures import LOGO, PHOTO, PICTURE
from webinar.foundation.fields import AtMost, as_line


class PictureForm(EditForm):
    """The picture of a webinar, which has to be chosen."""

    picture = PictureField(_l("Picture"), PICTURE)

    def validate(self, extra_validators: Any = None) -> bool:
        """Want a picture."""
        is_valid: bool = super().validate(extra_validators)
        if is_valid and self.picture.data is None:
            self.picture.errors = [_("Choose a picture.")]
        return is_valid and not self.errors


class MaterialForm(OriginalForm):
    """A material: what it is called, its language, and a file or the address where it is."""

    title = StringField(
        _l("Title"), [DataRequired(_l("Write what it is called.")), AtMost(MOST_OF_A_LINE)], filters=[as_line]
    )
    language = SelectField(_l("Language"), default="", invalid_choice_message=_l("Choose a language of the list."))
    file = DocumentField(_l("File"))
    url = StringField(_l("Web address"), [AtMost(MOST_OF_AN_ADDRESS), link], filters=[as_line])

    has_file = False

    def validate(self, extra_validators: Any = None) -> bool:
        """Want a file or an address, not both; one that has a file may keep it."""
        super().validate(extra_validators)
        if not self.file.errors and not self.url.errors:
            if self.file.data and self.url.data:
                self.url.errors = [_("Choose a file or write an address, not both.")]
            elif not self.file.data and not self.url.data and not self.has_file:
                self.file.errors = [_("Choose a file, or write an address.")]
        if self.errors:
            self.file.ask_again()
        return not self.errors

    def draft(self) -> MaterialDraft:
        """Return the validated input as the service wants it."""
        return MaterialDraft({self.texts_in: self.title.data}, self.language.data, self.url.data, self.file.data)


def picture_form(revision: int) -> PictureForm:
    """Return the form for the picture of a webinar of a revision."""
    return PictureForm(data={"revision": revision})


def material_form(original: str, material: Material | None = None, revision: int = 0) -> MaterialForm:
    """Return the form for a material of a webinar of a revision, filled with what it is and with what was sent.

    Its title is the one in ``original``, the language in which the webinar's texts were first written.
    """
    known: dict[str, Any] = {}
    if material is not None:
        text = own_text(material.texts, original)
        known = {"title": text.title if text else "", "language": material.language, "url": material.url}
    form = MaterialForm(data={**known, "revision": revision, "written_in": original})
    [_none, *languages] = language_choices([material.language] if material and material.language else [])
    form.language.choices = [SelectChoice("", _("Does not matter")), *languages]
    form.has_file = material is not None and material.file_id is not None
    return form


class CoHostForm(EditForm):
    """A co-host: its name, its web address and its logo."""

    name = StringField(_l("Name"), [DataRequired(_l("Write its name.")), AtMost(MOST_OF_A_LINE)], filters=[as_line])
    url = StringField(_l("Web address"), [AtMost(MOST_OF_AN_ADDRESS), link], filters=[as_line])
    logo = PictureField(_l("Logo"), LOGO)
    without_logo = BooleanField(_l("Take the logo away"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the logo once more where anything else is wrong."""
        super().validate(extra_validators)
        if self.errors:
            self.logo.ask_again()
        return not self.errors

    def draft(self) -> CoHostDraft:
        """Return the validated input as the service wants it."""
        return CoHostDraft(self.name.data, self.url.data, self.logo.data, self.without_logo.data)


def co_host_form(co_host: CoHost | None = None, revision: int = 0) -> CoHostForm:
    """Return the form for a co-host of a webinar of a revision, filled with what it is and with what was sent."""
    known = {} if co_host is None else {"name": co_host.name, "url": co_host.url}
    return CoHostForm(data={**known, "revision": revision})


class PhotoForm(EditForm):
    """The photo of one speaker, to be stored or taken away; a page has one such form for each."""

    photo = PictureField(_l("Photo"), PHOTO)
    remove = SubmitField(_l("Take the photo away"))

    def __init__(self, speaker_id: int, revision: int) -> None:
        super().__init__(data={"revision": revision})
        self.speaker_id = speaker_id
        self.photo.id = f"photo-{speaker_id}"

    def validate(self, extra_validators: Any = None) -> bool:
        """Want a photo, unless it is to be taken away."""
        is_valid: bool = super().validate(extra_validators)
        if is_valid and self.photo.data is None and not self.remove.data:
            self.photo.errors = [_("Choose a photo.")]
        return is_valid and not self.errors
