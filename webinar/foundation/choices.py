"""Choices of form fields that several features offer."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms.fields.choices import SelectChoice

from webinar.foundation import languages


def in_themselves(codes: Iterable[str]) -> list[SelectChoice]:
    """Return languages as choices, each named in itself and marked so, for a reader who knows no other."""
    return [SelectChoice(code, languages.name_of(code), render_kw={"lang": code}) for code in codes]
