"""Digits: those a language writes numbers with, where people read, and those of machines, whatever somebody typed."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache

from babel import Locale

# The zero of each system that CLDR has as the usual one of some language. Babel knows the names of the systems but
# writes their numbers with Latin digits.
_ZEROS = {
    "adlm": "𞥐", "arab": "٠", "arabext": "۰", "beng": "০", "cakm": "𑄶", "deva": "०", "hmnp": "𞅀",
    "mtei": "꯰", "mymr": "၀", "nkoo": "߀", "olck": "᱐", "tibt": "༠",
}  # fmt: skip


@cache
def table(locale: Locale) -> Mapping[int, str] | None:
    """Return what ``str.translate`` needs to write Latin digits as a locale does; None where it writes those."""
    zero = _ZEROS.get(locale.default_numbering_system)
    return None if zero is None else {ord(str(digit)): chr(ord(zero) + digit) for digit in range(10)}


def latin(typed: str) -> str:
    """Return a text with the digits ``0`` to ``9`` for those of any script: ``۱۲`` is ``12``, ``٣٫٥`` is ``3.5``."""
    if typed.isascii():
        return typed
    read = (str(unicodedata.decimal(one)) if one.isdecimal() else one for one in typed)
    return "".join(read).replace("٫", ".").replace("٬", "")
