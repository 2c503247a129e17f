"""The staff area as a whole: its guard, its menu, and what the frame of its pages needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, has_request_context, request, url_for
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webinar.accounts import acting, guard, staff, views
from webinar.accounts.cli import staff as commands
from webinar.accounts.models import Role


@dataclass(frozen=True)
class Place:
    """An entry of the menu: its words, the endpoint it leads to, and the role one needs to see it."""

    label: str | LazyString
    endpoint: str
    role: Role = Role.VIEWER


OWN_PLACES = (
    Place(_l("Accounts"), "account.accounts", Role.ADMIN),
    Place(_l("Audit log"), "account.audit", Role.ORGANISER),
)


def init_app(app: Flask, places: Sequence[Place]) -> None:
    """Set up guard, pages and commands; ``places`` are the menu's entries of the other features, in their order."""
    guard.init_app(app)
    app.register_blueprint(views.bp)
    app.register_blueprint(staff.bp)
    app.cli.add_command(commands)
    menu = (*places, *OWN_PLACES)

    @app.context_processor
    def frame() -> dict[str, Any]:
        if not (has_request_context() and guard.is_staff_address()):
            return {}
        account = acting.account()
        return {
            "account": account,
            "staff_navigation": [_item(place) for place in menu if account is not None and account.may(place.role)],
            "sign_out_address": url_for("accounts.sign_out"),
            "account_address": url_for("account.own"),
        }


def _item(place: Place) -> dict[str, Any]:
    address = url_for(place.endpoint)
    # The first page of the area lies above all others: only there is it where one is.
    current = request.path == address or (address != guard.HOME and request.path.startswith(f"{address}/"))
    return {"label": place.label, "href": address, "current": current}
