"""Digits: every language's own where people read, and any script's where people type."""

from __future__ import annotations

import pytest
from babel import Locale, localedata

from webinar.foundation.digits import latin, table


@pytest.mark.parametrize(
    ("locale", "written"),
    [("fa", "۲۰۲۷"), ("ar_EG", "٢٠٢٧"), ("bn", "২০২৭"), ("mr", "२०२७"), ("my", "၂၀၂၇"), ("ar", "2027"), ("fr", "2027")],
)
def test_a_language_has_its_own_digits(locale: str, written: str) -> None:
    own = table(Locale.parse(locale))

    assert ("2027" if own is None else "2027".translate(own)) == written


def test_the_digits_of_every_language_of_cldr_are_known() -> None:
    locales = [Locale.parse(name) for name in localedata.locale_identifiers()]

    assert {one.default_numbering_system for one in locales if table(one) is None} == {"latn"}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("۱۲", "12"),
        ("١٢", "12"),
        ("１２", "12"),
        ("३५", "35"),
        ("۳۵٫۶", "35.6"),
        ("١٬٢٠٠", "1200"),
        ("12", "12"),
        ("zwölf", "zwölf"),
    ],
)
def test_digits_are_read_in_any_script(typed: str, read: str) -> None:
    assert latin(typed) == read


def test_what_is_read_back_is_what_was_written() -> None:
    for name in ("fa", "ar_EG", "bn", "dz", "sat", "nqo"):
        own = table(Locale.parse(name))
        assert own is not None
        assert latin("0123456789".translate(own)) == "0123456789"
