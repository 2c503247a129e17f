"""The blueprint of the organisers' pages of series and webinars. Everybody may look, organisers change."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint

from webinar.accounts import acting
from webinar.accounts.models import Role
from webinar.foundation import languages

bp = Blueprint("catalogue_staff", __name__)


def may_edit() -> bool:
    """Tell whether who is signed in may change anything."""
    return acting.signed_in().may(Role.ORGANISER)


def codes_with_offered(others: Iterable[str]) -> list[str]:
    """Return the languages that a page has fields for: those of the site, then others that there are texts in."""
    return list(dict.fromkeys([*languages.offered(), *sorted(others)]))
