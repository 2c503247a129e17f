"""What stands on a certificate, in one language, and the PDF of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext

from webinar.catalogue.models import WebinarSession
from webinar.catalogue.texts import text_in
from webinar.certificates.models import SessionCertificates, in_groups
from webinar.files.queries import content_of, find_file
from webinar.foundation import formats, languages
from webinar.foundation.addresses import absolute
from webinar.foundation.city_plan import draw_plan
from webinar.foundation.colour import accent_of
from webinar.foundation.pdf import Paper, letters_missing, pdf_of
from webinar.foundation.zones import in_zone
from webinar.registration.models import Registration

COLUMNS, ROWS = 11, 35
"""How many blocks of the city stand at the side of a certificate, which is as high as the page."""


class Facts(NamedTuple):
    """What one certificate tells of somebody. ``minutes`` is 0 where nobody knows, or they are not to be printed."""

    name: str
    organisation: str
    minutes: int
    number: str
    issued_at: datetime


def certificate_pdf(session: WebinarSession, choices: SessionCertificates, facts: Facts, language: str) -> Paper:
    """Return the PDF of a certificate in a language, on one page of A4.

    The session has come from ``catalogue.queries``, so its webinar with its texts is loaded. A title that is not
    written in the language stands in the original one.
    """
    with languages.speaking(language):
        return pdf_of("certificate.typ", what_it_says(session, choices, facts, language))


def name_to_print(name: str, others: Callable[[], list[str]]) -> str:
    """Return a name of which some font here has all letters, or else the newest of ``others`` of which one has.

    ``others`` are asked only then: the names under which the person registered elsewhere. Where none will do it is
    the first one, which is then spelt in Latin letters (``pdf_of``).
    """
    if not letters_missing(name):
        return name
    return next((other for other in others() if other and not letters_missing(other)), name)


def organisation_of(place: Registration) -> str:
    """Return for whom somebody came: the member's name, else the organisation that they named, if any."""
    return place.member.name if place.member else place.organisation


def what_it_says(
    session: WebinarSession, choices: SessionCertificates, facts: Facts, language: str
) -> Mapping[str, Any]:
    """Return what stands on a certificate, as the template of its page takes it."""
    network: str = current_app.config["NETWORK_NAME"]
    accent = accent_of(current_app.config["BRAND_COLOUR"]).light
    original = session.webinar.original_language
    text = text_in(session.webinar.texts, language, original)
    times = session.times_there
    address = absolute("certificates.check", lang=languages.of_pages(language), token=in_groups(facts.number))
    issued = formats.date(in_zone(facts.issued_at, session.timezone))
    return {
        "title": _("%(label)s: %(text)s", label=_("Certificate of attendance"), text=facts.name),
        "language": language,
        "direction": languages.direction(language),
        "network": network,
        "mark": _mark(),
        "accent": accent,
        "plan": _plan(session.webinar.slug, accent),
        "weekday": formats.weekday(times.starts_here),
        "day": formats.day(times.starts_here),
        "month": formats.month(times.starts_here),
        "heading": _("Certificate of attendance"),
        "certifies": _("This is to certify that"),
        "name": facts.name,
        "organisation": facts.organisation,
        "attended": _("attended the webinar"),
        "webinar": {"title": text.title, "language": text.language},
        "when": formats.day_and_hour(formats.full_date(times.starts_here), times.for_you),
        "minutes": minutes_told(facts.minutes),
        "signer": {"name": choices.signer_name, "role": choices.signer_role},
        "issued": _("%(place)s, %(date)s", place=choices.place, date=issued) if choices.place else issued,
        "number": {
            "label": _("Number"),
            "number": in_groups(facts.number),
            "check": _("Whether it is valid can be seen at:"),
            "address": address,
            "shown": address.partition("://")[2],
        },
    }


def minutes_told(minutes: int) -> str:
    """Return how long somebody was there, in words; nothing for 0."""
    if not minutes:
        return ""
    told: str = ngettext("Present for %(num)s minute", "Present for %(num)s minutes", minutes)
    return told


def _mark() -> bytes | None:
    mark = current_app.config["MARK"]
    file = find_file(mark.digest) if mark else None
    return content_of(file.id) if file else None


def _plan(slug: str, accent: str) -> bytes:
    """Return the picture of a webinar's piece of city as a drawing of its own, in colours that can be printed."""
    soft = _mixed(accent, 0.25)
    style = (
        f".plan{{fill:{soft}}}.plan-here{{fill:{accent}}}"
        f".plan-street{{fill:none;stroke:#fff}}.plan-line{{fill:none;stroke:{soft}}}"
    )
    drawn = str(draw_plan(slug, COLUMNS, ROWS))
    drawn = drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return drawn.replace(">", f"><style>{style}</style>", 1).encode()


def _mixed(colour: str, share: float) -> str:
    """Return a colour thinned with white, so much of it being left."""
    parts = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * share):02x}" for part in parts)
