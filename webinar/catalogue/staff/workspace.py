"""The frame round every page of one webinar: its head and the tabs of its parts."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from webinar.catalogue.models import Webinar
from webinar.catalogue.queries import is_webinar_public
from webinar.catalogue.staff.blueprint import may_edit
from webinar.catalogue.texts import text_in
from webinar.foundation import languages


def frame(webinar: Webinar, tab: str, *, is_public: bool | None = None) -> dict[str, Any]:
    """Return what ``staff/catalogue/webinar_layout.html`` shows round a page of a webinar; one query.

    Texts and series of the webinar are loaded; ``tab`` is the endpoint of the page, or of the one above it. Who knows
    already whether the webinar is public says so and spares the query.
    """
    return {
        "webinar": webinar,
        "text": text_in(webinar.texts, languages.current(), webinar.original_language),
        "series": webinar.series,
        "series_text": text_in(webinar.series.texts, languages.current(), webinar.original_language),
        "tabs": tabs_of(webinar, tab),
        "is_public": is_webinar_public(webinar.id) if is_public is None else is_public,
        "may_edit": may_edit(),
    }


def tabs_of(webinar: Webinar, current: str) -> list[dict[str, Any]]:
    """Return the pages of a webinar, the current one marked."""
    pages = [
        (_("Texts and sessions"), "catalogue_staff.webinar"),
        (_("Translations"), "registration_staff.translations"),
        (_("Picture"), "catalogue_staff.picture"),
        (_("Materials"), "catalogue_staff.materials"),
        (_("Co-hosts"), "catalogue_staff.co_hosts"),
        (_("Questions"), "registration_staff.questions"),
        (_("By language"), "attendance_staff.languages_of_webinar"),
        (_("Attendance"), "attendance_staff.attendance_of_webinar"),
        (_("Cities"), "invitations_staff.board"),
    ]
    return [
        {"label": label, "href": url_for(endpoint, slug=webinar.slug), "current": endpoint == current}
        for label, endpoint in pages
    ]
