"""The order of names in lists, as the reader of a language looks for them.

ICU knows the order of every language, but its bindings cost too much for it: PyICU has no wheels and needs ICU and a
compiler, icu4py has wheels of 16 MB. Accents, capitals, Spanish ñ and the forms of Arabic letters are what our
languages need; a language that counts other letters apart (Swedish å, Turkish ı) gets its line in _LETTERS_APART.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from babel import Locale

# A letter that is no variant of another one stands behind it: ñ after n, as "n~" after "nz".
_LETTERS_APART = {"es": {"n\u0303": "n~"}}
# These have no accent that could be taken off, and are sorted as variants all the same (CLDR, root collation).
_VARIANTS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
# Arabic and Persian letters in one row; code points have the Persian ones behind all others. Teh marbuta counts as
# teh, alef maksura as yeh (CLDR, ar).
_ROW = "ءابپتثجچحخدذرزژسشصضطظعغفقکگلمنهوی"
_ARABIC = str.maketrans(
    {letter: chr(0x600 + place) for place, letter in enumerate(_ROW)}
    | {other: chr(0x600 + _ROW.index(letter)) for other, letter in {"ك": "ک", "ي": "ی", "ى": "ی", "ة": "ت"}.items()}
)
_MARKS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u0640\u200b-\u200f\u2066-\u2069]")
# Behind the article; a word that only begins like it (ألمانيا) has its hamza still on.
_ARTICLE = re.compile(r"\bال(?=\w\w)")


@cache
def script_of(language: str) -> str:
    """Return the script that a language is written in, by its name in Unicode: ``LATIN``, ``ARABIC``, ``HANGUL``."""
    own = Locale.parse(language, sep="-").get_display_name() or language
    return next((unicodedata.name(letter).partition(" ")[0] for letter in own if letter.isalpha()), "LATIN")


@lru_cache(maxsize=50_000)
def place(word: str, language: str) -> tuple[bool, str, str]:
    """Return what to sort a name by in a language: those in its own script first, accents and capitals aside.

    ``árabe`` stands before ``búlgaro``; in Spanish ``ñandú`` after ``nubes``; in Arabic a name stands under its first
    letter, not under its article. Where nothing else differs, accents and capitals decide.
    """
    if word.isascii():
        return script_of(language) != "LATIN", word.lower(), word
    spelt = unicodedata.normalize("NFKD", word).casefold()
    for letter, behind in _LETTERS_APART.get(language, {}).items():
        spelt = spelt.replace(letter, behind)
    first = next((letter for letter in spelt if letter.isalpha()), "")
    is_foreign = bool(first) and unicodedata.name(first, "").partition(" ")[0] != script_of(language)
    plain = _MARKS.sub("", _ARTICLE.sub("", unicodedata.normalize("NFC", spelt)))
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", plain))
    return is_foreign, plain.translate(_VARIANTS).translate(_ARABIC), word
