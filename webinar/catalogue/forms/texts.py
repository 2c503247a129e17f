"""Texts in several languages: where one has others, it has a title; and the web address made from a title."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from webinar.catalogue.forms.fields import EditForm
from webinar.catalogue.services.catalogue_file import ADDRESS
from webinar.foundation import languages
from webinar.members.matching import fold, in_latin


def texts_have_titles(form: EditForm, others: Sequence[str]) -> bool:
    """Want a title in some language, and one wherever there are other texts; tell whether that is so."""
    titles = {code: form.in_language("title", code) for code in form.codes}
    is_valid = True
    for code, title in titles.items():
        if not title.data and any(form.in_language(other, code).data for other in others):
            form.refuse(
                title.name,
                _("Write the title in %(language)s too, or leave out the rest.", language=languages.in_words(code)),
            )
            is_valid = False
    if is_valid and not any(title.data for title in titles.values()):
        form.refuse(titles[form.codes[0]].name, _("Write a title in at least one language."))
        is_valid = False
    return is_valid


def proposed_address(title: str) -> str:
    """Return a web address made from a title: ``Île-de-France 2030`` is ``ile-de-france-2030``."""
    latin = in_latin(fold(title)).replace(" ", "-")[:80].strip("-")
    return latin if ADDRESS.fullmatch(latin) else "untitled"
