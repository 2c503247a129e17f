"""What all pages share: what templates may use, the choice of a time zone, and the pages that say what went wrong."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from traceback import format_tb
from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from jinja2 import StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from webinar.foundation import clock, formats, languages, page_languages, reader, sentences
from webinar.foundation.city_plan import draw_plan
from webinar.foundation.isolation import isolated, unturned
from webinar.foundation.live_config import LiveConfig
from webinar.foundation.security import token_checked_by_form
from webinar.foundation.zones import in_zone, is_zone, zone_names

bp = Blueprint("site", __name__)

# Which answers have a page of their own; every other refusal gets the one of 400.
ERROR_PAGES = (400, 403, 404, 405, 410, 413, 429, 500, 503)


class Site(Flask):
    """Flask, but for what it writes into the log, and for settings that can be saved while it runs."""

    config_class = LiveConfig

    def log_exception(self, exc_info: Any) -> None:
        """Log a fault by the name of its page, as the address may be somebody's personal link.

        Of a fault of the database only kind and place: its words repeat the values, which are names and addresses.
        """
        kind, _fault, trace = exc_info
        if issubclass(kind, SQLAlchemyError):
            where = "".join(format_tb(trace))
            self.logger.error("fault at %s [%s]: %s\n%s", request.endpoint, request.method, kind.__name__, where)
        else:
            self.logger.error("fault at %s [%s]", request.endpoint, request.method, exc_info=exc_info)


def init_app(app: Flask, *, home: str) -> None:
    """Set up the templates and the pages that all features share; ``home`` is the endpoint of the first page."""
    app.jinja_env.undefined = StrictUndefined
    sentences.init_app(app)
    app.jinja_env.globals.update(
        draw_plan=draw_plan,
        formats=formats,
        current_language=languages.current,
        language_name=languages.name_of,
        direction_of=languages.direction,
        in_language=lambda code: page_languages.in_language(code, home),
        alternates=page_languages.alternates,
        canonical=page_languages.canonical,
        language_asked_for=languages.asked_for,
        language_of_pages=languages.of_pages,
        here=page_languages.here,
        homes=lambda: [(code, url_for(home, lang=code)) for code in languages.offered()],
        home=lambda: url_for(home, lang=languages.of_pages(languages.current())),
    )
    app.jinja_env.filters.update(
        held_apart=isolated,
        language_in_words=languages.in_words,
        number=formats.number,
        percentage=formats.percentage,
        unturned=unturned,
    )
    app.context_processor(_shared)
    page_languages.init_app(app)
    app.register_blueprint(bp)
    app.register_error_handler(HTTPException, show_error)


def _shared() -> dict[str, Any]:
    zone = reader.zone()
    config = current_app.config
    return {
        "network": config["NETWORK_NAME"],
        "mark": config["MARK"],
        "brand_colour": config["BRAND_COLOUR"],
        "secretariat": config["SECRETARIAT"],
        "offered_languages": languages.offered(),
        "reader_zone": zone,
        "today": formats.full_date(in_zone(clock.now(), zone or config["DEFAULT_TIMEZONE"])),
    }


def zones_by_continent() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return all zones as (name, city in the language of the page), by continent, both by alphabet."""
    return _zones_by_continent(languages.current())


@lru_cache(maxsize=20)
def _zones_by_continent(language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    by_continent: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in zone_names():
        by_continent[formats.part_of_the_world(name)].append((name, formats.city(name)))
    return [
        (part, sorted(zones, key=lambda zone: languages.in_alphabet(zone[1])))
        for part, zones in sorted(by_continent.items(), key=lambda item: languages.in_alphabet(item[0]))
    ]


@bp.route("/<lang>/timezone", methods=["GET", "POST"])
@token_checked_by_form  # it sets a cookie of no authority, and needs no token
def choose_zone(lang: str) -> ResponseReturnValue:
    """Let the reader choose the zone in which they are told times; a POST keeps it and leads back."""
    back = reader.local_path(request.values.get("next")) or f"/{lang}/"
    chosen = request.form.get("timezone", "")
    if request.method == "POST" and is_zone(chosen):
        response = redirect(back, code=303)
        reader.remember_zone(response, chosen)
        return response
    error = _("Choose a city of the list.") if request.method == "POST" else ""
    page = render_template(
        "site/timezone.html",
        zones=zones_by_continent(),
        chosen=reader.zone() or current_app.config["DEFAULT_TIMEZONE"],
        back=back,
        error=error,
    )
    return page, 422 if error else 200


def show_error(error: HTTPException) -> ResponseReturnValue:
    """Show the page of a refusal: what happened and what one can do now. Redirects and the like go through."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    page = render_template(
        "errors/page.html",
        code=code if code in ERROR_PAGES else 400,
        most_of_a_file=current_app.config["MAX_FILE_BYTES"],
        back=reader.came_from() if code == RequestEntityTooLarge.code else None,
        is_other_language=isinstance(error, page_languages.LanguageNotOffered),
        elsewhere=error.elsewhere if isinstance(error, page_languages.LanguageNotOffered) else [],
    )
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return page, code, headers
