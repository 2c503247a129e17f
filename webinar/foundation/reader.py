"""Who reads the page: the zone their clock shows, as far as their browser told us."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import has_request_context, request
from werkzeug.wrappers import Response

from webinar.foundation.zones import is_zone

COOKIE = "timezone"
A_YEAR = 365 * 24 * 60 * 60


def zone() -> str | None:
    """Return the zone in which the reader wants to be told times, or None as long as nobody knows.

    The cookie holds nothing but the name of a zone, set by a script of ours or by the form, and is needed for
    what the reader asked for; whatever else stands in it counts as nothing.
    """
    told = request.cookies.get(COOKIE, "") if has_request_context() else ""
    return told if is_zone(told) else None


def remember_zone(response: Response, chosen: str) -> None:
    """Keep the zone that the reader chose for a year."""
    response.set_cookie(
        COOKIE, chosen, max_age=A_YEAR, samesite="Lax", secure=request.is_secure
    )  # not HttpOnly: the script looks whether it is there


def came_from() -> str | None:
    """Return the path of the page that the browser says it comes from, or None where it says nothing of use."""
    try:
        return local_path(urlsplit(request.referrer or "").path)
    except ValueError:  # brackets that are no IPv6 address
        return None


def local_path(written: str | None) -> str | None:
    """Return a path on this site to send the reader back to, or None for anything that could lead elsewhere.

    Browsers read a backslash as a slash and drop control characters, so ``/\\evil.example`` and ``/\\t/evil``
    are other sites to them.
    """
    if not written or not written.startswith("/") or written.startswith("//"):
        return None
    if "\\" in written or any(ord(character) < 33 or ord(character) == 127 for character in written):
        return None
    return written
