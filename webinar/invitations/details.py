"""Personal details in the texts of a mailing: a fixed set, written ``{given name}``, filled in as data.

This is no template language: there is nothing in it but names from one list. Blanks, capitals and underscores within
the braces are forgiven (``{ Given_Name }``). What else stands in braces, or within several, stays as it was typed, and
saving and confirming refuse it where there is a letter in it. Whatever a person is called is put in after the text has
become HTML, escaped, in one pass, so nothing in it is read as Markdown, HTML or another detail.

Not everybody has every detail. What is read instead stands behind a bar, written once by the organiser and in the
language of the text: ``Dear {given name|colleague},``. It is data too: plain words, without Markdown. Without it
nothing stands there, and the blank before the detail is left out with it: ``Dear,``.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from webinar.foundation.markdown import to_html, to_text

NAMES: Mapping[str, LazyString] = MappingProxyType(
    {
        "given name": _l("Given name"),
        "family name": _l("Family name"),
        "full name": _l("Whole name"),
        "member": _l("Member"),
        "organisation": _l("Organisation"),
        "role": _l("Role"),
    }
)
"""What can be filled in: as the texts write it in every language, and as pages offer it in theirs."""

DETAILS = tuple(NAMES)

OFTEN_WRITTEN: Mapping[str, str] = MappingProxyType(
    {
        "first name": "given name",
        "forename": "given name",
        "last name": "family name",
        "surname": "family name",
        "name": "full name",
        "city": "member",
        "organization": "organisation",
        "function": "role",
        "title": "role",
    }
)
"""What people write who know other programs, with the detail that they mean."""

_DETAIL = re.compile(r"(?<!\{)\{([^{}\n|]*)(?:\|([^{}\n]*))?\}(?!\})")
_IN_BRACES = re.compile(r"\{+[^{}\n]*[^\W\d_][^{}\n]*\}+")
_TAG = re.compile(r'<(?:[^<>"]|"[^"]*")*>')


def unknown_in(text: str) -> list[tuple[str, str]]:
    """Return what stands in braces and is no detail, without the outer ones, each with the detail that may be meant.

    That is empty where nothing comes near.
    """
    found = (match[0] for match in _IN_BRACES.finditer(text) if not _is_detail(match[0]))
    return [(one[1:-1], _nearest(one.strip("{}").partition("|")[0])) for one in dict.fromkeys(found)]


def is_in_address(body: str) -> bool:
    """Tell whether a detail stands in the address of a link, where it would tell another server who reads."""
    marked = _Marked(body)
    return any(marked.mark in tag[0] for tag in _TAG.finditer(to_html(marked.text)))


def _is_detail(in_braces: str) -> bool:
    match = _DETAIL.fullmatch(in_braces)
    return match is not None and _named(match[1]) is not None


def _named(written: str) -> str | None:
    plain = _plain(written)
    return plain if plain in DETAILS else None


def _plain(written: str) -> str:
    return " ".join(written.replace("_", " ").lower().split())


def _nearest(written: str) -> str:
    plain = _plain(written)
    in_words = {str(name).lower(): detail for detail, name in NAMES.items()}  # in the language of who writes
    if known := in_words.get(plain) or OFTEN_WRITTEN.get(plain):
        return known
    return next(iter(get_close_matches(plain, DETAILS, 1, 0.5)), "")


@dataclass(frozen=True)
class Piece:
    """A part of a text: what stands there for everybody, or a personal detail with what is read instead of none.

    ``before`` is the blank in front of a detail, which goes with it.
    """

    text: str = ""
    detail: str = ""
    otherwise: str = ""
    before: str = ""

    @property
    def key(self) -> str:
        """How the value of a detail is called among the personal texts of a mail."""
        return f"{self.detail}|{self.otherwise}" if self.otherwise else self.detail


@dataclass(frozen=True)
class Prepared:
    """One text in pieces, the same for all who read it: subject, plain text and HTML, which is safe."""

    subject: tuple[Piece, ...]
    text: tuple[Piece, ...]
    html: tuple[Piece, ...]

    @property
    def details(self) -> set[tuple[str, str]]:
        """The details that the text has, each with what is read instead of none."""
        return {(piece.detail, piece.otherwise) for piece in (*self.subject, *self.text) if piece.detail}

    def personal(self, details: Mapping[str, str]) -> dict[str, str]:
        """Return what somebody's mail puts into the free places, by the keys of the pieces."""
        pieces = (*self.subject, *self.text, *self.html)
        return {piece.key: details[piece.detail] or piece.otherwise for piece in pieces if piece.detail}


@lru_cache(maxsize=64)
def prepared(subject: str, body: str) -> Prepared:
    """Return a text in pieces; what is no detail stays as it is, and so does one in the address of a link."""
    title, marked = _Marked(subject), _Marked(body)
    html = _TAG.sub(lambda tag: marked.as_typed(tag[0]), str(to_html(marked.text)))
    return Prepared(
        tuple(title.pieces(title.text)),
        tuple(marked.pieces(to_text(marked.text))),
        tuple(marked.pieces(html, is_html=True)),
    )


class _Marked:
    """A text in which each detail is a word that nobody can guess and that Markdown leaves alone."""

    def __init__(self, typed: str) -> None:
        self.mark = f"detail{secrets.token_hex(12)}n"
        self._found: list[re.Match[str]] = []
        self._word = re.compile(rf"( ?){self.mark}(\d+)e")
        self.text = _DETAIL.sub(self._marked, typed)

    def _marked(self, match: re.Match[str]) -> str:
        if _named(match[1]) is None:
            return match[0]
        self._found.append(match)
        return f"{self.mark}{len(self._found) - 1}e"

    def as_typed(self, text: str) -> str:
        return self._word.sub(lambda word: word[1] + str(Markup.escape(self._found[int(word[2])][0])), text)

    def pieces(self, text: str, *, is_html: bool = False) -> Iterator[Piece]:
        kind = Markup if is_html else str
        parts = self._word.split(text)
        for number in range(0, len(parts), 3):
            if parts[number]:
                yield Piece(kind(parts[number]))
            if number + 2 < len(parts):
                found = self._found[int(parts[number + 2])]
                detail = _named(found[1]) or ""
                yield Piece(detail=detail, otherwise=(found[2] or "").strip(), before=parts[number + 1])
