"""Mails to many: the words that are the same for all of them, with places left free for each person's own texts.

A place is held by a word that nobody can know beforehand, so no text is taken for one; and what is filled in is not
looked at again, neither as a template nor as HTML.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from markupsafe import escape

from webinar.foundation import isolation

WORD_JOINER = "\u2060"

_DOTS_WITHIN = re.compile(r"(?<=\w)\.(?=\w)")


def unlinked(name: str) -> str:
    """Return a name that turns nothing round and in which mail programs see no address.

    They make links of what looks like one, and a name may have been typed by anybody: an invisible joiner behind its
    dots keeps ``evil.example`` a name.
    """
    return _DOTS_WITHIN.sub("." + WORD_JOINER, isolation.unturned(name))


def _as_it_is(text: str, _from_right: bool) -> str:
    return text


def _unlinked(text: str, _from_right: bool) -> str:
    return unlinked(text)


def _isolated(text: str, from_right: bool) -> str:
    return isolation.isolated(unlinked(text), from_right=from_right)


_FORMS = {"a": _as_it_is, "u": _unlinked, "i": _isolated}
"""How a personal text is put out, by the letter at the end of the word that holds its place."""


class Place:
    """What a template is given instead of a personal text: it can be put out, and isolated, and nothing else.

    It is no string, for what a template did to the word that holds the place would not be done to the text.
    """

    def __init__(self, word: str, form: str = "a") -> None:
        self._word = word
        self._form = form

    def __str__(self) -> str:
        return self._word + self._form

    __html__ = __str__

    def __eq__(self, _other: object) -> bool:
        raise TypeError("a mail to many cannot ask what a personal text is: give it the answer as a value")

    __hash__ = None  # type: ignore[assignment]

    @property
    def unlinked(self) -> Place:
        """The place of the text as ``unlinked`` gives it."""
        return Place(self._word, "u")

    @property
    def isolated(self) -> Place:
        """The place of the text unlinked and held apart in plain text."""
        return Place(self._word, "i")


class _Free(NamedTuple):
    name: str
    form: Callable[[str, bool], str]


Pieces = Sequence[str | _Free]
"""A text cut at its free places."""


class Places:
    """The places of personal texts in what is rendered together."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = tuple(names)
        self._secret = f"p{secrets.token_hex(12)}"  # with a letter first, so that a change of case shows
        self._word = re.compile(rf"{self._secret}(\d+[{''.join(_FORMS)}])")

    def by_name(self) -> dict[str, Place]:
        """Return what the templates are given."""
        return {name: Place(self._secret + str(number)) for number, name in enumerate(self._names)}

    def cut(self, rendered: str) -> Pieces:
        """Return a rendered text in pieces.

        Raises:
            ValueError: a template has changed a word that holds a place.
        """
        pieces = self._word.split(rendered)
        if self._secret in "".join(pieces[::2]).lower():
            raise ValueError("a mail to many changes a personal text: it can only put it out as it is, or isolated")
        return [self._free(piece) if number % 2 else piece for number, piece in enumerate(pieces)]

    def _free(self, word: str) -> _Free:
        return _Free(self._names[int(word[:-1])], _FORMS[word[-1]])


class Sheet(NamedTuple):
    """The words of a mail to many."""

    subject: Pieces
    text: Pieces
    html: Pieces


def filled(pieces: Pieces, personal: Mapping[str, str], *, from_right: bool) -> str:
    """Return a plain text with each person's own texts in their places."""
    return "".join(
        piece if isinstance(piece, str) else piece.form(personal[piece.name], from_right) for piece in pieces
    )


def filled_html(pieces: Pieces, personal: Mapping[str, str], *, from_right: bool) -> str:
    """Return HTML with each person's own texts in their places, escaped."""
    return "".join(
        piece if isinstance(piece, str) else escape(piece.form(personal[piece.name], from_right)) for piece in pieces
    )
