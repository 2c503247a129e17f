"""Choosing among the texts of a thing: the one in the reader's language, or the original's, which is marked as such."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from flask_babel import gettext as _

from webinar.foundation.languages import in_words, offered


class InLanguage(Protocol):
    """A row that holds texts in one language."""

    @property
    def language(self) -> str:
        """The code of the language."""


Text = TypeVar("Text", bound=InLanguage)


def own_text(texts: Iterable[Text], language: str) -> Text | None:
    """Return the text in a language, or None: this one falls back to no other."""
    return next((text for text in texts if text.language == language), None)


def offered_with_text(texts: Iterable[InLanguage]) -> list[str]:
    """Return the languages that pages are offered in and that there are texts in, in the order of the site."""
    written = {text.language for text in texts}
    return [code for code in offered() if code in written]


def text_in(texts: Iterable[Text], language: str, original: str = "") -> Text:
    """Return the texts in a language; else in the original language; else in the first by alphabet.

    Whoever shows it marks it with the ``language`` of what came back.

    Raises:
        LookupError: there is no text at all, which no published thing allows.
    """
    if (text := text_or_none(texts, language, original)) is None:
        raise LookupError("a thing without texts in any language")
    return text


def text_or_none(texts: Iterable[Text], language: str, original: str = "") -> Text | None:
    """Return what ``text_in`` does, or None of what may have no text, as somebody who speaks without a role."""
    by_language = {text.language: text for text in texts}
    for wanted in (language, original, *sorted(by_language)):
        if wanted in by_language:
            return by_language[wanted]
    return None


def text_with(what: str, texts: Iterable[Text], language: str, original: str = "") -> Text | None:
    """Return what ``text_or_none`` does, of the texts that say one thing: a translation may have no summary yet.

    So each thing falls back for itself, and is marked for itself. ``what`` is its column.
    """
    return text_or_none([text for text in texts if getattr(text, what)], language, original)


def in_named_language(written: str, language: str, wanted: str) -> str:
    """Return what stands in plain text, which knows no marks, after the name of its language if it is not the wanted.

    It must be called while speaking the wanted one.
    """
    if language == wanted:
        return written
    return str(_("(in %(language)s)", language=in_words(language))) + " " + written


def texts_of_each(texts: Mapping[int, Iterable[Text]], language: str, original: str) -> dict[int, Text]:
    """Return of each of several things, by its number, the text that ``text_or_none`` finds."""
    found = ((number, text_or_none(of_one, language, original)) for number, of_one in texts.items())
    return {number: text for number, text in found if text is not None}
