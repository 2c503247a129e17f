"""The form for all texts of a webinar in one language, each beside its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from wtforms import BooleanField, Field, StringField, TextAreaField

from webinar.catalogue.forms.fields import (
    MOST_OF_A_LINE,
    MOST_OF_A_SUMMARY,
    MOST_OF_A_TEXT,
    EditForm,
    as_text,
    made,
)
from webinar.catalogue.services.translate import SOURCE_HAS_CHANGED, refusals
from webinar.catalogue.translation_sheet import fields_of
from webinar.catalogue.translations import Kind, State, Translating, Unit, mark_of
from webinar.foundation.errors import DomainError
from webinar.foundation.fields import AtMost, as_line
from webinar.foundation.lines import one_line

LABELS = {
    Kind.TITLE: _l("Title"),
    Kind.SUMMARY: _l("Summary"),
    Kind.DESCRIPTION: _l("Description"),
    Kind.PART: _l("Title"),
    Kind.GUIDING_QUESTIONS: _l("Guiding questions"),
    Kind.QUESTION: _l("Question"),
    Kind.PURPOSE: _l("Purpose"),
    Kind.CHOICE: _l("Choice"),
    Kind.MATERIAL: _l("Title"),
    Kind.ROLE: _l("Role"),
    Kind.AFFILIATION: _l("Speaks for"),
    Kind.NOTES: _l("Practical notes"),
}
TEXTS = {
    Kind.SUMMARY: MOST_OF_A_SUMMARY,
    Kind.DESCRIPTION: MOST_OF_A_TEXT,
    Kind.GUIDING_QUESTIONS: MOST_OF_A_SUMMARY,
    Kind.NOTES: MOST_OF_A_SUMMARY,
}
"""What may have several lines, and how many characters."""
MOST_GONE = 20
"""Of how many texts whose place is gone the page tells."""

States = Sequence[tuple[Unit, Sequence[State]]]


class TranslationForm(EditForm):
    """A field for each piece, named after its key, and a box to tick: ``fits-...`` or ``same-...``.

    What a translator was shown travels as ``seen-...``: where they did not touch a text, what is stored now stands.
    """

    found: Translating
    states: States
    language: str
    sources: Mapping[str, str]
    gone: Mapping[str, str]

    def piece(self, state: State) -> Field:
        """Return the field of a piece."""
        return self._fields[state.piece.key]

    def fits(self, state: State) -> Field | None:
        """Return the box that says that a translation still fits; None where nobody asks."""
        return self._fields.get(f"fits-{state.piece.key}")

    def same(self, state: State) -> Field | None:
        """Return the box that says that the translation reads as the original does; None where it is not asked."""
        return self._fields.get(f"same-{state.piece.key}")

    def is_in_hand(self, state: State) -> bool:
        """Tell whether a piece is to be worked on, has something written that is not stored, or an error."""
        field = self.piece(state)
        return state.needs_work or bool(field.errors) or field.data != state.text

    def validate(self, extra_validators: Any = None) -> bool:
        """Want titles where they have to be, and sources that are those that were translated."""
        is_valid: bool = super().validate(extra_validators)
        self.look_at_pieces()
        return is_valid and not self.errors

    def look_at_pieces(self) -> None:
        """Put at the fields what is wrong with their pieces, and say which pieces there are no more."""
        texts, confirmed = self.texts(), self.confirmed()
        for key, refusal in refusals(self.found, self.states, self.language, texts).items():
            if not self._fields[key].errors:
                self.refuse(key, refusal)
        for _unit, of_unit in self.states:
            for state in of_unit:
                key = state.piece.key
                is_touched = key in texts or key in confirmed
                if is_touched and self.sources.get(key, "") not in ("", mark_of(state.piece.source)):
                    self.refuse(key, SOURCE_HAS_CHANGED)
        for key, text in self.gone.items():
            self.refuse(key, _("“%(text)s” is about something that has been taken away meanwhile.", text=text))

    def texts(self) -> dict[str, str]:
        """Return what was written, by the keys of the pieces; who says that a missing one is the same writes that."""
        found: dict[str, str] = {}
        for _unit, of_unit in self.states:
            for state in of_unit:
                key = state.piece.key
                text = self._fields[key].data or ""
                same = self.same(state)
                if same is not None and same.data and not text:
                    text = state.piece.source
                if text != state.text or (state.is_missing and text):
                    found[key] = text
        return found

    def confirmed(self) -> set[str]:
        """Return the keys of the pieces that are said to fit still."""
        ticked = [name for name, field in self._fields.items() if name.startswith("fits-") and field.data]
        return {name.removeprefix("fits-") for name in ticked}


class TranslatedFileForm(EditForm):
    """A file of texts that was translated elsewhere; ``fields`` is what stands in it."""

    file = FileField(_l("Translated file"), render_kw={"accept": ".xlsx,.csv"})
    fields: Mapping[str, str] = {}

    def validate(self, extra_validators: Any = None) -> bool:
        """Want a file that can be read."""
        is_valid: bool = super().validate(extra_validators)
        if self.file.data is None:
            self.file.errors = [_("Choose the file that came back.")]
        else:
            try:
                self.fields = fields_of(self.file.data.stream.read())
            except DomainError as refusal:
                self.file.errors = [str(refusal)]
        return is_valid and not self.errors


def translation_form(found: Translating, states: States, language: str, sent: Mapping[str, str]) -> TranslationForm:
    """Return the form for the texts of a webinar in a language, filled with what they are and with what was sent."""
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {"revision": found.webinar.revision}
    left = MultiDict(sent)
    sources: dict[str, str] = {}
    present: set[str] = set()
    for _unit, of_unit in states:
        for state in of_unit:
            piece = state.piece
            present.add(piece.key)
            fields[piece.key] = _field(piece.kind)
            data[piece.key] = state.text
            source, _dash, text = sent.get(f"seen-{piece.key}", "").partition("-")
            sources[piece.key] = source
            if text and piece.key in sent and mark_of(_read(piece.kind, sent[piece.key])) == text:
                del left[piece.key]  # not touched
            if state.is_missing and not state.text and piece.kind not in TEXTS:
                fields[f"same-{piece.key}"] = BooleanField(_("It is the same"))
            if state.is_marked:
                fields[f"fits-{piece.key}"] = BooleanField(_("It still fits"))
    form: TranslationForm = made(TranslationForm, [language], {}, fields)(
        formdata=ImmutableMultiDict(left) if sent else None, data=data
    )
    form.found, form.states, form.language, form.sources = found, states, language, sources
    form.gone = _gone(sent, present)
    return form


def _gone(sent: Mapping[str, str], present: set[str]) -> dict[str, str]:
    """Return what was written, and not there before, in fields of pieces that are no more, by their keys."""
    gone: dict[str, str] = {}
    for name, seen in sent.items():
        key = name.removeprefix("seen-")
        if key == name or key in present:
            continue
        written = one_line(sent.get(key, ""))
        if written and mark_of(written) != seen.partition("-")[2]:
            gone[key] = written
    return dict(list(gone.items())[:MOST_GONE])


def _field(kind: Kind) -> Any:
    label = LABELS[kind]
    if kind in TEXTS:
        return TextAreaField(label, [AtMost(TEXTS[kind])], filters=[as_text])
    return StringField(label, [AtMost(MOST_OF_A_LINE)], filters=[as_line])


def _read(kind: Kind, written: str) -> str:
    return as_text(written) if kind in TEXTS else as_line(written)
