"""Paper: PDFs made with Typst from our own templates in ``templates/pdf``.

A text of a person never becomes source of Typst: it goes along as data, so ``#``, ``$`` and ``*`` in a name are
letters. Every PDF is written as PDF/UA-1 (ISO 14289-1): it can be read aloud, and a letter that no font has is a fault
instead of an empty box. Which fonts there are: Libertinus, in Typst itself, for Latin, Greek and Cyrillic; Noto Naskh
Arabic in ``fonts``; Noto Sans CJK, a package, for Chinese, Japanese and Korean; for everything else, whatever
this machine has.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import typst
from anyascii import anyascii

from config import PROJECT
from webinar.foundation import clock

TEMPLATES = PROJECT / "templates" / "pdf"

# How Typst says that a letter is in no font: it writes the letter as Rust does, those without a picture by number.
_MISSING = re.compile(r'the text `"(.+?)"` could not be displayed')
_BY_NUMBER = re.compile(r"\\u\{([0-9a-f]+)\}")
_TURNING = re.compile("[\u202a-\u202e]")
_NO_TEXT = {"Cc", "Cs"}
_ONE_TEXT = b'#set document(title: "Letters")\n#sys.inputs.text'

MOST_ROUNDS = 5
"""How often the same page is set anew without the letters that were missing: all are named at once, mostly."""


class Paper(NamedTuple):
    """A PDF, and those of its texts that are not in it as they were given: no font here has all of their letters.

    They are in it in Latin letters, so that nobody finds empty boxes where a name should stand; whoever asked for the
    PDF says so to somebody who can help it.
    """

    content: bytes
    respelt: frozenset[str]


def pdf_of(template: str, data: Mapping[str, Any], *, fonts: typst.Fonts | None = None) -> Paper:
    """Return the PDF that a template makes of some data; the same data always give the same page.

    ``template`` is a file in ``templates/pdf``, which begins with ``page.typ`` and so needs ``title``, ``language`` and
    ``direction`` in its data. The data are plain (JSON); a picture is a list of its bytes. Takes some 5 to 20 ms of
    one processor for a page, so whatever lets strangers ask for one counts how often.
    """
    compiler = typst.Compiler(TEMPLATES / template, root=TEMPLATES, font_paths=fonts or fonts_here())
    respelt: set[str] = set()
    missing: set[str] = set()
    cleaned = _each_text(data, _drawable)
    for _round in range(MOST_ROUNDS):
        found = _set(compiler, {"data": json.dumps(_spelt(cleaned, missing, respelt))})
        if isinstance(found, bytes):
            return Paper(found, frozenset(respelt))
        missing |= found
    # Every text that is not in plain letters, then.
    found = _set(compiler, {"data": json.dumps(_each_text(cleaned, anyascii))})
    if isinstance(found, bytes):
        return Paper(found, frozenset(respelt))
    raise ValueError(f"{template} has letters of its own that no font has: {found}")


def letters_missing(text: str, *, fonts: typst.Fonts | None = None) -> set[str]:
    """Return which characters of a text no font here has; of all there are, they are named at once."""
    letters = "".join(sorted(set(_drawable(text)) - {" ", "\n"}))
    if letters.isascii():
        return set()
    if fonts is None:
        return set(_missing_here(letters))
    return _missing_in(letters, fonts)


@cache
def fonts_here() -> typst.Fonts:
    """Return all fonts that a PDF may use, ours and this machine's; looking for them takes a moment, so it is once."""
    return typst.Fonts(include_system_fonts=True, font_paths=_own_fonts())


@cache
def fonts_of_ours() -> typst.Fonts:
    """Return the fonts that are there on every machine, whatever it has of its own."""
    return typst.Fonts(include_system_fonts=False, font_paths=_own_fonts())


def _own_fonts() -> list[str]:
    return [str(PROJECT / "fonts"), str(files("noto_cjk_sans_otc"))]


# A session's names are mostly those of before: who looks at the page of its certificates again waits for nothing.
_KNOWN: dict[str, bool] = {}


def _missing_here(letters: str) -> set[str]:
    new = "".join(one for one in letters if one not in _KNOWN)
    if new:
        missing = _missing_in(new, fonts_here())
        _KNOWN.update((one, one in missing) for one in new)
    return {one for one in letters if _KNOWN[one]}


def _missing_in(letters: str, fonts: typst.Fonts) -> set[str]:
    # Apart from each other: joined, a mark would be sought together with the letter before it.
    found = _set(typst.Compiler(_ONE_TEXT, font_paths=fonts), {"text": " ".join(letters)})
    return set() if isinstance(found, bytes) else found & set(letters)


def _set(compiler: typst.Compiler, inputs: dict[str, str]) -> bytes | set[str]:
    """Return the PDF, or the letters that no font has.

    Raises:
        typst.TypstError: the template itself is at fault.
    """
    try:
        now = clock.now().replace(microsecond=0)
        made = compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards="ua-1", timestamp=now)
    except typst.TypstError as fault:
        missing = {one for text in _MISSING.findall(fault.diagnostic) for one in _BY_NUMBER.sub(_numbered, text)}
        if not missing:
            raise
        return missing
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


def _numbered(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def _spelt(data: Any, missing: set[str], respelt: set[str]) -> Any:
    def spell(text: str) -> str:
        if missing.isdisjoint(text):
            return text
        respelt.add(text)
        return anyascii(text)

    return _each_text(data, spell)


def _drawable(text: str) -> str:
    """Return a text without control characters and what would turn round its surroundings."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(one for one in _TURNING.sub("", text) if one == "\n" or unicodedata.category(one) not in _NO_TEXT)


def _each_text(data: Any, change: Any) -> Any:
    match data:
        case str():
            return change(data)
        case bytes():
            return list(data)
        case Mapping():
            return {name: _each_text(value, change) for name, value in data.items()}
        case list() | tuple():
            return [_each_text(value, change) for value in data]
        case _:
            return data
