"""Choosing the text in the reader's language, or saying that it is the original's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class InLanguage(Protocol):
    """A row that holds texts in one language."""

    @property
    def language(self) -> str:
        """The code of the language."""


Text = TypeVar("Text", bound=InLanguage)


def text_in(texts: Iterable[Text], language: str, original: str = "") -> Text:
    """Return the texts in a language; else in the original language; else in the first by alphabet.

    Whoever shows it marks it with the ``language`` of what came back.

    Raises:
        LookupError: there is no text at all, which no published thing allows.
    """
    by_language = {text.language: text for text in texts}
    for wanted in (language, original, *sorted(by_language)):
        if wanted in by_language:
            return by_language[wanted]
    raise LookupError("a thing without texts in any language")
