"""The organisers' forms for a mailing: a new one, and what one says in each language and which sessions it shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from webinar.catalogue.forms.fields import MOST_OF_A_LINE, MOST_OF_A_TEXT, EditForm, as_text, made
from webinar.foundation import languages
from webinar.foundation.fields import AtMost, as_line
from webinar.invitations.models import Mailing, MailingKind
from webinar.invitations.services.write_texts import LEAVE_OUT, TextsDraft, Written, what_is_wrong
from webinar.invitations.words import KINDS

MOST_LANGUAGES = 40
NUMBER = 2**31


def session_id(written: Any) -> int:
    """Return the id of a session that a form carries; what could be none is 0, which no session has."""
    text = str(written)
    return int(text) if text.isascii() and text.isdigit() and int(text[:12]) < NUMBER else 0


class SessionsField(SelectMultipleField):  # type: ignore[misc]
    """Sessions to tick; whether they are there is looked at when it is stored."""

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(
            label,
            coerce=session_id,
            validate_choice=False,
            widget=ListWidget(),
            option_widget=CheckboxInput(),
            **more,
        )

    @property
    def ids(self) -> tuple[int, ...]:
        """The sessions that are ticked, each once."""
        return tuple(dict.fromkeys(self.data or ()))


class NewMailingForm(EditForm):
    """What a mailing is for, how it is called among the others, and which sessions it is about."""

    kind = RadioField(_l("What it is for"), validate_choice=False)
    name = StringField(
        _l("Name"),
        [InputRequired(_l("Write a name by which you find it again.")), AtMost(MOST_OF_A_LINE)],
        filters=[as_line],
    )
    sessions = SessionsField(_l("Sessions"))

    def __init__(self, **given: Any) -> None:
        super().__init__(data=given)
        self.kind.choices = [SelectChoice(kind.value, name) for kind, name in KINDS.items()]

    def validate_kind(self, field: Field) -> None:
        """Refuse none, and what is none."""
        if field.data not in list(MailingKind):
            raise ValidationError(_("Choose what the mailing is for."))

    def validate_name(self, field: Field) -> None:
        """Refuse a name of blanks."""
        if not field.data:
            raise ValidationError(_("Write a name by which you find it again."))


class TextsForm(EditForm):
    """What a mailing says in each language, the sessions it shows, and what else its mails do."""

    name = StringField(
        _l("Name"),
        [InputRequired(_l("Write a name by which you find it again.")), AtMost(MOST_OF_A_LINE)],
        filters=[as_line],
    )
    sessions = SessionsField(_l("Sessions"))
    others = SelectField(_l("What people get who read another language"))
    with_entry = BooleanField(_l("With an entry for the calendar"))
    yes_registers = BooleanField(_l("“Yes” in the calendar registers"))
    add_language = SelectField(_l("Another language"), validate_choice=False)

    def subject(self, code: str) -> Field:
        """Return the field of the subject in a language."""
        return self.in_language("subject", code)

    def body(self, code: str) -> Field:
        """Return the field of the text in a language."""
        return self.in_language("body", code)

    def validate_name(self, field: Field) -> None:
        """Refuse a name of blanks."""
        if not field.data:
            raise ValidationError(_("Write a name by which you find it again."))

    def draft(self) -> TextsDraft:
        """Return the validated input as the service wants it."""
        texts = {code: Written(self.subject(code).data or "", self.body(code).data or "") for code in self.codes}
        return TextsDraft(
            name=self.name.data,
            texts=texts,
            session_ids=self.sessions.ids,
            others=self.others.data or "",
            with_entry=self.with_entry.data,
            yes_registers=self.yes_registers.data,
        )


def in_order(codes: Iterable[str]) -> list[str]:
    """Return languages, each once: those of the pages in their order, then the others by their codes."""
    wanted = set(codes)
    return [code for code in dict.fromkeys([*languages.offered(), *sorted(wanted)]) if code in wanted]


def texts_form(mailing: Mailing, heard: Sequence[str], sent: Mapping[str, str], known: Sequence[str]) -> TextsForm:
    """Return the form of a mailing with fields for the languages it is written in, or which are ``heard``.

    ``sent`` may ask for one more; ``known`` are the languages that a page which was sent had fields for.
    """
    written = [text.language for text in mailing.texts]
    wanted = known or [*written, *(code for code in heard if code in languages.offered())] or [languages.current()]
    added = sent.get("add_language", "") if sent.get("step") == "language" else ""
    codes = in_order(code for code in [*wanted, added] if languages.is_known(code))[:MOST_LANGUAGES]
    fields: dict[str, Any] = {}
    for code in codes:
        fields[f"subject_{code}"] = StringField(
            _l("Subject"), [AtMost(MOST_OF_A_LINE), _CanBeStored()], filters=[as_line]
        )
        fields[f"body_{code}"] = TextAreaField(
            _l("Text"), [AtMost(MOST_OF_A_TEXT), _CanBeStored(is_body=True)], filters=[as_text]
        )
    texts = {f"{name}_{text.language}": getattr(text, name) for text in mailing.texts for name in ("subject", "body")}
    form: TextsForm = made(TextsForm, codes, {}, fields)(
        data={
            "revision": mailing.revision,
            "name": mailing.name,
            "sessions": [shown.session_id for shown in mailing.sessions],
            "others": LEAVE_OUT if mailing.leaves_others_out else mailing.others_language or "",
            "with_entry": mailing.with_entry,
            "yes_registers": mailing.yes_registers,
            **texts,
        }
    )
    form.others.choices = [
        SelectChoice("", _("I have not decided yet")),
        *(SelectChoice(code, _("The text in %(language)s", language=languages.in_words(code))) for code in codes),
        SelectChoice(LEAVE_OUT, _("Nothing")),
    ]
    rest = [code for code in languages.all_known() if code not in codes]
    offered = [code for code in languages.offered() if code in rest]
    form.add_language.choices = [
        SelectChoice("", _("Choose a language")),
        *(SelectChoice(code, languages.name_here(code)) for code in dict.fromkeys([*offered, *rest])),
    ]
    return form


class _CanBeStored:
    """Refuses a personal detail that there is not, and one where none can stand."""

    def __init__(self, *, is_body: bool = False) -> None:
        self.is_body = is_body

    def __call__(self, _form: Any, field: Field) -> None:
        why = what_is_wrong(field.data or "", is_body=self.is_body)
        if why is not None:
            raise ValidationError(str(why))
