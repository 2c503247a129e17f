"""Finding somebody among everybody who is or was registered: somebody has them on the telephone."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from webinar.accounts import acting
from webinar.accounts.models import Role
from webinar.catalogue.texts import text_in
from webinar.foundation import clock, languages
from webinar.foundation.lines import one_line
from webinar.members.queries import member_names
from webinar.registration.models import Registration
from webinar.registration.search import MOST_HITS, find_people, is_enough
from webinar.registration.staff.blueprint import bp
from webinar.registration.staff.registrations import MOST_OF_A_SEARCH, STATUS_NAMES, STATUS_TONES


@bp.get("/staff/people")
def people() -> ResponseReturnValue:
    """Show who is meant by ``?q=``: by part of a name, an address or a city, in any script."""
    search = one_line(request.args.get("q", ""))[:MOST_OF_A_SEARCH]
    now = clock.now()
    hits = find_people(search, member_names(), now)
    return render_template(
        "staff/people.html",
        search=search,
        is_enough=is_enough(search),
        hits=[(place, _title(place), place.session.times_there) for place in hits.places],
        are_more=hits.are_more,
        most_hits=MOST_HITS,
        status_names=STATUS_NAMES,
        status_tones=STATUS_TONES,
        may_edit=acting.signed_in().may(Role.ORGANISER),
        now=now,
    )


def _title(place: Registration) -> str:
    webinar = place.session.webinar
    return text_in(webinar.texts, languages.current(), webinar.original_language).title
