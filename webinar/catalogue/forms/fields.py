"""The kinds of fields that the organisers' forms have, and what all these forms can do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, DateTimeLocalField, Field, HiddenField, IntegerField
from wtforms.validators import NumberRange, Optional, StopValidation

from webinar.catalogue.services.catalogue_file import ADDRESS
from webinar.foundation import languages
from webinar.foundation.addresses import is_web_address
from webinar.foundation.digits import latin
from webinar.foundation.lines import several_lines

MOST_ROWS = 60
MOST_OF_A_LINE = 300
MOST_OF_A_SUMMARY = 2_000
MOST_OF_A_TEXT = 50_000
LARGEST_WHOLE_NUMBER = 2**31 - 1


def as_text(written: str | None) -> str:
    """Return what was written as lines, without spaces around them; nothing is an empty text."""
    return several_lines(written or "")


def as_number(written: str | None) -> int | None:
    """Return the number of a row of the database that a form carries; None where none was given."""
    return int(written) if written and written.isascii() and written.isdigit() and len(written) < 10 else None


def web_address(_form: Any, field: Field) -> None:
    """Refuse what cannot stand in a web address."""
    if field.data and not ADDRESS.fullmatch(field.data):
        raise StopValidation(_("Use letters without accents, digits, dots and hyphens only, as in heat-in-cities."))


def link(_form: Any, field: Field) -> None:
    """Refuse what is no whole address of a page elsewhere."""
    if field.data and not is_web_address(field.data):
        raise StopValidation(_("Write a whole address that begins with https://"))


class OrNothing(Field):  # type: ignore[misc]
    """What fields have in common that take a value, in the digits of any script, or stay empty."""

    data: Any
    wanted: Any = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the value; nothing is None, and of what cannot be read ``wanted`` says what would be."""
        written = valuelist[0].strip() if valuelist else ""
        self.data = None
        if written:
            try:
                super().process_formdata([latin(written)])
            except ValueError:
                raise ValueError(str(self.wanted)) from None


class WholeNumber(OrNothing, IntegerField):  # type: ignore[misc]
    """A whole number above 0, or nothing."""

    wanted = _l("Write a whole number above 0, or leave it empty.")

    def __init__(self, label: str, validators: Sequence[Any] = (), **more: Any) -> None:
        super().__init__(label, [Optional(), NumberRange(1, LARGEST_WHOLE_NUMBER, self.wanted), *validators], **more)


class LocalTime(OrNothing, DateTimeLocalField):  # type: ignore[misc]
    """A wall time, or nothing."""

    wanted = _l("Write a day and an hour, as in 2027-04-03T16:30.")


class Day(OrNothing, DateField):  # type: ignore[misc]
    """A day, or nothing."""

    wanted = _l("Write a day, as in 2027-04-03.")


class Revision(HiddenField):  # type: ignore[misc]
    """The revision that a page was made from; what nobody could have been given counts as the first one."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number."""
        written = valuelist[0] if valuelist else ""
        self.data = int(written) if re.fullmatch(r"[0-9]{1,9}", written) else 0


class WrittenIn(HiddenField):  # type: ignore[misc]
    """The language that the texts of a page are in; what is none counts as the one they are in now."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the code."""
        if valuelist and languages.is_known(valuelist[0]):
            self.data = valuelist[0]


class EditForm(FlaskForm):  # type: ignore[misc]
    """What all forms here have: languages, numbered rows, and a place for the refusals of the use cases."""

    codes: tuple[str, ...] = ()
    row_counts: Mapping[str, int] = {}

    revision = Revision(default=0)

    def rows(self, name: str) -> list[dict[str, Field]]:
        """Return the fields of numbered rows by their names within the row."""
        rows = []
        for number in range(self.row_counts[name]):
            prefix = f"{name}_{number}_"
            rows.append(
                {key.removeprefix(prefix): field for key, field in self._fields.items() if key.startswith(prefix)}
            )
        return rows

    def stands_in(self, *names: str) -> bool:
        """Tell whether anything, or a refusal, stands in one of some fields: then they must not be folded away."""
        fields = (self._fields[name] for name in names if name in self._fields)
        return any(field.data or field.errors for field in fields)

    def in_language(self, what: str, code: str) -> Field:
        """Return the field that holds a text in a language."""
        return self._fields[f"{what}_{code}"]

    def refuse(self, field: str, message: object) -> None:
        """Put the refusal of a use case at the field it is about; ``line (fr)`` is the line in French."""
        name = re.sub(r"^(\w+) \((.+)\)$", r"\1_\2", field)
        if name in self._fields:
            self._fields[name].errors = [str(message)]
        else:
            self.form_errors.append(str(message))

    def filled(self, row: Mapping[str, Field], *but: str) -> bool:
        """Tell whether anything stands in a row, leaving aside some of its fields."""
        return any(field.data for name, field in row.items() if name not in but)


class OriginalForm(EditForm):
    """A form whose texts are in the language in which those of the webinar were first written.

    Translations have a page of their own. ``written_in`` says which language it was when the page was made: should
    another have become the original since, what was typed stays in its own.
    """

    written_in = WrittenIn()

    @property
    def texts_in(self) -> str:
        """The code of the language that the texts of the form are in."""
        return str(self.written_in.data)


def made(base: type[EditForm], codes: Iterable[str], row_counts: Mapping[str, int], fields: dict[str, Any]) -> Any:
    """Return the class of a form for the languages and rows that a page shows."""
    names = {"codes": tuple(codes), "row_counts": dict(row_counts), "__doc__": base.__doc__}
    metaclass: Any = type(base)
    return metaclass(base.__name__, (base,), {**names, **fields})


def rows_wanted(name: str, sent: Mapping[str, str], present: int, spare: int) -> int:
    """Return how many rows a page shows: those there are and some empty ones; one more than was sent, where asked."""
    written = sent.get(f"{name}_rows", "")
    if written.isascii() and written.isdigit() and len(written) < 4:
        present, spare = int(written), 1 if sent.get("add") == name else 0
    return min(present + spare, MOST_ROWS)
