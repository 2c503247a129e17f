"""The organisers' form for the notice of a session: a line in each language."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from wtforms import StringField

from webinar.catalogue.forms.fields import EditForm, made
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.services.session_notice import MOST_OF_A_NOTICE
from webinar.foundation import languages
from webinar.foundation.fields import AtMost, as_line


class NoticeForm(EditForm):
    """A line in the original language of the webinar, and one in each other language that our pages are offered in."""

    def lines(self) -> dict[str, str]:
        """Return what was written, by language."""
        return {code: self.in_language("line", code).data for code in self.codes}

    @property
    def has_translations(self) -> bool:
        """Whether anything, or a refusal, stands in a language beside the original one."""
        return self.stands_in(*(f"line_{code}" for code in self.codes[1:]))


def notice_form(session: WebinarSession) -> NoticeForm:
    """Return the form, filled with what stands there: the original language first, then those of the session."""
    original = session.webinar.original_language
    heard = {version.code for version in session.language_versions}
    others = [code for code in languages.offered() if code != original]
    codes = [original, *sorted(others, key=lambda code: code not in heard)]
    fields: dict[str, Any] = {
        f"line_{code}": StringField(
            _("Notice in %(language)s", language=languages.in_words(code)),
            [AtMost(MOST_OF_A_NOTICE)],
            filters=[as_line],
        )
        for code in codes
    }
    data = {f"line_{text.language}": text.line for text in session.notice}
    form: NoticeForm = made(NoticeForm, codes, {}, fields)(data={**data, "revision": session.revision})
    return form
