"""Personal details in the texts of a mailing: a fixed set, written ``{given name}``, filled in as data.

This is no template language: there is nothing in it but names from one list. Whatever a person is called, it is put
in after the text has become HTML, escaped, in one pass, so nothing in it is read as Markdown, HTML or another detail.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from markupsafe import Markup, escape

from webinar.foundation.markdown import to_html, to_text

DETAILS = ("given name", "family name", "full name", "member", "organisation", "role")
"""What can be filled in, as the texts write it in every language; pages offer it by its name in theirs."""

_DETAIL = re.compile(r"\{([^{}\n]{0,60})\}")


def unknown_in(text: str) -> list[tuple[str, str]]:
    """Return what stands in braces and is no detail, each with the detail that may be meant, or nothing."""
    found = (match[1] for match in _DETAIL.finditer(text) if _named(match[1]) is None)
    return [(one, next(iter(get_close_matches(_plain(one), DETAILS, 1)), "")) for one in dict.fromkeys(found)]


def _named(written: str) -> str | None:
    plain = _plain(written)
    return plain if plain in DETAILS else None


def _plain(written: str) -> str:
    return " ".join(written.replace("_", " ").lower().split())


@dataclass(frozen=True)
class Prepared:
    """One text with its details marked, made once for all who read it: subject, plain text and HTML."""

    subject: str
    text: str
    html: str
    mark: str

    def subject_for(self, details: Mapping[str, str]) -> str:
        """Return the subject for somebody."""
        return self._filled(self.subject, lambda detail: details[detail])

    def text_for(self, details: Mapping[str, str]) -> str:
        """Return the plain text for somebody."""
        return self._filled(self.text, lambda detail: details[detail])

    def html_for(self, details: Mapping[str, str]) -> Markup:
        """Return the safe HTML for somebody."""
        return Markup(self._filled(self.html, lambda detail: str(escape(details[detail]))))  # noqa: S704

    def _filled(self, prepared: str, value: Callable[[str], str]) -> str:
        return re.sub(rf"{self.mark}(\d)", lambda match: value(DETAILS[int(match[1])]), prepared)


def prepared(subject: str, body: str) -> Prepared:
    """Return a text with a mark, which nobody can guess, where a detail stands; what is no detail stays as it is."""
    mark = f"detail{secrets.token_hex(16)}n"

    def marked(match: re.Match[str]) -> str:
        detail = _named(match[1])
        return match[0] if detail is None else f"{mark}{DETAILS.index(detail)}"

    subject, body = _DETAIL.sub(marked, subject), _DETAIL.sub(marked, body)
    return Prepared(subject, to_text(body), str(to_html(body)), mark)
