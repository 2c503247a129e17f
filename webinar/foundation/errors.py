"""What a use case raises when it refuses: a sentence for the person, and nothing changed."""

from __future__ import annotations

from flask_babel.speaklater import LazyString


class DomainError(Exception):
    """A rule of the house refuses what was asked; nothing was stored.

    The message says what is wrong, where, and what to do. It may be lazily translated: it is put into words
    in the language of whoever reads it.
    """

    def __init__(self, message: str | LazyString) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)
