"""The texts somebody agrees to, or is told, when they register: kept with a version, provable by their hash."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from flask import render_template

from webinar.foundation.languages import speaking

TOLD_BY_STAFF = "the staff, "
"""How the source of a consent begins that one of the staff recorded, because they told somebody by word of mouth."""
TOLD_FOR_A_COLLEAGUE = "a colleague, "
"""How the source of a notice begins that somebody was sent by mail, because a colleague handed their place to them."""
TOLD_BY_CALENDAR = "a calendar, "
"""How the source of a notice begins that somebody was sent by mail, because they said yes in their calendar."""


@dataclass(frozen=True)
class ConsentText:
    """One text in all interface languages. Whoever changes the template raises the version."""

    version: str
    template: str

    def shown_in(self, language: str) -> str:
        """Return the text as the page shows it in a language."""
        return _shown(self, language)


@cache
def _shown(text: ConsentText, language: str) -> str:
    with speaking(language):
        return render_template(text.template)


NOTICE = ConsentText("2026-11-22", "registration/texts/notice.html")
NEWSLETTER = ConsentText("2026-11-22", "registration/texts/newsletter.html")
