"""The countries by their codes (ISO 3166 alpha-2), and what they are called in a language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from babel import Locale

from webinar.foundation import languages


@cache
def codes() -> frozenset[str]:
    """Return the codes of all countries."""
    groups_and_tests = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
    reserved_for_parts = {"AC", "CP", "CQ", "DG", "EA", "IC", "TA"}  # islands of countries that have codes of their own
    all_codes = {str(code) for code in Locale("en").territories}
    return frozenset(code for code in all_codes - groups_and_tests - reserved_for_parts if len(code) == 2)


@cache
def names(language: str) -> Mapping[str, str]:
    """Return the countries by their codes as a language calls them; in English those that it has no name for."""
    own, english = Locale.parse(language, sep="-").territories, Locale("en").territories
    return MappingProxyType({code: str(own.get(code, english[code])) for code in codes()})


def name_here(code: str) -> str:
    """Return what a country is called in the language of the page, or mail; a code that is none as it is."""
    return names(languages.current()).get(code, code)
