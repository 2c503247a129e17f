"""Public pages kept as they were made, for as long as nothing they show has changed.

A page is kept in the memory of each process and looked at with one small query: the catalogue's mark, and the seats
of the coming sessions that have a limit. It is made again at the latest in the next minute, because states and
countdowns follow the clock.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import NamedTuple, cast

from flask import Flask, Response, current_app, make_response, request
from flask_wtf.csrf import generate_csrf
from sqlalchemy import String, bindparam, func, literal_column, select
from sqlalchemy import cast as cast_in_sql

from webinar.catalogue.models import WebinarSession
from webinar.catalogue.version import CatalogueVersion
from webinar.foundation import clock, reader
from webinar.foundation.db import UtcDateTime, db
from webinar.foundation.live_config import saved_settings
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.programme import FEW
from webinar.registration.queries import IN_LINE

EXTENSION = "registration.page_cache"
MOST_PAGES = 300
# Nobody can write it into a text of the catalogue, to have a token put there.
_PLACE_OF_THE_TOKEN = secrets.token_hex(16)

_place, _session = Registration.__table__, WebinarSession.__table__
# Built once and asked without the ORM, because it is asked at each visit: the catalogue's mark, and of each coming
# session with a limit its seats, how many are taken and how many people wait.
_STATE = select(
    literal_column("0"), CatalogueVersion.__table__.c.mark, literal_column("0"), literal_column("0")
).union_all(
    select(
        _session.c.id,
        cast_in_sql(_session.c.seats, String),
        func.count().filter(_place.c.status == RegistrationStatus.REGISTERED),
        func.count().filter(IN_LINE),
    )
    .join(_place, _place.c.session_id == _session.c.id)
    .where(_session.c.seats.is_not(None), _session.c.ends_at > bindparam("now", type_=UtcDateTime))
    .group_by(_session.c.id)
)


class Kept(NamedTuple):
    """A page with what was true when it was made."""

    state: object
    page: str


def init_app(app: Flask) -> None:
    """Give an application an empty cache."""
    app.extensions[EXTENSION] = OrderedDict()


def kept_page(view: Callable[..., str]) -> Callable[..., str]:
    """Make a page once and answer with it as long as nothing it shows has changed.

    For views that show everybody with the same address and zone the same: without forms, cookies and messages.
    """

    @wraps(view)
    def answer(**arguments: str) -> str:
        kept = cast("OrderedDict[object, Kept]", current_app.extensions[EXTENSION])
        key = (request.full_path, reader.zone())
        state = _public_state(clock.now())
        known = kept.get(key)
        if known is not None and known.state == state:
            return known.page
        page = view(**arguments)
        kept.pop(key, None)  # so that it counts as the newest
        kept[key] = Kept(state, page)
        while len(kept) > MOST_PAGES:
            kept.popitem(last=False)
        return page

    return answer


def kept_form(view: Callable[..., str]) -> Callable[..., Response]:
    """Keep a page with a form that is still empty, too; each browser gets its own CSRF token into it."""

    @kept_page
    @wraps(view)
    def without_token(**arguments: str) -> str:
        return view(**arguments).replace(generate_csrf(), _PLACE_OF_THE_TOKEN)

    @wraps(view)
    def answer(**arguments: str) -> Response:
        response = make_response(without_token(**arguments).replace(_PLACE_OF_THE_TOKEN, generate_csrf()))
        response.headers["Cache-Control"] = "no-store"
        return response

    return answer


def _public_state(now: datetime) -> object:
    """Return what all public pages depend on besides the reader.

    That is the catalogue, the seats as they are told, what an admin saved, and the minute.
    """
    rows = db.session.connection().execute(_STATE, {"now": now})
    told = frozenset(
        (session_id, _as_told(int(seats) - taken), waiting > 0) if session_id else seats
        for session_id, seats, taken, waiting in rows
    )
    return now.replace(second=0, microsecond=0), told, saved_settings()


def _as_told(seats_left: int) -> int:
    # While many are left no page says how many, so one more or less changes none.
    return max(0, min(seats_left, FEW + 1))
